"""Filters of the report pages."""

from __future__ import annotations

from django import template

from performance.narrative.fields import Figure

register = template.Library()
Piece = tuple[str, Figure | None, str]


@register.filter
def lines_of(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces of a text as paragraphs: words are cut where lines end."""
    found: list[list[Piece]] = [[]]
    for words, figure, old in pieces:
        if figure is not None:
            found[-1].append((words, figure, old))
            continue
        first, *more = words.split("\n")
        found[-1].append((first, None, ""))
        found += [[(line, None, "")] for line in more]
    return [line for line in found if any(words.strip() for words, _, _ in line)]
