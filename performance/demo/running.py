"""The running year: what is on the desks today."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from performance.demo import build
from performance.demo.build import Cast, Expense, Plan
from performance.demo.goals import actuals_fill, table_make
from performance.demo.monthly import play_monthly
from performance.demo.texts import POSTS
from performance.demo.year2025 import LINES, SITE, SITE_AIMS
from performance.models import Activity, BudgetUnit, FiscalYear, ProgramYear, YearEndBalance
from performance.services import adjustments, programs, years
from workflow.services import move


def _plans(year: int, today: date) -> tuple[Plan, Plan]:
    """The running years's programs: one as planned, one that lags."""
    number, day = f"云财预〔{year}〕2号", min(date(year, 1, 5), today)
    expenses = tuple(
        replace(one, payments=[
            (when.replace(year=year), amount, purpose, payee)
            for when, amount, purpose, payee in one.payments if when.replace(year=year) <= today
        ])
        for one in SITE.expenses
    )  # fmt: skip
    steps = tuple(
        (
            name,
            due.replace(year=year),
            amount,
            done.replace(year=year) if done and done.replace(year=year) <= today else None,
        )
        for name, due, amount, done in SITE.milestones
    )
    site = replace(
        SITE, code=f"YZ{year}-ZX01", expenses=expenses, milestones=steps, document_number=number, approved_on=day,
        inspections=(),
    )  # fmt: skip
    paid = tuple(
        one
        for one in ((date(year, 4, 15), "9000", "专家抽取终端试点", "云泽县智安电子科技有限公司"),)
        if one[0] <= today
    )
    slow = Plan(
        code=f"YZ{year}-ZX02",
        name="专家抽取终端更新",
        amount="78800",
        purpose="更新专家抽取和身份核验终端",
        texts={
            "basis": "省统一评标专家库网络终端建设要求",
            "estimate": "终端4套6.4万元、网络改造1.48万元，合计7.88万元。",
            "expected_goal": "专家抽取终端与省库联通，身份核验全程留痕。",
            "plan": "4月试点，6月完成采购，9月投用。",
        },
        functional="2010399",
        economic="31002",
        expenses=(Expense("抽取终端", "64000", "31002", paid), Expense("网络改造", "14800", "30227")),
        milestones=(
            ("终端试点", date(year, 4, 30), "9000", date(year, 4, 15) if paid else None),
            ("完成采购", date(year, 6, 30), "55000", None),
            ("投入使用", date(year, 9, 30), "14800", None),
        ),
        document_number=number,
        approved_on=day,
    )
    return site, slow


def make(cast: Cast, unit: BudgetUnit, today: date) -> None:
    """A year up to today, with an application, a request and a goal table that wait for the director."""
    opened = cast.on(date(today.year, 1, 8))
    year = build.year_begin(opened, unit, today.year)
    for kind, quota, actual in POSTS:
        years.post_save(year=year, kind=kind, quota=quota, actual=actual, by=cast.finance, now=opened.now)
    activity = Activity.objects.get(responsibility__unit=unit, name="场所和设备保障")
    if YearEndBalance.objects.filter(
        kind="carried", line__fiscal_year__unit=unit, line__fiscal_year__year=today.year - 1
    ).exists():
        # There is nothing between 2025 and a demonstration that is loaded years later.
        adjustments.carry_over_take(year=year, by=cast.finance, now=opened.now)
    carried = sum(year.income_lines.filter(program_year__isnull=True).values_list("initial_amount", flat=True))
    plans = _plans(today.year, today)
    pairs = build.lines_make(opened, year, LINES)
    site, slow = (build.program_apply(opened, year, plan, activity=activity) for plan in plans)
    spending = sum(year.spending_lines.values_list("initial_amount", flat=True))
    income = years.income_line_save(
        year=year, source=build.SOURCE, initial_amount=Decimal(spending - carried),
        functional=build.subject("functional", "2010350"), by=cast.finance, now=opened.now,
    )  # fmt: skip
    build.year_approve(opened, year, f"云财预〔{today.year}〕2号", min(date(today.year, 1, 5), today))
    months = today.month - 1
    if months:
        share = [replace(one, spent=str(Decimal(one.spent) * months / 12 // 1)) for one, _ in pairs]
        build.income_spread(cast, income, str(sum(Decimal(one.spent) for one in share) // 1), today.year, months=months)
        build.basic_spend(
            cast, [(one, line) for one, (_, line) in zip(share, pairs, strict=True)], today.year, months=months
        )
    for row, plan in zip((site, slow), plans, strict=True):
        build.program_spend(cast, row, plan)
    _waiting(cast, year, unit, site, slow)
    play_monthly(cast, year, site, slow)


def _waiting(cast: Cast, year: FiscalYear, unit: BudgetUnit, site: ProgramYear, slow: ProgramYear) -> None:
    table = table_make(cast.on(date(year.year, 2, 25)), year, site, SITE.texts["expected_goal"], SITE_AIMS)
    actuals_fill(cast, table, [replace(one, paper="") for one in SITE_AIMS[:3]])
    aims = [replace(one, office="it") for one in SITE_AIMS]
    table_make(cast, year, slow, "终端按期更新，抽取和核验可靠。", aims, approved=False)
    programs.approval_request(
        program_year=slow, kind="purpose", amount=Decimal("6000"),
        reason="汛期机房漏水，急需从项目结余中支付抢修费用。", document_number="云资交请〔2026〕8号", by=cast.finance,
        now=cast.now,
    )  # fmt: skip
    program = programs.program_save(unit=unit, code="YZ-ZX03", name="档案数字化", by=cast.finance, now=cast.now)
    row = programs.program_year_create(
        program=program, year=year, purpose="历年纸质交易档案扫描入库", applied_amount=Decimal("45000"),
        by=cast.finance, now=cast.now, basis="档案管理规定对数字化的要求",
        estimate="约9万页，每页0.5元，合计4.5万元。", expected_goal="三年档案全部数字化，查询不出库。",
    )  # fmt: skip
    move(row, "submit", by=cast.finance, now=cast.now)
