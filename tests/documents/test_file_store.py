"""Storing files: once each, by digest, kind by content, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError
from pytest_django import Settings

from core.errors import BusinessError
from documents.contents import content_is_whole
from documents.models import StoredFile
from documents.rulebook import MAX_FILE_BYTES
from documents.selectors import file_open
from documents.services import file_store
from tests.documents.samples import BAD, GOOD, PDF, PNG, zipped

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    """The storage of this test: a directory of its own."""
    place = tmp_path / "files"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": place},
        },
    }
    return place


class Endless(io.RawIOBase):
    """A stream that never ends, as a hostile sender would send it."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = b"x" * len(buffer)
        self.given += len(buffer)
        return len(buffer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("member", "content"), [("安装.EXE", b"x"), ("a/b.js", b"x"), ("投标文件.pdf", b"MZ\x90\x00"), ("x", b"\x7fELF")]
)
def test_an_archive_that_holds_a_program_is_refused(member: str, content: bytes) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("说明.txt", "请看")
        archive.writestr(member, content)
    made.seek(0)
    with pytest.raises(BusinessError) as refusal:
        file_store(content=made, now=NOW, name="资料.zip")
    assert refusal.value.code == "executable_inside" and member[-5:] in refusal.value.message
    assert StoredFile.objects.count() == 0


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _refusal(content: bytes, name: str = "") -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        file_store(content=io.BytesIO(content), now=NOW, name=name)
    return caught.value


def test_file_store_keeps_content_under_its_digest(folder: Path) -> None:
    stored = file_store(content=io.BytesIO(PDF), now=NOW, name="公告.pdf")
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert (stored.sha256, stored.size, stored.content_type, stored.created_at) == (
        sha256,
        len(PDF),
        "application/pdf",
        NOW,
    )
    assert _files(folder) == [f"{sha256[:2]}/{sha256}"]
    path = folder / sha256[:2] / sha256
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (PDF, 0o600)
    with file_open(stored) as stream:
        assert stream.read() == PDF


def test_same_content_again_is_the_same_row_and_file(folder: Path) -> None:
    first = file_store(content=io.BytesIO(PDF), now=NOW)
    path = folder / first.storage_name
    written = path.stat().st_mtime_ns, path.stat().st_ino
    again = file_store(content=io.BytesIO(PDF), now=datetime(2027, 1, 1, tzinfo=UTC))
    assert (again.pk, again.created_at) == (first.pk, NOW)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == written
    assert StoredFile.objects.count() == 1


def test_content_is_read_from_where_the_stream_stands() -> None:
    stream = io.BytesIO(b"junk" + PDF)
    stream.seek(4)
    assert file_store(content=stream, now=NOW).sha256 == hashlib.sha256(PDF).hexdigest()


@pytest.mark.parametrize(("name", "content", "content_type"), GOOD)
def test_kind_is_known_by_content(name: str, content: bytes, content_type: str) -> None:
    assert file_store(content=io.BytesIO(content), now=NOW, name=name).content_type == content_type


@pytest.mark.parametrize("content", BAD)
def test_kinds_that_are_not_stored_are_refused(content: bytes, folder: Path) -> None:
    error = _refusal(content, "a.pdf")
    assert error.code == "bad_type"
    assert error.message.startswith("文件没有保存：从内容看不是可以接收的种类")
    assert (_files(folder), StoredFile.objects.count()) == ([], 0)


def test_name_that_lies_about_the_content_is_refused(folder: Path) -> None:
    error = _refusal(PNG, "公告.PDF")
    assert (error.code, error.message) == (
        "type_mismatch",
        "文件没有保存：名称以 .pdf 结尾，内容却是PNG 图片，请改成一致后再传。",
    )
    assert _files(folder) == []


def test_broken_archive_is_refused() -> None:
    assert _refusal(zipped("word/document.xml")[:-10], "a.docx").code == "damaged"


def test_empty_file_is_refused() -> None:
    assert _refusal(b"").code == "empty_file"


def test_file_of_the_largest_size_is_stored_and_a_larger_one_refused(folder: Path) -> None:
    endless = Endless()
    with pytest.raises(BusinessError) as caught:
        file_store(content=io.BufferedReader(endless), now=NOW)
    assert (caught.value.code, caught.value.message) == (
        "too_large",
        "文件没有保存：超过 100 MB，请压缩或者拆开后再传。",
    )
    assert endless.given <= MAX_FILE_BYTES + 2 * 1024 * 1024
    assert _files(folder) == []
    largest = PDF + bytes(MAX_FILE_BYTES - len(PDF))
    assert file_store(content=io.BytesIO(largest), now=NOW).size == MAX_FILE_BYTES


def test_content_there_without_its_row_is_taken_as_it_is(folder: Path) -> None:
    sha256 = hashlib.sha256(PDF).hexdigest()
    FileSystemStorage(location=folder).save(f"{sha256[:2]}/{sha256}", io.BytesIO(PDF))
    assert file_store(content=io.BytesIO(PDF), now=NOW).sha256 == sha256
    assert _files(folder) == [f"{sha256[:2]}/{sha256}"]


def test_damaged_content_is_neither_trusted_nor_overwritten(folder: Path) -> None:
    sha256 = hashlib.sha256(PDF).hexdigest()
    FileSystemStorage(location=folder).save(f"{sha256[:2]}/{sha256}", io.BytesIO(PDF[:-1]))
    assert _refusal(PDF).code == "damaged_storage"
    assert (folder / sha256[:2] / sha256).read_bytes() == PDF[:-1]
    assert (content_is_whole(sha256), StoredFile.objects.count()) == (False, 0)


def test_lost_content_is_told_and_comes_back_with_the_same_content(folder: Path) -> None:
    stored = file_store(content=io.BytesIO(PDF), now=NOW)
    (folder / stored.storage_name).unlink()
    with pytest.raises(BusinessError) as caught:
        file_open(stored)
    assert (caught.value.code, content_is_whole(stored.sha256)) == ("file_missing", False)
    assert file_store(content=io.BytesIO(PDF), now=NOW).pk == stored.pk
    assert content_is_whole(stored.sha256) is True


def test_storage_that_cannot_be_written_is_a_sentence_and_no_row(folder: Path) -> None:
    folder.write_text("not a folder")
    error = _refusal(PDF)
    assert (error.code, error.message) == (
        "storage_failed",
        "文件没有保存：存储写不进去（可能已满或暂时连不上），请稍后再试，仍不行请联系信息科。",
    )
    assert StoredFile.objects.count() == 0


def test_file_store_refuses_to_run_inside_a_transaction(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        file_store(content=io.BytesIO(PDF), now=NOW)
    assert folder.exists() is False


@pytest.mark.parametrize(
    "values",
    [
        {"sha256": "A" * 64, "size": 1},
        {"sha256": "a" * 63, "size": 1},
        {"sha256": "a" * 64, "size": 0},
    ],
)
def test_database_refuses_an_impossible_row(values: dict) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.create(content_type="text/plain", created_at=NOW, **values)


def test_application_role_may_only_read_and_add() -> None:
    rights = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(r ORDER BY r) FROM unnest(%s::text[]) r"
            " WHERE has_table_privilege(%s, 'documents_storedfile', r)",
            [rights, settings.DATABASE_APP_ROLE],
        )
        assert cursor.fetchone() == (["INSERT", "SELECT"],)
    stored = file_store(content=io.BytesIO(PDF), now=NOW)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        StoredFile.objects.filter(pk=stored.pk).update(size=1)


def test_default_storage_is_the_folder_of_the_test(folder: Path) -> None:
    assert default_storage.path("x") == str(folder / "x")
