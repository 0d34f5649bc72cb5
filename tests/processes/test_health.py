"""/healthz tells which part is dead, and answers whatever is; the queue survives its worker and its broker."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.processes.harness import Instance, wait_for
from trading_center.celery import app

SEND = "from trading_center.celery import app; app.send_task('celery.accumulate', args=[1, 2]); print('sent')"
SHELL = ("manage.py", "shell", "--no-imports", "-c", SEND)


def _asked(instance: Instance) -> tuple[int, list[str], float]:
    """Status, failing parts and seconds of one question."""
    begun = time.monotonic()
    status, parts = instance.health()
    return status, [name for name, state in parts.items() if state == "failing"], time.monotonic() - begun


def _failing(instance: Instance, parts: list[str]) -> bool:
    status, failing, seconds = _asked(instance)
    return (status, failing) == (503, parts) and seconds < 3.5


def _worked(instance: Instance) -> int:
    """How many of the test's tasks the worker has done."""
    return (instance.paths.log / "worker.log").read_text(encoding="utf-8").count("Task celery.accumulate")


def test_hanging_database_is_failing_within_seconds(center: Instance) -> None:
    hung = center.pid_of("/bin/postgres -D")
    os.kill(hung, signal.SIGSTOP)
    try:
        assert _failing(center, ["database"])
    finally:
        os.kill(hung, signal.SIGCONT)
    wait_for(lambda: center.health()[0] == 200, "recovery")


def test_hanging_redis_is_failing_within_seconds(center: Instance) -> None:
    hung = center.pid_of("redis-server")
    os.kill(hung, signal.SIGSTOP)
    try:
        assert _failing(center, ["redis", "worker", "scheduler"])
    finally:
        os.kill(hung, signal.SIGCONT)
    wait_for(lambda: center.health()[0] == 200, "recovery")


def test_silent_worker_and_scheduler_are_failing_within_half_a_minute(center: Instance) -> None:
    silent = [center.part("任务进程"), center.part("定时任务")]
    for pid in silent:
        os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(lambda: _failing(center, ["worker", "scheduler"]), "503", 30)
    finally:
        for pid in silent:
            os.kill(pid, signal.SIGCONT)
    wait_for(lambda: center.health()[0] == 200, "recovery")


def test_worker_works_on_after_redis_restarted(center: Instance) -> None:
    before = center.pid_of("redis-server")
    worker = center.part("任务进程")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: center.health()[0] == 200 and center.pid_of("redis-server") != before, "a new Redis")
    done = _worked(center)
    assert center.python(*SHELL).stdout == "sent\n"
    # It may have to wait for what the worker was doing when Redis went.
    wait_for(lambda: _worked(center) > done, "the task", 150)
    assert center.part("任务进程") == worker


def test_task_sent_while_all_is_down_is_done_later(stopped: Instance) -> None:
    assert stopped.python(*SHELL).stdout == "sent\n"
    stopped.start("serve")
    wait_for(lambda: _worked(stopped) > 0, "the task")


def test_worker_takes_one_task_and_gives_it_back_when_it_dies() -> None:
    conf = app.conf
    assert (conf.task_acks_late, conf.worker_prefetch_multiplier, conf.task_reject_on_worker_lost) == (True, 1, True)


@pytest.mark.parametrize("argument", ["text", {"a": 1}, [1], 1.5, True, None])
def test_task_refuses_an_argument_that_is_no_id(argument: object) -> None:
    with pytest.raises(TypeError, match="must be an id"):
        app.tasks["celery.accumulate"].apply_async([1, argument])


def test_scheduler_keeps_its_notes_in_the_instance(center: Instance) -> None:
    assert [p.name for p in center.paths.state.glob("scheduler*")] != []
    assert list(Path().glob("celerybeat*")) == []
