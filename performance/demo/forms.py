"""Monitoring forms of the running year, and a bureau's workbook with what its cells take."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import File

from performance.demo.blank_form import LAST, blank_form
from performance.demo.build import Cast
from performance.models import BureauWorkbook, FiscalYear, GoalState, GoalTable, Monitoring, MonitoringLine
from performance.monitoring_rules import USUAL_MONTH
from performance.selectors.workbook_suggestions import suggestions_of
from performance.selectors.workbooks import book_of_workbook
from performance.services.monitoring import monitoring_begin, monitoring_save
from performance.services.workbooks import cell_map, suggestions_take, workbook_upload
from workflow.services import move

SIGNED = {"filled_by": "吴婷", "phone": "0000-5080036", "head": "周文博"}
# What the offices knew at the end of July.
SO_FAR = {
    "设施检修次数": "2次", "监控录像完整率": "98.6%", "故障响应时间": "3.5小时", "项目总成本": "7.9万元",
    "交易服务规范程度": "已修订场地管理规程2项", "设施设备完好率": "96%", "场所服务满意度": "92%",
}  # fmt: skip
SHORTAGE = "设备到货比计划晚两个月，四季度集中安装。已与供应商签订补充协议，按周督促到货，年底前完成验收和支付。"


def play_forms(cast: Cast, year: FiscalYear, today: date) -> None:
    """What is there once: a form approved for January to July when that is past, and one under way for the last month.

    Not inside a transaction: the workbook's file is stored before its row.

    Args:
        year: the running budget year of the center. today: the day of the demonstration.
    """
    if not Monitoring.objects.filter(fiscal_year=year).exists():
        _monitorings(cast, year, today)
    if not BureauWorkbook.objects.exists():
        _workbook(cast)


def _monitorings(cast: Cast, year: FiscalYear, today: date) -> None:
    rows = GoalTable.objects.filter(fiscal_year=year, state=GoalState.APPROVED, program_year__isnull=False)
    table = rows.select_related("program_year__program", "fiscal_year__unit").order_by("id").first()
    month = today.month - 1
    if table is None or not month or today.year != year.year:
        return
    if month >= USUAL_MONTH:
        july_form(cast.on(date(year.year, 8, 12)), table)
    if month != USUAL_MONTH:
        _begun(cast, table, month)


def july_form(cast: Cast, table: GoalTable) -> None:
    """The form for January to July of a program or of the department, filled, sent and approved."""
    found = _begun(cast, table, USUAL_MONTH)
    monitoring_save(monitoring=found, values=_filled(found), heads=SIGNED, seen=1, by=cast.performance, now=cast.now)
    move(found, "submit", by=cast.performance, now=cast.now)
    move(found, "approve", by=cast.director, now=cast.now)


def _begun(cast: Cast, table: GoalTable, month: int) -> Monitoring:
    return monitoring_begin(
        fiscal_year=table.fiscal_year, program_year=table.program_year, through_month=month, by=cast.performance,
        now=cast.now,
    )  # fmt: skip


def _filled(monitoring: Monitoring) -> dict[str, dict[str, Any]]:
    """Every line as an officer would fill it in August: one doubtful, the others sure."""
    found: dict[str, dict[str, Any]] = {}
    sure = MonitoringLine.Likelihood.CERTAIN
    goals = [line for line in monitoring.lines.all() if not line.is_money]
    for line in goals:
        words = line.target.removeprefix("定性:").removeprefix("≥").removeprefix("≤").removeprefix("=")
        found[line.line] = {"so_far": line.so_far or SO_FAR.get(line.name, ""), "expected": words, "likelihood": sure}
    if goals:
        found[goals[0].line] |= {
            "likelihood": MonitoringLine.Likelihood.POSSIBLE, "causes": [MonitoringLine.Cause.HARDWARE],
            "explanation": SHORTAGE,
        }  # fmt: skip
    total = monitoring.lines.get(line="funds")
    expected = (total.adjusted_amount or Decimal(0)) * Decimal("0.96")
    found["funds"] = {"expected_amount": expected.quantize(Decimal("0.01")), "likelihood": sure}
    return found


def _workbook(cast: Cast) -> None:
    workbook, _ = workbook_upload(
        name=f"{LAST}（县财政局2022年版）", purpose=BureauWorkbook.Purpose.PROJECT,
        content=File(io.BytesIO(blank_form())), file_name="项目支出绩效自评表（空白）.xlsx", first_year=2022,
        by=cast.performance, now=cast.now,
    )  # fmt: skip
    by: dict[str, Any] = {"by": cast.performance, "now": cast.now}
    for sheet in book_of_workbook(workbook).sheets:
        wanted = [(one.address, one.field.key, one.rows) for one in suggestions_of(sheet, workbook.purpose, ())]
        suggestions_take(workbook=workbook, sheet=sheet.title, wanted=wanted, **by)
    for sheet_name in ("封面", "自评表"):
        cell_map(workbook=workbook, sheet=sheet_name, cell="A2", field="year.brackets", **by)
