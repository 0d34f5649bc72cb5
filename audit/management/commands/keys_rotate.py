"""manage.py keys_rotate PURPOSE."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from audit.indexes import index_renew
from core import keys
from core.commands import ChineseCommand

NAMES = {keys.FIELDS: "个人信息加密", keys.INDEX: "盲索引", keys.LOG: "存证签名", keys.SESSIONS: "会话"}


class Command(ChineseCommand):
    help = "更换一种密钥：新数据用新的一版，旧的一版留着读旧数据。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "purpose", choices=sorted(NAMES), help="fields 个人信息加密，index 盲索引，log 存证签名，sessions 会话"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        version = keys.rotate(options["purpose"])
        name = NAMES[options["purpose"]]
        if options["purpose"] == keys.INDEX:
            counts = index_renew(version=version)
            told = f"重新计算了 {sum(counts.values())} 处" if counts else "现在没有要重新计算的内容"
            self.stdout.write(f"“{name}”密钥已更换为第 {version} 版，{told}。请重新导出密钥（keys_export）。")
            return
        self.stdout.write(f"“{name}”密钥已更换为第 {version} 版，旧的仍用来读旧数据。请重新导出密钥（keys_export）。")
