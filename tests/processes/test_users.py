"""It works as an ordinary user, and as root with and without user namespaces.

Root plays the ordinary user through setpriv, with an interpreter and a copy of the project that everybody can read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.harness import Instance, processes
from trading_center.config import ROOT

ORDINARY = 65_534
# setpriv itself still starts its program with root's rights: env does not.
AS_ORDINARY = ("setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups", "env")
COUNT = ("manage.py", "shell", "--no-imports", "-c", "from accounts.models import User; print(User.objects.count())")
# Answers EPERM to unshare(2), as containers do: BPF for seccomp, by hand.
WITHOUT_NAMESPACES = """
import ctypes, os, struct, sys
number = {"x86_64": 272, "aarch64": 97}[os.uname().machine]
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0) == 0, os.strerror(ctypes.get_errno())
os.execv(sys.argv[1], sys.argv[1:])
"""


def _runs(*command: str) -> bool:
    try:
        return subprocess.run([*AS_ORDINARY, *command], capture_output=True, check=False, cwd="/").returncode == 0
    except FileNotFoundError:
        return False


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


class Place:
    """A folder that everybody may enter, with the project and an interpreter that everybody may use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "project of all"
        self.python = folder / "venv" / "bin" / "python"
        self.environ: dict[str, str] = {}

    def make(self) -> None:
        self.folder.chmod(0o755)
        skipped = shutil.ignore_patterns(".venv", ".git", "var", "node_modules", ".*_cache", ".hypothesis")
        shutil.copytree(ROOT, self.root, ignore=skipped)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        base = Path(sys.base_prefix)
        if not _runs(str(base / "bin" / version), "-c", ""):
            base = self._copy_interpreter(version)
        make = [str(base / "bin" / version), "-m", "venv", "--without-pip", str(self.folder / "venv")]
        subprocess.run(make, check=True, env={**os.environ, **self.environ})
        packages = Path(pytest.__file__).parent.parent
        if not _runs("test", "-r", str(packages / "pytest" / "__init__.py")):
            shutil.copytree(packages, self.folder / "packages", copy_function=_link_or_copy)
            packages = self.folder / "packages"
        own = self.folder / "venv" / "lib" / version / "site-packages"
        (own / "all.pth").write_text(f"{packages}\n", encoding="utf-8")
        subprocess.run(["chmod", "-R", "a+rX", str(self.folder)], check=True)

    def _copy_interpreter(self, version: str) -> Path:
        """The same interpreter where everybody can read it: another patch level would lack packages."""
        base, copy = Path(sys.base_prefix), self.folder / "base"
        skipped = shutil.ignore_patterns("site-packages", "test", "config-*")
        shutil.copytree(base / "lib" / version, copy / "lib" / version, ignore=skipped, copy_function=_link_or_copy)
        (copy / "bin").mkdir()
        _link_or_copy(str(base / "bin" / version), str(copy / "bin" / version))
        for library in (base / "lib").glob("libpython*"):
            _link_or_copy(str(library), str(copy / "lib" / library.name))
        self.environ["LD_LIBRARY_PATH"] = str(copy / "lib")
        return copy


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="tc of all ", dir="/tmp") as folder:
        made = Place(Path(folder))
        made.make()
        yield made


@pytest.fixture
def ordinary(place: Place) -> Iterator[Instance]:
    """A new instance of a user without any rights, in a folder of that user's own that is closed to others."""
    home = Path(tempfile.mkdtemp(prefix="home of one ", dir=place.folder))
    program = (str(place.python),)
    if os.geteuid() == 0:
        os.chown(home, ORDINARY, ORDINARY)
        program = (*AS_ORDINARY, *program)
    instance = Instance(home / "data", program=program, root=place.root)
    instance.environ |= place.environ
    instance.output = place.folder / f"{home.name}.out"
    yield instance
    instance.kill_all()


def test_ordinary_user_runs_a_center(ordinary: Instance) -> None:
    ordinary.start("serve", healthy=True)
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in processes(ordinary.folder)}
    assert owners == {ORDINARY if os.geteuid() == 0 else os.geteuid()}
    assert ordinary.folder.stat().st_mode & 0o777 == 0o700
    assert ordinary.stop() == 0
    assert ordinary.python(*COUNT).stdout == "0\n"
    assert processes(ordinary.folder) == {}


@pytest.mark.parametrize("arguments", [("-m", "trading_center.supervisor", "serve"), COUNT], ids=["run", "command"])
def test_folder_without_permission_is_refused(ordinary: Instance, arguments: tuple[str, ...]) -> None:
    closed = ordinary.folder.parent
    closed.chmod(0o500)
    done = ordinary.python(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"无法启动：不能在 {closed} 中写文件（没有权限），请改正权限或另选 DATA_DIR。\n"
    assert os.listdir(closed) == []


def test_folder_that_cannot_be_entered_is_refused(ordinary: Instance) -> None:
    ordinary.folder.parent.chmod(0o000)
    done = ordinary.python("-m", "trading_center.supervisor", "serve")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"无法启动：不能使用数据目录 {ordinary.folder}（没有权限）。\n"


def _plain_root(place: Place, folder: Path) -> Instance:
    """An instance of root (in tests of an ordinary user: of that user) where the kernel gives no user namespaces."""
    without = (str(place.python), "-c", WITHOUT_NAMESPACES, str(place.python))
    instance = Instance(folder, program=without if os.geteuid() == 0 else without[:1], root=place.root)
    instance.environ |= place.environ
    return instance


def test_root_without_namespaces_runs_the_database_as_another_user(place: Place) -> None:
    folder = Path(tempfile.mkdtemp(prefix="plain ", dir=place.folder))
    folder.chmod(0o755)
    instance = _plain_root(place, folder / "data")
    try:
        instance.start("serve")
        server = instance.pid_of("/bin/postgres -D")
        assert (Path(f"/proc/{server}").stat().st_uid == 0) is False
        assert instance.paths.run.stat().st_mode & 0o777 == 0o700
        assert instance.stop() == 0
        # What was made without namespaces works with them, too.
        again = Instance(instance.folder, program=(str(place.python),), root=place.root)
        again.environ |= place.environ
        assert again.python(*COUNT).stdout == "0\n"
    finally:
        instance.kill_all()


def test_root_without_namespaces_below_a_closed_folder_is_one_sentence(place: Place) -> None:
    folder = Path(tempfile.mkdtemp(prefix="closed ", dir=place.folder))
    instance = _plain_root(place, folder / "data")
    done = instance.python(*COUNT)
    if os.geteuid() == 0:
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith("无法启动：PostgreSQL 不能以 root 运行，")
    else:
        assert (done.returncode, done.stdout) == (0, "0\n")
    assert processes(instance.folder) == {}
