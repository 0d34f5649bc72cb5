"""The year 2025 of the center: a year as it should be, with every figure explained and every claim on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from performance.demo import build
from performance.demo.build import Cast, Expense, Line, Plan
from performance.demo.forms import july_form
from performance.demo.goals import Aim, actuals_fill, table_make
from performance.demo.texts import GRADES, POSTS, STRUCTURE
from performance.demo.year2022 import sentences_add
from performance.models import Activity, BudgetUnit, GoalTable
from performance.services import adjustments, programs, reports, years
from performance.services.deals import deal_set

YEAR = 2025
_P, _R = "personnel", "routine"
LINES = (
    Line(_P, "2010350", "30101", "1000000", "990000", "本单位职工", "基本工资"),
    Line(_P, "2010350", "30102", "430000", "425000", "本单位职工", "津贴补贴"),
    Line(_P, "2010350", "30107", "640000", "632000", "本单位职工", "绩效工资"),
    Line(_P, "2080505", "30108", "236000", "234000", "云泽县社会保险事业中心", "基本养老保险缴费"),
    Line(_P, "2101102", "30110", "116000", "115000", "云泽县医疗保障局", "基本医疗保险缴费"),
    Line(_P, "2210201", "30113", "218000", "214000", "云泽县住房公积金管理部", "住房公积金"),
    Line(_R, "2010350", "30201", "76000", "75200", "云泽县文苑办公用品店", "办公用品"),
    Line(_R, "2010350", "30205", "10000", "9600", "云泽县自来水公司", "水费"),
    Line(_R, "2010350", "30206", "38000", "37300", "云泽县供电公司", "电费"),
    Line(_R, "2010350", "30207", "30000", "29400", "云泽县通信服务公司", "电话和网络费"),
    Line(_R, "2010350", "30211", "50000", "47800", "本单位职工", "差旅费"),
    Line(_R, "2010350", "30213", "46000", "45500", "云泽县安居维修服务部", "办公场所零星维修"),
    Line(_R, "2010350", "30216", "16000", "15000", "云泽县干部培训中心", "业务培训"),
    Line(_R, "2010350", "30228", "20000", "19700", "云泽县总工会", "工会经费"),
)
_TECH = "云泽县智安电子科技有限公司"
SITE = Plan(
    code="YZ2025-ZX01",
    name="交易场所保障",
    amount="160000",
    purpose="交易场所设施维护、监控系统运维、交易政策宣传培训",
    texts={
        "basis": "《公共资源交易平台服务标准》对场所设施的要求；云泽县财政局部门预算批复",
        "estimate": "设施维护7万元（4次检修）、监控运维6万元（年度合同）、宣传培训3万元（6场），合计16万元。",
        "expected_goal": "场所设施完好，监控录像完整，故障及时排除，交易政策宣传到位。",
        "plan": "每季度检修一次；监控系统按月巡检；上下半年各组织宣传培训。",
        "background": "交易场所建成多年，设施设备需要经常维护，才能保证开标评标不间断。",
    },
    functional="2010399",
    economic="30299",
    expenses=(
        Expense("设施维护", "70000", "30213", (
            (date(2025, 3, 20), "17000", "一季度设施检修", "云泽县安居维修服务部"),
            (date(2025, 6, 18), "17000", "二季度设施检修", "云泽县安居维修服务部"),
            (date(2025, 9, 17), "17000", "三季度设施检修", "云泽县安居维修服务部"),
            (date(2025, 12, 10), "17000", "四季度设施检修", "云泽县安居维修服务部"))),
        Expense("监控系统运维", "60000", "30227", (
            (date(2025, 6, 25), "30000", "监控系统上半年运维", _TECH),
            (date(2025, 12, 17), "30000", "监控系统下半年运维", _TECH))),
        Expense("宣传培训", "30000", "30216", (
            (date(2025, 5, 28), "15000", "上半年交易政策培训", "云泽县干部培训中心"),
            (date(2025, 10, 22), "15000", "下半年交易政策培训", "云泽县干部培训中心"))),
    ),
    milestones=(
        ("上半年检修和运维", date(2025, 6, 30), "79000", date(2025, 6, 25)),
        ("下半年检修和运维", date(2025, 12, 20), "81000", date(2025, 12, 17)),
    ),
    document_number="云财预〔2025〕2号",
    approved_on=date(2025, 2, 10),
    inspections=(
        ("年度督查计划：上半年查用途和凭证", date(2025, 7, 9), "钱树林、魏丽华", "抽查凭证6张，用途与批复一致，附件齐全。"),
        ("年度督查计划：年末查进度和结余", date(2025, 12, 24), "钱树林、魏丽华", "支出进度与计划一致，结余2000元按规定上缴。"),
    ),
)  # fmt: skip
WITNESS = Plan(
    code="YZ2025-ZX02",
    name="评标区数字见证改造",
    amount="100000",
    purpose="购置和安装评标区数字见证设备",
    texts={
        "basis": "县政府关于推进公共资源交易全流程电子化的会议纪要",
        "estimate": "见证设备9万元、安装调试1万元，合计10万元。",
        "expected_goal": "评标全过程音视频见证，资料可追溯。",
        "plan": "5月完成采购，7月完成安装，8月投入使用。",
    },
    functional="2010399",
    economic="31003",
    expenses=(
        Expense("见证设备", "90000", "31003", ((date(2025, 7, 23), "108800", "数字见证设备采购", _TECH),)),
        Expense("安装调试", "10000", "30227", ((date(2025, 8, 6), "10000", "设备安装调试", _TECH),)),
    ),
    milestones=(
        ("完成采购", date(2025, 5, 31), "0", date(2025, 6, 12)),
        ("安装投用", date(2025, 8, 31), "100000", date(2025, 8, 6)),
    ),
    document_number="云财预〔2025〕2号",
    approved_on=date(2025, 2, 10),
    inspections=(("项目验收督查", date(2025, 8, 20), "唐建业、邓凯", "设备数量、型号与合同一致，运行正常。"),),
)  # fmt: skip
_OUT, _USE, _LIKE = "产出指标", "效益指标", "满意度指标"
_SITE = (
    Aim(_OUT, "数量指标", "设施检修次数", "≥4次", "15", "4次", "检修记录4份", "全年完成的场所设施检修次数", "检修记录份数",
        "检修记录", office="it"),
    Aim(_OUT, "质量指标", "监控录像完整率", "≥98%", "15", "99.2%", "录像巡检台账", "录像完整的场次占全部场次的比例",
        "录像完整场次÷全部场次×100%", "录像巡检台账", office="it"),
    Aim(_OUT, "时效指标", "故障响应时间", "≤4小时", "10", "2.5小时", "故障处理单12份平均", "接报到到场的平均时间",
        "各次响应时间之和÷次数", "故障处理单", "不超过指标值得满分，超过的按指标值÷完成值计分", "it"),
    Aim(_OUT, "成本指标", "项目总成本", "≤16万元", "10", "15.8万元", "支出登记", "项目全年支出", "支出登记之和", "支出登记",
        "不超过指标值得满分", "finance"),
    Aim(_USE, "社会效益指标", "交易服务规范程度", "定性:提升", "15", GRADES, "服务对象座谈会纪要",
        "场所服务规范化的程度", "对照服务标准逐项评议", "座谈会纪要", "按三档评分", "general"),
    Aim(_USE, "可持续影响指标", "设施设备完好率", "≥95%", "15", "97%", "固定资产盘点表", "完好设备占全部设备的比例",
        "完好台数÷总台数×100%", "固定资产盘点表", office="it"),
    Aim(_LIKE, "服务对象满意度", "场所服务满意度", "≥90%", "10", "93.75%", "问卷汇总表", "对场所服务满意的比例",
        "满意份数÷有效份数×100%", "问卷汇总表", office="general", survey=(120, 115, 112, 105)),
)  # fmt: skip
_HOME = (
    Aim(_OUT, "数量指标", "进场交易宗数", "≥300宗", "15", definition="四类项目全年进场交易宗数", formula="各类宗数之和",
        source="交易统计年报", office="intake", measure="deal_count"),
    Aim(_OUT, "质量指标", "档案归集完整率", "≥100%", "15", "100%", "档案移交清册", "按时归集齐全的项目占全部项目的比例",
        "归集齐全项目÷全部项目×100%", "档案移交清册", office="witness"),
    Aim(_OUT, "时效指标", "保证金按期退还率", "≥100%", "10", "100%", "退还台账", "在法定期限内退还的比例",
        "按期退还笔数÷应退笔数×100%", "退还台账", office="finance"),
    Aim(_OUT, "成本指标", "公用经费控制率", "≤100%", "10", definition="实际支出公用经费与预算安排之比",
        formula="实际支出公用经费÷预算安排公用经费×100%", source="支出登记", office="finance",
        measure="routine_control_rate"),
    Aim(_USE, "经济效益指标", "政府采购节资率", "≥5%", "15", "5.6%", "采购项目台账", "成交金额比预算节约的比例",
        "（预算金额－成交金额）÷预算金额×100%", "采购项目台账", office="intake"),
    Aim(_USE, "可持续影响指标", "制度完备程度", "定性:健全", "15", GRADES, "制度汇编（2025年版）", "交易和内控制度的完备程度",
        "对照制度目录检查", "制度汇编", "按三档评分", "general"),
    Aim(_LIKE, "服务对象满意度", "行业行风满意度", "≥90%", "5", "91.67%", "问卷汇总表", "对行风满意的比例",
        "满意份数÷有效份数×100%", "问卷汇总表", office="general", survey=(100, 97, 96, 88)),
    Aim(_LIKE, "服务对象满意度", "窗口服务满意度", "≥90%", "5", "95%", "问卷汇总表", "对窗口服务满意的比例",
        "满意份数÷有效份数×100%", "问卷汇总表", office="general", survey=(150, 142, 140, 133)),
)  # fmt: skip
_WITNESS = (
    Aim(_OUT, "数量指标", "数字见证设备安装数量", "≥6套", "15", "6套", "设备验收单", "安装到位、能用的见证设备套数", "验收单合计",
        "设备验收单", office="witness"),
    Aim(_OUT, "质量指标", "设备验收合格率", "≥100%", "15", "100%", "设备验收单", "一次验收合格的设备占全部设备的比例",
        "合格套数÷全部套数×100%", "设备验收单", office="witness"),
    Aim(_OUT, "时效指标", "安装调试用时", "≤30天", "10", "28天", "施工日志", "从到货到验收的天数", "验收日减到货日", "施工日志",
        "不超过指标值得满分，超过的按指标值÷完成值计分", "it"),
    Aim(_OUT, "成本指标", "改造总成本", "≤12万元", "10", "11.88万元", "支出登记", "项目全年支出", "支出登记之和", "支出登记",
        "不超过指标值得满分", "finance"),
    Aim(_USE, "社会效益指标", "评标过程可追溯程度", "定性:提升", "15", GRADES, "见证资料抽查记录", "评标过程的音视频可以回看的程度",
        "抽查归档项目的音视频资料", "抽查记录", "按三档评分", "witness"),
    Aim(_USE, "可持续影响指标", "见证资料完整率", "≥95%", "15", "98%", "见证资料抽查记录", "资料完整的场次占抽查场次的比例",
        "完整场次÷抽查场次×100%", "抽查记录", office="witness"),
    Aim(_LIKE, "服务对象满意度", "评标人员满意度", "≥90%", "10", "95%", "问卷汇总表", "对见证设备和评标环境满意的比例",
        "满意份数÷有效份数×100%", "问卷汇总表", office="general", survey=(45, 42, 40, 38)),
)  # fmt: skip
SITE_AIMS, HOME_AIMS, WITNESS_AIMS = (
    tuple(replace(one, paper=f"{one.name}佐证.txt") if one.actual else one for one in aims)
    for aims in (_SITE, _HOME, _WITNESS)
)
AIMS = (*SITE_AIMS, *HOME_AIMS, *WITNESS_AIMS)
SENTENCES = {
    "department": {
        "problems": "1．项目用款集中在下半年，月度分布不够均衡。\n2．绩效指标中社会效益类指标的量化程度还不高。",
    },
    "project": {
        "problems": "宣传培训场次集中在年中，下一年按季度安排；设施检修改为按设备使用时长安排。",
        "other": "每季度由财务科和使用科室一起核对用款进度，没有发生超范围支出。",
    },
}
WITNESS_SENTENCES = {
    "problems": "设备价格在采购前上涨，年中追加预算2万元；以后编制预算以前先做市场询价。",
    "other": "见证资料按项目归档，抽查记录由见证科和信息科共同签字。",
}
MEMBERS = [("组长", "周文博"), ("副组长", "唐建业"), ("组员", "钱树林"), ("组员", "吴婷"), ("组员", "邓凯")]
DEALS = (
    ("procurement", 168, "162000000"), ("engineering", 74, "985000000"), ("land", 21, "340000000"),
    ("property", 42, "48000000"),
)  # fmt: skip


def structure(cast: Cast, unit: BudgetUnit) -> Activity:
    """部门职责 – 工作活动; the activity that keeps the house."""
    last: Any = None
    for name, text, names in STRUCTURE:
        duty = programs.responsibility_save(unit=unit, name=name, text=text, by=cast.finance, now=cast.now)
        for one in names:
            last = programs.activity_save(responsibility=duty, name=one, by=cast.finance, now=cast.now)
    found: Activity = Activity.objects.get(responsibility__unit=unit, name="场所和设备保障") if last else last
    return found


def make(cast: Cast, unit: BudgetUnit, papers: Any) -> None:
    """The whole year, with goals of the center and of a program, and both reports.

    Args:
        papers: of ``papers_keep(AIMS)``.
    """
    begun, approved, ended = (cast.on(date(*day)) for day in ((2025, 1, 10), (2025, 2, 12), (2026, 1, 9)))
    activity = structure(begun, unit)
    year = build.year_begin(begun, unit, YEAR)
    for kind, quota, actual in POSTS:
        years.post_save(year=year, kind=kind, quota=quota, actual=actual, by=cast.finance, now=begun.now)
    income = years.income_line_save(
        year=year, source=build.SOURCE, initial_amount=Decimal("3186000"),
        functional=build.subject("functional", "2010350"), by=cast.finance, now=begun.now,
    )  # fmt: skip
    pairs = build.lines_make(begun, year, LINES)
    site, witness = (build.program_apply(approved, year, plan, activity=activity) for plan in (SITE, WITNESS))
    build.year_approve(approved, year, "云财预〔2025〕2号", date(2025, 2, 10))
    tables = _goals(cast.on(date(2025, 2, 25)), year, (site, witness))
    _adjust(cast.on(date(2025, 7, 2)), income, witness)
    build.income_spread(ended, income, "3166300", YEAR)
    build.basic_spend(ended, pairs, YEAR)
    for row, plan in ((site, SITE), (witness, WITNESS)):
        build.program_spend(ended, row, plan)
    _settle(ended, site, witness)
    for table in tables:
        july_form(cast.on(date(2025, 8, 12)), table)
    _judge(cast, year, (site, witness), tables, papers)
    if date(2026, 9, 10) <= cast.now.date():
        build.accounts_confirm(cast.on(date(2026, 9, 11)), year, "3166300", "3166300", date(2026, 9, 10))


def _adjust(cast: Cast, income: Any, witness: Any) -> None:
    paper: dict[str, Any] = {
        "document_number": "云财预〔2025〕31号", "reason": "见证设备增加双路录音，追加2万元",
        "adjusted_on": date(2025, 6, 30), "by": cast.finance, "now": cast.now,
    }  # fmt: skip
    devices = witness.expense_lines.get(name="见证设备")
    for line in (income, witness.spending_lines.get(), devices):
        adjustments.budget_adjust(line=line, amount=Decimal("20000"), **paper)


def _settle(cast: Cast, site: Any, witness: Any) -> None:
    for row, kind, amount, paper in (
        (site, "returned", "2000", "云财库〔2025〕40号"), (witness, "carried", "1200", "云财库〔2025〕40号")
    ):  # fmt: skip
        adjustments.line_settle(
            line=row.spending_lines.get(), kind=kind, amount=Decimal(amount), settled_on=date(2025, 12, 31),
            document_number=paper, reason="年末结余处理", by=cast.finance, now=cast.now,
        )  # fmt: skip


def _goals(cast: Cast, year: Any, programs: tuple[Any, Any]) -> list[GoalTable]:
    site, witness = programs
    goal = "全年进场交易规范有序，服务对象满意，经费使用节约高效。"
    return [
        table_make(cast, year, program, words, aims)
        for program, words, aims in (
            (None, goal, HOME_AIMS),
            (site, SITE.texts["expected_goal"], SITE_AIMS),
            (witness, WITNESS.texts["expected_goal"], WITNESS_AIMS),
        )
    ]


def _judge(cast: Cast, year: Any, programs: tuple[Any, Any], tables: list[GoalTable], papers: Any) -> None:
    filled, told = cast.on(date(2026, 1, 20)), cast.on(date(2026, 2, 24))
    for category, count, amount in DEALS:
        deal_set(
            fiscal_year=year, category=category, deal_count=count, amount=Decimal(amount),
            evidence="2025年交易统计年报", by=cast.performance, now=filled.now,
        )  # fmt: skip
    for program, table, aims, sentences in zip(
        (None, *programs), tables, (HOME_AIMS, SITE_AIMS, WITNESS_AIMS),
        (SENTENCES["department"], SENTENCES["project"], WITNESS_SENTENCES), strict=True,
    ):  # fmt: skip
        actuals_fill(filled, table, aims, papers)
        report = reports.report_create(
            year=year, program=program, dated_on=date(2026, 2, 26), members=MEMBERS, by=cast.performance, now=told.now
        )
        goal_result = f"已实现：{table.overall_goal}"
        values = {"filled_by": "吴婷", "phone": "0000-5080016", "head": "周文博", "goal_result": goal_result}
        report = reports.report_save(
            report=report, values=values, members=MEMBERS, seen=1, by=cast.performance, now=told.now
        )
        sentences_add(told, report, sentences)
