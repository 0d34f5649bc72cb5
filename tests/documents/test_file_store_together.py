"""Many at once with the same content: one row, one file, nobody told of an error."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connections
from pytest_django import Settings

from documents.models import StoredFile
from documents.services import file_store
from tests.documents.samples import PDF

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_same_content_sent_by_many_at_once_is_stored_once(tmp_path: Path, settings: Settings) -> None:
    options = {"location": tmp_path}
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    together = Barrier(8)

    def send(_: int) -> int:
        together.wait(timeout=30)
        try:
            return file_store(content=io.BytesIO(PDF), now=NOW).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(send, range(8)))
    stored = StoredFile.objects.get()
    assert keys == {stored.pk}
    found = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    assert found == [stored.storage_name]
