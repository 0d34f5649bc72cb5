"""One supervisor runs an instance: services, migrations, web, worker, scheduler; and stops them in the reverse order.

``python -m trading_center.supervisor run`` (demonstration) or ``serve`` (a real center). Exit codes: 0 stopped on
request, 1 a part could not be kept running, 2 it could not start. Standard library alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import time
from types import FrameType, SimpleNamespace

from trading_center.config import ROOT, ConfigError, is_loopback, load
from trading_center.embedded import checks, child
from trading_center.embedded.locks import Lock
from trading_center.embedded.logs import LogFile
from trading_center.embedded.paths import Paths
from trading_center.embedded.services import Services, make_instance, write_whole
from trading_center.fingerprints import schema_fingerprint, static_fingerprint
from trading_center.parts import GaveUp, Part, child_environment, part_commands, tls_files
from trading_center.release.journal import commit_of, recover

__all__ = ["Supervisor", "main", "part_commands"]

MODES = {"run": ("demo", "var/demo"), "serve": ("center", "var/center")}
LOOP_SECONDS = 0.1
KEEPER_CHECK_SECONDS = 1.0
# Parts of a supervisor that was killed end with it; this is for a slow machine.
PARTS_GONE_SECONDS = 20.0
WEB_READY_SECONDS = 120.0
SERVICE_RESTARTS, SERVICE_RESTARTS_WITHIN_SECONDS = 5, 300.0


class Stopped(Exception):
    """Somebody asked to stop while we were starting."""


class Supervisor:
    """The life of one running instance."""

    def __init__(self, config: SimpleNamespace) -> None:
        self.config = config
        self.paths = Paths(config.DATA_DIR)
        self.services = Services(config, self.say, lambda: bool(self.stop_signals))
        self.lock = Lock(self.paths.lock / "supervisor")
        self.parts_lock = Lock(self.paths.lock / "parts")
        self.parts: list[Part] = []
        self.stop_signals: list[int] = []
        self.asked_aside = False
        self.service_deaths: list[float] = []
        self.log: LogFile | None = None
        self.helper: subprocess.Popen[bytes] | None = None

    def say(self, text: str) -> None:
        """To the terminal, which may be gone, and to supervisor.log."""
        with contextlib.suppress(OSError, ValueError):
            print(text, flush=True)  # noqa: T201 (this is what a person watches)
        if self.log is not None:
            with contextlib.suppress(OSError):
                os.write(self.log.fd, f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n".encode())

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.stop_signals.append(number)

    def _on_upgrade(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_aside = True

    def _check_stop(self) -> None:
        if self.stop_signals:
            raise Stopped

    def check(self) -> None:
        """Everything that can be refused before anything is touched; takes the supervisor's lock.

        Raises:
            ConfigError: with the sentence.
        """
        checks.check_data_dir(self.paths, self.config.INSTANCE)
        if self.lock.path.exists() and self.lock.is_exclusive():
            raise ConfigError(self._running_already())
        if not (self.parts_lock.path.exists() and self.parts_lock.is_held()):
            checks.check_port(self.config.HOST, self.config.PORT)
        make_instance(self.config)
        # Not at once: who only asks whether it is held holds it for a moment.
        if not self.lock.acquire(timeout=1.0):
            raise ConfigError(self._running_already())
        if not self.parts_lock.acquire(timeout=PARTS_GONE_SECONDS):
            raise ConfigError("无法启动：上次的网页、任务进程还没有退出，请稍后再试。")
        write_whole(self.paths.lock / "supervisor.state", json.dumps({"pid": os.getpid()}))
        checks.check_port(self.config.HOST, self.config.PORT)
        # What is printed or sent names the site's address, also when a command makes it (core.addresses).
        write_whole(self.paths.state / "address", self._public_address())
        self.log = LogFile(self.paths.log, "supervisor")

    def _running_already(self) -> str:
        return f"无法启动：{self.paths.data_dir} 的实例已在运行；要再开一个，请另给 DATA_DIR 和 PORT。"

    def _command(self, label: str, arguments: list[str]) -> None:
        """Run one of our own commands to its end; its output goes to our terminal."""
        self.helper = child.spawn([sys.executable, *arguments], env=child_environment(self.config), cwd=ROOT)
        while not child.has_ended(self.helper):
            if self.stop_signals:
                child.stop(self.helper, ((signal.SIGTERM, 10.0),))
                raise Stopped
            time.sleep(0.02)
        code, self.helper = self.helper.returncode, None
        if code == 2:
            raise ConfigError("")  # the command has said its sentence
        if code != 0:
            raise ConfigError(f"无法启动：{label}失败（代码 {code}），原因见上。")

    def prepare(self) -> None:
        """Migrations and static files where something changed, demonstration data on the first start."""
        noted = {name: self._noted(name) for name in ("schema", "static", "demo")}
        embedded = not self.config.DATABASE_URL
        if (
            not embedded
            or noted["schema"] != schema_fingerprint(self.config)
            or noted["static"] != static_fingerprint()
        ):
            self._command("准备数据库和静态文件", ["-m", "trading_center.prepare"])
        if (
            self.config.INSTANCE == "demo"
            and not noted["demo"]
            and list(ROOT.glob("*/management/commands/demo_load.py"))
        ):
            self.say("首次启动，正在生成演示数据……")
            self._command("生成演示数据", ["manage.py", "demo_load", "--size", "small"])
            write_whole(self.paths.state / "demo", "small\n")
        if self.config.INSTANCE == "demo":
            self._prepare_logins()
        elif not self.paths.secret("setup_code"):
            write_whole(self.paths.secrets / "setup_code", secrets.token_urlsafe(12))
        if tls_files(self.config):
            self._command("准备证书", ["-m", "trading_center.certificates"])

    def _prepare_logins(self) -> None:
        """The table of demonstration logins, made again where its people have changed."""
        sources = (ROOT / "accounts" / "demo.py", ROOT / "accounts" / "duties.py")
        made_of = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
        if self._noted("logins-of") != made_of or not (self.paths.state / "logins").exists():
            self._command("建立演示账号", ["manage.py", "demo_accounts", "--out", str(self.paths.state / "logins")])
            write_whole(self.paths.state / "logins-of", made_of)

    def _say_logins(self) -> None:
        """How one comes in: demonstration logins on this machine alone, the setup page of a new center."""
        if self.config.INSTANCE == "demo" and is_loopback(self.config.HOST):
            for line in (self.paths.state / "logins").read_text(encoding="utf-8").splitlines():
                self.say(line)
        elif self.config.INSTANCE == "center":
            # The page answers only while there is no administrator.
            if self._asked("/staff/setup/") == 200:
                self.say(f"还没有管理员：请打开 /staff/setup/，设置码 {self.paths.secret('setup_code')}")
            else:
                (self.paths.secrets / "setup_code").unlink(missing_ok=True)

    def _noted(self, name: str) -> str:
        try:
            return (self.paths.state / name).read_text(encoding="ascii").strip()
        except OSError:
            return ""

    def _address(self) -> tuple[str, int]:
        """Where we ourselves reach the web server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.config.HOST, self.config.HOST)  # noqa: S104 (not bound)
        return host, self.config.PORT

    def _asked(self, path: str) -> int:
        """The status of our own page at ``path``, 0 when nobody answers."""
        host, port = self._address()
        if tls_files(self.config):
            # It is ourselves that we ask, and only whether we are there.
            context = ssl._create_unverified_context()  # noqa: S323 (see above)
            link: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=5, context=context)
        else:
            link = http.client.HTTPConnection(host, port, timeout=5)
        try:
            link.request("GET", path, headers={"Host": "localhost"})
            return link.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            link.close()

    def _web_answers(self) -> bool:
        return self._asked("/healthz") in (200, 503)

    def _start_part(self, name: str) -> Part:
        part = Part(
            name,
            part_commands(self.config)[name],
            paths=self.paths,
            lock=self.parts_lock,
            environ=child_environment(self.config),
            say=self.say,
        )
        self.parts.append(part)
        part.start()
        return part

    def start(self) -> None:
        """Services, preparation, web, then (it has the processor to itself until it answers) worker and scheduler."""
        self.services.enter()
        self._check_stop()
        self.prepare()
        web = self._start_part("web")
        web.has_worked = False
        until = time.monotonic() + WEB_READY_SECONDS
        while not self._web_answers():
            self._check_stop()
            web.watch(time.monotonic())
            if time.monotonic() > until:
                raise GaveUp(f"网页服务没有应答，详见 {web.log.path}。")
            time.sleep(0.05)
        web.has_worked = True
        self.say(self._public_address())
        self._start_part("worker")
        self._start_part("scheduler")
        write_whole(self.paths.state / "commit", commit_of(ROOT))
        self._say_logins()

    def _public_address(self) -> str:
        scheme = "https" if tls_files(self.config) else "http"
        if is_loopback(self.config.HOST):
            return f"{scheme}://localhost:{self.config.PORT}"
        hosts = self.config.SITE_HOST or (self.config.HOST,)
        return f"{scheme}://{hosts[0]}:{self.config.PORT}"

    def _keep_services(self, now: float) -> None:
        if self.services.lives():
            return
        self.service_deaths = [t for t in self.service_deaths if t > now - SERVICE_RESTARTS_WITHIN_SECONDS] + [now]
        if len(self.service_deaths) > SERVICE_RESTARTS:
            raise GaveUp(f"内嵌服务一再退出，已全部停止，详见 {self.paths.log}。")
        self.say("内嵌服务意外停止，正在重新启动……")
        try:
            self.services.ensure()
            self.say("内嵌服务已恢复")
        except ConfigError as error:
            self.say(str(error))
        except (OSError, subprocess.SubprocessError) as error:
            self.say(f"内嵌服务启动不了（{error}），稍后再试")

    def watch(self) -> None:
        """Until somebody asks us to stop.

        Raises:
            GaveUp: something could not be kept running.
        """
        next_check = 0.0
        while not self.stop_signals and not self.asked_aside:
            now = time.monotonic()
            for part in self.parts:
                part.watch(now)
            if self.log is not None:
                self.log.rotate()
            if now >= next_check:
                self._keep_services(now)
                next_check = now + KEEPER_CHECK_SECONDS
            time.sleep(LOOP_SECONDS)

    def stop(self) -> None:
        """Scheduler, worker, web, services; a second signal hurries."""
        heard = len(self.stop_signals)
        for part in reversed(self.parts):
            part.stop(lambda: len(self.stop_signals) > heard)
        if self.services.parts and self.services.users.fd is not None:
            self.say("内嵌服务已停止" if self.services.leave() else "内嵌服务留给仍在使用它的命令")

    def run(self) -> int:
        """The whole life; returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGUSR1, self._on_upgrade)
        try:
            recover(self.paths.data_dir, self.say)
            self.check()
        except ConfigError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        code = 0
        try:
            self.start()
            self.watch()
        except Stopped:
            pass
        except ConfigError as error:
            code = 0 if self.stop_signals else 2
            if code and str(error):
                sys.stderr.write(f"{error}\n")
        except GaveUp as error:
            code = 1
            sys.stderr.write(f"{error}\n")
        except (OSError, subprocess.SubprocessError) as error:
            code = 1
            sys.stderr.write(f"运行中断：这台机器上的文件或进程出错（{error}），已全部停止，请排除后重新启动。\n")
        finally:
            self.stop()
        if self.asked_aside and not code and not self.stop_signals:
            self.wait_for_upgrade()
        self.say("已停止")
        return code

    def wait_for_upgrade(self) -> None:
        """Stand aside while the lock of an upgrade is held, then become whatever code is in place.

        The kernel drops the lock of an upgrade that is killed: then the old release is put back first. Returns only
        when somebody asked us to stop meanwhile.
        """
        self.say("正在升级，门户暂停")
        upgrade = Lock(self.paths.lock / "upgrade")
        for lock in (self.lock, self.parts_lock):
            lock.release()
        while upgrade.is_held():
            if self.stop_signals:
                return
            time.sleep(LOOP_SECONDS)
        recover(self.paths.data_dir, self.say)
        self.say("升级结束，重新启动")
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 (ourselves)


def configuration(mode: str) -> SimpleNamespace:
    """The settings for ``run`` or ``serve``, with that mode's kind of instance and default of DATA_DIR.

    Raises:
        ConfigError: a wrong setting, or one that contradicts the mode.
    """
    kind, folder = MODES[mode]
    given = os.environ.get("INSTANCE", kind).strip()
    if given in checks.KINDS and given != kind:
        raise ConfigError(f"无法启动：make {mode} 运行的是{checks.KINDS[kind]}，而设置 INSTANCE={given}。")
    return load({**os.environ, "INSTANCE": given, "DATA_DIR": os.environ.get("DATA_DIR") or folder})


def main(argv: list[str]) -> int:
    """``run`` or ``serve``."""
    if len(argv) != 2 or argv[1] not in MODES:
        sys.stderr.write("用法：python -m trading_center.supervisor run|serve\n")
        return 2
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        config = configuration(argv[1])
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return Supervisor(config).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
