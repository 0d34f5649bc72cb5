"""What the pages of goals, values and scores share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import FileResponse, Http404, HttpRequest

from accounts.duties import Duty
from accounts.requests import client_address
from core.errors import BusinessError
from documents.models import StoredFile
from documents.selectors import file_open
from performance.models import FiscalYear, GoalTable, Indicator
from performance.selectors.actuals import indicators_in_force
from performance.selectors.goals import goals_all, goals_visible
from workflow.actors import Actor, actor_of
from workflow.views.common import files_again, person, status_of

# Who reads scores and evidence of every office.
READERS = (
    Duty.PERFORMANCE, Duty.FINANCE, Duty.DIRECTOR, Duty.DEPUTY_DIRECTOR, Duty.OFFICE_HEAD,
)  # fmt: skip
WRONG = "没有保存：下面有填错的地方，请改好再提交，已填的都还在。"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_PK = 2**63


def now_of(request: HttpRequest) -> Any:
    """The moment of the request."""
    return request.now  # type: ignore[attr-defined]


def who(request: HttpRequest) -> dict[str, Any]:
    """``by``, ``now`` and ``address`` as every service wants them."""
    return {"by": person(request), "now": now_of(request), "address": client_address(request)}


def actor(request: HttpRequest) -> Actor:
    """Who asks, with the duties of this moment."""
    return actor_of(request.user, now=now_of(request))


def manages(request: HttpRequest) -> bool:
    """Whether the visitor manages goals and scores."""
    return Duty.PERFORMANCE in request.duties  # type: ignore[attr-defined]


def number_in(request: HttpRequest, name: str) -> int:
    """A whole number of the address, 0 for none or for what is none: shared links carry strange things."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def year_in(request: HttpRequest, years: list[FiscalYear]) -> FiscalYear | None:
    """The budget year that the address asks for, else the first; None where there is none."""
    wanted = number_in(request, "year")
    return next((one for one in years if one.pk == wanted), years[0] if years else None)


def goal_of(request: HttpRequest, pk: int) -> GoalTable:
    """A goal table that the visitor may see; 404 otherwise."""
    found = goals_visible(goals_all(), actor=actor(request)).filter(pk=pk).first() if pk < MOST_PK else None
    if found is None:
        raise Http404(f"没有编号为 {pk} 的绩效目标表")
    return found


def draft_indicator(request: HttpRequest, pk: int) -> Indicator:
    """An indicator of any version, with its table; 404 otherwise."""
    rows = Indicator.objects.select_related("office")
    found = rows.filter(pk=pk).first() if pk < MOST_PK else None
    if found is None:
        raise Http404(f"没有编号为 {pk} 的指标")
    found.table = goal_of(request, found.table_id)
    return found


def indicator_of(pk: int) -> Indicator:
    """An indicator of an approved table; 404 otherwise."""
    found = indicators_in_force().filter(pk=pk).first() if pk < MOST_PK else None
    if found is None:
        raise Http404(f"没有编号为 {pk} 的现行指标")
    return found


def attempt(request: HttpRequest, form: Any, act: Callable[[], Any]) -> tuple[Any, str, int]:
    """Do what a form asks for.

    Returns:
        What ``act`` returned (None: nothing was done), a sentence why not, the answer's status.
    """
    if not form.is_valid():
        return None, WRONG + files_again(request), 400
    try:
        return act(), "", 200
    except BusinessError as error:
        field = str(error.facts.get("field") or "")
        if field in form.fields:
            form.add_error(field, error.message)
        return None, error.message + files_again(request), status_of(error)


def seen_anew(form: Any, seen: Any) -> None:
    """After a refusal the form shows what is so now: saving again is a choice."""
    data = form.data.copy()
    data[form.add_prefix("seen")] = str(seen)
    form.data = data


def download(stored: StoredFile, name: str) -> FileResponse:
    """A file as a download: it is no page of ours."""
    answer = FileResponse(file_open(stored), as_attachment=True, filename=name, content_type="application/octet-stream")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
