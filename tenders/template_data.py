"""The templates and words that the house starts with, read from ``tenders/data`` (plain text).

The migration that makes the tables loads them; what staff change afterwards stays theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")
Row = dict[str, Any]


def _known_fields(text: str) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for line in text.splitlines():
        if line.startswith("field "):
            name, label, kind, help_text = line.removeprefix("field ").split("|")
            found[name] = {"name": name, "label": label, "kind": kind, "help": help_text}
    return found


def _template(head: str, lines: list[str], known: dict[str, Row], position: int) -> Row:
    code, name, category, type_name, medium, medium_name, relation = head.split("|")
    row: Row = {
        "code": code, "name": name, "category": category, "type": type_name, "medium": medium,
        "medium_name": medium_name, "relation": relation, "position": position, "basis": "", "fields": [],
        "periods": [],
    }  # fmt: skip
    for number, line in enumerate(lines):
        word, _, rest = line.partition(" ")
        if line == "---":
            row["skeleton"] = "\n".join(lines[number + 1 :]).strip()
            break
        if word == "basis":
            row["basis"] = rest
        elif word in ("period", "late"):
            rule, start, end = rest.split("|")
            row["periods"].append({"rule": rule, "start": start, "end": end, "late": word == "late"})
        elif word == "fields":
            for item in rest.split():
                row["fields"].append({**known[item.rstrip("*")], "required": item.endswith("*")})
    return row


def templates() -> Iterator[Row]:
    """Every template as a row of AnnouncementTemplate."""
    text = (DATA / "announcement_templates.txt").read_text(encoding="utf-8")
    head, *parts = text.split("\n=== ")
    known = _known_fields(head)
    for position, part in enumerate(parts, 1):
        first, *lines = part.splitlines()
        yield _template(first, lines, known, position)


@lru_cache(maxsize=1)
def _asked_by_law() -> dict[str, frozenset[str]]:
    return {row["code"]: frozenset(str(one["name"]) for one in row["fields"] if one["required"]) for row in templates()}


def fields_by_law(code: str) -> frozenset[str]:
    """Names of the fields that the basis of a template asks for, which nobody may make optional.

    Args:
        code: of the template; one that the portal did not come with has none.
    """
    return _asked_by_law().get(code, frozenset())


def words() -> Iterator[Row]:
    """Every word as a row of ScanWord."""
    for line in (DATA / "scan_words.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            word, kind, suggestion = line.split("|")
            yield {"word": word, "kind": kind, "suggestion": suggestion}
