"""The page for what went wrong on our side: nothing in it needs the database."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

AWAY = "本站数据库暂时连不上，请稍后再试。"
RETRY_SECONDS = "10"


def failure(request: HttpRequest) -> HttpResponse:
    """Django's handler500. A database that is away (restarting, unreachable) is a 503 that asks to come back."""
    if not isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return HttpResponse(render_to_string("500.html"), status=500)
    headers = {"Retry-After": RETRY_SECONDS, "Cache-Control": "no-store"}
    if request.path_info.startswith("/api/"):
        return JsonResponse({"message": AWAY, "code": "unavailable"}, status=503, headers=headers)
    return HttpResponse(render_to_string("500.html"), status=503, headers=headers)
