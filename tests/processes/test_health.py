"""/healthz tells which part is dead, and answers whatever is; the queue survives its worker and its broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.processes.harness import Instance, pool, wait_for
from trading_center.celery import app
from trading_center.config import ROOT
from trading_center.parts import STOP_SECONDS

SEND = "from trading_center.celery import app; app.send_task('celery.accumulate', args=[1, 2]); print('sent')"
MANY = """
from trading_center.celery import app
for number in range(80):
    app.send_task(("audit.tasks.seal_actions", "notices.tasks.sweep_notices", "tenders.tasks.publish_due")[number % 3])
print("sent", flush=True)
"""
FOUR = SEND.replace("app.send", "[app.send").replace("; print", " for _ in range(4)]; print")
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


def _idle(instance: Instance) -> bool:
    """Is nothing in the queue, nothing at work?"""
    client = instance.redis()
    try:
        return not client.llen("celery") and not client.hlen("unacked")
    finally:
        client.close()


def _kill_redis(instance: Instance) -> None:
    """``kill -9``, and wait for the next one."""
    before = instance.pid_of("redis-server")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: instance.successor("redis-server", before), "a new Redis")
    wait_for(lambda: instance.health()[0] == 200, "recovery")


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
    worker = center.part("任务进程")
    # What the test before left in the queue must not be at work now: see the next test.
    wait_for(lambda: _idle(center), "a worker with nothing to do")
    _kill_redis(center)
    done = _worked(center)
    assert center.python(*SHELL).stdout == "sent\n"
    wait_for(lambda: _worked(center) > done, "the task")
    assert center.part("任务进程") == worker


def test_tasks_are_done_again_after_redis_died_under_a_busy_worker(center: Instance) -> None:
    busy = center.popen(*SHELL[:-1], MANY)
    assert busy.stdout is not None
    assert busy.stdout.readline() == "sent\n"
    _kill_redis(center)
    busy.communicate()
    done = _worked(center)
    assert center.python(*SHELL).stdout == "sent\n"
    # The worker may have ended over a task that it could not acknowledge (Celery 5.7): then there is another one.
    wait_for(lambda: _worked(center) > done, "the task")
    wait_for(lambda: center.health()[0] == 200, "recovery")


def test_task_sent_while_all_is_down_is_done_later(stopped: Instance) -> None:
    assert stopped.python(*SHELL).stdout == "sent\n"
    stopped.start("serve")
    wait_for(lambda: _worked(stopped) > 0, "the task")


def test_worker_that_stops_while_it_hands_tasks_over_ends_by_itself_and_gives_them_back(stopped: Instance) -> None:
    stopped.servers()
    log = stopped.folder.parent / f"{stopped.folder.name}.log"
    words = ("-m", "celery", "-A", "trading_center", "worker", "--concurrency", "1", "--prefetch-multiplier", "4")
    with log.open("w") as output:
        command = [sys.executable, *words, "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        worker = subprocess.Popen(command, env=stopped.environ, cwd=ROOT, stdout=output, stderr=output)
    wait_for(lambda: " ready." in log.read_text(encoding="utf-8"), "the worker")
    (process,) = pool(stopped, worker.pid)
    # Handed over, and not yet heard of: what a stop within a millisecond of a task's beginning meets.
    os.kill(process, signal.SIGSTOP)
    assert stopped.python(*SHELL[:-1], FOUR).stdout == "sent\n"
    wait_for(lambda: log.read_text(encoding="utf-8").count("received") == 4, "the tasks")
    threads = Path(f"/proc/{worker.pid}/task")
    before = len(list(threads.iterdir()))
    worker.send_signal(signal.SIGTERM)
    # Celery keeps its timers going in a thread while it waits for the task processes: from here on it hears nothing.
    wait_for(lambda: len(list(threads.iterdir())) > before, "the worker to wait for its processes")
    os.kill(process, signal.SIGCONT)
    # Later the supervisor would kill it.
    assert worker.wait(STOP_SECONDS["worker"] - 5) == 0
    assert stopped.redis().llen("celery") >= 3


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
