"""The staff side in a real browser: coming in, setting up the second factor, narrow and wide, nothing for axe."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import totp
from accounts.duties import Duty
from accounts.models import DutyAssignment, Factor
from tests.accounts.factories import PASSWORD, code_now, make_person
from tests.browser.conftest import Watched
from tests.browser.test_pages import ANSWERED, SIZES, findings

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OWN = [
    *("/staff/", "/staff/account/", "/staff/account/sessions/", "/staff/account/password/", "/staff/account/factor/"),
    *("/staff/account/factor/begin/", "/staff/account/factor/codes/", "/staff/delegations/", "/staff/nothing/"),
]


def enter(page: Page, username: str, *, code: str = "", right: bool = True) -> None:
    """Through the login pages, as a person does; unless the code is wrong, until the page behind them is there."""
    page.goto("/staff/login/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    if code:
        page.get_by_label("验证码").fill(code)
        page.get_by_role("button", name="进入").click()
    if right:
        expect(page).not_to_have_url(re.compile("/staff/login/"))


def look(seen: Watched, where: str) -> list[str]:
    """What is wrong with the page that is open."""
    found = findings(seen)
    if seen.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("wider than the window")
    return [f"{where} {one}" for one in found]


@pytest.mark.parametrize("scripts", [True, False])
def test_person_with_a_factor_comes_in_and_leaves(
    open_page: Callable[..., Watched], live_server: Any, scripts: bool
) -> None:
    user = make_person(Duty.DIRECTOR, factor=True)
    page = open_page(width=390, java_script_enabled=scripts).page
    page.goto("/staff/delegations/")
    enter(page, user.username, code="000000" if code_now() != "000000" else "111111", right=False)
    expect(page.get_by_role("alert")).to_contain_text("不对")
    page.get_by_label("验证码").fill(code_now())
    page.get_by_role("button", name="进入").click()
    expect(page).to_have_url(re.compile(r"/staff/$"))
    page.get_by_text("菜单").click()
    page.get_by_role("navigation").get_by_role("link", name="职责委托").click()
    expect(page.get_by_role("link", name="委托职责")).to_be_visible()
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile(r"/staff/login/\?ended=logout$"))
    page.goto("/staff/delegations/")
    assert "/staff/login/" in page.url


def test_person_sets_up_the_second_factor(open_page: Callable[..., Watched], live_server: Any) -> None:
    user = make_person(Duty.EXPERT_DRAW)
    seen = open_page(width=390)
    page = seen.page
    enter(page, user.username)
    expect(page).to_have_url(re.compile(r"/staff/account/factor/$"))
    page.get_by_role("link", name="开始设置").click()
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("img.enrol")).not_to_have_js_property("naturalWidth", 0)
    assert page.locator("img.enrol").evaluate("i => i.naturalWidth") > 100
    wrong = look(seen, "scan")
    secret = base64.b32decode(page.locator("dd code").inner_text().replace(" ", ""))
    page.get_by_label("验证码").fill(totp.code_at(secret, totp.step_of(timezone.now())))
    page.get_by_role("button", name="启用").click()
    expect(page.locator(".codes li")).to_have_text([re.compile(r"^[A-Z2-9]{2}-[A-Z2-9]{4}-[A-Z2-9]{4}$")] * 10)
    wrong += look(seen, "codes")
    page.get_by_role("link", name="已收好").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("工作台")
    assert (wrong, seen.elsewhere) == ([], [])


def test_error_leads_to_its_field(open_page: Callable[..., Watched], live_server: Any) -> None:
    page = open_page().page
    enter(page, make_person(Duty.SYSTEM_ADMIN, factor=True).username, code=code_now())
    page.goto("/staff/people/new/")
    page.get_by_label("姓名").fill("李晓梅")
    page.get_by_role("button", name="建立账号").click()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#id_username")).to_be_focused()
    described = page.evaluate("document.activeElement.getAttribute('aria-describedby').split(' ')")
    texts = [page.locator(f"#{name}").inner_text() for name in described]
    assert any("请填写" in text for text in texts) and any("小写字母" in text for text in texts)
    assert page.get_by_label("姓名").input_value() == "李晓梅"


@pytest.mark.parametrize(("width", "mode"), SIZES)
def test_staff_pages_are_accessible_and_stay_in_their_width(
    open_page: Callable[..., Watched], live_server: Any, width: int, mode: str
) -> None:
    boss = make_person(Duty.DIRECTOR, factor=True, name="欧阳" * 20)
    security = make_person(Duty.SECURITY_ADMIN, factor=True)
    system = make_person(Duty.SYSTEM_ADMIN, factor=True)
    now = timezone.now()
    row = DutyAssignment.objects.create(
        user=make_person(Duty.INTAKE), duty=Duty.DIRECTOR, begins_at=now, ends_at=now + timedelta(days=3),
        delegated_from=boss,
    )  # fmt: skip
    people = [f"/staff/people/{boss.pk}/", "/staff/people/", "/staff/people/?q=x"]
    visits = {
        boss: [*OWN, "/staff/delegations/new/", f"/staff/delegations/{row.pk}/end/", "/staff/people/"],
        security: [*people, "/staff/duties/", "/staff/duties/give/", f"/staff/people/{boss.pk}/factor/"],
        system: [*people, "/staff/people/new/", f"/staff/people/{boss.pk}/close/"],
    }
    wrong: list[str] = []
    for user, addresses in visits.items():
        seen = open_page(width=width)
        seen.page.goto(f"{mode}/staff/login/")
        wrong += look(seen, "login")
        Factor.objects.update(last_step=0)
        enter(seen.page, user.username, code=code_now())
        expect(seen.page).to_have_url(re.compile(r"/staff/$"))
        for address in addresses:
            seen.page.goto(mode + address)
            wrong += look(seen, address)
        assert [text for text in seen.console if not text.startswith(ANSWERED)] == []
        assert seen.elsewhere == []
    assert wrong == []


def test_open_person_menu_is_inside_the_window(open_page: Callable[..., Watched], live_server: Any) -> None:
    seen = open_page(width=390)
    enter(seen.page, make_person(Duty.INTAKE).username)
    seen.page.locator(".person-menu summary").click()
    expect(seen.page.locator(".person-menu > div")).to_be_visible()
    box = seen.page.locator(".person-menu > div").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert look(seen, "menu") == []


def test_a_message_after_a_deed_is_a_list_in_a_status(open_page: Callable[..., Watched], live_server: Any) -> None:
    user = make_person(Duty.INTAKE)
    enter(open_page().page, user.username)
    seen = open_page(width=390)
    enter(seen.page, user.username)
    seen.page.goto("/staff/account/sessions/")
    seen.page.get_by_role("button", name="结束其他所有登录").click()
    expect(seen.page.get_by_role("status").get_by_role("listitem")).to_have_text("已结束 1 个登录。")
    assert look(seen, "message") == []
