"""A self-evaluation form as the contract's file has it: read, checked, exact."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from core.errors import BusinessError

VERSION = 1
KINDS = ("project", "department")
DENOMINATORS = ("adjusted", "initial")
RATIO, LINEAR = "ratio", "linear"
GRADES = ("优", "良", "中", "差")
_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_PERCENT = re.compile(r"(-?[0-9]{1,40}(\.[0-9]{1,40})?)[%％]?")


@dataclass(frozen=True)
class Manual:
    """A score that somebody gave instead of the formula's, and why."""

    score: Fraction
    reason: str


@dataclass(frozen=True)
class Reported:
    """A figure as a published form prints it: its value and how many decimals it has."""

    text: str
    value: Fraction
    decimals: int


@dataclass(frozen=True)
class Fund:
    """One row of the funds; None is unknown, which is not zero."""

    source: str
    initial: Fraction | None
    adjusted: Fraction | None
    executed: Fraction | None
    reported: Reported | None = None
    manual: Manual | None = None


@dataclass(frozen=True)
class Indicator:
    """One line of the indicators; ``target`` and ``actual`` as written."""

    level1: str
    level2: str
    name: str
    target: str
    actual: str | None
    weight: Fraction | None
    ratio: Fraction | None = None
    reported: Reported | None = None
    manual: Manual | None = None


@dataclass(frozen=True)
class ExpenseLine:
    """What a part of the money was spent on."""

    name: str
    amount: Fraction | None


@dataclass(frozen=True)
class Form:
    """The whole form. ``funds[0]`` is the total, further rows are its parts."""

    kind: str
    year: int | None
    name: str
    denominator: str
    reverse_rule: str
    funds: tuple[Fund, ...]
    funds_weight: Fraction | None
    indicators: tuple[Indicator, ...]
    expense_lines: tuple[ExpenseLine, ...] = ()
    reported_rate: Reported | None = None
    reported_total: Reported | None = None
    reported_grade: str = ""
    income_actual: Fraction | None = None
    survey: Mapping[str, Fraction | None] = field(default_factory=dict)

    @property
    def total(self) -> Fund:
        """The row of the total; of a form without funds all of it is unknown."""
        return self.funds[0] if self.funds else Fund("", None, None, None)


def refuse(where: str, why: str) -> NoReturn:
    """Refuse the file, naming the field."""
    raise BusinessError(f"没有评分：{where} {why}。", "bad_form", field=where)


