"""Satisfaction surveys: the list, one with its results, what is drafted, the questions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import duty_required
from accounts.duties import Duty
from core.sheets import workbook
from performance.forms.surveys import STANDARD, AnswerForm, QuestionForm, SurveyForm, indicator_value
from performance.models import FiscalYear, Survey, SurveyQuestion, SurveyState
from performance.selectors import surveys as reads
from performance.selectors.goals import years_all
from performance.selectors.survey_results import items_of, results_of, rule_of
from performance.services import surveys as writes
from performance.services.survey_results import result_fill
from performance.survey_sheet import results_workbook
from performance.views.common import XLSX, acted, acting, form_page, may, now_of, object_context, row_of, sent
from performance.views.goal_common import actor, number_in
from workflow.moves import STAFF
from workflow.services.exports import export_record

GET_POST = require_http_methods(["GET", "POST"])
OWN_PAGES = frozenset({"save"})
SOURCES_OFFERED = 12
MONTH = timedelta(days=30)


def survey_of(request: HttpRequest, pk: int) -> Survey:
    """A survey that the visitor may see; 404 otherwise."""
    rows = reads.surveys_visible(reads.survey_rows(now=now_of(request)), actor=actor(request))
    found: Survey = row_of(rows, pk)
    return found


def crumbs(*surveys: Survey) -> list[tuple[str, str]]:
    """The way from the list."""
    return [("满意度调查", reverse("staff_surveys")), *((one.title, reads.survey_url(one)) for one in surveys)]


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """The filters of the list."""
    kind = request.GET.get("kind", "")
    return {"year": number_in(request, "year"), "kind": kind if kind in Survey.Kind.values else ""}


@duty_required(*STAFF)
@require_GET
def survey_list(request: HttpRequest) -> HttpResponse:
    """Surveys with their numbers, the newest first."""
    chosen, page = _chosen(request), max(number_in(request, "page"), 1)
    begin = min((page - 1) * reads.PAGE_ROWS, 10**6)
    rows = list(reads.survey_list(**chosen)[begin : begin + reads.PAGE_ROWS + 1])
    context = {
        **chosen, "rows": [(one, reads.list_share(one)) for one in rows[: reads.PAGE_ROWS]], "page": page,
        "next": page + 1 if len(rows) > reads.PAGE_ROWS else 0, "years": years_all(), "kinds": Survey.Kind.choices,
        "manages": may(request, Duty.PERFORMANCE), "now": now_of(request),
    }  # fmt: skip
    return render(request, "performance/survey_list.html", context)


def workbook_answer(request: HttpRequest, content: bytes, name: str, *, subject: str, count: int) -> HttpResponse:
    """A workbook that leaves the house, told to the audit log."""
    export_record(**acting(request), subject=subject, count=count)
    answer = HttpResponse(content, content_type=XLSX, headers={"Cache-Control": "private, no-store"})
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@duty_required(*STAFF)
@require_GET
def list_xlsx(request: HttpRequest) -> HttpResponse:
    """The list as a workbook, all pages."""
    rows = list(reads.survey_list(**_chosen(request)))
    content = workbook(name="满意度调查", heads=reads.HEADS, rows=reads.survey_cells(rows))
    return workbook_answer(request, content, "surveys.xlsx", subject="performance:surveys", count=len(rows))


@duty_required(*STAFF)
@require_GET
def survey(request: HttpRequest, pk: int) -> HttpResponse:
    """One survey: its questions while it is drafted, its numbers afterwards."""
    found = survey_of(request, pk)
    context = object_context(request, found)
    verdicts = context["moves"]
    begun = found.state in (SurveyState.OPEN, SurveyState.CLOSED)
    context |= {
        "survey": found, "title": reads.survey_title(found), "questions": reads.questions_of(found),
        "results": results_of(found, now=now_of(request)) if begun else None, "rule": rule_of(found),
        "moves": [one for one in verdicts if one.move.name not in OWN_PAGES],
        "may_edit": any(one.move.name in OWN_PAGES and one.allowed for one in verdicts),
        "manages": may(request, Duty.PERFORMANCE), "reads_texts": may(request, *reads.READERS),
        "batches": list(found.batches.select_related("by")) if begun else [],
        "repeats": list(found.repeats.exclude(state=SurveyState.DISCARDED).order_by("id")),
        "items": items_of(found), "today": reads.today_of(now_of(request)), "fed": reads.indicator_fed(found),
        "filled": _filled(found), "closed_words": _closed_words(request, found),
    }  # fmt: skip
    return render(request, "performance/survey.html", context)


def _filled(found: Survey) -> Any:
    """The value that the result was filled in as, or None."""
    return getattr(getattr(found, "result", None), "filled", None)


def _closed_words(request: HttpRequest, found: Survey) -> str:
    """Why the public cannot answer an open survey today."""
    return reads.closed_words(found, reads.today_of(now_of(request))) if found.state == SurveyState.OPEN else ""


@duty_required(*STAFF)
@require_GET
def survey_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The results as a workbook; what people wrote only for those who read it."""
    found = survey_of(request, pk)
    results = results_of(found, now=now_of(request), texts=may(request, *reads.READERS))
    subject = f"performance.survey:{found.pk}"
    content = results_workbook(results)
    return workbook_answer(request, content, f"survey-{found.pk}.xlsx", subject=subject, count=results.sent.returned)


