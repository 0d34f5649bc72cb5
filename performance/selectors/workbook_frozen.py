"""The figures of the bureau's forms as they were when the report was frozen, kept beside the frozen document."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from core.measures import measures_all
from performance.models import FiscalYear, ProgramYear, Report
from performance.selectors.frozen import freeze_of
from performance.selectors.workbook_data import FormData, Value, report_data


def _plain(value: Value | None) -> dict[str, str] | None:
    if value is None:
        return None
    found = {"kind": value.kind, "words": value.words}
    found |= {} if value.number is None else {"number": str(value.number)}
    return found | ({} if value.day is None else {"day": value.day.isoformat()})


def _value(found: dict[str, str] | None) -> Value | None:
    if found is None:
        return None
    number, day = found.get("number"), found.get("day")
    return Value(
        found["kind"], found["words"], None if number is None else Decimal(number),
        None if day is None else date.fromisoformat(day),
    )  # fmt: skip


def form_data_json(data: FormData) -> str:
    """The figures as canonical JSON, every measure of the 共性指标 with its value."""
    found = {
        "single": {name: _plain(value) for name, value in data.single.items()},
        "rows": {name: [{key: _plain(one) for key, one in row.items()} for row in rows]
                 for name, rows in data.rows.items()},
        "common": {one.name: _plain(data.common(one.name)) for one in measures_all()},
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def form_data_read(text: str) -> FormData:
    """The figures that :func:`form_data_json` wrote."""
    found: dict[str, Any] = json.loads(text)
    common = {name: _value(one) for name, one in found["common"].items()}
    return FormData(
        single={name: _value(one) for name, one in found["single"].items()},
        rows={name: [{key: _value(one) for key, one in row.items()} for row in rows]
              for name, rows in found["rows"].items()},
        common=common.get,
    )  # fmt: skip


def form_data(year: FiscalYear, program: ProgramYear | None, report: Report | None) -> FormData:
    """What a self-evaluation form takes: as the report was frozen, else as it stands now.

    Args:
        year: with its unit; program: with its program, None for the whole department; report: None before it is begun.
    """
    freeze = freeze_of(report) if report is not None else None
    # One frozen before these figures were kept: no value of its indicators changes while it is frozen.
    if freeze is None or not freeze.workbook:
        return report_data(year, program, report)
    return form_data_read(freeze.workbook)
