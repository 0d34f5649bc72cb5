"""Every test has an outbox folder of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def outbox_folder(settings: Any, tmp_path: Path) -> Path:
    """Where the file channel writes."""
    settings.NOTICE_OUTBOX = tmp_path / "outbox"
    return settings.NOTICE_OUTBOX
