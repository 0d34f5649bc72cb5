"""manage.py log_verify [--since FILE] [--no-files] [--json]."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.log_verification import (
    Verification,
    checkpoint_read,
    contents_verification,
    log_verification,
    verification_json,
)
from core.commands import ChineseCommand

EVERY = 50_000


class Command(ChineseCommand):
    help = "由数据库重算存证日志的每个摘要、整棵树和每个检查点的签名；有一处不符即以 1 退出。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", metavar="FILE", help="另存在中心以外的检查点：核验今天的日志是否由它延续而来")
        parser.add_argument("--no-files", action="store_true", help="不重读本站保存的附件，只核验数据库")
        parser.add_argument("--json", action="store_true", help="以 JSON 给出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        since = checkpoint_read(Path(options["since"])) if options["since"] else None
        found = log_verification(since=since, progress=self._progress)
        if not options["no_files"]:
            contents_verification(found)
        if options["json"]:
            self.stdout.write(json.dumps(verification_json(found), ensure_ascii=False))
        else:
            self._tell(found, since.size if since else 0)
        if found.count:
            raise SystemExit(1)

    def _tell(self, found: Verification, since: int) -> None:
        for _, sentence in found.problems:
            self.stdout.write(sentence)
        if found.masked:
            some = "、".join(map(str, found.masked[:20])) + ("等" if len(found.masked) > 20 else "")
            self.stdout.write(f"已遮蔽 {len(found.masked):,} 条（第 {some} 号凭证），原文的摘要与发布时一致。")
        if found.count:
            self.stdout.write(f"核验不通过：共 {found.count:,} 处不符。")
            return
        self.stdout.write(
            f"核验通过：{found.size:,} 份存证凭证、{found.checkpoints:,} 个检查点全部相符，根为 {found.root}。"
        )
        if found.extends:
            self.stdout.write(f"今天的日志由另存的检查点（{since:,} 份凭证）延续而来，其中没有一份被改动。")

    def _progress(self, done: int, count: int) -> None:
        if done % EVERY == 0:
            self.stderr.write(f"已核验 {done:,} / {count:,} 份凭证")
