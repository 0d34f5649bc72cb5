"""Writes the parts of the documents that the code decides, between ``<!-- generated: NAME -->`` and ``<!-- end -->``.

``python -m tools.docs`` writes them, ``--check`` only says which are out of date (exit code 1).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import django
from django.apps import apps

from trading_center.config import ROOT, SETTINGS, Setting


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _row(setting: Setting) -> str:
    default = f"`{setting.default}`" if setting.default else "（空）"
    if setting.demo is not None:
        default += f"；演示：{setting.demo}"
    name = f"`{setting.name}`" + (f"，或 `{setting.name}_FILE`" if setting.secret else "")
    return f"| {name} | {_cell(default)} | {_cell(setting.help)} |"


def settings_table() -> str:
    """Every setting of trading_center.config, one row each."""
    return "\n".join(["| 变量 | 默认值 | 说明 |", "| --- | --- | --- |", *map(_row, SETTINGS)])


def moves_tables() -> str:
    """Every duty, then every table of moves of every app."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trading_center.settings")
    if not apps.ready:
        django.setup()
    # Only now: the tables name models.
    return import_module("workflow.documents").moves_markdown()


GENERATED: dict[str, Callable[[], str]] = {"settings": settings_table, "moves": moves_tables}
PART = re.compile(r"(<!-- generated: (?P<name>[a-z_]+) -->\n)(?P<text>.*?)(\n?<!-- end -->)", re.DOTALL)


def renew(text: str) -> str:
    """The document ``text`` with every generated part as the code has it now.

    Raises:
        KeyError: a part that nothing generates.
    """
    return PART.sub(lambda match: f"{match[1]}{GENERATED[match['name']]()}\n<!-- end -->", text)


def stale(folder: Path = ROOT) -> list[Path]:
    """The documents below ``folder`` whose generated parts are out of date."""
    documents = [folder / "README.md", *sorted((folder / "docs").rglob("*.md"))]
    return [path for path in documents if path.exists() and renew(_read(path)) != _read(path)]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    found = stale()
    for path in found:
        if "--check" in arguments:
            sys.stderr.write(f"{path.relative_to(ROOT)} 已过时，请运行 make docs。\n")
        else:
            path.write_text(renew(_read(path)), encoding="utf-8")
    return 1 if found and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
