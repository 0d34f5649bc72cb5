"""What every request needs, whatever page it asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse


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
