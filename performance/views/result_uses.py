"""结果应用 of a frozen report."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.access import duty_required
from core.errors import BusinessError
from performance.forms.evaluation import ResultUseForm
from performance.models import ReportState
from performance.selectors.reports import report_url
from performance.selectors.result_uses import programs_next
from performance.services.result_uses import NOT_DONE, result_use_add
from performance.views.common import acting, form_page, sent
from performance.views.reports import RESULT_USERS, report_of


@duty_required(*RESULT_USERS)
@require_http_methods(["GET", "POST"])
def result_use_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what became of a report's result."""
    report = report_of(pk)
    if report.state != ReportState.FROZEN:
        raise BusinessError(f"{NOT_DONE}：报告定稿以后才能登记结果应用。", "wrong_state")
    back = report_url(report) + "#uses"

    def save(form: Any) -> str:
        result_use_add(report=report, **form.cleaned_data, **acting(request))
        return back

    form = ResultUseForm(*sent(request), programs=programs_next(report))
    return form_page(request, form, save, title="登记结果应用", verb="登记", back=back,
                     lead="评价结果要用到下一年度的预算和管理里；登记以后不能改，写错的再登记一次说明。",
                     crumbs=[(report.title, report_url(report))])  # fmt: skip
