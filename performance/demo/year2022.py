"""The year 2022 of the center: the figures of an official report of a county, under other names (DOMAIN 6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from performance.demo import build
from performance.demo.build import Cast, Expense, Line, Plan
from performance.demo.texts import POSTS
from performance.models import BudgetUnit, FiscalYear, Report
from performance.narrative.fields import editable
from performance.narrative.figures import report_facts
from performance.services import adjustments, reports, years

YEAR = 2022
_P, _R = "personnel", "routine"
LINES = (
    Line(_P, "2010350", "30101", "960000", "832800", "本单位职工", "基本工资"),
    Line(_P, "2010350", "30102", "420000", "372000", "本单位职工", "津贴补贴"),
    Line(_P, "2010350", "30107", "610000", "498000", "本单位职工", "绩效工资"),
    Line(_P, "2080505", "30108", "230000", "210000", "云泽县社会保险事业中心", "基本养老保险缴费"),
    Line(_P, "2101102", "30110", "115600", "108600", "云泽县医疗保障局", "基本医疗保险缴费"),
    Line(_P, "2210201", "30113", "220000", "192000", "云泽县住房公积金管理部", "住房公积金"),
    Line(_R, "2010350", "30201", "72000", "60000", "云泽县文苑办公用品店", "办公用品"),
    Line(_R, "2010350", "30205", "10000", "8600", "云泽县自来水公司", "水费"),
    Line(_R, "2010350", "30206", "36000", "31000", "云泽县供电公司", "电费"),
    Line(_R, "2010350", "30207", "30000", "26000", "云泽县通信服务公司", "电话和网络费"),
    Line(_R, "2010350", "30211", "48000", "38000", "本单位职工", "差旅费"),
    Line(_R, "2010350", "30213", "45800", "40000", "云泽县安居维修服务部", "办公场所零星维修"),
    Line(_R, "2010350", "30216", "14000", "12000", "云泽县干部培训中心", "业务培训"),
    Line(_R, "2010350", "30228", "18000", "18000", "云泽县总工会", "工会经费"),
)
PLAN = Plan(
    code="YZ2022-ZX01",
    name="交易场所运行专项",
    amount="200000",
    purpose="交易场所设施维护、评标区监控系统运维和交易政策宣传",
    texts={
        "basis": "云泽县财政局关于批复2022年部门预算的通知",
        "estimate": "场地设施维护8万元，监控系统运维7万元，政策宣传培训5万元，合计20万元。",
        "expected_goal": "交易场所设施完好，监控录像完整，各类项目按时开标评标。",
        "plan": "上半年完成设施检修，下半年完成监控系统升级和政策宣传。",
    },
    functional="2010399",
    economic="30299",
    expenses=(
        Expense("场地设施维护", "80000", "30213", (
            (date(2022, 5, 18), "8600", "开标室门窗和照明检修", "云泽县安居维修服务部"),
            (date(2022, 9, 6), "6300", "评标区空调检修", "云泽县安居维修服务部"))),
        Expense("监控系统运维", "70000", "30227", (
            (date(2022, 6, 22), "12000", "监控系统上半年运维", "云泽县智安电子科技有限公司"),
            (date(2022, 11, 16), "8100", "监控录像存储扩容", "云泽县智安电子科技有限公司"))),
        Expense("政策宣传培训", "50000", "30216"),
    ),
    milestones=(
        ("设施检修", date(2022, 6, 30), "80000", date(2022, 9, 6)),
        ("监控系统升级", date(2022, 10, 31), "70000", date(2022, 11, 16)),
        ("政策宣传", date(2022, 11, 30), "50000", None),
    ),
    document_number="云财预〔2022〕3号",
    approved_on=date(2022, 2, 18),
    approval=("100000", "交易中心日常公用经费不足，经请示，专项资金结余部分用于中心水电、办公等日常支出。",
              "云资交〔2022〕14号"),
    elsewhere=(
        (date(2022, 7, 15), "36500", "中心办公用品和耗材", "云泽县文苑办公用品店"),
        (date(2022, 8, 12), "23400", "中心夏季电费", "云泽县供电公司"),
        (date(2022, 10, 20), "21500", "中心网络专线费", "云泽县通信服务公司"),
        (date(2022, 12, 9), "16500", "中心物业保洁费", "云泽县洁净物业服务部"),
    ),
)  # fmt: skip
# Sentences of the officer's own, as such reports have them; what is wrong with them is found by the checks.
MEMBERS = [("组长", "周文博"), ("副组长", "唐建业"), ("组员", "钱树林"), ("组员", "吴婷"), ("组员", "魏丽华")]
CLAIMS = {
    "income": "原因为人员经费实际支出比预算少。",
    "spending": "与年初预算相差的主要原因是项目资金并未完全使用。",
    "special": (
        "专项资金主要用于交易中心日常公用。专项资金本着专款专用的原则，严格执行批准的使用计划和项目批复，"
        "不擅自调项、扩项、缩项，不拆借、挪用、挤占；定期或不定期进行督查。"
    ),
    "goals": "所有项目都制定了方案，按方案组织实施，按进度拨付资金，无截留、无挪用等现象。",
}


def make(cast: Cast, unit: BudgetUnit, lines: Sequence[Line] = LINES, months: int = 12) -> Report:
    """The whole year, to the confirmed final accounts and the report.

    Args:
        lines: of basic expenditure; months: in how many parts a year they are spent.
    """
    year = build.year_begin(cast, unit, YEAR)
    for kind, quota, actual in POSTS:
        years.post_save(year=year, kind=kind, quota=quota, actual=actual, by=cast.finance, now=cast.now)
    income = years.income_line_save(
        year=year, source=build.SOURCE, initial_amount=Decimal("3029400"),
        functional=build.subject("functional", "2010350"), by=cast.finance, now=cast.now,
    )  # fmt: skip
    pairs = build.lines_make(cast, year, lines)
    row = build.program_apply(cast, year, PLAN)
    build.year_approve(cast, year, "云财预〔2022〕3号", date(2022, 2, 18))
    build.income_spread(cast, income, "2508800", YEAR, months=months)
    build.basic_spend(cast, pairs, YEAR, months=months)
    build.program_spend(cast, row, PLAN)
    adjustments.line_settle(
        line=row.spending_lines.get(), kind="returned", amount=Decimal("67100"), settled_on=date(2022, 12, 31),
        document_number="云财库〔2022〕41号", reason="年末结余由财政收回", by=cast.finance, now=cast.now,
    )  # fmt: skip
    report = _report(cast, year)
    build.accounts_confirm(cast, year, "2508800", "2579900", date(2023, 9, 15))
    return report


def _report(cast: Cast, year: FiscalYear) -> Report:
    report = reports.report_create(
        year=year,
        program=None,
        dated_on=date(2022, 12, 31),
        members=MEMBERS,
        by=cast.performance,
        now=cast.now,
    )
    values = {"filled_by": "吴婷", "phone": "0000-5080016", "head": "周文博"}
    report = reports.report_save(
        report=report, values=values, members=MEMBERS, seen=1, by=cast.performance, now=cast.now
    )
    sentences_add(cast, report, CLAIMS)
    return report


def sentences_add(cast: Cast, report: Report, sentences: dict[str, str]) -> None:
    """Write sentences below what was drafted, as an officer would."""
    _, figures = report_facts(report)
    for key, sentence in sentences.items():
        section = report.sections.get(key=key)
        text = editable(section.text, figures).strip()
        reports.section_save(
            report=report, key=key, text=f"{text}\n{sentence}".strip(), seen=section.number, by=cast.performance,
            now=cast.now,
        )  # fmt: skip
