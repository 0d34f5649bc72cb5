"""manage.py demo_load [--size small|county|province]."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from core.commands import ChineseCommand
from portal.demo import demo_load
from tenders.demo.generate import SIZES


class Command(ChineseCommand):
    help = "向演示实例写入虚构的数据；同样的规模再次写入不改变任何内容。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--size", choices=list(SIZES), default="small", help="small 初看，county 一个县三年，province 压力测试"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sentence = demo_load(size=options["size"], now=timezone.now(), progress=self._progress)
        self.stdout.write(sentence)

    def _progress(self, done: int, count: int) -> None:
        self.stderr.write(f"已写入 {done:,} / {count:,} 条")
