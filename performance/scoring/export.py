"""A form as the contract's file: what :func:`performance.scoring.form.form_read` reads gives the same form again."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from performance.scoring.form import VERSION, Form, Fund, Indicator, Manual, Reported
from performance.scoring.target_words import exact_words


def _number(value: Fraction | None) -> str | None:
    return None if value is None else exact_words(value)


def _said(reported: Reported | None, manual: Manual | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if reported is not None:
        found["reported"] = reported.text
    if manual is not None:
        found["manual"] = {"score": exact_words(manual.score), "reason": manual.reason}
    return found


def _fund(row: Fund) -> dict[str, Any]:
    numbers = {name: _number(getattr(row, name)) for name in ("initial", "adjusted", "executed")}
    return {"source": row.source, **numbers, **_said(row.reported, row.manual)}


def _indicator(one: Indicator) -> dict[str, Any]:
    found: dict[str, Any] = {
        "level1": one.level1, "level2": one.level2, "name": one.name, "target": one.target, "actual": one.actual,
        "weight": _number(one.weight),
    }  # fmt: skip
    if one.ratio is not None:
        found["ratio"] = exact_words(one.ratio)
    return found | _said(one.reported, one.manual)


def form_dict(form: Form, *, organisation: str = "", unit: str = "万元") -> dict[str, Any]:
    """The object of a file, numbers exact as decimal strings.

    Args:
        organisation: who made it; unit: of the amounts; both are only shown to readers.
    """
    found: dict[str, Any] = {
        "version": VERSION, "kind": form.kind, "year": form.year, "name": form.name, "organisation": organisation,
        "unit": unit, "denominator": form.denominator, "reverse_rule": form.reverse_rule,
        "funds": [_fund(row) for row in form.funds], "funds_weight": _number(form.funds_weight),
        "indicators": [_indicator(one) for one in form.indicators],
        "expense_lines": [{"name": one.name, "amount": _number(one.amount)} for one in form.expense_lines],
    }  # fmt: skip
    reported: dict[str, str] = {"grade": form.reported_grade} if form.reported_grade else {}
    for name, one in (("rate", form.reported_rate), ("total", form.reported_total)):
        if one is not None:
            reported[name] = one.text
    if reported:
        found["reported"] = reported
    if form.income_actual is not None:
        found["income"] = {"actual": exact_words(form.income_actual)}
    if form.survey:
        found["survey"] = {name: _number(value) for name, value in form.survey.items()}
    return found


def form_json(form: Form, *, organisation: str = "") -> bytes:
    """The file's bytes: UTF-8, indented for readers, ends with a line break."""
    return (json.dumps(form_dict(form, organisation=organisation), ensure_ascii=False, indent=1) + "\n").encode()
