"""The cache in front of Django: never stale, never someone's own, quick 304s."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import redis
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from portal.edge import PublicCache
from tenders import version
from tenders.version import content_version_bump
from tests.tenders.factories import make_announcement

pytestmark = pytest.mark.django_db(transaction=True)


class Visitor:
    """Speaks WSGI to the cache in front of the real application."""

    def __init__(self) -> None:
        self.cache = PublicCache(WSGIHandler())

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        environ = RequestFactory(headers={k.replace("_", "-"): v for k, v in headers.items()}).get(path).environ
        environ["REQUEST_METHOD"] = method
        environ.pop("HTTP_COOKIE", None)
        if "cookie" in headers:
            environ["HTTP_COOKIE"] = headers["cookie"]
        answer: list[Any] = []
        body: Iterable[bytes] = self.cache(environ, lambda status, found, exc=None: answer.extend([status, found]))
        whole = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return int(answer[0][:3]), dict(answer[1]), whole


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Visitor:
    # All within one minute, whenever the test runs.
    monkeypatch.setattr("portal.edge.time.time", lambda: 1_790_000_000.0)
    content_version_bump()
    return Visitor()


def test_edge_second_visitor_costs_no_query(visitor: Visitor) -> None:
    make_announcement(title="路灯")
    first = visitor.get("/announcements/")
    with CaptureQueriesContext(connection) as queries:
        assert visitor.get("/announcements/") == first
    assert (first[0], len(queries)) == (200, 0)
    assert "路灯".encode() in first[2]


def test_edge_publication_is_seen_at_once(visitor: Visitor) -> None:
    assert "路灯".encode() not in visitor.get("/announcements/")[2]
    make_announcement(title="路灯")
    assert "路灯".encode() in visitor.get("/announcements/")[2]


def test_edge_conditional_request_is_answered_without_a_query_until_something_changes(visitor: Visitor) -> None:
    tag = visitor.get("/announcements/")[1]["ETag"]
    with CaptureQueriesContext(connection) as queries:
        status, headers, body = visitor.get("/announcements/", if_none_match=tag)
    assert (status, body, headers["ETag"], len(queries)) == (304, b"", tag, 0)
    content_version_bump()
    assert visitor.get("/announcements/", if_none_match=tag)[0] == 200


def test_edge_next_minute_is_another_page(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = visitor.get("/announcements/")[1]["ETag"]
    monkeypatch.setattr("portal.edge.time.time", lambda: 1_790_000_060.0)
    assert visitor.get("/announcements/", if_none_match=tag)[0] == 200


def test_edge_tag_of_one_address_does_not_fit_another(visitor: Visitor) -> None:
    tag = visitor.get("/announcements/")[1]["ETag"]
    assert visitor.get("/announcements/?q=x", if_none_match=tag)[0] == 200
    assert visitor.get("/large/announcements/", if_none_match=tag)[0] == 200


def test_edge_zips_for_those_who_read_it(visitor: Visitor) -> None:
    plain = visitor.get("/announcements/")
    status, headers, body = visitor.get("/announcements/", accept_encoding="br, gzip")
    assert (status, headers["Content-Encoding"], headers["Vary"]) == (200, "gzip", "Accept-Encoding")
    assert gzip.decompress(body) == plain[2]
    assert headers["Content-Length"] == str(len(body))


def test_edge_head_has_the_headers_alone(visitor: Visitor) -> None:
    status, headers, _ = visitor.get("/announcements/")
    assert visitor.get("/announcements/", method="HEAD") == (status, headers, b"")


def test_edge_keeps_no_refusal_and_no_page_of_somebody(visitor: Visitor) -> None:
    for address in ("/announcements/999999/", "/announcements/?since=x", "/nowhere/"):
        assert visitor.get(address)[0] in (400, 404)
    assert visitor.get("/announcements/", cookie="sessionid=1")[0] == 200
    assert dict(visitor.cache.pages) == {}


class Plain:
    """An application whose every answer is 200, with the given Cache-Control."""

    streaming = False

    def __init__(self, told: str) -> None:
        self.told = told

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Plain:
        start_response("200 OK", [("Cache-Control", self.told)])
        return self

    def __iter__(self) -> Iterator[bytes]:
        return iter((b"page",))

    def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize(
    ("address", "told", "kept"),
    [
        ("/announcements/", "no-cache", 1),
        ("/announcements/", "no-store", 0),
        ("/announcements/", "max-age=0, Private", 0),
        ("/large/announcements/", "no-cache", 1),
        ("/staff/x", "no-cache", 0),
        ("/large/staff/x", "no-cache", 0),
        ("/large/healthz", "no-cache", 0),
    ],
)
def test_edge_keeps_what_may_be_kept(visitor: Visitor, address: str, told: str, kept: int) -> None:
    visitor.cache = PublicCache(Plain(told))
    assert (visitor.get(address)[2], len(visitor.cache.pages)) == (b"page", kept)


def test_edge_without_redis_serves_fresh_pages(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "client", lambda: redis.Redis(port=1, socket_connect_timeout=0.2))
    status, headers, _ = visitor.get("/announcements/")
    assert (status, "ETag" in headers, dict(visitor.cache.pages)) == (200, False, {})


def test_edge_forgets_the_oldest_beyond_its_limit(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.edge.MOST_PAGES", 3)
    for number in range(5):
        visitor.get(f"/announcements/?page={number}")
    assert len(visitor.cache.pages) == 3
    assert visitor.cache.bytes == sum(len(page.body) for page in visitor.cache.pages.values())
