"""The list and the page of one announcement: what they show, what they cost, what they refuse to run."""

from __future__ import annotations

import html as markup
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.qr import qr_svg
from documents.services import file_store
from portal import fragments
from tenders.models import Announcement, Attachment
from tests.portal.factories import NOW, make_article, make_chain, make_hostile
from tests.tenders.factories import make_announcement

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def page_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def titles(page: str) -> list[str]:
    found = re.findall(r'<a class="row-title" href="[^"]*"><bdi>(.*?)</bdi></a>', page)
    return [markup.unescape(re.sub("<[^>]+>", "", title)) for title in found]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [("/announcements/", 7), ("/", 8)])
def test_list_asks_the_database_the_same_number_of_times(
    client: Client, django_assert_num_queries: Any, address: str, queries: int, rows: int
) -> None:
    for _ in range(rows):
        make_announcement()
    fragments.forget()
    with django_assert_num_queries(queries):
        client.get(address)


def test_search_asks_the_database_as_often_for_three_rows_as_for_one(client: Client) -> None:
    asked = []
    client.get("/announcements/?q=设备")  # statistics are read once in some minutes
    for _ in range(3):
        make_announcement()
        fragments.forget()
        with CaptureQueriesContext(connection) as captured:
            client.get("/announcements/?q=设备")
        asked.append(len(captured))
    assert asked == [asked[0]] * 3


@pytest.mark.parametrize("links", [1, 3])
def test_detail_asks_the_database_the_same_number_of_times(
    client: Client, django_assert_num_queries: Any, links: int
) -> None:
    pk = min(make_announcement(fields={"project_code": "YZ-1"}).pk for _ in range(links))
    client.get(f"/announcements/{pk}/")
    with django_assert_num_queries(1):
        client.get(f"/announcements/{pk}/")


@pytest.mark.parametrize("rows", [1, 3])
def test_column_asks_the_database_the_same_number_of_times(
    client: Client, django_assert_num_queries: Any, rows: int
) -> None:
    for _ in range(rows):
        make_article()
    fragments.forget()
    with django_assert_num_queries(4):
        client.get("/articles/notices/")


def test_list_is_newest_first_and_pages_to_the_end(client: Client) -> None:
    made = [make_announcement(title=f"第{n:02d}号公告", published=f"2026-03-01 09:{n:02d}").title for n in range(45)]
    address, found = "/announcements/", []
    for _ in range(3):
        page = page_of(client, address)
        found += titles(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = markup.unescape(following[1]) if following else ""
    assert found == made[::-1]
    assert address == ""
    assert "回到第一页" in page and "已是最后一页" in page


def test_filters_combine_and_can_be_taken_away_one_by_one(client: Client) -> None:
    wanted = make_announcement(category="工程建设", type="招标公告", published="2026-03-05 10:00",
                               fields={"region": "云泽县"})  # fmt: skip
    make_announcement(category="政府采购", type="招标公告", published="2026-03-05 10:00")
    make_announcement(category="工程建设", type="招标公告", published="2026-02-05 10:00")
    page = page_of(
        client, "/announcements/?category=工程建设&type=招标公告&region=云泽县&since=2026-03-05&until=2026-03-05"
    )
    assert titles(page) == [wanted.title]
    chips = re.findall(r'<li><a href="([^"]+)"><span>(.*?)：', page)
    assert [label for _, label in chips] == ["类别", "公告类型", "地区", "起始日", "截止日"]
    without = [markup.unescape(address) for address, _ in chips]
    assert [("category=" in a, "type=" in a, "region=" in a) for a in without[:3]] == [
        (False, True, True), (True, False, True), (True, True, False)
    ]  # fmt: skip


def test_empty_list_says_what_to_do(client: Client) -> None:
    page = page_of(client, "/announcements/?category=没有这一类")
    assert "没有符合条件的公告" in page
    assert "去掉上面的一个条件" in page
    assert titles(page) == []


def test_hits_are_counted_and_marked(client: Client) -> None:
    make_announcement(title="云泽县第三中学食堂设备采购")
    make_announcement(title="云泽县澄江小学课桌椅采购")
    page = page_of(client, "/announcements/?q=食堂")
    assert titles(page)[0] == "云泽县第三中学食堂设备采购"
    assert "云泽县第三中学<mark>食堂</mark>设备采购" in page
    assert re.search(r"共 <strong>(\d+)</strong> 条", page)[1] == str(len(titles(page)))


def test_feed_and_data_of_the_same_query_are_linked(client: Client) -> None:
    page = page_of(client, "/announcements/?q=食堂&category=政府采购")
    query = "?q=%E9%A3%9F%E5%A0%82&amp;category=%E6%94%BF%E5%BA%9C%E9%87%87%E8%B4%AD"
    assert f'href="/feeds/announcements.atom{query}"' in page
    assert f'href="/api/v1/announcements/{query}"' in page


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(timedelta(days=4), "还有4天"), (timedelta(days=1), "明天截止"), (timedelta(minutes=-1), "已截止")],
)
def test_deadline_is_told_in_days(client: Client, ahead: timedelta, words: str) -> None:
    moment = timezone.localtime(timezone.now()) + ahead
    make_announcement(fields={"deadline": moment.strftime("%Y-%m-%d %H:%M")})
    assert f'">{words}</span>' in page_of(client, "/announcements/")


