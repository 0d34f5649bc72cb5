"""Action log, inbox and outbox, narrow and wide: nothing for axe to find, nothing out of its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import User
from audit.failures import login_failure_count
from audit.models import ActionRow
from audit.sealing import actions_seal
from audit.services import unmask_record
from audit.tags import Tag
from audit.verify import actions_verify
from notices.models import InboxItem, Notice
from notices.services import notice_deliver
from tests.audit.factories import make_row
from tests.browser.conftest import Watched
from tests.browser.test_pages import ANSWERED, findings
from tests.notices.factories import make_notice
from tests.portal.factories import REVERSED, SCRIPT
from tests.staff import client_of, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person(settings: Any, tmp_path: Any) -> User:
    """The audit administrator, with rows that pages have trouble with."""
    settings.NOTICE_OUTBOX = tmp_path / "outbox"
    user = make_person(Duty.AUDIT_ADMIN, name="周敏")
    now = timezone.now()
    for subject in (SCRIPT[:150], REVERSED, "W" * 200, "tenders.announcement:17", ""):
        make_row(
            by=user, subject=subject, detail={subject: [subject, 1, None]}, address="2001:db8::ffff:1234:5678:9abc"
        )
    unmask_record(by=user, now=now, subject="accounts.user:1", field="手机号", reason="核对退款户名")
    make_row(tag=Tag.LOGIN, success=False)
    actions_seal(now=now)
    actions_verify(now=now)
    make_row()
    for minute in range(30):
        login_failure_count(
            address=f"192.0.2.{minute % 4}", username_digest=str(minute), now=now - timedelta(minutes=minute)
        )
    for number, subject in enumerate((SCRIPT[:150], REVERSED, "W" * 200, "请复核公告")):
        notice = make_notice(user=user, subject=subject, text=f"{subject}\n\n正文", link="/staff/", now=now)
        notice_deliver(number=notice.pk, now=now)
        if number == 1:
            InboxItem.objects.filter(pk=notice.pk).update(read_at=now)
        make_notice(subject=subject, now=now)
    Notice.objects.filter(status="waiting").update(status="failed", problem="邮件服务器不接收这个收件地址（550）。")
    return user


ADDRESSES = [
    *("/staff/audit/", "/staff/audit/?since=2026-03-02&until=2026-03-01", "/staff/audit/?person=nobody"),
    *("/staff/audit/failures/", "/staff/audit/failures/?day=2020-01-01", "/staff/notices/", "/staff/notices/outbox/"),
    *("/staff/notices/outbox/?status=sent", "/staff/notices/outbox/?status=cancelled", "/staff/audit/{row}/"),
]


@pytest.mark.parametrize(("width", "mode"), [(390, ""), (390, "/large"), (1280, ""), (1366, "/large")])
def test_pages_are_accessible_and_stay_in_their_width(
    open_page: Callable[..., Watched], person: User, live_server: Any, width: int, mode: str
) -> None:
    seen = open_page(width=width)
    # No person is both administrators.
    system = client_of(make_person(Duty.SYSTEM_ADMIN))
    clients = {False: client_of(person), True: system}
    wrong: list[str] = []
    row = ActionRow.objects.earliest("pk").pk
    for address in ADDRESSES:
        cookie = clients["/outbox/" in address].cookies[django_settings.SESSION_COOKIE_NAME]
        seen.page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        answer = seen.page.goto(mode + address.format(row=row))
        assert answer is not None
        found = findings(seen) + ([] if answer.status in (200, 400) else [str(answer.status)])
        if seen.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append("wider than the window")
        if seen.page.evaluate("window.ran"):
            found.append("content ran as script")
        wrong += [f"{address} {one}" for one in found]
    assert wrong == []
    assert [text for text in seen.console if not text.startswith(ANSWERED)] == []
    assert seen.elsewhere == []
