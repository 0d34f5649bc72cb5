"""Sessions: staff pages only, limits by the clock, keys that nobody can read from the database."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import DutyAssignment, Session
from tests.accounts.factories import logged_in, make_person, post_login

pytestmark = pytest.mark.django_db


def age(client: Client, **back: timedelta) -> None:
    """Move moments of the client's session into the past."""
    session = client.session
    for name, delta in back.items():
        session[name] -= delta.total_seconds()
    session.save()


@pytest.mark.parametrize("path", ["/", "/announcements/", "/large/", "/about/", "/api/v1/announcements/"])
def test_public_page_sets_no_cookie_for_staff_either(path: str) -> None:
    client = logged_in(make_person(Duty.INTAKE))
    answer = client.get(path)
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize("path", ["/staff/login/", "/large/staff/login/", "/staff/"])
def test_staff_page_is_kept_by_nobody(path: str) -> None:
    assert Client().get(path).headers["Cache-Control"] == "no-store"


def test_login_page_makes_no_session() -> None:
    client = Client()
    client.get("/staff/login/")
    post_login(client, "niemand", "wrong")
    assert Session.objects.count() == 0
    assert set(client.cookies) == {"staff_csrf"}


def test_large_print_works_on_the_staff_side() -> None:
    client = logged_in(make_person(Duty.INTAKE))
    page = client.get("/large/staff/account/")
    assert (page.status_code, 'class="large"' in page.content.decode()) == (200, True)
    assert 'href="/large/staff/account/sessions/"' in page.content.decode()


def test_cookies_are_for_the_server_alone(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.ALLOWED_HOSTS = ["*"]
    user = make_person()
    outside = Client(headers={"host": "center.example"})
    answer = outside.post("/staff/login/", {"username": user.username, "password": "Shan-Shui-42"}, secure=True)
    for cookie in answer.cookies.values():
        assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True), cookie
    inside = Client(headers={"host": "localhost:8000"}).post(
        "/staff/login/", {"username": user.username, "password": "Shan-Shui-42"}
    )
    assert {cookie["secure"] for cookie in inside.cookies.values()} == {""}


def test_idle_session_ends() -> None:
    client = logged_in(make_person(Duty.INTAKE))
    age(client, seen=timedelta(minutes=29))
    assert client.get("/staff/").status_code == 200
    age(client, seen=timedelta(minutes=31))
    to = client.get("/staff/account/").headers["Location"]
    assert to == "/staff/login/?next=%2Fstaff%2Faccount%2F&ended=idle"
    assert "30 分钟" in client.get(to).content.decode()
    assert Session.objects.count() == 0


def test_session_ends_after_twelve_hours_of_work() -> None:
    client = logged_in(make_person(Duty.INTAKE))
    age(client, begun=timedelta(hours=11, minutes=59))
    assert client.get("/staff/").status_code == 200
    age(client, begun=timedelta(minutes=2))
    assert client.get("/staff/").headers["Location"].endswith("ended=longest")


def test_use_is_noted_once_a_minute(django_assert_num_queries: Any) -> None:
    client = logged_in(make_person(Duty.INTAKE))
    before = Session.objects.get().seen_at
    client.get("/staff/")
    assert Session.objects.get().seen_at == before
    age(client, seen=timedelta(seconds=61))
    client.get("/staff/")
    assert Session.objects.get().seen_at >= before
    # session, person, duties: nothing is written
    with django_assert_num_queries(3):
        client.get("/staff/")


def test_database_does_not_hold_the_cookie() -> None:
    client = logged_in(make_person())
    cookie = client.cookies["staff_session"].value
    row = Session.objects.get()
    assert cookie not in json.dumps([row.session_key, row.session_data])
    thief = Client()
    thief.cookies["staff_session"] = row.session_key
    assert thief.get("/staff/").status_code == 302


def test_list_shows_devices_and_ends_one_or_all_others() -> None:
    user = make_person(Duty.INTAKE)
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"
    mine = logged_in(user, headers={"user-agent": agent}, REMOTE_ADDR="192.0.2.4")
    others = [logged_in(user) for _ in range(3)]
    page = mine.get("/staff/account/sessions/").content.decode()
    assert "Windows · Chrome 120" in page and "192.0.2.4" in page and page.count("本机") == 1
    key = Session.objects.exclude(address="192.0.2.4").order_by("begun_at").first().session_key  # type: ignore[union-attr]
    mine.post("/staff/account/sessions/", {"session": key})
    assert [c.get("/staff/").status_code for c in (mine, *others)] == [200, 302, 200, 200]
    mine.post("/staff/account/sessions/")
    assert [c.get("/staff/").status_code for c in (mine, *others)] == [200, 302, 302, 302]


def test_nobody_ends_the_session_of_another() -> None:
    victim = logged_in(make_person(Duty.INTAKE))
    key = Session.objects.get().session_key
    logged_in(make_person(Duty.INTAKE)).post("/staff/account/sessions/", {"session": key})
    assert victim.get("/staff/").status_code == 200


def test_session_goes_on_under_another_key_when_rights_change() -> None:
    user = make_person(Duty.INTAKE)
    client = logged_in(user)
    client.get("/staff/")
    before = client.cookies["staff_session"].value
    client.get("/staff/")
    assert client.cookies["staff_session"].value == before
    DutyAssignment.objects.create(user=user, duty=Duty.ARCHIVE, begins_at=timezone.now() - timedelta(minutes=1))
    assert client.get("/staff/").status_code == 200
    assert client.cookies["staff_session"].value != before
    assert client.get("/staff/").status_code == 200
    assert Session.objects.count() == 1
