"""Forms given out and come back: slips with a code each, the poster, forms on paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.errors import BusinessError
from core.qr import qr_svg
from core.reach import opens_outside
from core.sheets import workbook
from performance.forms.surveys import AnswerForm, PapersGivenForm, PosterLimitForm, SlipsForm
from performance.models import Survey
from performance.selectors import surveys as reads
from performance.services import survey_slips as writes
from performance.services.survey_answers import answer_on_paper
from performance.services.surveys import poster_limit_set
from performance.views.common import acting, form_page, sent
from performance.views.surveys import crumbs, survey_of, workbook_answer
from workflow.moves import STAFF

GET_POST = require_http_methods(["GET", "POST"])
LINK_HEADS = ("序号", "问卷码", "链接")


def _qr(address: str) -> SafeString:
    return mark_safe(qr_svg(address).decode())  # noqa: S308 (made by segno of an address of ours)


@duty_required(Duty.PERFORMANCE)
@GET_POST
def slips(request: HttpRequest, pk: int) -> HttpResponse:
    """Make slips; the answer is the sheet to print, the only place where the codes stand."""
    found = survey_of(request, pk)
    form = SlipsForm(*sent(request)[:1], initial={"page": writes.page_new()})
    refusals: list[BusinessError] = []
    if request.method == "POST" and form.is_valid():
        try:
            made = writes.slips_make(survey=found, **form.cleaned_data, **acting(request))
            return _sheet(request, found, made, form.cleaned_data["page"])
        except BusinessError as refusal:
            refusals.append(refusal)

    def refused(form: Any) -> str:
        raise refusals[0]

    lead = "每张纸条一个二维码，只能答一次。制作以后马上打印或者下载链接：系统只留下问卷码的摘要，以后谁也看不到。"
    return form_page(request, form, refused, title="制作一人一码", verb="制作", back=reads.survey_url(found),
                     crumbs=crumbs(found), lead=lead)  # fmt: skip


def _sheet(request: HttpRequest, found: Survey, made: writes.Slips, page: str) -> HttpResponse:
    codes = [(number, code, _qr(writes.slip_url(code))) for number, code in enumerate(made.codes, 1)]
    context = {
        "survey": found, "batch": made.batch, "codes": codes, "page": page, "crumbs": crumbs(found),
        "entry": writes.entry_url(), "inner": not opens_outside(writes.entry_url()),
    }  # fmt: skip
    response = render(request, "performance/survey_sheet.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@duty_required(Duty.PERFORMANCE)
@require_POST
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """The links of the slips on the page that asks, as a workbook to be sent out."""
    found = survey_of(request, pk)
    made = writes.slips_again(survey=found, page=request.POST.get("page", ""))
    rows = [(number, code, writes.slip_url(code)) for number, code in enumerate(made.codes, 1)]
    content = workbook(name="问卷链接", heads=LINK_HEADS, rows=rows)
    name, subject = f"survey-links-{found.pk}-{made.batch.pk}.xlsx", f"performance.survey:{found.pk}"
    return workbook_answer(request, content, name, subject=subject, count=len(rows))


@duty_required(*STAFF)
@require_GET
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """The poster of the counter, one page of A4."""
    found = survey_of(request, pk)
    if not found.has_poster:
        raise BusinessError("没有海报：这项调查不张贴二维码，只收一人一码和纸质问卷。", "no_poster")
    address = writes.poster_url(found)
    context = {"survey": found, "address": address, "qr": _qr(address), "crumbs": crumbs(found),
               "entry": writes.entry_url(), "inner": not opens_outside(writes.entry_url())}  # fmt: skip
    return render(request, "performance/survey_poster.html", context)


@duty_required(Duty.PERFORMANCE)
@GET_POST
def poster_limit(request: HttpRequest, pk: int) -> HttpResponse:
    """How many answers from the poster are taken on one day."""
    found = survey_of(request, pk)
    form = PosterLimitForm(*sent(request)[:1], initial={"count": found.poster_daily})

    def save(form: Any) -> str:
        poster_limit_set(survey=found, count=form.cleaned_data["count"], **acting(request))
        return reads.survey_url(found)

    return form_page(request, form, save, title="扫码自填的上限", back=reads.survey_url(found), crumbs=crumbs(found))


@duty_required(Duty.PERFORMANCE)
@GET_POST
def papers(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that forms on paper were given out."""
    found = survey_of(request, pk)

    def save(form: Any) -> str:
        values = {name: form.cleaned_data[name] for name in ("count", "note")}
        writes.papers_give(survey=found, **values, **acting(request))
        return reads.survey_url(found) + "#sent"

    links = [("打印空白问卷", reverse("staff_survey_preview", args=[found.pk]))]
    return form_page(request, PapersGivenForm(*sent(request)[:1]), save, title="登记发放纸质问卷", verb="登记",
                     back=reads.survey_url(found), crumbs=crumbs(found), links=links)  # fmt: skip


@duty_required(Duty.PERFORMANCE)
@GET_POST
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Type one form that came back on paper, and go on with the next."""
    found = survey_of(request, pk)
    form = AnswerForm(*sent(request)[:1], questions=reads.questions_of(found), whole=False)

    def save(form: Any) -> str:
        valid = answer_on_paper(survey=found, values=form.values(), **acting(request))
        return reverse("staff_survey_paper", args=[found.pk]) + ("?last=valid" if valid else "?last=invalid")

    left = reads.sent_of(found).paper_left
    lead = f"照纸面录入，没有答的空着：计入满意度的题目没有答全的是无效答卷。登记发放的还有 {left} 份没有录。"
    facts = [("上一份", {"valid": "有效", "invalid": "无效（计入满意度的题目没有答全）"}[request.GET["last"]])] if (
        request.GET.get("last") in ("valid", "invalid") and request.method == "GET") else []  # fmt: skip
    return form_page(request, form, save, title="录入纸质问卷", verb="录入", back=reads.survey_url(found),
                     crumbs=crumbs(found), lead=lead, facts=facts)  # fmt: skip
