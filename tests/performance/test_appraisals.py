"""绩效管理评分: each check by what was recorded, the whole out of 100, schemes that never change, kept scores."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.duties import Duty
from accounts.models import Department
from core.errors import BusinessError
from core.measures import MeasureRow
from performance.appraisal import evaluation, goals, monitoring, use
from performance.appraisal.checks import DAY, DAYS, PERCENT, Check, check_add, checks_all, counted, parameter_fault
from performance.appraisal.material import Material
from performance.appraisal.score import Appraisal, ItemScore, appraisal_json, appraisal_read, appraise
from performance.models import (
    FiscalYear,
    LineReason,
    ManagementGroup,
    ManagementItem,
    ManagementScheme,
    ManagementScore,
    Milestone,
    Rectification,
    RectificationAnswer,
)
from performance.scoring.form import half_up
from performance.selectors.appraisals import management_scheme_for, score_read
from performance.services.actuals import Survey, actual_set
from performance.services.appraisals import Item, management_scheme_make, management_score_keep
from performance.services.reports import report_create
from tests.performance.goals_factories import (
    Cast,
    approve_program,
    make_goals,
    make_line,
    make_program,
    make_year,
    named,
    spend,
)
from tests.portal.conftest import plain_static
from workflow.models import StateChange

pytestmark = pytest.mark.django_db
__all__ = ["plain_static"]
# make_goals works in March 2022.
AFTER = datetime(2023, 6, 1, 2, 0, tzinfo=UTC)
READERS = (Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR)


@pytest.fixture
def cast() -> Cast:
    return Cast()


def year_of(cast: Cast) -> FiscalYear:
    """2022 with the department's goals and one program with its own."""
    fiscal = make_year()
    make_goals("approved", cast=cast, fiscal=fiscal)
    program = make_program(fiscal)
    approve_program(program)
    make_goals("approved", cast=cast, program=program)
    return FiscalYear.objects.select_related("unit").get(pk=fiscal.pk)


def at(fiscal: FiscalYear, now: datetime = AFTER) -> Material:
    return Material(fiscal, now)


# The arithmetic of the whole.

POINTS = st.decimals(min_value="0.01", max_value="100", places=2)


def item(weight: Decimal, score: Decimal | None) -> ItemScore:
    return ItemScore("x", ManagementGroup.GOALS, "项", weight, "", score, "因为。", (MeasureRow("行", "", "值"),))


@given(st.lists(st.tuples(POINTS, st.none() | st.fractions(0, 1)), min_size=1, max_size=12))
def test_the_total_is_between_0_and_100_and_leaves_out_what_does_not_apply(rows: list[Any]) -> None:
    items = [item(w, None if s is None else half_up(Fraction(w) * s)) for w, s in rows]
    found = Appraisal(tuple(items))
    if all(one.score is None for one in items):
        assert found.total is None and found.grade is None
        return
    assert found.total is not None and 0 <= found.total <= 100
    exact = Fraction(found.reached) * 100 / Fraction(found.applicable)
    assert abs(Fraction(found.total) - exact) <= Fraction(1, 200)
    same = Appraisal(tuple(one for one in items if one.score is not None))
    assert same.total == found.total
    assert appraisal_read(appraisal_json(items)) == found


@pytest.mark.parametrize(
    ("kind", "text", "fine"),
    [(DAY, "03-31", True), (DAY, "02-29", False), (DAY, "13-01", False), (DAY, "3-31", False), (DAY, "", False),
     (DAYS, "20", True), (DAYS, "0", False), (DAYS, "401", False), (DAYS, "二十", False), (DAYS, "２０", False),
     (PERCENT, "100", True), (PERCENT, "101", False), ("", "", True), ("", "1", False)],
)  # fmt: skip
def test_a_parameter_is_of_its_kind(kind: str, text: str, fine: bool) -> None:
    assert (parameter_fault(kind, text) == "") is fine


def test_what_is_not_as_it_should_be_is_read_first() -> None:
    rows = [(MeasureRow(name, "", ""), fine) for name, fine in (("甲", True), ("乙", False), ("丙", True))]
    found = counted(rows, what="好", none="无。")
    assert found.share == Fraction(2, 3) and [row.label for row in found.rows] == ["乙", "甲", "丙"]
    assert counted([], what="好", none="无。").share is None


# Each check.


