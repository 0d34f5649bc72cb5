"""Monitoring forms: filled from the data, whole before they are sent, approved by another, then frozen; reminders."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import Error, transaction

from accounts.duties import Duty
from core.errors import BusinessError
from notices.models import Notice
from performance.document.monitoring import monitoring_html, monitoring_pdf
from performance.document.monitoring_book import monitoring_workbook
from performance.models import GoalTable, Monitoring, MonitoringLine
from performance.monitoring_rules import deviation_of, faults, month_end, reason_needed
from performance.selectors import monitoring as reads
from performance.selectors.monitoring_form import form_of
from performance.services.actuals import actual_set
from performance.services.monitoring import monitoring_begin, monitoring_save, monitoring_take
from performance.services.monitoring_reminders import monitorings_remind
from tests.performance.forms_factories import NOW, good_values, make_monitoring
from tests.performance.goals_factories import (
    Cast,
    approve_program,
    approve_year,
    make_goals,
    make_line,
    make_program,
    make_year,
    named,
    receive,
)
from tests.performance.pdf_reading import text_of
from tests.workflow.people import make_staff
from workflow.services import move

JULY = NOW - timedelta(20)
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return Cast()


def program_goals(cast: Cast) -> GoalTable:
    """Seed B's program with what was spent of it in three months."""
    program = make_program(make_year())
    line = make_line(program.fiscal_year, "329000.00", program=program)
    receive(program.fiscal_year, "329000.00", "145000.00", program=program)
    approve_program(program)
    for day, amount in ((date(2022, 3, 21), "50000.00"), (date(2022, 7, 31), "27800.00"), (date(2022, 8, 1), "999.00")):
        line.entries.create(
            fiscal_year=program.fiscal_year, spent_on=day, amount=Decimal(amount), purpose="办公费", payee="某公司",
            voucher_number=f"记-{day}", by=cast.maker, at=NOW,
        )  # fmt: skip
    return make_goals("approved", cast=cast, program=program)


def line_of(monitoring: Monitoring, name: str) -> MonitoringLine:
    return monitoring.lines.get(name=name)


def test_a_form_is_filled_from_the_data_to_the_months_last_day(cast: Cast) -> None:
    table = program_goals(cast)
    actual_set(indicator=named(table, "采购招标率"), value="98%", evidence="台账", by=cast.maker, now=JULY)
    actual_set(indicator=named(table, "采购招标率"), value="99%", evidence="台账", by=cast.maker, now=NOW)
    found = monitoring_begin(
        fiscal_year=table.fiscal_year, program_year=table.program_year, through_month=7, by=cast.maker, now=NOW
    )
    money = line_of(found, "年度资金总额")
    assert (money.initial_amount, money.adjusted_amount) == (Decimal("329000.00"), Decimal("329000.00"))
    assert money.spent_amount == Decimal("77800.00") and reads.rate_of(money) == Decimal("23.65")
    source = line_of(found, "当年财政拨款")
    assert source.initial_amount == Decimal("329000.00") and source.spent_amount == Decimal("77800.00")
    assert line_of(found, "其他资金").initial_amount is None
    # What was told on 21 July holds; what was told in August does not belong to July.
    assert line_of(found, "采购招标率").so_far == "98%" and line_of(found, "使用人员满意度").so_far == ""
    assert line_of(found, "公共服务水平").target == "定性:提升"


def test_what_people_wrote_stays_when_the_data_are_taken_anew(cast: Cast) -> None:
    table = program_goals(cast)
    found = make_monitoring(table=table, cast=cast)
    key = str(named(table, "使用人员满意度").key)
    values = good_values(found) | {
        key: {"so_far": "95%", "expected": "100%", "likelihood": "certain", "remark": "抽样"}
    }
    monitoring_save(monitoring=found, values=values, heads={"filled_by": "段晓波"}, seen=2, by=cast.maker, now=NOW)
    actual_set(indicator=named(table, "采购招标率"), value="97%", evidence="台账", by=cast.maker, now=JULY)
    monitoring_take(monitoring=found, seen=3, by=cast.maker, now=NOW)
    kept = line_of(found, "使用人员满意度")
    assert (kept.so_far, kept.expected, kept.remark) == ("95%", "100%", "抽样")
    assert line_of(found, "采购招标率").so_far == "97%" and found.filled_by == "段晓波" and found.edition == 4


