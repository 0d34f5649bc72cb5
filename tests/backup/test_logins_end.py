"""What a restore does to logins: sessions of the backup have ended, codes used up to now are used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts import totp
from accounts.duties import Duty
from accounts.models import Factor, Session
from accounts.services.factors import code_use
from tests.accounts.factories import SECRET, logged_in, make_person
from tests.portal.conftest import plain_static
from trading_center.backup.restore import end_logins

__all__ = ["plain_static"]


@pytest.mark.django_db(transaction=True)
def test_who_was_logged_in_has_to_log_in_again() -> None:
    people = [make_person(Duty.INTAKE), make_person(Duty.DIRECTOR, factor=True)]
    clients = [logged_in(person) for person in people]
    assert [client.get("/staff/").status_code for client in clients] == [200, 200]
    assert end_logins(connection.settings_dict["NAME"], timezone.now()) == Session.objects.count() + 2 == 2
    for client in clients:
        answer = client.get("/staff/")
        assert (answer.status_code, answer.headers["Location"][:13]) == (302, "/staff/login/")


@pytest.mark.django_db(transaction=True)
def test_codes_up_to_now_are_used_and_the_next_one_is_good() -> None:
    now = timezone.now()
    late, ahead = make_person(Duty.DIRECTOR, factor=True), make_person(Duty.DIRECTOR, factor=True)
    step = totp.step_of(now)
    Factor.objects.filter(user=ahead).update(last_step=step + 1)
    end_logins(connection.settings_dict["NAME"], now)
    for used in (step - 1, step):
        assert code_use(user=late, code=totp.code_at(SECRET, used), now=now) == ""
    assert Factor.objects.get(user=ahead).last_step == step + 1
    assert code_use(user=late, code=totp.code_at(SECRET, step + 1), now=now + timedelta(seconds=30))
