"""Parallel attempts with real threads and transactions: no more guesses than the rule gives, no code twice, no 500."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Department, DutyAssignment, RecoveryCode, User
from accounts.services import duties, factors
from core.errors import BusinessError
from tests.accounts.factories import code_now, make_person, post_login, rules_of_assignments_off
from tests.staff import client_of as logged_in_quickly

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")


def together(count: int, action: Callable[[int], T]) -> list[T]:
    """``action(0)``, ``action(1)`` … at the same moment, each on a connection of its own."""
    barrier = Barrier(count)

    def run(number: int) -> T:
        try:
            barrier.wait(30)
            return action(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_twenty_wrong_logins_at_once_are_five_guesses() -> None:
    user = make_person()
    statuses = together(20, lambda n: post_login(Client(), user.username, "wrong").status_code)
    assert sorted(statuses) == [400] * 5 + [429] * 15
    assert post_login(Client(), user.username).status_code == 429


def test_code_works_for_one_of_those_who_use_it_at_once() -> None:
    user = make_person(factor=True)
    code = code_now()
    results = together(6, lambda n: factors.code_use(user=user, code=code, now=timezone.now()))
    assert sorted(results) == [""] * 5 + ["totp"]


def test_recovery_code_works_for_one_of_those_who_use_it_at_once() -> None:
    user = make_person(factor=True)
    code = factors.recovery_codes_renew(user=user, now=timezone.now())[3]
    results = together(4, lambda n: factors.code_use(user=user, code=code, now=timezone.now()))
    assert sorted(results) == ["", "", "", "recovery"]
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


def test_two_who_give_excluding_duties_at_once_do_not_both_succeed() -> None:
    givers = [make_person(Duty.SECURITY_ADMIN) for _ in range(2)]
    for _ in range(5):
        user = make_person()
        wanted = [Duty.AUDIT_ADMIN, Duty.INTAKE]

        def give(number: int, user: User = user, wanted: list[Duty] = wanted) -> str:
            now = timezone.now()
            try:
                duties.duty_give(
                    user=user, duty=wanted[number], department=None, begins_at=now, by=givers[number], now=now
                )
            except BusinessError as error:
                return error.code
            return "given"

        assert sorted(together(2, give)) == ["accounts_duty_excluded", "given"]
        assert DutyAssignment.objects.filter(user=user).count() == 1


def test_two_who_give_a_pair_at_once_do_not_both_succeed() -> None:
    giver = make_person(Duty.SECURITY_ADMIN)
    wanted = [Duty.ANNOUNCEMENT_DRAFT, Duty.ANNOUNCEMENT_CHECK, Duty.SECRECY_CHECK]
    office = Department.objects.get(code="intake")
    browsers = [logged_in_quickly(giver) for _ in range(4)]
    for _ in range(5):
        user = make_person()

        def give(number: int, user: User = user) -> int:
            sent = {"user": user.pk, "duty": wanted[number % 2], "department": office.pk,
                    "begins": timezone.localdate().isoformat(), "ends": ""}  # fmt: skip
            return int(browsers[number].post("/staff/duties/give/", sent).status_code)

        assert sorted(together(4, give)) == [302, 400, 400, 400]
        assert DutyAssignment.objects.filter(user=user).count() == 1


def test_a_delegation_and_an_assignment_at_once_do_not_make_a_pair() -> None:
    director, giver = make_person(Duty.DIRECTOR), make_person(Duty.SECURITY_ADMIN)
    for _ in range(5):
        absent, deputy = make_person(Duty.ANNOUNCEMENT_DRAFT), make_person()
        now = timezone.now()
        common = {"begins_at": now, "ends_at": now + timedelta(days=3), "now": now}

        def act(number: int, absent: User = absent, deputy: User = deputy, common: Any = common) -> str:
            try:
                if number:
                    duties.duty_delegate(
                        duty=Duty.ANNOUNCEMENT_DRAFT, absent=absent, deputy=deputy, by=director, **common
                    )
                else:
                    duties.duty_give(user=deputy, duty=Duty.ANNOUNCEMENT_CHECK, department=None, by=giver, **common)
            except BusinessError as error:
                return error.code
            return "done"

        found = together(2, act)
        assert found.count("done") == 1 and set(found) <= {"done", "pair", "accounts_duty_pair"}, found


def test_an_assignment_older_than_the_rule_can_be_ended() -> None:
    user, giver = make_person(Duty.ANNOUNCEMENT_DRAFT), make_person(Duty.SECURITY_ADMIN)
    with rules_of_assignments_off():
        second = DutyAssignment.objects.create(
            user=user, duty=Duty.ANNOUNCEMENT_CHECK, begins_at=timezone.now() - timedelta(days=1)
        )
    duties.duty_end(assignment=second, by=giver, now=timezone.now())
    second.refresh_from_db()
    assert second.ends_at is not None


def test_last_two_administrators_do_not_close_each_other() -> None:
    from accounts.services import people  # noqa: PLC0415 (beside its only use)

    both = [make_person(Duty.SYSTEM_ADMIN) for _ in range(2)]

    def close(number: int) -> Any:
        try:
            people.account_close(user=both[1 - number], by=both[number], now=timezone.now())
        except BusinessError as error:
            return error.code
        return "closed"

    assert sorted(together(2, close)) in (["closed", "last_admin"], ["closed", "no_duty"])
    assert User.objects.filter(is_active=True).count() == 1
