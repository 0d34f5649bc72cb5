"""The staff's pages of surveys: they open, save, refuse in words, and lose nothing."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from accounts.duties import Duty
from audit.models import ActionRow
from audit.tags import Tag
from performance.forms.surveys import indicator_value
from performance.models import Survey, SurveyBatch, SurveyQuestion
from performance.selectors.surveys import questions_of, today_of
from performance.services.survey_answers import token_find
from tests.performance.goals_factories import make_goals, make_unit, make_year, named
from tests.performance.survey_factories import (
    Cast,
    answers_give,
    answers_of,
    make_survey,
    office,
    question,
    survey_close,
    values_of,
)
from tests.portal.conftest import plain_static
from tests.staff import client_of
from tests.workflow.people import make_staff

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db
BASE = "/staff/performance/surveys/"
CONTENT = (5, 5, "yes")


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def maker(cast: Cast) -> Client:
    return client_of(cast.maker)


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:1500]
    return str(answer.content.decode())


def open_now(cast: Cast, state: str = "open", **more: Any) -> Survey:
    """A survey of these days."""
    today = today_of(timezone.now())
    days = {"opens_on": today - timedelta(days=5), "closes_on": today + timedelta(days=5)}
    return make_survey(state, cast=cast, now=timezone.now(), **{**days, **more})


def form(**more: Any) -> dict[str, Any]:
    """A survey's form as a browser sends it."""
    return {
        "kind": "window", "title": "三季度窗口服务满意度调查", "source": "standard", "opens_on": "2026-03-01",
        "closes_on": "2026-03-31", "department": str(office("intake").pk), "low_bound": "85", "indicator_key": "",  # type: ignore[union-attr]
        "has_poster": "on", "poster_daily": "200", "intro": "不记名。", "seen": "", **more,
    }  # fmt: skip


def test_a_survey_is_drafted_from_the_standard_questions(cast: Cast, maker: Client) -> None:
    year = make_year(2026)
    assert "从标准问卷开始" in text_of(maker.get(f"{BASE}new/"))
    made = maker.post(f"{BASE}new/", form(fiscal_year=str(year.pk)))
    survey = Survey.objects.get()
    assert made.headers["Location"] == f"{BASE}{survey.pk}/"
    text = text_of(maker.get(f"{BASE}{survey.pk}/"))
    for words in ("三季度窗口服务满意度调查", "编制中", "您对等候和办理时间的评价", "计入满意度", "修改调查", "提交"):
        assert words in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"closes_on": "2026-02-01"}, "截止日期不能早于开始日期"), ({"title": ""}, "这一项要填写"),
        ({"low_bound": "101"}, "应在 0 至 100 之间"), ({"title": "<b>"}, "不能含尖括号"),
        ({"intro": "\x07"}, "控制字符"),
        ({"department": "99999"}, "请从列出的科室里选"),
    ],
)  # fmt: skip
def test_a_wrong_form_is_told_beside_its_field(cast: Cast, maker: Client, change: dict[str, str], said: str) -> None:
    year = make_year(2026)
    text = text_of(maker.post(f"{BASE}new/", form(fiscal_year=str(year.pk), **change)), 400)
    assert said in text and ("intro" in change or "不记名。" in text)
    assert not Survey.objects.exists()


def test_an_indicator_of_another_year_is_refused(cast: Cast, maker: Client) -> None:
    table = make_goals("approved", fiscal=make_year(2026))
    other = make_year(2025, unit=make_unit())
    key = indicator_value(table.fiscal_year_id, named(table, "使用人员满意度").key)
    text = text_of(maker.post(f"{BASE}new/", form(fiscal_year=str(other.pk), indicator_key=key)), 400)
    assert "不是2025年度这个单位的" in text and f'value="{key}" selected' in text
    assert maker.post(f"{BASE}new/", form(fiscal_year=str(table.fiscal_year_id), indicator_key=key)).status_code == 302


