"""A content is compared with its digest before anybody sees it; what is wrong is written down until it is mended."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from core.errors import Unavailable
from documents import selectors
from documents.faults import content_examine
from documents.models import FileFault, StoredFile
from documents.selectors import fault_lines, faults_count, file_open
from documents.services import file_store
from tests.documents.samples import PDF
from tests.documents.test_file_store import NOW, folder

__all__ = ["folder"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(folder: Path) -> StoredFile:
    selectors._compared.clear()
    return file_store(content=io.BytesIO(PDF), now=NOW)


def refusal(stored: StoredFile) -> str:
    with pytest.raises(Unavailable) as caught:
        file_open(stored)
    return caught.value.code


def altered(path: Path) -> None:
    """Another byte, the same size, and the old time of writing: what somebody would do who is careful."""
    before = path.stat()
    path.write_bytes(PDF[:-1] + b"?")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("opened", [False, True])
def test_altered_bytes_are_given_to_nobody_also_after_they_were_whole(
    folder: Path, stored: StoredFile, opened: bool
) -> None:
    if opened:
        with file_open(stored) as stream:
            assert stream.read() == PDF
    altered(folder / stored.storage_name)
    assert (refusal(stored), refusal(stored)) == ("file_damaged", "file_damaged")
    assert list(FileFault.objects.values_list("sha256", "kind")) == [(stored.sha256, "altered")]
    assert "被改动" in fault_lines()[0] and stored.sha256 in fault_lines()[0]


def test_a_lost_content_is_written_down_until_it_is_back(folder: Path, stored: StoredFile) -> None:
    path = folder / stored.storage_name
    path.unlink()
    assert (refusal(stored), faults_count()) == ("file_missing", 1)
    assert "丢失" in fault_lines()[0]
    path.write_bytes(PDF)
    with file_open(stored) as stream:
        assert stream.read() == PDF
    assert (fault_lines(), faults_count()) == ([], 0)


def test_a_content_is_read_once_to_be_compared(stored: StoredFile, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    digest_of = selectors.digest_of

    def counted(stream: Any) -> str:
        read.append(digest_of(stream))
        return read[-1]

    monkeypatch.setattr(selectors, "digest_of", counted)
    for _ in range(3):
        with file_open(stored) as stream:
            assert stream.read() == PDF
    assert read == [stored.sha256]


def test_what_is_remembered_has_a_limit(stored: StoredFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MOST_COMPARED", 2)
    selectors._compared.update({"a": (), "b": (), "c": ()})
    file_open(stored).close()
    assert list(selectors._compared) == ["c", stored.sha256]


def test_examination_writes_down_and_clears(folder: Path, stored: StoredFile) -> None:
    path = folder / stored.storage_name
    altered(path)
    assert (content_examine(stored.sha256), FileFault.objects.count()) == ("altered", 1)
    path.unlink()
    assert content_examine(stored.sha256) == "missing"
    path.write_bytes(PDF)
    assert (content_examine(stored.sha256), FileFault.objects.count()) == ("", 0)
