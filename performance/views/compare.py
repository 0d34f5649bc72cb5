"""年度对比: year on year, program against program; Excel."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import duty_required
from performance.amounts import wan
from performance.compare_charts import Chart, columns_chart, lines_chart
from performance.exports import comparison_workbook
from performance.selectors.compare import SORTS, Comparison, Standing, comparison
from performance.views.appraisals import READERS
from performance.views.common import XLSX, download, now_of, today_of
from performance.views.goal_common import number_in
from workflow.services.exports import export_record
from workflow.views.common import address_of

LONGEST_NAME = 100


def _asked(request: HttpRequest) -> tuple[Comparison, str]:
    """What the address asks for; strange values are those of nobody."""
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "score"
    name = request.GET.get("program", "")[:LONGEST_NAME]
    return comparison(year=number_in(request, "year"), program=name, sort=sort), sort


def _charts(what: str, rows: list[Standing], today: date) -> list[Chart]:
    """Money and results of some years, a place for each year from the first to the last; none for fewer than two."""
    if len(rows) < 2:
        return []
    known = {one.year: one for one in rows}
    years = range(min(known), max(known) + 1)
    labels = [f"{one}年至{today.month}月" if one == today.year else f"{one}年" for one in years]

    def values(name: str) -> list[Decimal | None]:
        return [getattr(known[one], name) if one in known else None for one in years]

    money = [
        (label, [None if value is None else wan(value) for value in values(name)])
        for label, name in (("全年预算数", "adjusted"), ("全年执行数", "executed"))
    ]
    results = [("预算执行率（%）", values("rate")), ("自评得分", values("score"))]
    running = years.index(today.year) if today.year in years else None
    return [
        columns_chart(caption=f"{what}：预算和执行", unit="万元", labels=labels, series=money, running=running),
        lines_chart(caption=f"{what}：执行率和得分", unit="", labels=labels, series=results),
    ]


@duty_required(*READERS)
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """The center by years, a program by years, the programs of a year."""
    (found, sort), today = _asked(request), today_of(request)
    context: dict[str, Any] = {
        "found": found, "sort": sort, "sorts": SORTS.items(), "charts": _charts("部门整体", found.department, today),
        "program_charts": _charts(found.program, found.history, today), "printed": "print" in request.GET,
    }  # fmt: skip
    return render(request, "performance/compare.html", context)


@duty_required(*READERS)
@require_GET
def compare_xlsx(request: HttpRequest) -> FileResponse:
    """The same lines as a workbook."""
    found, _ = _asked(request)
    content, count = comparison_workbook(found)
    who = {"by": request.user, "now": now_of(request), "address": address_of(request)}
    export_record(**who, subject="performance.fiscalyear:compare", count=count)
    return download(io.BytesIO(content), "年度对比.xlsx", XLSX)
