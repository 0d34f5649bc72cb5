"""What the staff views of budget and spending share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts.duties import Duty
from core.errors import BusinessError
from core.moments import SHANGHAI
from performance.models import FiscalYear, ProgramYear, YearState
from performance.selectors import budget_desk as desk
from workflow.registry import table_of
from workflow.selectors import changes_of, moves_for
from workflow.views.common import address_of, files_again, person, status_of

READERS, WRITERS, MAKERS = desk.READERS, desk.WRITERS, desk.MAKERS
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def now_of(request: HttpRequest) -> Any:
    """The moment of the request."""
    return request.now  # type: ignore[attr-defined]


def today_of(request: HttpRequest) -> Any:
    """The day of the request in Asia/Shanghai."""
    return now_of(request).astimezone(SHANGHAI).date()


def acting(request: HttpRequest) -> dict[str, Any]:
    """``by``, ``now`` and ``address`` for a service."""
    return {"by": person(request), "now": now_of(request), "address": address_of(request)}


def may(request: HttpRequest, *duties: Duty) -> bool:
    """Whether the visitor has one of the duties."""
    return bool(request.duties & set(duties))  # type: ignore[attr-defined]


def row_of(rows: Any, pk: int) -> Any:
    """A row by its number; 404 otherwise."""
    found = rows.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found


def year_of(request: HttpRequest, pk: int) -> FiscalYear:
    """A budget year; 404 otherwise."""
    found: FiscalYear = row_of(desk.year_rows(now=now_of(request)), pk)
    return found


def program_of(request: HttpRequest, pk: int) -> ProgramYear:
    """A program's year; 404 otherwise."""
    found: ProgramYear = row_of(desk.program_rows(now=now_of(request)), pk)
    return found


def object_context(request: HttpRequest, obj: Any) -> dict[str, Any]:
    """State, history and buttons of an object with moves."""
    now, history, table = now_of(request), changes_of(obj), table_of(obj)
    return {
        "obj": obj, "table": table, "history": history, "now": now, "state": table.state_label(obj.state),
        "seen": history[-1].number if history else 0, "done": request.GET.get("done", ""),
        "moves": moves_for(obj, by=request.user, now=now, history=history),
        "may_write": may(request, *WRITERS), "may_make": may(request, *MAKERS),
    }  # fmt: skip


def form_page(
    request: HttpRequest, form: Any, save: Callable[[Any], str], *, title: str, back: str, verb: str = "保存",
    template: str = "performance/form.html", open_in: FiscalYear | None = None, **more: Any,
) -> HttpResponse:  # fmt: skip
    """Show a form; POST saves it and leads on, or shows why not, nothing lost.

    Args:
        save: ``(form) -> address`` to go to; may raise BusinessError.
        back: address of the page before; verb: the button; template: of a form that is more than a column of fields.
        open_in: the year that must not be closed.
        more: for the template: ``lead``, ``crumbs`` [(label, address)], ``facts`` [(label, text)], ``upload``.
    """
    answer, error, status = _closed(request, open_in, title, verb) or _answered(request, form, save, verb)
    if answer is not None:
        return answer
    context = {"form": form, "title": title, "back": back, "verb": verb, "error": error, **more}
    return render(request, template, context, status=status)


Answer = tuple[HttpResponse | None, str, int]


def _closed(request: HttpRequest, year: FiscalYear | None, title: str, verb: str) -> Answer | None:
    """The page that says so before anything is filled in, for the form of a closed year."""
    if request.method != "GET" or year is None or year.state != YearState.CLOSED:
        return None
    message = f"{title}：{year.year}年度预算现在是“{year.get_state_display()}”，不能再{verb}。"
    return render(request, "staff/refused.html", {"message": message}, status=409), "", 409


def _answered(request: HttpRequest, form: Any, save: Callable[[Any], str], verb: str) -> Answer:
    """What a POST comes to: an answer, or the sentence to be shown above the form."""
    if request.method != "POST":
        return None, "", 200
    try:
        return _saved(request, form, save, verb), "", 302
    except BusinessError as refusal:
        _beside_field(form, refusal)
        return None, refusal.message + files_again(request), status_of(refusal)


def _saved(request: HttpRequest, form: Any, save: Callable[[Any], str], verb: str) -> HttpResponse:
    """Raises BusinessError."""
    if not form.is_valid():
        raise BusinessError(f"没有{verb}：下面有填错的地方，请改好再提交。", "invalid")
    address = save(form)
    messages.success(request, f"已{verb}。")
    return HttpResponseRedirect(address)


def _beside_field(form: Any, refusal: BusinessError) -> None:
    """A refusal that is about one field stands beside it, too."""
    name = str(refusal.facts.get("field", ""))
    if form.is_bound and form.is_valid() and name in form.fields:
        form.add_error(name, refusal.message.partition("：")[2] or refusal.message)


def filters_kept(request: HttpRequest, place: str = "after") -> str:
    """The filters as they stand in the address, without the parameter that names the place in the list."""
    values = request.GET.copy()
    values.pop(place, None)
    return values.urlencode()


def sent(request: HttpRequest) -> tuple[Any, ...]:
    """The arguments that bind a form: data and files of a POST, else nothing."""
    return (request.POST, request.FILES) if request.method == "POST" else ()


def acted(request: HttpRequest, deed: Callable[[], Any], *, address: str, said: str) -> HttpResponse:
    """Do what a button asks (a refusal is a page of its own, by the middleware) and go on."""
    deed()
    messages.success(request, said)
    return HttpResponseRedirect(address)


def download(content: Any, name: str, content_type: str = "application/octet-stream") -> FileResponse:
    """A file that is no page of ours, kept by no cache."""
    answer = FileResponse(content, as_attachment=True, filename=name, content_type=content_type)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
