"""A form that is sent twice is done once: the second time it leads to what the first one made.

Each showing of a page has a CSRF token of its own (Django masks it anew), so the same token with the same content is
the same button pressed again: a double click, a reload after a slow answer, two at once. The first answer's address is
kept for a day; only answers that lead on (something was done) are. Other content, or the page shown anew, is another
form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.csrf import CSRF_TOKEN_LENGTH

from accounts.models import FormAnswer

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 (the field's name)
KEPT = timedelta(days=1)
# A program may send the bare secret of its cookie, which is the same on all pages: then a moment is all that counts.
KEPT_BARE = timedelta(seconds=10)
CHUNK = 1 << 16


def _digest(request: Any) -> str:
    """The one who sends, where to, the token, every field and file; empty where there is no token."""
    if not request.POST.get(TOKEN):
        return ""
    found = hashlib.sha256(f"{request.user.pk}\0{request.path}\0{request.META.get('QUERY_STRING', '')}".encode())
    for name in sorted(request.POST):
        found.update(repr((name, request.POST.getlist(name))).encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            found.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks(CHUNK):
                found.update(chunk)
            file.seek(0)
    return found.hexdigest()


def once(request: Any, view: Callable[[], HttpResponseBase], *, now: datetime) -> HttpResponseBase:
    """The answer of ``view``, or where the same form led when it was sent before.

    Args:
        request: of somebody who is logged in.
        view: does what the form asks.
        now: the time of the request.
    """
    digest = _digest(request) if request.method == "POST" else ""
    if not digest:
        return view()
    number = int(digest[:15], 16)
    with connection.cursor() as cursor:
        # Who sends the same at the same moment waits for the first answer.
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        kept = KEPT if len(request.POST[TOKEN]) == CSRF_TOKEN_LENGTH else KEPT_BARE
        if known := FormAnswer.objects.filter(digest=digest, at__gt=now - kept).first():
            return HttpResponseRedirect(known.location)
        answer = view()
        if answer.status_code == 302:
            FormAnswer.objects.filter(at__lt=now - KEPT).delete()
            FormAnswer.objects.update_or_create(
                digest=digest, defaults={"location": answer.headers["Location"], "at": now}
            )
        return answer
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
