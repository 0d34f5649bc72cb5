"""Using the embedded servers of an instance: make it, start the servers or share them, leave them to others.

Standard library alone.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from core.keyfiles import first_keys_make
from core.reasons import reason
from trading_center.config import ROOT, ConfigError
from trading_center.embedded import checks
from trading_center.embedded.locks import POLL_SECONDS, Lock
from trading_center.embedded.logs import LogFile
from trading_center.embedded.paths import APP_ROLE, OWNER_ROLE, Paths

SECRETS = ("postgres", OWNER_ROLE, APP_ROLE, "redis")
# Where the key of sessions was before there was a keyring.
OLD_SESSION_SECRET = "secret_key"  # noqa: S105 (the name of a file)
# The servers' own patience when they stop (a last checkpoint) is shorter than this.
STOP_SECONDS = 90.0
START_MUTEX_SECONDS = 300.0
SLOW_SECONDS = 8.0


def write_whole(path: Path, text: str) -> None:
    """Write a 0600 file so that it is whole or absent, also after a power cut."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(fd, text.encode("utf-8"))
        os.fsync(fd)
    finally:
        os.close(fd)
    new.replace(path)


def _keeper_environment() -> dict[str, str]:
    """Nothing of the user who happens to come first, but what the interpreter itself needs."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "PYTHONHOME") if name in os.environ}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", **kept}


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)


def _make_run_folder(paths: Paths) -> None:
    folder = paths.run
    _make_folder(folder)
    found = folder.lstat()
    # In /tmp others could have made it before us; a server's own user may have it where root cannot run the server.
    foreign = found.st_uid != os.geteuid() and (os.geteuid() != 0 or folder.parent != paths.data_dir)
    if folder.is_symlink() or foreign:
        raise ConfigError(f"无法启动：{folder} 属于别人，不安全；请管理员删除它，或另选较短的 DATA_DIR。")
    if found.st_mode & 0o077:
        folder.chmod(0o700)


def make_instance(config: SimpleNamespace) -> Paths:
    """Check DATA_DIR and make what is missing in it: folders, secrets, the file that says demo or center.

    Args:
        config: the settings (``trading_center.config.load``).

    Returns:
        The paths of the instance.

    Raises:
        ConfigError: it cannot be used; nothing was changed then.
    """
    paths = Paths(config.DATA_DIR)
    checks.check_data_dir(paths, config.INSTANCE)
    try:
        paths.data_dir.parent.mkdir(parents=True, exist_ok=True)
        for folder in (paths.data_dir, paths.secrets, paths.files, paths.log, paths.lock, paths.state):
            _make_folder(folder)
        _make_run_folder(paths)
        mutex = Lock(paths.lock / "start")
        mutex.acquire(timeout=START_MUTEX_SECONDS)
        try:
            for name in SECRETS:
                if not paths.secret(name):
                    write_whole(paths.secrets / name, secrets.token_urlsafe(48))
            first_keys_make(config.KEYS_DIR or paths.keys, paths.secret(OLD_SESSION_SECRET))
            (paths.secrets / OLD_SESSION_SECRET).unlink(missing_ok=True)
            if not checks.recorded_kind(paths):
                write_whole(paths.instance, config.INSTANCE + "\n")
            checks.check_kind(paths, config.INSTANCE)
        finally:
            mutex.release()
    except OSError as error:
        raise ConfigError(f"无法启动：不能使用数据目录 {paths.data_dir}（{reason(error)}）。") from error
    except ValueError as error:
        raise ConfigError(f"无法启动：密钥文件 {error} 已损坏，请从另外保管的密钥文件取回。") from error
    return paths


class Services:
    """One user's hold on the servers that ``config`` needs (none where DATABASE_URL and REDIS_URL are given)."""

    def __init__(
        self,
        config: SimpleNamespace,
        say: Callable[[str], None] = lambda text: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.is_cancelled = is_cancelled
        self.paths = Paths(config.DATA_DIR)
        self.parts = [p for p, url in (("postgres", config.DATABASE_URL), ("redis", config.REDIS_URL)) if not url]
        self.say = say
        self.users = Lock(self.paths.lock / "users")
        self.keeper = Lock(self.paths.lock / "keeper")
        self.process: subprocess.Popen[bytes] | None = None

    def state(self) -> dict[str, object]:
        """What the keeper last told."""
        try:
            return json.loads((self.paths.lock / "keeper.state").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def join(self) -> bool:
        """Share servers that are up, start none; True when they are ours to use now."""
        if not self.parts or not self.keeper.path.exists() or not self.users.acquire(shared=True):
            return False
        if self.keeper.is_exclusive() and self.state().get("state") == "ready":
            return True
        self.users.release()
        return False

    def enter(self) -> None:
        """Share the servers, started if they are down; they stay until ``leave``.

        Raises:
            ConfigError: they cannot be started.
        """
        if self.parts:
            # Held exclusively only by a keeper that is stopping.
            if not self.users.acquire(shared=True, timeout=STOP_SECONDS):
                raise ConfigError("无法启动：内嵌服务停不下来，请稍后再试，或查看 log 目录。")
            try:
                self.ensure()
            except BaseException:
                self.leave()
                raise

    def ensure(self) -> None:
        """Make sure that a keeper lives and its servers are ready (we must hold our share)."""
        mutex = Lock(self.paths.lock / "start")
        if not mutex.acquire(timeout=START_MUTEX_SECONDS):
            raise ConfigError("无法启动：另一个命令一直在启动内嵌服务，请稍后再试。")
        try:
            if not self.keeper.is_exclusive():
                self._spawn()
            self._wait_ready()
        finally:
            mutex.release()

    def _spawn(self) -> None:
        (self.paths.lock / "keeper.state").unlink(missing_ok=True)
        log = LogFile(self.paths.log, "services")
        self.process = subprocess.Popen(  # noqa: S603 (our own module)
            [
                sys.executable,
                "-m",
                "trading_center.embedded.keeper",
                str(self.paths.data_dir),
                ",".join(self.parts),
            ],
            cwd=ROOT,
            env=_keeper_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log.fd,
            stderr=log.fd,
            start_new_session=True,
        )
        os.close(log.fd)

    def _wait_ready(self) -> None:
        begun, told = time.monotonic(), False
        while True:
            state = self.state()
            if state.get("state") == "ready":
                missing = [p for p in self.parts if p not in state["parts"]]  # type: ignore[operator]
                if missing:
                    raise ConfigError(
                        f"无法启动：{self.paths.data_dir} 的内嵌服务"
                        "正以另一组 DATABASE_URL、REDIS_URL 运行，请先停止它。"
                    )
                return
            if (self.process is not None and self.process.poll() is not None) or not self._keeper_lives():
                sentence = (
                    state.get("sentence") or f"无法启动：内嵌服务起不来，详见 {self.paths.log / 'services.log'}。"
                )
                raise ConfigError(str(sentence))
            if self.is_cancelled():
                raise ConfigError("无法启动：启动中被要求停止。")
            if not told and time.monotonic() > begun + SLOW_SECONDS:
                self.say("数据库正在恢复上次未写完的数据，请稍候……")
                told = True
            time.sleep(POLL_SECONDS / 2)

    def _keeper_lives(self) -> bool:
        return self.process is not None or self.keeper.is_exclusive()

    def lives(self) -> bool:
        """Is there a keeper? One that was killed takes its servers with it."""
        if self.process is not None and self.process.poll() is not None:
            self.process = None
        return not self.parts or self.keeper.is_exclusive()

    def leave(self) -> bool:
        """Give up our share; when it was the last, wait until the servers have stopped.

        Returns:
            False when others still use the servers, which stay up for them.
        """
        if not self.parts or self.users.fd is None:
            return True
        self.users.release()
        until = time.monotonic() + STOP_SECONDS
        while time.monotonic() < until and self.keeper.is_exclusive():
            # Neither free nor taken by the stopping keeper: others share it.
            if not self.users.is_exclusive() and self.users.is_held():
                return False
            if self.process is not None:
                self.process.poll()
            time.sleep(POLL_SECONDS)
        if self.process is not None:
            self.process.wait()
            self.process = None
        return True


@contextmanager
def services(config: SimpleNamespace, say: Callable[[str], None] = lambda text: None) -> Iterator[Paths]:
    """The instance of ``config``, made if need be, with its servers up inside the block."""
    paths = make_instance(config)
    hold = Services(config, say)
    hold.enter()
    try:
        yield paths
    finally:
        hold.leave()
