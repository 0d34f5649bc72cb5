"""Forms as ``partials/form.html`` draws them: one main field with its button, further ones folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse


@dataclass(frozen=True)
class Field:
    """One input. ``kind`` is an input type or ``select`` (then ``names`` are its choices, ``blank`` means none)."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    help: str = ""
    names: Sequence[str] = ()
    blank: str = "不限"
    longest: int = 0

    @property
    def id(self) -> str:
        return f"field-{self.name}"


@dataclass(frozen=True)
class PlainForm:
    """A form; ``open`` unfolds the further fields, ``hidden`` are (name, value) pairs sent along."""

    action: str
    label: str
    verb: str
    main: Field
    fields: tuple[Field, ...]
    summary: str
    open: bool = False
    method: str = "get"
    hidden: list[tuple[str, str]] = field(default_factory=list)


def list_form(query: Any, types: Sequence[str], regions: Sequence[str]) -> PlainForm:
    """The form of the announcement list, filled with its query."""
    params = {name: str(value) for name, value in query.params().items()}
    fields = (
        Field("type", "公告类型", params.get("type", ""), "select", names=types),
        Field("region", "地区", params.get("region", ""), "select", names=regions),
        Field("since", "发布日期从", params.get("since", ""), "date"),
        Field("until", "发布日期到", params.get("until", ""), "date"),
    )
    main = Field(
        "q",
        "关键词",
        params.get("q", ""),
        "search",
        longest=200,
        help="品名、单位全称或项目编号；几个词空格分开，原文短语加引号。",
    )
    return PlainForm(
        reverse("portal:announcements"),
        "查公告",
        "查找",
        main,
        fields,
        "更多条件：类型、地区、日期",
        open=any(f.value for f in fields),
        hidden=[(name, params[name]) for name in ("category", "sort") if params.get(name)],
    )
