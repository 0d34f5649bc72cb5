"""Everything that the publication of a draft would make public, in words: what the second person looks through."""

from __future__ import annotations

from collections.abc import Iterator

from core.moments import SHANGHAI, minute_words
from tenders.drafts import value_words
from tenders.lines import AnnouncementLine
from tenders.models import AnnouncementDraft

# Said in lines of their own.
APART = frozenset({"region", "medium", "corrects", "corrects_announcement", "relation", "change"})


def _field_lines(draft: AnnouncementDraft, line: AnnouncementLine) -> Iterator[tuple[str, str]]:
    """Every structured field, in the order of its template, and at the end what that does not know."""
    fields = {k: v for k, v in line.fields.items() if k not in APART} if isinstance(line.fields, dict) else {}
    order = {one["name"]: place for place, one in enumerate(draft.template.fields)}
    known = {name: "new_deadline" if name == "deadline" and name not in draft.fields else name for name in fields}
    for name in sorted(fields, key=lambda name: order.get(known[name], len(order))):
        one = draft.template.field(known[name])
        yield str(one.get("label", name)), value_words(str(one.get("kind", "")), fields[name])


def _medium_lines(draft: AnnouncementDraft) -> Iterator[tuple[str, str]]:
    if draft.medium_name:
        yield "指定媒介", draft.medium_name
    if draft.medium_url:
        yield "媒介上的网址", draft.medium_url
    if draft.medium_at:
        yield "媒介首次发布时间", minute_words(draft.medium_at)


def _target_lines(draft: AnnouncementDraft) -> Iterator[tuple[str, str]]:
    if draft.target is not None:
        yield "针对的公告", f"{draft.target.title}（编号 {draft.target_id}）"
        yield "改动内容和理由", draft.target_change


def published_parts(draft: AnnouncementDraft, line: AnnouncementLine) -> list[tuple[str, str]]:
    """(label, text) of all that is published but the text and the files; times as they stand in the record.

    Args:
        draft: with its template and target.
        line: the announcement that it would be (tenders.services.publication.draft_line).
    """
    when = minute_words(line.published_at.astimezone(SHANGHAI)) if draft.publish_at else "复核后尽快发布"
    found = [
        ("标题", line.title), ("交易类别", line.category), ("公告类型", line.type), ("发布时间", when),
        ("来源", line.source_name), ("地区", draft.region or "（没有填写）"),
    ]  # fmt: skip
    return [*found, *_medium_lines(draft), *_target_lines(draft), *_field_lines(draft, line)]
