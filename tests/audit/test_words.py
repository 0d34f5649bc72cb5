"""The action log in words: no identifier of a program on a page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import staff_addresses
from accounts.duties import Duty
from accounts.models import User
from accounts.page_names import _entries
from audit.models import ActionRow
from audit.selectors import action_query, actions_found
from audit.services import action_record
from audit.tags import Tag
from audit.words import detail_pairs, route_words, subject_words
from tenders.models import AnnouncementDraft
from tests.audit.factories import NOW
from tests.tenders.drafts import make_draft
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
    (USER, {"second": "totp"}, [("第二重验证", "验证器")]),
    (USER, {"second": "password"}, [("第二重验证", "未启用，只用密码")]),
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


def test_the_list_says_which_move_of_which_thing(client: Client) -> None:
    draft = make_draft("submitted")
    enter(client, make_staff(Duty.AUDIT_ADMIN))
    page = client.get("/staff/audit/", {"subject": f"公告稿 {draft.pk}"}).content.decode()
    assert "：提交复核</td>" in page and f"公告稿 {draft.pk}<" in page and f"《{draft.title}》" in page


def test_titles_take_as_many_queries_for_three_rows_as_for_one(client: Client) -> None:
    enter(client, make_staff(Duty.AUDIT_ADMIN))
    client.get("/staff/audit/")
    counts = []
    for wanted in (1, 3):
        while AnnouncementDraft.objects.count() < wanted:
            make_draft("draft")
        with CaptureQueriesContext(connection) as seen:
            client.get("/staff/audit/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("route", "words"), [
    ("GET staff/announcements/masking/new/<int:pk>/", "个人信息遮蔽：新建"),
    ("staff/announcements/<int:pk>/check/", "公告拟稿与发布：复核"),
    ("staff/announcements/<int:pk>/", "公告拟稿与发布：某一件"),
    ("staff/account/password/", "我的账号、密码"), ("staff/people/", "人员账号"), ("elsewhere/", ""),
])  # fmt: skip
def test_an_address_is_the_name_of_a_page(route: str, words: str) -> None:
    assert route_words(route) == words


def test_every_staff_page_has_a_chinese_name() -> None:
    for found in staff_addresses():
        words = route_words(found.route)
        assert words and not re.search("[A-Za-z<]", words), found.route


def test_pages_keep_their_names_in_large_print(client: Client) -> None:
    _entries.cache_clear()
    enter(client, make_staff(Duty.AUDIT_ADMIN))
    other = Client()
    enter(other, make_staff(Duty.INTAKE))
    assert other.get("/staff/announcements/masking/").status_code == 403
    assert "个人信息遮蔽<code" in client.get("/large/staff/audit/denials/").content.decode()
    assert route_words("staff/announcements/masking/") == "个人信息遮蔽"


def test_a_denial_shows_the_page_and_its_address_beneath(client: Client) -> None:
    other = Client()
    enter(other, make_staff(Duty.INTAKE))
    assert other.get("/staff/announcements/masking/").status_code == 403
    enter(client, make_staff(Duty.AUDIT_ADMIN))
    for address in ("/staff/audit/?tag=page.denied", "/staff/audit/denials/"):
        page = client.get(address).content.decode()
        assert "个人信息遮蔽<code" in page and "staff/announcements/masking/</code>" in page


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
