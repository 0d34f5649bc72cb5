"""manage.py search_rebuild."""

from __future__ import annotations

from typing import Any

from core.commands import ChineseCommand
from tenders.search_missing import search_missing
from tenders.services.search import search_entries_make
from tenders.version import content_version_bump


class Command(ChineseCommand):
    help = "把不在检索里的公告补进检索；都在时什么也不改。"

    def handle(self, *args: Any, **options: Any) -> None:
        missing = search_missing()
        search_entries_make(numbers=missing, progress=self._progress)
        if missing:
            content_version_bump()
        self.stdout.write(f"补进检索的公告有 {len(missing):,} 条。" if missing else "没有改变：公告都在检索里。")

    def _progress(self, done: int, count: int) -> None:
        self.stderr.write(f"已补 {done:,} / {count:,} 条")
