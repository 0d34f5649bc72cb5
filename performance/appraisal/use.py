"""结果应用: problems are mended in time, results are shown to everybody (预算法第十四条、第五十七条)."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from django.urls import reverse

from core.measures import MeasureRow
from core.moments import day_words
from performance.appraisal.checks import DAYS, Check, Outcome, check_add, counted
from performance.appraisal.material import Material
from performance.models import ManagementGroup, RectificationState, Report, ReportState, ResultUse

GROUP = ManagementGroup.USE


def ledger(material: Material, parameter: str) -> Outcome:
    """Lines of the ledger that are due are closed, and were done by their day."""
    rows = []
    for one, done in material.rectifications:
        closed = one.state == RectificationState.CLOSED
        # Only what is due counts, for and against.
        if one.due_on >= material.today:
            continue
        fine = closed and done is not None and done <= one.due_on
        words = f"期限 {day_words(one.due_on)}，{one.get_state_display()}" + (
            f"，{day_words(done)}整改" if done else ""
        )
        url = reverse("staff_rectification", args=[one.pk])
        rows.append((MeasureRow(f"{one.department}：{one.problem[:40]}", url, words), fine))
    return counted(rows, what="按期整改完成", none="问题整改台账里没有到期的事项。")


def used(material: Material, parameter: str) -> Outcome:
    """Every frozen report led to something in the next budget, written down."""
    uses = dict(ResultUse.objects.filter(report__fiscal_year=material.fiscal_year).order_by("id").values_list(
        "report_id", "decision"
    ))  # fmt: skip
    rows = []
    for one in material.subjects:
        report = material.reports.get(one.program_year_id)
        if report is None or report.state != ReportState.FROZEN:
            continue
        decision = uses.get(report.pk)
        words = str(ResultUse.Decision(decision).label) if decision else "没有登记结果应用"
        rows.append((MeasureRow(one.name, material.report_url(one), words), decision is not None))
    return counted(rows, what="的结果用于下一年预算", none="还没有定稿的自评报告。")


def disclosed(material: Material, parameter: str) -> Outcome:
    """The department's report is public so many days after the final accounts were approved."""
    final = material.fiscal_year.final_on
    if final is None:
        return Outcome(None, "决算还没有批复。")
    due = final + timedelta(days=int(parameter))
    found = [one for one in material.disclosures if one.report.kind == Report.Kind.DEPARTMENT]
    if not found and material.today <= due:
        return Outcome(None, f"应在 {day_words(due)}以前公开，期限还没有到。")
    day = material.day(found[0].at) if found else None
    words = f"{day_words(day)}公开" if day else "没有公开"
    url = reverse("staff_report_versions", args=[found[0].report_id]) if found else reverse("staff_reports")
    fine = day is not None and day <= due
    row = MeasureRow("部门整体支出绩效自评报告", url, f"决算 {day_words(final)}批复，{words}，期限 {day_words(due)}")
    said = f"决算批复后 {parameter} 日内{'已' if fine else '没有'}公开。"
    return Outcome(Fraction(int(fine)), said, (row,))


for _check in (
    Check("ledger_closed", GROUP, "问题按期整改", "问题整改台账里到期的事项，按期整改并经确认的比例。", ledger),
    Check("results_used", GROUP, "结果用于下一年预算",
          "定稿的自评报告登记了结果应用（增加、保持、核减、取消或者改进管理）的比例。", used),
    Check("disclosed", GROUP, "结果依法公开", "部门整体支出绩效自评报告的公开版，在决算批复后规定的天数内公开。",
          disclosed, DAYS, "20"),
):  # fmt: skip
    check_add(_check)