def test_detail_shows_facts_first(client: Client) -> None:
    page = page_of(client, f"/announcements/{make_chain()[0]}/")
    facts = re.findall(r"<dt>(.*?)</dt><dd[^>]*><bdi>(.*?)</bdi>", page)
    assert facts == [
        ("预算金额", "1,234,567.00 元"),
        ("采购人", "云泽县第三中学"),
        ("代理机构", "云泽县正衡招标代理有限公司"),
        ("开标地点", "云泽县公共资源交易中心第一开标室"),
        ("项目编号", "YZCG-2026-018"),
        ("地区", "云泽县"),
    ]
    assert "（123.46 万元）" in page
    assert page.index("2036年4月10日 09:30") < page.index("公告正文")


def test_blank_amounts_are_not_shown(client: Client) -> None:
    blank = make_announcement(text="", fields={"budget_yuan": "0.00", "max_price_yuan": "0元", "purchaser": "/"})
    assert "<dt>预算金额" not in (page := page_of(client, f"/announcements/{blank.pk}/"))
    assert "<dt>最高限价" not in page
    assert "<dt>采购人</dt>" not in page


def test_chain_is_a_timeline_that_names_what_was_corrected(client: Client) -> None:
    notice, correction, _ = make_chain()
    page = page_of(client, f"/announcements/{notice}/")
    assert re.findall(r'<span class="step-kind">(.*?)</span>', page) == [
        "公开招标公告",
        "更正公告",
        "中标(成交)结果公告",
    ]
    assert "针对：云泽县第三中学食堂设备采购项目招标公告" in page
    assert f'这份公告已有更正：<a href="/announcements/{correction}/">' in page
    assert "这份公告已有更正" not in page_of(client, f"/announcements/{correction}/")


def test_kept_page_shows_what_joins_its_chain_later(client: Client) -> None:
    notice = make_announcement(fields={"project_code": "YZ-1"})
    assert "项目进程" not in page_of(client, f"/announcements/{notice.pk}/")
    later = make_announcement(type="更正公告", title="后来的更正公告", fields={"project_code": "YZ-1"})
    page = page_of(client, f"/announcements/{notice.pk}/")
    assert f'这份公告已有更正：<a href="/announcements/{later.pk}/">' in page


