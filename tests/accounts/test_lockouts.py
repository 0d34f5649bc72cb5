"""Failed logins lock strangers out, not the people of the house; what is locked can be seen and opened."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.devices import COOKIE
from accounts.duties import Duty
from accounts.models import LoginGuard, User
from accounts.rulebook import ACCOUNT_RULE, ADDRESS_RULE
from accounts.services import guards
from audit.models import ActionRow
from core.errors import BusinessError
from tests.accounts.factories import PASSWORD, code_now, make_person, post_login
from tests.staff import client_of
from tests.staff import make_person as staff

pytestmark = pytest.mark.django_db
HERE = "127.0.0.1"


def lock(key: str) -> None:
    """As after too many failures."""
    now = timezone.now()
    values = {"failures": 30, "locks": 1, "failed_at": now, "touched_at": now}
    LoginGuard.objects.update_or_create(key=key, defaults={**values, "locked_until": now + timedelta(minutes=10)})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_locked_address_stops_those_who_never_logged_in_from_there_and_nobody_else() -> None:
    old, new = make_person(), make_person()
    assert post_login(Client(), old.username).status_code == 302
    lock(guards.address_key(HERE))
    refused = post_login(Client(), new.username)
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    assert "没有从这里登录过的账号" in text(refused) and "登录锁定" in text(refused)
    assert post_login(Client(), old.username).status_code == 302
    assert post_login(Client(REMOTE_ADDR="192.0.2.9"), new.username).status_code == 302


def test_thirty_wrong_attempts_from_an_address_do_not_shut_the_house_out() -> None:
    user, browser = make_person(), Client()
    assert post_login(browser, user.username).status_code == 302
    for number in range(ADDRESS_RULE.failures):
        post_login(Client(), f"niemand{number}", "wrong")
    assert post_login(Client(), "niemand", "wrong").status_code == 429
    assert post_login(Client(), user.username).status_code == 302


def test_a_device_known_for_the_name_gets_in_while_strangers_lock_the_name() -> None:
    user, own = make_person(), Client()
    assert post_login(own, user.username).status_code == 302
    own.cookies.pop("staff_session")
    for _ in range(ACCOUNT_RULE.failures):
        post_login(Client(), user.username, "wrong")
    assert post_login(Client(), user.username).status_code == 429
    assert post_login(own, user.username).status_code == 302
    # The strangers stay locked out.
    assert post_login(Client(), user.username).status_code == 429


def test_a_known_device_has_no_more_guesses_than_anybody() -> None:
    user, own = make_person(), Client()
    post_login(own, user.username)
    own.cookies.pop("staff_session")
    statuses = [post_login(own, user.username, "wrong").status_code for _ in range(ACCOUNT_RULE.failures + 1)]
    assert statuses == [400] * ACCOUNT_RULE.failures + [429]
    assert post_login(own, user.username).status_code == 429


def test_the_device_cookie_is_signed_stays_below_staff_and_serves_its_name_alone() -> None:
    user, other, own = make_person(), make_person(), Client()
    assert COOKIE not in own.get("/staff/login/").cookies
    cookie = post_login(own, user.username).cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/staff/", True, "Lax")
    assert user.username not in cookie.value
    lock(guards.account_key(other.username))
    own.cookies.pop("staff_session")
    assert post_login(own, other.username).status_code == 429
    lock(guards.account_key(user.username))
    forged = Client()
    forged.cookies[COOKIE] = cookie.value[:-3] + "abc"
    assert post_login(forged, user.username).status_code == 429


def test_the_device_is_known_after_the_second_factor_alone() -> None:
    user, own = make_person(factor=True), Client()
    assert COOKIE not in post_login(own, user.username).cookies
    assert COOKIE in own.post("/staff/login/code/", {"code": code_now()}).cookies


@pytest.mark.parametrize("duty", [Duty.SYSTEM_ADMIN, Duty.SECURITY_ADMIN])
def test_an_administrator_sees_what_is_locked_and_opens_it(duty: Duty) -> None:
    user, admin = make_person(name="周予安"), client_of(staff(duty))
    lock(guards.address_key("192.0.2.7"))
    lock(guards.account_key(user.username))
    lock(guards.account_key("pass-word typed here"))
    page = text(admin.get("/staff/people/locks/"))
    assert all(words in page for words in ("192.0.2.7", "周予安", "没有这个登录名")) and "typed here" not in page
    for key in (guards.address_key("192.0.2.7"), guards.account_key(user.username)):
        assert admin.post("/staff/people/locks/", {"key": key}).status_code == 302
    assert post_login(Client(REMOTE_ADDR="192.0.2.7"), user.username).status_code == 302
    rows = [row.detail for row in ActionRow.objects.filter(detail__what="unlock").order_by("pk")]
    assert rows == [{"what": "unlock", "place": "192.0.2.7"}, {"what": "unlock"}]
    again = admin.post("/staff/people/locks/", {"key": guards.address_key("192.0.2.7")})
    assert again.status_code == 400 and "已经没有锁定了" in text(again)


def test_locks_are_not_for_others_and_not_for_oneself() -> None:
    assert client_of(staff(Duty.AUDIT_ADMIN)).get("/staff/people/locks/").status_code == 403
    me = staff(Duty.SYSTEM_ADMIN)
    lock(guards.account_key(me.username))
    answer = client_of(me).post("/staff/people/locks/", {"key": guards.account_key(me.username)})
    assert answer.status_code == 400 and "自己账号" in text(answer)


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("staff_unlock", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_opens_an_address_and_says_what_it_opened() -> None:
    lock(guards.address_key("192.0.2.7"))
    assert "已解除地址 192.0.2.7 的限制（登录）" in command("--address", "192.0.2.7")
    assert "没有被锁定" in command("--address", "192.0.2.7")
    with pytest.raises(BusinessError, match="不是网络地址"):
        command("--address", "here")
    with pytest.raises(BusinessError, match="请给出登录名"):
        command()


def test_a_wrong_code_and_a_used_code_say_what_they_are_and_no_code_counts_for_nothing() -> None:
    user, browser = make_person(factor=True), Client()
    post_login(browser, user.username)
    wrong = browser.post("/staff/login/code/", {"code": "000000" if code_now() != "000000" else "111111"})
    assert "验证码不对" in text(wrong) and "登录名、密码" not in text(wrong) and "大小写" not in text(wrong)
    before = LoginGuard.objects.get(key=guards.code_key(user)).failures
    for _ in range(8):
        empty = browser.post("/staff/login/code/", {"code": "  "})
    assert empty.status_code == 400 and "请输入验证码" in text(empty)
    assert LoginGuard.objects.get(key=guards.code_key(user)).failures == before
    code = code_now()
    assert browser.post("/staff/login/code/", {"code": code}).status_code == 302
    second = Client()
    post_login(second, user.username)
    used = second.post("/staff/login/code/", {"code": code})
    assert used.status_code == 400 and "已经用过" in text(used) and "显示下一个" in text(used)


def test_who_is_asked_again_too_often_gets_429_and_strangers_cannot_cause_it() -> None:
    user, browser = make_person(), Client()
    post_login(browser, user.username)
    lock(guards.account_key(user.username))
    sent = {"password": "wrong", "new": "x", "again": "x"}
    statuses = [browser.post("/staff/account/factor/begin/", sent).status_code for _ in range(6)]
    assert statuses == [400] * ACCOUNT_RULE.failures + [429]
    last = browser.post("/staff/account/factor/begin/", {"password": PASSWORD})
    assert last.status_code == 429 and int(last.headers["Retry-After"]) > 0
    assert User.objects.filter(pk=user.pk, factor__isnull=True).exists()
