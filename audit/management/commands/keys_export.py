"""manage.py keys_export FILE --passphrase-stdin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.log_services import keys_export
from core.commands import ChineseCommand
from core.errors import BusinessError


def passphrase_read(options: dict[str, Any]) -> str:
    """The first line of standard input, as ``--passphrase-stdin`` says.

    Raises:
        BusinessError: the option or the line is missing.
    """
    if not options["passphrase_stdin"]:
        raise BusinessError(
            "没有执行：请加 --passphrase-stdin，并从标准输入给出口令（不写在命令行里）。", "no_passphrase"
        )
    found = sys.stdin.readline().rstrip("\r\n")
    if not found:
        raise BusinessError("没有执行：标准输入里没有口令。", "no_passphrase")
    return found


class Command(ChineseCommand):
    help = "把全部密钥用口令加密后写进一个文件；与备份分开保管。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="要写的文件，不能已经存在")
        parser.add_argument("--passphrase-stdin", action="store_true", help="从标准输入的第一行读口令，至少 12 个字符")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        count = keys_export(path=path, passphrase=passphrase_read(options))
        self.stdout.write(f"已导出 {count} 把密钥到 {path}。文件和口令请分开保管，都不要和备份放在一起。")
