"""Drafts of the department's report (部门整体支出绩效评价报告), in the outline of DOMAIN 6.2."""

from __future__ import annotations

from decimal import Decimal

from performance.amounts import percent, percent_words, trimmed, wan, yi
from performance.document.model import Block, Chart, Table
from performance.models import SpendingLine
from performance.narrative.facts import Facts
from performance.narrative.fields import Figure, field
from performance.selectors.money import ZERO, totals

Figures = dict[str, Figure]
_Category = SpendingLine.Category
LOW = Decimal(90)
# A gap of a tenth of the budget is told part by part.
GAP = Decimal(10)


class _Said:
    """``f.income_budget`` in an f-string: the figure as a field."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def __getattr__(self, name: str) -> str:
        return field(self._figures[name])


def functions(facts: Facts, figures: Figures) -> str:
    """From the unit's own words."""
    unit = facts.report.fiscal_year.unit
    text = unit.functions.strip()
    scope = f"业务范围包括：{unit.business_scope.rstrip('。')}。" if unit.business_scope else ""
    return "\n".join(part for part in (text, scope) if part)


def people(facts: Facts, figures: Figures) -> str:
    """Posts by kind, people at work."""
    if not facts.posts:
        return ""
    f = _Said(figures)
    kinds = "、".join(f"{post.kind}{field(figures[f'post_{place}'])}" for place, post in enumerate(facts.posts))
    filled = f"，实有{f.posts_filled}" if "posts_filled" in figures else ""
    return f"{f.unit}现有编制{f.posts}{filled}。其中：{kinds}。"


def people_table(facts: Facts) -> tuple[Block, ...]:
    """Posts by kind."""
    if not facts.posts:
        return ()
    rows = [(post.kind, str(post.quota), _whole(post.actual)) for post in facts.posts]
    filled = [post.actual for post in facts.posts]
    known = sum(one for one in filled if one is not None) if None not in filled else None
    rows.append(("合计", str(sum(post.quota for post in facts.posts)), _whole(known)))
    return (Table("人员编制情况", ("类别", "编制数", "实有人数"), tuple(rows), (3, 1, 1), (1, 2), "人", True),)


def _whole(value: int | None) -> str:
    return "—" if value is None else str(value)


def income(facts: Facts, figures: Figures) -> str:
    """Budget and what came in."""
    if not facts.income:
        return ""
    f = _Said(figures)
    kind = "均为当年财政拨款收入" if facts.only_appropriation else "由" + _sources(facts) + "组成"
    first = f"{f.year}，{f.unit}批复年度部门预算收入{f.income_budget}，{kind}。"
    more = facts.received.executed - facts.received.initial
    if not more:
        return first + f"实际收入{f.income_actual}，与年初预算{f.income_change}。"
    return first + f"实际收入{f.income_actual}，比年初预算{f.income_change}，{f.income_share}。"


def _sources(facts: Facts) -> str:
    names = {line.get_source_display(): None for line in facts.income}
    return "、".join(names)


def income_table(facts: Facts) -> tuple[Block, ...]:
    """Income by source and subject."""
    rows = [
        (
            line.get_source_display(),
            str(line.functional or "—"),
            *_wans(line.initial_amount, line.adjusted, line.received),
        )
        for line in facts.income
    ]
    if not rows:
        return ()
    all_of = facts.received
    rows.append(("合计", "", *_wans(all_of.initial, all_of.adjusted, all_of.executed)))
    head = ("资金来源", "功能分类科目", "年初预算数", "全年预算数", "实际收入")
    return (Table("收入预算和执行情况", head, tuple(rows), (2, 3, 1.5, 1.5, 1.5), (2, 3, 4), "万元", True),)


def _wans(*amounts: Decimal) -> tuple[str, ...]:
    return tuple(f"{wan(amount):f}" for amount in amounts)


def spending(facts: Facts, figures: Figures) -> str:
    """Budget by category, what was spent, where the difference comes from."""
    if not facts.spending:
        return ""
    f = _Said(figures)
    text = (
        f"{f.year}，部门支出预算总额为{f.spending_budget}，其中：基本支出的人员经费{f.personnel_budget}，"
        f"基本支出的日常公用经费{f.routine_budget}，项目支出{f.project_budget}。\n"
    )
    total = facts.spent()
    changed = f.spending_change if total.executed != total.initial else "持平"
    adjusted = f"年度中调整后，全年支出预算{f.spending_adjusted}。" if "spending_adjusted" in figures else ""
    text += f"{adjusted}本年实际支出合计{f.spending_actual}，比年初预算支出{changed}，"
    text += f"按全年预算计算的预算执行率{f.spending_rate}。"
    if (percent(total.initial - total.executed, total.initial) or ZERO) >= GAP:
        text += (
            f"其中：人员经费支出{f.personnel_spent}，日常公用经费支出{f.routine_spent}，"
            f"项目支出{f.project_spent}；项目资金结余占支出差额的{f.project_gap_share}，其余为基本支出结余。"
        )
    return text


