"""What the matrix of moves needs to know of reports and of the 问题整改台账 (see tests.workflow.move_samples)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from accounts.duties import Duty
from accounts.models import User
from performance.models import EvaluationPlan, Rectification, Report
from performance.services.evaluation import plan_create, plan_save
from performance.services.rectifications import rectification_open
from tests.performance.goals_factories import approve_year, make_unit, make_year, office
from tests.performance.process_factories import confirm_accounts, draft_report, make_world, report_to
from tests.workflow.people import make_staff
from workflow.moves import Move
from workflow.services import move

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DUE = date(2026, 6, 30)
ANSWER = {"text": "已经补签手续，制度已经修订。", "done_on": date(2026, 3, 1), "papers": ()}
REMEDY_INPUT: dict[str, dict[str, Any]] = {"answer": ANSWER, "extend": {"due_on": date(2026, 9, 30)}}
REMEDY_WAYS: dict[str, tuple[str, ...]] = {
    "open": (), "answered": ("answer",), "closed": ("answer", "confirm"), "cancelled": ("cancel",)
}  # fmt: skip


def make_item(state: str = "open", *, department: str = "intake", **more: Any) -> Rectification:
    """A line of the ledger in ``state`` by the real moves, each by another person."""
    values = {
        "fiscal_year": None, "source": "self_evaluation", "problem": "验收手续不全。", "measure": "补签并修订制度。",
        "due_on": DUE, "by": make_staff(Duty.PERFORMANCE, department="finance"), "now": NOW, **more,
    }  # fmt: skip
    values["fiscal_year"] = values["fiscal_year"] or make_year(2025, unit=make_unit())
    item = rectification_open(department=office(department), **values)
    people = {
        "answer": make_staff(Duty.INTAKE, department=department), "confirm": make_staff(Duty.DIRECTOR),
        "cancel": make_staff(Duty.DIRECTOR),
    }  # fmt: skip
    for name in REMEDY_WAYS[state]:
        move(item, name, by=people[name], now=NOW, data=REMEDY_INPUT.get(name, {}), comment="照办")
    return item


def item_sample(state: str, step: Move, person: User | None) -> tuple[Rectification, dict[str, Any]]:
    """A line of the office ``intake``."""
    return make_item(state), REMEDY_INPUT.get(step.name, {})


def item_unsaved(person: User) -> Rectification:
    """A line that ``person`` is about to enter."""
    return Rectification(
        fiscal_year=make_year(2025, unit=make_unit()), source="bureau", problem="执行率偏低。", measure="按月调度。",
        department=office(), due_on=DUE, first_due_on=DUE, created_by=person, created_at=NOW,
    )  # fmt: skip


def report_sample(state: str, step: Move, person: User | None) -> tuple[Report, dict[str, Any]]:
    """A whole report in ``state`` of a year whose accounts are confirmed, written by others."""
    world = make_world(home=False)
    report = draft_report(world)
    confirm_accounts(world)
    data = {"do": "cover", "name": "", "write": lambda locked: None} if step.name == "save" else {}
    return report_to(report, state, world), data


def report_unsaved(person: User) -> Report:
    """A report that ``person`` is about to begin."""
    return Report(fiscal_year=make_year(2025, unit=make_unit()), kind="department", title="自评报告",
                  dated_on=date(2026, 2, 20), created_by=person, created_at=NOW)  # fmt: skip


PLAN_WAYS: dict[str, tuple[str, ...]] = {"drafting": (), "submitted": ("submit",), "approved": ("submit", "approve")}
MEMBERS = [("组长", "周文博"), ("组员", "吴婷")]


def make_plan(state: str = "drafting", **more: Any) -> EvaluationPlan:
    """A year's plan in ``state`` by the real moves."""
    maker, director = make_staff(Duty.PERFORMANCE, department="finance"), make_staff(Duty.DIRECTOR)
    fiscal = more.get("fiscal") or approve_year(make_year(2025, unit=make_unit()))
    plan = plan_create(fiscal_year=fiscal, by=maker, now=NOW)
    plan_save(
        plan=plan, document_number="云资交〔2026〕2号", method=plan.method, members=MEMBERS,
        steps=[(one.due_on, one.name, one.office) for one in plan.steps.all()], by=maker, now=NOW,
    )  # fmt: skip
    for name in PLAN_WAYS[state]:
        move(plan, name, by=director if name == "approve" else maker, now=NOW)
    plan.refresh_from_db()
    return plan


def plan_sample(state: str, step: Move, person: User | None) -> tuple[EvaluationPlan, dict[str, Any]]:
    """A plan that ``person`` has written nothing of."""
    data = {"do": "plan", "name": "", "write": lambda locked: None} if step.name == "save" else {}
    return make_plan(state), data


def plan_unsaved(person: User) -> EvaluationPlan:
    """A plan that ``person`` is about to begin."""
    fiscal = approve_year(make_year(2025, unit=make_unit()))
    return EvaluationPlan(fiscal_year=fiscal, created_by=person, created_at=NOW)


IN_STATE = {
    "performance.rectification": item_sample, "performance.report": report_sample,
    "performance.evaluationplan": plan_sample,
}  # fmt: skip
UNSAVED = {
    "performance.rectification": item_unsaved, "performance.report": report_unsaved,
    "performance.evaluationplan": plan_unsaved,
}  # fmt: skip
