"""The figures of a report by name: from these the drafts are written, and only these can stand in a text as fields."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.urls import reverse

from performance.amounts import (
    change_share_words,
    change_words,
    percent,
    percent_words,
    trimmed,
    wan_words,
    yi_words,
)
from performance.models import Report, SpendingLine
from performance.narrative.facts import Facts
from performance.narrative.fields import Figure
from performance.scoring.form import half_up
from performance.selectors.money import ZERO, Totals

_Category = SpendingLine.Category
_KINDS = (
    ("personnel", "人员经费", (_Category.PERSONNEL,)),
    ("routine", "日常公用经费", (_Category.ROUTINE,)),
    ("basic", "基本支出", (_Category.PERSONNEL, _Category.ROUTINE)),
    ("project", "项目支出", (_Category.PROJECT,)),
)


def figures_of(facts: Facts) -> dict[str, Figure]:
    """Every figure of a report by its name."""
    found = [*_common(facts), *(_of_program(facts) if facts.program else _of_department(facts)), *_of_scores(facts)]
    return {figure.name: figure for figure in found}


def members_words(report: Report) -> str:
    """组长：…；副组长：…；组员：…; empty before anybody was named."""
    by_role: dict[str, list[str]] = {}
    for member in report.members.all():
        by_role.setdefault(member.role, []).append(member.name)
    return "；".join(f"{role}：{'、'.join(names)}" for role, names in by_role.items())


def _budget_url(facts: Facts) -> str:
    return reverse("staff_budget_year", args=[facts.report.fiscal_year_id])


def _common(facts: Facts) -> Iterator[Figure]:
    year = facts.report.fiscal_year
    yield Figure("year", "年度", f"{year.year}年", "报告所属的预算年度")
    yield Figure("unit", "单位名称", year.unit.name, "预算单位")
    if members := members_words(facts.report):
        yield Figure(
            "members",
            "小组成员",
            members,
            "封面和签署：自评工作小组",
            reverse("staff_report_edit", args=[facts.report.pk]),
        )
    count = sum(row.deal_count for row in facts.deals)
    amount = sum((row.amount for row in facts.deals), ZERO)
    deals = f"{reverse('staff_deals')}?year={year.pk}"
    if facts.deals:
        yield Figure("deal_count", "交易宗数", f"{count}宗", "各类交易宗数之和", deals)
        yield Figure("deal_amount", "交易总金额", yi_words(amount), "各类成交金额之和", deals)
    for row in facts.deals:
        label = row.get_category_display()
        yield Figure(f"deal_count_{row.category}", f"{label}宗数", f"{row.deal_count}宗", row.evidence, deals)
        yield Figure(f"deal_amount_{row.category}", f"{label}金额", yi_words(row.amount), row.evidence, deals)


def _pair(name: str, label: str, sums: Totals, url: str) -> Iterator[Figure]:
    """Budget, adjusted budget, what was spent, what was not, and the rate, of one part of the spending."""
    yield Figure(f"{name}_budget", f"{label}预算", wan_words(sums.initial), f"{label}年初预算数之和", url)
    if sums.adjusted != sums.initial:
        said = f"{label}年初预算数与各次调整之和"
        yield Figure(f"{name}_adjusted", f"{label}调整后预算", wan_words(sums.adjusted), said, url)
    yield Figure(f"{name}_spent", f"{label}支出", wan_words(sums.executed), f"{label}支出登记之和（冲销已减）", url)
    yield Figure(f"{name}_left", f"{label}结余", wan_words(sums.left), f"{label}调整后预算减支出", url)
    rate = percent(sums.executed, sums.adjusted)
    yield Figure(f"{name}_rate", f"{label}执行率", percent_words(rate), f"{label}支出÷调整后预算", url)


def _of_management(facts: Facts) -> Iterator[Figure]:
    """The department's own 绩效管理工作, once its score was kept."""
    kept = facts.management
    if kept is not None:
        url = reverse("staff_appraisal_kept", args=[kept.pk])
        said = "最近一次存档的绩效管理工作评分"
        yield Figure("management_score", "绩效管理工作得分", f"{trimmed(kept.total)}分", said, url)
        yield Figure("management_grade", "绩效管理工作等级", kept.grade, said, url)


