"""manage.py announcements_import FILE.jsonl [--refused PATH]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from core.commands import ChineseCommand
from tenders.importing import ImportResult, announcement_file_import


class Command(ChineseCommand):
    help = "导入公告文件（每行一个 JSON 对象）；重复导入不改变任何内容。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="公告文件，UTF-8")
        parser.add_argument("--refused", metavar="PATH", help="被退回的行写到这里")
        parser.add_argument("--attachments", metavar="DIR", help="公告中写明的附件文件所在的目录；不给则不读取任何文件")

    def handle(self, *args: Any, **options: Any) -> None:
        result = announcement_file_import(
            path=Path(options["file"]),
            refused=Path(options["refused"]) if options["refused"] else None,
            attachments=Path(options["attachments"]) if options["attachments"] else None,
            now=timezone.now(),
            progress=self._progress,
        )
        if result.refused_path:
            self.stderr.write(f"被退回的行及原因写在 {result.refused_path}")
        self.stdout.write(f"imported={result.imported} unchanged={result.unchanged} refused={result.refused}")
        if result.refused:
            raise SystemExit(3)

    def _progress(self, number: int, result: ImportResult) -> None:
        self.stderr.write(
            f"已处理 {number:,} 行：新增 {result.imported:,}，未变 {result.unchanged:,}，退回 {result.refused:,}"
        )
