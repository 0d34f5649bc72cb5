"""The Makefile and its scripts: what is promised exists, and nothing is done twice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trading_center.config import ROOT

PROMISED = {
    "run",
    "serve",
    "service",
    "unservice",
    "package",
    "upgrade",
    "test",
    "soak",
    "lint",
    "bench",
    "help",
    "screenshots",
    "docs",
    "constraints",
}
pytestmark = pytest.mark.process


def run(*words: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    """A command, its output and its exit code."""
    return subprocess.run(words, cwd=cwd, check=False, capture_output=True, text=True, env={**os.environ, **environ})


def test_help_lists_every_target_with_its_sentence() -> None:
    listed = dict(re.findall(r"^  make (\w+) +(\S.*)$", run("make", "help").stdout, re.MULTILINE))
    assert set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)) == set(listed)
    assert PROMISED - set(listed) == set()


def test_what_a_target_runs_exists() -> None:
    modules = re.findall(r"\$\(PY\) -m ([\w.]+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    own = {name for name in modules if name not in ("ruff",)}
    paths = {name: ROOT / name.replace(".", "/") for name in own}
    assert [n for n, p in paths.items() if not p.with_suffix(".py").exists() and not (p / "__main__.py").exists()] == []


def test_scripts_are_sound_shell() -> None:
    scripts = [*(ROOT / "bin").iterdir(), ROOT / "deploy" / "postgres-init.sh"]
    assert [str(path) for path in scripts if run("sh", "-n", str(path)).returncode] == []
    assert run("bash", "-n", str(ROOT / ".ci" / "run")).returncode == 0


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with a space in its name, and an environment whose Python refuses to be used."""
    folder = tmp_path / "a center"
    shutil.copytree(ROOT / "bin", folder / "bin")
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@" >>"$(dirname "$0")/calls"\n', encoding="ascii")
    python.chmod(0o755)
    shutil.copy(ROOT / "package.json", folder)
    shutil.copy(ROOT / "package-lock.json", folder)
    (folder / ".venv" / ".pdf-tried").touch()
    fonts = folder / "var" / "tools" / "fonts"
    fonts.mkdir(parents=True)
    for name in run("sh", "bin/fonts", "list").stdout.split():
        (fonts / Path(name).name).touch()
    return folder


def calls(folder: Path) -> list[str]:
    """What the environment's Python was asked to do."""
    path = folder / ".venv" / "bin" / "calls"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_first_start_installs_with_fixed_versions(installed: Path) -> None:
    assert run("sh", "bin/bootstrap", "run", cwd=installed).returncode == 0
    assert [call for call in calls(installed) if " install " in call] == [
        "-m pip install -qq --disable-pip-version-check --no-input -r requirements.txt -c constraints.txt"
    ]


def test_second_start_asks_python_nothing(installed: Path) -> None:
    run("sh", "bin/bootstrap", "run", cwd=installed)
    before = calls(installed)
    assert run("sh", "bin/bootstrap", "run", cwd=installed).returncode == 0
    assert calls(installed) == before


@pytest.mark.parametrize("name", ["requirements.txt", "constraints.txt"])
def test_changed_requirements_are_installed(installed: Path, name: str) -> None:
    run("sh", "bin/bootstrap", "run", cwd=installed)
    before = [call for call in calls(installed) if " pip " in call]
    with (installed / name).open("a", encoding="utf-8") as requirements:
        requirements.write("# changed\n")
    assert run("sh", "bin/bootstrap", "run", cwd=installed).returncode == 0
    assert [call for call in calls(installed) if " pip " in call] == before * 2


def test_packages_of_pages_that_cannot_be_installed_do_not_stop_the_portal(installed: Path) -> None:
    first, second = (run("sh", "bin/bootstrap", "run", cwd=installed) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert "正在安装页面所用的 npm 软件包" in first.stderr
    # Said each time, tried once.
    assert second.stderr.splitlines() == [first.stderr.splitlines()[-1]]
    assert second.stderr.startswith("暂时不能在网页上核验存证凭证")


def test_an_install_that_failed_is_tried_again(installed: Path) -> None:
    python = installed / ".venv" / "bin" / "python"
    sound = python.read_text(encoding="ascii")
    python.write_text(sound + 'case "$*" in *install*) exit 1;; esac\n', encoding="ascii")
    failed = run("sh", "bin/bootstrap", "run", cwd=installed)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("无法安装 Python 软件包（requirements.txt）")
    python.write_text(sound, encoding="ascii")
    before = calls(installed)
    assert run("sh", "bin/bootstrap", "run", cwd=installed).returncode == 0
    assert len(calls(installed)) > len(before)


def test_an_old_python_is_refused_with_the_line_to_run(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bin", tmp_path / "project" / "bin")
    for name in ("requirements.txt", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / "project")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "cat", "sha256sum", "readlink", "flock", "id", "mkdir"):
        (tools / name).symlink_to(shutil.which(name) or "")
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    (tools / "python3").chmod(0o755)
    found = run("sh", "bin/bootstrap", "run", cwd=tmp_path / "project", PATH=str(tools), PYTHON="")
    assert found.returncode == 1
    assert found.stderr == (
        "无法继续：没有找到 Python 3.11 或更新的版本。请先运行：sudo apt-get install python3 python3-venv\n"
    )


def test_torture_can_be_started() -> None:
    # Everything is imported and set up as make soak does it, in no time.
    code = "import bench.soak as s; print(next(iter(s.generator()(1)))['title'])"
    found = run(sys.executable, "-c", code)
    assert (found.returncode, found.stdout.strip() != "") == (0, True), found.stderr
    found = run(sys.executable, "-m", "bench.soak", SOAK_MINUTES="long")
    assert (found.returncode, found.stderr) == (2, "SOAK_MINUTES 应是分钟数。\n")


def test_an_unknown_level_is_refused() -> None:
    found = run("sh", "bin/bootstrap", "everything")
    assert (found.returncode, found.stderr) == (1, "用法：sh bin/bootstrap run|lint|test\n")


def test_fonts_that_the_package_brings_are_taken_without_the_net(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "bin" / "fonts", tmp_path / "bin")
    brought = tmp_path / "packages" / "fonts"
    brought.mkdir(parents=True)
    listed = run("sh", "bin/fonts", "list").stdout.split()
    assert len(listed) == 8
    for name in listed:
        (brought / Path(name).name).write_bytes(b"font")
    # Nothing to download with: a PATH without apt-get.
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cp", "mkdir", "basename", "sort", "echo", "cat", "rm", "mktemp"):
        if found := shutil.which(name):
            (tools / name).symlink_to(found)
    done = run("sh", "bin/fonts", cwd=tmp_path, PATH=str(tools))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.name for path in (tmp_path / "var" / "tools" / "fonts").iterdir()} == {Path(n).name for n in listed}


def test_fonts_that_are_missing_are_named_by_their_packages(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "bin" / "fonts", tmp_path / "bin")
    done = run("sh", "bin/fonts", "check", cwd=tmp_path)
    assert done.returncode == 1 and "texlive-lang-chinese" in done.stdout.split()
    assert not (tmp_path / "var").exists()
