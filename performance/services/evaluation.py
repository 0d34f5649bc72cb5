"""Writes of a year's 自评工作方案: who leads, by when what is done, which programs and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Department, User
from core.errors import BusinessError
from performance.models import EvaluationPlan, FiscalYear, PlanMember, PlanProgram, PlanStep, Report
from performance.selectors.evaluation import programs_of_year
from performance.services.common import draft_write, refuse, texts_storable
from performance.services.reports import MOST_MEMBERS
from workflow.services import create

MOST_STEPS = 30
METHOD = (
    "采用单位自评的方式。以批准的绩效目标表为准，逐项对照年度指标值和实际完成值；资金以决算数为准，"
    "逐项核对预算执行和支出明细；服务对象满意度以问卷调查的有效份数计算。"
    "没有达到指标值和执行率偏低的，逐项说明原因和改进措施。"
)
# The usual steps: month and day of the next year, what, code of the office; the maker changes them freely.
USUAL_STEPS = (
    (1, 15, "成立领导小组，布置自评工作", "general"), (1, 31, "核对收支和决算数，填报指标完成情况", "finance"),
    (2, 15, "汇总满意度调查和佐证材料", "general"), (2, 20, "起草自评表和自评报告", "finance"),
    (2, 28, "主任审核", "directors"), (3, 15, "报送财政部门，问题列入整改台账", "finance"),
)  # fmt: skip
Step = tuple[date, str, Department | None]


def plan_create(*, fiscal_year: FiscalYear, by: User, now: datetime, address: str = "") -> EvaluationPlan:
    """Begin a year's plan with what is usual: last year's group, the steps, every approved program.

    Raises:
        BusinessError: ``exists``, or as ``workflow.services.create``.
    """
    plan = EvaluationPlan(fiscal_year=fiscal_year, method=METHOD, created_by=by, created_at=now)
    try:
        with transaction.atomic():
            create(plan, by=by, now=now, address=address)
            _members_write(plan, _last_group(fiscal_year))
            _steps_write(plan, _usual_steps(fiscal_year.year + 1))
            PlanProgram.objects.bulk_create(
                PlanProgram(plan=plan, program_year=one) for one in programs_of_year(fiscal_year)
            )
    except (BusinessError, IntegrityError) as error:
        known = EvaluationPlan.objects.filter(fiscal_year=fiscal_year)
        if getattr(error, "code", "invalid") != "invalid" or not known.exists():
            raise
        raise BusinessError("没有编制：这个年度的自评工作方案已经有了，请从列表打开。", "exists") from error
    return plan


def _last_group(fiscal_year: FiscalYear) -> list[tuple[str, str]]:
    last = EvaluationPlan.objects.filter(fiscal_year__unit=fiscal_year.unit_id, fiscal_year__year__lt=fiscal_year.year)
    plan = last.order_by("-fiscal_year__year").first()
    report = Report.objects.filter(fiscal_year__unit=fiscal_year.unit_id).order_by("-id").first()
    rows: Any = plan.members if plan else report.members if report else PlanMember.objects.none()
    return list(rows.values_list("role", "name"))


def _usual_steps(year: int) -> list[Step]:
    offices = {one.code: one for one in Department.objects.filter(is_active=True)}
    return [(date(year, month, day), name, offices.get(code)) for month, day, name, code in USUAL_STEPS]


def _members_write(plan: EvaluationPlan, members: Sequence[tuple[str, str]]) -> None:
    plan.members.all().delete()
    PlanMember.objects.bulk_create(
        PlanMember(plan=plan, role=role, name=name, position=place) for place, (role, name) in enumerate(members)
    )


def _steps_write(plan: EvaluationPlan, steps: Sequence[Step]) -> None:
    plan.steps.all().delete()
    ordered = sorted(steps, key=lambda one: one[0])
    PlanStep.objects.bulk_create(
        PlanStep(plan=plan, due_on=day, name=name, office=office, position=place)
        for place, (day, name, office) in enumerate(ordered)
    )


def plan_save(
    *,
    plan: EvaluationPlan,
    document_number: str,
    method: str,
    members: Sequence[tuple[str, str]],
    steps: Sequence[Step],
    by: User,
    now: datetime,
    seen: int | None = None,
    address: str = "",
) -> EvaluationPlan:
    """Change a draft's words, group and timetable.

    Args:
        members: role and name each, in order; steps: day, what, and the office or None.
        seen: number of the last change that the form showed; another one since is a refusal (``changed``).

    Raises:
        BusinessError: ``invalid``, or as ``services.common.draft_write``.
    """
    if len(members) > MOST_MEMBERS or len(steps) > MOST_STEPS:
        raise refuse("没有保存", f"领导小组最多 {MOST_MEMBERS} 人，进度安排最多 {MOST_STEPS} 步")
    texts_storable("没有保存", document_number, method, *(name for _, name, _ in steps))

    def write(locked: EvaluationPlan) -> EvaluationPlan:
        locked.document_number, locked.method = document_number.strip(), method.strip()
        locked.save(update_fields=["document_number", "method"])
        _members_write(locked, members)
        _steps_write(locked, steps)
        return locked

    return draft_write(obj=plan, do="plan", write=write, by=by, now=now, seen=seen, address=address)


def programs_save(
    *,
    plan: EvaluationPlan,
    choices: Mapping[int, tuple[bool, bool, str]],
    by: User,
    now: datetime,
    seen: int | None = None,
    address: str = "",
) -> EvaluationPlan:
    """Say of every approved program of the year whether it is evaluated, with weight or not, and why.

    Args:
        choices: by the number of the program's year: chosen, focus, reason; a program that is missing is chosen.
        seen: as :func:`plan_save`.

    Raises:
        BusinessError: ``invalid``, or as ``services.common.draft_write``.
    """
    texts_storable("没有保存", *(reason for _, _, reason in choices.values()))
    if any(focus and not chosen for chosen, focus, _ in choices.values()):
        raise refuse("没有保存", "不列入自评的项目不能列为重点评价")

    def write(locked: EvaluationPlan) -> EvaluationPlan:
        locked.programs.all().delete()
        rows = [(one, choices.get(one.pk, (True, False, ""))) for one in programs_of_year(locked.fiscal_year)]
        PlanProgram.objects.bulk_create(
            PlanProgram(plan=locked, program_year=one, chosen=chosen, focus=focus, reason=reason.strip())
            for one, (chosen, focus, reason) in rows
        )
        return locked

    return draft_write(obj=plan, do="programs", write=write, by=by, now=now, seen=seen, address=address)
