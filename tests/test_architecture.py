"""The rules of the house that a program can check: sizes, words, what a tracked file may hold."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps

from tools import docs
from trading_center.config import ROOT

FUNCTION_LINES, FILE_LINES, VIEW_LINES, TEMPLATE_LINES = 60, 400, 20, 150
TOP = {
    *("manage.py", "trading_center", "tenders", "experts", "deposits", "performance", "templates", "static"),
    *("requirements.txt", "docker-compose.yml", "tests", "README.md"),
}
CHINESE = re.compile("[\u4e00-\u9fff]")


@cache
def tracked() -> tuple[Path, ...]:
    """The files that the project consists of: in git, or about to be."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
    return tuple(ROOT / name for name in found if name and (ROOT / name).is_file())


def sources(suffix: str) -> Iterator[Path]:
    """The tracked files of one kind, without migrations, which are written once and kept."""
    return (path for path in tracked() if path.suffix == suffix and "migrations" not in path.parts)


def text(path: Path) -> str:
    """The text of a file, or nothing where it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The place and the number of lines of each function."""
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1


def is_view(path: Path) -> bool:
    """Whether the file holds views."""
    return path.name == "views.py" or path.parent.name == "views"


def test_the_top_of_the_house_is_complete() -> None:
    assert sorted(name for name in TOP if not (ROOT / name).exists()) == []


def test_functions_are_short() -> None:
    long = [
        f"{place}: {lines}" for path in sources(".py") for place, lines in functions(path) if lines > FUNCTION_LINES
    ]
    assert long == []


def test_views_are_short() -> None:
    views = (path for path in sources(".py") if is_view(path) and "tests" not in path.parts)
    assert [f"{place}: {lines}" for path in views for place, lines in functions(path) if lines > VIEW_LINES] == []


@pytest.mark.parametrize(("suffix", "most"), [(".py", FILE_LINES), (".html", TEMPLATE_LINES), (".js", FILE_LINES)])
def test_files_are_short(suffix: str, most: int) -> None:
    counted = ((path, text(path).count("\n")) for path in sources(suffix))
    assert [f"{path.relative_to(ROOT)}: {lines}" for path, lines in counted if lines > most] == []


def test_a_suppressed_warning_names_its_code_and_the_reason() -> None:
    bare = re.compile(r"#\s*(noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)* \(.+\))|type: ignore(?!\[[a-z-]+\])|nosec)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources(".py")
        if path != Path(__file__)
        for number, line in enumerate(text(path).splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
    assert [str(path.relative_to(ROOT)) for path in tracked() if marks.search(text(path))] == []


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    hosts = [
        *("pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb." + "debian.org"),
        *("/wo" + "rk/", "/tmp/" + "dev", "/root" + "/", ".py" + "env"),
    ]
    found = [f"{path.relative_to(ROOT)}: {host}" for path in tracked() for host in hosts if host in text(path)]
    assert found == []


def test_no_page_or_script_names_another_host() -> None:
    elsewhere = re.compile(r"""(?:src|href|action|url|@import|fetch)\s*[=(]?\s*["'(]?\s*(?:https?:)?//[a-z0-9]""", re.I)
    kinds = (path for suffix in (".html", ".css", ".js") for path in sources(suffix) if "tests" not in path.parts)
    assert [str(path.relative_to(ROOT)) for path in kinds if elsewhere.search(text(path))] == []


def test_every_table_has_a_chinese_name_and_every_field_one_of_its_own() -> None:
    house = [model for model in apps.get_models() if not model.__module__.startswith("django.")]
    assert [model.__name__ for model in house if not CHINESE.search(str(model._meta.verbose_name))] == []
    fields = [field for model in house for field in model._meta.local_fields if not field.primary_key]
    # What Django's own base class of a user declares is named by Django's translation.
    named = ("password", "last_login")
    assert [str(f) for f in fields if f.verbose_name == f.name.replace("_", " ") and f.name not in named] == []


def test_generated_parts_of_the_documents_are_current() -> None:
    assert docs.stale() == []


def test_every_requirement_is_pinned() -> None:
    lines = [line for name in ("requirements.txt", "requirements-dev.txt") for line in text(ROOT / name).splitlines()]
    wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]
    assert [
        line for line in wanted if not re.match(r"[A-Za-z0-9.\-]+(\[[a-z0-9,]+\])?==[0-9][^ ;]*(; .+)?$", line)
    ] == []


def test_constraints_agree_with_the_requirements() -> None:
    def pins(name: str) -> dict[str, str]:
        lines = (re.match(r"([^#\s\[=]+)(?:\[.*\])?==([^ ;]+)$", line) for line in text(ROOT / name).splitlines())
        return {m[1].lower().replace("_", "-"): m[2] for m in lines if m}

    wanted = {**pins("requirements.txt"), **pins("requirements-dev.txt")}
    assert {name: pins("constraints.txt").get(name) for name in wanted} == wanted
