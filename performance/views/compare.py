"""年度对比: year on year, program against program; Excel."""

from __future__ import annotations

import io
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import duty_required
from performance.exports import comparison_workbook
from performance.selectors.compare import SORTS, Comparison, comparison
from performance.selectors.compare_charts import standing_charts
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


@duty_required(*READERS)
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """The center by years, a program by years, the programs of a year."""
    (found, sort), today = _asked(request), today_of(request)
    context: dict[str, Any] = {
        "found": found, "sort": sort, "sorts": SORTS.items(),
        "charts": standing_charts("部门整体", found.department, today),
        "program_charts": standing_charts(found.program, found.history, today), "printed": "print" in request.GET,
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
