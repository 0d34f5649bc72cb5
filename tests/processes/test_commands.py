"""manage.py starts services that are down, shares those that are up, and the last one out stops them."""

from __future__ import annotations

import select
import signal
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.harness import Instance, processes, wait_for
from trading_center.config import ROOT

KEY = "k" * 50
COUNT = "from accounts.models import User; print(User.objects.count())"
SHELL = ("manage.py", "shell", "--no-imports", "-c")
# Holds the services until the file appears, then says whether the database still answers.
HOLD = """
import pathlib, time
from accounts.models import User
print(User.objects.count(), flush=True)
while not pathlib.Path({path!r}).exists():
    time.sleep(0.05)
print(User.objects.count(), flush=True)
"""


def _hold(instance: Instance) -> tuple[subprocess.Popen[str], Path]:
    """A command that uses the database and goes on until the returned file is made."""
    until = instance.folder.parent / f"{instance.folder.name}.go"
    started = instance.popen(*SHELL, HOLD.format(path=str(until)))
    assert started.stdout is not None
    assert started.stdout.readline() == "0\n"
    return started, until


def _finish(held: subprocess.Popen[str], until: Path) -> None:
    until.touch()
    out, err = held.communicate(timeout=60)
    assert (held.returncode, out) == (0, "0\n"), err


def test_command_on_a_stopped_instance_starts_and_stops_the_services(stopped: Instance) -> None:
    done = stopped.python(*SHELL, COUNT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")
    assert processes(stopped.folder) == {}


def test_command_on_a_running_instance_shares_its_services(center: Instance) -> None:
    before = center.pid_of("/bin/postgres -D")
    done = center.python(*SHELL, COUNT)
    assert (done.returncode, done.stderr) == (0, "")
    assert center.pid_of("/bin/postgres -D") == before
    assert center.health()[0] == 200


def test_command_makes_an_instance_that_never_was(new: Instance) -> None:
    code = "from accounts.models import Instance; print(Instance.objects.get().kind)"
    first, second = (new.popen(*SHELL, code) for _ in range(2))
    assert [(*p.communicate(timeout=120), p.returncode) for p in (first, second)] == [("center\n", "", 0)] * 2
    assert processes(new.folder) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["help"],
        ["version"],
        ["migrate", "--help"],
        ["makemigrations", "--check", "--dry-run"],
        ["deadline", "--list"],
    ],
    ids=" ".join,
)
def test_commands_that_need_no_services_start_none(new: Instance, arguments: list[str]) -> None:
    done = new.python("manage.py", *arguments)
    assert done.returncode == 0, done.stderr
    assert not new.folder.exists()


def test_run_takes_over_the_services_of_a_command(stopped: Instance) -> None:
    held, until = _hold(stopped)
    before = stopped.pid_of("/bin/postgres -D")
    stopped.start("serve")
    _finish(held, until)
    assert stopped.pid_of("/bin/postgres -D") == before
    assert stopped.health()[1]["database"] == "ok"
    assert stopped.stop() == 0
    assert processes(stopped.folder) == {}


def test_run_that_stops_leaves_the_services_to_a_command(stopped: Instance) -> None:
    stopped.start("serve")
    held, until = _hold(stopped)
    assert stopped.stop() == 0
    assert stopped.said()[-2:] == ["内嵌服务留给仍在使用它的命令", "已停止"]
    assert stopped.servers_run()
    _finish(held, until)
    assert processes(stopped.folder) == {}


def test_command_killed_hard_leaves_nothing_running(stopped: Instance) -> None:
    held, _ = _hold(stopped)
    held.send_signal(signal.SIGKILL)
    held.communicate()
    wait_for(lambda: processes(stopped.folder) == {}, "the end of the services", 20)
    assert stopped.python(*SHELL, COUNT).stdout == "0\n"


def test_command_interrupted_says_so(stopped: Instance) -> None:
    held, _ = _hold(stopped)
    held.send_signal(signal.SIGINT)
    out, err = held.communicate(timeout=60)
    assert (held.returncode, out, err) == (130, "", "已中断。\n")
    assert processes(stopped.folder) == {}


