"""What visitors come for, with and without JavaScript, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False])
def test_visitor_searches_reads_turns_the_page_and_enlarges(
    open_page: Callable[..., Watched], addresses: list[str], scripts: bool
) -> None:
    page = open_page(width=390, height=844, java_script_enabled=scripts).page
    page.goto("/")
    page.get_by_role("searchbox", name="查公告").fill("招标公告")
    page.get_by_role("button", name="查找").click()
    expect(page).to_have_url(re.compile(r"/announcements/\?"))
    expect(page.locator(".row")).to_have_count(20)
    page.get_by_role("link", name="下一页").click()
    expect(page.get_by_text("已是最后一页")).to_be_visible()
    page.get_by_role("link", name="回到第一页").click()
    expect(page.get_by_role("link", name="回到第一页")).to_have_count(0)
    page.get_by_role("link", name="长者模式").click()
    expect(page).to_have_url(re.compile(r"/large/announcements/\?"))
    page.locator(".row-title").first.click()
    expect(page).to_have_url(re.compile(r"/large/announcements/\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="公告正文")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_visitor_narrows_the_list_and_takes_a_condition_away(
    open_page: Callable[..., Watched], addresses: list[str], scripts: bool
) -> None:
    page = open_page(java_script_enabled=scripts).page
    page.goto("/announcements/?q=食堂")
    page.get_by_text("更多条件").click()
    page.get_by_label("公告类型").select_option("更正公告")
    page.get_by_label("发布日期从").fill("2026-03-01")
    page.get_by_role("button", name="按以上条件查找").click()
    expect(page.locator(".row-title")).to_have_text(["云泽县第三中学食堂设备采购项目更正公告"])
    page.get_by_role("link", name="公告类型：更正公告").click()
    expect(page.get_by_role("link", name="公告类型：更正公告")).to_have_count(0)
    expect(page.locator(".row").nth(1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"since=2026-03-01"))


def correction(addresses: list[str]) -> str:
    """The second announcement of the chain: what it corrects counts down no more, it does."""
    return [a for a in addresses if re.fullmatch(r"/announcements/\d+/", a)][1]


def test_countdown_ticks(open_page: Callable[..., Watched], addresses: list[str]) -> None:
    seen = open_page()
    seen.page.goto(correction(addresses))
    left = seen.page.locator("[data-deadline]")
    expect(left).to_have_text(re.compile(r"^还有 \d+ 天 \d\d:\d\d:\d\d$"))
    expect(left).not_to_have_text(left.inner_text())
    assert seen.console == []


def test_countdown_does_not_believe_a_wrong_clock(open_page: Callable[..., Watched], addresses: list[str]) -> None:
    page = open_page().page
    page.clock.install(time=datetime(2040, 1, 1, tzinfo=UTC))
    page.goto(correction(addresses))
    expect(page.locator("[data-deadline]")).to_have_text(re.compile(r"^还有 \d+ 天 "))


def test_without_script_the_deadline_is_told_in_words(open_page: Callable[..., Watched], addresses: list[str]) -> None:
    page = open_page(java_script_enabled=False).page
    page.goto(correction(addresses))
    assert re.fullmatch(r"还有\d+天", page.locator("[data-deadline]").inner_text())
    expect(page.get_by_role("button", name="打印本页")).to_be_hidden()


def test_address_is_copied(open_page: Callable[..., Watched], addresses: list[str]) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"]).page
    page.goto(next(a for a in addresses if re.fullmatch(r"/announcements/\d+/", a)))
    page.get_by_role("button", name="复制网址").click()
    page.get_by_role("button", name="已复制").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator(".permalink").inner_text()


def test_print_shows_the_announcement_and_nothing_to_click(
    open_page: Callable[..., Watched], addresses: list[str]
) -> None:
    page = open_page().page
    page.goto(next(a for a in addresses if re.fullmatch(r"/announcements/\d+/", a)))
    page.emulate_media(media="print")
    hidden = {".site-nav", ".head-search", ".crumbs", "[data-print]", ".foot-links"}
    assert {s for s in hidden if page.locator(s).first.is_visible()} == set()
    shown = ["h1", ".facts", ".prose", ".timeline", ".qr", ".permalink", ".meta"]
    assert [s for s in shown if not page.locator(s).first.is_visible()] == []


def test_keyboard_reaches_the_text_first(open_page: Callable[..., Watched], addresses: list[str]) -> None:
    page = open_page().page
    page.goto("/announcements/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    assert page.locator(".skip").bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "全部"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_page_at_double_size_loses_nothing(open_page: Callable[..., Watched], addresses: list[str]) -> None:
    page = open_page(width=640).page
    for address in addresses[:8]:
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '32px'")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
