"""manage.py staff_unlock USERNAME."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import User
from accounts.services.login import username_plain
from accounts.services.people import account_unlock
from core.commands import ChineseCommand
from core.errors import BusinessError


class Command(ChineseCommand):
    help = "解除一个账号因登录失败太多次的锁定。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="登录名")

    def handle(self, *args: Any, **options: Any) -> None:
        username = username_plain(options["username"])
        user = User.objects.filter(username=username, kind=User.Kind.STAFF).first()
        if user is None:
            raise BusinessError(f"没有解除：没有登录名为 {username} 的工作人员。", "unknown")
        found = account_unlock(user=user, by=None, now=timezone.now())
        self.stdout.write(f"已解除 {user.name} 的锁定。" if found else f"{user.name} 没有被锁定，也没有失败记录。")