def test_goals_are_judged_by_their_approvals(cast: Cast) -> None:
    fiscal = year_of(cast)
    assert goals.complete(at(fiscal), "").share == 1
    assert goals.on_time(at(fiscal), "03-31").share == 1
    # Approved on 2 March: late for the department, a program of 1 January has its month as well.
    late = goals.on_time(at(fiscal), "03-01")
    assert late.share == 0 and "3月2日批准" in late.rows[0].value
    missing = make_program(fiscal, name="没有目标的项目")
    approve_program(missing)
    found = goals.complete(at(fiscal), "")
    assert found.share == Fraction(2, 3) and found.rows[0].label == "没有目标的项目"
    assert goals.on_time(at(fiscal, datetime(2022, 3, 5, tzinfo=UTC)), "03-31").share == 1
    assert goals.on_time(at(fiscal), "03-31").share == Fraction(2, 3)


def test_an_application_that_was_not_approved_is_no_subject(cast: Cast) -> None:
    fiscal = year_of(cast)
    make_program(fiscal, name="申报中的项目")
    assert goals.complete(at(fiscal), "").share == 1


def test_measurable_targets_are_compared_with_the_share_that_is_asked(cast: Cast) -> None:
    fiscal = year_of(cast)
    # Two of three indicators have a number, twice.
    assert goals.measurable(at(fiscal), "60").share == 1
    assert goals.measurable(at(fiscal), "100").share == Fraction(2, 3)
    assert goals.measurable(at(make_year(2021)), "60").share is None


def test_a_changed_goal_needs_its_reason(cast: Cast) -> None:
    fiscal = year_of(cast)
    assert goals.changed(at(fiscal), "4").share is None
    program = fiscal.programs.get()
    make_goals("approved", cast=cast, program=program, reason="年中任务调整")
    assert goals.changed(at(fiscal), "6").share == 1
    assert goals.changed(at(fiscal), "7").share == 0


def test_steps_of_the_plan_that_are_due(cast: Cast) -> None:
    fiscal = make_year()
    program = make_program(fiscal)
    for name, due, done in (("按期", 3, 2), ("迟了", 3, 4), ("没做", 5, None), ("没到期", 12, None)):
        Milestone.objects.create(
            program_year=program, name=name, due_on=date(2022, due, 1), done_on=date(2022, done, 1) if done else None
        )
    approve_program(program)
    found = monitoring.milestones(at(fiscal, datetime(2022, 6, 1, tzinfo=UTC)), "")
    assert found.share == Fraction(1, 3) and len(found.rows) == 3
    assert "没有完成" in found.rows[1].value and found.rows[0].url.startswith("/staff/")
    assert monitoring.milestones(at(fiscal), "").share == Fraction(1, 4)


def test_reports_are_asked_for_after_the_year(cast: Cast) -> None:
    fiscal = year_of(cast)
    assert evaluation.covered(at(fiscal, datetime(2022, 12, 31, 15, 59, tzinfo=UTC)), "").share is None
    assert evaluation.covered(at(fiscal, datetime(2022, 12, 31, 16, 0, tzinfo=UTC)), "").share == 0
    assert evaluation.on_time(at(fiscal, datetime(2023, 3, 31, tzinfo=UTC)), "03-31").share is None
    assert evaluation.on_time(at(fiscal, datetime(2023, 3, 31, 16, tzinfo=UTC)), "03-31").share == 0
    report_create(year=fiscal, program=None, dated_on=date(2023, 1, 9), members=[], by=cast.maker, now=AFTER)
    assert evaluation.covered(at(fiscal), "").share == 0, "a draft is not yet an evaluation"


def test_what_is_off_needs_a_reason_on_its_line(cast: Cast) -> None:
    fiscal = year_of(cast)
    program = fiscal.programs.get()
    spend(make_line(fiscal, "1000.00", program=program), "500.00")
    table = program.goal_tables.get()
    actual_set(indicator=named(table, "采购招标率"), value="80%", evidence="台账", by=cast.maker, now=AFTER)
    found = evaluation.explained(at(fiscal), "")
    # The rate of the department and of the program, and the indicator.
    assert found.share == 0 and len(found.rows) == 3
    report = report_create(
        year=fiscal, program=program, dated_on=date(2023, 1, 9), members=[], by=cast.maker, now=AFTER
    )
    LineReason.objects.create(report=report, line="funds", text="价格下降", by=cast.maker, at=AFTER)
    assert evaluation.explained(at(fiscal), "").share == Fraction(1, 3)
    LineReason.objects.create(report=report, line="funds", text="", by=cast.maker, at=AFTER)
    assert evaluation.explained(at(fiscal), "").share == 0, "one taken back is none"