def _of_department(facts: Facts) -> Iterator[Figure]:
    yield from _of_management(facts)
    url, year = _budget_url(facts), facts.report.fiscal_year
    income, spent = facts.received, facts.spent()
    yield Figure("income_budget", "收入预算", wan_words(income.initial), "收入预算年初数之和", url)
    yield Figure("income_actual", "实际收入", wan_words(income.executed), "收入登记之和（冲销已减）", url)
    changed = "实际收入与年初收入预算相比"
    yield Figure("income_change", "收入增减", change_words(income.executed, income.initial), changed, url)
    yield Figure("income_share", "收入增减率", change_share_words(income.executed, income.initial), changed, url)
    yield Figure("spending_budget", "支出预算", wan_words(spent.initial), "支出预算年初数之和", url)
    if spent.adjusted != spent.initial:
        yield Figure(
            "spending_adjusted", "全年支出预算", wan_words(spent.adjusted), "支出预算年初数与各次调整之和", url
        )
    yield Figure("spending_actual", "实际支出", wan_words(spent.executed), "支出登记之和（冲销已减）", url)
    changed = "实际支出与年初支出预算相比"
    yield Figure("spending_change", "支出增减", change_words(spent.executed, spent.initial), changed, url)
    yield Figure("spending_share", "支出增减率", change_share_words(spent.executed, spent.initial), changed, url)
    yield Figure(
        "spending_rate", "支出预算执行率", percent_words(percent(spent.executed, spent.adjusted)),
        "实际支出÷调整后支出预算", url,
    )  # fmt: skip
    for name, label, categories in _KINDS:
        yield from _pair(name, label, facts.spent(*categories), url)
    project = facts.spent(_Category.PROJECT)
    gap = spent.initial - spent.executed
    if gap > 0:
        share = percent_words(percent(max(project.initial - project.executed, ZERO), gap))
        yield Figure("project_gap_share", "项目占支出差额", share, "项目预算减项目支出，占支出差额的比例", url)
    yield Figure("returned", "财政收回", wan_words(facts.returned), "年末结余处理：财政收回之和", url)
    yield Figure("carried", "结转下年", wan_words(facts.carried), "年末结余处理：结转下年之和", url)
    yield from _of_people(facts, reverse("staff_budget_year", args=[year.pk]))


def _of_people(facts: Facts, url: str) -> Iterator[Figure]:
    yield Figure("posts", "编制数", f"{sum(post.quota for post in facts.posts)}名", "人员编制各类之和", url)
    for place, post in enumerate(facts.posts):
        yield Figure(f"post_{place}", f"{post.kind}编制", f"{post.quota}名", "人员编制", url)
    if facts.posts and all(post.actual is not None for post in facts.posts):
        filled = sum(post.actual or 0 for post in facts.posts)
        yield Figure("posts_filled", "实有人数", f"{filled}名", "实有人数各类之和", url)


def _of_program(facts: Facts) -> Iterator[Figure]:
    program = facts.program
    assert program is not None  # noqa: S101 (for the type checker)
    url = reverse("staff_program_year", args=[program.pk])
    spent, received = facts.spent(), facts.received
    yield Figure("program", "项目名称", program.program.name, "项目", url)
    yield from _pair("program", "项目", spent, url)
    if facts.income:
        yield Figure("received", "到位资金", wan_words(received.executed), "项目收入登记之和（冲销已减）", url)
    for line in facts.expenses:
        executed: Decimal = line.executed
        yield Figure(f"expense_{line.pk}", line.name, wan_words(executed), "该支出明细登记之和", url)


def _of_scores(facts: Facts) -> Iterator[Figure]:
    scored = facts.scored
    if scored is None:
        return
    url = reverse("staff_score", args=[scored.table.pk])
    rate = scored.scores.rate_printed
    if rate is not None:
        yield Figure("rate", "预算执行率", f"{rate}%", "全年执行数÷预算数", url)
    if (total := scored.total) is not None:
        yield Figure("total", "评价得分", f"{trimmed(total)}分", "各项得分之和", url)
    if scored.grade:
        yield Figure("grade", "评价等级", scored.grade, "按评分方案的等级区间", url)
    for place, (one, line) in enumerate(zip(scored.form.indicators, scored.scores.indicators, strict=True), 1):
        if one.actual:
            yield Figure(f"actual_{place}", f"{one.name}完成值", one.actual, "实际完成值", url)
        if line.score is not None:
            yield Figure(f"score_{place}", f"{one.name}得分", f"{trimmed(half_up(line.score))}分", "按公式", url)


def report_facts(report: Report) -> tuple[Facts, dict[str, Figure]]:
    """A report's facts and its figures."""
    facts = Facts(report)
    return facts, figures_of(facts)
