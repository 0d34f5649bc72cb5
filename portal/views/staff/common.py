"""What the editors' pages share: sheets with moves, history, files; an editor that loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.requests import client_address
from core.errors import BusinessError
from portal.views.common import download
from workflow.actors import actor_of
from workflow.registry import table_of
from workflow.selectors.changes import changes_of, moves_for
from workflow.views.common import number_of, status_of

Act = Callable[..., Any]


def now_of(request: HttpRequest) -> datetime:
    """The moment of the request."""
    found: datetime = request.now  # type: ignore[attr-defined]
    return found


def person(request: HttpRequest) -> User:
    """Who asks; only for views that let nobody in without a login."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def who(request: HttpRequest) -> dict[str, Any]:
    """``by``, ``now`` and ``address`` as every service wants them."""
    return {"by": person(request), "now": now_of(request), "address": client_address(request)}


def rows_for(request: HttpRequest, model: Any) -> Any:
    """What the visitor may see of a model with moves."""
    return table_of(model).visible_rows(actor=actor_of(request.user, now=now_of(request)), now=now_of(request))


def sheet(request: HttpRequest, model: Any, pk: int) -> Any:
    """One row with moves that the visitor may see. Raises Http404."""
    found = rows_for(request, model).filter(pk=pk).first()
    if found is None:
        raise Http404(f"没有编号为 {pk} 的{model._meta.verbose_name}")
    return found


def sheet_context(request: HttpRequest, obj: Any) -> dict[str, Any]:
    """``obj``, its ``table``, ``history``, ``moves`` (all but ``edit``), ``may_edit``, ``seen``, ``done``."""
    history = changes_of(obj)
    verdicts = moves_for(obj, by=request.user, now=now_of(request), history=history)
    return {
        "obj": obj,
        "table": table_of(obj),
        "history": history,
        "moves": [verdict for verdict in verdicts if verdict.move.name != "edit"],
        "may_edit": any(verdict.move.name == "edit" and verdict.holding for verdict in verdicts),
        "seen": history[-1].number if history else 0,
        "done": request.GET.get("done", ""),
        "now": now_of(request),
    }


def seen_of(request: HttpRequest) -> int | None:
    """The number of the last change that the page showed."""
    return number_of(request.POST.get("seen"), "页面") or None


def editor(request: HttpRequest, form: Any, save: Callable[[], Any], template: str, **context: Any) -> HttpResponse:
    """The editor's page: shows the form, a preview on demand, or saves; what was typed is never lost.

    Args:
        form: bound on POST. save: calls a service and returns the row. template: gets ``form``, ``preview`` (bool).
    """
    status = 200
    preview = False
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "preview":
            preview = True
        else:
            try:
                saved = save()
                messages.success(request, "已保存。")
                return HttpResponseRedirect(table_of(saved).url_of(saved))
            except BusinessError as error:
                form.add_error(None, error.message)
                status = status_of(error)
    elif request.method == "POST":
        status = 400
    return render(request, template, {"form": form, "preview": preview, **context}, status=status)


def file_post(request: HttpRequest, add: Act, url: str) -> HttpResponse:
    """Take the uploaded ``file`` in by ``add(content, name)`` and go back to ``url``; a refusal is told there."""
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise BusinessError("附件没有保存：请先选择文件。", "no_file")
        add(content=upload, name=upload.name or "")
        messages.success(request, "附件已保存。")
    except BusinessError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(url)


def file_drop(request: HttpRequest, drop: Act, url: str) -> HttpResponse:
    """Take a file away by ``drop()`` and go back to ``url``."""
    try:
        drop()
        messages.success(request, "附件已移去。")
    except BusinessError as error:
        messages.error(request, error.message)
    return HttpResponseRedirect(url)


def file_of(obj: Any, position: int) -> Any:
    """A file of a sheet as a download."""
    file = obj.files.filter(position=position).first()
    if file is None:
        raise Http404(f"没有第 {position} 个附件")
    return download(file)


def back_to(name: str, pk: int) -> str:
    """Address of a page with one number."""
    return reverse(name, args=[pk])
