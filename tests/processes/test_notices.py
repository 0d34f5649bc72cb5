"""Real workers, killed hard at random moments: every message arrives, each once; rows are sealed by the schedule."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.processes.harness import TORTURE_IS_FULL, Instance, pool, torture_told, wait_for

SHELL = ("manage.py", "shell", "--no-imports", "-c")
# Writes messages in small transactions, as requests do.
WRITE = """
import itertools, pathlib, time
from django.db import transaction
from django.utils import timezone
from accounts.models import User
from notices.services import notice_create
user, _ = User.objects.get_or_create(username="clerk", defaults={{"name": "甲"}})
for number in itertools.count():
    if number >= {rounds} or ({until!r} and pathlib.Path({until!r}).exists()):
        break
    with transaction.atomic():
        for each in range(5):
            key = f"{prefix}:{{number}}:{{each}}"
            fixed = dict(subject=key, text="正文", cause=("accounts.user", user.pk), now=timezone.now())
            notice_create(channel="file", address="甲", dedup_key="file:" + key, confidential=each == 0, **fixed)
            notice_create(channel="in_site", user=user, dedup_key="site:" + key, confidential=each == 0, **fixed)
    time.sleep({pause})
print(number)
"""
# A sweep of a later hour: it waits for no lease and for no broker.
SWEEP = """
from datetime import timedelta
from django.utils import timezone
from notices.services import notices_sweep
for _ in range(3):
    notices_sweep(now=timezone.now() + timedelta(hours={hour}))
"""
KILLS = 100 if TORTURE_IS_FULL else 12
# The supervisor restarts the worker itself so often only.
KILLS_OF_THE_WORKER = 5 if TORTURE_IS_FULL else 2


@pytest.fixture
def running(stopped: Instance) -> Instance:
    """A center of this test's own, with every part at work."""
    stopped.start("serve", healthy=True)
    return stopped


def counts(instance: Instance) -> dict[str, int]:
    """Notices by status."""
    with instance.database() as cursor:
        cursor.execute("SELECT status, count(*) FROM notices_notice GROUP BY status")
        return dict(cursor.fetchall())


def sent(instance: Instance) -> int:
    return counts(instance).get("sent", 0)


def messages(instance: Instance) -> list[Path]:
    return [path for path in (instance.folder / "outbox").rglob("*.json") if not path.name.startswith(".")]


def kill_something(instance: Instance, chance: random.Random, *, whole: bool) -> bool:
    """``kill -9`` of the worker, or of one of its task processes."""
    worker = instance.part("任务进程")
    victims = [worker] if whole else pool(instance, worker)
    if not victims:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(chance.choice(victims), signal.SIGKILL)
        return True
    return False


def sweep_until_sent(instance: Instance, number: int) -> None:
    hours = iter(range(1, 100))

    def all_sent() -> bool:
        done = instance.python(*SHELL, SWEEP.format(hour=next(hours)))
        assert done.returncode == 0, done.stderr
        until = time.monotonic() + 5
        while time.monotonic() < until and counts(instance) != {"sent": number}:
            time.sleep(0.1)
        return counts(instance) == {"sent": number}

    wait_for(all_sent, f"{number} sent: {counts(instance)}", 180)


def kill_at_random(instance: Instance, chance: random.Random) -> None:
    """KILLS times ``kill -9``, most of task processes, some of the whole worker, while messages are written."""
    for number in range(1, KILLS + 1):
        whole = number % (KILLS // KILLS_OF_THE_WORKER) == 0
        worker = instance.part("任务进程")
        wait_for(lambda w=whole: kill_something(instance, chance, whole=w), "something to kill")
        if whole:
            # A worker whose first task processes die ends itself, which the supervisor bears only so often.
            wait_for(lambda w=worker: instance.part("任务进程") != w, "the next worker")
            before = sent(instance)
            wait_for(lambda b=before: sent(instance) > b, "the next worker at work")
        time.sleep(chance.uniform(0.01, 0.15))


@pytest.mark.torture
def test_worker_killed_at_many_random_moments_loses_and_doubles_nothing(running: Instance) -> None:
    until = running.folder.parent / f"{running.folder.name}.stop"
    writer = running.popen(*SHELL, WRITE.format(rounds=10_000, until=str(until), prefix="kill", pause=0.15))
    wait_for(lambda: sent(running) > 0, "the first message")
    kill_at_random(running, random.Random(20260320))
    until.touch()
    out, errors = writer.communicate(timeout=120)
    assert writer.returncode == 0, errors
    number = int(out) * 10
    sweep_until_sent(running, number)
    with running.database() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT notice_id) FROM notices_inboxitem")
        assert cursor.fetchone() == (number // 2, number // 2)
        cursor.execute("SELECT id FROM notices_notice WHERE channel = 'file' ORDER BY id")
        written = [row[0] for row in cursor.fetchall()]
    found = sorted(json.loads(path.read_text(encoding="utf-8"))["number"] for path in messages(running))
    assert found == written
    assert running.stop() == 0
    whole = f"其中 {KILLS_OF_THE_WORKER} 次连同主进程"
    torture_told(f"任务进程在 {KILLS} 个随机时刻被杀（{whole}）：{number} 条消息不丢不重")


def test_messages_whose_broker_forgot_everything_are_sent_by_the_sweep(running: Instance) -> None:
    worker = running.part("任务进程")
    stopped = [worker, *pool(running, worker)]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    done = running.python(*SHELL, WRITE.format(rounds=4, until="", prefix="lost", pause=0))
    assert done.returncode == 0, done.stderr
    running.redis().flushall()
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    sweep_until_sent(running, 40)
    assert len(messages(running)) == 20
    assert running.stop() == 0


def test_schedule_seals_rows_and_delivers_without_anybody_asking(running: Instance) -> None:
    code = (
        "from audit.services import action_record; from audit.tags import Tag; from django.utils import timezone\n"
        "for number in range(3): action_record(tag=Tag.UPKEEP, by=None, now=timezone.now(), subject=str(number))"
    )
    done = running.python(*SHELL, code)
    assert done.returncode == 0, done.stderr

    def sealed() -> bool:
        with running.database() as cursor:
            cursor.execute("SELECT (SELECT count(*) FROM audit_sealedrow), (SELECT count(*) FROM audit_waitingrow)")
            return bool(cursor.fetchone() == (3, 0))

    wait_for(sealed, "three sealed rows")
    done = running.python("manage.py", "audit_verify", "--json")
    assert (done.returncode, json.loads(done.stdout)["rows"]) == (0, 3)
    assert running.stop() == 0