def test_values_need_evidence_and_satisfaction_its_numbers(cast: Cast) -> None:
    fiscal = year_of(cast)
    assert evaluation.evidenced(at(fiscal), "").share is None
    table = fiscal.goal_tables.get(program_year=None)
    actual_set(indicator=named(table, "采购招标率"), value="100%", evidence="台账", by=cast.maker, now=AFTER)
    assert evaluation.evidenced(at(fiscal), "").share == 0
    assert evaluation.satisfaction(at(fiscal), "").share is None
    like = named(table, "使用人员满意度")
    actual_set(indicator=like, value="100%", evidence="问卷", by=cast.maker, now=AFTER)
    assert evaluation.satisfaction(at(fiscal), "").share == 0
    actual_set(indicator=like, value="", evidence="问卷", survey=Survey(10, 9, 8, 8), by=cast.maker, now=AFTER)
    found = evaluation.satisfaction(at(fiscal), "")
    assert found.share == 1 and "发放 10、收回 9、有效 8" in found.rows[0].value


def remedy(fiscal: FiscalYear, cast: Cast, state: str, due: date, done: date | None) -> None:
    """A line of the ledger as it stands (its moves are tested elsewhere)."""
    with transaction.atomic():
        one = Rectification.objects.create(
            fiscal_year=fiscal, source="other", problem="问题", measure="措施", due_on=due, first_due_on=due,
            department=Department.objects.get(code="it"), created_at=AFTER, created_by=cast.maker, state="open",
        )  # fmt: skip
        label = "performance.rectification"
        made = {"subject_type": label, "subject_id": one.pk, "by": cast.maker, "at": AFTER}
        StateChange.objects.create(number=1, move="create", source="", target="open", **made)
        if state != "open":
            StateChange.objects.create(number=2, move="answer", source="open", target="answered", **made)
            one.state = "answered"
            one.save()
        if state == "closed":
            StateChange.objects.create(number=3, move="confirm", source="answered", target="closed", **made)
            one.state = "closed"
            one.save()
    if done:
        RectificationAnswer.objects.create(rectification=one, text="改了", done_on=done, by=cast.maker, at=AFTER)


def test_the_ledger_is_judged_by_what_is_due(cast: Cast) -> None:
    fiscal = year_of(cast)
    assert use.ledger(at(fiscal), "").share is None
    remedy(fiscal, cast, "open", date(2023, 7, 1), None)
    remedy(fiscal, cast, "closed", date(2023, 7, 1), date(2023, 5, 1))
    assert use.ledger(at(fiscal), "").share is None, "not due yet, neither the open nor the closed one"
    remedy(fiscal, cast, "closed", date(2023, 5, 1), date(2023, 4, 30))
    remedy(fiscal, cast, "closed", date(2023, 5, 1), date(2023, 5, 2))
    remedy(fiscal, cast, "answered", date(2023, 5, 1), date(2023, 4, 1))
    found = use.ledger(at(fiscal), "")
    assert found.share == Fraction(1, 3) and len(found.rows) == 3


def test_disclosure_is_asked_for_when_the_accounts_were_approved(cast: Cast) -> None:
    fiscal = year_of(cast)
    assert use.disclosed(at(fiscal), "20").share is None
    fiscal.final_on = date(2023, 5, 10)
    assert use.disclosed(at(fiscal, datetime(2023, 5, 30, tzinfo=UTC)), "20").share is None
    assert use.disclosed(at(fiscal, datetime(2023, 5, 30, 16, 0, tzinfo=UTC)), "20").share == 0


# The whole.


def test_the_built_in_scheme_is_whole_and_says_what_it_rests_on() -> None:
    scheme = management_scheme_for(2024)
    items = list(scheme.items.all())
    assert scheme.is_builtin and sum(one.weight for one in items) == 100
    assert {one.group for one in items} == set(ManagementGroup.values)
    for words in ("中发〔2018〕34号", "财预〔2019〕136号", "财预〔2020〕10号", "由本单位确定"):
        assert words in scheme.basis
    known = {one.name: one for one in checks_all()}
    for one in items:
        if one.check_name in known:
            check = known[one.check_name]
            assert (check.group, check.label, check.default) == (one.group, one.label, one.parameter)
    with pytest.raises(BusinessError, match="还没有可用的"):
        management_scheme_for(2019)


