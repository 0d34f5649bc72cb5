"""What all commands of the house share: wrong arguments are told in Chinese, with how to call the command."""

from __future__ import annotations

import re
from argparse import SUPPRESS
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from core.errors import BusinessError

# argparse's sentences (its message catalog, Python 3.11 to 3.14) and ours.
_SENTENCES = (
    (r"the following arguments are required: (.+)", "缺少 {0}"),
    (r"unrecognized arguments: (.+)", "不认识 {0}"),
    (r"argument (.+?): invalid choice: '?(.*?)'? \(choose from (.+)\)", "{0} 不能是 {1}，可选 {2}"),
    (r"argument (.+?): expected (?:one|at least one|\d+) arguments?", "{0} 后面缺少内容"),
    (r"argument (.+?): invalid \w+ value: '?(.*?)'?", "{0} 不能是 {1}"),
    (r"argument (.+?): ignored explicit argument '?(.*?)'?", "{0} 后面不带内容，去掉 {1}"),
    (r"argument (.+?): not allowed with argument (.+)", "{0} 和 {1} 不能同时使用"),
    (r"ambiguous option: (.+?) could match (.+)", "{0} 不明确，可能是 {1}"),
)
_WORDS = (
    ("usage: ", "用法："),
    ("positional arguments:", "参数："),
    ("options:", "选项："),
    ("show this help message and exit", "显示本说明"),
)
# Django's own options are for developers; they work, but are not listed.
_OF_DJANGO = {"--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color"}


def _in_chinese(message: str) -> str:
    for pattern, sentence in _SENTENCES:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return sentence.format(*(part.replace("'", "").replace(", ", "、") for part in found.groups()))
    return "不能这样写"


def _translated(text: str) -> str:
    for english, chinese in _WORDS:
        text = text.replace(english, chinese, 1)
    return text


class _Parser(CommandParser):
    def error(self, message: str) -> NoReturn:
        usage = " ".join(self.format_usage().split())
        raise BusinessError(f"没有执行，参数有误：{_in_chinese(message)}。{usage}", "bad_arguments")

    def format_usage(self) -> str:
        return _translated(super().format_usage())

    def format_help(self) -> str:
        return _translated(super().format_help())


class ChineseCommand(BaseCommand):
    """A command whose help and refusals are Chinese.

    A BusinessError is let through: the command line prints its sentence alone and exits with 2; wrong arguments
    are one with the code ``bad_arguments``.
    """

    suppressed_base_arguments = _OF_DJANGO

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's parser, speaking Chinese."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # Django names its parser class in the middle of a method: there is no other place to give ours.
        parser.__class__ = _Parser
        for action in parser._actions:
            if action.dest == "skip_checks":
                action.help = SUPPRESS
        return parser
