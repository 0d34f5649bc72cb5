"""Commands speak Chinese, also about arguments that they cannot use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandParser

from core.commands import ChineseCommand
from core.errors import BusinessError
from trading_center.config import ROOT

USAGE = "用法：manage.py sample [-h] [--size {small,large}] [--count N] [--list | --quiet] [--listing] FILE"


class Sample(ChineseCommand):
    help = "试一试"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="文件")
        parser.add_argument("--size", choices=["small", "large"])
        parser.add_argument("--count", type=int, metavar="N")
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--list", action="store_true")
        either.add_argument("--quiet", action="store_true")
        parser.add_argument("--listing", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None: ...


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ([], "缺少 FILE"),
        (["a", "b", "--what"], "不认识 b --what"),
        (["a", "--size", "huge"], "--size 不能是 huge，可选 small、large"),
        (["a", "--size"], "--size 后面缺少内容"),
        (["a", "--count", "{0}"], "--count 不能是 {0}"),
        (["a", "--list=yes"], "--list 后面不带内容，去掉 yes"),
        (["a", "--list", "--quiet"], "--quiet 和 --list 不能同时使用"),
        (["a", "--lis"], "--lis 不明确，可能是 --list、--listing"),
    ],
    ids=str,
)
def test_wrong_arguments_are_told_in_chinese_with_the_usage(arguments: list[str], wrong: str) -> None:
    with pytest.raises(BusinessError) as caught:
        Sample().run_from_argv(["manage.py", "sample", *arguments])
    assert (caught.value.message, caught.value.code) == (f"没有执行，参数有误：{wrong}。{USAGE}", "bad_arguments")


def test_help_has_no_english_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        Sample().run_from_argv(["manage.py", "sample", "--help"])
    told = capsys.readouterr().out
    assert told.startswith(USAGE)
    assert re.findall(r"[A-Za-z]+ [A-Za-z]+", told.removeprefix(USAGE)) == ["count N"]


def test_every_command_of_the_house_speaks_chinese() -> None:
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    found = {name: load_command_class(app, name) for name, app in get_commands().items() if app in ours}
    assert "announcements_import" in found
    assert [name for name, command in found.items() if not isinstance(command, ChineseCommand)] == []
