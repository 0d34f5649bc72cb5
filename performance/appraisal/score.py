"""A year's 绩效管理工作 scored by a scheme, and the same as it is kept: canonical JSON that reads back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.measures import MeasureRow
from performance.appraisal.checks import Outcome, check_find, parameter_words
from performance.appraisal.material import Material
from performance.models import FiscalYear, ManagementGroup, ManagementItem, ManagementScheme
from performance.scoring.form import half_up
from performance.scoring.scores import grade_of

WHOLE = Fraction(100)
UNKNOWN_CHECK = "这个版本的系统没有这项检查。"


@dataclass(frozen=True)
class ItemScore:
    """An item scored.

    Attributes:
        check: name of the check; group: of ManagementGroup; label, parameter: as the scheme has them.
        weight: points; score: two decimals, half up; None: 不适用, its points are left out of the whole.
        words: why; rows: what it rests on.
    """

    check: str
    group: str
    label: str
    weight: Decimal
    parameter: str
    score: Decimal | None
    words: str
    rows: tuple[MeasureRow, ...] = ()

    @property
    def group_label(self) -> str:
        """The group in Chinese."""
        return str(ManagementGroup(self.group).label)

    @property
    def asked(self) -> str:
        """The parameter in words."""
        found = check_find(self.check)
        return parameter_words(found.parameter, self.parameter) if found else self.parameter

    @property
    def about(self) -> str:
        """What is counted; empty where the check is not declared any more."""
        found = check_find(self.check)
        return found.about if found else ""


@dataclass(frozen=True)
class GroupScore:
    """A part of the work: points that could be had, points reached (None where nothing applies), its items."""

    label: str
    weight: Decimal
    score: Decimal | None
    items: tuple[ItemScore, ...]


@dataclass(frozen=True)
class Appraisal:
    """All items of a year."""

    items: tuple[ItemScore, ...]

    @property
    def applicable(self) -> Decimal:
        """The points of the items that apply."""
        return sum((one.weight for one in self.items if one.score is not None), Decimal(0))

    @property
    def reached(self) -> Decimal:
        """The sum of the printed scores."""
        return sum((one.score for one in self.items if one.score is not None), Decimal(0))

    @property
    def total(self) -> Decimal | None:
        """Out of 100: the printed scores over the points that apply; None where nothing applies."""
        if not self.applicable:
            return None
        return half_up(Fraction(self.reached) * WHOLE / Fraction(self.applicable))

    @property
    def scaled(self) -> bool:
        """Whether items that do not apply were left out of the whole."""
        return 0 < self.applicable < sum((one.weight for one in self.items), Decimal(0))

    @property
    def grade(self) -> str | None:
        """The grade of the total, in the national bands."""
        return grade_of(self.total)

    @property
    def groups(self) -> list[GroupScore]:
        """The items by part of the work."""
        found = []
        for value, label in ManagementGroup.choices:
            items = tuple(one for one in self.items if one.group == value)
            known = [one for one in items if one.score is not None]
            if items:
                score = sum((one.score for one in known if one.score is not None), Decimal(0)) if known else None
                found.append(GroupScore(str(label), sum((one.weight for one in known), Decimal(0)), score, items))
        return found


def _item(item: ManagementItem, material: Material) -> ItemScore:
    check = check_find(item.check_name)
    outcome = check.judge(material, item.parameter) if check else Outcome(None, UNKNOWN_CHECK)
    score = None if outcome.share is None else half_up(Fraction(item.weight) * outcome.share)
    return ItemScore(
        item.check_name, item.group, item.label, item.weight, item.parameter, score, outcome.words, outcome.rows
    )  # fmt: skip


def appraise(*, fiscal_year: FiscalYear, scheme: ManagementScheme, now: datetime) -> Appraisal:
    """Judge a year by a scheme, from the records as they stand; a fixed number of queries.

    Args:
        fiscal_year: whose work; scheme: with its items.
        now: aware time: what is not due yet is not judged.

    Raises:
        BusinessError: a ratio outside of its band.
    """
    material = Material(fiscal_year, now)
    order = {value: place for place, value in enumerate(ManagementGroup.values)}
    items = sorted(scheme.items.all(), key=lambda one: (order[one.group], one.position, one.pk))
    return Appraisal(tuple(_item(one, material) for one in items))


def _line(one: ItemScore) -> dict[str, Any]:
    return {
        "check": one.check, "group": one.group, "label": one.label, "weight": f"{one.weight:f}",
        "parameter": one.parameter, "score": None if one.score is None else f"{one.score:f}", "words": one.words,
        "rows": [[row.label, row.url, row.value] for row in one.rows],
    }  # fmt: skip


def appraisal_json(items: Iterable[ItemScore]) -> str:
    """Items as canonical JSON: sorted keys, no spaces, decimals as texts."""
    lines = [_line(one) for one in items]
    return json.dumps(lines, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def appraisal_read(text: str) -> Appraisal:
    """What :func:`appraisal_json` wrote."""
    return Appraisal(
        tuple(
            ItemScore(
                one["check"], one["group"], one["label"], Decimal(one["weight"]), one["parameter"],
                None if one["score"] is None else Decimal(one["score"]), one["words"],
                tuple(MeasureRow(*row) for row in one["rows"]),
            )
            for one in json.loads(text)
        )
    )  # fmt: skip
