"""The login as contracts/commands.md fixes it, and what it must not tell."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Factor, LoginGuard, Session, User
from audit.models import ActionRow
from tests.accounts.factories import PASSWORD, code_now, logged_in, make_person, post_login

pytestmark = pytest.mark.django_db


def body(answer: Any) -> str:
    """The page without what differs from request to request."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())


def test_login_without_a_factor_leads_to_the_start_page() -> None:
    user = make_person(Duty.INTAKE)
    client = Client()
    answer = post_login(client, user.username)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/")
    page = client.get("/staff/")
    assert (page.status_code, user.name in page.content.decode()) == (200, True)


def test_login_with_a_factor_asks_for_the_code_and_is_nobody_until_then() -> None:
    user = make_person(Duty.DIRECTOR, factor=True)
    client = Client()
    answer = post_login(client, user.username)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/login/code/")
    assert client.get("/staff/").headers["Location"].startswith("/staff/login/")
    wrong = client.post("/staff/login/code/", {"code": "000000" if code_now() != "000000" else "111111"})
    assert wrong.status_code == 400
    answer = client.post("/staff/login/code/", {"code": code_now()})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/")
    assert client.get("/staff/").status_code == 200


def test_login_needs_the_token_of_its_page() -> None:
    user = make_person()
    client = Client(enforce_csrf_checks=True)
    assert post_login(client, user.username).status_code == 403
    page = client.get("/staff/login/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    assert post_login(client, user.username, csrfmiddlewaretoken=token[1]).status_code == 302


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/staff/account/", "/staff/account/"),
        ("/staff/account/?x=1", "/staff/account/?x=1"),
        ("https://elsewhere.example/staff/", "/staff/"),
        ("//elsewhere.example/staff/", "/staff/"),
        ("/announcements/", "/staff/"),
        ("/staff/../announcements/", "/staff/"),
        ("/staff/%2e%2e/announcements/", "/staff/%2e%2e/announcements/"),
        ("/staff\\..\\x", "/staff/"),
        ("javascript:alert(1)", "/staff/"),
    ],
)
def test_login_leads_on_to_staff_pages_of_this_site_only(wanted: str, led: str) -> None:
    user = make_person()
    assert post_login(Client(), user.username, next=wanted).headers["Location"] == led


def test_login_keeps_where_one_wanted_to_go_through_the_code() -> None:
    user = make_person(factor=True)
    client = Client()
    to = client.get("/staff/account/").headers["Location"]
    assert to == "/staff/login/?next=%2Fstaff%2Faccount%2F"
    post_login(client, user.username, next="/staff/account/")
    assert client.post("/staff/login/code/", {"code": code_now()}).headers["Location"] == "/staff/account/"


def test_login_tells_nothing_of_who_exists() -> None:
    known = make_person()
    pages = set()
    for name in (known.username, "niemand", make_person(is_active=False).username, make_person(kind="expert").username):
        client = Client(REMOTE_ADDR="198.51.100.7")
        right = name != known.username
        answer = post_login(client, name, PASSWORD if right else "wrong")
        assert answer.status_code == 400
        pages.add(body(answer).replace(f'value="{name}"', ""))
    assert len(pages) == 1


@pytest.mark.parametrize("known", [True, False])
def test_fifth_failure_locks_known_and_unknown_names_alike(known: bool) -> None:
    name = make_person().username if known else "niemand"
    client = Client()
    assert [post_login(client, name, "wrong").status_code for _ in range(5)] == [400] * 5
    refused = post_login(client, name, PASSWORD)
    assert refused.status_code == 429
    assert re.search(r"到 \d{4}年\d+月\d+日 \d\d:\d\d 为止", refused.content.decode())
    assert 800 < int(refused.headers["Retry-After"]) <= 901


def test_lock_ends_by_the_clock_and_doubles_next_time() -> None:
    user = make_person()
    client = Client()
    for _ in range(5):
        post_login(client, user.username, "wrong")
    later = timedelta(minutes=15, seconds=1)
    guard = LoginGuard.objects.get(key__startswith="account:")
    LoginGuard.objects.filter(pk=guard.pk).update(
        locked_until=guard.locked_until - later, failed_at=guard.failed_at - later
    )
    assert [post_login(client, user.username, "wrong").status_code for _ in range(6)] == [400] * 5 + [429]
    guard.refresh_from_db()
    assert timedelta(minutes=29) < guard.locked_until - timezone.now() <= timedelta(minutes=30)


def test_success_forgets_the_failures() -> None:
    user = make_person()
    client = Client()
    for _ in range(3):
        assert [post_login(client, user.username, "wrong").status_code for _ in range(4)] == [400] * 4
        assert post_login(client, user.username).status_code == 302


def test_right_password_does_not_give_more_codes() -> None:
    user = make_person(factor=True)
    statuses = []
    for _ in range(6):
        client = Client()
        assert post_login(client, user.username).status_code == 302
        statuses.append(client.post("/staff/login/code/", {"code": "12345"}).status_code)
    assert statuses == [400] * 5 + [429]


