"""The keyring: sealed, versioned, rotated, exported; many processes agree on the first keys."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from audit import indexes
from audit.log_services import log_append
from core import keyfiles, keys
from core.errors import BusinessError
from tests.tenders.factories import NOW
from trading_center.config import ROOT

PASSPHRASE = "一句很长的口令，只写在纸上"


def code(error: pytest.ExceptionInfo[BusinessError]) -> str:
    return error.value.code


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_keys_are_closed_to_others(keys_dir: Path) -> None:
    assert keys_dir.stat().st_mode & 0o777 == 0o700
    found = {path.name: path.stat().st_mode & 0o777 for path in keys_dir.iterdir()}
    assert found == dict.fromkeys(("fields-1.key", "index-1.key", "log-1.key", "sessions-1.key"), 0o600)


def test_a_folder_that_others_could_enter_is_closed(keys_dir: Path) -> None:
    keys_dir.chmod(0o755)
    keys.keys_ensure()
    assert keys_dir.stat().st_mode & 0o777 == 0o700


def test_a_second_start_changes_nothing(keys_dir: Path) -> None:
    before = files(keys_dir)
    keys.keys_ensure()
    assert files(keys_dir) == before


def test_processes_that_make_the_first_keys_at_once_agree(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    program = (
        "import sys, pathlib; from core import keyfiles; sys.stdin.readline();"
        " f = pathlib.Path(sys.argv[1]); keyfiles.first_keys_make(f);"
        " print(sorted((p, v, k.hex()) for p, ks in keyfiles.key_versions(f).items() for v, k in ks.items()))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(folder)], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(8)
    ]  # fmt: skip
    for one in started:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    told = [one.communicate(timeout=60) for one in started]
    assert {error for _, error in told} == {""}
    assert len({out for out, _ in told}) == 1
    assert sorted(os.listdir(folder)) == ["fields-1.key", "index-1.key", "log-1.key", "sessions-1.key"]


@given(text=st.text(max_size=200), context=st.text(max_size=30))
def test_what_is_encrypted_is_read_again_and_only_there(text: str, context: str) -> None:
    token = keys.encrypt(text, context=context)
    assert keys.decrypt(token, context=context) == text
    assert keys.encrypt(text, context=context) != token
    with pytest.raises(BusinessError) as elsewhere:
        keys.decrypt(token, context=context + "x")
    assert code(elsewhere) == "not_readable"


def test_every_changed_character_of_a_token_is_noticed(keys_dir: Path) -> None:
    token = keys.encrypt("130730199001011234", context="c")
    for place in range(len(token)):
        for other in "A.9":
            changed = token[:place] + other + token[place + 1 :]
            if changed == token:
                continue
            try:
                read = keys.decrypt(changed, context="c")
            except BusinessError as error:
                assert error.code in ("not_readable", "key_missing")
            else:
                # The last character of base64 has bits that mean nothing.
                assert (place, read) == (len(token) - 1, "130730199001011234")
    for nothing in ("", "e1", "e1.1.", "e1.x.AAAA", "e1.1.A", "x.1." + "A" * 60):
        with pytest.raises(BusinessError):
            keys.decrypt(nothing)


def test_after_a_rotation_old_data_are_read_and_new_take_the_new_key(keys_dir: Path) -> None:
    old, index = keys.encrypt("旧"), keys.blind_index("a", context="c")
    assert keys.rotate(keys.FIELDS) == 2
    assert keys.rotate(keys.INDEX) == 2
    new = keys.encrypt("新")
    assert [keys.token_version(token) for token in (old, new, "plain")] == [1, 2, 0]
    assert (keys.decrypt(old), keys.decrypt(new)) == ("旧", "新")
    assert keys.blind_index("a", context="c") != index
    assert keys.blind_index("a", context="c", version=1) == index


def test_a_rotation_by_another_process_is_seen(keys_dir: Path) -> None:
    keys.encrypt("x")
    keyfiles.key_write(keys_dir, keys.FIELDS, 2, b"k" * 32)
    assert keys.token_version(keys.encrypt("x")) == 2


def test_blind_index_depends_on_text_and_place() -> None:
    found = {keys.blind_index(text, context=place) for text in ("a", "b") for place in ("c", "d")}
    assert {len(one) for one in found} == {64}
    assert len(found) == 4
    assert keys.blind_index("a", context="c") == keys.blind_index("a", context="c")


def test_signatures_are_checked(keys_dir: Path) -> None:
    signature, version = keys.sign(b"message")
    assert keys.signature_is_valid(b"message", signature, keys.public_key())
    assert not keys.signature_is_valid(b"massage", signature, keys.public_key())
    assert not keys.signature_is_valid(b"message", b"short", keys.public_key())
    assert not keys.signature_is_valid(b"message", signature, b"")
    keys.rotate(keys.LOG)
    assert keys.public_keys()[version] == keys.public_key(version) != keys.public_key()
    assert not keys.signature_is_valid(b"message", signature, keys.public_key())


@pytest.mark.parametrize("damage", ["", "zz", "00" * 31, "\u00e9"])
def test_a_damaged_key_is_named(keys_dir: Path, damage: str) -> None:
    keys.encrypt("x")
    (keys_dir / "fields-2.key").write_text(damage, encoding="utf-8")
    with pytest.raises(keys.KeyMissing, match=r"fields-2\.key 已损坏"):
        keys.encrypt("x")


def test_a_missing_key_is_named(keys_dir: Path, settings: Any) -> None:
    token = keys.encrypt("x")
    keys.rotate(keys.FIELDS)
    (keys_dir / "fields-1.key").unlink()
    with pytest.raises(keys.KeyMissing, match="第 1 版"):
        keys.decrypt(token)
    settings.KEYS_DIR = keys_dir / "none"
    with pytest.raises(keys.KeyMissing, match="不存在"):
        keys.encrypt("x")


def test_session_secrets_are_newest_first(keys_dir: Path, tmp_path: Path) -> None:
    [first] = keyfiles.session_secrets(keys_dir)
    keys.rotate(keys.SESSIONS)
    newest, old = keyfiles.session_secrets(keys_dir)
    assert (old, len(newest)) == (first, 64)
    assert keyfiles.session_secrets(tmp_path / "none") == []


def test_the_secret_of_an_older_instance_stays_the_first_key(tmp_path: Path) -> None:
    keyfiles.first_keys_make(tmp_path / "k", "s" * 64)
    assert keyfiles.session_secrets(tmp_path / "k") == ["s" * 64]


def command(monkeypatch: pytest.MonkeyPatch, name: str, path: Path, passphrase: str = PASSPHRASE) -> str:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(passphrase + "\n"))
    call_command(name, str(path), "--passphrase-stdin", stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_exported_keys_come_back_on_a_new_machine(
    keys_dir: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.rotate(keys.FIELDS)
    token, before = keys.encrypt("秘密"), files(keys_dir)
    with transaction.atomic():
        log_append(entries=[("result", "1", b"{}")], now=NOW)
    exported = tmp_path / "exported"
    assert command(monkeypatch, "keys_export", exported).startswith("已导出 5 把密钥")
    assert exported.stat().st_mode & 0o777 == 0o600
    assert not any(value.strip() in exported.read_bytes() for value in before.values())

    settings.KEYS_DIR = tmp_path / "new machine"
    keys.keys_ensure()  # the new machine made keys of its own
    told = command(monkeypatch, "keys_import", exported)
    assert told.startswith("已导入 5 把密钥，其中 4 把代替了本机原有的")
    now = files(settings.KEYS_DIR)
    assert {name: now[name] for name in before} == before
    assert len([name for name in now if name.startswith("replaced-")]) == 4
    assert keys.decrypt(token) == "秘密"
    with transaction.atomic():
        assert log_append(entries=[("result", "2", b"{}")], now=NOW) == [1]
    assert command(monkeypatch, "keys_import", exported) == "没有改变：文件里的密钥这里都有。\n"


@pytest.mark.django_db(transaction=True)
def test_keys_of_another_instance_are_refused(
    keys_dir: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(monkeypatch, "keys_export", tmp_path / "foreign")
    settings.KEYS_DIR = tmp_path / "ours"
    keys.keys_ensure()
    with transaction.atomic():
        log_append(entries=[("result", "1", b"{}")], now=NOW)
    before = files(settings.KEYS_DIR)
    with pytest.raises(BusinessError) as refused:
        command(monkeypatch, "keys_import", tmp_path / "foreign")
    assert (code(refused), files(settings.KEYS_DIR)) == ("foreign_keys", before)


@pytest.mark.django_db
def test_export_and_import_refuse_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    for passphrase, wanted in (("short", "short_passphrase"), ("", "no_passphrase")):
        with pytest.raises(BusinessError) as refused:
            command(monkeypatch, "keys_export", path, passphrase)
        assert (code(refused), path.exists()) == (wanted, False)
    command(monkeypatch, "keys_export", path)
    with pytest.raises(BusinessError) as refused:
        command(monkeypatch, "keys_export", path)
    assert code(refused) == "exists"
    with pytest.raises(BusinessError) as refused:
        command(monkeypatch, "keys_import", path, "another passphrase")
    assert code(refused) == "wrong_passphrase"
    with pytest.raises(BusinessError) as refused:
        command(monkeypatch, "keys_import", tmp_path / "none")
    assert code(refused) == "unreadable"
    with pytest.raises(BusinessError) as refused:
        call_command("keys_export", str(tmp_path / "other"))
    assert code(refused) == "no_passphrase"
    for content in (b"", b"{}", b"[]", b'{"format":"x"}', path.read_bytes().replace(b"65536", b"1073741824")):
        path.write_bytes(content)
        with pytest.raises(BusinessError) as refused:
            command(monkeypatch, "keys_import", path)
        assert code(refused) == "not_keys"


def test_rotation_command_says_what_it_did(keys_dir: Path) -> None:
    out = io.StringIO()
    call_command("keys_rotate", "log", stdout=out)
    assert out.getvalue().startswith("“存证签名”密钥已更换为第 2 版")
    assert keys.version_current(keys.LOG) == 2


def test_rotation_of_the_index_key_computes_anew_what_is_stored(
    keys_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    call_command("keys_rotate", "index", stdout=out)
    assert "“盲索引”密钥已更换为第 2 版，现在没有要重新计算的内容" in out.getvalue()
    assert keys.version_current(keys.INDEX) == 2
    stored = {name: keys.blind_index(name, context="c") for name in ("甲", "乙")}

    def renew(*, version: int) -> int:
        stored.update({name: keys.blind_index(name, context="c", version=version) for name in stored})
        return len(stored)

    monkeypatch.setattr(indexes, "_renews", {})
    indexes.index_add("test", renew)
    call_command("keys_rotate", "index", stdout=out)
    assert "重新计算了 2 处" in out.getvalue()
    assert stored == {name: keys.blind_index(name, context="c") for name in ("甲", "乙")}
    # Exported and taken back with every version.
    assert set(keys.keys_unseal(keys.keys_seal("a long passphrase"), "a long passphrase")[keys.INDEX]) == {1, 2, 3}
