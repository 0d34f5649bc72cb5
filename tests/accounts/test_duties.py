"""Who may have which duty, who may give it, delegation: in the service with a sentence, in the database for good."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.duties import ADMINISTRATORS, Duty
from accounts.models import Department, DutyAssignment, User
from accounts.selectors import duties_of, people_with
from accounts.services.duties import delegation_end, duty_delegate, duty_end, duty_give
from audit.models import ActionRow
from core.errors import BusinessError
from core.moments import SHANGHAI
from tests.accounts.factories import logged_in, make_person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def give(user: User, duty: Duty, by: User | None, **more: Any) -> DutyAssignment:
    """Give ``duty`` from now on."""
    now = timezone.now()
    return duty_give(**{"user": user, "duty": duty, "department": None, "begins_at": now, "by": by, "now": now, **more})


def delegate(duty: Duty, absent: User, deputy: User, by: User, **more: Any) -> DutyAssignment:
    """Delegate ``duty`` for three days."""
    now = timezone.now()
    period = {"begins_at": now, "ends_at": now + 3 * DAY, "now": now}
    return duty_delegate(**{"duty": duty, "absent": absent, "deputy": deputy, "by": by, **period, **more})


def code_of(action: Any) -> str:
    """The code of the refusal."""
    with pytest.raises(BusinessError) as caught:
        action()
    return caught.value.code


def test_security_administrator_gives_and_ends_and_both_are_written_down() -> None:
    admin, user = make_person(Duty.SECURITY_ADMIN), make_person()
    row = give(user, Duty.INTAKE, admin, address="192.0.2.1")
    assert duties_of(user, now=timezone.now()) == {Duty.INTAKE}
    duty_end(assignment=row, by=admin, now=timezone.now())
    assert duties_of(user, now=timezone.now()) == frozenset()
    found = ActionRow.objects.filter(tag="rights.change").order_by("id")
    assert [(r.detail["what"], r.detail["duty"], r.by, r.subject) for r in found] == [
        ("give", "intake", admin, f"accounts.user:{user.pk}"),
        ("end", "intake", admin, f"accounts.user:{user.pk}"),
    ]
    assert code_of(lambda: duty_end(assignment=row, by=admin, now=timezone.now())) == "ended"


@pytest.mark.parametrize("duty", [d for d in Duty if d != Duty.SECURITY_ADMIN])
def test_nobody_else_gives_rights(duty: Duty) -> None:
    assert code_of(lambda: give(make_person(), Duty.INTAKE, make_person(duty))) == "no_duty"


def test_nobody_gives_or_ends_his_own() -> None:
    admin = make_person(Duty.SECURITY_ADMIN)
    make_person(Duty.SECURITY_ADMIN)
    assert code_of(lambda: give(admin, Duty.INTAKE, admin)) == "oneself"
    own = DutyAssignment.objects.get(user=admin)
    assert code_of(lambda: duty_end(assignment=own, by=admin, now=timezone.now())) == "oneself"
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyAssignment.objects.create(user=admin, duty=Duty.INTAKE, begins_at=timezone.now(), given_by=admin)


@pytest.mark.parametrize("admin", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("other", [*Duty])
def test_administrators_exclude_every_other_duty_in_the_database(admin: Duty, other: Duty) -> None:
    user = make_person(admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyAssignment.objects.create(
            user=user, duty=other, begins_at=timezone.now(), department=Department.objects.get(code="intake")
        )
    if other not in ADMINISTRATORS:
        with pytest.raises(IntegrityError), transaction.atomic():
            DutyAssignment.objects.create(user=make_person(other), duty=admin, begins_at=timezone.now())


def test_refusal_of_the_database_is_a_sentence() -> None:
    admin = make_person(Duty.SECURITY_ADMIN)
    user = make_person(Duty.INTAKE)
    assert code_of(lambda: give(user, Duty.SYSTEM_ADMIN, admin)) == "accounts_duty_excluded"
    office = Department.objects.get(code="intake")
    assert code_of(lambda: give(user, Duty.INTAKE, admin, department=office)) == "accounts_duty_twice"
    give(user, Duty.INTAKE, admin, department=Department.objects.get(code="witness"))


def test_one_after_the_other_is_allowed() -> None:
    admin, user = make_person(Duty.SECURITY_ADMIN), make_person(Duty.INTAKE)
    duty_end(assignment=DutyAssignment.objects.get(user=user), by=admin, now=timezone.now())
    give(user, Duty.AUDIT_ADMIN, admin)
    assert duties_of(user, now=timezone.now()) == {Duty.AUDIT_ADMIN}


def test_moving_a_period_onto_another_duty_is_refused_too() -> None:
    user = make_person()
    now = timezone.now()
    old = DutyAssignment.objects.create(user=user, duty=Duty.INTAKE, begins_at=now - 9 * DAY, ends_at=now - DAY)
    DutyAssignment.objects.create(user=user, duty=Duty.AUDIT_ADMIN, begins_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyAssignment.objects.filter(pk=old.pk).update(ends_at=now + DAY)


def test_maker_is_not_made_checker() -> None:
    admin, user = make_person(Duty.SECURITY_ADMIN), make_person(Duty.DEPOSIT_MAKE)
    assert code_of(lambda: give(user, Duty.DEPOSIT_CHECK, admin)) == "pair"


@pytest.mark.parametrize("change", [{"ends_at": timezone.now() - DAY}, {"user": None}])
def test_nonsense_is_refused(change: dict[str, Any]) -> None:
    admin = make_person(Duty.SECURITY_ADMIN)
    user = make_person(is_active="user" not in change)
    more = {k: v for k, v in change.items() if v}
    assert code_of(lambda: give(user, Duty.INTAKE, admin, **more)) in ("bad_period", "closed")


def test_last_administrator_is_kept() -> None:
    admin, audit = make_person(Duty.SECURITY_ADMIN), make_person(Duty.AUDIT_ADMIN)
    row = DutyAssignment.objects.get(user=audit)
    assert code_of(lambda: duty_end(assignment=row, by=admin, now=timezone.now())) == "last_admin"
    make_person(Duty.AUDIT_ADMIN)
    duty_end(assignment=row, by=admin, now=timezone.now())


def test_delegated_duty_counts_for_its_period_and_can_be_taken_back() -> None:
    boss, absent, deputy = make_person(Duty.DIRECTOR), make_person(Duty.ANNOUNCEMENT_CHECK), make_person(Duty.INTAKE)
    row = delegate(Duty.ANNOUNCEMENT_CHECK, absent, deputy, boss)
    now = timezone.now()
    assert set(people_with(Duty.ANNOUNCEMENT_CHECK, now=now)) == {absent, deputy}
    assert set(people_with(Duty.ANNOUNCEMENT_CHECK, now=now + 4 * DAY)) == {absent}
    delegation_end(assignment=row, by=absent, now=now)
    assert set(people_with(Duty.ANNOUNCEMENT_CHECK, now=timezone.now())) == {absent}
    assert [r.detail["what"] for r in ActionRow.objects.order_by("id")] == ["delegate", "delegation_end"]


def test_delegation_refuses_what_it_must() -> None:
    boss, maker, checker = make_person(Duty.DIRECTOR), make_person(Duty.DEPOSIT_MAKE), make_person(Duty.DEPOSIT_CHECK)
    system = make_person(Duty.SYSTEM_ADMIN)
    plain = make_person()
    assert code_of(lambda: delegate(Duty.DEPOSIT_MAKE, maker, checker, boss)) == "pair"
    assert code_of(lambda: delegate(Duty.SYSTEM_ADMIN, system, plain, boss)) == "admin"
    assert code_of(lambda: delegate(Duty.DEPOSIT_MAKE, maker, boss, boss)) == "oneself"
    assert code_of(lambda: delegate(Duty.DEPOSIT_MAKE, maker, maker, boss)) == "oneself"
    assert code_of(lambda: delegate(Duty.DEPOSIT_MAKE, maker, plain, maker)) == "no_duty"
    assert code_of(lambda: delegate(Duty.DEPOSIT_MAKE, checker, plain, boss)) == "not_held"
    assert code_of(lambda: delegate(Duty.DEPOSIT_MAKE, maker, system, boss)) == "admin"
    assert code_of(lambda: delegate(Duty.DEPOSIT_MAKE, maker, make_person(is_active=False), boss)) == "closed"


def test_a_duty_is_not_delegated_to_who_has_it() -> None:
    boss, absent, deputy = make_person(Duty.DIRECTOR, factor=True), make_person(Duty.FINANCE), make_person(Duty.FINANCE)
    assert code_of(lambda: delegate(Duty.FINANCE, absent, deputy, boss)) == "held"
    row = DutyAssignment.objects.get(user=absent)
    day = timezone.localdate().isoformat()
    sent = {"own": row.pk, "deputy": deputy.pk, "begins": day, "ends": day}
    answer = logged_in(boss).post("/staff/delegations/new/", sent)
    assert answer.status_code == 400 and "本来就有" in answer.content.decode()


def test_administrators_are_not_offered_as_deputies() -> None:
    boss, system = make_person(Duty.DIRECTOR, factor=True), make_person(Duty.SYSTEM_ADMIN, name="郭不选")
    make_person(Duty.INTAKE, name="李可选")
    page = logged_in(boss).get("/staff/delegations/new/").content.decode()
    assert "李可选" in page and "郭不选" not in page and system.pk


def test_delegated_duty_is_not_delegated_again() -> None:
    boss, absent, deputy, third = (make_person(d) for d in (Duty.DIRECTOR, Duty.FINANCE, Duty.INTAKE, Duty.INTAKE))
    delegate(Duty.FINANCE, absent, deputy, boss)
    assert code_of(lambda: delegate(Duty.FINANCE, deputy, third, boss)) == "not_held"


@pytest.mark.parametrize(("first", "second"), [("deposit_make", "deposit_check"), ("deposit_check", "deposit_make")])
def test_database_keeps_a_delegation_from_joining_maker_and_checker(first: str, second: str) -> None:
    absent, user = make_person(Duty(first)), make_person()
    now = timezone.now()
    values = {"begins_at": now, "ends_at": now + DAY}
    DutyAssignment.objects.create(user=user, duty=first, delegated_from=absent, **values)
    with pytest.raises(IntegrityError, match="accounts_duty_pair"), transaction.atomic():
        DutyAssignment.objects.create(user=user, duty=second, **values)


@pytest.mark.parametrize("change", [{"duty": Duty.SYSTEM_ADMIN}, {"ends_at": None}])
def test_database_refuses_a_delegation_without_end_or_of_an_administrator(change: dict[str, Any]) -> None:
    now = timezone.now()
    values = {"duty": Duty.INTAKE, "begins_at": now, "ends_at": now + DAY, **change}
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyAssignment.objects.create(user=make_person(), delegated_from=make_person(), **values)


def test_delegation_ends_with_the_duty_it_came_from() -> None:
    admin, boss, absent, deputy = (
        make_person(d) for d in (Duty.SECURITY_ADMIN, Duty.DIRECTOR, Duty.FINANCE, Duty.INTAKE)
    )
    delegate(Duty.FINANCE, absent, deputy, boss)
    duty_end(assignment=DutyAssignment.objects.get(user=absent), by=admin, now=timezone.now())
    assert set(people_with(Duty.FINANCE, now=timezone.now())) == set()
    assert DutyAssignment.objects.filter(user=deputy, ends_at__gt=timezone.now()).count() == 0


def test_closed_person_has_no_duty() -> None:
    user = make_person(Duty.INTAKE)
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    assert duties_of(user, now=timezone.now()) == frozenset()


def test_a_delegation_of_more_than_a_year_is_refused_at_its_end() -> None:
    director, absent, deputy = make_person(Duty.DIRECTOR, factor=True), make_person(Duty.INTAKE), make_person()
    client, today = logged_in(director), timezone.localdate()
    own = DutyAssignment.objects.get(user=absent)
    sent = {"own": own.pk, "deputy": deputy.pk, "begins": today.isoformat()}
    far = client.post("/staff/delegations/new/", {**sent, "ends": (today + timedelta(days=400)).isoformat()})
    assert far.status_code == 400 and "委托最长一年" in far.content.decode()
    last = today + timedelta(days=30)
    assert client.post("/staff/delegations/new/", {**sent, "ends": last.isoformat()}).status_code == 302
    page = client.get("/staff/delegations/").content.decode()
    assert f"{last.year}年{last.month}月{last.day}日" in page
    after = last + timedelta(days=1)
    assert f"{after.month}月{after.day}日" not in page and "00:00" not in page.split("<tbody>")[1]


@pytest.mark.parametrize(("hour", "words"), [(0, "2026年3月31日"), (9, "2026年4月1日 09:00")])
def test_an_end_is_told_as_the_day_that_belongs_to_it(hour: int, words: str) -> None:
    assert DutyAssignment(ends_at=datetime(2026, 4, 1, hour, tzinfo=SHANGHAI)).until == words
    assert DutyAssignment().until == ""