def test_of_two_who_save_the_second_is_told(cast: Cast) -> None:
    found = make_monitoring(table=program_goals(cast), cast=cast)
    for deed in (
        lambda: monitoring_save(monitoring=found, values={}, heads={}, seen=1, by=cast.maker, now=NOW),
        lambda: monitoring_take(monitoring=found, seen=1, by=cast.maker, now=NOW),
    ):
        with pytest.raises(BusinessError) as refusal:
            deed()
        assert refusal.value.code == "changed"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"expected": ""}, "没有填全年预计"), ({"likelihood": ""}, "没有选完成目标可能性"),
        ({"likelihood": "possible"}, "有可能”，要选偏差原因"),
        ({"likelihood": "impossible", "causes": ["people"]}, "写明情况"),
        ({"expected": "79%"}, "相差 21%，要选偏差原因"), ({"expected": "121%"}, "相差 21%，要选偏差原因"),
    ],
)  # fmt: skip
def test_a_form_is_sent_when_every_line_is_whole(cast: Cast, values: dict[str, Any], words: str) -> None:
    table = program_goals(cast)
    found = make_monitoring(table=table, cast=cast)
    key = str(named(table, "采购招标率").key)
    wrong = {key: {"expected": "100%", "likelihood": "certain"} | values}
    monitoring_save(monitoring=found, values=wrong, heads={}, seen=2, by=cast.maker, now=NOW)
    with pytest.raises(BusinessError) as refusal:
        move(found, "submit", by=cast.maker, now=NOW)
    assert words in refusal.value.message
    whole = {key: wrong[key] | {"expected": wrong[key]["expected"] or "1%", "likelihood": "possible",
                                "causes": ["people", "other"], "explanation": "人手不足"}}  # fmt: skip
    monitoring_save(monitoring=found, values=whole, heads={}, seen=3, by=cast.maker, now=NOW)
    move(found, "submit", by=cast.maker, now=NOW)
    assert line_of(found, "采购招标率").causes == ["people", "other"]


def test_a_deviation_is_exact_at_its_edge() -> None:
    def of(target: str, expected: str) -> MonitoringLine:
        return MonitoringLine(line="k", name="甲", target=target, expected=expected, likelihood="certain")

    assert reason_needed(of("≥100%", "80%")) == "" and reason_needed(of("≥100%", "79.99%"))
    assert reason_needed(of("≤10日", "12天")) == "" and reason_needed(of("≤10日", "12.01日"))
    assert deviation_of(of("定性:提升", "提升")) is None and deviation_of(of("≥100%", "说不清")) is None
    money = MonitoringLine(line="funds", name="资金", adjusted_amount=Decimal(100), expected_amount=Decimal("79.99"))
    assert "预算相差 20.01%" in reason_needed(money)
    part = MonitoringLine(line="funds:other", name="其他资金")
    assert faults(part) == [] and len(faults(MonitoringLine(line="funds", name="资金"))) == 2


def test_the_maker_does_not_approve_and_the_approved_is_frozen(cast: Cast) -> None:
    both = make_staff(Duty.PERFORMANCE, Duty.DIRECTOR, department="finance")
    found = make_monitoring("submitted", table=program_goals(cast), cast=Cast(maker=both, director=cast.director))
    with pytest.raises(BusinessError) as refusal:
        move(found, "approve", by=both, now=NOW)
    assert refusal.value.code == "same_person"
    move(found, "approve", by=cast.director, now=NOW)
    for deed in (
        lambda: found.lines.update(remark="改"),
        lambda: found.lines.filter(line="funds").delete(),
        lambda: Monitoring.objects.filter(pk=found.pk).update(head="改"),
        lambda: Monitoring.objects.filter(pk=found.pk).update(state="drafting"),
    ):
        with pytest.raises(Error), transaction.atomic():
            deed()
    with pytest.raises(BusinessError) as late:
        monitoring_save(monitoring=found, values={}, heads={}, seen=2, by=cast.maker, now=NOW)
    assert late.value.code == "wrong_state"


def test_a_form_is_begun_once_after_the_month_and_with_goals(cast: Cast) -> None:
    table = program_goals(cast)

    def begin(month: int, now: datetime = NOW) -> Monitoring:
        return monitoring_begin(
            fiscal_year=table.fiscal_year, program_year=table.program_year, through_month=month, by=cast.maker, now=now
        )

    first = begin(7, datetime(2022, 7, 31, 16, 0, tzinfo=UTC))  # midnight of 1 August in Shanghai
    for month, now, words in (
        (7, NOW, "已经有了"), (8, NOW, "还没有结束"), (6, datetime(2022, 6, 30, 15, 59, tzinfo=UTC), "还没有结束"),
        (13, NOW, "1 至 12 月"),
    ):  # fmt: skip
        with pytest.raises(BusinessError) as refusal:
            begin(month, now)
        assert words in refusal.value.message
    move(first, "discard", by=cast.maker, now=NOW)
    assert begin(7).state == "drafting" and begin(6).through_month == 6
    bare = make_program(table.fiscal_year, name="没有目标的项目")
    with pytest.raises(BusinessError) as none:
        monitoring_begin(fiscal_year=table.fiscal_year, program_year=bare, by=cast.maker, now=NOW)
    assert "目标表还没有批准" in none.value.message


