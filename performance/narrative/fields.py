"""Figures in a text: they cannot be mistyped, and one that changes afterwards shows.

Stored they stand as ``{{name|text when written}}``, in the editor as ``〔label：text〕`` (文号 like 〔2026〕5号 hold no
colon and are left alone), printed as the figure's text of now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import BusinessError

_STORED = re.compile(r"\{\{([a-z0-9_]+)\|([^{}|]*)\}\}")
_SHOWN = re.compile(r"〔([^〔〕：:\n]{1,60})[：:]([^〔〕\n]{0,1000})〕")
_BRACES = re.compile(r"\{\{|\}\}")
MOST_NAMED = 6


@dataclass(frozen=True)
class Figure:
    """A figure of a report.

    Args:
        name: identifier, small letters, digits and underscores.
        label: Chinese name, one within a report.
        text: as it is printed, unit included.
        source: how it is computed, a Chinese phrase.
        url: the page with the rows it comes from; may be empty.
    """

    name: str
    label: str
    text: str
    source: str = ""
    url: str = ""


@dataclass(frozen=True)
class Change:
    """A figure that is no longer what it was when the text was written."""

    figure: Figure
    old: str


Figures = Mapping[str, Figure]


def field(figure: Figure) -> str:
    """A figure as it is stored in a text."""
    return f"{{{{{figure.name}|{figure.text}}}}}"


def printed(text: str, figures: Figures) -> str:
    """The text with the figures of now; one that is no longer known keeps what it was."""
    return _STORED.sub(lambda one: figures[one[1]].text if one[1] in figures else one[2], text)


def editable(text: str, figures: Figures) -> str:
    """The text as an officer edits it."""

    def shown(one: re.Match[str]) -> str:
        figure = figures.get(one[1])
        return f"〔{figure.label}：{figure.text}〕" if figure else one[2]

    return _STORED.sub(shown, text)


def pieces(text: str, figures: Figures) -> list[tuple[str, Figure | None, str]]:
    """The text in pieces for a page: words, or a figure with what it was when written."""
    found: list[tuple[str, Figure | None, str]] = []
    last = 0
    for one in _STORED.finditer(text):
        if one.start() > last:
            found.append((text[last : one.start()], None, ""))
        found.append((one[2], figures.get(one[1]), one[2]))
        last = one.end()
    if last < len(text):
        found.append((text[last:], None, ""))
    return found


def changes(text: str, figures: Figures) -> list[Change]:
    """The figures that have changed since the text was written, each once."""
    found: dict[str, Change] = {}
    for name, old in _STORED.findall(text):
        figure = figures.get(name)
        if figure is not None and figure.text != old:
            found.setdefault(name, Change(figure, old))
    return list(found.values())


def refreshed(text: str, figures: Figures) -> str:
    """The text as stored with the figures of now."""
    return _STORED.sub(lambda one: field(figures[one[1]]) if one[1] in figures else one[2], text)


def stored(text: str, figures: Figures, *, before: str = "") -> str:
    """What an officer sent, as it is stored.

    Args:
        text: with figures as ``〔label：text〕``.
        figures: those of the report.
        before: the stored text that he began with: a figure that has changed since may still show its older value.

    Raises:
        BusinessError: ``unknown_figure``, ``figure_changed`` or ``braces``, naming the place.
    """
    if _BRACES.search(text):
        raise BusinessError("没有保存：正文里不能有 {{ 或 }}，请删去。", "braces")
    labels = {figure.label: figure for figure in figures.values()}
    old = {(name, said) for name, said in _STORED.findall(before)}

    def kept(one: re.Match[str]) -> str:
        label, said = one[1].strip(), one[2].strip()
        figure = labels.get(label)
        if figure is None:
            return _unknown(label, one[0], labels)
        if said and said != figure.text and (figure.name, said) not in old:
            raise BusinessError(
                f"没有保存：“{label}”是自动取数，现在是 {figure.text}，不能写成 {said}。"
                f"请改回〔{label}：{figure.text}〕；数字本身不对的，到预算、支出或指标页面改。",
                "figure_changed",
            )
        return field(figure)

    return _SHOWN.sub(kept, text)


def _unknown(label: str, whole: str, labels: Mapping[str, Figure]) -> str:
    near = [one for one in labels if any(part in one for part in (label[:2], label[-2:]))][:MOST_NAMED]
    hint = f"相近的有：{'、'.join(near)}。" if near else "能用的数字列在正文旁边。"
    raise BusinessError(
        f"没有保存：没有叫“{label}”的数字（{whole[:40]}）。{hint}不是数字的，请不要用〔…：…〕。", "unknown_figure"
    )
