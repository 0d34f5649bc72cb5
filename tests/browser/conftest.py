"""A real Chromium against a live server; a missing browser is a failure."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, browser_path
from tests.portal.conftest import plain_static
from tests.portal.factories import make_article, make_chain, make_hostile
from tests.portal.sheets import make_edited, make_rules
from tests.tenders.factories import make_announcement
from trading_center.config import ROOT

__all__ = ["plain_static"]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# Everything axe knows, target size (WCAG 2.2 AA) included, which it leaves out by default.
AXE_RUN = "axe.run(document, {rules: {'target-size': {enabled: true}}}).then(r => r.violations)"
# What a click brings may come late on a busy machine: that is no failure.
expect.set_options(timeout=30_000)


@dataclass
class Watched:
    """A page, and what it did that it should not do."""

    page: Page
    console: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


def watch(page: Page, base: str) -> Watched:
    """Note what the page says on the console and which other hosts it asks."""
    seen = Watched(page)
    page.on("console", lambda m: seen.console.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: seen.console.append(str(e)))
    page.on("request", lambda r: None if r.url.startswith((base, "data:")) else seen.elsewhere.append(r.url))
    return seen


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        # Playwright's loop runs in this thread; Django would take it for asynchronous code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield found
        found.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Watched]]:
    """``open_page(width=390, javaScriptEnabled=False…)``: a page of its own, closed after the test."""
    contexts = []

    def make(width: int = 1280, height: int = 800, **options: Any) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=live_server.url, locale="zh-CN", **options
        )
        contexts.append(context)
        return watch(context.new_page(), live_server.url)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def addresses(live_server: Any) -> list[str]:
    """Every kind of page, with the content that is hardest on it."""
    chain = make_chain()
    for number in range(25):
        make_announcement(title=f"云泽县澄江小学课桌椅采购项目(第{number + 1}批)招标公告")
    hostile = make_hostile()
    articles = [make_article().pk for _ in range(21)]
    make_article(column="guides", title="W" * 300, text="表\t格\n" + "长" * 3000)
    rule = make_rules()
    old, withdrawn = make_edited()
    return [
        "/", "/announcements/", "/announcements/?q=食堂&category=政府采购&since=2026-03-01&region=云泽县",
        "/announcements/?q=" + "W" * 200, "/announcements/?q=window", "/announcements/?since=bad",
        *(f"/announcements/{pk}/" for pk in chain + hostile),
        "/articles/notices/", f"/articles/notices/{articles[0]}/", "/articles/guides/", "/guides/",
        "/guides/bidder/", "/guides/bidder/first/",
        "/rules/", f"/rules/{rule}/", f"/rules/{rule}/versions/1/", f"/rules/{rule}/compare/1/2/",
        f"/articles/news/{old}/", f"/articles/news/{withdrawn}/",
        "/guides/purchaser/", "/guides/agency/", "/sitemap/", "/about/", "/accessibility/", "/nothing/",
        "/log/", "/log/verify/", "/log/verify/?seq=0",
    ]  # fmt: skip