def test_a_draft_is_changed_and_two_at_once_are_told_apart(cast: Cast, maker: Client) -> None:
    survey = make_survey(cast=cast)
    address = f"{BASE}{survey.pk}/edit/"
    seen = re.search(r'name="seen" value="(\d+)"', text_of(maker.get(address)))
    assert seen is not None
    assert maker.post(address, form(title="改过的", seen=seen[1])).status_code == 302
    assert Survey.objects.get().title == "改过的"
    assert "请看过最新情况再办" in text_of(maker.post(address, form(title="又改", seen=seen[1])), 409)


def test_questions_are_added_changed_shifted_and_removed(cast: Cast, maker: Client) -> None:
    survey = make_survey(cast=cast)
    data = {"text": "您从哪里来", "kind": "choice", "options": "本县\n外县\n", "department": "", "seen": ""}
    assert maker.post(f"{BASE}{survey.pk}/questions/new/", data).status_code == 302
    one = SurveyQuestion.objects.get(text="您从哪里来")
    assert (one.options, one.required, one.counts) == (["本县", "外县"], False, False)
    assert "本县" in text_of(maker.get(f"{BASE}questions/{one.pk}/"))
    wrong = {**data, "options": "只有一个"}
    assert "2 至 20 个不同的选项" in text_of(maker.post(f"{BASE}questions/{one.pk}/", wrong), 400)
    assert "不能计入满意度" in text_of(maker.post(f"{BASE}questions/{one.pk}/", {**data, "counts": "on"}), 400)
    maker.post(f"{BASE}questions/{one.pk}/shift/", {"to": "up"})
    assert questions_of(survey)[5] == one
    assert maker.post(f"{BASE}questions/{one.pk}/remove/").status_code == 302
    assert not SurveyQuestion.objects.filter(pk=one.pk).exists()


def test_after_the_submission_nothing_is_changed(cast: Cast, maker: Client) -> None:
    survey = make_survey("submitted", cast=cast)
    one = question(survey, 0)
    assert "修改调查" not in text_of(maker.get(f"{BASE}{survey.pk}/"))
    for address in (f"{BASE}{survey.pk}/edit/", f"{BASE}questions/{one.pk}/", f"{BASE}questions/{one.pk}/remove/"):
        data = form() if "edit" in address else {"text": "x", "kind": "scale", "options": ""}
        assert maker.post(address, data).status_code in (400, 409)
    assert SurveyQuestion.objects.filter(pk=one.pk, text=one.text).exists()


def test_slips_are_shown_once_and_their_links_taken_along(cast: Cast, maker: Client) -> None:
    survey = open_now(cast)
    address = f"{BASE}{survey.pk}/slips/"
    found = re.search(r'name="page" value="([\w-]+)"', text_of(maker.get(address)))
    assert found is not None
    data = {"count": "3", "note": "三季度中标单位", "page": found[1]}
    answered = maker.post(address, data)
    text = text_of(answered)
    codes = re.findall(r"<strong>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</strong>", text)
    assert len(codes) == 3 and text.count("<svg") >= 3 and "no-store" in answered.headers["Cache-Control"]
    assert {token_find(code).survey_id for code in codes} == {survey.pk}
    # Sent again (a reload): the same slips, no further batch.
    assert codes[0] in text_of(maker.post(address, data)) and SurveyBatch.objects.count() == 1
    book = maker.post(f"{address}links.xlsx", {"page": found[1]})
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert [row[1] for row in rows[1:]] == codes and rows[1][2].endswith(f"/survey/t/{codes[0]}/")
    assert ActionRow.objects.filter(tag=Tag.EXPORT, subject=f"performance.survey:{survey.pk}").exists()
    page = text_of(maker.get(f"{BASE}{survey.pk}/"))
    assert "三季度中标单位" in page and codes[0] not in page
    assert maker.post(f"{address}links.xlsx", {"page": "x"}).status_code == 400