def test_a_foreign_line_and_bad_words_are_refused(cast: Cast) -> None:
    found = make_monitoring(table=program_goals(cast), cast=cast)
    for values, words in (
        ({"别人的": {"expected": "1"}}, "没有这一行"), ({"funds": {"expected_amount": Decimal(-1)}}, "不能小于 0"),
        ({"funds": {"likelihood": "perhaps"}}, "可能性"), ({"funds": {"remark": "长" * 1001}}, "超过 1000 字"),
        ({"funds": {"explanation": "a\x00b"}}, "控制字符"),
    ):  # fmt: skip
        with pytest.raises(BusinessError) as refusal:
            monitoring_save(monitoring=found, values=values, heads={}, seen=2, by=cast.maker, now=NOW)
        assert words in refusal.value.message


def test_the_paper_says_the_same_as_the_workbook(cast: Cast) -> None:
    table = program_goals(cast)
    key = str(named(table, "采购招标率").key)
    found = make_monitoring(table=table, cast=cast)
    values = {
        key: {"so_far": "60%", "expected": "70%", "likelihood": "impossible", "causes": ["funds", "hardware"],
              "explanation": "终端到货晚", "remark": "已催办"},
    }  # fmt: skip
    heads = {"filled_by": "段晓波", "phone": "0000-5080091", "head": "罗建国"}
    monitoring_save(monitoring=found, values=values, heads=heads, seen=2, by=cast.maker, now=NOW)
    form = form_of(reads.monitoring_rows(now=NOW).get(pk=found.pk))
    words = text_of(monitoring_pdf(form).content)
    sheet = openpyxl.load_workbook(io.BytesIO(monitoring_workbook(form))).active
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
    for said in (
        "项目支出绩效运行监控表",
        "原因说明",
        "完全不可能",
        "终端到货晚",
        "已催办",
        "采购招标率",
        "60%",
        "70%",
        "23.65%",
    ):
        assert said in "".join(words.split()) and any(said in cell for cell in cells), said
    assert 7.78 in {cell.value for row in sheet.iter_rows() for cell in row} and 32.9 in {sheet["C6"].value}
    marks = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.value == "√"]
    assert len(marks) == 3 + 2  # two causes, three likelihoods
    assert "=" not in {str(cell)[:1] for cell in cells}


def test_the_paper_lies_and_is_the_same_each_time(cast: Cast) -> None:
    found = make_monitoring("approved", table=program_goals(cast), cast=cast)
    form = form_of(reads.monitoring_rows(now=NOW).get(pk=found.pk))
    made = monitoring_pdf(form)
    assert made == monitoring_pdf(form) and made.pages == 1
    assert "page: lying" in monitoring_html(form) and "填报中" in monitoring_html(form, mark="填报中")


def test_impossible_goals_of_an_approved_form_are_problems(cast: Cast) -> None:
    table = program_goals(cast)
    found = make_monitoring(table=table, cast=cast)
    lines = good_values(found)
    key = str(named(table, "采购招标率").key)
    lines[key] = {"expected": "70%", "likelihood": "impossible", "causes": ["people"], "explanation": "人手不足。"}
    monitoring_save(monitoring=found, values=lines, heads={}, seen=2, by=cast.maker, now=NOW)
    ((line, problem),) = reads.impossible_lines(found)
    assert line.name == "采购招标率" and "目标 ≥100%，预计 70%。人手不足。" in problem


def test_missing_forms_are_reminded_of_in_august_and_caught_up(cast: Cast) -> None:
    table = program_goals(cast)
    approve_year(table.fiscal_year)
    told = Notice.objects.filter(cause_type="performance.fiscalyear")
    assert monitorings_remind(now=datetime(2022, 7, 31, 15, 59, tzinfo=UTC)) == 0 and not told.exists()
    first = datetime(2022, 8, 3, tzinfo=UTC)
    assert monitorings_remind(now=first) == 1 and monitorings_remind(now=first + timedelta(hours=1)) == 1
    assert told.get().user == cast.maker
    # The machine was off until September: the second one is written then.
    assert monitorings_remind(now=datetime(2022, 9, 9, tzinfo=UTC)) == 1
    assert told.count() == 2
    found = make_monitoring(table=table, cast=cast)
    assert monitorings_remind(now=first) == 0
    assert monitorings_remind(now=datetime(2022, 8, 26, tzinfo=UTC)) == 1, "begun is not yet approved"
    move(found, "submit", by=cast.maker, now=NOW)
    move(found, "approve", by=cast.director, now=NOW)
    assert monitorings_remind(now=datetime(2022, 8, 26, tzinfo=UTC)) == 0


def test_months_end_where_they_end() -> None:
    assert month_end(2024, 2) == date(2024, 2, 29) and month_end(2022, 12) == date(2022, 12, 31)
    assert month_end(2023, 2) == date(2023, 2, 28) and month_end(2022, 7) == date(2022, 7, 31)
