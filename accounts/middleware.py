"""Sessions, CSRF and login for staff pages alone: whoever reads public pages never gets a cookie.

Order in the settings: after the large-print prefix has been taken off; session, CSRF, login, messages, page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils import timezone

from accounts import sessions
from accounts.requests import client_address, is_staff_path
from accounts.rulebook import SESSION_IDLE, SESSION_LONGEST, SESSION_NOTE_EVERY
from core.errors import BusinessError
from core.text import first_not_storable

log = logging.getLogger(__name__)
UNIQUE_VIOLATION = "23505"
NOT_STORABLE = "没有办理：填写的文字里有不能保存的控制字符。请按浏览器的“后退”回到刚才的页面，删去后重新提交。"
JUST_STORED = "没有保存：刚刚有人保存了相同的内容。请按浏览器的“后退”，刷新页面看过以后再办。"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class StaffSessionMiddleware(SessionMiddleware):
    """Django's sessions, on staff pages."""

    def __call__(self, request: HttpRequest) -> Any:
        if not is_staff_path(request):
            return self.get_response(request)
        response: Any = super().__call__(request)
        host = request.get_host().rsplit(":", 1)[0] if not request.is_secure() else ""
        if host in LOOPBACK:
            # On the machine itself there is no TLS, whatever the settings say of the way from outside.
            for cookie in response.cookies.values():
                cookie["secure"] = ""
        return response


class StaffCsrfMiddleware(CsrfViewMiddleware):
    """Django's CSRF, on staff pages."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_staff_path(request) else self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """Checked below /staff/; elsewhere nothing can be changed."""
        return super().process_view(request, *args, **options) if is_staff_path(request) else None


class StaffAuthMiddleware(AuthenticationMiddleware):
    """``request.user``, on staff pages."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_staff_path(request) else self.get_response(request)


class StaffMessageMiddleware(MessageMiddleware):
    """Flash messages, on staff pages."""

    def __call__(self, request: HttpRequest) -> Any:
        return super().__call__(request) if is_staff_path(request) else self.get_response(request)


class StaffPageMiddleware:
    """Ends sessions that are too old, keeps staff pages out of every cache, turns a BusinessError into a page.

    Sets ``request.now`` (aware), ``request.address`` and ``request.session_ended`` (``""``, ``idle``, ``longest``).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_staff_path(request):
            return self.get_response(request)
        request.now = timezone.now()  # type: ignore[attr-defined]
        request.address = client_address(request)  # type: ignore[attr-defined]
        request.session_ended = self._limits(request, request.now)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _limits(self, request: HttpRequest, now: datetime) -> str:
        session = request.session
        if SESSION_KEY not in session:
            return ""
        seen, begun = (datetime.fromtimestamp(session.get(k, 0), UTC) for k in (sessions.SEEN, sessions.BEGUN))
        ended = "idle" if now - seen > SESSION_IDLE else "longest" if now - begun > SESSION_LONGEST else ""
        if ended:
            session.flush()
            request.user = AnonymousUser()
        elif now - seen >= SESSION_NOTE_EVERY:
            session[sessions.SEEN] = now.timestamp()
            session[sessions.ADDRESS] = request.address  # type: ignore[attr-defined]
        return ended

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal as a page of the staff side; so too what no store can hold, and what somebody else just stored."""
        if not is_staff_path(request):
            return None
        if isinstance(exception, BusinessError):
            return render(request, "staff/refused.html", {"message": exception.message}, status=400)
        if isinstance(exception, ValueError | DataError) and _not_storable(request):
            return render(request, "staff/refused.html", {"message": NOT_STORABLE}, status=400)
        if isinstance(exception, IntegrityError) and getattr(exception.__cause__, "pgcode", "") == UNIQUE_VIOLATION:
            log.warning("%s: stored by somebody else at the same moment: %s", request.path, exception)
            return render(request, "staff/refused.html", {"message": JUST_STORED}, status=409)
        return None


def _not_storable(request: HttpRequest) -> bool:
    values = [*request.GET.lists(), *request.POST.lists()]
    return any(first_not_storable(text) for name, texts in values for text in (name, *texts))
