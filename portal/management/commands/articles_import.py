"""``manage.py articles_import FILE.jsonl``: notices, policies and guides of the center."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.services import article_import


class Command(BaseCommand):
    help = "导入栏目文章（JSON Lines：column、title、published、text、source）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="文件，每行一个 JSON 对象，UTF-8")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            self.stderr.write(f"不能导入：读不出文件 {file}（{error}）。请检查路径，并另存为 UTF-8。")
            sys.exit(2)
        outcome = article_import(rows=lines, now=timezone.now())
        for number, reason in outcome.refused:
            self.stderr.write(f"第 {number} 行未导入：{reason}。")
        self.stdout.write(f"imported={outcome.imported} unchanged={outcome.unchanged} refused={len(outcome.refused)}")
        if outcome.refused:
            sys.exit(3)
