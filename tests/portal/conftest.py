"""Pages are tested with plain static addresses: no collectstatic before the tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal import fragments

PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"


@pytest.fixture(autouse=True)
def plain_static(settings: Any) -> Iterator[None]:
    """No manifest, a folder for whitenoise to find, and nothing kept from another test."""
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN}}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    fragments.forget()
    yield
    fragments.forget()
