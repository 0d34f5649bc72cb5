"""The page of one announcement past Django's handler, whose dozen layers cost more than the page itself.

Only where they have nothing to say: a plain GET of ``/announcements/<number>/`` by a visitor without cookie. The
headers are those that Django gave to the first such page over the same way; whatever is not as usual (no such
announcement, a host that is not ours, a database that is away) is left to Django from the start.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error, connection
from django.urls import set_script_prefix

from portal.detail import detail_html
from portal.fragments import begin_request
from portal.views.common import this_minute
from tenders.models import Announcement

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

ROUTE = "/announcements/<int:pk>/"
_PATH = re.compile(r"/announcements/([0-9]{1,18})/", re.ASCII)
_MOST_WAYS = 16
# Told anew for every answer by whoever sends it.
_NOT_LEARNT = ("content-length", "etag", "vary")
log = logging.getLogger(__name__)


class Direct:
    """Answers that are finished without Django's handler, once it has shown their headers."""

    def __init__(self) -> None:
        self.headers: dict[tuple[str, ...], Headers] = {}

    def learn(self, environ: Environ, headers: Headers) -> None:
        """Take the headers of a 200 of Django's for this route."""
        way = _way(environ)
        if len(self.headers) < _MOST_WAYS:
            self.headers[way] = [(n, v) for n, v in headers if n.lower() not in _NOT_LEARNT]

    def answer(self, environ: Environ) -> tuple[Headers, bytes] | None:
        """Headers and bytes of the page, or None: Django answers."""
        path = _PATH.fullmatch(environ.get("PATH_INFO", ""))
        headers = self.headers.get(_way(environ)) if path and environ["REQUEST_METHOD"] == "GET" else None
        if path is None or headers is None:
            return None
        begin_request(environ)
        set_script_prefix("/")
        try:
            request = WSGIRequest(environ)
            request.large_print = False  # type: ignore[attr-defined]
            return headers, detail_html(int(path[1]), this_minute(), request).encode()
        except (Announcement.DoesNotExist, DisallowedHost):
            return None
        except Error as error:
            log.warning("direct page: %s", type(error).__name__)
            connection.close_if_unusable_or_obsolete()
            return None


def _way(environ: Environ) -> tuple[str, ...]:
    """What Django's layers look at besides the address."""
    names = ("wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "SCRIPT_NAME")
    return tuple(str(environ.get(name, "")) for name in names)
