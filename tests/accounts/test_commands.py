"""demo_accounts, staff_create, staff_unlock; the setup page of an empty instance."""

from __future__ import annotations

import base64
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import totp
from accounts.duties import ADMINISTRATORS, SECOND_FACTOR, Duty
from accounts.models import DutyAssignment, Instance, User
from accounts.selectors import duties_of
from core.errors import BusinessError
from core.text import columns
from tests.accounts.factories import PASSWORD, make_person, post_login
from trading_center.embedded.paths import Paths

pytestmark = pytest.mark.django_db
CREATE = ["staff_create", "--username", "guozhenyu", "--name", "郭振宇", "--password-stdin", "--duty"]


def listed() -> list[dict[str, Any]]:
    """What demo_accounts --json prints."""
    out = io.StringIO()
    call_command("demo_accounts", "--json", stdout=out)
    found: list[dict[str, Any]] = json.loads(out.getvalue())
    return found


@pytest.fixture
def demo() -> None:
    Instance.objects.get_or_create(id=1, defaults={"kind": "demo"})


def test_demo_accounts_cover_every_duty_and_are_the_same_each_time(demo: None) -> None:
    found = listed()
    assert [sorted(p) for p in found] == [
        ["department", "duties", "name", "password", "totp_secret", "username"]
    ] * len(found)
    assert {duty for p in found for duty in p["duties"]} == set(Duty.values)
    assert sum(not ADMINISTRATORS & set(p["duties"]) for p in found) == 19
    assert len({p["name"] for p in found}) == len({p["username"] for p in found}) == len(found)
    rows = DutyAssignment.objects.count()
    assert listed() == found
    assert DutyAssignment.objects.count() == rows


def test_every_demo_account_logs_in(demo: None) -> None:
    for person in listed():
        client = Client()
        answer = post_login(client, person["username"], person["password"])
        assert bool(person["totp_secret"]) == bool(SECOND_FACTOR & set(person["duties"]))
        if person["totp_secret"]:
            assert answer.headers["Location"] == "/staff/login/code/"
            secret = base64.b32decode(person["totp_secret"])
            code = totp.code_at(secret, totp.step_of(timezone.now()))
            answer = client.post("/staff/login/code/", {"code": code})
        assert answer.headers["Location"] == "/staff/"
        assert client.get("/staff/").status_code == 200
        assert duties_of(User.objects.get(username=person["username"]), now=timezone.now()) == set(person["duties"])


def test_demo_accounts_come_back_after_a_change(demo: None) -> None:
    first = listed()[0]
    user = User.objects.get(username=first["username"])
    user.set_password("Another-One-99")
    user.is_active = False
    user.save()
    listed()
    assert post_login(Client(), first["username"], first["password"]).status_code == 302


def test_demo_accounts_are_for_demonstrations_only(settings: Any) -> None:
    settings.INSTANCE = "center"
    with pytest.raises(BusinessError, match="不是演示实例"):
        listed()


def test_demo_accounts_take_no_real_account(demo: None) -> None:
    make_person(username="zhouwenbo")
    with pytest.raises(BusinessError, match="已由别人使用"):
        listed()


def test_table_for_people_stands_in_columns() -> None:
    assert columns([("甲", "x"), ("ab", "甲乙")]) == ["甲  x", "ab  甲乙"]


def test_staff_create_makes_an_account_that_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Shan-Shui-42\n"))
    call_command(*CREATE, "system_admin")
    assert post_login(Client(), "guozhenyu").status_code == 302
    assert duties_of(User.objects.get(), now=timezone.now()) == {Duty.SYSTEM_ADMIN}


