"""The cache in front of Django: public pages as finished bytes, checked against the content version.

A page is the same for every visitor within one minute of one content version (views promise that:
no cookie, nothing per visitor). So its entity tag is known before anything is asked of the database:
version, minute and address. One Redis read decides; a conditional request is answered 304 without a
query, a kept page leaves as bytes, and a publication or masking changes the version for all at once.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from portal.direct import ROUTE as DIRECT
from portal.direct import Direct
from portal.middleware import LARGE
from tenders.version import content_version

Environ = dict[str, Any]
Start = Callable[..., Any]
WsgiApplication = Callable[[Environ, Start], Iterable[bytes]]

# Pages of a survey carry a right to answer once.
NEVER_KEPT = ("/healthz", "/metrics", "/static/", "/staff", "/survey/")
# What was answered, for whoever counts (trading_center.metrics).
ROUTE = "tc.route"
UNCHANGED = "(unchanged)"
MOST_PAGES = 512
MOST_BYTES = 48 * 1024 * 1024
LARGEST_PAGE = 4 * 1024 * 1024
SMALLEST_ZIPPED = 1_000


@dataclass
class _Page:
    """A finished answer: its headers without tag, length and encoding, and its bytes."""

    stamp: bytes
    headers: list[tuple[str, str]]
    body: bytes
    zipped: bytes = field(default=b"")
    route: str = ""

    def zip(self) -> bytes:
        if not self.zipped:
            # mtime=0: the same page gives the same bytes.
            self.zipped = gzip.compress(self.body, 5, mtime=0)
        return self.zipped


class PublicCache:
    """WSGI middleware.

    Args:
        application: Django's WSGI application.
    """

    def __init__(self, application: WsgiApplication) -> None:
        self.application = application
        self.pages: OrderedDict[str, _Page] = OrderedDict()
        self.bytes = 0
        self.lock = Lock()
        self.direct = Direct()

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer from the kept pages, or let Django answer and keep it."""
        path = environ.get("PATH_INFO", "")
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or "HTTP_COOKIE" in environ
            or "HTTP_AUTHORIZATION" in environ
            or _standard(path).startswith(NEVER_KEPT)
        ):
            return self.application(environ, start_response)
        version = environ["portal.content_version"] = content_version()  # portal.fragments asks for it, too
        if version is None:
            return self.application(environ, start_response)
        scheme = environ["wsgi.url_scheme"]
        forwarded = environ.get("HTTP_X_FORWARDED_PROTO", "")
        key = f"{scheme} {forwarded} {environ.get('HTTP_HOST', '')} {path}?{environ.get('QUERY_STRING', '')}"
        stamp = b"%s-%d" % (version, time.time() // 60)
        tag = hashlib.blake2b(stamp + key.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        wanted = environ.get("HTTP_IF_NONE_MATCH", "")
        if wanted and tag in wanted:
            environ[ROUTE] = UNCHANGED
            start_response("304 Not Modified", [("ETag", f'W/"{tag}"'), ("Cache-Control", "no-cache"), _VARY])
            return ()
        page = self.pages.get(key)
        if page is None or page.stamp != stamp:
            return self._from_django(environ, start_response, key, stamp, tag)
        environ[ROUTE] = page.route
        return _send(page, tag, environ, start_response)

    def _from_django(
        self, environ: Environ, start_response: Start, key: str, stamp: bytes, tag: str
    ) -> Iterable[bytes]:
        answer: list[Any] = []

        def remember(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            answer[:] = [status, headers]
            return lambda data: None

        if environ["REQUEST_METHOD"] == "HEAD":
            return self.application(environ, start_response)
        if direct := self.direct.answer(environ):
            environ[ROUTE] = DIRECT
            page = _Page(stamp, *direct, route=DIRECT)
            self._keep(key, page)
            return _send(page, tag, environ, start_response)
        result: Any = self.application(environ, remember)
        status, headers = answer
        names = {name.lower() for name, _ in headers}
        if (
            not status.startswith("200")
            or getattr(result, "streaming", True)
            or "set-cookie" in names
            or _is_private(headers)
        ):
            start_response(status, headers)
            return result
        body = b"".join(result)
        result.close()
        kept = [(n, v) for n, v in headers if n.lower() not in ("content-length", "etag", "vary")]
        page = _Page(stamp, kept, body, route=environ.get(ROUTE, ""))
        self._keep(key, page)
        if page.route == DIRECT:
            self.direct.learn(environ, headers)
        return _send(page, tag, environ, start_response)

    def _keep(self, key: str, page: _Page) -> None:
        if len(page.body) > LARGEST_PAGE:
            return
        with self.lock:
            old = self.pages.pop(key, None)
            self.bytes += len(page.body) - (len(old.body) if old else 0)
            self.pages[key] = page
            while len(self.pages) > MOST_PAGES or self.bytes > MOST_BYTES:
                _, dropped = self.pages.popitem(last=False)
                self.bytes -= len(dropped.body)


def _standard(path: str) -> str:
    """The path of the same page in standard print."""
    return path[len(LARGE) :] if path.startswith(LARGE + "/") else path


def _is_private(headers: list[tuple[str, str]]) -> bool:
    """Does the answer itself forbid to be kept for others?"""
    told = ",".join(value for name, value in headers if name.lower() == "cache-control").lower()
    return any(word in told for word in ("no-store", "private"))


_VARY = ("Vary", "Accept-Encoding")


def _send(page: _Page, tag: str, environ: Environ, start_response: Start) -> Iterable[bytes]:
    # The tag is weak because the zipped and the plain bytes share it.
    headers = [*page.headers, ("ETag", f'W/"{tag}"'), _VARY]
    body = page.body
    if len(body) >= SMALLEST_ZIPPED and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = page.zip()
        headers.append(("Content-Encoding", "gzip"))
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)
