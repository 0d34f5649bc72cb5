"""manage.py staff_unlock [USERNAME] [--address ADDRESS]."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import User
from accounts.services.locks import address_open
from accounts.services.login import username_plain
from accounts.services.people import account_unlock
from core.commands import ChineseCommand
from core.errors import BusinessError


class Command(ChineseCommand):
    help = "解除一个账号或一个网络地址因登录失败太多次的锁定。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", default="", help="登录名")
        parser.add_argument("--address", default="", help="网络地址，例如 192.168.1.20")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["username"] and not options["address"]:
            raise BusinessError("没有解除：请给出登录名，或用 --address 给出网络地址。", "nothing")
        if options["address"]:
            self._address(options["address"])
        if options["username"]:
            self._account(username_plain(options["username"]))

    def _address(self, place: str) -> None:
        opened = address_open(place=place, now=timezone.now())
        words = "、".join(opened)
        self.stdout.write(
            f"已解除地址 {place} 的限制（{words}）。" if opened else f"地址 {place} 没有被锁定，也没有失败记录。"
        )

    def _account(self, username: str) -> None:
        user = User.objects.filter(username=username, kind=User.Kind.STAFF).first()
        if user is None:
            raise BusinessError(f"没有解除：没有登录名为 {username} 的工作人员。", "unknown")
        found = account_unlock(user=user, by=None, now=timezone.now())
        self.stdout.write(
            f"已解除账号 {username}（{user.name}）的锁定。" if found else f"{user.name} 没有被锁定，也没有失败记录。"
        )
