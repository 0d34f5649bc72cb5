"""Importing notices: what is replaced, kept, refused, and what the database allows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from accounts.models import User
from core.workdays import Period, deadline_compute
from workflow.holidays import Notice, builtin_notices, calendar_of, notices_read
from workflow.models import CalendarDay, CalendarYear
from workflow.selectors import calendar_current, calendar_year_current, calendar_year_history, notices_stored
from workflow.services import CALENDAR_LOCK, CalendarChange, calendar_import

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 4, 1, 30, tzinfo=UTC)
NEXT = Notice(2027, frozenset({date(2027, 1, 1), date(2026, 12, 31)}), frozenset({date(2027, 1, 3)}), "2027 年安排")


def _run(path: Path | str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("calendar_import", str(path), stdout=out, stderr=err)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def _file(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "notice.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_new_instance_has_the_builtin_calendar() -> None:
    assert notices_stored(calendar_year_current()) == builtin_notices()
    assert calendar_current() == calendar_of(builtin_notices())


def test_calendar_current_takes_two_queries(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        calendar_current()


def test_calendar_import_adds_a_year() -> None:
    by = User(username="xinxi", name="信息科")
    assert calendar_import(notices=[NEXT], by=by, now=NOW) == [CalendarChange(NEXT, "new")]
    row = calendar_year_history(2027).get()
    assert (row.source, row.imported_by, row.imported_at) == ("2027 年安排", "xinxi", NOW)
    assert list(row.days.order_by("day").values_list("day", "is_working")) == [
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), False),
        (date(2027, 1, 3), True),
    ]
    assert calendar_current() == calendar_of([*builtin_notices(), NEXT])


def test_calendar_import_of_a_year_replaces_it_and_keeps_its_history() -> None:
    calendar_import(notices=[NEXT], now=NOW)
    changed = Notice(2027, frozenset({date(2027, 1, 1), date(2027, 1, 3)}), frozenset({date(2027, 1, 9)}), "更正")
    assert calendar_import(notices=[changed], now=NOW) == [
        CalendarChange(
            changed,
            "changed",
            now_off=(date(2027, 1, 3),),
            now_working=(date(2027, 1, 9),),
            now_plain=(date(2026, 12, 31),),
        )
    ]
    assert calendar_current() == calendar_of([*builtin_notices(), changed])
    assert notices_stored(calendar_year_history(2027)) == [changed, NEXT]


def test_calendar_import_of_the_same_changes_nothing() -> None:
    before = list(CalendarYear.objects.values_list("pk", flat=True))
    changes = calendar_import(notices=builtin_notices(), now=NOW)
    assert [change.action for change in changes] == ["unchanged"] * 4
    assert list(CalendarYear.objects.values_list("pk", flat=True)) == before


def test_calendar_import_back_to_the_first_version_is_a_change() -> None:
    first = builtin_notices()[-1]
    calendar_import(notices=[Notice(2026, frozenset(), frozenset(), "")], now=NOW)
    assert calendar_import(notices=[first], now=NOW)[0].action == "changed"
    assert notices_stored(calendar_year_current()) == builtin_notices()


def test_calendar_import_makes_a_provisional_deadline_final() -> None:
    period, start = Period(5, "wd"), date(2026, 12, 29)
    before = deadline_compute(period, start, calendar_current())
    calendar_import(notices=[NEXT], now=NOW)
    after = deadline_compute(period, start, calendar_current())
    assert (before.due, before.provisional) == (date(2027, 1, 6), True)
    assert (after.due, after.provisional) == (date(2027, 1, 6), False)
    assert after.skipped == (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2))


def test_two_imports_at_once_wait_for_each_other() -> None:
    calendar_import(notices=[NEXT], now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT granted FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND pid = pg_backend_pid()",
            [CALENDAR_LOCK],
        )
        assert cursor.fetchall() == [(True,)]


def test_command_says_what_changed(tmp_path: Path) -> None:
    notice = {"year": 2027, "off": ["2027-01-01"], "work": ["2027-01-03"], "source": "国务院办公厅"}
    assert _run(_file(tmp_path, notice)) == (0, "2027 年：已导入，放假 1 天，调休上班 1 天。\n", "")
    assert _run(_file(tmp_path, [notice])) == (
        0,
        "2027 年：与现有日历相同，未改动（放假 1 天，调休上班 1 天）。\n",
        "",
    )
    notice["off"] = ["2027-01-01", "2027-01-02"]
    assert _run(_file(tmp_path, notice)) == (
        0,
        "2027 年：已更新，放假 2 天，调休上班 1 天（新放假 2027-01-02），原安排留作历史。\n",
        "",
    )
    notice["source"] = "更正"
    assert _run(_file(tmp_path, notice)) == (
        0,
        "2027 年：已更新，放假 2 天，调休上班 1 天（日期不变，只改来源），原安排留作历史。\n",
        "",
    )


def test_command_refuses_a_bad_file_as_a_whole(tmp_path: Path) -> None:
    good = {"year": 2027, "off": ["2027-01-01"], "work": [], "source": "国务院办公厅"}
    code, out, err = _run(_file(tmp_path, [good, {**good, "year": 2028}]))
    assert (code, out) == (2, "")
    assert err == "日历未导入：2028 年的放假日里有 2027-01-01，离这一年太远（只收上年 12 月至次年 1 月的日期）。\n"
    assert calendar_year_history(2027).count() == 0


@pytest.mark.parametrize("name", ["missing.json", "", "a\x00b"])
def test_command_refuses_a_file_it_cannot_read(tmp_path: Path, name: str) -> None:
    code, out, err = _run(f"{tmp_path}/{name}")
    assert (code, out, err) == (2, "", "日历未导入：打不开或读不出这个文件，请检查路径和权限。\n")


def test_shared_notices_are_the_builtin_ones() -> None:
    path = settings.BASE_DIR.parent / "shared" / "data" / "holidays.json"
    if not path.exists():
        pytest.skip("../shared is absent")
    assert notices_read(path.read_bytes()) == builtin_notices()


@pytest.mark.parametrize("table", ["workflow_calendaryear", "workflow_calendarday"])
def test_application_role_may_only_read_and_add(table: str) -> None:
    rights = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(r ORDER BY r) FROM unnest(%s::text[]) r WHERE has_table_privilege(%s, %s, r)",
            [rights, settings.DATABASE_APP_ROLE, table],
        )
        assert cursor.fetchone() == (["INSERT", "SELECT"],)
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'append_only'"
            " AND tgenabled = 'O'",
            [table],
        )
        assert cursor.fetchone() == (1,)


def test_history_cannot_be_rewritten() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        CalendarYear.objects.filter(year=2026).update(source="x")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        CalendarDay.objects.filter(day=date(2026, 10, 1))._raw_delete("default")
