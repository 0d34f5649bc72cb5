"""The list as JSON and Atom: the same query, the same rows, the same refusals."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from tenders.models import Announcement
from tests.tenders.factories import make_announcement

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
API, FEED = "/api/v1/announcements/", "/feeds/announcements.atom"


def make(count: int, **changes: Any) -> list[Announcement]:
    return [make_announcement(title=f"路灯采购{n}", **changes) for n in range(count)]


def test_api_row_has_the_contract_keys(client: Client) -> None:
    row = make_announcement(title="甲", fields={"project_code": "A-1", "purchaser": "县局", "region": "云泽县"})
    answer = client.get(API)
    assert answer.json() == {
        "results": [
            {
                "id": row.pk,
                "title": "甲",
                "category": "政府采购",
                "type": "公开招标公告",
                "published": "2026-03-17T09:00:00+08:00",
                "region": "云泽县",
                "project_code": "A-1",
                "purchaser": "县局",
                "url": f"http://testserver/announcements/{row.pk}/",
            }
        ],
        "next": None,
    }
    assert "Set-Cookie" not in answer.headers


def test_api_pages_follow_next_to_the_end(client: Client) -> None:
    want = [row.pk for row in reversed(make(45))]
    address, found = f"{API}?q=%E8%B7%AF%E7%81%AF&utm_source=shared", []
    while address:
        answer = client.get(address).json()
        found.append([row["id"] for row in answer["results"]])
        address = answer["next"]
    assert found == [want[:20], want[20:40], want[40:]]


def test_feed_has_the_same_rows_and_next(client: Client) -> None:
    want = [row.pk for row in reversed(make(21))]
    root = ElementTree.fromstring(client.get(FEED, {"q": "路灯"}).content)
    ids = [int(e.findtext(f"{ATOM}id", "").rstrip("/").rsplit("/", 1)[1]) for e in root.iter(f"{ATOM}entry")]
    assert ids == want[:20]
    following = [e.get("href", "") for e in root.findall(f"{ATOM}link") if e.get("rel") == "next"]
    second = ElementTree.fromstring(client.get(following[0]).content)
    assert [e.findtext(f"{ATOM}title") for e in second.iter(f"{ATOM}entry")] == ["路灯采购0"]
    assert [e.get("rel") for e in second.findall(f"{ATOM}link") if e.get("rel") == "next"] == []


def test_feed_same_list_gives_the_same_bytes(client: Client) -> None:
    make(2)
    assert client.get(FEED).content == client.get(FEED).content
    assert client.get(FEED, {"q": "没有这样的公告"}).status_code == 200


def test_feed_and_api_keep_hostile_titles_as_text(client: Client) -> None:
    title = "<script>alert('1')</script>&amp;\u202e]]>标题\x85\u2028"
    make_announcement(title=title)
    stored = Announcement.objects.get().title
    root = ElementTree.fromstring(client.get(FEED).content)
    assert [e.findtext(f"{ATOM}title") for e in root.iter(f"{ATOM}entry")] == [stored]
    assert client.get(API).json()["results"][0]["title"] == stored


BAD = [
    {"since": "2026-02-30"},
    {"until": "x"},
    {"sort": "asc"},
    {"after": "elsewhere"},
    {"q": "a\x00b"},
    {"q": "长" * 10_000},
]


@pytest.mark.parametrize("params", BAD)
def test_bad_query_is_a_sentence_and_400_everywhere(client: Client, params: dict[str, str]) -> None:
    answer = client.get(API, params)
    assert (answer.status_code, set(answer.json())) == (400, {"message", "code"})
    assert answer.json()["message"].endswith("。")
    for address in (FEED, "/announcements/", "/large/announcements/"):
        page = client.get(address, params)
        assert page.status_code == 400
        assert answer.json()["message"] in page.content.decode().replace("&quot;", '"')


def test_api_cursor_serves_the_page_and_the_feed_too(client: Client) -> None:
    make(21)
    cursor = client.get(API).json()["next"].rpartition("after=")[2]
    assert client.get("/announcements/", {"after": cursor}).status_code == 200
    assert client.get(FEED, {"after": cursor}).status_code == 200
    assert client.get(FEED, {"after": cursor, "q": "路灯"}).status_code == 400


def test_api_detail_and_missing_one(client: Client) -> None:
    row = make_announcement(fields={"budget_yuan": "750000.00", "深": [1]}, text="正文")
    found = client.get(f"{API}{row.pk}/").json()
    assert (found["text"], found["budget_yuan"], found["fields_as_published"]) == (
        "正文",
        "750000.00",
        {"budget_yuan": "750000.00", "深": [1]},
    )
    for missing in (row.pk + 1, 0, 10**30):
        answer = client.get(f"{API}{missing}/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_api_is_for_reading(client: Client, method: str) -> None:
    answer = getattr(client, method)(API)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_api_refuses_formats_it_has_not(client: Client) -> None:
    answer = client.get(API, headers={"accept": "text/csv"})
    assert (answer.status_code, set(answer.json())) == (406, {"message", "code"})


def test_schema_describes_both_addresses(client: Client) -> None:
    schema = client.get("/api/schema/", headers={"accept": "application/json"}).json()
    assert schema["openapi"].startswith("3.")
    assert sorted(schema["paths"]) == ["/api/v1/announcements/", "/api/v1/announcements/{id}/"]
    assert schema["paths"]["/api/v1/announcements/"]["get"]["description"] == "公告列表"
    assert [name for name, one in schema["components"]["schemas"].items() if "description" in one] == []


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [(API, 1), (FEED, 1), (f"{API}?q=%E8%B7%AF%E7%81%AF", 6)])
def test_lists_ask_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: Any, rows: int, address: str, queries: int
) -> None:
    make(rows)
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


def test_api_ignores_a_format_as_any_unknown_name(client: Client) -> None:
    make(1)
    assert client.get(API, {"format": "xml"}).json() == client.get(API).json()


def test_api_says_in_chinese_that_options_is_no_way_to_read(client: Client) -> None:
    answer = client.options(API)
    assert (answer.status_code, answer.json()["message"]) == (405, "此接口只供读取，请使用 GET。")
