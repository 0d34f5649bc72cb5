"""Who may open a staff page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts.duties import Duty
from accounts.selectors import duties_of

View = Callable[..., HttpResponse]


def duty_required(*duties: Duty, any_staff: bool = False) -> Callable[[View], View]:
    """Open a view to who has one of ``duties`` now, or to all staff; sets ``request.duties``."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user: Any = request.user
            if not user.is_authenticated:
                return HttpResponseRedirect("/staff/login/?" + urlencode({"next": request.get_full_path()}))
            held = duties_of(user, now=request.now)  # type: ignore[attr-defined]
            request.duties = held  # type: ignore[attr-defined]
            if any_staff or held & set(duties):
                return view(request, *args, **kwargs)
            return render(request, "staff/denied.html", {"wanted": [Duty(d).label for d in duties]}, status=403)

        return checked

    return decorate
