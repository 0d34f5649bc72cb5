"""The outlines of both reports: sections, how each is drafted, what stands below its text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from performance.document.model import Block
from performance.models import Report
from performance.narrative import department, project
from performance.narrative.facts import Facts
from performance.narrative.fields import Figure

Figures = dict[str, Figure]


@dataclass(frozen=True)
class SectionSpec:
    """A section of a report.

    Args:
        key: identifier within the report; empty for a heading without text of its own.
        level: 1 to 3; text: the heading without its number.
        draft: ``(facts, figures) -> str``, the text as stored, an empty one where the data say nothing.
        blocks: tables and charts below the text.
        optional: may stay empty.
        advice: what an officer writes here, where the draft is empty.
    """

    key: str
    level: int
    text: str
    draft: Callable[[Facts, Figures], str] | None = None
    blocks: Callable[[Facts], tuple[Block, ...]] | None = None
    optional: bool = False
    advice: str = ""


def _s(key: str, level: int, text: str, draft: object = None, **more: object) -> SectionSpec:
    return SectionSpec(key, level, text, draft, **more)  # type: ignore[arg-type]


_D, _P = department, project
DEPARTMENT = (
    _s("", 1, "部门概况"),
    _s("functions", 2, "机构职能与组成", _D.functions),
    _s("people", 2, "人员结构", _D.people, blocks=_D.people_table),
    _s("", 2, "收支情况"),
    _s("income", 3, "预算收入情况", _D.income, blocks=_D.income_table),
    _s("spending", 3, "预算支出情况", _D.spending, blocks=_D.spending_blocks),
    _s("special", 3, "专项资金管理情况", _D.special, blocks=_D.special_table),
    _s("goals", 2, "目标实现情况", _D.goals, blocks=_D.deals_blocks),
    _s("", 1, "绩效自评工作开展情况"),
    _s("organisation", 2, "评价组织", _D.organisation),
    _s("method", 2, "自评方法", _D.method),
    _s("score", 2, "评价得分和等级", _D.score, optional=True),
    _s("", 1, "绩效评价结果应用"),
    _s("use_budget", 2, "预算编制方面", _D.use_budget, advice="下一年预算怎样用这次自评的结果。"),
    _s("use_execution", 2, "预算执行方面", _D.use_execution, advice="执行进度怎样跟踪、分析、反馈。"),
    _s("use_results", 2, "履职产出方面", _D.use_results, advice="履职和满意度方面怎样改进。"),
    _s("", 1, "存在的问题及整改建议"),
    _s("problems", 2, "存在的问题", _D.problems, advice="逐条写明问题，每条一段。"),
    _s("remedies", 2, "整改建议", _D.remedies, advice="针对每个问题写措施、责任科室和期限。"),
)
PROJECT = (
    _s("organisation", 1, "评价工作组织开展情况", _P.organisation),
    _s("", 1, "项目基本概况"),
    _s("background", 2, "项目背景", _P.background, advice="为什么设这个项目，做什么。"),
    _s("goal", 2, "项目绩效目标", _P.goal, advice="年度总体目标。"),
    _s("", 1, "绩效评价情况"),
    _s("execution", 2, "项目执行情况", _P.execution, blocks=_P.expense_blocks),
    _s("indicators", 2, "绩效指标分析情况", _P.indicators),
    _s("conclusion", 2, "综合评价等级和评价结论", _P.conclusion, blocks=_D.deals_blocks),
    _s("problems", 1, "存在的问题及改进建议", _P.problems, advice="逐条写明问题和改进的办法。"),
    _s("other", 1, "其他需要说明的问题", _P.other, advice="好的经验做法、对加强重点评价管理的建议；没有的写“无”。"),
)
_OUTLINES = {Report.Kind.DEPARTMENT.value: DEPARTMENT, Report.Kind.PROJECT.value: PROJECT}


def outline(kind: str) -> tuple[SectionSpec, ...]:
    """The sections of a kind of report, in order."""
    return _OUTLINES[kind]


def spec_of(kind: str, key: str) -> SectionSpec | None:
    """The section of a key, or None."""
    return next((one for one in outline(kind) if key and one.key == key), None)
