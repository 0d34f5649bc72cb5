"""New Year with the machine off at midnight: the real scheduler begins the reports when it is on again."""

from __future__ import annotations

from typing import Any

from tests.processes.harness import Instance, wait_for

SHELL = ("manage.py", "shell", "--no-imports", "-c")
# A year of long ago, approved and over: for the scheduler it is as good as last night.
OVER = """
from tests.performance.goals_factories import approve_program, approve_year, make_program, make_year
from accounts.models import User
from django.utils import timezone
from tests.workflow.people import give
by = User(username="manager", name="林晓禾", password_changed_at=timezone.now())
by.set_unusable_password()
by.save()
give(by, "performance")
year = make_year(2022, by=by)
approve_program(make_program(year))
approve_year(year)
"""


def reports(instance: Instance) -> list[tuple[Any, ...]]:
    """Kind, whether the portal began it, and whether it is dated today in Asia/Shanghai."""
    with instance.database() as cursor:
        cursor.execute(
            "SELECT kind, created_by_id IS NULL, dated_on = (now() AT TIME ZONE 'Asia/Shanghai')::date"
            " FROM performance_report ORDER BY kind"
        )
        return list(cursor.fetchall())


def test_the_scheduler_catches_up_when_the_machine_is_on_again(stopped: Instance) -> None:
    done = stopped.python(*SHELL, OVER)
    assert done.returncode == 0, done.stderr
    stopped.start("serve", healthy=True)
    wait_for(lambda: len(reports(stopped)) == 2, "both drafts")
    assert reports(stopped) == [("department", True, True), ("project", True, True)]
    with stopped.database() as cursor:
        cursor.execute("SELECT count(*) FROM notices_notice WHERE dedup_key LIKE 'performance.year_end:%%'")
        assert cursor.fetchone() == (1,)
    assert stopped.stop() == 0
