"""What is kept in process ends with the content version and has a size."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from portal import fragments
from portal.edge import PublicCache
from portal.fragments import Kept
from tenders import version
from tenders.version import content_version_bump
from tests.tenders.factories import make_announcement


def begin(handed: bytes | None) -> None:
    fragments.begin_request({fragments.VERSION: handed})


def test_kept_values_have_a_number_and_a_size() -> None:
    few = Kept(3, 1_000_000)
    for number in range(5):
        few.get(number, lambda: "x", 60)
    assert len(few) == 3
    small = Kept(100, 10_000)
    for number in range(50):
        small.get(number, lambda: "汉" * 1_000, 60)
    assert (0 < small.bytes <= 10_000, len(small)) == (True, 4)


def test_kept_value_asked_for_last_stays_longest() -> None:
    two = Kept(2, 1_000_000)
    for key in ("a", "b", "a", "c"):
        two.get(key, lambda key=key: key, 60)  # type: ignore[misc]
    assert [two.get(key, lambda: "made anew", 60) for key in ("a", "c", "b")] == ["a", "c", "made anew"]


def test_kept_value_ends_after_its_seconds() -> None:
    some = Kept(2, 1_000_000)
    assert [some.get("a", lambda n=n: n, 0) for n in (1, 2)] == [1, 2]  # type: ignore[misc]


def test_what_is_kept_ends_with_the_version() -> None:
    found: list[int] = []
    for handed in (b"1", b"1", b"2", b"1"):
        begin(handed)
        found.append(fragments.kept("key", lambda: len(found), 60))
    assert found == [0, 0, 2, 3]


def test_request_of_an_older_version_keeps_nothing_for_newer_ones() -> None:
    begin(b"1")
    old = fragments.store()
    begin(b"2")
    old.fragments.get("key", lambda: "stale", 60)
    assert fragments.kept("key", lambda: "fresh", 60) == "fresh"


def test_without_a_version_nothing_outlives_a_request() -> None:
    begin(None)
    assert [fragments.kept("key", lambda n=n: n, 60) for n in (1, 2)] == [1, 1]  # type: ignore[misc]
    begin(None)
    assert fragments.kept("key", lambda: 3, 60) == 3


def test_edge_hands_on_the_version_that_it_has_read() -> None:
    seen: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ[fragments.VERSION])
        start_response("404 Not Found", [])
        return []

    content_version_bump()
    environ = RequestFactory().get("/").environ
    environ.pop("HTTP_COOKIE", None)
    PublicCache(application)(environ, lambda *_: None)
    assert seen == [version.content_version()]


@pytest.mark.django_db
def test_pages_are_made_anew_after_a_change_and_without_redis(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"/announcements/{make_announcement().pk}/"

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    content_version_bump()
    first, second = asked(), asked()
    assert second < first
    content_version_bump()
    assert asked() == first
    monkeypatch.setattr(version, "client", lambda: redis.Redis(port=1, socket_connect_timeout=0.2))
    monkeypatch.setattr(version, "_ask_again_at", 0.0)
    assert [asked(), asked()] == [first, first]
