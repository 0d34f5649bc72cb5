"""``manage.py audit_verify [--json]``: is the action log as its seals say?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from audit.verify import actions_verify
from core.commands import ChineseCommand


class Command(ChineseCommand):
    help = "核验操作记录：逐行重新计算全部封条，指出第一处不符；相符为 0，不符为 1。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="输出 JSON")

    def handle(self, *args: Any, as_json: bool, **options: Any) -> None:
        verdict = actions_verify(now=timezone.now(), progress=self._progress)
        self.stdout.write(json.dumps(asdict(verdict), ensure_ascii=False) if as_json else verdict.message)
        if not verdict.ok:
            sys.exit(1)

    def _progress(self, done: int, count: int) -> None:
        if done % 10_000 == 0:
            self.stderr.write(f"已核验 {done:,} / {count:,} 个封条")
