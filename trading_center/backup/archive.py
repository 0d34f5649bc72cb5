"""The archive: a tar in gzip whose first member says what it is and whose last lists every other by its digest.

Any ``tar xzf`` opens it. The dump stands in pieces (its size is not known beforehand), files under their SHA-256:

    header.json  database/000000 …  files/ab/abcd…  manifest.json

Standard library alone.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from core.reasons import reason

FORMAT = 1
HEADER, MANIFEST = "header.json", "manifest.json"
DATABASE = "database/"
FILES = "files/"
PIECE = 8 * 1024 * 1024
# Level 4 is twice as fast as the default, and pictures and PDF files do not become smaller anyway.
LEVEL = 4
LARGEST_JSON = 512 * 1024 * 1024
_NAME = re.compile(r"header\.json|manifest\.json|database/\d{6,}|files/[0-9a-f]{2}/[0-9a-f]{64}")


class ArchiveError(Exception):
    """The archive cannot be read; the text is the end of a Chinese sentence."""


class _Hashing(io.RawIOBase):
    """Reads ``stream`` and sums up what passed."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.sum = hashlib.sha256()
        self.size = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.sum.update(data)
        self.size += len(data)
        return bytes(data)


class Writer:
    """Writes an archive into ``stream``, front to back.

    Use it in a ``with`` block; what ``close`` has not ended is no archive.

    Args:
        stream: a binary file open for writing.
        header: what ``header.json`` says besides the format.
    """

    def __init__(self, stream: IO[bytes], header: dict[str, Any]) -> None:
        self.gzip = gzip.GzipFile(filename="", fileobj=stream, mode="wb", compresslevel=LEVEL, mtime=0)
        self.tar = tarfile.open(fileobj=self.gzip, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 (close below)
        self.members: dict[str, list[Any]] = {}
        self.add_bytes(HEADER, _json({"format": FORMAT, **header}))

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """What was broken off is written nowhere: the stream may be closed or full."""
        if kind is not None:
            self.gzip.fileobj = io.BytesIO()
            with suppress(OSError, ValueError):
                self.tar.close()
            with suppress(OSError, ValueError):
                self.gzip.close()

    def _add(self, name: str, size: int, stream: Any) -> str:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        source = _Hashing(stream)
        self.tar.addfile(info, source)
        digest = source.sum.hexdigest()
        self.members[name] = [size, digest]
        return digest

    def add_bytes(self, name: str, data: bytes) -> None:
        """One member of bytes at hand."""
        self._add(name, len(data), io.BytesIO(data))

    def add_file(self, sha256: str, size: int, stream: Any) -> bool:
        """A stored file of exactly ``size`` bytes; False when its content is not what its name says.

        Raises:
            OSError: the stream is shorter.
        """
        return self._add(f"{FILES}{sha256[:2]}/{sha256}", size, stream) == sha256

    def add_database(self, stream: IO[bytes], progress: Callable[[int], None]) -> int:
        """All of ``stream`` in pieces; its bytes. ``progress`` is told the bytes so far."""
        number = total = 0
        while piece := _read_whole(stream, PIECE):
            self.add_bytes(f"{DATABASE}{number:06d}", piece)
            number += 1
            total += len(piece)
            progress(total)
        return total

    def close(self, manifest: dict[str, Any]) -> None:
        """Add the manifest and end the archive; the stream stays open."""
        self.add_bytes(MANIFEST, _json({**manifest, "members": dict(self.members)}))
        self.tar.close()
        self.gzip.close()


def _read_whole(stream: IO[bytes], size: int) -> bytes:
    """``size`` bytes, fewer only at the end: a pipe gives what it has."""
    parts, left = [], size
    while left and (data := stream.read(left)):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode()


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except ArchiveError:
        raise
    except (EOFError, zlib.error, tarfile.TarError, gzip.BadGzipFile):
        raise ArchiveError("文件损坏或不完整，请换一份备份") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ArchiveError(f"读不出文件（{reason(error) if isinstance(error, OSError) else error}）") from error


def _members(path: Path) -> Iterator[tuple[str, int, IO[bytes], IO[bytes]]]:
    with path.open("rb") as raw, gzip.GzipFile(fileobj=raw) as unzipped:
        with tarfile.open(fileobj=unzipped, mode="r|") as tar:
            for info in tar:
                if not info.isfile() or not _NAME.fullmatch(info.name):
                    raise ArchiveError("里面有不属于备份的内容，不是本系统的备份文件")
                stream = tar.extractfile(info)
                if stream is None:
                    raise ArchiveError("文件损坏或不完整，请换一份备份")
                yield info.name, info.size, stream, raw
        # What follows the tar: reading to the end is what compares gzip's own checksum.
        while unzipped.read(PIECE):
            pass


def _parsed(stream: IO[bytes], size: int) -> dict[str, Any]:
    if size > LARGEST_JSON:
        raise ArchiveError("清单大得不合理，不是本系统的备份文件")
    found = json.loads(stream.read())
    if not isinstance(found, dict):
        raise ArchiveError("清单读不懂，不是本系统的备份文件")
    return found


def header(path: Path) -> dict[str, Any]:
    """What the archive says of itself in front, without reading the rest.

    Raises:
        ArchiveError: it is none, or of a newer format.
    """
    with _damage_told():
        for name, size, stream, _ in _members(path):
            if name != HEADER:
                break
            found = _parsed(stream, size)
            if found.get("format") != FORMAT:
                raise ArchiveError("备份文件的格式比本程序新，请先升级本程序")
            return found
        raise ArchiveError("不是本系统的备份文件")


def verified_manifest(path: Path, progress: Callable[[int], None] = lambda done: None) -> dict[str, Any]:
    """Read the whole archive and compare every member with the manifest.

    Args:
        path: the archive.
        progress: told the bytes of ``path`` read so far.

    Returns:
        The manifest; its ``"members"`` are ``{name: [size, sha256]}``.

    Raises:
        ArchiveError: a member is missing, added or different, or the file is not whole.
    """
    header(path)
    found: dict[str, list[Any]] = {}
    manifest: dict[str, Any] = {}
    with _damage_told():
        for name, size, stream, raw in _members(path):
            if manifest or name in found:
                raise ArchiveError("文件损坏或被改动：清单之后还有内容，请换一份备份")
            if name == MANIFEST:
                manifest = _parsed(stream, size)
                continue
            source = _Hashing(stream)
            while source.read(PIECE):
                pass
            found[name] = [source.size, source.sum.hexdigest()]
            progress(raw.tell())
    if not manifest:
        raise ArchiveError("文件不完整：缺少末尾的清单，请换一份备份")
    expected = manifest.get("members")
    if not isinstance(expected, dict) or expected != found:
        different = sorted(n for n in {*found, *(expected or {})} if found.get(n) != (expected or {}).get(n))
        raise ArchiveError(f"文件损坏或被改动：{len(different)} 项与清单不符，第一项是 {different[0]}，请换一份备份")
    return manifest


def contents(path: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, IO[bytes]]]:
    """The members once more, each compared again as it is read; a member skipped is not compared.

    Raises:
        ArchiveError: the file changed since it was verified.
    """
    with _damage_told():
        for name, _, stream, _ in _members(path):
            if name in (HEADER, MANIFEST):
                continue
            source = _Hashing(stream)
            yield name, source  # type: ignore[misc]
            if source.size and [source.size, source.sum.hexdigest()] != manifest["members"].get(name):
                raise ArchiveError(f"文件在恢复过程中被改动（{name}），已停止")


def file_digest(path: Path) -> str:
    """SHA-256 of the whole file, from the disk where the system allows, not from memory."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while data := stream.read(PIECE):
            found.update(data)
    return found.hexdigest()
