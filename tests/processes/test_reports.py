"""Reports made by real workers: one that is killed leaves its run to the next; two at once; the command beside them."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.processes.harness import Instance, pool, wait_for

SHELL = ("manage.py", "shell", "--no-imports", "-c")
MAKE = """
from accounts.models import User
from django.utils import timezone
from performance.models import Report
from performance.services.runs import report_run
from tests.performance.report_factories import make_project_report, make_report
from tests.workflow.people import give
by = User(username="reporter", name="林晓禾", password_changed_at=timezone.now())
by.set_unusable_password()
by.save()
give(by, "performance")
make_report(by)
make_project_report(by)
"""
# A text of about 300 pages: there is time to kill whoever sets it.
LONG = """
from performance.models import Report, ReportSection
report = Report.objects.get(kind="department")
for section in ReportSection.objects.filter(report=report):
    section.text = "\\n".join(["国家预算绩效管理一体化工作平台按月汇总各单位支出进度并提出改进意见。" * 8] * 60)
    section.save()
"""
WISH = """
from accounts.models import User
from django.utils import timezone
from performance.models import Report
from performance.services.runs import report_run
by = User.objects.get(username="reporter")
for report in Report.objects.filter(kind__in={kinds!r}):
    print(report_run(report=report, by=by, now=timezone.now()).pk)
"""


def shell(instance: Instance, code: str) -> str:
    done = instance.python(*SHELL, code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def runs(instance: Instance) -> list[dict[str, Any]]:
    """The runs as stored, oldest first."""
    with instance.database() as cursor:
        cursor.execute(
            "SELECT json_build_object('id', id, 'state', state, 'step', step, 'attempts', attempts, 'claim', claim,"
            " 'result', result_id, 'message', message) FROM performance_reportrun ORDER BY id"
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def running(stopped: Instance) -> Instance:
    """A center with every part at work and two reports."""
    stopped.start("serve", healthy=True)
    shell(stopped, MAKE)
    return stopped


def test_a_killed_workers_report_is_finished_by_the_next(running: Instance) -> None:
    shell(running, LONG)
    shell(running, WISH.format(kinds=["department"]))
    first = wait_for(
        lambda: next((r for r in runs(running) if r["state"] == "running" and r["step"] == "排版"), None), "the layout"
    )
    worker = running.part("任务进程")
    for pid in [worker, *pool(running, worker)]:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: running.part("任务进程") not in (None, worker), "the next worker")
    done = wait_for(lambda: next((r for r in runs(running) if r["state"] == "done"), None), "the report", 180)
    assert (done["id"], done["attempts"]) == (first["id"], 2)
    with running.database() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT file_id) FROM performance_reportfile")
        assert cursor.fetchone() == (1, 1)
    assert running.stop() == 0


def test_two_at_once_and_the_command_give_their_own_files(running: Instance, tmp_path: Path) -> None:
    shell(running, WISH.format(kinds=["department", "project"]))
    wait_for(lambda: [r["state"] for r in runs(running)] == ["done", "done"], f"both: {runs(running)}", 120)
    assert len({run["result"] for run in runs(running)}) == 2
    listed = json.loads(running.python("manage.py", "report_export", "--list", "--json").stdout)
    with running.database() as cursor:
        cursor.execute(
            "SELECT r.kind, s.sha256 FROM performance_reportfile f JOIN performance_report r ON r.id = f.report_id"
            " JOIN documents_storedfile s ON s.id = f.file_id"
        )
        stored = dict(cursor.fetchall())
    for one in listed:
        out = tmp_path / "out.pdf"
        done = running.python("manage.py", "report_export", one["kind"], "--year", str(one["year"]), "--out", str(out))
        assert done.returncode == 0, done.stderr
        assert stored[one["kind"].split(":")[0]] in done.stderr
    refused = running.python("manage.py", "report_export", "department", "--year", "2019", "--out", str(tmp_path / "x"))
    assert (refused.returncode, refused.stdout) == (2, "") and "没有 2019 年度" in refused.stderr
    assert running.stop() == 0


def test_the_command_needs_no_worker(stopped: Instance, tmp_path: Path) -> None:
    shell(stopped, MAKE)
    out = tmp_path / "甲 乙.pdf"
    done = stopped.python("manage.py", "report_export", "department", "--year", "2022", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(b"%PDF-")
