"""满意度调查: a visitor answers once, by the code of a slip or from the poster; nothing tells afterwards who it was.

No cookie, so no CSRF token: the code of the slip or the signed ticket in the page is itself the right to answer. Valid
codes of slips are limited generously, for a whole hall shares one address; the poster, which anybody may scan again and
again, and unknown codes strictly. Where Redis is away, nobody
is limited (portal.limits): a code that answers once and cannot be guessed needs no counter to be safe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import client_address
from core.errors import BusinessError
from performance.codes import code_read
from performance.forms.surveys import AnswerForm
from performance.models import Survey, SurveyState
from performance.selectors.surveys import closed_words, questions_of, survey_coded, today_of
from performance.services import survey_answers as writes
from portal.limits import within_limit

SPAN_SECONDS = 600
# Of one address within the span: a hall full of people, and somebody who guesses.
MOST_BY_SLIP, MOST_BY_POSTER, MOST_UNKNOWN = 3_000, 6, 20
DAY_SECONDS = 24 * 60 * 60
TOO_OFTEN = "没有提交：这个网络地址提交得太频繁，请过几分钟再点“提交”，您填的都还在。也可以换手机流量提交。"
TOO_MANY_TODAY = "没有提交：今天扫海报作答的已经满了。您填的都还在，请明天再点“提交”，或者向窗口要一张一人一码的纸条。"
TOO_MANY_GUESSES = "输错的次数太多，请过十分钟再试。"
WRONG = "没有提交：有的题目还没有答，或者答得不对，请看下面标出的题目。您填的都还在。"
NO_SURVEY = "没有这项调查。请对照海报重新扫码，或者向窗口询问。"
BY_SLIP = "这项调查凭一人一码的纸条作答，请输入纸条上的问卷码。"
HEADERS = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def _answer(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page that nobody keeps; ``status`` 429 says when to come back."""
    response = render(request, f"portal/{template}.html", context, status=status)
    for name, value in HEADERS.items():
        response.headers[name] = value
    if status == 429:
        response.headers["Retry-After"] = str(SPAN_SECONDS)
    return response


def _said(request: HttpRequest, message: str, status: int = 200, **more: Any) -> HttpResponse:
    """A sentence instead of the questions."""
    return _answer(request, "survey_said", status, message=message, **more)


def _within(request: HttpRequest, what: str, most: int) -> bool:
    return within_limit(what, client_address(request), most=most, seconds=SPAN_SECONDS)


def _unknown(request: HttpRequest, message: str, typed: str = "") -> HttpResponse:
    """No such code: told, and counted."""
    if not _within(request, "survey-unknown", MOST_UNKNOWN):
        return _said(request, TOO_MANY_GUESSES, 429)
    return _said(request, message, 404, ask=True, typed=typed[:40])


@require_safe
def entry(request: HttpRequest) -> HttpResponse:
    """Type the code of a slip or of a poster."""
    typed = request.GET.get("code", "").strip()[:100]
    if not typed:
        return _said(request, "", ask=True)
    if code := code_read(typed):
        return HttpResponseRedirect(reverse("portal:survey_slip", args=[code]))
    if survey := survey_coded(typed):
        return HttpResponseRedirect(reverse("portal:survey", args=[survey.code]))
    return _unknown(request, writes.UNKNOWN, typed)


@require_http_methods(["GET", "HEAD", "POST"])
def slip(request: HttpRequest, code: str) -> HttpResponse:
    """The questions for whoever has a slip."""
    try:
        token = writes.token_find(code)
    except BusinessError as refusal:
        return _unknown(request, refusal.message, code)
    posted = request.method == "POST"
    if token.used:
        return _said(request, writes.USED, 409 if posted else 200, survey=token.survey, done=True)

    def give(values: dict[str, Any], now: Any) -> None:
        writes.answer_by_slip(code=code, values=values, now=now)

    return _asked(request, token.survey, give, limit=("survey-slip", MOST_BY_SLIP))


@require_http_methods(["GET", "HEAD", "POST"])
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """The questions for whoever scanned the poster: each showing of the page is good for one answer."""
    survey = survey_coded(code)
    if survey is None or survey.state in (SurveyState.DRAFTING, SurveyState.SUBMITTED, SurveyState.DISCARDED):
        return _unknown(request, NO_SURVEY)
    if not survey.has_poster:
        return _said(request, BY_SLIP, survey=survey, ask=True)

    def give(values: dict[str, Any], now: Any) -> None:
        day = f"{survey.pk}:{today_of(now)}"
        if not within_limit("survey-day", day, most=survey.poster_daily, seconds=DAY_SECONDS):
            raise BusinessError(TOO_MANY_TODAY, "full")
        writes.answer_by_poster(survey=survey, ticket=request.POST.get("ticket", ""), values=values, now=now)

    return _asked(request, survey, give, limit=("survey-poster", MOST_BY_POSTER), ticketed=True)


Give = Callable[[dict[str, Any], Any], None]


def _asked(
    request: HttpRequest, survey: Survey, give: Give, *, limit: tuple[str, int], ticketed: bool = False
) -> HttpResponse:
    """Show the questions, or take what was answered: thanks, or the page again with a sentence, nothing lost."""
    now = timezone.now()
    if words := closed_words(survey, today_of(now)):
        return _said(request, words, 409 if request.method == "POST" else 200, survey=survey)
    questions = questions_of(survey)
    if request.method != "POST":
        ticket = writes.ticket_make(survey) if ticketed else ""
        return _answer(request, "survey", survey=survey, form=AnswerForm(questions=questions), ticket=ticket)
    return _taken(
        request, survey, AnswerForm(request.POST, questions=questions), lambda v: give(v, now), limit, ticketed
    )


def _taken(
    request: HttpRequest, survey: Survey, form: AnswerForm, give: Callable[[dict[str, Any]], None],
    limit: tuple[str, int], ticketed: bool,
) -> HttpResponse:  # fmt: skip
    """Thanks, or why not: with all that was filled, and with the same right to answer unless it was none."""
    error, status = _given(request, form, lambda: give(form.values()), limit)
    if not status:
        response = HttpResponseRedirect(reverse("portal:survey_thanks"))
        response.status_code = 303
        return response
    if status == 409:
        return _said(request, error, 409, survey=survey, done=error == writes.USED)
    renewed = ticketed and error not in (WRONG, TOO_OFTEN, TOO_MANY_TODAY)
    ticket = writes.ticket_make(survey) if renewed else request.POST.get("ticket", "")[:300] if ticketed else ""
    return _answer(request, "survey", status, survey=survey, form=form, ticket=ticket, error=error)


def _given(request: HttpRequest, form: AnswerForm, give: Callable[[], None], limit: tuple[str, int]) -> tuple[str, int]:
    """Why the answer was not taken and the status for it; ``("", 0)`` when it was."""
    if not _within(request, *limit):
        return TOO_OFTEN, 429
    if not form.is_valid():
        return WRONG, 400
    try:
        give()
    except BusinessError as refusal:
        field = str(refusal.facts.get("field") or "")
        if field in form.fields:
            form.add_error(field, refusal.message)
        return refusal.message, {"used": 409, "closed": 409, "full": 429}.get(refusal.code, 400)
    return "", 0


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """After an answer."""
    return _answer(request, "survey_thanks")
