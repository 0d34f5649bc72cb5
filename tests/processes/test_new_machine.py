"""Disaster recovery on a machine that never had the portal, word by word as docs/operations.md has it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes.harness import Instance
from tests.tenders.factories import line_of
from trading_center.config import ROOT

PASSPHRASE = "七个字的口令在这里八九十"
FOREIGN = "别人的口令也要十二个字才行"


def call(instance: Instance, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """A command with what a person types into it."""
    return subprocess.run(
        [*instance.program, "manage.py", *words],
        cwd=ROOT,
        env=instance.environ,
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def documented() -> list[list[str]]:
    """The commands of manage.py in the block of docs/operations.md about restoring."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8").split("## 备份和恢复")[1]
    block = re.search(r"```\n(.*?)```", text, re.DOTALL)
    assert block is not None
    lines = [shlex.split(one) for one in block[1].splitlines() if "manage.py" in one]
    return [words[words.index("manage.py") + 1 :] for words in lines]


class Kept:
    """What a careful center keeps elsewhere: a backup, its keys, a checkpoint."""

    def __init__(self, instance: Instance) -> None:
        folder = instance.folder.parent / f"kept from {instance.folder.name}"
        folder.mkdir()
        self.backup, self.keys = folder / "kept.tar.gz", folder / "kept.keys"
        self.checkpoint = folder / "kept.json"
        lines = folder / "kept.jsonl"
        lines.write_text(json.dumps(line_of(), ensure_ascii=False) + "\n", encoding="utf-8")
        for words in (("announcements_import", str(lines)), ("backup", str(self.backup))):
            done = call(instance, *words)
            assert done.returncode == 0, done.stderr
        done = call(instance, "keys_export", str(self.keys), "--passphrase-stdin", typed=f"{PASSPHRASE}\n")
        assert done.returncode == 0, done.stderr
        asked = (
            "import json; from audit.log_selectors import *; print(json.dumps(checkpoint_json(checkpoint_newest())))"
        )
        done = call(instance, "shell", "--no-imports", "-c", asked)
        self.checkpoint.write_text(done.stdout, encoding="utf-8")

    def words(self, line: list[str]) -> list[str]:
        """A documented line with the names of our files."""
        names = {"密钥文件": self.keys, "备份文件": self.backup, "检查点.json": self.checkpoint}
        return [str(names.get(word, word)) for word in line]


@pytest.fixture(scope="module")
def kept(request: pytest.FixtureRequest, make_instance: Callable[[str], Instance]) -> Kept:
    instance = make_instance(f"lost {request.param}")
    instance.environ["INSTANCE"] = request.param
    instance.servers()
    found = Kept(instance)
    found_kind = instance.paths.instance.read_text(encoding="ascii").strip()
    assert found_kind == request.param
    instance.kill_all()
    return found


ONE_KIND = pytest.mark.parametrize("kept", ["center"], indirect=True)


@pytest.mark.parametrize("kept", ["center", "demo"], indirect=True)
def test_the_documented_lines_bring_everything_back_on_an_empty_folder(kept: Kept, new: Instance) -> None:
    keys, back = map(kept.words, documented())
    done = call(new, *keys, typed=f"{PASSPHRASE}\n")
    assert (done.returncode, done.stdout.startswith("已导入 4 把密钥。")) == (0, True), done.stderr
    assert not new.paths.instance.exists()
    done = call(new, *back)
    assert (done.returncode, "恢复保全已解除" in done.stdout) == (0, True), done.stderr
    assert "密钥不在" not in done.stderr and "签名" not in done.stderr
    done = call(new, "log_verify", "--since", str(kept.checkpoint))
    assert (done.returncode, "1 份存证凭证" in done.stdout) == (0, True), done.stdout


@ONE_KIND
def test_missing_keys_are_told_before_anything_is_done(kept: Kept, new: Instance, tmp_path: Path) -> None:
    for more in (("--checkpoint", str(kept.checkpoint)), ("--checkpoint-lost",)):
        done = call(new, "restore", str(kept.backup), *more)
        assert (done.returncode, done.stdout) == (2, "")
        last = done.stderr.splitlines()[-1]
        assert last.startswith("没有恢复，现有数据没有改动：备份用的密钥不在这台机器上"), done.stderr
        assert "manage.py keys_import 密钥文件 --passphrase-stdin" in last
    # The machine has an empty log of its own by now, which binds nobody.
    done = call(new, "keys_import", str(kept.keys), "--passphrase-stdin", typed=f"{PASSPHRASE}\n")
    assert (done.returncode, "代替了本机原有的" in done.stdout) == (0, True), done.stderr
    done = call(new, "restore", str(kept.backup), "--checkpoint-lost")
    assert (done.returncode, "恢复保全已解除" in done.stdout) == (0, True), done.stderr
    # Now the log has leaves: keys of elsewhere are refused.
    other = Instance(tmp_path / "elsewhere")
    done = call(other, "keys_export", str(tmp_path / "foreign"), "--passphrase-stdin", typed=f"{FOREIGN}\n")
    assert (done.returncode, other.paths.instance.exists()) == (0, False), done.stderr
    done = call(new, "keys_import", str(tmp_path / "foreign"), "--passphrase-stdin", typed=f"{FOREIGN}\n")
    assert (done.returncode, "另一个实例" in done.stderr) == (2, True)


@ONE_KIND
def test_without_the_keys_one_may_restore_and_is_told_so_first(kept: Kept, new: Instance) -> None:
    done = call(new, "restore", str(kept.backup))
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    told = next(number for number, one in enumerate(lines) if one.startswith("注意：备份用的密钥不在这台机器上"))
    assert told < lines.index("正在恢复数据库……")
    done = call(new, "keys_import", str(kept.keys), "--passphrase-stdin", typed=f"{PASSPHRASE}\n")
    assert done.returncode == 0, done.stderr
    done = call(new, "log_verify", "--since", str(kept.checkpoint))
    assert done.returncode == 0, done.stdout