def spending_blocks(facts: Facts) -> tuple[Block, ...]:
    """Spending by category: chart and table."""
    if not facts.spending:
        return ()
    labels = tuple(category.label for category in _Category)
    sums = [facts.spent(category) for category in _Category]
    chart = Chart(
        "bars", "支出预算与实际支出", "万元", labels,
        (("年初预算", tuple(f"{wan(one.initial):f}" for one in sums)),
         ("实际支出", tuple(f"{wan(one.executed):f}" for one in sums))),
    )  # fmt: skip
    rows = [
        _spending_row(label, one.initial, one.adjusted, one.executed) for label, one in zip(labels, sums, strict=True)
    ]
    total = facts.spent()
    rows.append(_spending_row("合计", total.initial, total.adjusted, total.executed))
    head = ("支出类别", "年初预算数", "全年预算数", "全年执行数", "结余", "执行率")
    table = Table("支出预算和执行情况", head, tuple(rows), (2, 1.4, 1.4, 1.4, 1.2, 1.2), (1, 2, 3, 4, 5), "万元", True)
    return (chart, table)


def _spending_row(label: str, initial: Decimal, adjusted: Decimal, executed: Decimal) -> tuple[str, ...]:
    return (label, *_wans(initial, adjusted, executed, adjusted - executed), percent_words(percent(executed, adjusted)))


def special(facts: Facts, figures: Figures) -> str:
    """Earmarked money: budget, spent, what became of the rest, how it was looked after."""
    if not any(line.category == _Category.PROJECT for line in facts.spending):
        return f"{field(figures['year'])}没有安排专项资金。"
    f = _Said(figures)
    adjusted = f"，调整后{f.project_adjusted}" if "project_adjusted" in figures else ""
    text = f"{f.year}，专项资金支出预算{f.project_budget}{adjusted}，实际资金支出{f.project_spent}，"
    text += f"执行率{f.project_rate}。"
    rest = [
        words for amount, words in (
            (facts.returned, f"由财政收回{f.returned}"), (facts.carried, f"结转下年{f.carried}")
        ) if amount
    ]  # fmt: skip
    if rest:
        text += f"剩余资金{'，'.join(rest)}。"
    purposes = [f"“{one.program.name}”用于{one.purpose.strip().rstrip('。')}" for one in facts.programs if one.purpose]
    if purposes:
        text += f"\n资金用途：{'；'.join(purposes)}。"
    return text + "\n" + _inspections(facts)


def _inspections(facts: Facts) -> str:
    if not facts.inspections:
        return "专项资金按批准的使用计划和项目批复执行，支出须经核对用途、余额和批复后登记。"
    days = "、".join(f"{row.inspected_on.month}月{row.inspected_on.day}日" for row in facts.inspections)
    times = f"本年督查{len(facts.inspections)}次（{days}）"
    return f"专项资金按批准的使用计划和项目批复执行，{times}，督查情况和整改均有记录。"


def special_table(facts: Facts) -> tuple[Block, ...]:
    """Programs with their money."""
    rows = []
    for one in facts.programs:
        lines = [line for line in facts.spending if line.program_year_id == one.pk]
        if lines:
            sums = totals(lines)
            rows.append(_spending_row(one.program.name, sums.initial, sums.adjusted, sums.executed))
    if not rows:
        return ()
    head = ("项目", "年初预算数", "全年预算数", "全年执行数", "结余", "执行率")
    return (Table("专项资金情况", head, tuple(rows), (3, 1.4, 1.4, 1.4, 1.2, 1.2), (1, 2, 3, 4, 5), "万元"),)


def goals(facts: Facts, figures: Figures) -> str:
    """The goals of the year and the deals done."""
    scored = facts.scored
    parts = []
    if scored is not None and scored.table.overall_goal.strip():
        parts.append(f"年度总体目标：{scored.table.overall_goal.strip()}")
    if facts.report.goal_result.strip():
        parts.append(f"完成情况：{facts.report.goal_result.strip()}")
    if facts.deals:
        parts.append(deals_words(facts, figures))
    return "\n".join(parts)


def deals_words(facts: Facts, figures: Figures) -> str:
    """全年组织各类交易…宗, by category."""
    f = _Said(figures)
    each = "；".join(
        f"{row.get_category_display()}项目{field(figures[f'deal_count_{row.category}'])}，"
        f"交易金额{field(figures[f'deal_amount_{row.category}'])}"
        for row in facts.deals
    )
    return f"全年组织各类交易{f.deal_count}，交易总金额{f.deal_amount}。其中：{each}。"


