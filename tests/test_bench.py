"""The arithmetic and the written form of benchmarks; nothing here is timed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import report, write
from bench.measure import AT_LEAST, AT_MOST, Row, median_ratio, percentile, table
from bench.soak import mark

MACHINE = {
    "cores": 2, "cpu": "one", "memory_mb": 4096, "load_average": [0.1, 0.2, 0.3], "python": "3.11.2",
    "postgresql": "18.0", "django": "5.2",
}  # fmt: skip


def found(*rows: Row) -> dict[str, Any]:
    """A result of a run."""
    begun = "2026-03-01T08:00:00+00:00"
    return {"version": 1, "started": begun, "announcements": 1_000_000, "machine": MACHINE, "rows": list(rows)}


def test_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    # The second round was slow for both: it must not count as a slow page.
    assert median_ratio([(50.0, 100.0), (6.0, 10.0), (40.0, 100.0)]) == 0.5


@pytest.mark.parametrize(("percent", "expected"), [(0, 1.0), (50, 2.0), (75, 3.0), (99, 4.0), (100, 4.0)])
def test_percentile_is_a_measured_value(percent: float, expected: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == expected


@pytest.mark.parametrize(
    ("relation", "measured", "expected"),
    [(AT_LEAST, 0.5, True), (AT_LEAST, 0.49, False), (AT_MOST, 0.5, True), (AT_MOST, 0.51, False)],
)
def test_goal_is_met_at_its_limit(relation: str, measured: float, expected: bool) -> None:
    assert Row("a.b", "甲", measured, relation, 0.5).meets is expected


def test_row_without_goal_says_nothing_about_one() -> None:
    assert Row("a.b", "甲", 3.0).meets is None


def test_table_lines_up_chinese_and_latin_names() -> None:
    lines = table([Row("a.b", "列表", 0.5, AT_LEAST, 0.08, "0.06"), Row("a.c", "list p99", 31.0, AT_MOST, 3.0)])
    assert lines.splitlines()[1:] == [
        "列表      0.500             ≥ 0.0800  0.06        达到",
        "list p99  31.0              ≤ 3.000   —           未达到",
    ]


def test_report_names_what_was_missed() -> None:
    text, _ = report(found(Row("a.b", "列表", 0.5, AT_LEAST, 0.6), Row("a.c", "详情", 0.5, AT_LEAST, 0.4)))
    assert text.splitlines()[-1] == "未达到的目标：列表"


def test_result_is_written_under_the_time_of_its_begin(tmp_path: Path) -> None:
    _, written = report(found(Row("a.b", "列表", 0.123456789, AT_LEAST, 0.08, "0.06", {"ms": 1.5})))
    path = write(written, tmp_path / "results")
    row = {"key": "a.b", "label": "列表", "measured": 0.12346, "relation": ">=", "goal": 0.08, "limit": "0.06"}
    assert path == tmp_path / "results" / "20260301T080000Z.json"
    assert json.loads(path.read_text(encoding="utf-8")) == {
        **found(),
        "rows": [{**row, "meets": True, "figures": {"ms": 1.5}}],
    }


def test_marks_of_the_torture_are_all_different() -> None:
    assert len({mark(file, number) for file in range(50) for number in range(300)}) == 15_000
