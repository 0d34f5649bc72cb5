"""The cookie of a device on which a person has logged in before (OWASP, device cookies against lockouts).

While strangers guess at a name until it is locked, its owner still gets in from the own machine: that one counts its
own failures. The cookie is signed, below /staff/ alone, and holds for each name a random number; it opens nothing by
itself.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.services import guards

COOKIE = "staff_device"
SALT = "accounts.device"
KEPT = timedelta(days=365)
# Colleagues who share a machine; the one who came longest ago goes first.
MOST_NAMES = 12


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        found: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def device_of(request: HttpRequest, username: str) -> str:
    """The device's number for this name, empty where the name never logged in from it."""
    return str(_read(request).get(guards.name_digest(username), ""))


def device_note(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """After a login: the device is known for this name from now on."""
    name, names = guards.name_digest(username), _read(request)
    number = names.pop(name, "") or secrets.token_urlsafe(16)
    kept = dict([*names.items(), (name, number)][-MOST_NAMES:])
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=KEPT,
        path="/staff/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
