"""One page for every move of every table: it asks what the move needs, and does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import duty_required
from core.errors import BusinessError
from workflow.actors import actor_of
from workflow.judging import judge
from workflow.models import StateChange
from workflow.moves import NEW, FileLink, Move, Table
from workflow.registry import table_named
from workflow.selectors.changes import changes_of, moves_for
from workflow.services import move
from workflow.views.common import address_of, files_again, number_of, status_of

# Where one came from: a name of ours, never an address from outside.
BACK = {"approve": "staff_approve", "home": "staff_home"}


@dataclass
class MovePage:
    """What the page of one move shows."""

    table: Table
    step: Move
    obj: Any
    now: datetime
    form: Any = None
    comment: str = ""
    error: str = ""
    seen: int = 0
    back: str = ""
    may_store: bool = False

    @property
    def title(self) -> str:
        """The object in one line."""
        return self.table.title_of(self.obj)

    @property
    def url(self) -> str:
        """Where one goes afterwards."""
        return reverse(BACK[self.back]) if self.back in BACK else self.table.url_of(self.obj)

    @property
    def url_after(self) -> str:
        """The same, telling what was done."""
        return f"{self.url}?done={self.step.name}"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What one decides on."""
        return self.table.facts_of(self.obj)

    @property
    def files(self) -> list[FileLink]:
        """What one opens before."""
        return self.table.files_of(self.obj)


def _found(request: HttpRequest, label: str, pk: int, name: str) -> MovePage:
    """The page of a move of an object that the visitor may see; 404 otherwise."""
    now = timezone.now()
    try:
        table = table_named(label)
        step = table.move(name)
    except BusinessError as error:
        raise Http404(error.message) from None
    obj = table.visible_rows(actor=actor_of(request.user, now=now), now=now).filter(pk=pk).first()
    if obj is None or NEW in step.sources:
        raise Http404
    back = str(request.POST.get("back", request.GET.get("back", "")))
    # Files are stored before the move judges: only for who will be let through.
    verdicts = moves_for(obj, by=request.user, now=now) if request.FILES else []
    may_store = any(one.move.name == name and one.allowed for one in verdicts)
    return MovePage(table, step, obj, now, back=back, may_store=may_store)


def _do(page: MovePage, request: HttpRequest) -> None:
    """Read the input and do the move. Raises BusinessError."""
    page.comment = request.POST.get("comment", "")
    page.seen = number_of(request.POST.get("seen"), "页面")
    form_class = page.step.form_class()
    page.form = form_class(request.POST, request.FILES) if form_class else None
    if page.form is not None and not page.form.is_valid():
        raise BusinessError(f"不能{page.step.verb}：下面有填错的地方，请改好再提交。", "invalid")
    if page.step.confirm and request.POST.get("confirmed") != "yes":
        raise BusinessError(f"不能{page.step.verb}：请先勾选确认。", "unconfirmed")
    if hasattr(page.form, "store"):
        page.form.store(now=page.now, kept=page.may_store)
    data = dict(page.form.cleaned_data) if page.form is not None else {}
    move(
        page.obj, page.step.name, by=request.user, now=page.now, data=data, comment=page.comment,
        address=address_of(request), seen=page.seen or None,
    )  # fmt: skip


def _not_theirs(page: MovePage, request: HttpRequest, history: list[StateChange]) -> str:
    """Why the move is for other people; empty where it is this person's, may it be done now or not."""
    actor = actor_of(request.user, now=page.now)
    found = judge(page.table, page.step, page.obj, actor=actor, history=history, now=page.now, gates=False)
    return "；".join(found.reasons) if found.code in ("not_allowed", "same_person") else ""


@duty_required(any_staff=True)
@require_http_methods(["GET", "POST"])
def move_page(request: HttpRequest, label: str, pk: int, name: str) -> HttpResponse:
    """Ask for what the move needs; POST does it and goes to the object."""
    page = _found(request, label, pk, name)
    status = 200
    if request.method == "POST":
        try:
            _do(page, request)
            return HttpResponseRedirect(page.url_after)
        except BusinessError as error:
            page.error, status = error.message + files_again(request), status_of(error)
    elif form_class := page.step.form_class():
        page.form = form_class()
    history = changes_of(page.obj)
    if request.method == "GET" and (why := _not_theirs(page, request, history)):
        message = f"不能{page.step.verb}：{why}。"
        return render(request, "staff/refused.html", {"message": message}, status=403)
    # After a refusal the page shows what is so now, and that is what the next attempt has seen.
    page.seen = history[-1].number if history else 0
    context = {"page": page, "now": page.now, "table": page.table, "history": history}
    return render(request, "workflow/move.html", context, status=status)
