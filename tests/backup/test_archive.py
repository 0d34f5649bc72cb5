"""The archive: what was written is read, and nothing else is believed."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_center.backup import archive
from trading_center.backup.archive import ArchiveError, Writer, contents, header, verified_manifest

FACTS: dict[str, Any] = {"tables": {"t": [1, "2"]}, "damaged": []}


def write(path: Path, *, dump: bytes = b"dump", files: tuple[bytes, ...] = (b"one", b"two")) -> Path:
    """An archive of these."""
    with path.open("wb") as stream:
        writer = Writer(stream, {"kind": "demo"})
        writer.add_database(io.BytesIO(dump), lambda done: None)
        for data in files:
            assert writer.add_file(hashlib.sha256(data).hexdigest(), len(data), io.BytesIO(data))
        writer.close(FACTS)
    return path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return write(tmp_path / "a.tar.gz")


def rebuilt(path: Path, change: Any) -> Path:
    """The archive with its members as ``change`` gives them, gzip and tar sound."""
    with tarfile.open(path, "r:gz") as tar:
        members = [(info.name, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]
    with tarfile.open(path, "w:gz") as tar:
        for name, data in change(members):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def refusal(path: Path) -> str:
    """The sentence with which it is refused."""
    with pytest.raises(ArchiveError) as caught:
        verified_manifest(path)
    return str(caught.value)


@given(st.binary(max_size=40), st.lists(st.binary(max_size=40), max_size=4, unique=True), st.integers(1, 7))
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, dump: bytes, files: list[bytes], piece: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "PIECE", piece)
        path = write(tmp_path_factory.mktemp("a") / "a.tar.gz", dump=dump, files=tuple(files))
    manifest = verified_manifest(path)
    assert {name: manifest[name] for name in FACTS} == FACTS
    read = {name: stream.read() for name, stream in contents(path, manifest)}
    assert b"".join(data for name, data in sorted(read.items()) if name.startswith("database/")) == dump
    assert {data for name, data in read.items() if name.startswith("files/")} == set(files)


def test_the_header_is_read_alone(sound: Path) -> None:
    assert header(sound) == {"format": 1, "kind": "demo"}


def test_any_tar_opens_it(sound: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-xzf", str(sound)], cwd=tmp_path, check=True)
    assert (tmp_path / "database" / "000000").read_bytes() == b"dump"


def test_every_cut_is_noticed(sound: Path) -> None:
    whole = sound.read_bytes()
    for length in range(0, len(whole), 7):
        sound.write_bytes(whole[:length])
        assert refusal(sound)


def test_every_changed_byte_is_noticed(sound: Path) -> None:
    whole = sound.read_bytes()
    # The ten bytes in front are gzip's own header (name, time, system), which says nothing of the content.
    for place in range(10, len(whole), 3):
        sound.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        assert refusal(sound)


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for data in (b"", b"text", gzip.compress(b"text"), gzip.compress(b"\0" * 20_480)):
        path.write_bytes(data)
        assert refusal(path)


def test_a_newer_format_is_told(sound: Path) -> None:
    rebuilt(sound, lambda members: [("header.json", b'{"format": 2}'), *members[1:]])
    assert refusal(sound) == "备份文件的格式比本程序新，请先升级本程序"


def test_a_member_with_another_content_is_named(sound: Path) -> None:
    rebuilt(sound, lambda members: [(n, b"jump" if n.startswith("database") else d) for n, d in members])
    assert refusal(sound) == "文件损坏或被改动：1 项与清单不符，第一项是 database/000000，请换一份备份"


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "files/ab/short", "database/evil", "header.json/.."])
def test_a_member_of_another_name_is_refused(sound: Path, name: str) -> None:
    rebuilt(sound, lambda members: [*members[:-1], (name, b"x"), members[-1]])
    assert refusal(sound) == "里面有不属于备份的内容，不是本系统的备份文件"


def test_a_missing_a_doubled_and_a_late_member_are_refused(sound: Path) -> None:
    whole = sound.read_bytes()
    for change in (
        lambda members: [members[0], *members[2:]],
        lambda members: [*members[:-1], members[1], members[-1]],
        lambda members: [*members, members[1]],
        lambda members: members[:-1],
    ):
        sound.write_bytes(whole)
        rebuilt(sound, change)
        assert refusal(sound)


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with tarfile.open(path, "w:gz") as tar:
        head = json.dumps({"format": 1}).encode()
        info = tarfile.TarInfo("header.json")
        info.size = len(head)
        tar.addfile(info, io.BytesIO(head))
        link = tarfile.TarInfo("database/000000")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert refusal(path) == "里面有不属于备份的内容，不是本系统的备份文件"


def test_a_change_after_the_verification_stops_the_reading(sound: Path) -> None:
    manifest = verified_manifest(sound)
    write(sound, dump=b"jump")
    with pytest.raises(ArchiveError, match="在恢复过程中被改动"):
        for _, stream in contents(sound, manifest):
            stream.read()


def test_a_file_that_is_not_what_its_name_says_is_noticed_when_written(tmp_path: Path) -> None:
    broken = pytest.raises(OSError, match="unexpected end of data")
    with (tmp_path / "a").open("wb") as stream, broken, Writer(stream, {}) as writer:
        assert not writer.add_file("0" * 64, 3, io.BytesIO(b"one"))
        writer.add_file("1" * 64, 4, io.BytesIO(b"one"))
    assert refusal(tmp_path / "a")
