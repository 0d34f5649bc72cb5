"""Articles for tests, and a site full of rows that pages have trouble with."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime

from portal.models import Article
from portal.services import article_import
from tests.tenders.factories import make_announcement

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
SCRIPT = '<script>window.ran = 1</script><img src=x onerror="window.ran = 1">\'"&amp;'
REVERSED = "云泽县\u202e程工目项\u2066设备"
_numbers = itertools.count(1)


def make_article(**changes: str) -> Article:
    """Import one article and return it."""
    row = {
        "column": "通知公告",
        "title": f"关于调整开标室安排的通知({next(_numbers)})",
        "published": "2026-03-02 09:00",
        "text": "一、时间\n自3月9日起。\n联系电话:0000-5550100",
        "source": "综合科",
        **changes,
    }
    outcome = article_import(rows=[json.dumps(row, ensure_ascii=False).encode()], now=NOW)
    assert (outcome.imported, outcome.refused) == (1, [])
    return Article.objects.latest("pk")


def make_hostile() -> list[int]:
    """Announcements whose content would like to run, to break the layout, or is not there at all."""
    rows = [
        {"title": SCRIPT, "text": f"{SCRIPT}\n一、{SCRIPT}\n名称:{SCRIPT}\n{SCRIPT}\t{SCRIPT}", "type": SCRIPT},
        {"title": REVERSED, "text": "含有\u202e反向\u202c字符\u200f的正文"},
        {"title": "长" * 1000, "text": ""},
        {"title": "W" * 1000, "text": "W" * 9000},
        {"title": "没有换行的正文", "text": "一二三四五六七八九十。" * 900},
        {"title": "坏链接", "text": "见附件", "source": {"name": SCRIPT, "page": "javascript:window.ran=1"},
         "attachments": [{"name": SCRIPT, "url": "javascript:window.ran=1"}]},
    ]  # fmt: skip
    return [make_announcement(**row).pk for row in rows]


def make_chain() -> list[int]:
    """A notice with a deadline far ahead, its correction, and its result, in one project."""
    fields = {
        "project_code": "YZCG-2026-018",
        "purchaser": "云泽县第三中学",
        "agency": "云泽县正衡招标代理有限公司",
        "region": "云泽县",
        "budget_yuan": "1234567.00",
        "place": "云泽县公共资源交易中心第一开标室",
        "deadline": "2036-04-10 09:30",
    }
    rows = [
        {"title": "云泽县第三中学食堂设备采购项目招标公告", "published": "2026-03-10 09:00", "fields": fields,
         "attachments": [{"name": "招标文件.pdf", "url": "https://example.test/a.pdf"}]},
        {"title": "云泽县第三中学食堂设备采购项目更正公告", "type": "更正公告", "published": "2026-03-12 09:00",
         "fields": fields, "text": "序号\t内容\t更正后\n1\t开标时间\t2036年4月10日9时30分"},
        {"title": "云泽县第三中学食堂设备采购项目中标结果公告", "type": "中标(成交)结果公告",
         "published": "2026-04-13", "fields": {**fields, "deadline": "", "supplier": "云泽县禾丰厨具有限公司"}},
    ]  # fmt: skip
    return [make_announcement(**row).pk for row in rows]
