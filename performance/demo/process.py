"""The self-evaluation of 2025 played to its end, and what of it reaches into the running year."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from accounts.models import Department, User
from documents.services import file_store
from performance.demo.build import Cast
from performance.demo.year2025 import MEMBERS, YEAR
from performance.models import ExpenseLine, FiscalYear, ProgramYear, Rectification, Report, YearState
from performance.selectors.offices import members_of
from performance.services.evaluation import METHOD, plan_create, plan_save, programs_save
from performance.services.files import KeptFile
from performance.services.rectifications import rectification_open
from performance.services.result_uses import result_use_add
from performance.services.scores import reason_set
from performance.services.year_ends import year_end_drafts
from workflow.services import move

STEPS = (
    (date(2026, 1, 15), "成立领导小组，布置自评工作", "general"), (date(2026, 1, 31), "核对收支，填报指标完成情况", "finance"),
    (date(2026, 2, 10), "汇总满意度调查和佐证材料", "general"), (date(2026, 2, 20), "起草自评表和自评报告", "finance"),
    (date(2026, 2, 28), "主任审核，报送财政部门", "directors"),
    (date(2026, 9, 30), "按决算定稿，问题列入整改台账", "finance"),
)  # fmt: skip
WHY = {
    f"YZ{YEAR}-ZX01": "资金量大，占项目支出预算一半以上，直接影响开标评标场所的运行",
    f"YZ{YEAR}-ZX02": "",
}
# Why lines of a program's money were not spent whole: by the line's name, kind of cause and text.
REASONS = {
    "设施维护": (
        "quantity",
        "四季度检修与年底安全检查合并办理，少一次上门费2000元；下一年按三次检修加一次抽检编制预算。",
    ),
    "见证设备": ("price", "中标价比追加后的预算低1200元；以后编制预算以前先询价。"),
}
ITEMS: tuple[dict[str, Any], ...] = (
    {
        "source": "self_evaluation", "office": "finance", "due_on": date(2026, 6, 30),
        "problem": "项目用款集中在下半年，月度分布不够均衡。",
        "measure": "年初按季度编制用款计划，财务科每月通报支出进度，连续两月落后的由承办科室说明。",
        "answer": "已印发用款计划，1至5月支出进度与计划相差在5%以内；通报机制写进财务管理制度。",
        "done_on": date(2026, 6, 12), "paper": "季度用款计划和进度通报.txt", "confirmed": True,
    },
    {
        "source": "inspection", "office": "it", "due_on": date(2026, 5, 31),
        "problem": "监控系统巡检记录有3次没有运维人员签字。",
        "measure": "补签巡检记录，改用电子巡检单，由见证科每季度抽查。",
        "answer": "3次记录已经补签并附说明，4月起使用电子巡检单。", "done_on": date(2026, 5, 20),
        "paper": "电子巡检单样表.txt", "confirmed": True,
    },
    {
        "source": "self_evaluation", "office": "general", "due_on": date(2026, 12, 20),
        "problem": "社会效益类指标的量化程度不高，评分主要靠座谈会纪要。",
        "measure": "编制下一年绩效目标时，把“服务规范程度”改为投诉办结率、一次办好率等可以计数的指标。",
    },
)  # fmt: skip


def papers_keep(cast: Cast) -> dict[str, KeptFile]:
    """The papers of the answers, stored; not inside a transaction."""
    found = {}
    for item in ITEMS:
        if name := item.get("paper"):
            text = f"{name}\n{item['problem']}\n{item['answer']}\n"
            found[name] = KeptFile(name, file_store(content=io.BytesIO(text.encode()), now=cast.now, name=name))
    return found


def year_to_play() -> FiscalYear | None:
    """The year 2025 of the center, unless it is not there or was played already."""
    years = FiscalYear.objects.filter(unit__is_home=True, year=YEAR, evaluation_plan__isnull=True)
    return years.select_related("unit").first()


def play_process(cast: Cast, year: FiscalYear, papers: dict[str, KeptFile]) -> None:
    """Plan, explanations, review, freezing, ledger and use of results; drafts of what nobody began.

    Args:
        year: of :func:`year_to_play`; papers: of :func:`papers_keep`.
    """
    _plan(cast.on(date(2026, 1, 12)), year)
    for report in Report.objects.filter(fiscal_year=year).order_by("id"):
        _report(cast, year, report)
    for item in ITEMS:
        _item(cast, year, item, papers)
    if year.state == YearState.CLOSED:
        _uses(cast.on(date(2026, 9, 16)), year)
    year_end_drafts(now=cast.now)


def _plan(cast: Cast, year: FiscalYear) -> None:
    made: dict[str, Any] = {"by": cast.performance, "now": cast.now}
    plan = plan_create(fiscal_year=year, **made)
    offices = {one.code: one for one in Department.objects.all()}
    steps = [(day, name, offices.get(code)) for day, name, code in STEPS]
    plan_save(plan=plan, document_number="云资交〔2026〕2号", method=METHOD, members=MEMBERS, steps=steps, **made)
    rows = ProgramYear.objects.filter(fiscal_year=year).select_related("program")
    choices = {one.pk: (True, bool(WHY.get(one.program.code)), WHY.get(one.program.code, "")) for one in rows}
    programs_save(plan=plan, choices=choices, **made)
    move(plan, "submit", **made)
    move(plan, "approve", by=cast.director, now=cast.now)


def _report(cast: Cast, year: FiscalYear, report: Report) -> None:
    told, reviewed, frozen = (cast.on(date(*day)) for day in ((2026, 2, 25), (2026, 2, 27), (2026, 9, 14)))
    lines = ExpenseLine.objects.filter(program_year=report.program_year_id, name__in=REASONS)
    for one in lines:
        cause, text = REASONS[one.name]
        reason_set(report=report, line=f"expense:{one.pk}", text=text, cause=cause, by=cast.performance, now=told.now)
    move(report, "submit", by=cast.performance, now=told.now)
    move(report, "review", by=cast.director, now=reviewed.now)
    if year.state == YearState.CLOSED:
        move(report, "freeze", by=cast.director, now=frozen.now)


def _somebody(cast: Cast, office: Department) -> User | None:
    return members_of([office.pk], now=cast.now).exclude(pk__in=[cast.performance.pk, cast.director.pk]).first()


def _item(cast: Cast, year: FiscalYear, item: dict[str, Any], papers: dict[str, KeptFile]) -> None:
    office = Department.objects.get(code=item["office"])
    row: Rectification = rectification_open(
        fiscal_year=year, source=item["source"], problem=item["problem"], measure=item["measure"], department=office,
        due_on=item["due_on"], by=cast.performance, now=cast.on(date(2026, 3, 5)).now,
    )  # fmt: skip
    person = _somebody(cast, office)
    if "answer" not in item or person is None or item["done_on"] > cast.now.date():
        return
    data = {"text": item["answer"], "done_on": item["done_on"], "papers": [papers[item["paper"]]]}
    done = cast.on(item["done_on"])
    move(row, "answer", by=person, now=done.now, data=data)
    if item["confirmed"]:
        move(row, "confirm", by=cast.director, now=done.now)


def _uses(cast: Cast, year: FiscalYear) -> None:
    made: dict[str, Any] = {"by": cast.performance, "now": cast.now}
    running = ProgramYear.objects.filter(fiscal_year__unit=year.unit, fiscal_year__year=YEAR + 1)
    for report in Report.objects.filter(fiscal_year=year, state="frozen").select_related("program_year__program"):
        if report.program_year is None:
            text = "评价等级为优，公用经费按上年实际需要安排；公用经费控制率继续作为部门整体的成本指标。"
            result_use_add(report=report, decision="manage", text=text, **made)
            continue
        following = running.filter(program__name=report.program_year.program.name).first()
        if following is not None:
            text = "指标全部完成，执行率98%以上，下一年度预算保持16万元；设施检修改为按设备使用时长安排。"
            result_use_add(report=report, decision="same", program_year=following, text=text, **made)
        else:
            text = "设备已经建成投用，下一年度不再安排改造资金，运行维护并入交易场所保障项目。"
            result_use_add(report=report, decision="none", text=text, **made)
