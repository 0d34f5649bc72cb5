"""manage.py restore FILE [--replace] [--checkpoint FILE | --checkpoint-lost]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from core.commands import ChineseCommand
from core.errors import BusinessError
from core.reasons import reason
from trading_center.backup.restore import Restored, restore
from upkeep.gates import ON_HOLD
from upkeep.services.holds import checkpoint_read, hold_end_by_checkpoint, hold_end_checkpoint_lost

LOST = "恢复时由命令行声明检查点遗失（--checkpoint-lost）。"


class Command(ChineseCommand):
    help = "从备份恢复数据库和文件：先核对全部内容，再在旁边建好新库，最后一次切换；恢复后处于保全状态。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="manage.py backup 写出的文件")
        parser.add_argument("--replace", action="store_true", help="取代已有数据的实例；原数据库改名保留")
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--checkpoint", metavar="FILE", help="外部保存的最后一个存证检查点，核对无误即解除保全")
        group.add_argument("--checkpoint-lost", action="store_true", help="声明外部检查点遗失，记入存证日志后解除保全")

    def handle(self, *args: Any, **options: Any) -> None:
        checkpoint = self._checkpoint(options["checkpoint"])
        found = restore(
            path=Path(options["file"]),
            replace=options["replace"],
            now=timezone.now(),
            keys_needed=checkpoint is not None or options["checkpoint_lost"],
            say=self.stderr.write,
        )
        self._tell(found)
        if checkpoint is not None:
            self._compare(checkpoint)
        elif options["checkpoint_lost"]:
            hold_end_checkpoint_lost(reason=LOST, now=timezone.now())
            self.stdout.write("已声明检查点遗失并记录，恢复保全已解除。")
        else:
            self.stdout.write(ON_HOLD)

    @staticmethod
    def _checkpoint(given: str | None) -> bytes | None:
        """Read before anything else: a slip in the name should not cost a restore."""
        if not given:
            return None
        try:
            text = Path(given).read_bytes()
        except OSError as error:
            raise BusinessError(f"没有恢复：读不出检查点文件 {given}（{reason(error)}）。", "unreadable") from error
        checkpoint_read(text)
        return text

    def _compare(self, checkpoint: bytes) -> None:
        try:
            hold_end_by_checkpoint(text=checkpoint, now=timezone.now())
        except BusinessError as refusal:
            self.stderr.write(refusal.message)
            raise SystemExit(1) from None
        self.stdout.write("存证日志延续了所给的检查点，恢复保全已解除。")

    def _tell(self, found: Restored) -> None:
        self.stdout.write(f"已恢复：{found.rows:,} 行数据、{found.files:,} 个文件，逐表核对一致。")
        if found.kept:
            self.stdout.write(f"原数据库保留为 {found.kept}。")
        if found.damaged:
            self.stderr.write(f"备份时存储中已丢失或损坏的文件有 {len(found.damaged)} 个，没有恢复。")
