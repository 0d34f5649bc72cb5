"""Access to staff pages by duty."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix
from django.utils import timezone

from accounts.duties import Duty
from accounts.selectors import duties_of

View = Callable[..., HttpResponse]


def duty_required(*duties: Duty, any_staff: bool = False) -> Callable[[View], View]:
    """Let in who has one of ``duties`` now, or whoever has any duty; others are sent to login or refused."""

    def wrap(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not user.is_authenticated:
                query = urlencode({"next": request.get_full_path()})
                return HttpResponseRedirect(f"{get_script_prefix()}staff/login/?{query}")
            held = duties_of(user, now=timezone.now())
            if not (held if any_staff else held & set(duties)):
                return render(request, "refused.html", {"message": "您没有打开这一页的职责。"}, status=403)
            request.duties = held  # type: ignore[attr-defined]
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return wrapped

    return wrap
