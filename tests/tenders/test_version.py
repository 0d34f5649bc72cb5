"""The content version while Redis hangs or is away: one attempt, then none for a while."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tenders import version
from trading_center.health import WORKER_KEY, leave_sign


@pytest.fixture
def hanging(settings: Any) -> Iterator[socket.socket]:
    """The place of a Redis that takes connections and never says a word."""
    version.client.cache_clear()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        yield server
    version.client().close()
    version.client.cache_clear()


def attempts(server: socket.socket) -> int:
    """How many connections came since the last call."""
    server.setblocking(False)
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_version_of_a_hanging_redis_is_asked_once(hanging: socket.socket) -> None:
    assert [version.content_version() for _ in range(5)] == [None] * 5
    assert attempts(hanging) == 1


def test_version_is_asked_again_after_the_pause(hanging: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    version.content_version()
    now = version.time.monotonic()
    monkeypatch.setattr("tenders.version.time.monotonic", lambda: now + version.PAUSE_SECONDS)
    version.content_version()
    assert attempts(hanging) == 2


@pytest.fixture
def refused(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every address that is tried, while nobody listens where Redis should be."""
    version.client.cache_clear()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    tried: list[Any] = []
    connect = socket.socket.connect

    def counted(self: socket.socket, address: Any) -> None:
        tried.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", counted)
    yield tried
    version.client().close()
    version.client.cache_clear()


def test_version_is_not_asked_again_and_again_of_a_redis_that_is_away(refused: list[Any]) -> None:
    assert (version.content_version(), len(refused)) == (None, 1)


def test_bump_is_tried_once_even_in_the_pause(refused: list[Any]) -> None:
    version.content_version()
    version.content_version_bump()
    assert len(refused) == 2


def test_sign_of_life_is_tried_once(refused: list[Any]) -> None:
    leave_sign(WORKER_KEY)
    assert len(refused) == 1