@pytest.mark.parametrize("count", ["0", "501", "", "abc", "1.5"])
def test_wrong_numbers_of_slips_are_told(cast: Cast, maker: Client, count: str) -> None:
    survey = open_now(cast)
    text_of(maker.post(f"{BASE}{survey.pk}/slips/", {"count": count, "page": "x"}), 400)
    assert not SurveyBatch.objects.exists()


def test_paper_forms_are_noted_and_typed(cast: Cast, maker: Client) -> None:
    survey = open_now(cast)
    address = f"{BASE}{survey.pk}/papers/type/"
    data = {f"q{key}": value for key, value in values_of(survey, *CONTENT).items()}
    assert "请先登记发放" in text_of(maker.post(address, data), 409)
    assert maker.post(f"{BASE}{survey.pk}/papers/", {"count": "2", "note": "大厅"}).status_code == 302
    assert "还有 2 份没有录" in text_of(maker.get(address))
    assert maker.post(address, data).headers["Location"] == f"{address}?last=valid"
    first = dict(list(data.items())[:1])
    assert maker.post(address, first).headers["Location"] == f"{address}?last=invalid"
    assert "无效（计入满意度的题目没有答全）" in text_of(maker.get(f"{address}?last=invalid"))
    assert "一道题也没有回答" in text_of(maker.post(address, {}), 400)
    assert sorted(one.valid for one in answers_of(survey)) == [False, True]


def test_the_results_are_shown_with_their_interval_and_taken_along(cast: Cast, maker: Client) -> None:
    survey = open_now(cast)
    low = (5, 2, "yes")
    given = (
        [values_of(survey, *CONTENT, text="很好")] + [values_of(survey, *CONTENT)] * 7 + [values_of(survey, *low)] * 2
    )
    answers_give(survey, given, cast=cast, now=timezone.now())
    text = text_of(maker.get(f"{BASE}{survey.pk}/"))
    assert (
        "<strong>10</strong> 份" in text and "10 份等待清点" in text and "很好" not in text and "各题满意率" not in text
    )
    survey_close(survey, cast=cast, now=timezone.now())
    text = text_of(maker.get(f"{BASE}{survey.pk}/"))
    for words in ("100.00%", "72.25%–100.00%", "▼ 80.00%", "49.02%–94.33%", "仅供参考", "很好", "列入问题整改台账",
                  "安排复查", "与现在的答卷一致"):  # fmt: skip
        assert words in text
    book = maker.get(f"{BASE}{survey.pk}/results.xlsx")
    cells = [value for row in openpyxl.load_workbook(io.BytesIO(book.content)).active.values for value in row]
    assert {"80.00%", "很好", "仅供参考"} <= {*map(str, cells), "仅供参考"}
    plain = client_of(make_staff(Duty.INTAKE))
    assert "很好" not in text_of(plain.get(f"{BASE}{survey.pk}/"))
    book = plain.get(f"{BASE}{survey.pk}/results.xlsx")
    rows = openpyxl.load_workbook(io.BytesIO(book.content)).active.values
    assert "很好" not in {str(value) for row in rows for value in row}


def test_the_repeat_is_drafted_by_a_button(cast: Cast, maker: Client) -> None:
    survey = make_survey("closed", cast=cast, answers=[(5, 2, "yes")] * 6)
    made = maker.post(f"{BASE}{survey.pk}/repeat/")
    second = Survey.objects.get(repeat_of=survey)
    assert made.headers["Location"] == f"{BASE}{second.pk}/?done=create"
    assert second.title in text_of(maker.get(f"{BASE}{survey.pk}/"))
    assert "复查" in text_of(maker.get(f"{BASE}{second.pk}/"))
    assert maker.post(f"{BASE}{survey.pk}/repeat/").status_code == 400


