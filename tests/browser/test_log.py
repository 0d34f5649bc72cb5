"""The visitor's own browser checks a receipt: valid, and invalid for a single byte that was changed on the way."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from accounts.duties import Duty
from audit.log_services import log_append, log_days_close
from tenders.models import AnnouncementRecord
from tests.audit.conftest import keys_dir
from tests.browser.conftest import Watched
from tests.browser.test_pages import findings
from tests.tenders.factories import NOW, make_announcement
from tests.tenders.test_masking import mask
from tests.tenders.test_masking import published as to_be_masked
from tests.workflow.people import make_staff

__all__ = ["keys_dir"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VALID = "核验通过：这份存证凭证有效，内容与发布时一致。"
INVALID = "核验不通过：请保存本页，并联系本中心或监督部门。"
# WebCrypto is there on secure pages only; an office reaches the portal over plain HTTP.
PLAIN_HTTP = "Object.defineProperty(window.crypto, 'subtle', {value: undefined})"


@pytest.fixture
def published(keys_dir: Any) -> list[int]:
    """Announcements with an object between them: leaf 4 is the fifth."""
    numbers = [make_announcement().pk for _ in range(4)]
    with transaction.atomic():
        log_append(entries=[("result", "r", b'{"r":1}')], now=NOW)
    return numbers


@pytest.fixture(params=[False, True], ids=["webcrypto", "plain http"])
def seen(request: Any, open_page: Callable[..., Watched]) -> Iterator[Watched]:
    found = open_page(width=390)
    if request.param:
        found.page.add_init_script(PLAIN_HTTP)
    yield found


def verdict(page: Page, seq: int) -> str:
    page.goto(f"/log/verify/?seq={seq}")
    place = page.locator("[data-verdict]")
    expect(place).to_have_attribute("data-state", re.compile("good|bad"))
    return place.inner_text()


def states(page: Page) -> dict[str, str | None]:
    return {str(s.get_attribute("data-step")): s.get_attribute("data-state") for s in page.locator("[data-step]").all()}


def tamper(page: Page, path: str, change: Callable[[bytes], bytes]) -> None:
    """Change an answer on its way."""

    def handle(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=change(answer.body()))

    page.route(re.compile(re.escape(path) + r"(\?|$)"), handle)


def test_visitor_reaches_the_check_from_the_announcement_and_it_is_valid(published: list[int], seen: Watched) -> None:
    page = seen.page
    page.goto(f"/announcements/{published[2]}/")
    page.get_by_role("link", name="在线核验").click()
    expect(page.locator("[data-verdict]")).to_have_text(VALID)
    assert set(states(page).values()) == {"good"}
    expect(page.get_by_role("heading", level=1)).to_have_text("核验第 2 号存证凭证")
    assert findings(seen) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for seq in (0, 1, 3, 4):
        assert verdict(page, seq) == VALID
    assert (seen.console, seen.elsewhere) == ([], [])


@pytest.mark.parametrize("step", ["bytes", "inclusion", "signature", "consistency", "fetch"])
def test_one_changed_byte_is_found_in_its_step(published: list[int], seen: Watched, step: str) -> None:
    def receipt(change: Callable[[Any], None]) -> Callable[[bytes], bytes]:
        def changed(body: bytes) -> bytes:
            told = json.loads(body)
            change(told)
            return json.dumps(told).encode()

        return changed

    def proof(told: Any) -> None:
        told["proof"][0] = told["proof"][0].replace("a", "b", 1).replace("0", "1", 1)

    def at(told: Any) -> None:
        told["checkpoint"]["at"] = told["checkpoint"]["at"].replace("2026", "2025")

    def newest(told: Any) -> None:
        told["proof"] = told["proof"][:-1]

    def seq(told: Any) -> None:
        told["seq"] = 2

    page = seen.page
    address, change = {
        "bytes": (f"/announcements/{published[1]}/canonical.json", lambda body: body.replace(b"09:00", b"09:01", 1)),
        "inclusion": ("/log/receipt/1.json", receipt(proof)),
        "signature": ("/log/receipt/1.json", receipt(at)),
        "consistency": ("/log/consistency", receipt(newest)),
        "fetch": ("/log/receipt/1.json", receipt(seq)),
    }[step]
    tamper(page, address, change)
    assert verdict(page, 1) == INVALID
    found = states(page)
    assert found[step] == "bad"
    assert list(found.values()).index("bad") == list(found).index(step)


def test_invented_content_that_names_the_leafs_own_digest_is_found(published: list[int], seen: Watched) -> None:
    """What anybody who holds the server could write: another text, and the digest that the leaf has."""
    page = seen.page
    original = hashlib.sha256(bytes(AnnouncementRecord.objects.get(pk=published[1]).content)).hexdigest()

    def invented(body: bytes) -> bytes:
        told = {**json.loads(body), "title": "编造的标题", "text": "编造的正文", "original_sha256": original}
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    tamper(page, f"/announcements/{published[1]}/canonical.json", invented)
    assert verdict(page, 1) == INVALID
    assert states(page)["bytes"] == "bad"
    expect(page.locator("[data-step=bytes]")).to_contain_text("内容已被改动")


def test_masked_content_is_checked_by_the_leaf_of_the_masking(keys_dir: Any, seen: Watched) -> None:
    announcement, page = to_be_masked(), seen.page
    make_announcement()
    mask(announcement, (make_staff(Duty.MASKING), make_staff(Duty.MASKING)))
    page.goto(f"/announcements/{announcement.pk}/")
    for name in ("存证凭证", "遮蔽凭证"):
        expect(page.locator("dt", has_text=name)).to_be_visible()
    masked = "核验通过：这份存证凭证有效，公告后来遮蔽过，遮蔽后的内容与第 2 号凭证一致。"
    assert verdict(page, 0) == masked
    assert set(states(page).values()) == {"good"}
    assert verdict(page, 2) == VALID.replace("发布时", "遮蔽时")
    address = f"/announcements/{announcement.pk}/canonical.json"
    tamper(page, address, lambda body: body.replace("中标结果".encode(), "流标结果".encode()))
    assert (verdict(page, 0), states(page)["bytes"]) == (INVALID, "bad")
    assert verdict(page, 2) == INVALID
    page.unroute_all()
    tamper(page, "/log/receipt/2.json", lambda body: body.replace(b'"proof": ["', b'"proof": ["00', 1))
    assert (verdict(page, 0), states(page)["bytes"]) == (INVALID, "bad")


def test_page_without_the_libraries_says_so(published: list[int], open_page: Callable[..., Watched]) -> None:
    page = open_page().page
    page.add_init_script(PLAIN_HTTP)
    page.route("**/static/npm/**", lambda route: route.fulfill(status=404, body=""))
    assert verdict(page, 1) == INVALID
    expect(page.locator("[data-step=bytes]")).to_contain_text("没有装上核验所需的程序")


def test_page_without_script_says_how_else(published: list[int], open_page: Callable[..., Watched]) -> None:
    page = open_page(java_script_enabled=False).page
    page.goto("/log/verify/?seq=1")
    expect(page.locator("noscript .notice")).to_be_visible()


@pytest.mark.parametrize("mode", ["", "/large"])
def test_pages_of_the_log_are_accessible(published: list[int], open_page: Callable[..., Watched], mode: str) -> None:
    seen = open_page(width=390)
    log_days_close(now=NOW + timedelta(days=2))
    for address in ("/log/", "/log/verify/", "/log/verify/?seq=1"):
        seen.page.goto(mode + address)
        assert findings(seen) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
    seen.page.goto("/log/")
    expect(seen.page.get_by_text("2026年3月20日", exact=True).first).to_be_visible()
    with seen.page.expect_download() as download:
        seen.page.get_by_role("link", name="保存最新检查点").click()
    assert json.loads(download.value.path().read_bytes())["size"] == 5
