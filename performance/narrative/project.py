"""Drafts of a program's report (项目支出绩效自评报告), in the outline of DOMAIN 6.2."""

from __future__ import annotations

from decimal import Decimal

from performance.amounts import percent, percent_words, wan
from performance.document.model import Block, Chart, Table
from performance.narrative.department import LOW, Figures, _Said, deals_words
from performance.narrative.facts import Facts
from performance.narrative.fields import field
from performance.scoring.scores import REACHED


def organisation(facts: Facts, figures: Figures) -> str:
    """Who made it, which program was chosen, how."""
    f = _Said(figures)
    unit = facts.report.fiscal_year.unit
    maker = unit.competent_department or unit.name
    people = f"，成员为：{f.members}" if "members" in figures else ""
    return (
        f"为依法合理规范使用专项资金，{maker}成立了绩效自评工作小组，负责财政支出项目的评价工作{people}。\n"
        f"{f.year}选取“{f.program}”项目进行评价。该项目年初预算为{f.program_budget}，"
        f"本年度实际支出为{f.program_spent}，预算执行率为{_rate(figures)}。该项目由{f.unit}组织实施。"
        "评价小组制定了评价工作方案，梳理预算执行、资金使用、组织管理和绩效目标完成情况，"
        "检验资金支出效果，分析问题和原因，提出改进措施。"
    )


def _rate(figures: Figures) -> str:
    return field(figures["rate"] if "rate" in figures else figures["program_rate"])


def background(facts: Facts, figures: Figures) -> str:
    """From the application."""
    program = facts.program
    if program is None:
        return ""
    basis = f"立项依据：{program.basis.strip().rstrip('。')}。" if program.basis.strip() else ""
    return "\n".join(part for part in (program.background.strip(), basis) if part)


def goal(facts: Facts, figures: Figures) -> str:
    """The overall goal of the approved table, else of the application."""
    if facts.scored is not None and facts.scored.table.overall_goal.strip():
        return facts.scored.table.overall_goal.strip()
    return facts.program.expected_goal.strip() if facts.program else ""


def execution(facts: Facts, figures: Figures) -> str:
    """Budget, what arrived, what was spent and on what."""
    f = _Said(figures)
    text = f"项目年初预算安排{f.program_budget}。"
    if "program_adjusted" in figures:
        text += f"调整后预算{f.program_adjusted}。"
    if "received" in figures:
        text += f"实际到位资金{f.received}，"
    text += f"实际支出共计{f.program_spent}"
    lines = [f"{line.name}{field(figures[f'expense_{line.pk}'])}" for line in facts.expenses]
    return text + (f"，其中：{'；'.join(lines)}。" if lines else "。")


def expense_blocks(facts: Facts) -> tuple[Block, ...]:
    """Expense lines: chart and table."""
    if not facts.expenses:
        return ()
    spent = facts.spent()
    rows = [
        (line.name, _or_dash(line.adjusted), f"{wan(line.executed):f}", _rate_words(line.executed, line.adjusted))
        for line in facts.expenses
    ]
    rows.append(("合计", f"{wan(spent.adjusted):f}", f"{wan(spent.executed):f}",
                 _rate_words(spent.executed, spent.adjusted)))  # fmt: skip
    labels = tuple(line.name for line in facts.expenses)
    amounts = tuple(f"{wan(line.executed):f}" for line in facts.expenses)
    return (
        Chart("shares", "项目支出构成", "万元", labels, (("支出", amounts),)),
        Table("项目支出明细", ("支出明细", "预算", "实际支出", "执行率"), tuple(rows), (4, 1.4, 1.4, 1.3), (1, 2, 3),
              "万元", True),
    )  # fmt: skip


def _or_dash(amount: Decimal | None) -> str:
    return "未细化" if amount is None else f"{wan(amount):f}"


def _rate_words(executed: Decimal, adjusted: Decimal | None) -> str:
    return "—" if adjusted is None else percent_words(percent(executed, adjusted))


def indicators(facts: Facts, figures: Figures) -> str:
    """Each group of level 1: what was aimed at, what it came to; what was missed is said."""
    scored = facts.scored
    if scored is None or not scored.form.indicators:
        return ""
    groups: dict[str, list[str]] = {}
    missed = []
    for place, (one, line) in enumerate(zip(scored.form.indicators, scored.scores.indicators, strict=True), 1):
        said = "尚未填报"
        if one.actual:
            actual = field(figures[f"actual_{place}"])
            said = actual if one.actual == REACHED else f"完成{actual}"
        groups.setdefault(one.level1, []).append(f"{one.name}（指标值{target_shown(one.target)}）{said}")
        if "target_unmet" in line.codes:
            missed.append(one.name)
    text = "\n".join(
        f"{place}．{level1}：{'；'.join(lines)}。" for place, (level1, lines) in enumerate(groups.items(), 1)
    )
    rate = scored.scores.rate_printed
    low = "，低于90%，原因见自评表逐项说明" if rate is not None and rate < LOW else ""
    text += f"\n{len(groups) + 1}．预算执行率指标：预算执行率{_rate(figures)}{low}。"
    if missed:
        return text + f"\n未达到指标值的有：{'、'.join(missed)}，原因和改进措施见自评表。"
    return text


def target_shown(text: str) -> str:
    """A target as print has it: 定性：提升."""
    return text.replace("定性:", "定性：", 1)


def conclusion(facts: Facts, figures: Figures) -> str:
    """Total, grade, deals."""
    parts = []
    if "total" in figures and "grade" in figures:
        f = _Said(figures)
        parts.append(f"项目综合评价得分{f.total}，评价等级为“{f.grade}”。")
    if facts.deals:
        parts.append(deals_words(facts, figures))
    return "\n".join(parts)


def problems(facts: Facts, figures: Figures) -> str:
    """Problems that lie in the figures."""
    found = []
    scored = facts.scored
    rate = scored.scores.rate_printed if scored else None
    if rate is not None and rate < LOW:
        found.append(f"预算执行率{_rate(figures)}，预算编制的准确性和支付进度有待提高。")
    if facts.expenses and all(line.adjusted is None for line in facts.expenses):
        found.append("项目预算没有细化到支出明细，结余无法逐项追溯。")
    if found:
        found.append("下一步细化项目预算，按月跟踪支付进度，重视评价结果的反馈和应用。")
    return "\n".join(f"{place}．{text}" for place, text in enumerate(found, 1))


def other(facts: Facts, figures: Figures) -> str:
    """Nothing can be drafted: the officer writes it."""
    return ""
