"""A message is a row of its cause's transaction, once, sealed where it is confidential."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.duties import Duty
from audit.models import ActionRow
from audit.tags import Tag
from core.errors import BusinessError
from notices.models import Notice
from notices.sealed import message_open
from notices.services import (
    checkpoint_send,
    checkpoints_send,
    notice_cancel,
    notice_deliver,
    notice_retry,
    notices_sweep,
)
from tests.audit.test_sealing import in_threads
from tests.notices.factories import NOW, make_notice
from tests.staff import make_person

pytestmark = pytest.mark.django_db


def test_rolled_back_cause_leaves_no_message() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_notice()
        raise ZeroDivisionError
    assert Notice.objects.count() == 0


def test_same_key_is_the_same_message() -> None:
    first, second = make_notice(dedup_key="k"), make_notice(dedup_key="k", subject="另一条")
    assert (first.pk, Notice.objects.get().subject) == (second.pk, first.subject)


@pytest.mark.django_db(transaction=True)
def test_two_who_write_the_same_message_at_once_write_one() -> None:
    in_threads(*[lambda: make_notice(dedup_key="k")] * 4)
    assert Notice.objects.count() == 1


def _stored(notice: Notice) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT n::text FROM notices_notice n WHERE id = %s", [notice.pk])
        return str(cursor.fetchone()[0])


def test_confidential_message_is_sealed_in_the_database() -> None:
    user = make_person()
    for notice in (
        make_notice(confidential=True, address="张三丰", subject="抽取结果", text="请于明日到场"),
        make_notice(confidential=True, user=user, subject="抽取结果", text="请于明日到场"),
    ):
        stored = _stored(notice)
        assert [word for word in ("张三丰", "抽取结果", "请于明日到场", f'"user": {user.pk}') if word in stored] == []
        assert (notice.user, message_open(notice).subject) == (None, "抽取结果")
    assert message_open(Notice.objects.latest("pk")).user_id == user.pk


def test_sealed_text_of_one_message_does_not_open_in_another() -> None:
    first, second = make_notice(confidential=True), make_notice(confidential=True)
    second.text = first.text
    with pytest.raises(BusinessError):
        message_open(second)


@given(subject=st.text(min_size=1, max_size=50), text=st.text(min_size=1, max_size=50))
@hypothesis_settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_kept_or_refused_with_a_sentence(subject: str, text: str) -> None:
    try:
        notice = make_notice(subject=subject, text=text, confidential=True, dedup_key=f"h:{subject}"[:200])
    except BusinessError as error:
        assert error.message.startswith("通知没有生成：")
        return
    assert "\n" not in message_open(notice).subject


@pytest.mark.parametrize(
    "changes",
    [
        {"channel": "pigeon"},
        {"channel": Notice.Channel.IN_SITE},
        {"address": ""},
        {"subject": ""},
        {"subject": "长" * 201},
        {"text": ""},
        {"text": "a\x00b"},
        {"dedup_key": ""},
        {"dedup_key": "k" * 201},
        {"link": "https://elsewhere.example/"},
        {"link": "//elsewhere.example/"},
        {"link": "/\\elsewhere.example"},
        {"expires_at": NOW},
        {"channel": Notice.Channel.EMAIL, "address": "nobody"},
        {"channel": Notice.Channel.EMAIL, "address": "a@b.example\nBcc: c@d.example"},
    ],
)
def test_what_could_not_be_sent_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BusinessError) as caught:
        make_notice(**changes)
    assert (caught.value.code, caught.value.message[:7]) == ("bad_notice", "通知没有生成：")
    assert Notice.objects.count() == 0


def test_line_breaks_of_a_subject_become_spaces() -> None:
    assert make_notice(subject="开标\r\nBcc: x").subject == "开标 Bcc: x"


def test_failed_one_is_sent_again_with_all_its_attempts_and_logged() -> None:
    notice, admin = make_notice(), make_person(Duty.SYSTEM_ADMIN)
    Notice.objects.update(status=Notice.Status.FAILED, attempts=9, problem="x")
    notice_retry(number=notice.pk, by=admin, now=NOW, address="192.0.2.1")
    notice.refresh_from_db()
    assert (notice.status, notice.attempts, notice.problem) == (Notice.Status.WAITING, 0, "")
    row = ActionRow.objects.get()
    assert (row.tag, row.by, row.subject, row.detail["action"]) == (
        *(Tag.UPKEEP, admin, f"notices.notice:{notice.pk}", "retry"),
    )


def test_cancelled_one_is_not_sent() -> None:
    notice = make_notice()
    notice_cancel(number=notice.pk, by=make_person(), now=NOW)
    assert not notice_deliver(number=notice.pk, now=NOW)
    assert ActionRow.objects.get().detail["action"] == "cancel"


@pytest.mark.parametrize("status", ["claimed", "sent", "cancelled"])
def test_what_is_under_way_or_over_is_neither_sent_again_nor_cancelled(status: str) -> None:
    notice = make_notice()
    if status == "cancelled":
        Notice.objects.update(status=status)
    elif status == "sent":
        notice_deliver(number=notice.pk, now=NOW)
    else:
        Notice.objects.update(status=status, claim="00000000-0000-0000-0000-000000000001", claimed_until=NOW)
    for action in (notice_cancel, notice_retry):
        with pytest.raises(BusinessError) as caught:
            action(number=notice.pk, by=make_person(), now=NOW)
        assert caught.value.code == "wrong_state"
    assert ActionRow.objects.count() == 0


def test_expired_one_is_not_sent_again() -> None:
    notice = make_notice(expires_at=NOW + timedelta(hours=1))
    Notice.objects.update(status=Notice.Status.FAILED)
    with pytest.raises(BusinessError) as caught:
        notice_retry(number=notice.pk, by=make_person(), now=NOW + timedelta(hours=1))
    assert caught.value.code == "expired"


def test_checkpoint_goes_to_every_outside_address_once_a_day(settings: Any) -> None:
    assert len(settings.CONFIG.NOTICE_CHECKPOINT_TO) == 2
    for _ in range(2):
        sent = checkpoint_send(checkpoint='{"size":5}', day=NOW.date(), now=NOW)
    assert {notice.recipient for notice in sent} == set(settings.CONFIG.NOTICE_CHECKPOINT_TO)
    assert Notice.objects.count() == 2
    assert {'{"size":5}' in notice.text for notice in sent} == {True}


def test_message_waits_for_its_time() -> None:
    notice = make_notice(not_before=NOW + timedelta(hours=1))
    assert not notice_deliver(number=notice.pk, now=NOW)
    assert notice_deliver(number=notice.pk, now=NOW + timedelta(hours=1))


def test_checkpoints_of_missed_days_are_sent_once(settings: Any) -> None:
    assert checkpoints_send(now=NOW) == 0
    settings.NOTICE_CHECKPOINTS = "tests.notices.test_outbox.two_days"
    assert [checkpoints_send(now=NOW) for _ in range(2)] == [2, 2]
    subjects = list(Notice.objects.order_by("pk").values_list("subject", flat=True))
    assert [subject[-10:] for subject in subjects] == ["2026-03-18"] * 2 + ["2026-03-19"] * 2


def two_days(limit: int) -> list[tuple[date, str]]:
    """A log's day ends, newest first."""
    return [(date(2026, 3, 19), '{"size":2}'), (date(2026, 3, 18), '{"size":1}')][:limit]


def test_nothing_is_sent_while_a_gate_says_no(settings: Any) -> None:
    notice = make_notice()
    settings.NOTICE_GATES = ("tests.notices.test_outbox.closed",)
    assert not notice_deliver(number=notice.pk, now=NOW)
    assert notices_sweep(now=NOW + timedelta(hours=1)) == 0
    notice.refresh_from_db()
    assert (notice.status, notice.attempts) == ("waiting", 0)
    settings.NOTICE_GATES = ()
    assert notices_sweep(now=NOW + timedelta(hours=1)) == 1
    assert notice_deliver(number=notice.pk, now=NOW)


def closed() -> list[str]:
    """A gate, as after a restore."""
    return ["系统刚从备份恢复。"]