def deals_blocks(facts: Facts) -> tuple[Block, ...]:
    """Deals by category: chart and table."""
    if not facts.deals:
        return ()
    labels = tuple(row.get_category_display() for row in facts.deals)
    amounts = tuple(f"{yi(row.amount):f}" for row in facts.deals)
    rows = [
        (label, str(row.deal_count), amount) for label, row, amount in zip(labels, facts.deals, amounts, strict=True)
    ]
    total = yi(sum((row.amount for row in facts.deals), ZERO))
    rows.append(("合计", str(sum(row.deal_count for row in facts.deals)), f"{total:f}"))
    return (
        Chart("shares", "各类交易金额", "亿元", labels, (("成交金额", amounts),)),
        Table("各类交易情况", ("交易类别", "宗数", "成交金额（亿元）"), tuple(rows), (3, 1, 2), (1, 2), "", True),
    )


def organisation(facts: Facts, figures: Figures) -> str:
    """Who made it, on what ground."""
    f = _Said(figures)
    group = "成立了绩效自评工作领导小组" + (f"（{f.members}）" if "members" in figures else "")
    return (
        f"为落实《中华人民共和国预算法》和省、市、县预算绩效管理的有关规定，{f.unit}{group}，"
        f"制定自评方案，对照{f.year}绩效目标和各项目的实施内容逐项自评，查找问题，分析原因，提出整改措施。"
    )


def method(facts: Facts, figures: Figures) -> str:
    """How it was judged, from the scheme."""
    scored = facts.scored
    if scored is None:
        return "自评采用定量与定性相结合的方法，得分采用百分制。"
    scheme = scored.table.scheme
    groups = "、".join(f"{one.level1}{trimmed(one.weight)}分" for one in scheme.groups.all())
    return (
        f"按照{scheme.basis.rstrip('。')}，自评得分采用百分制：预算执行率{trimmed(scheme.funds_weight)}分、{groups}。"
        f"预算执行率以{scheme.get_denominator_display()}为分母；定量指标按实际完成值与指标值之比计分，"
        "定性指标按达成程度分档计分；得分保留两位小数，四舍五入。"
    )


def score(facts: Facts, figures: Figures) -> str:
    """The total and its grade, then those of the 绩效管理工作; says nothing where something is missing."""
    f, parts = _Said(figures), []
    if "total" in figures and "grade" in figures:
        parts.append(f"部门整体支出绩效自评得分{f.total}，评价等级为“{f.grade}”。")
    if "management_score" in figures:
        parts.append(
            "对绩效管理工作开展情况（绩效目标管理、运行监控、绩效自评、结果应用）按百分制自评，"
            f"得分{f.management_score}，等级为“{f.management_grade}”，各项得分见附表。"
        )
    return "\n".join(parts)


def use_budget(facts: Facts, figures: Figures) -> str:
    """What the result means for the next budget."""
    return (
        "自评结果作为编制下一年度预算的依据：执行率低、结余多的支出压减安排，"
        "绩效目标没有完成的项目先说明原因再申报，绩效目标与预算同步编制、同步审核。"
    )


def use_execution(facts: Facts, figures: Figures) -> str:
    """How execution is followed."""
    return "将全年绩效目标分解到月份和科室，每月对预算执行情况进行分析和反馈，对进度滞后的项目由责任科室说明原因。"


def use_results(facts: Facts, figures: Figures) -> str:
    """How service is improved."""
    return "满意度调查分行业行风和窗口服务对象两类开展，对调查反映的问题限期改进，并对改进效果进行确认。"


def problems(facts: Facts, figures: Figures) -> str:
    """Problems that lie in the figures."""
    found = []
    slow = [one for one in facts.programs if (rate := _rate_of(facts, one.pk)) is not None and rate < LOW]
    if slow:
        names = "、".join(f"“{one.program.name}”" for one in slow)
        found.append(f"部分项目资金支付进度滞后：{names}的执行率低于90%。")
    total = facts.spent()
    rate = percent(total.executed, total.adjusted)
    if rate is not None and rate < LOW:
        found.append(f"预算编制的准确性有待提高：支出预算执行率{field(figures['spending_rate'])}。")
    return "\n".join(f"{place}．{text}" for place, text in enumerate(found, 1))


def _rate_of(facts: Facts, program: int) -> Decimal | None:
    lines = [line for line in facts.spending if line.program_year_id == program]
    executed = sum((line.executed for line in lines), ZERO)
    return percent(executed, sum((line.adjusted for line in lines), ZERO))


def remedies(facts: Facts, figures: Figures) -> str:
    """What is to be done about them."""
    return (
        "1．科学合理编制预算，做准基本支出预算，做实项目支出预算，项目按计划进度安排用款。\n"
        "2．加强项目资金全过程管理，按月跟踪支付进度，滞后的项目由责任科室书面说明。\n"
        "3．完善内部控制制度，加强预算绩效管理业务学习。"
    )
