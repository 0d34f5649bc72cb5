"""绩效运行监控: the year's list, one form, filling it, its paper and workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from core.errors import BusinessError
from core.sheets import workbook
from performance.document.monitoring import monitoring_pdf
from performance.document.monitoring_book import monitoring_workbook
from performance.forms.monitoring import LineForm, LinesForm, MonitoringNewForm
from performance.models import FiscalYear, GoalState, Monitoring, MonitoringLine, ProgramYear
from performance.monitoring_rules import deviation_of, deviation_words, reason_needed
from performance.selectors import monitoring as reads
from performance.selectors.goals import years_all
from performance.selectors.monitoring_form import form_of
from performance.selectors.rectifications import OPENERS
from performance.selectors.workbooks import workbooks_for
from performance.services import monitoring as writes
from performance.services.report_files import DEMO_MARK
from performance.views.common import READERS as MONEY_READERS
from performance.views.common import XLSX, acting, download, form_page, may, now_of, object_context, row_of, sent
from performance.views.goal_common import MOST_PK, actor, year_in
from workflow.services.exports import export_record
from workflow.views.common import files_again, number_of, status_of

OWN_PAGES = frozenset({"save"})
HEADS = ("项目或单位", "项目代码", "监控期间", "状态", "建立时间")


def monitoring_of(request: HttpRequest, pk: int) -> Monitoring:
    """A form that the visitor may see; 404 otherwise."""
    rows = reads.monitorings_visible(reads.monitoring_rows(now=now_of(request)), actor=actor(request))
    found: Monitoring = row_of(rows, pk)
    return found


@duty_required(*reads.READERS)
@require_GET
def monitoring_list(request: HttpRequest) -> HttpResponse:
    """The forms of a year, and what is missing."""
    years = years_all()
    year = year_in(request, years)
    rows = reads.year_monitorings(year) if year else []
    context = {
        "years": years, "year": year, "rows": rows, "missing": sum(one.missing for one in rows),
        "may_make": may(request, *reads.MAKERS),
    }  # fmt: skip
    return render(request, "performance/monitoring_list.html", context)


@duty_required(*reads.READERS)
@require_GET
def monitoring_list_xlsx(request: HttpRequest, year: int) -> HttpResponseBase:
    """The year's list as Excel."""
    found: FiscalYear = row_of(FiscalYear.objects.select_related("unit"), year)
    rows = reads.overview_rows(reads.year_monitorings(found))
    export_record(**acting(request), subject=f"performance.fiscalyear:{found.pk}", count=len(rows))
    content = workbook(name="绩效运行监控", heads=HEADS, rows=rows)
    return download(io.BytesIO(content), f"{found.unit}{found.year}年度绩效运行监控情况.xlsx", XLSX)


def _object(year: int, program: int) -> tuple[FiscalYear, ProgramYear | None]:
    fiscal: FiscalYear = row_of(FiscalYear.objects.select_related("unit"), year)
    if not program:
        return fiscal, None
    rows = ProgramYear.objects.select_related("program__unit", "fiscal_year__unit")
    return fiscal, get_object_or_404(rows, pk=min(program, MOST_PK - 1), fiscal_year=fiscal)


def _crumbs(year: FiscalYear, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("运行监控", reverse("staff_monitorings") + f"?year={year.pk}"), *more]


@duty_required(*reads.MAKERS)
@require_http_methods(["GET", "POST"])
def monitoring_new(request: HttpRequest, year: int, program: int) -> HttpResponse:
    """Begin a form, filled from the data; ``program`` 0 is the whole department."""
    fiscal, program_year = _object(year, program)

    def save(form: Any) -> str:
        made = writes.monitoring_begin(
            fiscal_year=fiscal, program_year=program_year, through_month=form.cleaned_data["through_month"],
            **acting(request),
        )  # fmt: skip
        return reverse("staff_monitoring_edit", args=[made.pk])

    name = program_year.program.name if program_year else f"{fiscal.unit}（部门整体）"
    return form_page(
        request, MonitoringNewForm(*sent(request)[:1]), save, verb="建立", title=f"填报绩效运行监控表：{name}",
        back=reverse("staff_monitorings") + f"?year={fiscal.pk}", crumbs=_crumbs(fiscal),
        lead="资金执行数取到那个月最后一天的支出登记，指标取到那时为止的完成情况，再由您填全年预计、可能性和原因。",
    )  # fmt: skip


def _shown(lines: Iterable[MonitoringLine]) -> list[dict[str, Any]]:
    """Lines as the page shows them."""
    found = []
    for line in lines:
        off = deviation_of(line)
        words = f"{'高' if off > 0 else '低'} {deviation_words(off)}" if off else ""
        found.append({"one": line, "rate": reads.rate_of(line), "off": words, "causes": reads.cause_words(line)})
    return found


