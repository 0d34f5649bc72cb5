"""The inbox is one's own; the outbox is the system administrator's, and shows no secret."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.duties import Duty
from accounts.models import User
from audit.models import ActionRow
from notices.models import InboxItem, Notice
from notices.selectors import unread_count
from notices.services import notice_deliver
from tests.notices.factories import NOW, make_notice
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db
INBOX, OUTBOX, ALL_READ = "/staff/notices/", "/staff/notices/outbox/", "/staff/notices/read/"


@pytest.fixture
def person() -> User:
    return make_person(Duty.INTAKE)


def arrive(user: User, subject: str, **more: object) -> Notice:
    """A message in the inbox of ``user``."""
    notice = make_notice(user=user, subject=subject, **more)
    assert notice_deliver(number=notice.pk, now=NOW)
    return notice


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def test_unread_ones_come_first_and_everybody_sees_the_own_ones_only(person: User) -> None:
    read, new = arrive(person, "读过的"), arrive(person, "新来的<b>")
    arrive(make_person(), "别人的")
    InboxItem.objects.filter(pk=read.pk).update(read_at=NOW)
    text = page(client_of(person), INBOX)
    assert "别人的" not in text
    assert 0 < text.index("新来的&lt;b&gt;") < text.index("读过的")
    assert (unread_count(person), new.pk > read.pk) == (1, True)


def test_confidential_message_is_readable_in_the_inbox_alone(person: User) -> None:
    arrive(person, "抽取通知", confidential=True, text="明日九点到场")
    text = page(client_of(person), INBOX)
    assert "抽取通知" in text
    assert "明日九点到场" in text
    admin = page(client_of(make_person(Duty.SYSTEM_ADMIN)), f"{OUTBOX}?status=sent")
    assert "抽取通知" not in admin
    assert "（保密）" in admin


def test_opening_notes_the_reading_once_and_goes_to_the_object(person: User) -> None:
    notice = arrive(person, "去办", link="/staff/audit/")
    client = client_of(person)
    answer = client.post(f"{INBOX}{notice.pk}/open/")
    assert (answer.status_code, answer["Location"]) == (302, "/staff/audit/")
    first = InboxItem.objects.get().read_at
    answer = client.post(f"{INBOX}{notice.pk}/open/", {"stay": "1"})
    assert (answer["Location"], InboxItem.objects.get().read_at) == (INBOX, first)
    assert first is not None


def test_nobody_reads_anothers_message(person: User) -> None:
    notice = arrive(make_person(), "别人的")
    answer = client_of(person).post(f"{INBOX}{notice.pk}/open/")
    assert answer.status_code == 400
    assert "没有这条消息" in answer.content.decode()
    client_of(person).post(ALL_READ, {"up_to": str(notice.pk)})
    assert InboxItem.objects.get().read_at is None


def test_all_read_takes_what_was_on_the_page(person: User) -> None:
    seen, later = arrive(person, "看见的"), arrive(person, "后来的")
    client = client_of(person)
    assert client.post(ALL_READ, {"up_to": str(seen.pk)}).status_code == 302
    assert list(InboxItem.objects.filter(read_at=None).values_list("pk", flat=True)) == [later.pk]
    for wrong in ("", "x", "-1", "9" * 30):
        assert client.post(ALL_READ, {"up_to": wrong}).status_code == 400


def test_pages_of_read_ones_follow_each_other(person: User) -> None:
    notices = [arrive(person, f"第{number:02}条") for number in range(25)]
    InboxItem.objects.update(read_at=NOW)
    client = client_of(person)
    first = page(client, INBOX)
    assert f"?before={notices[5].pk}" in first
    second = page(client, f"{INBOX}?before={notices[5].pk}")
    assert [f"第{number:02}条" in second for number in range(25)] == [True] * 5 + [False] * 20
    assert client.get(f"{INBOX}?before=x").status_code == 400


def test_empty_inbox_says_what_will_come(person: User) -> None:
    assert "没有未读消息" in page(client_of(person), INBOX)


@pytest.mark.parametrize("address", [INBOX, f"{OUTBOX}?status=sent"])
def test_number_of_queries_is_fixed(address: str) -> None:
    user = make_person(Duty.SYSTEM_ADMIN)
    client = client_of(user)
    page(client, address)  # the footer is kept from now on
    counts = []
    for _ in (1, 3):
        arrive(user, "一"), arrive(user, "二")
        InboxItem.objects.filter(pk=InboxItem.objects.earliest("pk").pk).update(read_at=NOW)
        with CaptureQueriesContext(connection) as seen:
            page(client, address)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 16


@pytest.mark.parametrize("duty", [*(d for d in Duty if d != Duty.SYSTEM_ADMIN), None])
def test_outbox_is_for_nobody_else(duty: Duty | None) -> None:
    notice = make_notice()
    client = client_of(make_person(*([duty] if duty else [])))
    assert client.get(OUTBOX).status_code == 403
    assert client.post(f"{OUTBOX}{notice.pk}/", {"action": "cancel"}).status_code == 403
    notice.refresh_from_db()
    assert notice.status == "waiting"


def test_the_anonymous_are_sent_to_the_login() -> None:
    client = Client()
    for address in (INBOX, OUTBOX):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/staff/login/")
    for address in (ALL_READ, f"{INBOX}1/open/", f"{OUTBOX}1/"):
        assert client.post(address).status_code == 302


def test_administrator_sees_what_failed_and_why_and_tries_again() -> None:
    admin = make_person(Duty.SYSTEM_ADMIN)
    client, notice = client_of(admin), make_notice(channel="email", address="zhang.san@b.example", subject="改期")
    Notice.objects.update(status="failed", problem="邮件服务器不接收这个收件地址（550）。", attempts=3)
    text = page(client, OUTBOX)
    for words in ("改期", "邮件服务器不接收这个收件地址（550）。", "zh***@b.example", "已试 3 次", "公告"):
        assert words in text
    assert "zhang.san" not in text
    assert notice.text not in text
    assert client.post(f"{OUTBOX}{notice.pk}/", {"action": "retry"}).status_code == 302
    notice.refresh_from_db()
    assert (notice.status, ActionRow.objects.get().by) == ("waiting", admin)
    assert client.post(f"{OUTBOX}{notice.pk}/", {"action": "cancel"}).status_code == 302
    notice.refresh_from_db()
    assert notice.status == "cancelled"


def test_wrong_request_is_told_in_a_sentence() -> None:
    client = client_of(make_person(Duty.SYSTEM_ADMIN))
    notice = make_notice()
    Notice.objects.update(status="cancelled")
    for body in ({}, {"action": "delete"}, {"action": "retry"}):
        answer = client.post(f"{OUTBOX}{notice.pk}/", body)
        assert answer.status_code == 400
        assert "没有" in answer.content.decode()
    for query in ("status=x", "before=x", "status=failed&before=-1"):
        assert client.get(f"{OUTBOX}?{query}").status_code == 400
    assert client.post(f"{OUTBOX}99999999999999999999/", {"action": "retry"}).status_code == 400


def test_pages_of_the_outbox_follow_each_other() -> None:
    client = client_of(make_person(Duty.SYSTEM_ADMIN))
    notices = [make_notice(subject=f"第{number:02}条") for number in range(23)]
    assert f"status=waiting&amp;before={notices[3].pk}" in page(client, OUTBOX)
    second = page(client, f"{OUTBOX}?status=waiting&before={notices[3].pk}")
    assert [f"第{number:02}条" in second for number in range(23)] == [True] * 3 + [False] * 20


def test_expired_lease_does_not_hide_a_message() -> None:
    notice = make_notice()
    Notice.objects.update(
        status="claimed", claim="00000000-0000-0000-0000-000000000001", claimed_until=NOW + timedelta(1)
    )
    assert notice.subject in page(client_of(make_person(Duty.SYSTEM_ADMIN)), f"{OUTBOX}?status=claimed")
