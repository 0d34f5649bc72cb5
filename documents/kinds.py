"""The kind of a file by its content, whatever its name says."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import PurePosixPath
from typing import IO

import puremagic

from core.errors import BusinessError
from documents.rulebook import (
    EXECUTABLE_BEGINS,
    EXECUTABLES,
    KINDS,
    MOST_MEMBERS,
    REFUSED_TYPES,
    TEXT,
    ZIP,
    ZIP_KINDS,
    Kind,
)

CHUNK = 1024 * 1024
# Below this the library has seen two or three bytes only, as a text may well begin with.
SURE = 0.4
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def _candidates(stream: IO[bytes]) -> list[tuple[str, float]]:
    """Media types that the first and last bytes speak for, most certain first."""
    stream.seek(0)
    try:
        return [(found.mime_type, found.confidence) for found in puremagic.magic_stream(stream)]
    except (puremagic.PureError, ValueError):
        return []


def _decodes(stream: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    try:
        while chunk := stream.read(CHUNK):
            if _CONTROL.search(decoder.decode(chunk)):
                return False
        return not _CONTROL.search(decoder.decode(b"", final=True))
    except UnicodeDecodeError:
        return False


def _is_text(stream: IO[bytes]) -> bool:
    """Whether the whole file is text: UTF-8, UTF-16 with its mark, or GB18030 as Chinese offices write it."""
    stream.seek(0)
    if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return _decodes(stream, "utf-16")
    return _decodes(stream, "utf-8") or _decodes(stream, "gb18030")


def _runs(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether a member is a program, by its name or its first bytes (those of an encrypted one cannot be read)."""
    if PurePosixPath(member.filename).suffix.lower().lstrip(".") in EXECUTABLES:
        return True
    if member.is_dir() or member.flag_bits & 1:
        return False
    with archive.open(member) as content:
        return content.read(4).startswith(EXECUTABLE_BEGINS)


def _no_programs(archive: zipfile.ZipFile) -> None:
    """Raises BusinessError ``executable_inside``, ``too_many``."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise BusinessError(f"文件没有保存：压缩包里的文件超过 {MOST_MEMBERS:,} 个，请拆开后再传。", "too_many")
    for member in members:
        if _runs(archive, member):
            raise BusinessError(
                f"文件没有保存：压缩包里有程序“{member.filename[-60:]}”，请去掉程序、只留文档后再传。",
                "executable_inside",
            )


def _zip_kind(stream: IO[bytes]) -> Kind:
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = set(archive.namelist())
            found = next((kind for member, kind in ZIP_KINDS if member in members), ZIP)
            if found is ZIP:
                _no_programs(archive)
            return found
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise BusinessError("文件没有保存：压缩包或文档已损坏，打不开，请重新生成后再传。", "damaged") from None


def kind_of(stream: IO[bytes]) -> Kind:
    """The kind of the file in ``stream`` (seekable; left anywhere).

    Raises:
        BusinessError: ``bad_type`` for a kind that is not stored, ``damaged`` for a broken archive.
    """
    stream.seek(0)
    if stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip_kind(stream)
    found = _candidates(stream)
    known = [(KINDS[content_type], confidence) for content_type, confidence in found if content_type in KINDS]
    if known and known[0][1] >= SURE:
        return known[0][0]
    is_page = any(content_type in REFUSED_TYPES for content_type, _ in found)
    if not is_page and _is_text(stream):
        return TEXT
    if not is_page and known:
        return known[0][0]
    raise BusinessError(
        "文件没有保存：从内容看不是可以接收的种类（可接收 PDF、OFD、Word、Excel、图片、压缩包、文本、录音录像），"
        "请转成其中一种再传。",
        "bad_type",
    )
