"""Staff pages that were refused: one row a minute for a person, the rest counted, shown to the audit administrator."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from accounts.duties import Duty
from audit.denials import MOST_ROUTES, denial_record, denials_of, denials_sweep
from audit.models import ActionRow, Denial
from audit.tags import Tag
from core.moments import SHANGHAI
from tests.portal.conftest import plain_static
from tests.staff import client_of, make_person

__all__ = ["plain_static"]
pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 2, 0, 30, tzinfo=UTC)
PAGE = "/staff/audit/denials/"


def record(user: object, *, seconds: int = 0, route: str = "staff/people/", method: str = "GET") -> int:
    at = NOW + timedelta(seconds=seconds)
    return denial_record(by=user, route=route, method=method, address="10.1.2.3", now=at)


def test_a_refused_page_leaves_a_row_of_who_which_and_from_where() -> None:
    user = make_person(Duty.INTAKE, name="赵受理")
    client = client_of(user)
    assert client.get("/staff/people/7/").status_code == 403
    row = ActionRow.objects.get(tag=Tag.DENIED)
    assert (row.by, row.success, row.subject) == (user, False, "staff/people/<int:pk>/")
    assert (row.detail, row.address) == ({"method": "GET"}, "127.0.0.1")


def test_what_is_allowed_or_asks_for_the_login_leaves_none() -> None:
    client = client_of(make_person(Duty.INTAKE))
    client.get("/staff/")
    Client().get("/staff/people/")
    assert not ActionRow.objects.filter(tag=Tag.DENIED).exists() and not Denial.objects.exists()


def test_a_scanner_fills_one_row_a_minute() -> None:
    user = make_person(Duty.INTAKE)
    assert [record(user, seconds=n % 30, route=f"staff/page{n}/") for n in (0, 1, 1)] == [1, 2, 3]
    assert record(user, seconds=30, method="POST") == 1
    assert record(make_person(Duty.FINANCE)) == 1
    assert ActionRow.objects.filter(tag=Tag.DENIED).count() == 3
    first = Denial.objects.get(user=user, minute=NOW.replace(second=0))
    assert (first.count, first.routes) == (3, ["GET staff/page0/", "GET staff/page1/"])
    for number in range(MOST_ROUTES + 5):
        record(user, route=f"staff/many{number}/")
    first.refresh_from_db()
    assert (first.count, len(first.routes)) == (3 + MOST_ROUTES + 5, MOST_ROUTES)


@pytest.mark.django_db(transaction=True)
def test_refusals_at_once_are_all_counted_and_make_one_row() -> None:
    user = make_person(Duty.INTAKE)
    begin = threading.Barrier(6)

    def one() -> None:
        begin.wait()
        record(user)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Denial.objects.get().count == 6
    assert ActionRow.objects.filter(tag=Tag.DENIED).count() == 1


def test_the_audit_page_shows_and_filters_them() -> None:
    user = make_person(Duty.INTAKE, name="赵受理")
    client_of(user).get("/staff/people/")
    client_of(user).post("/staff/duties/give/")
    auditor = client_of(make_person(Duty.AUDIT_ADMIN))
    listed = auditor.get("/staff/audit/?tag=page.denied&success=no").content.decode()
    assert "赵受理" in listed and "staff/people/" in listed and "打开没有职责的页面" in listed
    assert "赵受理" not in auditor.get("/staff/audit/?tag=data.export").content.decode()
    shown = auditor.get(PAGE).content.decode()
    assert "GET staff/people/" in shown and "POST staff/duties/give/" in shown and user.username in shown
    assert "这一天没有人" in auditor.get(PAGE + "?day=2026-01-01").content.decode()
    assert auditor.get(PAGE + "?day=yesterday").status_code == 400


def test_the_page_takes_as_many_queries_for_three_rows_as_for_one(django_assert_num_queries: object) -> None:
    record(make_person(Duty.INTAKE))
    day = NOW.astimezone(SHANGHAI).date()
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len([str(row.user) for row in denials_of(day)]) == 1
    record(make_person(Duty.INTAKE))
    record(make_person(Duty.INTAKE))
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len([str(row.user) for row in denials_of(day)]) == 3


def test_counts_go_after_six_months_and_rows_stay() -> None:
    user = make_person(Duty.INTAKE)
    record(user)
    assert denials_sweep(now=NOW + timedelta(days=170)) == 0
    assert denials_sweep(now=NOW + timedelta(days=200)) == 1
    assert not Denial.objects.exists() and ActionRow.objects.filter(tag=Tag.DENIED).count() == 1
