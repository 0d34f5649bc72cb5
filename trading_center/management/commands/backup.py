"""manage.py backup FILE."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from core.commands import ChineseCommand
from core.errors import BusinessError
from trading_center.backup.make import Made, backup_make
from upkeep.models import BackupRun
from upkeep.services.backups import backup_note


class Command(ChineseCommand):
    help = "把数据库和文件备份成一个文件（不含密钥），写好后逐项回读核对；门户可以照常运行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="备份文件，例如 /mnt/backup/2026-03-02.tar.gz")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = timezone.now()
        try:
            made = backup_make(path=Path(options["file"]), now=begun, say=self.stderr.write)
        except BusinessError as error:
            # A database that is away takes no row either; the sentence on the terminal is what counts.
            if error.code not in ("no_database", "bad_target"):
                backup_note(
                    kind=BackupRun.Kind.COMMAND,
                    success=False,
                    sentence=error.message,
                    started_at=begun,
                    now=timezone.now(),
                )
            raise
        self._told(made, begun)
        if made.damaged:
            raise SystemExit(3)

    def _told(self, made: Made, begun: Any) -> None:
        rows = sum(count for count, _ in made.manifest["tables"].values())
        sentence = f"已备份：{rows:,} 行数据、{made.files:,} 个文件，{made.size / 1024 / 1024:,.1f} MB。"
        backup_note(
            kind=BackupRun.Kind.COMMAND,
            success=True,
            verified=BackupRun.Verified.DIGESTS,
            sentence=sentence,
            started_at=begun,
            now=timezone.now(),
            path=str(made.path),
            size=made.size,
            sha256=made.sha256,
            damaged=len(made.damaged),
        )
        self.stdout.write(sentence)
        self.stdout.write(f"{made.sha256}  {made.path}")
        self.stderr.write("密钥不在备份里，请另行保管（manage.py keys_export）。")
        for sha256 in made.damaged[:20]:
            self.stderr.write(f"存储中丢失或损坏的文件：{sha256}")
