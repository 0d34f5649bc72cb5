"""Articles come in from files: once, never changed, bad lines refused by number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from core.errors import BusinessError
from portal.models import Article
from portal.services import ImportOutcome, article_import
from tenders.version import content_version
from tests.portal.factories import NOW, make_article

pytestmark = pytest.mark.django_db


def line(**changes: Any) -> bytes:
    row = {
        "column": "notices",
        "title": "开标室调整",
        "published": "2026-03-02 09:00",
        "text": "甲",
        "source": "综合科",
    }
    return json.dumps({**row, **changes}, ensure_ascii=False).encode()


def test_article_import_is_idempotent() -> None:
    rows = [line(), line(column="政策法规")]
    assert article_import(rows=rows, now=NOW) == ImportOutcome(imported=2)
    assert article_import(rows=rows, now=NOW) == ImportOutcome(unchanged=2)
    assert Article.objects.count() == 2


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (b"{", "不是一个完整的 JSON 对象"),
        (b"[1]", "应是一个 JSON 对象，而不是其他值"),
        (b"[" * 100_000 + b"]" * 100_000, "不是一个完整的 JSON 对象"),
        ("{}".encode("utf-16"), "不是 UTF-8 编码的文字"),
        (line(title=""), "标题应有 1 到 300 个字"),
        (line(title="长" * 301), "标题应有 1 到 300 个字"),
        (line(title=None), "title 不是可保存的文字"),
        (line(text="甲\x00"), "text 不是可保存的文字"),
        (line(text="甲" * 2_000_001), "text 有 2000001 个字，超过 2000000 个字的上限"),
        (line(source="源" * 201), "source 有 201 个字，超过 200 个字的上限"),
        (line(column="没有"), "没有栏目“没有”，现有：通知公告、中心动态、政策法规、办事指南"),
        (line(published="昨天"), "发布时间无法识别（昨天），应为 YYYY-MM-DD，可带 HH:MM[:SS] 和时区"),
    ],
)
def test_article_import_refuses_bad_lines_and_keeps_the_others(bad: bytes, sentence: str) -> None:
    assert article_import(rows=[bad, line()], now=NOW) == ImportOutcome(imported=1, refused=[(1, sentence)])


def test_article_import_refuses_to_change_what_was_published() -> None:
    article_import(rows=[line()], now=NOW)
    outcome = article_import(rows=[line(text="乙")], now=NOW)
    assert [number for number, _ in outcome.refused] == [1]
    assert Article.objects.get().text == "甲"


def test_article_import_lets_caches_know_even_when_it_breaks_off() -> None:
    def torn() -> Iterator[bytes]:
        yield line()
        raise OSError("disk")

    before = content_version()
    with pytest.raises(OSError, match="disk"):
        article_import(rows=torn(), now=NOW)
    assert Article.objects.count() == 1
    assert content_version() != before


def test_articles_import_command_reports_and_exits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_bytes(line() + b"\n{\n")
    with pytest.raises(SystemExit) as left:
        call_command("articles_import", str(file))
    assert left.value.code == 3
    told = capsys.readouterr()
    assert told.out == "imported=1 unchanged=0 refused=1\n"
    assert told.err == "第 2 行未导入：不是一个完整的 JSON 对象。\n"


def test_articles_import_command_reads_a_mark_and_line_separators(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + line(title="开标室\u2028调整\x85") + b"\r\n\r\n" + line(title="乙") + b"\n")
    call_command("articles_import", str(file))
    assert capsys.readouterr().out == "imported=2 unchanged=0 refused=0\n"


@pytest.mark.parametrize("name", ["none", ".", "a\x00b"])
def test_articles_import_command_needs_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(BusinessError, match=r"^无法导入：读不出文件 "):
        call_command("articles_import", f"{tmp_path}/{name}")


def test_empty_column_is_not_offered(client: Client) -> None:
    assert "政策法规" not in client.get("/").content.decode()


def test_article_shows_source_and_time(client: Client) -> None:
    article = make_article(title="放假<b>通知", source="综合科")
    page = client.get(f"/articles/notices/{article.pk}/").content.decode()
    assert "放假&lt;b&gt;通知</bdi></h1>" in page
    assert ">2026年3月2日 09:00</time>" in page and "来源 综合科" in page


def test_column_pages_to_the_end(client: Client) -> None:
    for n in range(21):
        make_article(title=f"第{n}号", published="2026-03-02 09:00")
    first = client.get("/articles/notices/").content.decode()
    cursor = first.split('href="?after=')[1].split('"')[0]
    second = client.get(f"/articles/notices/?after={cursor}").content.decode()
    assert (first.count('class="row-title"'), second.count('class="row-title"')) == (20, 1)
    assert "第0号" in second


@pytest.mark.parametrize("cursor", ["x", "1-2-3", "9" * 400 + "-1", "-", "1-" + "9" * 30])
def test_bad_cursor_is_refused(client: Client, cursor: str) -> None:
    make_article()
    response = client.get(f"/articles/notices/?after={cursor}")
    assert response.status_code == 400
    assert "页码标记无效" in response.content.decode()
