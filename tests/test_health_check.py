"""Many who ask for the health at the same moment."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from trading_center.health import OK, _Check


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_everybody_who_asks_at_once_is_answered(hasty: None) -> None:
    check = _Check(("one",), lambda: {"one": OK})
    together = threading.Barrier(8, timeout=10)

    def ask(_: int) -> dict[str, str]:
        together.wait()
        check.start()
        return check.result()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8 * 400))) == [{"one": OK}] * (8 * 400)
