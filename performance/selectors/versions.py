"""What one version of a goal table changed against another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.measures import measure_find
from performance.models import GoalTable, Indicator
from performance.selectors.goals import FIELDS, indicators_of
from performance.weights import decimal


@dataclass(frozen=True)
class IndicatorChange:
    """An indicator that is new, gone or changed; fields: label, old and new words."""

    kind: str
    name: str
    fields: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Two versions: words of the table itself (label, old, new), indicators, how many stayed as they were."""

    words: tuple[tuple[str, str, str], ...]
    changes: tuple[IndicatorChange, ...]
    same: int


def field_words(one: Indicator, name: str) -> str:
    """A field as people read it."""
    if name == "weight":
        return decimal(one.weight)
    if name == "measure":
        found = measure_find(one.measure) if one.measure else None
        return found.label if found else one.measure
    return str(getattr(one, name) or "")


def indicator_words(one: Indicator) -> dict[str, str]:
    """Every field that people fill, by name."""
    return {name: field_words(one, name) for name in FIELDS}


def _changed(old: Indicator, new: Indicator) -> IndicatorChange | None:
    before, after = indicator_words(old), indicator_words(new)
    fields = tuple((FIELDS[name], before[name], after[name]) for name in FIELDS if before[name] != after[name])
    return IndicatorChange("changed", new.name, fields) if fields else None


def _whole(kind: str, one: Indicator) -> IndicatorChange:
    words = {name: text for name, text in indicator_words(one).items() if text}
    pairs = tuple((FIELDS[n], t if kind == "gone" else "", t if kind == "new" else "") for n, t in words.items())
    return IndicatorChange(kind, one.name, pairs)


def indicators_compared(before: Sequence[Indicator], after: Sequence[Indicator]) -> tuple[list[IndicatorChange], int]:
    """What changed, in the order of the later version, gone ones last; and how many are the same."""
    old = {one.key: one for one in before}
    found, same = [], 0
    for one in after:
        known = old.pop(one.key, None)
        change = _changed(known, one) if known else _whole("new", one)
        same += change is None
        found += [change] if change else []
    return [*found, *(_whole("gone", one) for one in old.values())], same


def versions_compared(before: GoalTable, after: GoalTable) -> Comparison:
    """The later version against the earlier one."""
    changes, same = indicators_compared(indicators_of(before), indicators_of(after))
    pairs = (
        ("年度总体目标", before.overall_goal, after.overall_goal),
        ("评分方案", str(before.scheme), str(after.scheme)),
    )
    return Comparison(tuple(one for one in pairs if one[1] != one[2]), tuple(changes), same)
