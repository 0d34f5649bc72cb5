"""The action log in words: no identifier of a program on a page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.duties import Duty
from accounts.models import User
from audit.models import ActionRow
from audit.selectors import action_query, actions_found
from audit.services import action_record
from audit.tags import Tag
from audit.words import detail_pairs, subject_words
from tests.audit.factories import NOW
from tests.workflow.people import enter, make_staff

pytestmark = pytest.mark.django_db
DRAFT, USER = "tenders.announcementdraft:3", "accounts.user:1"
DETAILS: list[tuple[str, Any, list[tuple[str, str]]]] = [
    (
        DRAFT,
        {"move": "publish", "from": "scheduled", "to": "published", "number": 4},
        [("办理", "发布"), ("原状态", "待发布"), ("新状态", "已发布"), ("第几步", "4")],
    ),
    (DRAFT, {"move": "check", "code": "same_person"}, [("办理", "复核通过"), ("未办成的原因", "须由另一人办理")]),
    (USER, {"second": "totp"}, [("第二因素", "验证器")]),
    (USER, {"why": "locked_code"}, [("未成功的原因", "验证码锁定中")]),
    (
        USER,
        {"what": "give", "duty": Duty.MASKING.value, "department": ""},
        [("做了什么", "分配职责"), ("职责", str(Duty.MASKING.label))],
    ),
    (USER, {"from": "2026-03-02T01:00:00+00:00"}, [("原状态", "2026年3月2日 09:00")]),
    (
        "upkeep.backup:1",
        {"kind": "nightly", "verified": "restored", "size": 12},
        [("种类", "每夜备份"), ("校验", "试恢复核验"), ("大小（字节）", "12")],
    ),
]


@pytest.mark.parametrize(("subject", "detail", "pairs"), DETAILS)
def test_details_are_words(subject: str, detail: Any, pairs: list[tuple[str, str]]) -> None:
    assert detail_pairs(detail, subject) == pairs


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("tenders.announcement:17", "公告 17"),
        ("desk:done", "工作台“已办”"),
        ("upkeep.hold", "恢复保全状态"),
        ("whatever", "whatever"),
    ],
)
def test_subjects_are_words(subject: str, words: str) -> None:
    assert subject_words(subject) == words


@pytest.mark.parametrize(
    ("asked", "found"), [("公告 17", 1), ("公告17", 1), ("公告", 2), ("tenders.announcement:1", 2), ("公告 1", 0)]
)
def test_subjects_are_asked_for_in_words(asked: str, found: int) -> None:
    for subject in ("tenders.announcement:17", "tenders.announcement:170", "tenders.announcementdraft:17"):
        action_record(tag=Tag.MOVE, by=None, now=NOW, subject=subject)
    assert actions_found(action_query({"subject": asked})).count() == found


def test_no_identifier_is_left_on_the_pages(client: Client) -> None:
    person: User = make_staff(Duty.AUDIT_ADMIN)
    enter(client, person)
    for subject, detail, _ in DETAILS:
        action_record(tag=Tag.MOVE, by=person, now=NOW, subject=subject, detail=detail)
    pages = ["/staff/audit/", *(f"/staff/audit/{row.pk}/" for row in ActionRow.objects.all())]
    for address in pages:
        page = client.get(address).content.decode()
        text = re.sub(r"<(script|style|head|code).*?</\1>|<[^>]+>", " ", page[page.index("<main") :], flags=re.DOTALL)
        left = re.findall(r"[a-z]+[._][a-z_.]+|\b(?:publish|draft|totp|nightly)\b", text)
        assert left == [], (address, left)