@duty_required(*STAFF)
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The questionnaire as the public sees it, also to be printed and filled on paper."""
    found = survey_of(request, pk)
    form = AnswerForm(questions=reads.questions_of(found))
    return render(request, "performance/survey_preview.html", {"survey": found, "form": form, "crumbs": crumbs(found)})


def _form(request: HttpRequest, found: Survey | None, **more: Any) -> SurveyForm:
    year = found.fiscal_year if found else None
    return SurveyForm(*sent(request)[:1], indicators=list(reads.satisfaction_indicators()), year=year, **more)


@duty_required(Duty.PERFORMANCE)
@GET_POST
def survey_new(request: HttpRequest) -> HttpResponse:
    """Begin a survey, with questions to begin with."""
    today = reads.today_of(now_of(request))
    year = FiscalYear.objects.filter(unit__is_home=True, year__lte=today.year).order_by("-year").first()
    initial = {"fiscal_year": year, "source": STANDARD, "opens_on": today, "closes_on": today + MONTH}
    sources = list(reads.survey_list().exclude(state=SurveyState.DISCARDED)[:SOURCES_OFFERED])

    def save(form: Any) -> str:
        source = form.cleaned_data["source"]
        copied = next((one for one in sources if str(one.pk) == source), None)
        made = writes.survey_create(
            **form.values(), copy_from=copied, standard=source == STANDARD, **acting(request)
        )  # fmt: skip
        return reads.survey_url(made)

    return form_page(request, _form(request, None, sources=sources, initial=initial), save, title="编制满意度调查",
                     verb="建立", back=reverse("staff_surveys"), crumbs=crumbs(),
                     lead="先建立问卷，再逐题核对；提交以后由另一个人核对开放。")  # fmt: skip


@duty_required(Duty.PERFORMANCE)
@GET_POST
def survey_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    found = survey_of(request, pk)
    initial = {name: getattr(found, name) for name in writes.EDITED} | {
        "indicator_key": indicator_value(found.fiscal_year_id, found.indicator_key), "department": found.department_id,
        "low_bound": f"{found.low_bound.normalize():f}", "seen": object_context(request, found)["seen"],
    }  # fmt: skip

    def save(form: Any) -> str:
        writes.survey_save(survey=found, values=form.values(), seen=form.cleaned_data["seen"], **acting(request))
        return reads.survey_url(found)

    return form_page(request, _form(request, found, initial=initial), save, title="修改调查",
                     back=reads.survey_url(found), crumbs=crumbs(found))  # fmt: skip


def _question(pk: int) -> SurveyQuestion:
    found: SurveyQuestion = row_of(SurveyQuestion.objects.select_related("survey"), pk)
    return found


def _question_page(request: HttpRequest, found: Survey, one: SurveyQuestion | None) -> HttpResponse:
    back = reads.survey_url(found) + "#questions"
    initial = {} if one is None else {
        "text": one.text, "kind": one.kind, "options": "\n".join(one.options), "required": one.required,
        "counts": one.counts, "department": one.department_id,
    }  # fmt: skip
    initial["seen"] = object_context(request, found)["seen"]

    def save(form: Any) -> str:
        seen = form.cleaned_data["seen"]
        writes.question_save(survey=found, question=one, values=form.values(), seen=seen, **acting(request))
        return back

    more: dict[str, Any] = {"remove": reverse("staff_survey_question_remove", args=[one.pk])} if one else {}
    return form_page(request, QuestionForm(*sent(request)[:1], initial=initial), save,
                     title="修改题目" if one else "增加题目", back=back, crumbs=crumbs(found), **more)  # fmt: skip


@duty_required(Duty.PERFORMANCE)
@GET_POST
def question_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Another question."""
    return _question_page(request, survey_of(request, pk), None)


@duty_required(Duty.PERFORMANCE)
@GET_POST
def question_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a question."""
    one = _question(pk)
    return _question_page(request, survey_of(request, one.survey_id), one)


@duty_required(Duty.PERFORMANCE)
@require_POST
def question_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question out."""
    one = _question(pk)
    return acted(request, lambda: writes.question_remove(survey=one.survey, question=one, **acting(request)),
                 address=reads.survey_url(one.survey) + "#questions", said="已删去。")  # fmt: skip


@duty_required(Duty.PERFORMANCE)
@require_POST
def question_shift(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    one, to = _question(pk), request.POST.get("to", "")
    return acted(request, lambda: writes.question_shift(survey=one.survey, question=one, to=to, **acting(request)),
                 address=reads.survey_url(one.survey) + f"#q{one.pk}", said="已调整次序。")  # fmt: skip


@duty_required(Duty.PERFORMANCE)
@require_POST
def repeat(request: HttpRequest, pk: int) -> HttpResponse:
    """安排复查: the second survey, drafted with the same questions."""
    made = writes.survey_repeat(survey=survey_of(request, pk), **acting(request))
    return HttpResponseRedirect(reads.survey_url(made) + "?done=create")


@duty_required(Duty.PERFORMANCE)
@require_POST
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill the result into its indicator, where that was not possible at the closing."""
    found = survey_of(request, pk)
    return acted(request, lambda: result_fill(survey=found, **acting(request)), address=reads.survey_url(found),
                 said="已写入指标，结果表作为佐证材料一并保存。")  # fmt: skip
