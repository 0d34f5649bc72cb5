"""What a correction, termination or supplement is about: found by words, of its kind of trade, nothing masked."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.duties import Duty
from core.errors import BusinessError
from tenders.drafts import marks_left, review_of
from tenders.models import Announcement, AnnouncementDraft
from tenders.services.drafts import draft_create, draft_save, draft_target_set
from tenders.targets import target_refusal, targets_found
from tests.accounts.factories import logged_in, make_person
from tests.portal.conftest import plain_static
from tests.tenders.drafts import NOW, Cast, draft_move, make_draft, template_of
from tests.tenders.factories import make_announcement
from tests.tenders.test_masking import mask
from tests.workflow.people import make_staff

pytestmark = pytest.mark.django_db
__all__ = ["plain_static"]
NEW = "/staff/announcements/new/"


@pytest.fixture
def cast() -> Cast:
    return Cast.make()


@pytest.fixture
def maker() -> Client:
    return logged_in(make_person(Duty.ANNOUNCEMENT_DRAFT))


def works(**changes: object) -> Announcement:
    return make_announcement(**{"category": "工程建设", "type": "招标公告", **changes})


def test_a_correction_of_another_kind_of_trade_is_not_begun(cast: Cast) -> None:
    target = make_announcement()
    with pytest.raises(BusinessError) as caught:
        draft_create(template=template_of("works-correction"), target=target, by=cast.maker, now=NOW)
    assert "政府采购" in caught.value.message and "工程建设" in caught.value.message
    assert AnnouncementDraft.objects.count() == 0


def test_a_correction_of_another_kind_of_trade_is_not_submitted(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, code="purchase-correction", target=make_announcement(), target_change="改")
    AnnouncementDraft.objects.filter(pk=draft.pk).update(target=works())
    draft.refresh_from_db()
    with pytest.raises(BusinessError, match="不是同一交易类别"):
        draft_move(draft, "submit", cast)


@pytest.mark.parametrize(("code", "category", "fits"), [
    ("assets-correction", "土地使用权", True), ("assets-correction", "国有产权", True),
    ("assets-termination", "土地使用权", True), ("assets-correction", "政府采购", False),
    ("supplement", "政府采购", True), ("supplement", "工程建设", False),
])  # fmt: skip
def test_one_template_may_be_about_two_kinds_of_trade(code: str, category: str, fits: bool) -> None:
    target = make_announcement(category=category, type="转让公告")
    assert (target_refusal(template_of(code), target) == "") is fits


def test_a_correction_about_land_is_one_about_land(cast: Cast) -> None:
    target = make_announcement(category="土地使用权", type="挂牌出让公告")
    draft = draft_create(template=template_of("assets-correction"), target=target, by=cast.maker, now=NOW)
    assert draft.category == "土地使用权"


def test_what_ends_a_project_is_not_ended_again() -> None:
    target = make_announcement(type="终止公告")
    assert "本身就是终止" in target_refusal(template_of("purchase-termination"), target)
    assert target_refusal(template_of("purchase-correction"), target) == ""


@pytest.mark.parametrize("number", ["0", "00"])
def test_number_nought_is_no_announcement(maker: Client, number: str) -> None:
    answer = maker.post(NEW, {"template": "works-correction", "target": number})
    assert answer.status_code == 400 and "没有编号为 0 的" in answer.content.decode()
    assert AnnouncementDraft.objects.count() == 0


def test_a_correction_begins_with_what_it_corrects(maker: Client) -> None:
    answer = maker.post(NEW, {"template": "works-correction", "target": ""})
    assert answer.status_code == 400 and "先找到" in answer.content.decode()
    assert AnnouncementDraft.objects.count() == 0


def test_the_title_is_that_of_the_project(cast: Cast) -> None:
    named = make_announcement(fields={"project_name": "云泽县医院病床采购项目", "purchaser": "云泽县医院"})
    draft = draft_create(template=template_of("purchase-correction"), target=named, by=cast.maker, now=NOW)
    assert draft.title == "云泽县医院病床采购项目更正公告"
    bare = works(title="云泽县环城北路改造工程招标公告")
    draft = draft_create(template=template_of("works-correction"), target=bare, by=cast.maker, now=NOW)
    assert draft.title == "云泽县环城北路改造工程更正公告"


def test_saving_puts_the_projects_name_into_the_title(cast: Cast) -> None:
    draft = draft_create(template=template_of(), by=cast.maker, now=NOW)
    assert draft.title == "【项目名称】公开招标公告"
    values = {"title": draft.title, "fields": {"project_name": "云泽县医院病床采购项目"}}
    draft_save(draft=draft, values=values, seen=None, by=cast.maker, now=NOW)
    draft.refresh_from_db()
    assert draft.title == "云泽县医院病床采购项目公开招标公告"


def test_what_is_masked_is_not_taken_over_and_counts_as_missing(cast: Cast) -> None:
    people = (make_staff(Duty.MASKING), make_staff(Duty.MASKING))
    name = "云泽县张三丰纪念馆采购项目"
    target = make_announcement(fields={"project_name": name, "purchaser": "云泽县医院"})
    mask(target, people, name)
    target = Announcement.objects.get(pk=target.pk)
    draft = draft_create(template=template_of("purchase-correction"), target=target, by=cast.maker, now=NOW)
    assert "project_name" not in draft.fields
    draft.fields = {**draft.fields, "project_name": "＊＊＊"}
    draft.text += "\n项目名称：＊＊＊"
    assert "项目名称" in review_of(draft, at=NOW).missing
    assert "＊＊＊" in marks_left(draft)


def test_the_title_of_a_masked_original_may_stand_as_it_is(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, code="purchase-correction", target=make_announcement())
    draft.fields = {**draft.fields, "original_title": "＊＊＊采购公告"}
    draft.text += "\n原公告名称：＊＊＊采购公告"
    assert "原公告名称" not in review_of(draft, at=NOW).missing
    assert "＊＊＊" not in marks_left(draft)


def test_what_was_masked_after_the_publication_is_no_gap(cast: Cast) -> None:
    people = (make_staff(Duty.MASKING), make_staff(Duty.MASKING))
    draft = make_draft("published", cast=cast)
    assert draft.announcement is not None
    mask(draft.announcement, people, "云泽县第三中学食堂设备采购项目")
    draft.refresh_from_db()
    review = review_of(draft, at=NOW)
    assert "＊＊＊" in draft.text and (review.missing, review.marks) == ([], [])


def test_the_checking_page_shows_masked_words_as_missing(cast: Cast) -> None:
    fields = {"project_name": "＊＊＊", "change_reason": "错", "change_content": "改", "affects_bids": "no"}
    draft = make_draft("draft", cast=cast, code="purchase-correction", target=make_announcement(), fields=fields)
    page = logged_in(make_person(Duty.ANNOUNCEMENT_CHECK)).get(f"/staff/announcements/{draft.pk}/").content.decode()
    assert '<span class="tick-word">✗ 缺</span> 项目名称' in page
    with pytest.raises(BusinessError, match=r"还没有填写.*项目名称"):
        draft_move(draft, "submit", cast)


def test_what_is_corrected_is_found_by_code_title_and_number() -> None:
    target = works(title="云泽县环城北路改造工程招标公告", fields={"project_code": "YZ-2026-77"})
    make_announcement()
    for words in ("YZ-2026-77", "环城北路", str(target.pk)):
        assert target.pk in [one.pk for one in targets_found(words, now=NOW)], words
    assert targets_found("", now=NOW) == []


def test_the_page_of_a_new_draft_searches_without_script(maker: Client) -> None:
    target = works(title="云泽县环城北路改造工程招标公告")
    page = maker.get(NEW, {"q": "环城北路"}).content.decode()
    assert f'href="?target={target.pk}"' in page and target.title in page
    page = maker.get(NEW, {"target": str(target.pk)}).content.decode()
    assert 'value="works-correction"' in page and 'value="works-termination"' in page
    assert "purchase-correction" not in page and "works-tender" not in page
    assert "没有找到" in maker.get(NEW, {"q": "绝无此事"}).content.decode()
    for wrong in ("0", "999999", "x"):
        assert maker.get(NEW, {"target": wrong}).status_code == 400


def test_each_kind_of_trade_is_one_group(maker: Client) -> None:
    page = maker.get(NEW).content.decode()
    for name in ("政府采购", "国有产权", "工程建设", "土地使用权"):
        assert page.count(f"<legend>{name}</legend>") == 1, name


def test_a_drafter_begins_a_correction_at_what_was_published(cast: Cast, maker: Client) -> None:
    draft = make_draft("published", cast=cast)
    link = f'href="{NEW}?target={draft.announcement_id}"'
    assert link in maker.get(f"/staff/announcements/{draft.pk}/").content.decode()
    checker = logged_in(make_person(Duty.ANNOUNCEMENT_CHECK))
    assert link not in checker.get(f"/staff/announcements/{draft.pk}/").content.decode()


def test_another_announcement_is_chosen_for_a_draft(maker: Client, cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, code="purchase-correction", target=make_announcement())
    other = make_announcement(
        title="云泽县第五中学课桌采购招标公告", fields={"project_code": "YZ-88", "purchaser": "五中"}
    )
    address = f"/staff/announcements/{draft.pk}/target/"
    assert other.title in maker.get(address, {"q": "课桌"}).content.decode()
    answer = maker.post(address, {"target": str(other.pk)})
    assert answer.status_code == 302, answer.content.decode()
    draft.refresh_from_db()
    assert draft.target == other
    assert (draft.fields["original_title"], draft.fields["project_code"]) == (other.title, "YZ-88")
    assert draft.fields["purchaser"] != "五中"  # what was written stays
    wrong = maker.post(address, {"target": str(works().pk)})
    assert wrong.status_code == 400 and "不是同一交易类别" in wrong.content.decode()
    with pytest.raises(BusinessError):
        draft_target_set(draft=draft, target=works(), seen=None, by=cast.maker, now=NOW)


@pytest.mark.parametrize(("state", "words"), [
    ("submitted", "已提交复核"), ("published", "另发更正公告"), ("withdrawn", "已经撤回，不再办理"),
])  # fmt: skip
def test_what_is_not_edited_any_more_says_why_on_its_page(maker: Client, state: str, words: str) -> None:
    draft = make_draft(state)
    answer = maker.get(f"/staff/announcements/{draft.pk}/edit/", follow=True)
    assert answer.redirect_chain == [(f"/staff/announcements/{draft.pk}/", 302)]
    assert words in answer.content.decode()


@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_what_is_over_is_not_checked(state: str) -> None:
    draft = make_draft(state)
    checker = logged_in(make_person(Duty.ANNOUNCEMENT_CHECK))
    answer = checker.get(f"/staff/announcements/{draft.pk}/check/", follow=True)
    assert answer.redirect_chain == [(f"/staff/announcements/{draft.pk}/", 302)]
    assert "不必再复核" in answer.content.decode()


def test_what_will_be_public_stands_in_the_order_of_the_template() -> None:
    draft = make_draft("submitted")
    page = logged_in(make_person(Duty.ANNOUNCEMENT_CHECK)).get(f"/staff/announcements/{draft.pk}/check/")
    _, _, shown = page.content.decode().partition("将要公开的全部内容")
    places = [shown.index(f"<dt>{one['label']}</dt>") for one in draft.template.fields if draft.fields.get(one["name"])]
    assert len(places) > 10 and places == sorted(places)


def test_the_way_to_another_announcement_saves_first(maker: Client, cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, code="purchase-correction", target=make_announcement())
    page = maker.get(f"/staff/announcements/{draft.pk}/edit/").content.decode()
    # The first button is what the return key presses.
    assert page.index('value="save"') < page.index('value="target"')
    sent = {"seen": "2", "title": "改过的标题", "text": draft.text, "do": "target"}
    answer = maker.post(f"/staff/announcements/{draft.pk}/edit/", sent)
    assert answer.headers["Location"] == f"/staff/announcements/{draft.pk}/target/"
    draft.refresh_from_db()
    assert draft.title == "改过的标题"


def test_a_draft_about_nothing_has_no_such_page(maker: Client, cast: Cast) -> None:
    draft = make_draft("draft", cast=cast)
    assert maker.get(f"/staff/announcements/{draft.pk}/target/").status_code == 404
