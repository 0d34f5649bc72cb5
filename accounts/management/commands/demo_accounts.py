"""manage.py demo_accounts [--json]."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.demo import demo_accounts
from accounts.duties import Duty
from core.commands import ChineseCommand
from core.text import columns


class Command(ChineseCommand):
    help = "列出演示账号及其密码，必要时建立或复原；只用于演示实例。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument("--out", default="", help="把表格写进这个文件")

    def handle(self, *args: Any, **options: Any) -> None:
        found = demo_accounts(now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
            return
        rows = [("登录名", "密码", "姓名", "科室或单位", "职责")] + [
            (p["username"], p["password"], p["name"], p["department"], "、".join(Duty(d).label for d in p["duties"]))
            for p in found
        ]
        told = "演示账号（登录页 /staff/login/；需要验证码的，密钥见 manage.py demo_accounts --json 的 totp_secret）："
        text = "\n".join([told, *columns(rows)]) + "\n"
        if options["out"]:
            Path(options["out"]).write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text)
