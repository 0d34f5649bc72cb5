"""The running year month by month: plans, goals by office, what was done, two programs that lag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Department, User
from core.moments import SHANGHAI
from performance.demo.build import Cast
from performance.flows import even
from performance.models import FiscalYear, GoalState, Indicator, ProgramYear
from performance.selectors.goal_progress import own_shares, works_of
from performance.selectors.progress import year_flow
from performance.services.goal_shares import Deed, Wish, goal_progress_set, goal_shares_set
from performance.services.lags import ask_words, lag_ask, lags_ask, months_over, subject_of
from performance.services.month_plans import month_plans_set
from performance.services.program_office import program_department_set
from workflow.services import move

# What the programs' contracts ask for, by month: the house pays for the second half year in October.
SITE_PLAN = {3: "17000", 5: "15000", 6: "47000", 9: "17000", 10: "64000"}
SLOW_PLAN = {4: "9000", 6: "55000", 9: "14800"}
WORK = {
    "设施检修次数": {
        "it": {3: ("1", "一季度检修开标室、评标室设备"), 6: ("1", "二季度检修"), 9: ("1", "三季度检修")},
        "general": {12: ("1", "年末场所设施全面检修")},
    },
    "监控录像完整率": {"it": dict.fromkeys(range(1, 13), ("98", ""))},
    "故障响应时间": {"it": dict.fromkeys((3, 6, 9, 12), ("4", ""))},
    "交易服务规范程度": {
        "general": {6: ("", "组织一次服务对象座谈会，整理意见"), 12: ("", "对照服务标准逐项评议")}
    },
    "设施设备完好率": {"it": dict.fromkeys((6, 12), ("95", "盘点设备"))},
    "场所服务满意度": {"general": {6: ("90", "上半年问卷"), 12: ("90", "下半年问卷")}},
}  # fmt: skip
# What came of it; a month that is not here was not told yet, so that a reminder has something to say.
DONE = {
    "设施检修次数": {3: ("1", "检修记录1份，更换录音话筒2只"), 6: ("1", "检修记录1份"), 9: ("1", "检修记录1份")},
    "监控录像完整率": {
        1: ("99.1", ""), 2: ("99.4", ""), 3: ("98.8", ""), 4: ("99.2", ""), 5: ("99", ""), 6: ("98.6", ""),
        7: ("99.3", ""), 8: ("97.5", "8月12日雷击断电，缺录40分钟，已加装备用电源"), 9: ("99.2", ""),
    },
    "故障响应时间": {3: ("2.5", ""), 6: ("2.2", ""), 9: ("2.8", "")},
    "交易服务规范程度": {6: ("", "6月24日召开座谈会，收到意见9条，已答复7条")},
    "设施设备完好率": {6: ("97", "盘点132台，完好128台")},
    "场所服务满意度": {6: ("93.1", "发放60份，有效58份，满意54份")},
}  # fmt: skip


def _months(amounts: Mapping[int, str]) -> list[Decimal]:
    return [Decimal(amounts.get(month, "0")) for month in range(1, 13)]


def _plans(cast: Cast, year: FiscalYear, site: ProgramYear, slow: ProgramYear) -> None:
    """Basic spending in equal parts, programs as their contracts say."""
    own = {site.pk: SITE_PLAN, slow.pk: SLOW_PLAN}
    plans: dict[int, Sequence[Decimal]] = {}
    for one in year_flow(year).lines:
        amounts = own.get(one.line.program_year_id or 0)
        plans[one.line.pk] = _months(amounts) if amounts else even(one.flow.budget_at(12))
    month_plans_set(year=year, plans=plans, by=cast.finance, now=cast.now)


def _split(cast: Cast, table_of: ProgramYear, offices: Mapping[str, Department]) -> None:
    rows = {
        one.name: one
        for one in Indicator.objects.filter(table__program_year=table_of, table__state=GoalState.APPROVED)
    }  # fmt: skip
    for name, parts in WORK.items():
        for code, months in parts.items():
            wishes = {
                month: Wish(Decimal(number) if number else None, text) for month, (number, text) in months.items()
            }
            goal_shares_set(
                indicator=rows[name], department=offices[code], wishes=wishes, by=cast.performance, now=cast.now
            )


def _fill(cast: Cast, year: FiscalYear, last: int, heads: Mapping[str, User]) -> None:
    """The heads of the offices tell what was done, month by month."""
    for month in range(1, last + 1):
        for code, head in heads.items():
            office = Department.objects.get(code=code)
            found = own_shares(works_of(year), [office.pk], month)
            deeds = [
                Deed(one.indicator, office, Decimal(told[0]) if told[0] else None, told[1])
                for one in found
                if (told := DONE.get(one.indicator.name, {}).get(month))
            ]
            if deeds:
                then = cast.on(date(year.year, month, 28) + timedelta(days=7)).now
                goal_progress_set(year=year, month=month, deeds=deeds, by=head, now=then)


def _explained(cast: Cast, year: FiscalYear, slow: ProgramYear, month: int, office: Department, head: User) -> None:
    """One lag asked, answered and accepted."""
    cast = cast.on(date(year.year, month, 28) + timedelta(days=8))
    subject = subject_of(year_flow(year), program_year=slow)
    notice = lag_ask(
        subject=subject, month=month, department=office, text=ask_words(subject.flow, month), by=cast.performance,
        now=cast.now,
    )  # fmt: skip
    data: dict[str, Any] = {
        "cause": "rules",
        "text": "省库终端接口标准5月改版，原定型号不再兼容，重新论证选型，采购方案已报批，"
        "11月完成采购，验收后一次付清。",
        "pay_on": date(year.year, 12, 15),
        "papers": [],
    }
    move(notice, "answer", by=head, now=cast.now, data=data)
    move(notice, "accept", by=cast.director, now=cast.now, comment="同意，按新的时间支付，月底前报采购进展。")


def play_monthly(cast: Cast, year: FiscalYear, site: ProgramYear, slow: ProgramYear) -> None:
    """The months of the running year, up to the last whole one.

    Args:
        site: the program that goes as planned until a payment is late; slow: the one that lags from its first step.
    """
    offices = {one.code: one for one in Department.objects.all()}
    heads = {"it": User.objects.filter(username="dengkai").first(),
             "general": User.objects.filter(username="weilihua").first()}  # fmt: skip
    known = {code: user for code, user in heads.items() if user is not None}
    for row, code in ((site, "general"), (slow, "it")):
        program_department_set(program_year=row, department=offices[code], by=cast.performance, now=cast.now)
    spring = cast.on(date(year.year, 3, 2))
    _plans(spring, year, site, slow)
    _split(spring, site, offices)
    last = months_over(year.year, cast.now.astimezone(SHANGHAI).date())
    _fill(cast, year, last, known)
    if last >= 6 and "it" in known:
        _explained(cast, year, slow, 6, offices["it"], known["it"])
    lags_ask(now=cast.now)
