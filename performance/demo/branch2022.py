"""A program of a neighbouring body in 2022: the figures of an official report, under other names (DOMAIN 6.3)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from performance.demo import build
from performance.demo.build import Cast, Expense, Plan
from performance.demo.goals import Aim, actuals_fill, table_make
from performance.demo.texts import GRADES
from performance.demo.year2022 import YEAR, sentences_add
from performance.models import BudgetUnit, FiscalYear, ProgramYear, Report
from performance.services import entries, reports, years
from performance.services.deals import deal_set

CODE = "KFQ2022-07"
_OFFICE = "开发区文汇办公用品店"
PLAN = Plan(
    code=CODE,
    name="公共资源交易中心运转经费",
    amount="329000",
    purpose="保障交易中心日常办公、场地设备维护、宣传、通信、专家评审和上缴市级系统运维",
    texts={
        "basis": "开发区财政局批复的2022年部门预算",
        "estimate": "参照上年实际支出测算，合计32.9万元，未细化到支出明细。",
        "expected_goal": "发挥市场运作效应，简化程序，提高效率；采购活动公平、公正、公开，确保质量，降低成本。",
        "background": (
            "交易中心为开发区各类公共资源交易提供场所、设施和服务，收集、存储和发布交易信息，查验进场项目手续，"
            "负责现场记录，见证交易全过程，维护交易秩序，建设和维护交易信息系统。"
        ),
    },
    functional="2010399",
    economic="30299",
    expenses=(
        Expense("日常办公经费", None, "30201", (
            (date(2022, 3, 21), "12000", "一季度办公用品", _OFFICE),
            (date(2022, 6, 20), "13000", "二季度办公用品", _OFFICE),
            (date(2022, 9, 20), "12500", "三季度办公用品", _OFFICE),
            (date(2022, 12, 12), "12500", "四季度办公用品", _OFFICE))),
        Expense("场地设备系统及LED屏维修维护费", None, "30213", (
            (date(2022, 8, 9), "7500", "LED屏和音响维修", "开发区明视电子经营部"),)),
        Expense("展牌、条幅等宣传用品费用", None, "30202", (
            (date(2022, 5, 11), "6000", "宣传展牌制作", "开发区彩虹广告社"),
            (date(2022, 10, 18), "4000", "宣传条幅制作", "开发区彩虹广告社"))),
        Expense("电话费及网络费用", None, "30207", (
            (date(2022, 6, 27), "12000", "上半年电话和网络费", "开发区通信服务公司"),
            (date(2022, 12, 15), "12000", "下半年电话和网络费", "开发区通信服务公司"))),
        Expense("政府采购专家评审费", None, "30226", (
            (date(2022, 7, 5), "14600", "上半年专家评审费", "评审专家（名单附后）"),
            (date(2022, 12, 20), "13200", "下半年专家评审费", "评审专家（名单附后）"))),
        Expense("上缴市公共资源交易中心系统升级改造运维经费", None, "30227", (
            (date(2022, 4, 26), "120000", "交易系统升级改造运维分摊", "市公共资源交易中心"),)),
    ),
    document_number="开财预〔2022〕7号",
    approved_on=date(2022, 1, 28),
)  # fmt: skip
AIMS = (
    Aim("产出指标", "数量指标", "采购招标率", "≥100%", "50", "100%", "采购项目台账汇总",
        "应当招标采购的项目中实际招标采购的比例", "实际招标采购项目数÷应招标采购项目数×100%", "采购项目台账"),
    Aim("效益指标", "社会效益指标", "公共服务水平", "定性:提升", "30", GRADES, "年度工作总结",
        "交易服务的效率、规范和公开程度", "对照上年定性评价", "年度工作总结", "按三档评分"),
    Aim("满意度指标", "服务对象满意度", "使用人员满意度", "≥100%", "10", "100%", "窗口口头征询汇总",
        "使用交易场所人员的满意程度", "满意人数÷征询人数×100%", "征询记录"),
)  # fmt: skip
DEALS = (
    ("procurement", 262, "561000000"), ("engineering", 70, "2060000000"), ("land", 29, "800000000"),
    ("property", 63, "146000000"),
)  # fmt: skip
MEMBERS = [
    ("组长", "罗建国"),
    ("副组长", "林芳"),
    ("副组长", "何志远"),
    ("组员", "段晓波"),
    ("组员", "齐红梅"),
    ("组员", "石磊"),
]
CLAIMS = {
    "execution": "为招投标业务工作顺利开展做好服务保障。",
    "indicators": (
        "执行率偏低是由于力行节约，政府采购专家评审费本年度支出仅为〔政府采购专家评审费：2.78万元〕。"
        "以上各项目标均已达到年初预期目标。"
    ),
    "conclusion": (
        "今年以来，坚持管办分开、规范运行，推进全流程电子化，采购活动公平、公正、公开，"
        "选择最优供应商，确保采购质量，提高采购效率，降低采购成本。"
    ),
}


def make(cast: Cast, unit: BudgetUnit) -> Report:
    """The program's year, its goals, deals and report."""
    year = build.year_begin(cast, unit, YEAR)
    years.income_line_save(
        year=year, source=build.SOURCE, initial_amount=Decimal(PLAN.amount), by=cast.finance, now=cast.now,
        functional=build.subject("functional", "2010399"),
    )  # fmt: skip
    row = build.program_apply(cast, year, PLAN)
    income = years.income_line_save(
        year=year, source=build.SOURCE, initial_amount=Decimal(PLAN.amount), by=cast.finance, now=cast.now,
        functional=build.subject("functional", "2010399"), program_year=row,
    )  # fmt: skip
    build.year_approve(cast, year, "开财预〔2022〕7号", date(2022, 1, 28))
    for day, amount in ((date(2022, 4, 20), "145000"), (date(2022, 8, 3), "50000"), (date(2022, 12, 8), "44300")):
        entries.income_enter(
            line=income, received_on=day, amount=Decimal(amount), summary="项目资金到位", by=cast.finance, now=cast.now
        )
    build.program_spend(cast, row, PLAN)
    table = table_make(cast, year, row, PLAN.texts["expected_goal"], AIMS)
    actuals_fill(cast, table, AIMS)
    for category, count, amount in DEALS:
        deal_set(
            fiscal_year=year, category=category, deal_count=count, amount=Decimal(amount),
            evidence="2022年交易统计年报", by=cast.performance, now=cast.now,
        )  # fmt: skip
    return _report(cast, year, row)


def _report(cast: Cast, year: FiscalYear, row: ProgramYear) -> Report:
    report = reports.report_create(
        year=year,
        program=row,
        dated_on=date(2023, 2, 20),
        members=MEMBERS,
        by=cast.performance,
        now=cast.now,
    )
    values = {
        "filled_by": "林芳", "phone": "0000-5080091", "head": "罗建国", "reported_rate": "72.74%",
        "reported_total": "97", "reported_grade": "优",
        "goal_result": "全年组织各类交易项目，采购活动公平、公正、公开。",
    }  # fmt: skip
    report = reports.report_save(
        report=report, values=values, members=MEMBERS, seen=1, by=cast.performance, now=cast.now
    )
    sentences_add(cast, report, CLAIMS)
    return report
