"""Every page: answers, headers, the mode in large print, what happens to bad requests."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from tests.portal.factories import make_article, make_chain
from tests.tenders.factories import make_announcement

pytestmark = pytest.mark.django_db
HTML = "text/html; charset=utf-8"
PAGES = [
    "/", "/announcements/", "/announcements/?q=食堂", "/announcements/?q=没有这种词", "/announcements/{announcement}/",
    "/articles/notices/", "/articles/notices/{article}/", "/articles/policies/", "/guides/", "/guides/bidder/",
    "/guides/purchaser/", "/guides/agency/", "/sitemap/", "/about/", "/accessibility/",
]  # fmt: skip


@pytest.fixture
def made() -> dict[str, int]:
    return {"announcement": make_chain()[0], "article": make_article().pk}


@pytest.mark.parametrize("prefix", ["", "/large"])
@pytest.mark.parametrize("page", PAGES)
def test_page_is_answered_without_cookie(client: Client, made: dict[str, int], page: str, prefix: str) -> None:
    response = client.get(prefix + page.format(**made))
    assert (response.status_code, response["Content-Type"]) == (200, HTML)
    assert [n for n in ("Set-Cookie", "Vary") if n in response.headers] == []
    assert not response.cookies
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';") and "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("page", PAGES)
def test_page_in_large_print_keeps_its_prefix_in_every_link(client: Client, made: dict[str, int], page: str) -> None:
    html = client.get("/large" + page.format(**made)).content.decode()
    assert '<html lang="zh-CN" class="large">' in html
    links = set(re.findall(r'(?:href|action)="(/[^"]*)"', html))
    apart = ("/static/", "/feeds/", "/api/")
    strays = {link for link in links if not link.startswith(("/large/", *apart))}
    assert strays == {quote(page.format(**made), safe="/?=&")}


def test_switch_leads_to_the_same_page_in_the_other_size(client: Client) -> None:
    assert 'href="/large/announcements/?q=%E4%B8%AD"' in client.get("/announcements/?q=%E4%B8%AD").content.decode()
    assert 'href="/announcements/?q=%E4%B8%AD"' in client.get("/large/announcements/?q=%E4%B8%AD").content.decode()


def test_large_without_slash_is_sent_to_the_large_home_page(client: Client) -> None:
    response = client.get("/large")
    assert (response.status_code, response["Location"]) == (302, "/large/")


def test_missing_slash_keeps_large_print(client: Client) -> None:
    response = client.get("/large/announcements")
    assert (response.status_code, response["Location"]) == (301, "/large/announcements/")


def test_switch_never_leads_to_another_host(client: Client) -> None:
    response = client.get("/large//evil.example/")
    assert response.status_code == 404
    assert 'href="//' not in response.content.decode()


def test_prefix_does_not_leak_into_the_next_request(client: Client) -> None:
    client.get("/large/")
    assert "/large/announcements/" not in client.get("/").content.decode()


@pytest.mark.parametrize(
    "address",
    ["/nothing/", "/announcements/0/", "/announcements/999999999999999999999999/", "/announcements/7/canonical.json",
     "/announcements/7/attachments/0/", "/articles/nothing/", "/articles/notices/999999999999999999999/",
     "/guides/nothing/", "/announcements/%00/", "/articles/notices/abc/"],
)  # fmt: skip
def test_unknown_address_is_a_page_of_the_house(client: Client, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (404, HTML)
    assert "没有这一页" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=2026-13-01", "不是有效的日期"),
        ("until=%00", "控制字符"),
        ("until=20260301", "不是有效的日期"),
        ("sort=name", "排序方式"),
        ("after=elsewhere", "翻页位置无效"),
        ("q=a%00b", "控制字符"),
        ("q=" + "a" * 201, "最多 200 个字"),
    ],
)
def test_bad_query_is_refused_with_a_sentence(client: Client, query: str, sentence: str) -> None:
    response = client.get(f"/announcements/?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, HTML)
    assert sentence in response.content.decode()


def test_refusal_shows_what_was_asked_without_running_it(client: Client) -> None:
    html = client.get("/announcements/?since=<script>alert(1)</script>").content.decode()
    assert "&lt;script&gt;" in html and "<script>alert" not in html


def test_unknown_parameters_are_ignored(client: Client) -> None:
    assert client.get("/announcements/?utm_source=x&from=singlemessage").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_page_is_read_only(client: Client, made: dict[str, int], page: str) -> None:
    assert client.post(page.format(**made)).status_code == 405


def test_failure_is_a_page_of_the_house(client: Client, settings: Any) -> None:
    make_announcement()
    client.raise_request_exception = False
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "OPTIONS": {**settings.TEMPLATES[0]["OPTIONS"],
                           "context_processors": ["tests.portal.test_pages.broken"]}}]  # fmt: skip
    response = client.get("/announcements/")
    assert (response.status_code, response["Content-Type"]) == (500, HTML)
    assert "页面暂时打不开" in response.content.decode()


def broken(request: Any) -> dict[str, Any]:
    """A context processor that fails, as when the database is gone."""
    raise RuntimeError("the database is gone")


def test_demo_instance_is_marked_on_every_page(client: Client, made: dict[str, int]) -> None:
    pages = [page.format(**made) for page in PAGES]
    assert [p for p in pages if "<strong>演示</strong>" not in client.get(p).content.decode()] == []


def test_blank_settings_hide_their_items(client: Client, settings: Any) -> None:
    html = client.get("/about/").content.decode()
    assert "网站标识码" in html
    assert "我为政府网站找错" not in html


def test_demo_stays_out_of_search_engines(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == "User-agent: *\nDisallow: /\n"


def test_icon_is_there_for_programs_that_ask_at_the_root(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Content-Type"]) == (200, "image/x-icon")
    assert response.content[:4] == b"\0\0\1\0"


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("/", "testserver", 200),
        ("/about", "testserver", 301),
        ("/large", "testserver", 302),
        ("/", "evil.example", 400),
        ("/announcements/?since=x", "testserver", 400),
        ("/nowhere/", "testserver", 404),
        ("/healthz/x", "testserver", 404),
        ("/static/nowhere.css", "testserver", 404),
    ],
)
def test_every_answer_has_the_security_headers(client: Client, address: str, host: str, status: int) -> None:
    response = client.get(address, headers={"host": host})
    names = ("Content-Security-Policy", "X-Frame-Options", "Permissions-Policy", "X-Content-Type-Options")
    assert (response.status_code, [n for n in names if n not in response.headers]) == (status, [])
    assert response["Referrer-Policy"] == "same-origin"
