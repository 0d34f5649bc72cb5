"""The page for what went wrong on our side: nothing in it needs the database."""

from __future__ import annotations

import sys

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from portal.middleware import is_log_interface

AWAY = "本站数据库暂时连不上，请稍后再试。"
RETRY_SECONDS = "10"


def _database_is_away(error: BaseException | None) -> bool:
    # A connection that breaks in the middle of an answer may raise the most general error of all.
    broken = isinstance(error, DatabaseError) and connection.connection is not None and connection.connection.closed
    return bool(broken) or isinstance(error, OperationalError | InterfaceError)


def failure(request: HttpRequest) -> HttpResponse:
    """Django's handler500. A database that is away (restarting, unreachable) is a 503 that asks to come back."""
    if not _database_is_away(sys.exc_info()[1]):
        return HttpResponse(render_to_string("500.html"), status=500)
    headers = {"Retry-After": RETRY_SECONDS, "Cache-Control": "no-store"}
    if request.path_info.startswith("/api/") or is_log_interface(request.path_info):
        response: HttpResponse = JsonResponse({"message": AWAY, "code": "unavailable"}, status=503, headers=headers)
    else:
        response = HttpResponse(render_to_string("500.html"), status=503, headers=headers)
    response.database_away = True  # type: ignore[attr-defined]
    return response