@pytest.mark.parametrize(
    ("typed", "duties", "sentence"),
    [
        ("short\n", ["system_admin"], "密码"),
        ("", ["system_admin"], "没有密码"),
        ("Shan-Shui-42\n", ["nonsense"], "nonsense"),
        ("Shan-Shui-42\n", ["system_admin", "intake"], "三员分立"),
        ("Shan-Shui-42\n", ["intake", "--department", "nowhere"], "nowhere"),
    ],
)
def test_staff_create_refuses_with_a_sentence_and_makes_nothing(
    monkeypatch: pytest.MonkeyPatch, typed: str, duties: list[str], sentence: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with pytest.raises(BusinessError, match=sentence):
        call_command(*CREATE, *duties)
    assert User.objects.count() == 0


def test_staff_unlock_lets_in_and_says_when_there_is_nobody() -> None:
    user = make_person()
    for _ in range(6):
        post_login(Client(), user.username, "wrong")
    out = io.StringIO()
    call_command("staff_unlock", user.username, stdout=out)
    assert "已解除" in out.getvalue()
    assert post_login(Client(), user.username).status_code == 302
    with pytest.raises(BusinessError, match="niemand"):
        call_command("staff_unlock", "niemand")


@pytest.fixture
def empty_center(settings: Any, tmp_path: Path) -> str:
    settings.INSTANCE = "center"
    settings.PATHS = Paths(tmp_path)
    settings.PATHS.secrets.mkdir()
    (settings.PATHS.secrets / "setup_code").write_text("a-code-of-this-test")
    return "a-code-of-this-test"


def setup_values(code: str, **change: str) -> dict[str, str]:
    """A filled setup form."""
    values = {"setup_code": code}
    for number, duty in enumerate(("system_admin", "security_admin", "audit_admin")):
        values |= {f"{duty}-name": f"乙{number}", f"{duty}-username": f"admin{number}", f"{duty}-password": PASSWORD}
    return {**values, **change}


def test_setup_makes_three_administrators_once(empty_center: str) -> None:
    assert Client().get("/staff/setup/").status_code == 200
    answer = Client().post("/staff/setup/", setup_values(empty_center))
    assert answer.headers["Location"] == "/staff/login/?ended=setup"
    assert sorted(DutyAssignment.objects.values_list("duty", flat=True)) == sorted(ADMINISTRATORS)
    client = Client()
    assert post_login(client, "admin0").status_code == 302
    assert client.get("/staff/").headers["Location"] == "/staff/account/factor/"
    assert Client().get("/staff/setup/").status_code == 404
    assert Client().post("/staff/setup/", setup_values(empty_center)).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"setup_code": "wrong"},
        {"setup_code": ""},
        {"audit_admin-username": "admin0"},
        {"audit_admin-password": "weak"},
        {"security_admin-name": ""},
    ],
)
def test_setup_makes_all_or_none(empty_center: str, change: dict[str, str]) -> None:
    assert Client().post("/staff/setup/", setup_values(empty_center, **change)).status_code == 400
    assert User.objects.count() == 0
    assert Client().get("/staff/setup/").status_code == 200


def test_demonstration_has_no_setup_page() -> None:
    assert Client().get("/staff/setup/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_set_up_at_once_make_three_administrators(empty_center: str) -> None:
    def post(number: int) -> int:
        try:
            names = {f"{d}-username": f"{d[:5]}{number}" for d in ("system_admin", "security_admin", "audit_admin")}
            return Client().post("/staff/setup/", setup_values(empty_center, **names)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(post, range(2)))
    assert statuses in ([302, 400], [302, 404])
    assert User.objects.count() == 3


def test_setup_code_is_not_guessed(empty_center: str) -> None:
    client = Client()
    statuses = [client.post("/staff/setup/", setup_values(f"guess{n}")).status_code for n in range(31)]
    assert statuses == [400] * 30 + [429]
    refused = client.post("/staff/setup/", setup_values(empty_center))
    assert refused.status_code == 429
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("audit_admin-username", "admin0", "已有人使用"), ("security_admin-password", "weak", "密码太短"),
     ("audit_admin-name", "李\u202e梅", "改变文字方向")],
)  # fmt: skip
def test_setup_says_what_is_wrong_beside_its_field(empty_center: str, field: str, value: str, words: str) -> None:
    answer = Client().post("/staff/setup/", setup_values(empty_center, **{field: value}))
    assert answer.status_code == 400
    assert {name for name, texts in answer.context["form"].errors.items() if words in "".join(texts)} == {field}


def test_setup_says_truly_how_long_it_is_locked(empty_center: str) -> None:
    client = Client()
    for number in range(30):
        client.post("/staff/setup/", setup_values(f"guess{number}"))
    page = client.post("/staff/setup/", setup_values(empty_center)).content.decode()
    assert "请 15 分钟后再试" in page and "staff_unlock --address" in page
    out = io.StringIO()
    call_command("staff_unlock", "--address", "127.0.0.1", stdout=out)
    assert "初始设置" in out.getvalue()
    assert client.post("/staff/setup/", setup_values(empty_center)).status_code == 302


def test_delegations_of_demo_can_begin(demo: None) -> None:
    listed()
    now = timezone.now() + timedelta(days=1)
    assert duties_of(User.objects.get(username="zhouwenbo"), now=now) == {Duty.DIRECTOR}