def test_services_for_any_command_and_its_exit_code(stopped: Instance) -> None:
    done = stopped.python("-m", "trading_center.embedded.with_services", "--", "sh", "-c", 'ls "$DATA_DIR/run"; exit 7')
    assert (done.returncode, done.stdout, done.stderr) == (7, "redis.sock\n", "")
    assert processes(stopped.folder) == {}


def test_command_that_is_not_there_is_named(stopped: Instance) -> None:
    done = stopped.python("-m", "trading_center.embedded.with_services", "--", "no-such-program")
    assert (done.returncode, done.stderr) == (2, "找不到命令 no-such-program。\n")


class _Forward(socketserver.BaseRequestHandler):
    """Hands a TCP connection on to a socket file."""

    place: str

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as inner:
            inner.connect(self.place)
            ends = {self.request: inner, inner: self.request}
            while True:
                for source in select.select([*ends], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    ends[source].sendall(data)


@pytest.fixture
def elsewhere(center: Instance) -> Iterator[dict[str, str]]:
    """Settings that move everything to the servers of ``center``, as if they stood on another machine."""
    handler = type("Handler", (_Forward,), {"place": str(center.paths.run / ".s.PGSQL.5432")})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def url(role: str) -> str:
            address = f"127.0.0.1:{server.server_address[1]}"
            return f"postgres://{role}:{center.paths.secret(role)}@{address}/trading_center"

        yield {
            "DATABASE_URL": url("tc_app"),
            "DATABASE_OWNER_URL": url("tc_owner"),
            "REDIS_URL": center.paths.redis_url(),
            "SECRET_KEY": KEY,
        }
        server.shutdown()


def test_given_servers_are_used_and_none_is_started(center: Instance, new: Instance, elsewhere: dict[str, str]) -> None:
    new.start("serve", healthy=True, **elsewhere)
    assert not new.servers_run()
    done = new.python(*SHELL, COUNT, **elsewhere)
    assert (done.returncode, done.stdout) == (0, center.python(*SHELL, COUNT).stdout)
    assert new.stop() == 0
    assert sorted(p.name for p in (new.paths.postgres, new.paths.redis) if p.exists()) == []
    assert center.health()[0] == 200


def test_given_database_of_the_other_kind_is_refused(new: Instance, elsewhere: dict[str, str]) -> None:
    done = new.python("-m", "trading_center.supervisor", "run", **elsewhere)
    assert (done.returncode, done.stdout) == (2, "已停止\n")
    assert done.stderr == (
        "无法启动：数据库里是正式实例，不能当作演示实例使用（实例种类终身不变）；请检查 DATABASE_URL 和 INSTANCE。\n"
    )


def test_given_database_out_of_reach_is_one_sentence(new: Instance) -> None:
    away = {
        "DATABASE_URL": f"postgres://tc_app:x@127.0.0.1:{new.port}/x",
        "DATABASE_OWNER_URL": f"postgres://tc_owner:x@127.0.0.1:{new.port}/x",
        "REDIS_URL": f"redis://127.0.0.1:{new.port}/0",
        "SECRET_KEY": KEY,
    }
    done = new.python(*SHELL, COUNT, **away)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("没有完成：连不上数据库，或数据库中断了（connection to server at ")
    done = new.python("-m", "trading_center.supervisor", "serve", **away)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("无法启动：连不上数据库（")


def test_celery_as_a_person_calls_it_reaches_the_worker(center: Instance) -> None:
    # With a name it waits no longer than for the answer.
    words = ("inspect", "ping", "--timeout", "10", "--destination", f"celery@{socket.gethostname()}")
    done = center.python("-m", "celery", "-A", "trading_center", *words)
    assert (done.returncode, "1 node online." in done.stdout) == (0, True)


def test_project_files_are_untouched_by_a_run() -> None:
    assert not (ROOT / "celerybeat-schedule").exists()
