"""The editors' pages in a real browser: narrow and wide, with and without scripts, nothing for axe, valid HTML."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.duties import Duty
from portal.models import Article, ArticleDraft, RuleVersion
from portal.services.articles import article_revise
from portal.services.rules import rule_revise
from portal.services.watch import site_watch
from portal.states import ArticleState, RuleState
from tests.accounts.factories import logged_in, make_person
from tests.browser.conftest import Watched
from tests.browser.test_markup import CHECKER
from tests.browser.test_staff import enter, look
from tests.portal.sheets import NOW, make_draft, make_edited, make_rules, make_version
from tests.workflow.people import make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def made() -> list[str]:
    """Every kind of page with hard content."""
    rule, (_, withdrawn) = make_rules(), make_edited()
    drafts = [make_draft(state, title=state + "长" * 280) for state in ArticleState.values]
    versions = [make_version(state, title="W" * 300) for state in RuleState.values]
    first, second = RuleVersion.objects.filter(rule=rule).order_by("number")
    now = timezone.now()
    revised = rule_revise(version=second, by=make_staff(Duty.RULE_EDIT), now=now)
    newest = Article.objects.exclude(replaces=None).get()
    article_revise(article=newest, by=make_staff(Duty.ARTICLE_EDIT), now=now)
    site_watch(now=now - timedelta(days=3), day=None, outside=False)
    return [
        "/staff/articles/", "/staff/articles/?q=nothing", "/staff/articles/new/", "/staff/articles/published/",
        f"/staff/articles/published/{newest.pk}/", f"/staff/articles/published/{newest.pk}/withdraw/",
        f"/staff/articles/published/{withdrawn}/", *(f"/staff/articles/{d.pk}/" for d in drafts),
        f"/staff/articles/{drafts[0].pk}/edit/", f"/staff/articles/{drafts[1].pk}/edit/", "/staff/rules/",
        "/staff/rules/?q=nothing", "/staff/rules/new/", *(f"/staff/rules/{v.pk}/" for v in versions),
        f"/staff/rules/{versions[0].pk}/edit/", f"/staff/rules/{revised.pk}/",
        f"/staff/rules/compare/{first.pk}/{second.pk}/", "/staff/site-watch/",
        f"/staff/move/portal.ruleversion/{versions[2].pk}/repeal/",
        f"/staff/move/portal.articledraft/{ArticleDraft.objects.get(pk=drafts[2].pk).pk}/withdraw/",
    ]  # fmt: skip


PERSON = (Duty.ARTICLE_EDIT, Duty.RULE_EDIT, Duty.OFFICE_HEAD)


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_accessible_and_stay_in_their_width(
    open_page: Callable[..., Watched], live_server: Any, width: int
) -> None:
    addresses, user = made(), make_person(*PERSON)
    seen = open_page(width=width, bypass_csp=True)
    enter(seen.page, user.username)
    wrong: list[str] = []
    for address in addresses:
        seen.page.goto(address)
        wrong += look(seen, address)
    assert wrong == []


def test_pages_are_valid_html(tmp_path: Path, live_server: Any) -> None:
    addresses, client = made(), logged_in(make_person(*PERSON))
    pages = {f"{n}.html": address for n, address in enumerate(addresses)}
    for name, address in pages.items():
        (tmp_path / name).write_bytes(client.get(address).content)
    bad = client.post("/staff/articles/new/", {"title": "", "text": "一、甲", "column": "0"})
    (tmp_path / "bad.html").write_bytes(bad.content)
    java = shutil.which("java")
    assert java, "没有找到 Java。请运行:sudo apt-get install default-jre-headless"
    told = subprocess.run(
        [java, "-jar", str(CHECKER), "--format", "json", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, check=False,
    )  # fmt: skip
    messages = json.loads(told.stderr)["messages"]
    assert [
        (pages.get(Path(m["url"]).name, m["url"]), m["message"], m.get("extract", "")[:150]) for m in messages
    ] == []


def test_article_is_written_previewed_and_saved_without_scripts(
    open_page: Callable[..., Watched], live_server: Any
) -> None:
    user = make_person(Duty.ARTICLE_EDIT)
    page = open_page(width=390, java_script_enabled=False).page
    enter(page, user.username)
    page.goto("/staff/articles/new/")
    page.get_by_label("栏目").select_option(label="中心动态")
    page.get_by_label("标题").fill("关于搬迁的通知")
    page.get_by_label("正文").fill("一、地点\n- 四楼")
    page.get_by_role("button", name="预览").click()
    expect(page.locator(".preview li")).to_have_text("四楼")
    page.get_by_role("button", name="保存").click()
    expect(page).to_have_url(re.compile(r"/staff/articles/\d+/$"))
    expect(page.get_by_role("heading", name="关于搬迁的通知")).to_be_visible()
    assert ArticleDraft.objects.get().text == "一、地点\n- 四楼"
    assert ArticleDraft.objects.get().created_at > NOW
