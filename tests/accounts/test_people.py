"""Accounts by administrators: pages, separation of powers, what is shown once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Department, DutyAssignment, Factor, Session, User
from audit.models import ActionRow
from tests.accounts.factories import logged_in, make_person, post_login

pytestmark = pytest.mark.django_db


@pytest.fixture
def system() -> Client:
    return logged_in(make_person(Duty.SYSTEM_ADMIN, factor=True))


@pytest.fixture
def security() -> Client:
    return logged_in(make_person(Duty.SECURITY_ADMIN, factor=True))


def test_new_account_has_a_password_shown_once_and_changed_at_first_login(system: Client) -> None:
    answer = system.post("/staff/people/new/", {"name": "李晓梅", "username": "LiXiaomei", "employer": ""})
    password = re.search(r'<code class="big">([^<]+)</code>', answer.content.decode())[1]  # type: ignore[index]
    client = Client()
    assert post_login(client, "lixiaomei", password).status_code == 302
    assert client.get("/staff/").headers["Location"] == "/staff/account/password/"
    user = User.objects.get(username="lixiaomei")
    assert password not in system.get(f"/staff/people/{user.pk}/").content.decode()
    assert [r.detail for r in ActionRow.objects.filter(tag="account.change")] == [{"what": "create"}]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "李晓梅"}, "username"),
        ({"username": "x"}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "taken"}, "username"),
        ({"name": " "}, "name"),
        ({"name": "\x00"}, "name"),
    ],
)
def test_bad_account_is_refused_beside_its_field(system: Client, values: dict[str, str], field: str) -> None:
    make_person(username="taken")
    answer = system.post("/staff/people/new/", {"name": "李晓梅", "username": "lixiaomei", **values})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in page and f'href="#id_{field}"' in page
    assert re.search(rf'id="id_{field}"[^>]*aria-describedby="[^"]*id_{field}_error', page) or re.search(
        rf'aria-describedby="[^"]*id_{field}_error[^"]*"[^>]*id="id_{field}"', page
    )
    assert 'aria-invalid="true"' in page


def test_closing_ends_sessions_and_can_be_undone(system: Client) -> None:
    user = make_person(Duty.INTAKE)
    client = logged_in(user)
    page = system.get(f"/staff/people/{user.pk}/close/").content.decode()
    assert "停用后" in page and User.objects.get(pk=user.pk).is_active
    system.post(f"/staff/people/{user.pk}/close/")
    assert client.get("/staff/").status_code == 302
    assert post_login(Client(), user.username).status_code == 400
    system.post(f"/staff/people/{user.pk}/open/")
    assert post_login(Client(), user.username).status_code == 302


def test_unlock_lets_in_at_once(system: Client) -> None:
    user = make_person()
    for _ in range(6):
        post_login(Client(), user.username, "wrong")
    assert "登录已锁定到" in system.get(f"/staff/people/{user.pk}/").content.decode()
    system.post(f"/staff/people/{user.pk}/unlock/")
    assert post_login(Client(), user.username).status_code == 302


def test_one_administrator_resets_passwords_the_other_factors(system: Client, security: Client) -> None:
    user = make_person(Duty.DIRECTOR, factor=True)
    client = logged_in(user)
    assert security.post(f"/staff/people/{user.pk}/password/").status_code == 403
    assert system.post(f"/staff/people/{user.pk}/factor/").status_code == 403
    assert Factor.objects.filter(user=user).exists()
    answer = system.post(f"/staff/people/{user.pk}/password/").content.decode()
    password = re.search(r'<code class="big">([^<]+)</code>', answer)[1]  # type: ignore[index]
    assert client.get("/staff/").status_code == 302
    assert post_login(Client(), user.username, password).headers["Location"] == "/staff/login/code/"
    security.post(f"/staff/people/{user.pk}/factor/")
    assert not Factor.objects.filter(user=user).exists()
    assert Session.objects.filter(user=user).count() == 0


@pytest.mark.parametrize("act", ["close", "password", "unlock"])
def test_nobody_does_it_to_himself(act: str) -> None:
    user = make_person(Duty.SYSTEM_ADMIN, factor=True)
    answer = logged_in(user).post(f"/staff/people/{user.pk}/{act}/")
    assert (answer.status_code, "不能对自己的账号" in answer.content.decode()) == (400, True)
    assert User.objects.get(pk=user.pk).is_active


def test_security_administrator_gives_and_ends_on_the_pages(security: Client) -> None:
    user = make_person()
    office = Department.objects.get(code="intake")
    today = timezone.localdate().isoformat()
    values: dict[str, Any] = {"user": user.pk, "duty": "intake", "department": office.pk, "begins": today, "ends": ""}
    assert security.post("/staff/duties/give/", {**values, "department": ""}).status_code == 400
    assert security.post("/staff/duties/give/", {**values, "begins": "明天"}).status_code == 400
    assert security.post("/staff/duties/give/", values).headers["Location"] == "/staff/duties/"
    row = DutyAssignment.objects.get(user=user)
    refused = security.post("/staff/duties/give/", {**values, "duty": "audit_admin"})
    assert (refused.status_code, "三员分立" in refused.content.decode()) == (400, True)
    assert security.get(f"/staff/duties/{row.pk}/end/").status_code == 200
    security.post(f"/staff/duties/{row.pk}/end/")
    row.refresh_from_db()
    assert row.ends_at


def test_director_delegates_on_the_page() -> None:
    boss = logged_in(make_person(Duty.DIRECTOR, factor=True))
    absent, deputy = make_person(Duty.ANNOUNCEMENT_CHECK), make_person(Duty.INTAKE)
    own = DutyAssignment.objects.get(user=absent)
    today = timezone.localdate().isoformat()
    values = {"own": own.pk, "deputy": deputy.pk, "begins": today, "ends": today}
    assert boss.post("/staff/delegations/new/", {**values, "ends": "2020-01-01"}).status_code == 400
    assert boss.post("/staff/delegations/new/", values).headers["Location"] == "/staff/delegations/"
    row = DutyAssignment.objects.get(delegated_from=absent)
    mine = logged_in(deputy)
    assert absent.name in mine.get("/staff/delegations/").content.decode()
    assert mine.post(f"/staff/delegations/{row.pk}/end/").status_code == 400
    assert absent.name not in logged_in(make_person(Duty.INTAKE)).get("/staff/delegations/").content.decode()
    boss.post(f"/staff/delegations/{row.pk}/end/")
    assert "现在没有委托" in boss.get("/staff/delegations/").content.decode()


@pytest.mark.parametrize("path", ["/staff/people/", "/staff/duties/", "/staff/delegations/"])
def test_list_has_a_fixed_number_of_queries(security: Client, path: str) -> None:
    absent = make_person(Duty.FINANCE)
    security.get(path)  # the first request of a session notes its duties
    counts = []
    for more in (1, 2):
        for _ in range(more):
            user = make_person(Duty.INTAKE)
            now = timezone.now()
            DutyAssignment.objects.create(
                user=user, duty=Duty.FINANCE, begins_at=now, ends_at=now + timezone.timedelta(days=1),
                delegated_from=absent,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert security.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_search_for_people(security: Client) -> None:
    make_person(name="欧阳修远")
    assert "欧阳修远" in security.get("/staff/people/?q=欧阳").content.decode()
    assert "没有找到" in security.get("/staff/people/?q=诸葛").content.decode()
    assert security.get("/staff/people/?q=%00").status_code == 200
