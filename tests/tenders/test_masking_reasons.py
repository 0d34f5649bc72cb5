"""The reason of a masking request stays for ever: it tells nothing of what is masked."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.duties import Duty
from accounts.models import User
from core.errors import BusinessError
from tenders.models import Announcement, MaskingRequest
from tenders.services.masking import masking_request
from tests.tenders.drafts import NOW
from tests.tenders.test_masking import NAME, SECRET, published
from tests.workflow.people import make_staff
from workflow.services import move

pytestmark = pytest.mark.django_db
FULL_WIDTH = {ord(one): ord(one) + 0xFEE0 for one in "0123456789X"}


@pytest.fixture
def people() -> tuple[User, User]:
    return make_staff(Duty.MASKING), make_staff(Duty.MASKING)


def ask(announcement: Announcement, by: User, text: str, reason: str) -> MaskingRequest:
    return masking_request(announcement=announcement, texts=[text], reason=reason, by=by, now=NOW)


@pytest.mark.parametrize(
    "reason",
    [
        f"误公布{NAME}的身份证号", f"误公布身份证号{SECRET}", "误公布 110105 19491231 002X",
        "误公布" + SECRET.translate(FULL_WIDTH), "误公布手机 13800138000",
        "误公布开户账号 6222021234567890123",
    ],
)  # fmt: skip
def test_a_reason_that_tells_what_is_masked_is_refused(people: tuple[User, User], reason: str) -> None:
    announcement = published()
    with pytest.raises(BusinessError) as caught:
        masking_request(announcement=announcement, texts=[NAME, SECRET], reason=reason, by=people[0], now=NOW)
    assert caught.value.code == "reason_tells"
    assert NAME not in caught.value.message and SECRET not in caught.value.message
    assert not MaskingRequest.objects.exists()


def test_a_reason_without_it_is_taken(people: tuple[User, User]) -> None:
    assert ask(published(), people[0], NAME, "误公布法定代表人姓名，2026年3月2日本人申请").reason.startswith("误公布")


def test_reasons_of_other_requests_lose_what_is_masked_later(people: tuple[User, User]) -> None:
    announcement = published()
    given_up = ask(announcement, people[0], SECRET, f"{NAME}本人申请，100%属实_")
    move(given_up, "withdraw", by=people[0], now=NOW, comment="先不办")
    other = ask(published(title="另一份", fields={}), people[0], SECRET, f"{NAME}本人申请")
    asked = ask(announcement, people[0], NAME, "本人申请遮蔽姓名")
    move(asked, "confirm", by=people[1], now=NOW)
    for row, reason in (
        (given_up, "＊＊＊本人申请，100%属实_"),
        (asked, "本人申请遮蔽姓名"),
        (other, f"{NAME}本人申请"),
    ):
        row.refresh_from_db()
        assert row.reason == reason


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tenders_maskingrequest SET reason = '别的理由' WHERE id = %s",
        "UPDATE tenders_maskingrequest SET reason = '＊＊＊别的理由' WHERE id = %s",
        "UPDATE tenders_maskingrequest SET reason = '＊＊＊', requested_at = now() WHERE id = %s",
        "UPDATE tenders_maskingrequest SET reason = '' WHERE id = %s",
    ],
)
def test_a_reason_is_changed_in_no_other_way(people: tuple[User, User], sql: str) -> None:
    asked = ask(published(), people[0], NAME, "本人申请遮蔽姓名")
    move(asked, "confirm", by=people[1], now=NOW)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [asked.pk])


def test_before_anything_is_masked_no_reason_is_changed(people: tuple[User, User]) -> None:
    asked = ask(published(), people[0], NAME, "本人申请遮蔽姓名")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE tenders_maskingrequest SET reason = '＊＊＊' WHERE id = %s", [asked.pk])
