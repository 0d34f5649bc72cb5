"""A worker killed in the middle of an Excel list: the next one reads it, once, and nothing is half there."""

from __future__ import annotations

import contextlib
import os
import signal

import pytest

from tests.processes.harness import Instance, pool, wait_for

SHELL = ("manage.py", "shell", "--no-imports", "-c")
# Makes a year with one line and hands in a list that takes a worker a few seconds.
UPLOAD = """
import io
from datetime import UTC, date, datetime
from decimal import Decimal
import openpyxl
from django.utils import timezone
from accounts.models import Department, DutyAssignment, User
from performance.models import Subject
from performance.services import imports, years
now = timezone.now()
user = User.objects.create(username="clerk", name="吴试")
office = Department.objects.get(code="finance")
DutyAssignment.objects.create(user=user, duty="finance", department=office, begins_at=datetime(2020, 1, 1, tzinfo=UTC))
unit = years.unit_save(code="138001", name="云泽县公共资源交易中心", by=user, now=now)
year = years.year_create(unit=unit, year=2025, by=user, now=now)
line = dict(functional=Subject.objects.get(code="2010350"), economic=Subject.objects.get(code="30101"))
years.spending_line_save(year=year, category="personnel", initial_amount=Decimal(500000), by=user, now=now, **line)
book = openpyxl.Workbook()
book.active.append(["支付日期", "金额", "功能科目", "经济科目", "用途", "收款人", "凭证号"])
for number in range({rows}):
    book.active.append([date(2025, 6, 10), 1.01, "2010350", "30101", "工资", "职工", str(number)])
file = io.BytesIO()
book.save(file)
file.seek(0)
print(imports.import_start(year=year, kind="entries", content=file, name="清单.xlsx", by=user, now=now).pk)
"""
# A sweep of a later minute: it waits for no lease.
SWEEP = """
from datetime import timedelta
from django.utils import timezone
from performance.services import imports
print(imports.imports_sweep(now=timezone.now() + timedelta(minutes=5)))
imports.import_read(number=1, clock=lambda: timezone.now() + timedelta(minutes=5))
"""
APPLY = """
from django.utils import timezone
from accounts.models import User
from performance.models import SpendingImport
from performance.services import imports
imports.import_apply(batch=SpendingImport.objects.get(), by=User.objects.get(username="clerk"), now=timezone.now())
"""
ROWS = 12_000


@pytest.fixture
def running(stopped: Instance) -> Instance:
    """A center of this test's own, with every part at work."""
    stopped.start("serve", healthy=True)
    return stopped


def batch_of(instance: Instance) -> tuple[str, int, int, int]:
    """State, attempts and rows read of the only list, and the number of its lines."""
    with instance.database() as cursor:
        cursor.execute(
            "SELECT state, attempts, rows_read, (SELECT count(*) FROM performance_importline)"
            " FROM performance_spendingimport"
        )
        found: tuple[str, int, int, int] = cursor.fetchone()
        return found


@pytest.mark.torture
def test_a_killed_worker_s_list_is_read_by_the_next(running: Instance) -> None:
    worker = running.part("任务进程")
    done = running.python(*SHELL, UPLOAD.format(rows=ROWS))
    assert done.returncode == 0, done.stderr
    wait_for(lambda: batch_of(running)[1] == 1 and batch_of(running)[2] > 0, "a worker in the middle of the list")
    for pid in pool(running, worker):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    state, _, _, lines = batch_of(running)
    assert (state, lines) == ("reading", 0)
    swept = running.python(*SHELL, SWEEP)
    assert swept.returncode == 0, swept.stderr
    wait_for(lambda: batch_of(running)[0] == "read", "the list read by another")
    assert batch_of(running)[3] == ROWS
    applied = running.python(*SHELL, APPLY)
    assert applied.returncode == 0, applied.stderr
    with running.database() as cursor:
        cursor.execute("SELECT count(*), sum(amount) FROM performance_spendingentry")
        assert cursor.fetchone() == (ROWS, ROWS * 101 / 100)
    assert running.stop() == 0
