"""What every request needs, whatever page it asks for."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from uuid import uuid4

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse

from trading_center.logs import request_id

log = logging.getLogger(__name__)
# A proxy may have numbered the request; anything else is no number.
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestMiddleware:
    """Number each request for the log lines it leaves, and tell the counter in front which route it took.

    What writes, and what was refused or failed, leaves a line: route and status, never the address with its query.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        number = given if _GIVEN.fullmatch(given) else uuid4().hex
        token = request_id.set(number)
        try:
            response = self.get_response(request)
            match = request.resolver_match
            route = f"/{match.route}" if match is not None else "/static/" if _is_static(request) else "(none)"
            request.META["tc.route"] = route
            if request.method not in ("GET", "HEAD", "OPTIONS") or response.status_code >= 500:
                fields = {"method": request.method, "route": route, "status": response.status_code}
                log.info("request %(method)s %(route)s %(status)s", fields, extra={"fields": fields})
        finally:
            request_id.reset(token)
        if response.status_code >= 400:
            # Such an answer is never kept for others: the number is this visitor's own.
            response.headers["X-Request-ID"] = number
        return response


def _is_static(request: HttpRequest) -> bool:
    return request.path_info.startswith("/static/")


class ReconnectMiddleware:
    """Answer a reading request once more when the database was gone, on a new connection.

    Connections live on from request to request; after a restart of the server the first request of each finds a
    dead one. Only GET and HEAD: what writes is never done twice. Views mark the answer (``database_away``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(response, "database_away", False) and request.method in ("GET", "HEAD"):
            close_old_connections()
            return self.get_response(request)
        return response
