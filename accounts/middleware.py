"""What every staff page has: the time of the request, the visitor's address, refusals as pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.errors import BusinessError


class StaffPageMiddleware:
    """Sets ``request.now`` and ``request.address``; turns a BusinessError of a staff page into a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()  # type: ignore[attr-defined]
        request.address = request.META.get("REMOTE_ADDR", "")  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, BusinessError) or not request.path_info.startswith("/staff/"):
            return None
        return render(request, "staff/refused.html", {"message": exception.message}, status=400)
