"""Every address below /staff/ times every duty: allowed or denied as declared, the anonymous sent to the login."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.access import StaffAddress, duty_required, staff_addresses
from accounts.checks import staff_views_are_declared
from accounts.duties import SECOND_FACTOR, Duty
from accounts.models import Department, DutyAssignment, User
from tests.accounts.factories import make_person

pytestmark = pytest.mark.django_db
PUBLIC = {"staff_login", "staff_code", "staff_setup", "staff_trust", "staff_trust_authority"}
RESTRICTED = {
    *("staff_logout", "staff_sessions", "staff_password", "staff_factor", "staff_factor_begin"),
    *("staff_factor_confirm", "staff_recovery_codes"),
}


def address_of(found: StaffAddress, pk: int) -> str:
    """A path of the address; all its arguments are ``pk``."""
    arguments = [part for part in found.route.split("<") if ">" in part]
    return reverse(found.name, args=[pk] * len(arguments))


def member(*duties: Duty) -> Client:
    """A client logged in with ``duties`` and all that they ask for."""
    client = Client()
    user = make_person(*duties)
    client.force_login(user)
    session = client.session
    session.update({"begun": 4e9, "seen": 4e9, "factor": bool(SECOND_FACTOR & set(duties))})
    session.save()
    return client


def test_every_address_is_declared_and_only_the_login_is_public() -> None:
    found = staff_addresses()
    assert [a.route for a in found if a.requirement is None or not a.name] == []
    assert {a.name for a in found if a.requirement and a.requirement.public} == PUBLIC
    assert {a.name for a in found if a.requirement and a.requirement.restricted} == RESTRICTED
    assert staff_views_are_declared() == []
    assert len(found) > 20


@pytest.mark.parametrize("duty", [None, *Duty])
def test_every_duty_on_every_address(duty: Duty | None) -> None:
    client = member(*([duty] if duty else []))
    held = frozenset({duty} if duty else ())
    wrong = []
    for found in staff_addresses():
        assert found.requirement
        status = client.get(address_of(found, 999_999)).status_code
        allowed = found.requirement.allows(held)
        if (status == 403) == allowed or status >= 500:
            wrong.append((found.name, status))
    assert wrong == []


def test_anonymous_are_sent_to_the_login_from_every_address() -> None:
    for found in staff_addresses():
        if found.requirement and not found.requirement.public:
            answer = Client().get(address_of(found, 1))
            sent = answer.headers.get("Location", "")
            assert (found.name, answer.status_code) in {(found.name, 302), (found.name, 405)}, found
            assert answer.status_code == 405 or sent.startswith("/staff/login/"), found


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_other_methods_open_nothing(method: str) -> None:
    client = member(Duty.MASKING)
    for found in staff_addresses():
        if found.requirement and not found.requirement.allows(frozenset({Duty.MASKING})):
            assert getattr(client, method)(address_of(found, 1)).status_code in (403, 405), found
            assert getattr(Client(), method)(address_of(found, 1)).status_code in (302, 403, 405), found


def test_hidden_fields_give_no_rights() -> None:
    client = member(Duty.INTAKE)
    user = User.objects.get()
    more = {"user": user.pk, "duty": "director", "department": Department.objects.get(code="directors").pk,
            "begins": "2026-01-01", "duties": "security_admin", "is_superuser": "1", "kind": "staff"}  # fmt: skip
    for path in ("/staff/duties/give/", "/staff/delegations/new/", "/staff/people/new/"):
        assert client.post(path, more).status_code == 403
    client.post("/staff/account/password/", more)
    assert list(DutyAssignment.objects.values_list("duty", flat=True)) == ["intake"]


def test_denied_page_says_whom_to_ask() -> None:
    page = member(Duty.INTAKE).get("/staff/people/")
    text = page.content.decode()
    assert page.status_code == 403
    assert "系统管理员、安全管理员、审计管理员" in text and "项目受理" in text and "安全管理员授予" in text


def test_expert_account_is_no_staff() -> None:
    user = make_person(Duty.INTAKE)
    client = Client()
    client.force_login(user)
    session = client.session
    session.update({"begun": 4e9, "seen": 4e9})
    session.save()
    assert client.get("/staff/").status_code == 200
    User.objects.filter(pk=user.pk).update(kind="expert")
    for path in ("/staff/", "/staff/people/", "/staff/delegations/"):
        assert client.get(path).headers["Location"].startswith("/staff/login/")


@pytest.mark.parametrize(("duties", "any_staff"), [((), False), ((Duty.INTAKE,), True)])
def test_declaration_must_say_who(duties: tuple[Duty, ...], any_staff: bool) -> None:
    with pytest.raises(ValueError, match="either"):
        duty_required(*duties, any_staff=any_staff)


def test_undeclared_view_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse()

    monkeypatch.setattr("accounts.checks.staff_addresses", lambda: [StaffAddress("staff/x/", "x", None)])
    assert [e.id for e in staff_views_are_declared()] == ["accounts.E001"]


def test_navigation_shows_what_one_may_open() -> None:
    for duty in (Duty.INTAKE, Duty.SECURITY_ADMIN, Duty.DIRECTOR):
        client = member(duty)
        links = client.get("/staff/").context["navigation"]
        assert [client.get(link.url).status_code for link in links] == [200] * len(links)
        assert ("人员账号" in [link.label for link in links]) == (duty == Duty.SECURITY_ADMIN)
