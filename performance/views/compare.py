"""年度对比: year on year, program against program; Excel."""

from __future__ import annotations

import io
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
from performance.views.common import XLSX, download, now_of
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


def _charts(what: str, rows: list[Standing]) -> list[Chart]:
    """Money and results of some years; none for fewer than two."""
    if len(rows) < 2:
        return []
    labels = [one.label for one in rows]
    money = [
        (name, [None if value is None else wan(value) for value in values])
        for name, values in (("全年预算数", [r.adjusted for r in rows]), ("全年执行数", [r.executed for r in rows]))
    ]
    results = [("预算执行率（%）", [one.rate for one in rows]), ("自评得分", [one.score for one in rows])]
    return [
        columns_chart(caption=f"{what}：预算和执行", unit="万元", labels=labels, series=money),
        lines_chart(caption=f"{what}：执行率和得分", unit="", labels=labels, series=results),
    ]


@duty_required(*READERS)
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """The center by years, a program by years, the programs of a year."""
    found, sort = _asked(request)
    context: dict[str, Any] = {
        "found": found, "sort": sort, "sorts": SORTS.items(), "charts": _charts("部门整体", found.department),
        "program_charts": _charts(found.program, found.history), "printed": "print" in request.GET,
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
