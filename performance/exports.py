"""Goals, indicators and scores as workbooks."""

from __future__ import annotations

from collections.abc import Iterable

from core.sheets import Cell, workbook
from performance.appraisal.score import Appraisal
from performance.models import GoalTable
from performance.selectors.actuals import OwnRow
from performance.selectors.compare import Comparison
from performance.selectors.goals import FIELDS, indicators_of
from performance.selectors.versions import indicator_words

OWN_HEADS = (
    "年度",
    "目标表",
    "一级指标",
    "二级指标",
    "三级指标",
    "年度指标值",
    "分值",
    "责任科室",
    "实际完成值",
    "填报时间",
    "佐证说明",
)


def goals_workbook(table: GoalTable) -> tuple[bytes, int]:
    """The indicators of a table as XLSX bytes, and their number."""
    rows: list[tuple[Cell, ...]] = [tuple(indicator_words(one).values()) for one in indicators_of(table)]
    return workbook(name="绩效指标", heads=tuple(FIELDS.values()), rows=rows), len(rows)


def own_workbook(lines: Iterable[OwnRow]) -> tuple[bytes, int]:
    """Indicators with the values that hold, as XLSX bytes, and their number."""
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        one, actual = line.indicator, line.actual
        about = str(one.table.program_year.program if one.table.program_year else one.table.fiscal_year.unit)
        value: tuple[Cell, ...] = (actual.value, actual.at, actual.evidence) if actual else ("", None, "")
        words = (one.level1, one.level2, one.name, one.target, f"{one.weight}", str(one.office or ""))
        rows.append((one.table.fiscal_year.year, about, *words, *value))
    return workbook(name="指标完成情况", heads=OWN_HEADS, rows=rows), len(rows)


APPRAISAL_HEADS = ("部分", "评分项", "分值", "得分", "说明", "依据", "情况")


def appraisal_rows(found: Appraisal, *, graded: bool = True) -> list[tuple[Cell, ...]]:
    """Items with their scores and every row they rest on, the total last; ``graded``: the year is over."""
    rows: list[tuple[Cell, ...]] = []
    for one in found.items:
        score = "不适用" if one.score is None else f"{one.score:f}"
        rows.append((one.group_label, one.label, f"{one.weight:f}", score, one.words, "", ""))
        rows += [(one.group_label, one.label, "", "", "", row.label, row.value) for row in one.rows]
    total = "—" if found.total is None else f"{found.total:f}"
    rows.append(
        (
            "合计（百分制）",
            "",
            "100",
            total,
            f"等级：{found.grade or '—'}" if graded else "截至目前，年度结束以后评定等级",
            "",
            "",
        )
    )
    return rows


def appraisal_workbook(found: Appraisal, *, graded: bool = True) -> tuple[bytes, int]:
    """The rows of :func:`appraisal_rows` as XLSX bytes, and their number."""
    rows = appraisal_rows(found, graded=graded)
    return workbook(name="绩效管理工作评分", heads=APPRAISAL_HEADS, rows=rows), len(rows)


COMPARE_HEADS = (
    "对象",
    "年度",
    "年初预算数（元）",
    "全年预算数（元）",
    "全年执行数（元）",
    "执行率（%）",
    "得分",
    "等级",
    "数字",
)


def comparison_workbook(found: Comparison) -> tuple[bytes, int]:
    """Every line of the page as XLSX bytes, and their number."""
    named = [("部门整体", one) for one in found.department] + [(found.program, one) for one in found.history]
    named += [(one.label, one) for one in found.programs if one not in found.history]
    rows: list[tuple[Cell, ...]] = []
    for name, one in named:
        figures = (one.initial, one.adjusted, one.executed, one.rate, one.score)
        texts = ["" if value is None else f"{value:f}" for value in figures]
        rows.append((name, one.year, *texts, one.grade, "已定稿" if one.frozen else "未定稿"))
    return workbook(name="年度对比", heads=COMPARE_HEADS, rows=rows), len(rows)