def test_kept_pages_are_not_mixed_up(client: Client) -> None:
    pk = make_announcement().pk
    for address in (f"/announcements/{pk}/", "/announcements/?q=云泽", "/announcements/"):
        plain, large = page_of(client, address), page_of(client, f"/large{address}")
        assert plain == page_of(client, address)
        assert ('class="large"' in plain, 'class="large"' in large) == (False, True)
        assert f'href="/large{quote(address, safe="/?=")}">长者模式' in plain
        other = client.get(f"{address}{'&' if '?' in address else '?'}x=1").content.decode()
        assert 'x=1">长者模式' in other and "x=1" not in page_of(client, address)


def test_announcement_alone_has_no_timeline(client: Client) -> None:
    assert "项目进程" not in page_of(client, f"/announcements/{make_announcement().pk}/")


def test_detail_can_be_cited(client: Client) -> None:
    pk = make_announcement().pk
    for page in (page_of(client, f"/announcements/{pk}/"), page_of(client, f"/large/announcements/{pk}/")):
        assert f'<link rel="canonical" href="http://testserver/announcements/{pk}/">' in page
        assert 'alt="本页网址二维码"' in page
        assert Announcement.objects.get(pk=pk).sha256 in page


def test_detail_has_its_address_as_a_code(client: Client) -> None:
    pk = make_announcement().pk
    found = {client.get(f"{prefix}/announcements/{pk}/qr.svg").content for prefix in ("", "/large")}
    response = client.get(f"/announcements/{pk}/qr.svg")
    assert (response["Content-Type"], response.content[:4]) == ("image/svg+xml", b"<svg")
    assert found == {qr_svg(f"http://testserver/announcements/{pk}/")}
    assert client.get("/announcements/99999/qr.svg").status_code == 404


def test_list_says_that_a_single_character_is_looked_for_in_titles(client: Client) -> None:
    make_announcement(title="石桥维修")
    note = "太短，只在标题里查找"
    assert note in page_of(client, "/announcements/?q=桥")
    assert note not in page_of(client, "/announcements/?q=石桥")


def test_canonical_bytes_are_served_as_stored(client: Client) -> None:
    announcement = make_announcement()
    response = client.get(f"/announcements/{announcement.pk}/canonical.json")
    assert response["Content-Type"] == "application/json"
    assert response.content == bytes(announcement.record.content)


def test_hostile_content_is_shown_and_does_not_run(client: Client) -> None:
    for pk in make_hostile():
        page = page_of(client, f"/announcements/{pk}/")
        assert "<script>window" not in page and "<img src=x" not in page and 'href="javascript:' not in page
    for address in ("/", "/announcements/", "/announcements/?q=window"):
        page = page_of(client, address)
        assert "<script>window" not in page and "<img src=x" not in page


def test_direction_marks_are_made_visible(client: Client) -> None:
    pk = make_hostile()[1]
    for address in ("/", "/announcements/", "/announcements/?q=云泽", f"/announcements/{pk}/"):
        page = page_of(client, address)
        assert "\u202e" not in page and "\u2066" not in page
        assert ">U+202E</span>" in page
    assert "<title>云泽县[U+202E]程工目项[U+2066]设备 - " in page


def test_announcement_without_text_says_where_to_ask(client: Client) -> None:
    blank = make_announcement(text="", source={"name": "甲来源"}, fields={})
    assert "这份公告没有正文" in page_of(client, f"/announcements/{blank.pk}/")


def test_kept_file_is_a_download_under_its_own_name(client: Client, settings: Any, tmp_path: Path) -> None:
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": files}
    announcement = make_announcement(attachments=[{"name": "别处的文件.pdf", "url": "https://example.test/a"}])
    stored = file_store(content=io.BytesIO(PDF), now=NOW, name="招标文件.pdf")
    Attachment.objects.create(
        announcement=announcement, position=1, name="招标文件.pdf", size=stored.size, sha256=stored.sha256, stored=True
    )
    address = f"/announcements/{announcement.pk}/attachments/1/"
    assert f'<a href="{address}"><bdi>招标文件.pdf</bdi></a>' in page_of(client, f"/announcements/{announcement.pk}/")
    response = client.get(address)
    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''" + quote("招标文件.pdf")
    for other in (0, 2):
        assert client.get(f"/announcements/{announcement.pk}/attachments/{other}/").status_code == 404


