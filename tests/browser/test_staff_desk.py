"""The desk, tasks and moves in a real browser: axe, widths, without script, and the day sheet on one A4 page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from accounts.duties import Duty
from accounts.models import User
from core.moments import SHANGHAI
from tests.browser.conftest import Watched
from tests.browser.test_markup import CHECKER
from tests.browser.test_pages import findings
from tests.portal.factories import REVERSED, SCRIPT
from tests.workflow.factories import make_task
from tests.workflow.people import enter, make_staff
from workflow.models import AssignedTask
from workflow.services import move
from workflow.states import TaskState

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def director(live_server: Any) -> User:
    """A director with tasks in every state, late ones, and ones whose words would like to run."""
    giver = make_staff(Duty.DIRECTOR, department="directors", name="周文博")
    doer = make_staff(Duty.OFFICE_HEAD, Duty.INTAKE, name="李晓梅")
    now = timezone.now()
    today = now.astimezone(SHANGHAI).date()
    for number, state in enumerate(TaskState.values):
        make_task(state, giver=giver, doer=doer, due_on=today + timedelta(days=number), now=now)
        begun = now - timedelta(days=20)
        make_task(state, giver=giver, doer=doer, due_on=today - timedelta(days=number + 1), now=begun)
    hostile = {"title": "长" * 100, "text": "W" * 4000, "reference": SCRIPT[:200]}
    make_task(TaskState.ANSWERED, giver=giver, doer=doer, due_on=today, now=now, **hostile)
    task = make_task(TaskState.ANSWERED, giver=giver, doer=doer, due_on=today, now=now, title=REVERSED, text=SCRIPT)
    move(task, "return", by=giver, now=now, comment=SCRIPT)
    return giver


def log_in(seen: Watched, user: User, base: str) -> Watched:
    """The browser gets the cookie of a session that exists."""
    client = Client()
    enter(client, user)
    name = settings.SESSION_COOKIE_NAME
    seen.page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": base}])
    return seen


def staff_addresses() -> list[str]:
    tasks = AssignedTask.objects.order_by("id").values_list("pk", flat=True)
    answered = AssignedTask.objects.filter(state=TaskState.ANSWERED).earliest("id").pk
    label = "/staff/move/workflow.assignedtask"
    return [
        "/staff/", "/staff/?tab=active", "/staff/?tab=done", "/staff/?tab=watch", "/staff/?tab=todo&only=today",
        "/staff/approve/", "/staff/tasks/", "/staff/tasks/?overdue=1", "/staff/tasks/?office=finance",
        "/staff/tasks/new/", "/staff/day/intake/", "/staff/day/finance/",
        f"{label}/{answered}/return/", f"{label}/{answered}/cancel/", *(f"/staff/tasks/{pk}/" for pk in tasks),
    ]  # fmt: skip


@pytest.mark.parametrize(("width", "mode"), [(390, ""), (390, "/large"), (1280, ""), (1366, "/large")])
def test_staff_pages_are_accessible_and_stay_in_their_width(
    open_page: Callable[..., Watched], live_server: Any, director: User, width: int, mode: str
) -> None:
    seen = log_in(open_page(width=width), director, live_server.url)
    wrong: list[str] = []
    for address in staff_addresses():
        answer = seen.page.goto(mode + address)
        assert answer is not None and answer.status == 200, address
        found = findings(seen)
        if seen.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append("wider than the window")
        if seen.page.evaluate("window.ran"):
            found.append("content ran as script")
        wrong += [f"{address} {one}" for one in found]
    assert wrong == []
    assert (seen.console, seen.elsewhere) == ([], [])


def test_a_director_approves_at_a_tap_without_script(
    open_page: Callable[..., Watched], live_server: Any, director: User
) -> None:
    page = log_in(open_page(width=390, java_script_enabled=False), director, live_server.url).page
    page.goto("/staff/approve/")
    waiting = page.locator(".approval").count()
    assert waiting >= 3
    first = page.locator(".approval").first
    title = first.locator("h2").inner_text()
    assert min(box["height"] for b in first.locator("button").all() if (box := b.bounding_box())) >= 44
    first.get_by_role("button", name="退回").click()
    expect(page.locator(".error-summary")).to_contain_text("还没有写理由")
    page.get_by_label("理由").fill("请补同比数据")
    page.get_by_role("button", name="退回").click()
    expect(page.locator(".approval")).to_have_count(waiting - 1)
    task = AssignedTask.objects.filter(title=title, state=TaskState.RETURNED).latest("id")
    page.locator(".approval").first.get_by_role("button", name="办结").click()
    expect(page.locator(".approval")).to_have_count(waiting - 2)
    page.goto(f"/staff/tasks/{task.pk}/")
    expect(page.locator(".timeline")).to_contain_text("请补同比数据")


def test_the_same_form_wrong_and_right_by_keyboard(
    open_page: Callable[..., Watched], live_server: Any, director: User
) -> None:
    page = log_in(open_page(), director, live_server.url).page
    page.goto("/staff/tasks/new/")
    page.get_by_role("button", name="存为拟办").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("不能新建")
    summary.get_by_role("link").first.click()
    expect(page.locator("[name=title]")).to_be_focused()
    described = page.locator("[name=title]").get_attribute("aria-describedby") or ""
    expect(page.locator(f"#{described.split()[-1]}")).to_contain_text("这一项要填写。")


@pytest.mark.parametrize("office", ["intake", "finance"])
def test_day_sheet_is_one_page_of_a4(
    open_page: Callable[..., Watched], live_server: Any, director: User, office: str, tmp_path: Path
) -> None:
    page = log_in(open_page(), director, live_server.url).page
    if office == "intake":
        # More than a page holds, with long titles: the rest is a number.
        for number in range(30):
            make_task(TaskState.ASSIGNED, giver=director, office="intake", now=timezone.now(),
                      due_on=timezone.now().date() + timedelta(days=number % 9), title="长" * 98)  # fmt: skip
    page.goto(f"/staff/day/{office}/")
    content = page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", content)
    assert box is not None
    assert (round(float(box[1])), round(float(box[2]))) in [(595, 842), (596, 842), (595, 841)]
    page.emulate_media(media="print")
    notes = page.locator(".notes .lines").bounding_box()
    assert notes is not None and notes["height"] > 100
    for hidden in (".site-head", ".staff-nav", ".staff-menu", ".demo"):
        if page.locator(hidden).count():
            expect(page.locator(hidden)).to_be_hidden()
    # What the page holds ends above its cut: the checkpoint, and how many are left out.
    sheet, log = page.locator(".sheet").bounding_box(), page.locator(".sheet-log").bounding_box()
    assert sheet and log and log["y"] + log["height"] <= sheet["y"] + sheet["height"] + 1
    if office == "intake":
        expect(page.locator(".sheet-more")).to_contain_text("另有")


def test_every_staff_page_is_valid_html(live_server: Any, director: User, tmp_path: Path) -> None:
    client = Client()
    enter(client, director)
    pages = {f"{number}.html": address for number, address in enumerate(staff_addresses())}
    for name, address in pages.items():
        (tmp_path / name).write_bytes(client.get(address).content)
    java = shutil.which("java")
    assert java, "没有找到 Java。请运行:sudo apt-get install default-jre-headless"
    told = subprocess.run(
        [java, "-jar", str(CHECKER), "--format", "json", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, check=False,
    )  # fmt: skip
    messages = json.loads(told.stderr)["messages"]
    assert [(pages.get(Path(m["url"]).name), m["message"], m.get("extract", "")[:120]) for m in messages] == []