def test_every_declared_check_is_in_the_built_in_scheme_once() -> None:
    names = [one.name for one in checks_all()]
    assert len(set(names)) == len(names)
    assert set(names) <= set(
        ManagementItem.objects.filter(scheme__is_builtin=True).values_list("check_name", flat=True)
    )
    with pytest.raises(ValueError, match="twice"):
        check_add(Check(names[0], "goals", "另一个", "另一个。", lambda m, p: counted([], what="", none="")))


def test_a_score_is_kept_with_its_rows_and_does_not_move(cast: Cast) -> None:
    fiscal = year_of(cast)
    kept = management_score_keep(fiscal_year=fiscal, by=cast.director, now=AFTER)
    found, whole = score_read(kept)
    assert whole and found.total == kept.total and found.grade == kept.grade
    assert found == appraise(fiscal_year=fiscal, scheme=kept.scheme, now=AFTER)
    assert management_score_keep(fiscal_year=fiscal, by=cast.director, now=AFTER) == kept
    approve_program(make_program(fiscal, name="没有目标的项目"))
    again = management_score_keep(fiscal_year=fiscal, by=cast.director, now=AFTER)
    assert again.pk != kept.pk and again.total < kept.total
    assert score_read(ManagementScore.objects.get(pk=kept.pk))[0] == found
    with pytest.raises(ProgrammingError), transaction.atomic():
        ManagementScore.objects.filter(pk=kept.pk).update(total=Decimal(100))


def test_nothing_to_judge_is_not_kept(cast: Cast) -> None:
    unit_year = make_year(2021)
    scheme = management_scheme_for(2021)
    only = [Item("goals_changed", "目标调整有理由", Decimal(100), "6")]
    management_scheme_make(name="只看调整", first_year=2021, basis="试验", items=only, by=cast.maker, now=AFTER)
    assert scheme.first_year == 2020
    with pytest.raises(BusinessError, match="没有可以评分的内容"):
        management_score_keep(fiscal_year=unit_year, by=cast.director, now=AFTER)
    other = make_year(2029, unit=None)
    other.unit.is_home = False
    with pytest.raises(BusinessError, match="只给本单位"):
        management_score_keep(fiscal_year=other, by=cast.director, now=AFTER)


def test_a_scheme_follows_and_never_changes(cast: Cast) -> None:
    items = [Item("goals_complete", "目标", Decimal(60)), Item("disclosed", "公开", Decimal(40), "20")]
    values: dict[str, Any] = {
        "name": "县里的方案",
        "first_year": 2024,
        "basis": "云财〔2024〕3号",
        "by": cast.maker,
        "now": AFTER,
    }
    made = management_scheme_make(items=items, seen=0, **values)
    assert management_scheme_for(2025) == made and management_scheme_for(2023).is_builtin
    with pytest.raises(BusinessError, match="有人改过") as caught:
        management_scheme_make(items=items, seen=0, **values)
    assert caught.value.code == "changed"
    second = management_scheme_make(items=items, seen=made.pk, **values | {"name": "第二个"})
    made.refresh_from_db()
    assert not made.is_active and management_scheme_for(2024) == second
    for change in (
        lambda: ManagementScheme.objects.filter(pk=made.pk).update(name="改名"),
        lambda: ManagementItem.objects.filter(scheme=made).update(weight=Decimal(1)),
        lambda: ManagementItem.objects.filter(scheme=made).delete(),
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("items", "words"),
    [([], "至少"), ([Item("goals_complete", "目标", Decimal(99))], "合计 99"),
     ([Item("goals_complete", "目标", Decimal(50)), Item("goals_complete", "目标", Decimal(50))], "不能用两次"),
     ([Item("nothing", "没有", Decimal(100))], "没有“没有”这项检查"),
     ([Item("disclosed", "公开", Decimal(100), "x")], "天数"),
     ([Item("goals_complete", "a\x00", Decimal(100))], "不能用的字符"),
     ([Item("goals_complete", "目标", Decimal("NaN"))], "分值"),
     ([Item("goals_complete", "目标", Decimal("1.001"))], "分值")],
)  # fmt: skip
def test_a_scheme_that_does_not_fit_is_refused_in_words(cast: Cast, items: list[Item], words: str) -> None:
    with pytest.raises(BusinessError, match=words):
        management_scheme_make(name="方案", first_year=2024, basis="依据", items=items, by=cast.maker, now=AFTER)
