"""The staff pages of drafts and masking, as people use them without JavaScript."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.duties import Duty
from tenders.models import AnnouncementDraft, AnnouncementTemplate, MaskingRequest, ScanWord
from tests.accounts.factories import logged_in, make_person
from tests.portal.conftest import plain_static
from tests.tenders.drafts import Cast, make_draft, template_of
from tests.tenders.factories import make_announcement
from tests.tenders.test_masking import NAME, SECRET, published
from tests.workflow.people import enter

pytestmark = pytest.mark.django_db
__all__ = ["plain_static"]


@pytest.fixture
def maker() -> Client:
    return logged_in(make_person(Duty.ANNOUNCEMENT_DRAFT))


@pytest.fixture
def checker() -> Client:
    return logged_in(make_person(Duty.ANNOUNCEMENT_CHECK))


def shown(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def form_of(draft: AnnouncementDraft, **changes: str) -> dict[str, Any]:
    """What the edit form of a draft sends."""
    values = {f"field_{name}": str(value).replace(" ", "T") if name == "deadline" else str(value)
              for name, value in draft.fields.items()}  # fmt: skip
    return {"seen": "2", "title": draft.title, "text": draft.text, "region": draft.region, "do": "save",
            "medium_name": draft.medium_name, "medium_url": draft.medium_url, **values, **changes}  # fmt: skip


def test_a_draft_is_begun_from_a_type(maker: Client) -> None:
    assert "公开招标公告" in shown(maker, "/staff/announcements/new/")
    answer = maker.post("/staff/announcements/new/", {"template": "purchase-tender", "target": ""})
    draft = AnnouncementDraft.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/staff/announcements/{draft.pk}/edit/")
    page = shown(maker, answer.headers["Location"])
    assert "【采购人】" in page and "政府采购法第三十五条" in page


@pytest.mark.parametrize("sent", [{}, {"template": "none"}, {"template": "works-correction", "target": "999"},
                                  {"template": "works-correction", "target": "abc"}, {"template": "\0"}])  # fmt: skip
def test_a_wrong_choice_is_told_in_words(maker: Client, sent: dict[str, str]) -> None:
    answer = maker.post("/staff/announcements/new/", sent)
    assert answer.status_code == 400 and AnnouncementDraft.objects.count() == 0


def test_a_correction_is_begun_from_what_it_corrects(maker: Client) -> None:
    target = make_announcement(fields={"project_code": "YZ-9", "purchaser": "云泽县医院"})
    maker.post("/staff/announcements/new/", {"template": "purchase-correction", "target": str(target.pk)})
    draft = AnnouncementDraft.objects.get()
    assert draft.target == target and draft.fields["purchaser"] == "云泽县医院"
    assert target.title in shown(maker, f"/staff/announcements/{draft.pk}/")


def test_saving_keeps_what_was_written(maker: Client) -> None:
    draft = make_draft()
    answer = maker.post(f"/staff/announcements/{draft.pk}/edit/", form_of(draft, region="城关镇", field_need="十八台"))
    assert answer.status_code == 302, answer.content.decode()
    draft.refresh_from_db()
    assert (draft.region, draft.fields["need"], draft.fields["deadline"]) == ("城关镇", "十八台", "2026-03-24 09:00")


def test_the_fields_are_put_into_the_text(maker: Client) -> None:
    draft = make_draft(text="采购人：【采购人】", title="【项目名称】公告")
    maker.post(f"/staff/announcements/{draft.pk}/edit/", form_of(draft, do="fill"))
    draft.refresh_from_db()
    assert (draft.text, draft.title) == ("采购人：云泽县第三中学", "云泽县第三中学食堂设备采购项目公告")


@pytest.mark.parametrize(("name", "value"), [("field_budget_yuan", "十万"), ("field_deadline", "明天"), ("title", ""),
                                             ("text", "甲\x01乙"), ("medium_url", "javascript:alert(1)"),
                                             ("field_doc_get_from", "2026-02-30"), ("seen", "x")])  # fmt: skip
def test_wrong_input_is_told_at_its_field_and_nothing_is_lost(maker: Client, name: str, value: str) -> None:
    draft = make_draft()
    answer = maker.post(
        f"/staff/announcements/{draft.pk}/edit/", form_of(draft, field_need="改过的需求", **{name: value})
    )
    assert answer.status_code == 400 and "改过的需求" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.fields["need"] != "改过的需求"


def test_the_second_of_two_editors_sees_both_texts_and_decides(maker: Client) -> None:
    draft = make_draft()
    other = logged_in(make_person(Duty.ANNOUNCEMENT_DRAFT))
    path = f"/staff/announcements/{draft.pk}/edit/"
    assert maker.post(path, form_of(draft, region="甲乡")).status_code == 302
    answer = other.post(path, form_of(draft, region="乙乡"))
    page = answer.content.decode()
    assert answer.status_code == 409 and "甲乡" in page and "乙乡" in page and 'name="seen" value="3"' in page
    draft.refresh_from_db()
    assert draft.region == "甲乡"
    assert other.post(path, form_of(draft, region="乙乡", seen="3")).status_code == 302
    draft.refresh_from_db()
    assert draft.region == "乙乡"


def test_answers_to_findings_are_saved_one_by_one(maker: Client) -> None:
    draft = make_draft(extra_text="\n电话 0311-88880000，手机 13900001111。", cast=Cast.make())
    keys = list(draft.answers.order_by("key").values_list("key", flat=True))
    page = shown(maker, f"/staff/announcements/{draft.pk}/")
    assert '<mark class="finding phone"' in page and len(keys) == 2
    path = f"/staff/announcements/{draft.pk}/answers/"
    assert maker.post(path, {"seen": "3", f"answer_{keys[0]}": "", "answer_other": "乱写"}).status_code == 302
    assert list(draft.answers.values_list("key", flat=True)) == [keys[1]]


def test_a_file_is_added_and_taken_off(maker: Client) -> None:
    draft = make_draft()
    path = f"/staff/announcements/{draft.pk}/files/"
    upload = io.BytesIO("采购需求".encode())
    upload.name = "采购需求.txt"
    assert maker.post(path, {"file": upload, "is_paper": "1"}).status_code == 302
    file = draft.attachments.get()
    assert file.is_paper and "采购需求.txt" in shown(maker, f"/staff/announcements/{draft.pk}/edit/")
    assert maker.post(f"{path}{file.pk}/remove/").status_code == 302
    assert draft.attachments.count() == 0
    assert maker.post(path, {}).status_code == 400


def test_the_checking_page_ticks_and_passes(checker: Client) -> None:
    draft = make_draft("submitted", now=timezone.now(), fields=future(), extra_text=f"\n身份证号{SECRET}。")
    path = f"/staff/announcements/{draft.pk}/check/"
    page = shown(checker, path)
    assert "✓ 有" in page and "还没有做保密审查" in page
    secrecy = logged_in(make_person(Duty.SECRECY_CHECK))
    move_path = f"/staff/move/tenders.announcementdraft/{draft.pk}/secrecy_check/"
    page = shown(secrecy, move_path)
    assert "可以公开" in page and "checked" not in page
    assert secrecy.post(move_path, {}).status_code == 400
    assert secrecy.post(move_path, {"outcome": "problem", "words": " "}).status_code == 400
    assert secrecy.post(move_path, {"outcome": "clear"}).status_code == 302
    draft.refresh_from_db()
    assert draft.secrecy_passed and draft.secrecy_conclusion.startswith("经审查")
    answer = checker.post(path, {})
    assert answer.status_code == 409 and "逐项确认" in answer.content.decode()
    key = next(one for one in draft.answers.values_list("key", flat=True) if one.startswith("identity"))
    assert checker.post(path, {"confirmed": [key], "comment": "已核对"}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "checked"


def test_a_problem_of_secrecy_stops_the_check_until_it_is_returned(checker: Client) -> None:
    draft = make_draft("submitted", now=timezone.now(), fields=future())
    secrecy = logged_in(make_person(Duty.SECRECY_CHECK))
    move_path = f"/staff/move/tenders.announcementdraft/{draft.pk}/secrecy_check/"
    assert secrecy.post(move_path, {"outcome": "problem", "words": "附件二是内部纪要"}).status_code == 302
    page = shown(checker, f"/staff/announcements/{draft.pk}/check/")
    assert "✗ 未过" in page and "附件二是内部纪要，请退回修改" in page
    answer = checker.post(f"/staff/announcements/{draft.pk}/check/", {})
    assert answer.status_code == 409 and "附件二是内部纪要" in answer.content.decode()


def future() -> dict[str, str]:
    """Dates that are lawful today."""
    today = timezone.localdate()
    return {
        "doc_get_from": today.isoformat(), "doc_get_until": (today + timedelta(days=12)).isoformat(),
        "deadline": f"{today + timedelta(days=25)} 09:00",
    }  # fmt: skip


def test_schedule_and_publish_by_hand(checker: Client) -> None:
    draft = make_draft("checked", now=timezone.now(), fields=future())
    base = f"/staff/move/tenders.announcementdraft/{draft.pk}"
    assert checker.post(f"{base}/schedule/", {"publish_at": "2020-01-01T09:00"}).status_code == 400
    assert checker.post(f"{base}/schedule/", {"publish_at": ""}).status_code == 302
    assert "发布后公告内容和存证不能再改" in shown(checker, f"{base}/publish/")
    assert checker.post(f"{base}/publish/", {"confirmed": "yes"}).status_code == 302
    draft.refresh_from_db()
    assert draft.announcement is not None
    assert draft.title in Client().get(f"/announcements/{draft.announcement_id}/").content.decode()
    assert f"/announcements/{draft.announcement_id}/" in shown(checker, f"/staff/announcements/{draft.pk}/")


def test_the_preview_shows_what_will_be_published(maker: Client) -> None:
    draft = make_draft(title="<script>alert(1)</script>公告")
    page = shown(maker, f"/staff/announcements/{draft.pk}/preview/")
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "还没有发布" in page


@pytest.mark.parametrize("state", ["draft", "submitted", "checked", "scheduled", "published", "returned", "withdrawn"])
def test_every_state_has_its_page(maker: Client, checker: Client, state: str) -> None:
    draft = make_draft(state)
    for client in (maker, checker):
        for path in ("", "preview/"):
            shown(client, f"/staff/announcements/{draft.pk}/{path}")
        assert draft.title in shown(client, f"/staff/announcements/?state={state}")


@pytest.mark.parametrize(
    "query", ["q=三中", "q=YZ-2026", "category=政府采购", "mine=1", "state=nonsense", "before=999999"]
)
def test_the_list_is_filtered(maker: Client, query: str) -> None:
    make_draft()
    shown(maker, f"/staff/announcements/?{query}")


@pytest.mark.parametrize("query", ["before=x", "q=" + "长" * 101])
def test_a_bad_query_is_told(maker: Client, query: str) -> None:
    assert maker.get(f"/staff/announcements/?{query}").status_code == 400


def test_the_list_asks_a_fixed_number_of_queries(maker: Client) -> None:
    shown(maker, "/staff/announcements/")  # the session notes its first use
    counts = []
    for number in (1, 2):
        for _ in range(number):
            make_draft()
        with CaptureQueriesContext(connection) as queries:
            shown(maker, "/staff/announcements/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_words_are_edited_and_used(checker: Client) -> None:
    assert "帐号" in shown(checker, "/staff/announcements/words/")
    sent = {"word": "试验词", "kind": "sensitive", "suggestion": "请改", "is_active": "on"}
    assert checker.post("/staff/announcements/words/new/", sent).status_code == 302
    word = ScanWord.objects.get(word="试验词")
    assert checker.post("/staff/announcements/words/new/", sent).status_code == 400
    draft = make_draft(extra_text="试验词")
    assert 'class="finding sensitive"' in shown(checker, f"/staff/announcements/{draft.pk}/")
    assert checker.post(f"/staff/announcements/words/{word.pk}/", {**sent, "is_active": ""}).status_code == 302
    assert 'class="finding sensitive"' not in shown(checker, f"/staff/announcements/{draft.pk}/")
    ScanWord.objects.filter(pk=word.pk).delete()


def test_masking_is_previewed_asked_and_confirmed() -> None:
    announcement = published()
    first, second = logged_in(make_person(Duty.MASKING)), logged_in(make_person(Duty.MASKING))
    answer = first.get(f"/staff/announcements/masking/start/?announcement={announcement.pk}")
    path = answer.headers["Location"]
    assert SECRET in shown(first, path)
    sent = {"texts": NAME, "found": [SECRET], "reason": "误公布个人信息", "do": "preview"}
    page = first.post(path, sent).content.decode()
    assert "＊＊＊" in page and "提交申请" in page and MaskingRequest.objects.count() == 0
    assert first.post(path, {**sent, "do": "ask"}).status_code == 302
    asked = MaskingRequest.objects.get()
    own = f"/staff/announcements/masking/{asked.pk}/"
    confirm = f"/staff/move/tenders.maskingrequest/{asked.pk}/confirm/"
    assert first.post(confirm, {"confirmed": "yes"}).status_code == 403
    assert NAME in shown(second, own)
    assert second.post(confirm, {"confirmed": "yes"}).status_code == 302
    assert NAME not in shown(first, own) and SECRET not in shown(first, "/staff/announcements/masking/")
    assert first.post(f"{own}original/", {"reason": "看"}).status_code == 400
    answer = first.post(f"{own}original/", {"reason": "核对遮蔽的范围"})
    assert NAME in answer.content.decode() and "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "sent",
    [
        {"texts": "没有的文字", "reason": "误公布个人信息"},
        {"texts": "", "reason": "误公布个人信息"},
        {"texts": NAME, "reason": ""},
        {"texts": NAME, "found": ["x"], "reason": "误公布个人信息"},
    ],
)
def test_a_wrong_choice_to_mask_is_told(sent: dict[str, Any]) -> None:
    client = logged_in(make_person(Duty.MASKING))
    answer = client.post(f"/staff/announcements/masking/new/{published().pk}/", {**sent, "do": "ask"})
    assert answer.status_code == 400 and MaskingRequest.objects.count() == 0


PATHS = {
    "/staff/announcements/": {
        "announcement_draft",
        "announcement_check",
        "secrecy_check",
        "director",
        "deputy_director",
    },
    "/staff/announcements/new/": {"announcement_draft"},
    "/staff/announcements/{pk}/edit/": {"announcement_draft"},
    "/staff/announcements/new/?q=x": {"announcement_draft"},
    "/staff/announcements/{pk}/check/": {"announcement_check"},
    "/staff/announcements/words/": {"announcement_check"},
    "/staff/announcements/words/new/": {"announcement_check"},
    "/staff/announcements/templates/": {"announcement_check"},
    "/staff/announcements/templates/purchase-tender/": {"announcement_check"},
    "/staff/announcements/masking/": {"masking"},
}


@pytest.mark.parametrize("path", list(PATHS))
def test_every_duty_opens_what_is_for_it_and_nothing_else(path: str) -> None:
    path_of = path.format(pk=make_draft().pk)
    found = {duty.value for duty in Duty if logged_in(make_person(duty, factor=True)).get(path_of).status_code == 200}
    assert found == PATHS[path]
    assert Client().get(path_of).headers["Location"].startswith("/staff/login/")


def test_the_templates_of_all_types_can_be_begun(maker: Client) -> None:
    for template in AnnouncementTemplate.objects.all():
        about = make_announcement(category=template.category_id).pk if template.relation else ""
        answer = maker.post("/staff/announcements/new/", {"template": template.code, "target": str(about)})
        assert shown(maker, answer.headers["Location"])
    assert template_of().fields


def test_a_masking_is_begun_from_the_published_draft_or_by_title_or_code() -> None:
    draft = make_draft("published", now=timezone.now(), fields=future())
    number = draft.announcement_id
    client = logged_in(make_person(Duty.ANNOUNCEMENT_CHECK, Duty.MASKING))
    link = f'href="/staff/announcements/masking/new/{number}/"'
    for path in (f"{draft.pk}/", "?state=published", "masking/?q=YZ-2026-001", f"masking/?q={draft.title}"):
        assert link in shown(client, f"/staff/announcements/{path}"), path
    assert "没有找到" in shown(client, "/staff/announcements/masking/?q=没有这个")
    assert shown(client, "/staff/announcements/masking/?q=%00", 400)
    checker = logged_in(make_person(Duty.ANNOUNCEMENT_CHECK))
    assert link not in shown(checker, f"/staff/announcements/{draft.pk}/")


def test_the_next_step_comes_first_and_the_withdrawal_last_and_apart() -> None:
    cast = Cast.make()
    client = Client()
    enter(client, cast.maker)
    draft = make_draft("draft", cast=cast, now=timezone.now(), fields=future())
    page = shown(client, f"/staff/announcements/{draft.pk}/")
    assert page.index(">提交复核<") < page.index(">编辑<") < page.index("办理经过") < page.index("撤回…")
    assert 'class="moves apart"' in page and 'class="main">提交复核' in page
