"""The keyring of each test of the log is its own; pages are tested with plain static addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import keys
from tests.portal.conftest import plain_static

__all__ = ["plain_static"]


@pytest.fixture(autouse=True)
def keys_dir(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A folder with fresh first keys."""
    settings.KEYS_DIR = tmp_path / "keys"
    keys.keys_ensure()
    yield settings.KEYS_DIR
