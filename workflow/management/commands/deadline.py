"""``manage.py deadline RULE START [--json]``: a legal period computed, or the list of the rules."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import CommandParser
from django.db import DatabaseError, InterfaceError, connection

from core.commands import ChineseCommand
from core.errors import BusinessError
from core.workdays import Calendar, Deadline, day_read, deadline_compute
from workflow.holidays import builtin_notices, calendar_of
from workflow.rulebook import Rule, rule_get, rule_list, rule_nearest
from workflow.selectors import calendar_current

WEEKDAYS = "一二三四五六日"
# Nobody waits longer for a database that may not be there (seconds).
CONNECT_TIMEOUT = "3"


IMPORTED = "本系统已导入的"
BUILTIN = "内置的（没有运行中的系统）"
UNREACHABLE = "内置的（连不上数据库，或者数据库里还没有日历）"


def _may_run() -> bool:
    """Whether a connection is worth trying: an instance whose folder holds no socket is not running."""
    host, port = str(connection.settings_dict["HOST"]), str(connection.settings_dict["PORT"] or 5432)
    return not host.startswith("/") or Path(host, f".s.PGSQL.{port}").exists()


def calendar_reachable() -> tuple[Calendar, str]:
    """The calendar of the running instance, else the built-in one, and which of them it is. Starts nothing."""
    builtin = calendar_of(builtin_notices())
    if not _may_run():
        return builtin, BUILTIN
    os.environ.setdefault("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT)
    try:
        calendar = calendar_current()
    except (DatabaseError, InterfaceError):
        # Stopped, starting, or of before the calendar's migration.
        return builtin, UNREACHABLE
    return (calendar, IMPORTED) if calendar.years else (builtin, UNREACHABLE)


def shown(text: str) -> str:
    """``text`` from the command line, short and printable whatever its bytes."""
    printable = "".join(char if char.isprintable() else "?" for char in text)
    return printable if len(printable) <= 60 else printable[:60] + "…"


def day_shown(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（星期{WEEKDAYS[day.weekday()]}）"


def length_shown(rule: Rule) -> str:
    unit = "个工作日" if rule.period.unit == "wd" else "日"
    where = "之前" if rule.period.direction == "backward" else "之后"
    return f"{rule.event}{where} {rule.period.length} {unit}"


def rule_json(rule: Rule) -> dict[str, Any]:
    """The part of the contract's object that has no dates."""
    return {
        "rule": rule.id,
        "length": rule.period.length,
        "unit": rule.period.unit,
        "direction": rule.period.direction,
        "roll": rule.period.roll,
        "kind": rule.kind,
        "article": rule.article,
    }


def deadline_json(rule: Rule, deadline: Deadline) -> dict[str, Any]:
    """The contract's object, keys in its order."""
    fixed = rule_json(rule)
    return {
        "rule": fixed.pop("rule"),
        "start": deadline.start.isoformat(),
        "due": deadline.due.isoformat(),
        **fixed,
        "practical": deadline.practical.isoformat(),
        "skipped": [day.isoformat() for day in deadline.skipped],
        "provisional": deadline.provisional,
    }


def rule_line(rule: Rule) -> str:
    """One line of ``--list``."""
    word = "最早" if rule.kind == "earliest" else "最迟"
    roll = "，末日遇非工作日顺延" if rule.period.roll else ""
    return f"{rule.id}  {rule.name}：{word}为{length_shown(rule)}{roll}（{rule.article}）"


def deadline_lines(rule: Rule, deadline: Deadline) -> list[str]:
    """The same for people."""
    word = "最早" if rule.kind == "earliest" else "最迟"
    lines = [
        f"{rule.name}：{word} {day_shown(deadline.due)}",
        f"依据：{rule.article}，{length_shown(rule)}",
        f"起算：{rule.event} {day_shown(deadline.start)}，当日不计",
    ]
    if deadline.skipped:
        listed = "、".join(day.isoformat() for day in deadline.skipped)
        lines.append(f"跳过非工作日 {len(deadline.skipped)} 天：{listed}")
    if deadline.practical != deadline.due:
        where = "之后" if rule.period.direction == "forward" else "之前"
        lines.append(f"当天不是工作日，{where}最近的工作日是 {day_shown(deadline.practical)}")
    if deadline.provisional:
        lines.append("暂定：其间有的年份节假日安排尚未导入，公布并导入后请重新推算")
    return lines


class Command(ChineseCommand):
    help = "推算法定期限：deadline 规则 起算日 [--json]；deadline --list [--json]"
    # It must answer on a machine where nothing runs.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rule", nargs="?", default="", metavar="RULE", help="规则编号，见 --list")
        parser.add_argument("start", nargs="*", metavar="START", help="起算日 YYYY-MM-DD，或带时间")
        parser.add_argument("--list", action="store_true", dest="listing", help="列出全部规则")
        parser.add_argument("--json", action="store_true", dest="as_json", help="输出 JSON")

    def handle(
        self, *args: Any, rule: str, start: list[str] | str, listing: bool, as_json: bool, **options: Any
    ) -> None:
        # A moment written without quotes arrives in two words.
        text = start if isinstance(start, str) else " ".join(start)
        if listing:
            if rule or text:
                self._stop("--list 列出全部规则，不能再带规则编号或起算日。")
            self._list(as_json)
            return
        self._answer(rule, text, as_json)

    def _list(self, as_json: bool) -> None:
        rules = rule_list()
        if as_json:
            self.stdout.write(json.dumps([rule_json(rule) for rule in rules], ensure_ascii=False))
            return
        self.stdout.write("\n".join(rule_line(rule) for rule in rules))

    def _answer(self, rule_id: str, text: str, as_json: bool) -> None:
        nearest = "、".join(rule_nearest(rule_id))
        try:
            day = day_read(text)
        except BusinessError as error:
            problem = f"起算日“{shown(text)}”{error.message}" if text else "没有写起算日，应写成 2026-09-11。"
            self._stop(f"不能推算期限：{problem}相近的规则编号：{nearest}。")
        try:
            rule = rule_get(rule_id, on=day)
        except BusinessError:
            self._stop(f"不能推算期限：没有规则“{shown(rule_id)}”，相近的有 {nearest}；全部见 deadline --list。")
        calendar, origin = calendar_reachable()
        try:
            deadline = deadline_compute(rule.period, day, calendar)
        except BusinessError as error:
            self._stop(error.message)
        if as_json:
            if origin == UNREACHABLE:
                self.stderr.write(f"日历：{origin}")
            self.stdout.write(json.dumps(deadline_json(rule, deadline), ensure_ascii=False))
            return
        self.stdout.write("\n".join([*deadline_lines(rule, deadline), f"日历：{origin}"]))

    def _stop(self, message: str) -> NoReturn:
        self.stderr.write(message)
        sys.exit(2)
