"""manage.py keys_import FILE --passphrase-stdin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.log_services import instance_is_made, keys_import
from audit.management.commands.keys_export import passphrase_read
from core.commands import ChineseCommand


class Command(ChineseCommand):
    help = "取回 keys_export 导出的密钥，例如在恢复备份的新机器上。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="keys_export 写出的文件")
        parser.add_argument("--passphrase-stdin", action="store_true", help="从标准输入的第一行读口令")

    def handle(self, *args: Any, **options: Any) -> None:
        written, replaced = keys_import(path=Path(options["file"]), passphrase=passphrase_read(options))
        if not written:
            self.stdout.write("没有改变：文件里的密钥这里都有。")
            return
        more = f"，其中 {replaced} 把代替了本机原有的（原有的改名为 replaced-…，没有删除）" if replaced else ""
        self.stdout.write(f"已导入 {written} 把密钥{more}。{self._next()}")

    @staticmethod
    def _next() -> str:
        if not instance_is_made():
            return "现在可以恢复备份（manage.py restore 备份文件）。"
        return "请重新启动门户，使会话密钥生效。"
