"""What cannot be started is refused in one sentence, before anything is harmed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.harness import Instance, processes
from trading_center.config import ConfigError
from trading_center.embedded.checks import FREE_FOR_NEW, check_free_space

SUPERVISOR = ("-m", "trading_center.supervisor", "serve")
COMMAND = ("manage.py", "showmigrations")


def _tree(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder`` with its content."""
    return {str(p): p.read_bytes() if p.is_file() else b"" for p in sorted(folder.rglob("*"))}


def refusal(instance: Instance, *arguments: str, **more: str) -> str:
    """The sentence of a start that is refused with code 2 and leaves nothing running."""
    done = instance.python(*arguments, **more)
    assert (done.returncode, done.stdout) == (2, "")
    assert processes(instance.folder) == {}
    assert re.fullmatch(r"无法启动：[^\n]+[。]\n", done.stderr), done.stderr
    return done.stderr.strip()


def test_port_in_use_is_named(new: Instance) -> None:
    with socket.create_server(("127.0.0.1", new.port)):
        said = refusal(new, *SUPERVISOR)
    assert said == (f"无法启动：端口 {new.port} 已被别的程序占用，请换一个端口，例如 make run PORT={new.port + 1}。")
    assert not new.folder.exists()


def test_address_of_another_machine_is_refused(new: Instance) -> None:
    said = refusal(new, *SUPERVISOR, HOST="192.0.2.1")
    assert said.startswith(f"无法启动：不能监听 192.0.2.1 的端口 {new.port}（")
    assert not new.folder.exists()


@pytest.mark.parametrize("arguments", [SUPERVISOR, COMMAND], ids=["supervisor", "command"])
def test_database_of_another_major_version_is_left_alone(new: Instance, arguments: tuple[str, ...]) -> None:
    data = new.paths.postgres
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n", encoding="ascii")
    before = _tree(new.folder)
    assert refusal(new, *arguments) == (
        f"无法启动：{data} 是 PostgreSQL 16 的数据库，本程序带的是 18;"
        "请用原来的版本备份、在新的 DATA_DIR 恢复，数据未被改动。"
    )
    assert _tree(new.folder) == before


def test_folder_that_is_no_database_is_left_alone(new: Instance) -> None:
    new.paths.postgres.mkdir(parents=True)
    (new.paths.postgres / "letter.txt").write_text("private", encoding="ascii")
    before = _tree(new.folder)
    assert refusal(new, *SUPERVISOR) == (
        f"无法启动：{new.paths.postgres} 里没有数据库（缺 PG_VERSION），请移走它或另选 DATA_DIR。"
    )
    assert _tree(new.folder) == before


def test_data_dir_that_is_a_file_is_refused(new: Instance) -> None:
    new.folder.write_text("a file", encoding="ascii")
    assert refusal(new, *SUPERVISOR) == f"无法启动：{new.folder} 不是目录，请另选 DATA_DIR。"


@pytest.mark.parametrize(
    ("kind", "mode", "sentence"),
    [
        ("center", "run", "是正式实例，不能当作演示实例使用"),
        ("demo", "serve", "是演示实例，不能当作正式实例使用"),
    ],
)
def test_instance_is_one_or_the_other_for_life(new: Instance, kind: str, mode: str, sentence: str) -> None:
    new.folder.mkdir()
    (new.folder / "instance").write_text(kind + "\n", encoding="ascii")
    said = refusal(new, "-m", "trading_center.supervisor", mode)
    assert said == f"无法启动：{new.folder} {sentence}（实例种类终身不变）；请另选 DATA_DIR。"
    assert os.listdir(new.folder) == ["instance"]


def test_mode_that_contradicts_the_setting_is_refused(new: Instance) -> None:
    said = refusal(new, "-m", "trading_center.supervisor", "run", INSTANCE="center")
    assert said == "无法启动：make run 运行的是演示实例，而设置 INSTANCE=center。"


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [("SITE_NAEM", "甲", "不认识设置 SITE_NAEM"), ("PORT", "abc", "设置 PORT"), ("REDIS_URL", "http://x", "REDIS_URL")],
)
@pytest.mark.parametrize("arguments", [SUPERVISOR, COMMAND], ids=["supervisor", "command"])
def test_wrong_setting_is_named(new: Instance, arguments: tuple[str, ...], name: str, value: str, part: str) -> None:
    assert part in refusal(new, *arguments, **{name: value})
    assert not new.folder.exists()


def _full_disk_program(folder: Path) -> tuple[str, ...]:
    """The interpreter, where ``folder`` lies on a disk of 20 MB that no other process sees."""
    script = 'mount -t tmpfs -o size=20m tmpfs "$0" && exec "$@"'
    for options in (["--mount"], ["--user", "--map-root-user", "--mount"]):
        program = ["unshare", *options, "sh", "-c", script, str(folder)]
        if subprocess.run([*program, "true"], capture_output=True, check=False).returncode == 0:
            return (*program, sys.executable)
    raise AssertionError("this machine allows no private disk for the test (unshare --mount)")


@pytest.mark.parametrize("arguments", [SUPERVISOR, COMMAND], ids=["supervisor", "command"])
def test_full_disk_is_refused(new: Instance, arguments: tuple[str, ...]) -> None:
    disk = new.folder.parent / f"disk of {new.folder.name}"
    disk.mkdir()
    full = Instance(disk / "data", program=_full_disk_program(disk))
    said = refusal(full, *arguments)
    assert re.fullmatch(
        rf"无法启动：{re.escape(str(full.folder))} 所在磁盘只剩 (19|20) MB，至少需要 300 MB；"
        "请清理磁盘或把 DATA_DIR 放到别处。",
        said,
    )


def _usage(free: int, entries: int = 1_000_000) -> os.statvfs_result:
    blocks = free // 4096
    return os.statvfs_result((4096, 4096, blocks * 2, blocks, blocks, 2_000_000, entries, entries, 0, 255))


def test_free_space_is_enough_at_the_bound_and_not_below() -> None:
    check_free_space(_usage(FREE_FOR_NEW), Path("/data"), needed=FREE_FOR_NEW)
    with pytest.raises(ConfigError, match="只剩 299 MB，至少需要 300 MB"):
        check_free_space(_usage(FREE_FOR_NEW - 4096), Path("/data"), needed=FREE_FOR_NEW)
    with pytest.raises(ConfigError, match="文件数快用完了"):
        check_free_space(_usage(FREE_FOR_NEW, entries=100), Path("/data"), needed=FREE_FOR_NEW)


def test_socket_folder_that_is_not_ours_is_refused(new: Instance) -> None:
    long = Instance(new.folder.parent / ("long " + "x" * 100))
    place = long.paths.run
    assert place.parent == Path("/tmp")
    place.symlink_to(new.folder.parent)
    try:
        assert refusal(long, *SUPERVISOR) == (
            f"无法启动：{place} 属于别人，不安全；请管理员删除它，或另选较短的 DATA_DIR。"
        )
    finally:
        place.unlink()


def test_path_too_long_for_a_socket_works_by_a_private_short_one(new: Instance, made_center: Path) -> None:
    long = Instance(new.folder.parent / ("long " + "y" * 120))
    shutil.copytree(made_center, long.folder)
    try:
        done = long.python(
            "-m", "trading_center.embedded.with_services", "--", "stat", "-c", "%a %u", str(long.paths.run)
        )
        assert (done.returncode, done.stdout) == (0, f"700 {os.geteuid()}\n")
    finally:
        long.paths.run.rmdir()
