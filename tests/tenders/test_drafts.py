"""Drafts on their way to publication: what law and the house ask for, by whom, and that nothing is lost."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.duties import Duty
from accounts.models import User
from audit.log_models import LogLeaf
from core.errors import BusinessError
from documents.models import StoredFile
from tenders.drafts import difference, filled, review_of
from tenders.models import Announcement, AnnouncementDraft, AnnouncementTemplate, DraftAttachment, SearchEntry
from tenders.services.drafts import draft_create, draft_save
from tenders.services.publication import drafts_publish_due
from tests.tenders.drafts import NOW, VALUES, Cast, draft_move, input_of, make_draft, template_of
from tests.tenders.factories import make_announcement
from tests.workflow.people import end_duties, give, make_staff
from workflow.models import StateChange
from workflow.services import move

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast.make()


def refusal(draft: AnnouncementDraft, name: str, cast: Cast, now: datetime = NOW) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        draft_move(draft, name, cast, now)
    return caught.value


def test_a_draft_becomes_an_announcement_with_its_record_search_entry_and_leaf(cast: Cast) -> None:
    draft = make_draft("published", cast=cast)
    announcement = draft.announcement
    assert announcement is not None
    content = bytes(announcement.record.content)
    record = json.loads(content)
    assert (record["title"], record["text"]) == (draft.title, draft.text)
    assert record["source"]["name"] == "云泽县公共资源交易中心"
    assert record["fields"]["medium"] == {
        "name": "河北省政府采购网", "url": "https://example.test/1", "first_published": "2026-03-02T10:00+08:00",
    }  # fmt: skip
    assert announcement.purchaser == "云泽县第三中学"
    assert announcement.deadline == datetime(2026, 3, 24, 1, 0, tzinfo=UTC)
    assert SearchEntry.objects.filter(pk=announcement.pk).exists()
    leaf = LogLeaf.objects.get()
    assert (leaf.kind, leaf.ref, leaf.sha256) == (
        "announcement", str(announcement.pk), hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


def test_each_step_is_written_down_with_who_did_it(cast: Cast) -> None:
    draft = make_draft("published", cast=cast)
    rows = StateChange.objects.filter(subject_type="tenders.announcementdraft", subject_id=draft.pk).order_by("number")
    assert [(row.move, row.by) for row in rows] == [
        ("create", cast.maker), ("save", cast.maker), ("submit", cast.maker), ("secrecy_check", cast.secrecy),
        ("check", cast.checker), ("schedule", cast.checker), ("publish", cast.checker),
    ]  # fmt: skip


def move_on(user: User, *duties: Duty) -> None:
    """The person has other duties from now on: nobody has both of a pair at the same time."""
    give(user, *duties, since=end_duties(user))


def test_who_wrote_a_word_of_it_does_not_check_it(cast: Cast) -> None:
    draft = make_draft("submitted", cast=cast)
    move_on(cast.maker, Duty.ANNOUNCEMENT_CHECK, Duty.SECRECY_CHECK)
    for name in ("secrecy_check", "check"):
        with pytest.raises(BusinessError) as caught:
            move(draft, name, by=cast.maker, now=NOW, data=input_of(name, draft))
        assert caught.value.code == "same_person"


def test_somebody_who_only_edited_does_not_check_it_either(cast: Cast) -> None:
    move_on(cast.checker, Duty.ANNOUNCEMENT_DRAFT)
    draft = make_draft("draft", cast=cast)
    draft_save(draft=draft, values={"region": "云泽县城关镇"}, seen=2, by=cast.checker, now=NOW)
    move_on(cast.checker, Duty.ANNOUNCEMENT_CHECK)
    draft_move(draft, "submit", cast)
    draft_move(draft, "secrecy_check", cast)
    assert refusal(draft, "check", cast).code == "same_person"


def test_a_required_field_that_is_empty_is_named(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, fields={"purchaser": ""})
    assert "采购人" in refusal(draft, "submit", cast).message


def test_a_mark_of_the_template_left_in_the_text_is_named(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, extra_text="\n【采购人】")
    assert "【采购人】" in refusal(draft, "submit", cast).message


def test_brackets_that_are_no_mark_of_the_template_may_stay(cast: Cast) -> None:
    assert make_draft("submitted", cast=cast, extra_text="\n【说明】见附件。").state == "submitted"


def test_without_the_designated_medium_nothing_is_submitted(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, medium_url="")
    assert "财政部令第101号第八条" in refusal(draft, "submit", cast).message


def test_nothing_is_published_before_the_designated_medium(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, medium_at=NOW + timedelta(hours=1))
    assert "不得早于指定媒介" in refusal(draft, "submit", cast).message


def test_a_person_does_not_publish_before_the_designated_medium_has(cast: Cast) -> None:
    at = NOW + timedelta(hours=6)
    draft = make_draft("scheduled", cast=cast, publish_at=at, medium_at=at - timedelta(minutes=5))
    early = refusal(draft, "publish", cast, NOW + timedelta(hours=1))
    assert early.code == "blocked" and "指定媒介" in early.message and "还没有到" in early.message
    assert Announcement.objects.count() == 0
    draft_move(draft, "publish", cast, at - timedelta(minutes=4))
    draft.refresh_from_db()
    published = draft.announcement
    assert published is not None
    assert datetime.fromisoformat(published.content["fields"]["medium"]["first_published"]) <= published.published_at


def test_the_task_does_not_publish_before_the_designated_medium_has(cast: Cast) -> None:
    at = NOW + timedelta(hours=6)
    draft = make_draft("scheduled", cast=cast, publish_at=at, medium_at=at)
    AnnouncementDraft.objects.filter(pk=draft.pk).update(medium_at=at + timedelta(hours=1))
    done, refused = drafts_publish_due(now=at)
    assert done == [] and [pk for pk, _ in refused] == [draft.pk] and "财政部令第101号" in refused[0][1]
    assert drafts_publish_due(now=at + timedelta(hours=1)) == ([draft.pk], [])


def test_a_medium_named_without_need_is_not_certified_ahead_of_its_time(cast: Cast) -> None:
    later = NOW + timedelta(days=2)
    AnnouncementTemplate.objects.filter(code="purchase-tender").update(medium="none")
    try:
        draft = make_draft("scheduled", cast=cast, medium_at=later)
        assert "指定媒介" in refusal(draft, "publish", cast).message
    finally:
        AnnouncementTemplate.objects.filter(code="purchase-tender").update(medium="always")


def test_the_database_refuses_a_publication_before_its_medium(cast: Cast) -> None:
    draft = make_draft("scheduled", cast=cast)
    with pytest.raises(IntegrityError, match="before its medium"), transaction.atomic():
        draft_move(draft, "publish", cast)
        AnnouncementDraft.objects.filter(pk=draft.pk).update(medium_at=NOW + timedelta(days=1))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_dates_are_judged_by_the_moment_of_publication_and_not_by_the_chosen_one(cast: Cast) -> None:
    at = NOW + timedelta(days=3)
    fields = {"deadline": "2026-03-25 09:00", "doc_get_until": "2026-03-13"}
    draft = make_draft("scheduled", cast=cast, publish_at=at, fields=fields)
    # Twenty days from today, not from the chosen day.
    AnnouncementDraft.objects.filter(pk=draft.pk).update(fields={**draft.fields, "deadline": "2026-03-22 09:00"})
    assert "政府采购法第三十五条" in refusal(draft, "publish", cast, at).message
    draft_move(draft, "publish", cast, NOW)
    draft.refresh_from_db()
    assert draft.state == "published"


@pytest.mark.parametrize(("day", "lawful"), [("2026-03-21", False), ("2026-03-22", True)])
def test_twenty_days_from_the_documents_to_the_deadline(cast: Cast, day: str, lawful: bool) -> None:
    draft = make_draft("draft", cast=cast, fields={"deadline": f"{day} 09:00"})
    if lawful:
        draft_move(draft, "submit", cast)
        assert draft.state == "submitted"
    else:
        message = refusal(draft, "submit", cast).message
        assert "政府采购法第三十五条" in message and "2026年3月22日" in message


def test_an_exception_that_no_rule_names_does_not_help(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, fields={"deadline": "2026-03-12 09:00"}, exception_reason="领导同意。")
    assert "政府采购法第三十五条" in refusal(draft, "submit", cast).message


INTENTION = {"planned_on": "2026-03-20", "project_name": "办公设备采购"}


def test_an_exception_that_the_rule_names_needs_a_paper_and_the_second_person(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, code="purchase-intention", fields=INTENTION, exception_reason="防汛急需。")
    assert "依据文件" in refusal(draft, "submit", cast).message
    stored = StoredFile.objects.create(sha256="a" * 64, size=1, content_type="application/pdf", created_at=NOW)
    DraftAttachment.objects.create(draft=draft, name="防汛急需说明.pdf", file=stored, is_paper=True)
    draft_move(draft, "submit", cast)
    draft_move(draft, "secrecy_check", cast)
    with pytest.raises(BusinessError, match="逐项确认"):
        files = [file.key for file in draft.attachments.all()]
        move(draft, "check", by=cast.checker, now=NOW, data={"confirmed": files})
    draft_move(draft, "check", cast)
    assert draft.state == "checked"
    draft_move(draft, "schedule", cast)
    draft_move(draft, "publish", cast)
    draft.refresh_from_db()
    assert draft.announcement is not None and draft.announcement.attachments.count() == 0


def test_an_intention_thirty_days_ahead_needs_no_exception(cast: Cast) -> None:
    fields = {**INTENTION, "planned_on": "2026-04-01"}
    assert make_draft("submitted", cast=cast, code="purchase-intention", fields=fields).state == "submitted"


def test_what_is_late_is_published_with_a_reason(cast: Cast) -> None:
    fields = {
        "supplier": "云泽县恒达商贸有限公司", "supplier_address": "云泽县南环路3号", "award_amount_yuan": "1200000",
        "awarded_on": "2026-02-20", "award_items": "蒸饭柜12台", "reviewers": "见评审报告", "agency_fee": "1.2万元",
        "notice_period": "1个工作日",
    }  # fmt: skip
    draft = make_draft("draft", cast=cast, code="purchase-result", fields=fields)
    key = "late:procurement.result_notice"
    draft_save(draft=draft, values={}, answers={key: ""}, seen=None, by=cast.maker, now=NOW)
    assert "政府采购法实施条例第四十三条" in refusal(draft, "submit", cast).message
    draft_save(draft=draft, values={}, answers={key: "系统升级期间无法发布"}, seen=None, by=cast.maker, now=NOW)
    draft_move(draft, "submit", cast)
    assert draft.state == "submitted"


def test_every_finding_needs_a_reason_and_a_serious_one_the_second_person(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast, extra_text="\n身份证号：11010519491231002X，电话 0311-88880000。")
    review = review_of(draft, at=NOW)
    keys = [one.key for one in review.matters]
    assert [one.finding.kind for one in review.matters] == ["identity", "phone"]
    draft_save(draft=draft, values={}, answers={keys[1]: ""}, seen=None, by=cast.maker, now=NOW)
    assert "固定电话号码" in refusal(draft, "submit", cast).message
    draft_save(draft=draft, values={}, answers={keys[1]: "代理机构办公电话"}, seen=None, by=cast.maker, now=NOW)
    draft_move(draft, "submit", cast)
    draft_move(draft, "secrecy_check", cast)
    with pytest.raises(BusinessError, match="1 处身份证号"):
        move(draft, "check", by=cast.checker, now=NOW, data={"confirmed": keys[1:]})
    move(draft, "check", by=cast.checker, now=NOW, data={"confirmed": keys[:1]})
    assert draft.state == "checked"


def test_nothing_is_checked_before_the_examination_of_secrecy(cast: Cast) -> None:
    draft = make_draft("submitted", cast=cast)
    assert "政府信息公开条例第十七条" in refusal(draft, "check", cast).message


def test_what_comes_back_is_examined_anew(cast: Cast) -> None:
    draft = make_draft("checked", cast=cast)
    draft_move(draft, "return", cast)
    draft_move(draft, "submit", cast)
    draft.refresh_from_db()
    assert draft.secrecy_by is None
    assert "保密审查" in refusal(draft, "check", cast).message


def test_a_correction_names_what_it_corrects(cast: Cast) -> None:
    fields = {"change_reason": "写错", "change_content": "改为二十台", "affects_bids": "no"}
    draft = make_draft("draft", cast=cast, code="purchase-correction", fields=fields)
    assert "指明针对哪一份" in refusal(draft, "submit", cast).message


def correction(cast: Cast, **fields: str) -> AnnouncementDraft:
    """A correction of a published tender with a deadline on 2026-03-24."""
    target = make_draft("published", cast=cast).announcement
    given = {"change_reason": "数量有误", "change_content": "十二台改为二十台", "affects_bids": "yes", **fields}
    return make_draft(
        "draft", cast=cast, code="purchase-correction", target=target, target_change="数量由十二台改为二十台",
        fields=given, now=NOW + timedelta(days=8), medium_at=NOW + timedelta(days=8),
    )  # fmt: skip


def test_a_correction_within_fifteen_days_moves_the_deadline(cast: Cast) -> None:
    later = NOW + timedelta(days=8)
    draft = correction(cast)
    message = refusal(draft, "submit", cast, later).message
    assert "顺延" in message and "2026年3月9日" in message
    fields = {**draft.fields, "new_deadline": "2026-03-25 09:00"}
    draft_save(draft=draft, values={"fields": fields}, seen=None, by=cast.maker, now=later)
    for name in ("submit", "secrecy_check", "check", "schedule", "publish"):
        draft_move(draft, name, cast, later)
    draft.refresh_from_db()
    published = draft.announcement
    assert published is not None and draft.target is not None
    assert published.content["fields"]["corrects"] == draft.target.external_id
    assert published.deadline == datetime(2026, 3, 25, 1, 0, tzinfo=UTC)
    assert LogLeaf.objects.get(ref=str(published.pk)).kind == "correction"


def test_a_correction_that_does_not_affect_bids_may_come_late(cast: Cast) -> None:
    draft = correction(cast, affects_bids="no")
    draft_move(draft, "submit", cast, NOW + timedelta(days=8))
    assert draft.state == "submitted"


def test_of_two_who_edit_one_draft_the_second_is_told(cast: Cast) -> None:
    draft = make_draft("draft", cast=cast)
    other = make_staff(Duty.ANNOUNCEMENT_DRAFT, name="孙另")
    draft_save(draft=draft, values={"region": "甲乡"}, seen=2, by=other, now=NOW)
    with pytest.raises(BusinessError) as caught:
        draft_save(draft=draft, values={"region": "乙乡"}, seen=2, by=cast.maker, now=NOW)
    assert caught.value.code == "changed" and "孙另" in caught.value.message
    draft.refresh_from_db()
    assert draft.region == "甲乡"


def test_what_was_submitted_is_not_edited(cast: Cast) -> None:
    draft = make_draft("submitted", cast=cast)
    with pytest.raises(BusinessError) as caught:
        draft_save(draft=draft, values={"region": "甲乡"}, seen=None, by=cast.maker, now=NOW)
    assert caught.value.code == "wrong_state"


def test_the_system_publishes_when_the_time_has_come_and_not_before(cast: Cast) -> None:
    at = NOW + timedelta(hours=6)
    draft = make_draft("scheduled", cast=cast, publish_at=at)
    assert drafts_publish_due(now=at - timedelta(seconds=1)) == ([], [])
    assert drafts_publish_due(now=at) == ([draft.pk], [])
    assert drafts_publish_due(now=at) == ([], [])
    draft.refresh_from_db()
    assert draft.announcement is not None and draft.announcement.published_at == at


def test_after_an_outage_what_was_missed_is_published_at_the_time_of_the_run(cast: Cast) -> None:
    draft = make_draft("scheduled", cast=cast, publish_at=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=30)
    assert drafts_publish_due(now=later) == ([draft.pk], [])
    draft.refresh_from_db()
    assert draft.announcement is not None and draft.announcement.published_at == later


def test_an_outage_does_not_make_an_unlawful_publication(cast: Cast) -> None:
    fields = {
        "parcel_code": "YZ2026-01", "grantor": "云泽县自然资源局", "parcel": "城东，居住用地", "bid_step": "10万元",
        "start_price_yuan": "12000000", "deposit_yuan": "2400000", "listing_from": "2026-03-22",
        "listing_until": "2026-04-02", "apply_until": "2026-03-30 17:00", "apply_way": "网上报名",
    }  # fmt: skip
    lawful = make_draft("scheduled", cast=cast, publish_at=NOW + timedelta(hours=1))
    draft = make_draft("scheduled", cast=cast, code="land-listing", fields=fields, publish_at=NOW + timedelta(hours=1))
    done, refused = drafts_publish_due(now=NOW + timedelta(days=1))
    assert done == [lawful.pk]
    assert [pk for pk, _ in refused] == [draft.pk] and "国土资源部令第39号第八条" in refused[0][1]
    draft.refresh_from_db()
    assert draft.state == "scheduled"


def hold(obj: object, **_: object) -> list[str]:
    """What a recovery hold says."""
    return ["系统处于恢复保全状态。"]


def test_nothing_is_published_while_a_hold_is_on(cast: Cast, settings: object) -> None:
    settings.PUBLICATION_HOLDS = ["tests.tenders.test_drafts.hold"]  # type: ignore[attr-defined]
    draft = make_draft("scheduled", cast=cast)
    done, refused = drafts_publish_due(now=NOW)
    assert done == [] and refused == [(draft.pk, "不能发布：系统处于恢复保全状态。")]
    assert Announcement.objects.count() == 0 and LogLeaf.objects.count() == 0


def test_a_published_draft_has_no_way_on(cast: Cast) -> None:
    draft = make_draft("published", cast=cast)
    for name in ("save", "submit", "check", "schedule", "reschedule", "publish", "return", "withdraw"):
        assert refusal(draft, name, cast).code == "wrong_state"


def test_the_database_refuses_a_draft_that_is_published_without_an_announcement(cast: Cast) -> None:
    draft = make_draft("scheduled", cast=cast)
    StateChange.objects.create(
        subject_type="tenders.announcementdraft", subject_id=draft.pk, number=99, move="publish", source="scheduled",
        target="published", at=NOW,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="not whole"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE tenders_announcementdraft SET state = 'published' WHERE id = %s", [draft.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_marks_are_filled_from_the_fields() -> None:
    template = template_of()
    text = "预算【预算金额（元）】元，截止【递交截止时间】，【采购人】【公告外】"
    fields = {"budget_yuan": "1268000.00", "deadline": "2026-03-24 09:00"}
    assert filled(text, template, fields) == "预算1,268,000.00元，截止2026年3月24日 09:00，【采购人】【公告外】"


def test_a_correction_takes_over_what_it_shares_with_the_corrected(cast: Cast) -> None:
    target = make_announcement(fields={"project_code": "YZ-9", "purchaser": "云泽县医院", "other": "x"})
    draft = draft_create(template=template_of("purchase-correction"), target=target, by=cast.maker, now=NOW)
    assert draft.fields == {
        "project_code": "YZ-9", "purchaser": "云泽县医院", "original_title": target.title, "original_on": "2026-03-17",
    }  # fmt: skip


def test_a_comparison_shows_what_is_gone_and_what_is_new() -> None:
    found = difference("甲\n乙\n丙", "甲\n丁\n丙")
    assert [(one.kind, one.text) for one in found] == [("same", "甲"), ("gone", "乙"), ("new", "丁"), ("same", "丙")]


def test_every_template_is_filled_by_lawful_values() -> None:
    assert set(VALUES) <= {one["name"] for one in template_of().fields}
