"""Measures: figures that apps compute from their own rows, by a Chinese name, a definition and a unit.

An app declares them in its ``measures.py`` with :func:`measure_add`; they are found when they are first asked for.
A measure gives its value together with the rows it was computed from, so that a stored figure leads back to them:
:func:`rows_json` writes them the same way every time, :func:`rows_sha256` names that text.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import module_has_submodule

from core.errors import BusinessError

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST_NAME = 60
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# More rows than these are given as sums (by day, by month): a province's year has hundreds of thousands.
MOST_ROWS = 10_000


@dataclass(frozen=True)
class MeasureRow:
    """A row that a value was computed from.

    Attributes:
        label: what it is, without personal data (stored rows are kept for ever).
        url: its page on this site, or empty.
        value: what it adds, as text.
    """

    label: str
    url: str
    value: str


@dataclass(frozen=True)
class Measured:
    """A value and its rows; ``value`` None: there is nothing to compute it from, which is not zero."""

    value: Decimal | None
    rows: tuple[MeasureRow, ...] = ()


class Compute(Protocol):
    """What computes a measure."""

    def __call__(self, *, year: int, unit_id: int | None, program_year_id: int | None) -> Measured:
        """The value of a calendar year.

        Args:
            year: the budget year.
            unit_id: of the budget unit; None is the center itself.
            program_year_id: of the program's year, for measures of one program; None is the whole unit.
        """


@dataclass(frozen=True)
class Measure:
    """A measure.

    Args:
        name: identifier, small letters, digits and underscores; kept for ever, since stored values name it.
        label: Chinese name.
        definition: what is counted and by which formula, a Chinese sentence.
        unit: 件, %, 宗, …
        compute: see :class:`Compute`.
        own_only: it counts what this portal did, so it is the center's own and no other unit's.
    """

    name: str
    label: str
    definition: str
    unit: str
    compute: Compute
    own_only: bool = False


_measures: dict[str, Measure] = {}


def measure_add(measure: Measure) -> Measure:
    """Declare a measure, at the import of an app's ``measures.py``.

    Raises:
        ValueError: another one has the name.
    """
    known = _measures.setdefault(measure.name, measure)
    if known is not measure and known != measure:
        raise ValueError(f"measure {measure.name} is declared twice")
    return known


@cache
def measures_discover() -> None:
    """Import the ``measures.py`` of every app, once."""
    for config in apps.get_app_configs():
        if config.module and module_has_submodule(config.module, "measures"):
            import_module(f"{config.name}.measures")


def measures_all() -> list[Measure]:
    """Every measure, by name."""
    measures_discover()
    return [_measures[name] for name in sorted(_measures)]


def measure_find(name: str) -> Measure | None:
    """The measure of that name, or None where no app declares it any more."""
    measures_discover()
    return _measures.get(name)


def measure_of(name: str) -> Measure:
    """The same. Raises BusinessError ``unknown_measure``."""
    found = measure_find(name)
    if found is None:
        raise BusinessError("没有取数：系统里没有这个取数项目，请在绩效目标表里重新选择。", "unknown_measure")
    return found


def rows_json(rows: Iterable[MeasureRow]) -> str:
    """The rows as canonical JSON: an array of ``[label, url, value]``, no spaces, UTF-8, in the measure's order."""
    lines = [[row.label, row.url, row.value] for row in rows]
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))


def rows_read(text: str) -> tuple[MeasureRow, ...]:
    """The rows that :func:`rows_json` wrote; none of an empty text."""
    return tuple(MeasureRow(*line) for line in json.loads(text)) if text else ()


def rows_sha256(text: str) -> str:
    """SHA-256 of the canonical JSON, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def decimal_words(value: Decimal) -> str:
    """A decimal without needless zeros and without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_words(measure: Measure, value: Decimal) -> str:
    """A value with its unit, as the actual value of an indicator is written: ``85.16%``, ``424宗``."""
    return f"{decimal_words(value)}{measure.unit}"


def measure_faults(measure: Measure) -> list[str]:
    """What is wrong with a declaration, in words."""
    found = []
    if not NAME.fullmatch(measure.name) or len(measure.name) > LONGEST_NAME:
        found.append("标识应是小写字母、数字和下划线")
    for what, text in (("名称", measure.label), ("定义", measure.definition)):
        if not CHINESE.search(text):
            found.append(f"{what}应是中文")
    # As the contract reads a unit: no digits and no 年.
    if not measure.unit or re.search(r"[0-9年\s]", measure.unit):
        found.append("单位不能是空的，也不能含数字和“年”")
    found += [] if callable(measure.compute) else ["没有计算函数"]
    return found


def measures_check(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Django's check: every declared measure has a name, words and a unit that the contract can read."""
    return [
        Error(f"取数项目 {measure.name}：{fault}。", id="core.E101")
        for measure in measures_all()
        for fault in measure_faults(measure)
    ]
