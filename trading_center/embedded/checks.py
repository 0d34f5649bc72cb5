"""What is looked at before anything is touched: each refusal is one sentence. Standard library alone."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

from core.reasons import reason
from trading_center.config import ConfigError
from trading_center.embedded.binaries import POSTGRES_MAJOR
from trading_center.embedded.paths import Paths

MB = 1024 * 1024
FREE_FOR_NEW = 300 * MB
FREE_FOR_OLD = 100 * MB
KINDS = {"demo": "演示实例", "center": "正式实例"}


def check_free_space(usage: os.statvfs_result, folder: Path, *, needed: int) -> None:
    """Refuse when less than ``needed`` bytes (or almost no file entries) are free.

    Args:
        usage: ``os.statvfs(folder)``.
        folder: for the sentence.
        needed: bytes.
    """
    free = usage.f_bavail * usage.f_frsize
    if free < needed:
        raise ConfigError(
            f"无法启动：{folder} 所在磁盘只剩 {free // MB} MB，至少需要 {needed // MB} MB；"
            "请清理磁盘或把 DATA_DIR 放到别处。"
        )
    if usage.f_files and usage.f_favail < 10_000:
        raise ConfigError(f"无法启动：{folder} 所在磁盘的文件数快用完了；请清理磁盘或把 DATA_DIR 放到别处。")


def nearest_folder(path: Path) -> Path:
    """``path``, or its nearest ancestor that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def check_writable(folder: Path) -> None:
    """Refuse when ``folder`` (existing) is no folder or takes no new file."""
    if not folder.is_dir():
        raise ConfigError(f"无法启动：{folder} 不是目录，请另选 DATA_DIR。")
    probe = folder / f".write-test-{os.getpid()}"
    try:
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        probe.unlink()
    except OSError as error:
        raise ConfigError(
            f"无法启动：不能在 {folder} 中写文件（{reason(error)}），请改正权限或另选 DATA_DIR。"
        ) from error


def check_postgres_folder(paths: Paths) -> None:
    """Refuse a database folder of another major version, of another user, or that is none."""
    data = paths.postgres
    try:
        if not data.exists():
            return
        owner = data.stat().st_uid
        found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise ConfigError(f"无法启动：{data} 里没有数据库（缺 PG_VERSION），请移走它或另选 DATA_DIR。") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"无法启动：读不了数据库目录 {data}（{error}），请以建立它的用户运行。") from error
    if found != POSTGRES_MAJOR:
        raise ConfigError(
            f"无法启动：{data} 是 PostgreSQL {found} 的数据库，本程序带的是 {POSTGRES_MAJOR};"
            "请用原来的版本备份、在新的 DATA_DIR 恢复，数据未被改动。"
        )
    if os.geteuid() not in (0, owner):
        raise ConfigError(f"无法启动：{data} 属于另一个用户（编号 {owner}），请以该用户运行。")


def recorded_kind(paths: Paths) -> str:
    """``demo`` or ``center`` as the instance was made, empty before."""
    try:
        return paths.instance.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"无法启动：读不出 {paths.instance}（{error}）。") from error


def check_kind(paths: Paths, kind: str) -> None:
    """Refuse to run an instance as what it is not."""
    found = recorded_kind(paths)
    if found and found not in KINDS:
        raise ConfigError(f"无法启动：{paths.instance} 的内容不是 demo 或 center。")
    if found and found != kind:
        raise ConfigError(
            f"无法启动：{paths.data_dir} 是{KINDS[found]}，"
            f"不能当作{KINDS[kind]}使用（实例种类终身不变）；请另选 DATA_DIR。"
        )


def check_port(host: str, port: int) -> None:
    """Refuse an address that somebody listens on, or that is not ours."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"无法启动：不认识监听地址 HOST={host}。") from error
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ConfigError(
                    f"无法启动：端口 {port} 已被别的程序占用，请换一个端口，例如 make run PORT={port % 65535 + 1}。"
                ) from error
            raise ConfigError(f"无法启动：不能监听 {host} 的端口 {port}（{reason(error)}）。") from error


def check_data_dir(paths: Paths, kind: str) -> None:
    """All of the above that concern DATA_DIR, without creating it."""
    folder = paths.data_dir
    if any(ord(c) < 32 for c in str(folder)):
        raise ConfigError("无法启动：DATA_DIR 不能含有控制字符。")
    try:
        check_writable(nearest_folder(folder))
        check_kind(paths, kind)
        check_postgres_folder(paths)
        needed = FREE_FOR_OLD if paths.postgres.exists() else FREE_FOR_NEW
        check_free_space(os.statvfs(nearest_folder(folder)), folder, needed=needed)
    except OSError as error:
        raise ConfigError(f"无法启动：不能使用数据目录 {folder}（{reason(error)}）。") from error
