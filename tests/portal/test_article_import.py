"""Articles come in from files: once, never changed, bad lines refused by number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from portal.models import Article
from portal.services import ImportOutcome, article_import
from tests.portal.factories import NOW, make_article

pytestmark = pytest.mark.django_db


def line(**changes: Any) -> str:
    row = {
        "column": "notices",
        "title": "开标室调整",
        "published": "2026-03-02 09:00",
        "text": "甲",
        "source": "综合科",
    }
    return json.dumps({**row, **changes}, ensure_ascii=False)


def test_article_import_is_idempotent() -> None:
    rows = [line(), line(column="政策法规")]
    assert article_import(rows=rows, now=NOW) == ImportOutcome(imported=2)
    assert article_import(rows=rows, now=NOW) == ImportOutcome(unchanged=2)
    assert Article.objects.count() == 2


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ("{", "不是 JSON"),
        ("[1]", "不是 JSON 对象"),
        (line(title=""), "标题应有 1 到 300 个字"),
        (line(title="长" * 301), "标题应有 1 到 300 个字"),
        (line(title=None), "title 不是可保存的文字"),
        (line(text="甲\x00"), "text 不是可保存的文字"),
        (line(column="没有"), "没有栏目“没有”，现有：通知公告、中心动态、政策法规、办事指南"),
        (line(published="昨天"), "发布时间无法识别（昨天），应为 YYYY-MM-DD HH:MM"),
    ],
)
def test_article_import_refuses_bad_lines_and_keeps_the_others(bad: str, sentence: str) -> None:
    assert article_import(rows=[bad, line()], now=NOW) == ImportOutcome(imported=1, refused=[(1, sentence)])


def test_article_import_refuses_to_change_what_was_published() -> None:
    article_import(rows=[line()], now=NOW)
    outcome = article_import(rows=[line(text="乙")], now=NOW)
    assert [number for number, _ in outcome.refused] == [1]
    assert Article.objects.get().text == "甲"


def test_articles_import_command_reports_and_exits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text(line() + "\n{\n", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        call_command("articles_import", str(file))
    assert left.value.code == 3
    told = capsys.readouterr()
    assert told.out == "imported=1 unchanged=0 refused=1\n"
    assert told.err == "第 2 行未导入：不是 JSON。\n"


def test_articles_import_command_needs_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        call_command("articles_import", str(tmp_path / "none"))
    assert left.value.code == 2
    assert "读不出文件" in capsys.readouterr().err


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
