"""Templates of announcements: changed by those who check, version by version, used by new drafts at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.duties import Duty
from accounts.models import User
from audit.models import ActionRow
from core.errors import BusinessError
from tenders.models import AnnouncementDraft, AnnouncementTemplate, TemplateVersion
from tenders.services.templates import template_content, template_save
from tenders.template_data import fields_by_law
from tests.accounts.factories import logged_in, make_person
from tests.portal.conftest import plain_static
from tests.tenders.drafts import NOW, make_draft, template_of

pytestmark = pytest.mark.django_db
__all__ = ["plain_static"]
PATH = "/staff/announcements/templates/"
LEASE = f"{PATH}property-lease/"
LINE = "\n咨询时间为工作日9时至17时。"


@pytest.fixture
def person() -> User:
    return make_person(Duty.ANNOUNCEMENT_CHECK)


@pytest.fixture
def checker(person: User) -> Client:
    return logged_in(person)


def save(person: User, *, seen: int = 1, **values: Any) -> TemplateVersion:
    return template_save(template=template_of("property-lease"), values=values, seen=seen, by=person, now=NOW)


def sent(**changes: Any) -> dict[str, Any]:
    """What the form sends when nothing but ``changes`` was changed."""
    content = template_content(template_of("property-lease"))
    content["required"] = [name for name in content["required"] if name not in fields_by_law("property-lease")]
    data = {**content, "seen": 1, "is_active": "on", "do": "save", **changes}
    return {name: value for name, value in data.items() if value is not None}


def test_the_list_shows_every_template_in_a_fixed_number_of_queries(checker: Client, person: User) -> None:
    page = checker.get(PATH).content.decode()
    assert page.count("property-lease") == 1 and "随系统装入" in page
    assert [t.name for t in AnnouncementTemplate.objects.all() if t.name not in page] == []
    with CaptureQueriesContext(connection) as few:
        checker.get(PATH)
    for seen in (1, 2, 3):
        save(person, seen=seen, name=f"房屋租赁{seen}")
    make_draft(code="property-lease")
    with CaptureQueriesContext(connection) as many:
        page = checker.get(PATH).content.decode()
    assert len(many) == len(few)
    assert "第 4 版" in page and "用过 1 次" in page


def test_a_changed_template_is_what_the_next_draft_begins_with(checker: Client, person: User) -> None:
    before = template_of("property-lease").skeleton
    answer = checker.post(LEASE, sent(skeleton=before + LINE))
    assert (answer.status_code, answer.headers["Location"]) == (302, LEASE)
    assert "已保存为第 2 版" in checker.get(LEASE).content.decode()
    drafter = logged_in(make_person(Duty.ANNOUNCEMENT_DRAFT))
    drafter.post("/staff/announcements/new/", {"template": "property-lease"})
    assert AnnouncementDraft.objects.get().text == before + LINE
    first, second = TemplateVersion.objects.order_by("number")
    assert (first.number, first.skeleton, first.by, first.at) == (1, before, None, None)
    assert (second.number, second.skeleton, second.by) == (2, before + LINE, person)
    row = ActionRow.objects.get(tag="setting.change")
    assert row.by == person
    assert row.detail == {"version": 2, "changed": ["正文样式"]}


def test_a_draft_that_was_begun_keeps_its_text(person: User) -> None:
    draft = make_draft(code="property-lease")
    text = draft.text
    save(person, skeleton="另一种写法：【项目名称】")
    draft.refresh_from_db()
    assert draft.text == text


def test_old_versions_are_shown_and_can_be_taken_up_again(checker: Client, person: User) -> None:
    before = template_of("property-lease").skeleton
    save(person, skeleton="只有一句话的样式。")
    page = checker.get(LEASE).content.decode()
    assert "第 1 版，随系统装入" in page and "<del>" in page and f"第 2 版，{person.name}" in page
    form = checker.get(f"{LEASE}?version=1").context["form"]
    assert form["skeleton"].value() == before and form["seen"].value() == 2


def test_what_law_asks_for_stays_required_and_more_may_be_asked(checker: Client, person: User) -> None:
    template = template_of("purchase-tender")
    law = fields_by_law("purchase-tender")
    optional = next(one["name"] for one in template.fields if one["name"] not in law)
    template_save(template=template, values={"required": [optional]}, seen=1, by=person, now=NOW)
    names = {one["name"] for one in template_of("purchase-tender").required}
    assert names == law | {optional} and len(law) > 10
    page = checker.get(f"{PATH}purchase-tender/").content.decode()
    assert "必填（依据条款）" in page and "必填（本中心）" in page
    bad = checker.post(LEASE, sent(required=["project_code", "nothing"]))
    assert bad.status_code == 400 and "请从列出的要素里选" in bad.content.decode()


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"skeleton": "租给【出租对象】"}, 400, "【出租对象】不是这类公告的要素"),
        ({"skeleton": " "}, 400, "这一项要填写"),
        ({"name": "名" * 101}, 400, "名称超过 100 字"),
        ({"basis": "控制\x01字符"}, 400, "控制字符"),
        ({}, 400, "没有任何改动"),
        ({"seen": "7", "name": "新名称"}, 409, "别人改过这个样式"),
        ({"seen": "x", "name": "新名称"}, 400, "没有保存"),
    ],
)
def test_what_cannot_be_saved_is_told_and_kept(
    checker: Client, changes: dict[str, Any], status: int, words: str
) -> None:
    before = template_content(template_of("property-lease"))
    answer = checker.post(LEASE, sent(**changes))
    page = answer.content.decode()
    assert (answer.status_code, words in page) == (status, True)
    if kept := changes.get("name"):
        assert kept in page
    assert template_content(template_of("property-lease")) == before
    assert not TemplateVersion.objects.exists()


def test_of_two_people_the_second_is_told_and_may_save_again(checker: Client, person: User) -> None:
    save(person, name="先保存的")
    answer = checker.post(LEASE, sent(name="后保存的"))
    assert answer.status_code == 409
    form = answer.context["form"]
    assert (form["seen"].value(), form["name"].value()) == ("2", "后保存的")
    assert checker.post(LEASE, sent(name="后保存的", seen=2)).status_code == 302
    assert template_of("property-lease").name == "后保存的"


def test_the_preview_shows_what_was_typed_and_saves_nothing(checker: Client) -> None:
    make_draft(code="property-lease", fields={"project_name": "老城区门面房租赁"})
    answer = checker.post(LEASE, sent(skeleton="项目【项目名称】，<b>原样</b>", do="preview"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "项目老城区门面房租赁，&lt;b&gt;原样&lt;/b&gt;" in page and "没有写进正文" in page
    assert not TemplateVersion.objects.exists()


def test_a_template_out_of_use_begins_no_draft(checker: Client, person: User) -> None:
    checker.post(LEASE, sent(is_active=None))
    drafter = logged_in(make_person(Duty.ANNOUNCEMENT_DRAFT))
    assert "t-property-lease" not in drafter.get("/staff/announcements/new/").content.decode()
    assert drafter.post("/staff/announcements/new/", {"template": "property-lease"}).status_code == 400


def test_the_service_asks_for_marks_that_are_fields(person: User) -> None:
    with pytest.raises(BusinessError, match="不是这类公告的要素") as caught:
        save(person, skeleton="【没有的】")
    assert caught.value.facts == {"field": "skeleton"}
