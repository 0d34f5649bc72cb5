"""The second factor: RFC 6238's numbers, each code once, printed codes."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import totp
from accounts.duties import Duty
from accounts.models import Factor, RecoveryCode
from accounts.services import factors
from core import keys
from tests.accounts.factories import PASSWORD, SECRET, code_now, logged_in, make_person, post_login

pytestmark = pytest.mark.django_db
# RFC 6238, appendix B, SHA-1, the last six of its eight digits.
RFC = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.mark.parametrize(("seconds", "code"), RFC.items())
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert totp.code_at(b"12345678901234567890", totp.step_of(datetime.fromtimestamp(seconds, UTC))) == code


@pytest.mark.parametrize(("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clock_may_drift_by_one_step(steps: int, works: bool) -> None:
    now = timezone.now()
    user = make_person(factor=True)
    code = totp.code_at(SECRET, totp.step_of(now) + steps)
    assert bool(factors.code_use(user=user, code=code, now=now)) == works


def test_code_and_those_before_it_work_once() -> None:
    now = timezone.now()
    user = make_person(factor=True)
    step = totp.step_of(now)
    assert factors.code_use(user=user, code=totp.code_at(SECRET, step), now=now) == "totp"
    assert factors.code_use(user=user, code=totp.code_at(SECRET, step), now=now) == ""
    assert factors.code_use(user=user, code=totp.code_at(SECRET, step - 1), now=now) == ""
    later = now + timedelta(seconds=30)
    assert factors.code_use(user=user, code=totp.code_at(SECRET, step + 1), now=later) == "totp"


def test_code_may_be_typed_in_groups() -> None:
    code = code_now()
    assert factors.code_use(user=make_person(factor=True), code=f" {code[:3]} {code[3:]} ", now=timezone.now())


def test_secret_is_not_in_the_database() -> None:
    user = make_person(Duty.DIRECTOR)
    secret = factors.factor_begin(user=user, now=timezone.now())
    row = Factor.objects.get()
    assert secret not in row.waiting
    assert base64.b32encode(bytes.fromhex(keys.decrypt(row.waiting, context="accounts.Factor"))).decode() == secret


def enrol(client: Client) -> str:
    """Through the pages; the last page."""
    answer = client.post("/staff/account/factor/begin/", {"password": PASSWORD})
    assert answer.headers["Location"] == "/staff/account/factor/confirm/"
    page = client.get("/staff/account/factor/confirm/").content.decode()
    secret = base64.b32decode(re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", ""))  # type: ignore[index]
    assert "data:image/svg+xml" in page
    assert client.post("/staff/account/factor/confirm/", {"code": "12"}).status_code == 400
    code = totp.code_at(secret, totp.step_of(timezone.now()))
    return client.post("/staff/account/factor/confirm/", {"code": code}).content.decode()


def test_enrolment_opens_the_pages_and_prints_ten_codes_once() -> None:
    user = make_person(Duty.EXPERT_DRAW)
    client = logged_in(user)
    before = client.cookies["staff_session"].value
    codes = re.findall(r"<code>([A-Z2-9]{2}-[A-Z2-9]{4}-[A-Z2-9]{4})</code>", enrol(client))
    assert len(set(codes)) == 10
    assert client.get("/staff/").status_code == 200
    assert client.cookies["staff_session"].value != before
    assert {c.encoded[:6] for c in RecoveryCode.objects.all()} == {"argon2"}
    for code, status in ((codes[0].lower(), 302), (codes[0], 400), (codes[1].replace("-", ""), 302)):
        phone = Client()
        assert post_login(phone, user.username).headers["Location"] == "/staff/login/code/"
        assert phone.post("/staff/login/code/", {"code": code}).status_code == status


def test_enrolment_asks_who_sits_there() -> None:
    client = logged_in(make_person(Duty.EXPERT_DRAW))
    assert client.post("/staff/account/factor/begin/", {"password": "wrong"}).status_code == 400
    assert not Factor.objects.exists()


def test_new_phone_needs_a_code_and_the_old_one_works_until_then() -> None:
    user = make_person(Duty.DIRECTOR, factor=True)
    client = logged_in(user)
    assert client.post("/staff/account/factor/begin/", {"password": PASSWORD, "code": "1"}).status_code == 400
    answer = client.post("/staff/account/factor/begin/", {"password": PASSWORD, "code": code_now(1)})
    assert answer.status_code == 302
    factor = Factor.objects.get()
    assert (
        factor.waiting
        and bytes.fromhex(keys.decrypt(factor.secret, context="accounts.Factor")) == SECRET
        and factor.confirmed_at
    )
    assert post_login(Client(), user.username).headers["Location"] == "/staff/login/code/"


def test_session_without_the_code_is_not_enough_after_enrolment_elsewhere() -> None:
    user = make_person(Duty.EXPERT_DRAW)
    first, second = logged_in(user), logged_in(user)
    enrol(first)
    assert second.get("/staff/").headers["Location"] == "/staff/account/factor/"
    assert "退出后重新登录" in second.get("/staff/account/factor/").content.decode()


def test_renewed_codes_make_the_old_ones_void() -> None:
    user = make_person(Duty.DIRECTOR, factor=True)
    old = factors.recovery_codes_renew(user=user, now=timezone.now())
    client = logged_in(user)
    answer: Any = client.post("/staff/account/factor/codes/", {"password": PASSWORD, "code": old[0]})
    assert answer.content.decode().count("<code>") == 10
    assert factors.code_use(user=user, code=old[1], now=timezone.now()) == ""
