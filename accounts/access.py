"""Who may open a staff page. Stand-in until the merge: the accounts part brings its own module of this name."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import User
from accounts.selectors import duties_of

View = Callable[..., HttpResponse]


def duty_required(*duties: Duty, any_staff: bool = False) -> Callable[[View], View]:
    """Let in staff with one of ``duties`` (``any_staff``: everybody of the staff); sets ``request.duties``."""

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = getattr(request, "user", None)
            if not isinstance(user, User) or not user.is_active:
                return HttpResponseRedirect(f"/staff/login/?next={quote(request.path)}")
            held = duties_of(user, now=timezone.now())
            if user.kind != User.Kind.STAFF or not (any_staff or held & set(duties)):
                message = "没有打开：您没有办理这项工作的职责，需要时请向安全管理员申请。"
                return render(request, "refused.html", {"message": message}, status=403)
            request.duties = held  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return asked

    return decorate