def test_one_address_is_locked_whatever_names_it_tries() -> None:
    client = Client(REMOTE_ADDR="198.51.100.9")
    statuses = [post_login(client, f"name{number}", "wrong").status_code for number in range(31)]
    assert statuses == [400] * 30 + [429]
    assert post_login(client, make_person().username).status_code == 429
    assert post_login(Client(REMOTE_ADDR="198.51.100.10"), make_person().username).status_code == 302


def test_written_address_of_a_stranger_is_not_believed() -> None:
    client = Client(REMOTE_ADDR="198.51.100.9")
    for number in range(30):
        client.post(
            "/staff/login/", {"username": f"n{number}", "password": "x"}, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}"
        )
    assert post_login(client, make_person().username, HTTP_X_FORWARDED_FOR="10.1.1.1").status_code == 429


@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("value", ["", "\x00", "x" * 5000, "\ud800", "' OR 1=1 --", "甲" * 200])
def test_strange_input_is_a_wrong_login(field: str, value: str) -> None:
    given = {"username": "x", "password": "y", field: value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")}
    assert Client().post("/staff/login/", given).status_code == 400


@pytest.mark.parametrize("code", ["", "\x00", "x" * 5000, "１２３４５６", "AB-CDEF-GHJK", "甲乙"])
def test_strange_code_is_a_wrong_code(code: str) -> None:
    user = make_person(factor=True)
    client = Client()
    post_login(client, user.username)
    assert client.post("/staff/login/code/", {"code": code}).status_code == 400


def test_code_page_without_a_password_leads_back() -> None:
    assert Client().get("/staff/login/code/").headers["Location"] == "/staff/login/"
    assert Client().post("/staff/login/code/", {"code": "123456"}).headers["Location"] == "/staff/login/"


def test_password_given_long_ago_does_not_wait_for_a_code() -> None:
    user = make_person(factor=True)
    client = Client()
    post_login(client, user.username)
    session = client.session
    session["pending"] = {**session["pending"], "at": session["pending"]["at"] - 301}
    session.save()
    assert client.post("/staff/login/code/", {"code": code_now()}).headers["Location"] == "/staff/login/"


def test_session_key_changes_at_login() -> None:
    user = make_person(factor=True)
    client = Client()
    post_login(client, user.username)
    before = client.cookies["staff_session"].value
    client.post("/staff/login/code/", {"code": code_now()})
    assert client.cookies["staff_session"].value != before
    assert Session.objects.count() == 1


def test_logins_and_failures_are_written_down_without_what_was_typed() -> None:
    user = make_person(Duty.INTAKE)
    client = Client(REMOTE_ADDR="198.51.100.3")
    post_login(client, "my-secret-password", "x")
    post_login(client, user.username, "wrong")
    post_login(client, user.username)
    client.post("/staff/logout/")
    rows = list(ActionRow.objects.order_by("id").values_list("tag", "by", "subject", "success", "address"))
    subject = f"accounts.user:{user.pk}"
    assert rows == [
        ("session.login", None, "", False, "198.51.100.3"),
        ("session.login", None, subject, False, "198.51.100.3"),
        ("session.login", user.pk, subject, True, "198.51.100.3"),
        ("session.logout", user.pk, subject, True, "198.51.100.3"),
    ]
    assert "my-secret" not in "".join(str(row.detail) for row in ActionRow.objects.all())


def test_logout_needs_a_post_and_ends_the_session() -> None:
    client = logged_in(make_person(Duty.INTAKE))
    assert client.get("/staff/logout/").status_code == 405
    assert client.get("/staff/").status_code == 200
    assert client.post("/staff/logout/").headers["Location"] == "/staff/login/?ended=logout"
    assert client.get("/staff/").status_code == 302
    assert Session.objects.count() == 0


def test_closed_account_is_out_at_once() -> None:
    user = make_person(Duty.INTAKE)
    client = logged_in(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/staff/").headers["Location"].startswith("/staff/login/")


def test_demonstration_logins_open_nothing_to_other_machines(settings: Any) -> None:
    user = make_person(is_demo=True)
    settings.DEMO_LOGINS = False
    assert post_login(Client(), user.username).status_code == 400
    settings.DEMO_LOGINS = True
    assert post_login(Client(), user.username).status_code == 302


def test_who_needs_a_factor_and_has_none_can_only_set_it_up() -> None:
    client = logged_in(make_person(Duty.EXPERT_DRAW))
    assert client.get("/staff/").headers["Location"] == "/staff/account/factor/"
    assert client.get("/staff/delegations/").headers["Location"] == "/staff/account/factor/"
    assert client.get("/staff/account/factor/").status_code == 200
    assert Factor.objects.count() == 0


def test_confirming_oneself_is_locked_like_the_login() -> None:
    user = make_person(Duty.INTAKE)
    client = logged_in(user)
    sent = {"password": "wrong", "new": "Shan-Shui-43", "again": "Shan-Shui-43"}
    answers = [client.post("/staff/account/password/", sent) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [400] * 5 + [429]
    assert "失败次数太多" in answers[5].content.decode()
