"""manage.py staff_create --username NAME --name 姓名 --duty DUTY … --password-stdin."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.duties import Duty
from accounts.models import Department
from accounts.services.duties import duty_give
from accounts.services.people import account_create
from core.commands import ChineseCommand
from core.errors import BusinessError


class Command(ChineseCommand):
    help = "建立一个工作人员账号并授予职责：第一批管理员，或登录不了时补救。密码从标准输入读一行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True, help="登录名，小写字母开头")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument(
            "--duty", required=True, action="append", nargs="+", choices=Duty.values, help="职责，可给出几个"
        )
        parser.add_argument("--department", default="", help="科室代码或名称")
        parser.add_argument("--employer", default="", help="其他单位派来的人：单位全称")
        parser.add_argument("--password-stdin", required=True, action="store_true", help="从标准输入读密码")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise BusinessError("没有建立账号：标准输入里没有密码。", "bad_password")
        office = _department(options["department"])
        duties = [Duty(value) for value in dict.fromkeys(v for values in options["duty"] for v in values)]
        with transaction.atomic():
            user, _ = account_create(
                username=options["username"],
                name=options["name"],
                employer=options["employer"],
                password=password,
                by=None,
                now=now,
            )
            for duty in duties:
                duty_give(user=user, duty=duty, department=office, begins_at=now, by=None, now=now)
        self.stdout.write(f"已建立账号 {user.username}（{user.name}）：{'、'.join(duty.label for duty in duties)}。")


def _department(text: str) -> Department | None:
    if not text:
        return None
    found = Department.objects.filter(code=text).first() or Department.objects.filter(name=text).first()
    if found is None:
        names = "、".join(f"{d.code}（{d.name}）" for d in Department.objects.all())
        raise BusinessError(f"没有建立账号：没有科室 {text}，可选 {names}。", "bad_department")
    return found