class _Reader:
    """A JSON object with the place where it stands, so that a refusal can name it."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            refuse(where or "文件", "应是一个 JSON 对象")
        self.value: dict[str, Any] = value
        self.where = where

    def place(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name

    def text(self, name: str) -> str | None:
        """A text; a whole number is taken as written."""
        found = self.value.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if found is not None and not isinstance(found, str):
            refuse(self.place(name), "应是文字")
        return found

    def number(self, name: str, *, least: int | None = None) -> Fraction | None:
        """A decimal string; None when it is missing or null."""
        found = self.text(name) if not isinstance(self.value.get(name), float) else self._no_float(name)
        if found is None:
            return None
        if not _DECIMAL.fullmatch(found.strip()):
            refuse(self.place(name), f"应是十进制数字（文字形式），而不是“{found[:30]}”")
        value = Fraction(found.strip())
        if least is not None and value < least:
            refuse(self.place(name), f"不能小于 {least}，现在是 {found.strip()}")
        return value

    def _no_float(self, name: str) -> NoReturn:
        refuse(self.place(name), "应写成带引号的十进制数字，浮点数会有误差")

    def choice(self, name: str, known: tuple[str, ...], default: str) -> str:
        found = self.value.get(name)
        if found is None:
            return default
        if found not in known:
            refuse(self.place(name), f"只能是 {'、'.join(known)}")
        return str(found)

    def rows(self, name: str) -> Iterator[_Reader]:
        found = self.value.get(name)
        if found is not None and not isinstance(found, list):
            refuse(self.place(name), "应是一个列表")
        for number, one in enumerate(found or []):
            yield _Reader(one, f"{self.place(name)}[{number}]")

    def inner(self, name: str) -> _Reader | None:
        return None if self.value.get(name) is None else _Reader(self.value[name], self.place(name))

    def reported(self, name: str) -> Reported | None:
        """A printed figure, with or without a per cent sign."""
        text = None if isinstance(self.value.get(name), float) and self._no_float(name) else self.text(name)
        if text is None or not text.strip():
            return None
        found = _PERCENT.fullmatch(text.strip())
        if found is None:
            refuse(self.place(name), f"应是数字，而不是“{text[:30]}”")
        return Reported(text.strip(), Fraction(found[1]), len(found[2] or ".") - 1)

    def manual(self) -> Manual | None:
        inner = self.inner("manual")
        if inner is None:
            return None
        score = inner.number("score")
        return None if score is None else Manual(score, inner.text("reason") or "")


def _fund(row: _Reader) -> Fund:
    return Fund(
        source=row.text("source") or "",
        initial=row.number("initial", least=0),
        adjusted=row.number("adjusted", least=0),
        executed=row.number("executed", least=0),
        reported=row.reported("reported"),
        manual=row.manual(),
    )


def _indicator(row: _Reader) -> Indicator:
    return Indicator(
        level1=row.text("level1") or "",
        level2=row.text("level2") or "",
        name=row.text("name") or "",
        target=row.text("target") or "",
        actual=row.text("actual"),
        weight=row.number("weight", least=0),
        ratio=row.number("ratio"),
        reported=row.reported("reported"),
        manual=row.manual(),
    )


def _year(file: _Reader) -> int | None:
    year = file.value.get("year")
    if year is None:
        return None
    if not isinstance(year, int) or isinstance(year, bool) or not 1949 <= year <= 9999:
        refuse("year", "应是四位的年份")
    return year


def form_read(value: object) -> Form:
    """Check the object of a file.

    Raises:
        BusinessError: ``bad_form``, naming the field.
    """
    file = _Reader(value, "")
    if file.value.get("version") != VERSION or isinstance(file.value.get("version"), bool | float):
        refuse("version", f"应是 {VERSION}，其他版本不能识别")
    reported, income, survey = file.inner("reported"), file.inner("income"), file.inner("survey")
    grade = (reported.text("grade") if reported else None) or ""
    if income:
        income.number("budget", least=0)
    return Form(
        kind=file.choice("kind", KINDS, "project"),
        year=_year(file),
        name=file.text("name") or "",
        denominator=file.choice("denominator", DENOMINATORS, DENOMINATORS[0]),
        reverse_rule=file.choice("reverse_rule", (RATIO, LINEAR), RATIO),
        funds=tuple(map(_fund, file.rows("funds"))),
        funds_weight=file.number("funds_weight", least=0),
        indicators=tuple(map(_indicator, file.rows("indicators"))),
        expense_lines=tuple(
            ExpenseLine(row.text("name") or "", row.number("amount", least=0)) for row in file.rows("expense_lines")
        ),
        reported_rate=reported.reported("rate") if reported else None,
        reported_total=reported.reported("total") if reported else None,
        reported_grade=grade.strip(),
        income_actual=income.number("actual", least=0) if income else None,
        survey={n: survey.number(n, least=0) for n in ("sent", "returned", "valid", "satisfied")} if survey else {},
    )


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def form_parse(content: bytes) -> Form:
    """Read the bytes of a file.

    Raises:
        BusinessError: ``not_json``, or as :func:`form_read`.
    """
    try:
        value = json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BusinessError("没有评分：文件不是 UTF-8 编码的 JSON。", "not_json") from None
    return form_read(value)


def half_up(value: Fraction, decimals: int = 2) -> Decimal:
    """Rounded half up (away from zero for the negative) to so many decimals."""
    scaled = abs(value) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    number = Decimal(whole if value >= 0 else -whole).scaleb(-decimals)
    return number.quantize(Decimal(1).scaleb(-decimals))
