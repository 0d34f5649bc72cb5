"""Drafting, checking and masking in a real browser: axe, widths, without script; pictures with SCREENSHOTS=1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from accounts.duties import Duty
from accounts.models import User
from core.moments import SHANGHAI
from tenders.models import AnnouncementDraft, MaskingRequest
from tests.accounts.factories import logged_in, make_person, rules_of_assignments_off
from tests.browser.conftest import Watched
from tests.browser.test_pages import findings
from tests.tenders.drafts import make_draft
from tests.tenders.test_draft_pages import future
from tests.tenders.test_masking import NAME, SECRET, ask, mask, published
from workflow.services import move

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVERY = (Duty.ANNOUNCEMENT_DRAFT, Duty.ANNOUNCEMENT_CHECK, Duty.SECRECY_CHECK, Duty.MASKING)


@pytest.fixture
def person(live_server: Any) -> User:
    """Somebody with every duty of publication, and drafts and requests in every state."""
    now = timezone.now()
    for state in ("draft", "checked", "scheduled", "returned", "withdrawn"):
        make_draft(state, now=now, fields=future())
    text = f"\n保证金账号6222021001116248。\n项目负责人身份证号{SECRET}，电话0300-8612001，帐号为准。"
    draft = make_draft("submitted", now=now, fields=future(), extra_text=text)
    move(draft, "secrecy_check", by=make_person(Duty.SECRECY_CHECK), now=now, data={"conclusion": "经审查，可以公开。"})
    target = make_draft("published", now=now, fields=future()).announcement
    day = now.astimezone(SHANGHAI).date().isoformat()
    given = {
        "change_reason": "数量有误",
        "change_content": "改为二十台",
        "affects_bids": "no",
        "original_on": day,
    }
    make_draft("draft", code="purchase-correction", now=now, target=target, target_change="改数量", fields=given)
    people = (make_person(Duty.MASKING), make_person(Duty.MASKING))
    mask(published(), people, now=now)
    ask(published(), people[0], now=now)
    published(title="待选" + "长" * 80)
    with rules_of_assignments_off():
        return make_person(*EVERY, name="孙静")


def log_in(seen: Watched, user: User, base: str) -> Watched:
    """The browser gets the cookie of a session that went through the login pages."""
    client = logged_in(user)
    name = settings.SESSION_COOKIE_NAME
    seen.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
    return seen


def addresses() -> dict[str, str]:
    """Every page, by the name of its picture."""
    base = "/staff/announcements"
    newest = {draft.state: draft.pk for draft in AnnouncementDraft.objects.order_by("pk")}
    requests = {one.state: one.pk for one in MaskingRequest.objects.order_by("pk")}
    free = published().pk
    return {
        "drafts": f"{base}/",
        "draft-new": f"{base}/new/",
        "draft-new-found": f"{base}/new/?q=食堂",
        "draft-target": f"{base}/{newest['draft']}/target/?q=食堂",
        "draft-edit": f"{base}/{newest['draft']}/edit/",
        "draft": f"{base}/{newest['submitted']}/",
        "draft-correction": f"{base}/{newest['draft']}/",
        "draft-preview": f"{base}/{newest['submitted']}/preview/",
        "draft-check": f"{base}/{newest['submitted']}/check/",
        "draft-schedule": f"/staff/move/tenders.announcementdraft/{newest['checked']}/schedule/",
        "draft-published": f"{base}/{newest['published']}/",
        "words": f"{base}/words/",
        "word": f"{base}/words/new/",
        "maskings": f"{base}/masking/",
        "masking-new": f"{base}/masking/new/{free}/",
        "masking-confirm": f"{base}/masking/{requests['requested']}/",
        "masking-done": f"{base}/masking/{requests['confirmed']}/",
    }


@pytest.mark.parametrize(("width", "mode"), [(390, ""), (390, "/large"), (1280, "")])
def test_the_pages_are_accessible_and_stay_in_their_width(
    open_page: Callable[..., Watched], live_server: Any, person: User, width: int, mode: str
) -> None:
    seen = log_in(open_page(width=width), person, live_server.url)
    wrong: list[str] = []
    for address in addresses().values():
        answer = seen.page.goto(mode + address)
        assert answer is not None and answer.status == 200, address
        wrong += [f"{address}: {one}" for one in findings(seen)]
        if seen.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wrong.append(f"{address}: wider than the window")
    assert wrong == []
    assert (seen.console, seen.elsewhere) == ([], [])


def test_masking_is_asked_for_without_a_script(
    open_page: Callable[..., Watched], live_server: Any, person: User
) -> None:
    seen = log_in(open_page(width=390, java_script_enabled=False), person, live_server.url)
    page, announcement = seen.page, published()
    page.goto(f"{live_server.url}/staff/announcements/masking/new/{announcement.pk}/")
    page.get_by_label("要遮蔽的文字").fill(NAME)
    page.get_by_label("理由").fill("误公布个人信息")
    page.get_by_role("button", name="预览遮蔽后的样子").click()
    expect(page.get_by_role("heading", name="预览：遮蔽 5 处")).to_be_visible()
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("main")).to_contain_text("已申请遮蔽。")
