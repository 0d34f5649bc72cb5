"""The supervisor's promises: parts that die come back, all stop in order, nothing is lost, nothing is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from tests.processes.harness import Instance, processes, wait_for

REVERSE = ["定时任务已停止", "任务进程已停止", "网页服务已停止", "内嵌服务已停止", "已停止"]
INSERT = "INSERT INTO accounts_user (password, username, name, kind, is_active, created_at)"
VALUES = "VALUES ('!', %s, '留存', 'staff', true, now())"


def _kinds(instance: Instance) -> list[str]:
    words = {"supervisor serve": "supervisor", "embedded.keeper": "keeper", "granian": "web", "beat": "scheduler"}
    found = []
    for command in processes(instance.folder).values():
        found += [kind for word, kind in words.items() if word in command]
    return found


def test_address_is_printed_and_every_part_answers(center: Instance) -> None:
    status, headers, body = center.get("/healthz")
    assert (status, headers["cache-control"], headers["content-type"]) == (200, "no-store", "application/json")
    parts = b'{"database": "ok", "redis": "ok", "worker": "ok", "scheduler": "ok", "clock": "ok"}'
    assert body == b'{"status": "ok", "parts": ' + parts + b"}"
    assert "set-cookie" not in headers


def test_home_page_is_served(center: Instance) -> None:
    status, headers, _ = center.get("/")
    assert (status, "set-cookie" in headers) == (200, False)


@pytest.mark.parametrize(("label", "part"), [("任务进程", "worker"), ("定时任务", "scheduler")])
def test_killed_part_is_reported_and_comes_back(center: Instance, label: str, part: str) -> None:
    before = center.part(label)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: center.part(label) != before, f"a new {part}")
    assert f"{label}意外退出（代码 -9），日志末尾：" in center.said()
    wait_for(lambda: center.health()[1].get(part) == "ok", f"a healthy {part}")


def test_killed_web_server_takes_its_workers_along_and_comes_back(center: Instance) -> None:
    before = center.part("网页服务")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: center.part("网页服务") != before and center.get("/healthz")[0] == 200, "a new web server")
    assert {os.getsid(pid) for pid, command in processes(center.folder).items() if "granian" in command} == {
        center.part("网页服务")
    }


@pytest.mark.parametrize("words", ["/bin/postgres -D", "redis-server"])
def test_killed_server_comes_back_with_its_data(center: Instance, words: str) -> None:
    name = f"kept {words}"
    with center.database() as cursor:
        cursor.execute(f"{INSERT} {VALUES}", [name])
    center.redis().set(name, "kept")
    before = center.pid_of(words)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: center.successor(words, before), "restart")
    wait_for(lambda: center.health()[0] == 200, "a healthy instance")
    with center.database() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user WHERE username = %s", [name])
        assert cursor.fetchone() == (1,)
    assert center.redis().get(name) == b"kept"


def test_killed_keeper_is_replaced(center: Instance) -> None:
    before = center.pid_of("embedded.keeper")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: "内嵌服务已恢复" in center.said(), "a new keeper")
    assert center.successor("embedded.keeper", before)
    wait_for(lambda: center.health()[0] == 200, "a healthy instance")


def test_second_supervisor_is_refused_and_harms_nothing(center: Instance) -> None:
    second = center.python("-m", "trading_center.supervisor", "serve", PORT=str(center.port + 1))
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == f"无法启动：{center.folder} 的实例已在运行；要再开一个，请另给 DATA_DIR 和 PORT。\n"
    assert center.health()[0] == 200


def test_two_copies_live_side_by_side(center: Instance, stopped: Instance) -> None:
    stopped.start("serve", healthy=True)
    with stopped.database() as cursor:
        cursor.execute(f"{INSERT} {VALUES}", ["only here"])
    with center.database() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user WHERE username = 'only here'")
        assert cursor.fetchone() == (0,)
    assert stopped.stop() == 0
    assert (processes(stopped.folder), center.health()[0]) == ({}, 200)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stop_is_in_reverse_order_and_leaves_nothing(stopped: Instance, number: int) -> None:
    stopped.start("serve")
    assert stopped.stop(number) == 0
    assert stopped.said()[-len(REVERSE) :] == REVERSE
    assert processes(stopped.folder) == {}
    assert os.listdir(stopped.paths.run) == []


def test_stop_while_starting_leaves_nothing(stopped: Instance) -> None:
    started = stopped.popen("-m", "trading_center.supervisor", "serve")
    wait_for(lambda: "embedded.keeper" in " ".join(processes(stopped.folder).values()), "the keeper")
    started.send_signal(signal.SIGTERM)
    out, err = started.communicate(timeout=60)
    assert (started.returncode, err, out.splitlines()[-1]) == (0, "", "已停止")
    assert processes(stopped.folder) == {}


def _fill(instance: Instance, name: str) -> None:
    with instance.database() as cursor:
        cursor.execute(f"{INSERT} {VALUES}", [name])
    instance.redis().rpush("kept", name)


def _holds(instance: Instance, name: str) -> bool:
    with instance.database() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user WHERE username = %s", [name])
        return cursor.fetchone() == (1,) and instance.redis().lrange("kept", 0, -1) == [name.encode()]


def _kill_group(instance: Instance) -> None:
    assert instance.supervisor is not None
    os.killpg(instance.supervisor.pid, signal.SIGKILL)
    instance.supervisor.wait()


@pytest.mark.parametrize("kill", [_kill_group, Instance.kill_all], ids=["group", "everything"])
def test_killed_hard_then_started_has_lost_nothing(stopped: Instance, kill: Callable[[Instance], None]) -> None:
    stopped.start("serve")
    _fill(stopped, "committed")
    kill(stopped)
    stopped.start("serve", healthy=True)
    assert _holds(stopped, "committed")
    assert sorted(_kinds(stopped)) == sorted(
        [*["supervisor", "keeper", "scheduler"], *["web"] * _kinds(stopped).count("web")]
    )
    assert stopped.stop() == 0
    assert processes(stopped.folder) == {}


def test_supervisor_killed_hard_takes_every_part_along(stopped: Instance) -> None:
    stopped.start("serve", healthy=True)
    _kill_group(stopped)
    wait_for(lambda: processes(stopped.folder) == {}, "the end of all parts", 20)
    assert os.listdir(stopped.paths.run) == []


def test_stale_process_numbers_do_not_stop_the_start(stopped: Instance) -> None:
    stopped.start("serve")
    stopped.kill_all()
    # The number in the file now belongs to somebody else who lives: this test.
    pid_file = stopped.paths.postgres / "postmaster.pid"
    lines = pid_file.read_text(encoding="utf-8").splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n", encoding="utf-8")
    stopped.start("serve")
    assert stopped.stop() == 0


def test_part_that_never_starts_stops_everything_with_a_sentence(stopped: Instance) -> None:
    started = stopped.python("-m", "trading_center.supervisor", "serve", GRANIAN_WORKERS_LIFETIME="nonsense")
    assert started.returncode == 1
    assert started.stderr == f"网页服务一再退出，已全部停止，详见 {stopped.paths.log / 'web.log'}。\n"
    assert processes(stopped.folder) == {}