def test_terminated_project_says_so_instead_of_corrected(client: Client) -> None:
    fields = {"project_code": "YZ-END"}
    notice = make_announcement(type="询价公告", published="2026-03-01", fields=fields)
    end = make_announcement(type="终止公告", published="2026-03-02", fields=fields)
    page = client.get(f"/announcements/{notice.pk}/").content.decode()
    assert f'这个项目已经终止：<a href="/announcements/{end.pk}/">' in page
    assert "已有更正" not in page


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_are_for_reading_and_say_so(client: Client, method: str) -> None:
    answer = getattr(client, method)("/announcements/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert "只供查看" in answer.content.decode()


def test_lists_count_down_to_no_dead_date(client: Client) -> None:
    due = {"deadline": "2036-05-01 09:00"}
    alive = make_announcement(title="甲仍在进行", fields={"project_code": "A", **due}, published="2026-03-01")
    make_announcement(title="乙被更正", fields={"project_code": "B", **due}, published="2026-03-01")
    make_announcement(title="乙更正", type="更正公告", fields={"project_code": "B"}, published="2026-03-02")
    make_announcement(title="丙被终止", fields={"project_code": "C", **due}, published="2026-03-01")
    make_announcement(title="丙终止", type="终止公告", fields={"project_code": "C", **due}, published="2026-03-02")
    for address in ("/", "/announcements/", "/announcements/?q=%E7%BB%88%E6%AD%A2"):
        rows = re.findall(r'<li class="row">.*?</li>', client.get(address).content.decode(), re.DOTALL)
        shown = {}
        for row in rows:
            due_words = re.search(r'class="due \w+">([^<]*)<', row)
            title = re.sub("<.*?>", "", re.search(r"<bdi>(.*?)</bdi></a>", row)[1])  # type: ignore[index]
            shown[title] = due_words[1] if due_words else ""
        want = {"甲仍在进行": "还有", "乙被更正": "有更正", "乙更正": "", "丙被终止": "已终止", "丙终止": "已终止"}
        for title in shown:
            assert shown[title].startswith(want[title]) and bool(shown[title]) == bool(want[title]), address
    assert "data-deadline" in client.get(f"/announcements/{alive.pk}/").content.decode()
    for title in ("乙被更正", "丙被终止", "丙终止"):
        page = client.get(f"/announcements/{Announcement.objects.get(title=title).pk}/").content.decode()
        assert "data-deadline" not in page


def test_land_facts_have_their_own_names(client: Client) -> None:
    fields = {"land_grantor": "云泽县自然资源局", "start_wan": "419.0", "deposit_wan": 1000, "grantee": "甲公司",
              "apply_until": "2026-11-06", "method": "网上挂牌"}  # fmt: skip
    row = make_announcement(category="土地使用权", type="探矿权挂牌出让公告", fields=fields)
    page = client.get(f"/announcements/{row.pk}/").content.decode()
    facts = dict(re.findall(r"<dt>([^<]*)</dt><dd[^>]*><bdi>([^<]*)</bdi>", page))
    assert facts == {
        "起始价": "4,190,000.00 元",
        "保证金": "10,000,000.00 元",
        "报名截止": "2026-11-06",
        "出让人": "云泽县自然资源局",
        "受让人": "甲公司",
        "交易方式": "网上挂牌",
    }


def test_search_shows_where_a_code_was_hit(client: Client) -> None:
    make_announcement(title="课桌采购", text="", fields={"project_code": "HBZC-2025-1"})
    page = client.get("/announcements/", {"q": "hbzc-2025-1"}).content.decode()
    assert "项目编号：<mark>HBZC-2025-1</mark>" in page