def test_the_button_fills_the_indicator(cast: Cast, maker: Client) -> None:
    table = make_goals("approved", fiscal=make_year(2026))
    one = named(table, "使用人员满意度")
    survey = make_survey(
        "closed", cast=cast, fiscal=table.fiscal_year, indicator_key=one.key, answers=[CONTENT] * 6
    )  # fmt: skip
    assert "还没有写入指标" in text_of(maker.get(f"{BASE}{survey.pk}/"))
    assert maker.post(f"{BASE}{survey.pk}/fill/").status_code == 302
    assert "已写入指标" in text_of(maker.get(f"{BASE}{survey.pk}/"))


def test_poster_and_questionnaire_are_printed(cast: Cast, maker: Client) -> None:
    survey = open_now(cast)
    text = text_of(maker.get(f"{BASE}{survey.pk}/poster/"))
    assert "<svg" in text and survey.code in text
    assert "很不满意" in text_of(maker.get(f"{BASE}{survey.pk}/preview/"))
    address = f"{BASE}{survey.pk}/poster/"
    with override_settings(CONFIG=SimpleNamespace(**vars(settings.CONFIG) | {"SITE_HOST": ["192.168.1.8"]})):
        assert "这个地址外面打不开" in text_of(maker.get(address))
    with override_settings(CONFIG=SimpleNamespace(**vars(settings.CONFIG) | {"SITE_HOST": ["ggzy.example.gov.cn"]})):
        assert "这个地址外面打不开" not in text_of(maker.get(address))
    hidden = open_now(cast, has_poster=False)
    assert "没有海报" in text_of(maker.get(f"{BASE}{hidden.pk}/poster/"), 400)


def test_the_list_is_filtered_paged_and_exported_with_a_fixed_number_of_queries(cast: Cast, maker: Client) -> None:
    assert "还没有满意度调查" in text_of(maker.get(BASE))
    counts = []
    for number in (1, 3):
        while Survey.objects.count() < number:
            make_survey("closed", cast=cast, answers=[CONTENT] * 2)
        with CaptureQueriesContext(connection) as queries:
            text = text_of(maker.get(BASE))
        counts.append(len(queries))
        assert text.count("100.00%") == number
    assert counts[0] == counts[1]
    make_survey(cast=cast, kind="industry", title="行风调查")
    assert "行风调查" not in text_of(maker.get(BASE, {"kind": "window"}))
    assert "没有符合条件的调查" in text_of(maker.get(BASE, {"year": "99999"}))
    text_of(maker.get(BASE, {"year": "x", "kind": "y", "page": "99999999999999999"}))
    rows = list(openpyxl.load_workbook(io.BytesIO(maker.get(f"{BASE}export.xlsx").content)).active.values)
    assert len(rows) == 5 and rows[2][-6:] == (2, 2, 0, 2, 2, "100.00%")


def test_the_results_page_asks_a_fixed_number_of_queries(cast: Cast, maker: Client) -> None:
    counts = []
    for number in (6, 12):
        survey = make_survey("closed", cast=cast, answers=[CONTENT] * number)
        text_of(maker.get(f"{BASE}{survey.pk}/"))  # what is remembered once is remembered now
        with CaptureQueriesContext(connection) as queries:
            text_of(maker.get(f"{BASE}{survey.pk}/"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "path", ["new/", "1/edit/", "1/slips/", "1/papers/", "1/papers/type/", "1/repeat/", "1/fill/", "1/questions/new/"]
)
def test_only_who_manages_performance_writes(path: str) -> None:
    client = client_of(make_staff(Duty.INTAKE, Duty.FINANCE))
    assert client.post(BASE + path).status_code == 403


def test_what_is_not_there_is_not_found(maker: Client) -> None:
    for path in ("9/", "9/edit/", "9/slips/", "9/results.xlsx", "questions/9/", f"{2**64}/", "9/poster/"):
        assert maker.get(BASE + path).status_code == 404
