"""All pages, narrow and wide, in both print sizes: nothing for axe to find, nothing out of its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string

from tests.browser.conftest import AXE, AXE_RUN, Watched

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Refusals and missing pages are told to the console by the browser itself.
ANSWERED = "Failed to load resource: the server responded with a status of 4"
SIZES = [(390, ""), (390, "/large"), (1280, ""), (1366, "/large")]


def findings(seen: Watched) -> list[str]:
    """What axe objects to on the page: rule and first element."""
    seen.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = seen.page.evaluate(AXE_RUN)
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


@pytest.mark.parametrize(("width", "mode"), SIZES)
def test_pages_are_accessible_and_stay_in_their_width(
    open_page: Callable[..., Watched], addresses: list[str], width: int, mode: str
) -> None:
    seen = open_page(width=width)
    wrong: list[str] = []
    for address in addresses:
        seen.page.goto(mode + address)
        found = findings(seen)
        if seen.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append("wider than the window")
        if seen.page.evaluate("window.ran"):
            found.append("content ran as script")
        wrong += [f"{address[:60]} {one}" for one in found]
    assert wrong == []
    assert [text for text in seen.console if not text.startswith(ANSWERED)] == []
    assert seen.elsewhere == []


@pytest.mark.parametrize("width", [390, 1280])
def test_failure_page_is_accessible(open_page: Callable[..., Watched], live_server: Any, width: int) -> None:
    seen = open_page(width=width)
    seen.page.route("**/failure", lambda route: route.fulfill(body=render_to_string("500.html"), status=200,
                                                              content_type="text/html; charset=utf-8"))  # fmt: skip
    seen.page.goto("/failure")
    assert findings(seen) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert seen.elsewhere == []


@pytest.mark.parametrize("mode", ["", "/large"])
def test_no_page_leaves_a_cookie(open_page: Callable[..., Watched], addresses: list[str], mode: str) -> None:
    seen = open_page()
    for address in addresses[:4]:
        seen.page.goto(mode + address)
    assert seen.page.context.cookies() == []


def test_text_grows_in_large_print(open_page: Callable[..., Watched], live_server: Any) -> None:
    seen = open_page()
    sizes = []
    for address in ("/about/", "/large/about/"):
        seen.page.goto(address)
        sizes.append(seen.page.evaluate("getComputedStyle(document.querySelector('.prose p')).fontSize"))
    assert sizes == ["16px", "20px"]
