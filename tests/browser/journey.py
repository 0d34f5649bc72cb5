"""Who plays a year in the browser, and how: their seats, links and buttons by their words, what is wrong on the way."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
from playwright.sync_api import Locator, Page, expect

from accounts.models import Factor, User
from tests.accounts.factories import code_now
from tests.browser.conftest import Watched
from tests.browser.test_pages import ANSWERED
from tests.browser.test_staff import enter, look
from tests.performance.journey_factories import Clock, World

PHONE = 390


@dataclass
class Journey:
    """Who plays, on which pages; what was wrong with the pages seen on the way."""

    open_page: Callable[..., Watched]
    clock: Clock
    world: World
    seats: dict[int, Watched] = field(default_factory=dict)
    visitors: list[Watched] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def on(self, *day: int) -> None:
        """Another day: everybody has to come in again."""
        self.clock.set(*day)

    def desk(self, user: User, width: int = 1280) -> Page:
        """The desk of a person, who comes in through the login pages unless the session still holds."""
        seat = self.seats.get(user.pk) or self.open_page(width=width)
        self.seats[user.pk] = seat
        seat.page.goto("/staff/")
        if "/staff/login/" in seat.page.url:
            enter(seat.page, user.username, code=code_now() if Factor.objects.filter(user=user).exists() else "")
            seat.page.goto("/staff/")
        return seat.page

    def visitor(self) -> Page:
        """Somebody from the street, on a phone."""
        self.visitors.append(self.open_page(width=PHONE))
        return self.visitors[-1].page

    def check(self, page: Page, where: str, *widths: int) -> None:
        """Nothing for axe to find, nothing wider than the window, at other widths neither."""
        seen = next(one for one in (*self.seats.values(), *self.visitors) if one.page is page)
        self.wrong += look(seen, where)
        size = page.viewport_size or {"width": 1280, "height": 800}
        for width in widths:
            page.set_viewport_size({"width": width, "height": 844})
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                self.wrong.append(f"{where} wider than {width} px")
            page.set_viewport_size(size)

    def said(self) -> list[str]:
        """What the consoles said that they should not, and which other hosts were asked."""
        pages = [*self.seats.values(), *self.visitors]
        console = [text for one in pages for text in one.console if not text.startswith(ANSWERED)]
        return console + [url for one in pages for url in one.elsewhere]


def navigate(page: Page, name: str) -> None:
    """An entry of the navigation, on a phone below its menu."""
    menu = page.locator(".staff-menu summary")
    if menu.is_visible():
        menu.click()
    with page.expect_navigation():
        page.get_by_role("navigation", name="工作").get_by_role("link", name=name, exact=True).click()


def do(page: Page, verb: str, *, confirm: bool = False, **fields: str) -> None:
    """A move from the page of its object: its button, or its page with what that asks for."""
    asking = page.get_by_role("link", name=f"{verb}…", exact=True)
    button = page.get_by_role("button", name=verb, exact=True)
    asking.or_(button).first.wait_for()
    if asking.count():
        with page.expect_navigation():
            asking.click()
        for label, value in fields.items():
            fill(page, label, value)
        if confirm:
            page.get_by_label(f"我已看清，确认{verb}").check()
    with page.expect_navigation():
        button.click()
    expect(page.locator(".done-line")).to_contain_text(f"已{verb}")


def fill(page: Page, label: str, value: str) -> None:
    """A field by its label; a list by the words of its option."""
    found = page.get_by_label(re.compile(f"^{re.escape(label)}"))
    if found.evaluate("e => e.tagName") == "SELECT":
        option = found.locator("option").filter(has_text=re.compile(value)).first
        found.select_option(str(option.get_attribute("value")))
    else:
        found.fill(value)


def press(page: Page, name: str) -> None:
    """A button by its words, until the page behind it is there."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    """The first link with these words, until the page behind it is there."""
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile(name)).first.click()


def taken(page: Page, of: Locator) -> Path:
    """What a link or a button gives to be kept."""
    with page.expect_download() as found:
        of.click()
    return Path(found.value.path())


def row(page: Page, words: str) -> Locator:
    """The row of a table."""
    return page.get_by_role("row", name=re.compile(words)).first


def package_is_whole(page: Page, paper: Path) -> None:
    """The ZIP's list names every file with the digest that it has."""
    with zipfile.ZipFile(taken(page, page.get_by_role("button", name="下载资料包（ZIP）"))) as package:
        names = package.namelist()
        (index,) = [one for one in names if one.endswith("清单.xlsx")]
        sheet = openpyxl.load_workbook(io.BytesIO(package.read(index))).active
        digests = {hashlib.sha256(package.read(one)).hexdigest() for one in names if one != index}
    assert sheet is not None
    cells = {str(cell) for line in sheet.iter_rows(values_only=True) for cell in line}
    assert digests <= cells and hashlib.sha256(paper.read_bytes()).hexdigest() in digests
    for folder in ("自评报告", "自评表", "盖章扫描件", "佐证材料"):
        assert any(folder in name for name in names), (folder, names)