@duty_required(*reads.READERS)
@require_GET
def monitoring_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One form: money, indicators, moves, history."""
    monitoring = monitoring_of(request, pk)
    context = object_context(request, monitoring)
    lines = list(monitoring.lines.all())
    verdicts = context["moves"]
    context |= {
        "monitoring": monitoring, "title": reads.monitoring_title(monitoring), "year": monitoring.fiscal_year,
        "moves": [one for one in verdicts if one.move.name not in OWN_PAGES],
        "may_edit": any(one.move.name in OWN_PAGES and one.allowed for one in verdicts),
        "money": _shown(one for one in lines if one.is_money and one.is_told),
        "rows": _shown(one for one in lines if not one.is_money),
        "impossible": reads.impossible_told(monitoring) if monitoring.state == "approved" else [],
        "may_open": may(request, *OPENERS),
        "goals_changed": monitoring.goal_table.state != GoalState.APPROVED,
        "crumbs": _crumbs(monitoring.fiscal_year),
        "workbooks": workbooks_for(monitoring.fiscal_year, "monitoring") if may(request, *MONEY_READERS) else [],
    }  # fmt: skip
    return render(request, "performance/monitoring_detail.html", context)


@dataclass(frozen=True)
class Clash:
    """A field that two people filled differently."""

    label: str
    theirs: str
    mine: str


def _said(line: MonitoringLine, name: str, value: Any) -> str:
    """A value as people read it."""
    if name == "causes":
        return reads.cause_words(MonitoringLine(causes=list(value or [])))
    if name == "likelihood":
        return str(dict(MonitoringLine.Likelihood.choices).get(value, ""))
    return "" if value is None else str(value)


def _clashes(form: LinesForm, monitoring: Monitoring) -> list[Clash]:
    now = {one.line: one for one in monitoring.lines.all()}
    found = []
    for one in form.lines:
        stored = now[one.line.line]
        for name, field in one.fields.items():
            theirs = _said(stored, name, getattr(stored, name))
            mine = _said(stored, name, one.cleaned_data.get(name))
            if theirs != mine:
                found.append(Clash(f"{stored.name}：{field.label}", theirs, mine))
    return found


def _form(request: HttpRequest, monitoring: Monitoring) -> LinesForm:
    heads = {name: getattr(monitoring, name) for name in writes.HEADS} | {"seen": monitoring.edition}
    data = request.POST if request.method == "POST" else None
    return LinesForm(data, lines=[one for one in monitoring.lines.all() if one.is_told], heads=heads)


def _saved(request: HttpRequest, form: LinesForm, monitoring: Monitoring) -> None:
    """Raises BusinessError."""
    if not form.is_valid():
        raise BusinessError("没有保存：下面有填错的地方，请改好再保存，已填的内容都还在。", "invalid")
    heads = dict(form.heads.cleaned_data)
    writes.monitoring_save(
        monitoring=monitoring, values=form.values, seen=heads.pop("seen"), heads=heads, **acting(request)
    )


@duty_required(*reads.MAKERS)
@require_http_methods(["GET", "POST"])
def monitoring_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """All lines in one table; nobody's text is lost when two write at once."""
    monitoring = monitoring_of(request, pk)
    form = _form(request, monitoring)
    error, status, clashes = "", 200, list[Clash]()
    if request.method == "POST":
        try:
            _saved(request, form, monitoring)
            return _onwards(request, monitoring)
        except BusinessError as refusal:
            error, status = refusal.message + files_again(request), status_of(refusal)
            if refusal.code == "changed":
                monitoring = monitoring_of(request, pk)
                clashes = _clashes(form, monitoring)
                _seen_anew(form, monitoring.edition)
    context = {"form": form, "error": error, "clashes": clashes, **_edit_context(monitoring, form)}
    return render(request, "performance/monitoring_edit.html", context, status=status)


def _edit_context(monitoring: Monitoring, form: LinesForm) -> dict[str, Any]:
    title, address = reads.monitoring_title(monitoring), reads.monitoring_url(monitoring)
    return {
        "monitoring": monitoring, "title": title, "lines": [_edited(one) for one in form.lines],
        "crumbs": _crumbs(monitoring.fiscal_year, (title, address)),
    }  # fmt: skip


def _seen_anew(form: LinesForm, edition: int) -> None:
    """Whoever sees both sides may save again: that is a choice."""
    form.heads.data = {**form.heads.data.dict(), "seen": str(edition)}  # type: ignore[attr-defined]


def _edited(form: LineForm) -> dict[str, Any]:
    return {"form": form, "one": form.line, "rate": reads.rate_of(form.line), "why": reason_needed(form.line)}


def _onwards(request: HttpRequest, monitoring: Monitoring) -> HttpResponse:
    messages.success(request, "已保存。")
    stay = request.POST.get("do") == "stay"
    name = "staff_monitoring_edit" if stay else "staff_monitoring"
    return HttpResponseRedirect(reverse(name, args=[monitoring.pk]))


@duty_required(*reads.MAKERS)
@require_POST
def monitoring_take(request: HttpRequest, pk: int) -> HttpResponse:
    """从数据重新取数."""
    monitoring = monitoring_of(request, pk)
    seen = number_of(request.POST.get("seen"), "版本")
    try:
        writes.monitoring_take(monitoring=monitoring, seen=seen, **acting(request))
        messages.success(request, "已按现在的数据取数，您填的预计、可能性和原因没有动。")
    except BusinessError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(reads.monitoring_url(monitoring))


def _taken(request: HttpRequest, monitoring: Monitoring, content: bytes, ending: str, kind: str) -> HttpResponseBase:
    export_record(**acting(request), subject=f"performance.monitoring:{monitoring.pk}", count=1)
    return download(io.BytesIO(content), f"{reads.monitoring_title(monitoring)}.{ending}", kind)


@duty_required(*reads.READERS)
@require_GET
def monitoring_paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The form as PDF, on A4 lying down; what is not approved says so."""
    monitoring = monitoring_of(request, pk)
    mark = "" if monitoring.state == "approved" else str(monitoring.get_state_display())
    demo = DEMO_MARK if settings.INSTANCE == "demo" else ""
    made = monitoring_pdf(form_of(monitoring), mark=" ".join(one for one in (demo, mark) if one))
    return _taken(request, monitoring, made.content, "pdf", "application/pdf")


@duty_required(*reads.READERS)
@require_GET
def monitoring_xlsx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The form as Excel."""
    monitoring = monitoring_of(request, pk)
    if monitoring.state == "discarded":
        raise Http404
    return _taken(request, monitoring, monitoring_workbook(form_of(monitoring)), "xlsx", XLSX)
