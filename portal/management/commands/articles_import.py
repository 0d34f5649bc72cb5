"""``manage.py articles_import FILE.jsonl``: notices, policies and guides of the center."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from core.commands import ChineseCommand
from core.errors import BusinessError
from portal.services import article_import
from tenders.importing import file_lines


class Command(ChineseCommand):
    help = "导入栏目文章（JSON Lines：column、title、published、text、source）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="文件，每行一个 JSON 对象，UTF-8")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            with Path(file).open("rb") as stream:
                rows = (raw for _, raw in file_lines(stream))
                outcome = article_import(rows=rows, now=timezone.now())
        except (OSError, ValueError) as error:
            raise BusinessError(f"无法导入：读不出文件 {file}，请检查路径和权限。", "unreadable") from error
        for number, reason in outcome.refused:
            self.stderr.write(f"第 {number} 行未导入：{reason}。")
        self.stdout.write(f"imported={outcome.imported} unchanged={outcome.unchanged} refused={len(outcome.refused)}")
        if outcome.refused:
            sys.exit(3)
