"""Marks the words of a query in a text, whatever their form (full-width, capitals)."""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core.text import fold_evenly, fold_with_origin
from tenders.models import Announcement
from tenders.queries import AnnouncementQuery

EXCERPT_BEFORE = 24
EXCERPT_LENGTH = 110
LOOKED_THROUGH = 50_000


def _places(text: str, terms: tuple[str, ...]) -> tuple[str, list[int] | range]:
    """The folded text, and for each of its characters which one of ``text`` it came from."""
    folded = fold_evenly(text)
    # Character by character in Python takes a hundred times as long; only few texts need it for a term with a space.
    if folded is not None and not any(" " in term for term in terms):
        return folded, range(len(text))
    return fold_with_origin(text)


def _spans(text: str, terms: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where terms stand in ``text``: merged half-open spans of its characters."""
    folded, origin = _places(text[:LOOKED_THROUGH], terms)
    found: list[tuple[int, int]] = []
    for term in terms:
        start = folded.find(term)
        while start >= 0:
            found.append((origin[start], origin[start + len(term) - 1] + 1))
            start = folded.find(term, start + len(term))
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _marked(text: str, spans: list[tuple[int, int]], begin: int, end: int) -> str:
    out, at = [], begin
    for start, stop in spans:
        if stop <= begin or start >= end:
            continue
        start, stop = max(start, begin), min(stop, end)
        out += [escape(text[at:start]), "<mark>", escape(text[start:stop]), "</mark>"]
        at = stop
    return "".join([*out, escape(text[at:end])])


def highlight(text: str, query: AnnouncementQuery) -> SafeString:
    """``text`` escaped, with the query's words in ``<mark>``."""
    spans = _spans(text, query.terms) if query.q else []
    return mark_safe(_marked(text, spans, 0, len(text)))  # noqa: S308 (every piece is escaped above)


def excerpt(text: str, query: AnnouncementQuery) -> SafeString:
    """About 110 characters around the first hit in ``text``, marked; empty when nothing is hit."""
    spans = _spans(text, query.terms) if query.q else []
    if not spans:
        return mark_safe("")
    begin = max(0, spans[0][0] - EXCERPT_BEFORE)
    end = min(len(text), begin + EXCERPT_LENGTH)
    dots = ("…" if begin else "", "…" if end < len(text) else "")
    return mark_safe(dots[0] + _marked(text, spans, begin, end) + dots[1])  # noqa: S308 (escaped in _marked)


def surroundings(announcement: Announcement, query: AnnouncementQuery) -> SafeString:
    """Where the query stands in an announcement besides its title: in the text, else in one of its facts."""
    found = excerpt(announcement.text, query)
    if found:
        return found
    if _spans(announcement.title, query.terms):
        return SafeString("")
    for label, value in (
        ("项目编号", announcement.project_code),
        ("统一交易标识码", announcement.unified_deal_code),
        ("采购人（招标人）", announcement.purchaser),
        ("代理机构", announcement.agency),
        ("供应商（中标人）", announcement.supplier),
        *(("附件", file["name"]) for file in announcement.content.get("attachments", ())),
    ):
        if _spans(value, query.terms):
            return mark_safe(f"{label}：{highlight(value, query)}")  # noqa: S308 (the label is ours, the rest escaped)
    return SafeString("")
