"""Goal tables of the demonstration: made by one, approved by another, then filled."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from accounts.models import Department
from documents.services import file_store
from performance.demo.build import Cast
from performance.models import FiscalYear, GoalTable, ProgramYear
from performance.services.actuals import Survey, actual_compute, actual_set
from performance.services.files import KeptFile
from performance.services.goals import goals_create
from performance.services.indicators import indicator_add
from workflow.services import move


@dataclass(frozen=True)
class Aim:
    """An indicator with what it came to; ``actual`` empty: not filled yet; ``measure``: computed."""

    level1: str
    level2: str
    name: str
    target: str
    weight: str
    actual: str = ""
    evidence: str = ""
    definition: str = ""
    formula: str = ""
    source: str = ""
    rule: str = ""
    office: str = ""
    measure: str = ""
    ratio: str = ""
    survey: tuple[int, int, int, int] | None = None
    # Name of a paper that goes with it; what it says is the evidence.
    paper: str = ""


def table_make(
    cast: Cast, year: FiscalYear, program: ProgramYear | None, goal: str, aims: Sequence[Aim], *, approved: bool = True
) -> GoalTable:
    """A goal table with its indicators; approved by the director unless it is still under way."""
    table = goals_create(fiscal_year=year, program_year=program, overall_goal=goal, by=cast.performance, now=cast.now)
    offices = {one.code: one for one in Department.objects.all()}
    for aim in aims:
        values: dict[str, Any] = {
            "level1": aim.level1, "level2": aim.level2, "name": aim.name, "target": aim.target,
            "weight": Decimal(aim.weight), "definition": aim.definition, "formula": aim.formula,
            "evidence_source": aim.source, "scoring_rule": aim.rule or rule_of(aim.target), "office": offices.get(aim.office),
            "measure": aim.measure,
        }  # fmt: skip
        indicator_add(table=table, values=values, by=cast.performance, now=cast.now)
    move(table, "submit", by=cast.performance, now=cast.now)
    if approved:
        move(table, "approve", by=cast.director, now=cast.now)
    return table


def rule_of(target: str) -> str:
    """How an indicator is scored, by the sign of its target."""
    if target.startswith("≤"):
        return "不超过指标值得满分，超过的按指标值与完成值之比计分"
    return "按完成值与指标值之比计分，不超过分值"


def papers_keep(aims: Sequence[Aim], *, now: datetime) -> dict[str, KeptFile]:
    """The papers of some indicators, stored; not inside a transaction."""
    found = {}
    for aim in aims:
        if aim.paper:
            text = f"{aim.name}：{aim.actual}\n{aim.definition}\n计算方法：{aim.formula}\n来源：{aim.evidence}\n"
            stored = file_store(content=io.BytesIO(text.encode()), now=now, name=aim.paper)
            found[aim.paper] = KeptFile(name=aim.paper, file=stored)
    return found


def actuals_fill(
    cast: Cast, table: GoalTable, aims: Sequence[Aim], papers: Mapping[str, KeptFile] = MappingProxyType({})
) -> None:
    """What the indicators came to, with their papers."""
    rows = {one.name: one for one in table.indicators.all()}
    for aim in aims:
        if aim.measure:
            actual_compute(indicator=rows[aim.name], by=cast.performance, now=cast.now)
        elif aim.actual:
            more: dict[str, Any] = {"survey": Survey(*aim.survey)} if aim.survey else {}
            if aim.paper:
                more["files"] = [papers[aim.paper]]
            actual_set(
                indicator=rows[aim.name], value=aim.actual, evidence=aim.evidence,
                ratio=Decimal(aim.ratio) if aim.ratio else None, by=cast.performance, now=cast.now, **more,
            )  # fmt: skip
