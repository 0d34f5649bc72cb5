"""``manage.py selfeval_score FILE [--json]``: a self-evaluation scored. Starts nothing, needs no database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.commands import ChineseCommand
from core.errors import BusinessError
from core.reasons import reason
from performance.scoring.form import form_parse
from performance.scoring.output import score_json, score_table

LARGEST = 16 * 1024 * 1024


class Command(ChineseCommand):
    help = "给绩效自评文件评分：执行率、各项得分、总分、等级，以及需要说明的事项。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="自评文件（JSON）")
        parser.add_argument("--json", action="store_true", help="以 JSON 给出结果")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            with path.open("rb") as stream:
                content = stream.read(LARGEST + 1)
        except (OSError, ValueError) as error:
            why = reason(error) if isinstance(error, OSError) else "路径不对"
            raise BusinessError(f"没有评分：读不出文件 {path}（{why}）。", "unreadable") from error
        if len(content) > LARGEST:
            raise BusinessError("没有评分：文件超过 16 MB，不是一份自评文件。", "too_large")
        form = form_parse(content)
        self.stdout.write(json.dumps(score_json(form), ensure_ascii=False) if options["json"] else score_table(form))
