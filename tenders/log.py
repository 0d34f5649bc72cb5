"""Announcements in the transparency log: which kind of leaf, and whether a row is still what its leaf says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import simplejson
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from audit.models import LogLeaf
from audit.subjects import Checked, LeafRow, register
from core import keys
from core.errors import BusinessError
from documents.faults import content_examine
from documents.models import FileFault
from tenders.facts import facts_of
from tenders.lines import canonical_json
from tenders.masking import masked
from tenders.models import Announcement, AnnouncementType, Attachment, SealedOriginal
from tenders.search_missing import search_missing
from tenders.stages import stage_of

ANNOUNCEMENT, CORRECTION, REDACTION = "announcement", "correction", "redaction"
KINDS = (ANNOUNCEMENT, CORRECTION)
_ABOUT_ANOTHER = (AnnouncementType.Stage.CORRECTION, AnnouncementType.Stage.TERMINATION)
WITHOUT_LEAF = (
    "SELECT a.id FROM tenders_announcement a LEFT JOIN audit_logleaf l"
    " ON l.ref = a.id::text AND l.kind IN ('announcement', 'correction')"
    " WHERE l.seq IS NULL ORDER BY a.published_at, a.id"
)


def leaf_kind(type_name: str, fields: Any) -> str:
    """``correction`` when an announcement names an older one, else ``announcement``.

    Told from the announcement's own canonical bytes, so that anybody can see why: its fields name the older one
    (``corrects``), or its type is one that always speaks of an older one (更正, 澄清, 补充, 终止, 废标, …), as
    tenders.selectors.announcement_chain has it, too.

    Args:
        type_name: the type as published.
        fields: the structured fields as published.
    """
    named = fields.get("corrects") if isinstance(fields, dict) else None
    return CORRECTION if named or stage_of(type_name) in _ABOUT_ANOTHER else ANNOUNCEMENT


def register_subject() -> None:
    """Tell the log how its leaves of announcements are checked."""
    register(
        name="tenders",
        kinds=(*KINDS, REDACTION),
        check=leaves_check,
        missing=announcements_missing,
        contents=attachments_faults,
    )


def announcements_missing() -> list[str]:
    """Sentences when published announcements have no leaf, or stand in no search; empty otherwise."""
    return [*_without_leaf(), *_without_search()]


def _without_search() -> list[str]:
    numbers = list(map(str, search_missing()))
    if not numbers:
        return []
    mend = "请运行 manage.py search_rebuild 补上"
    return [f"有 {len(numbers):,} 条公告不在检索里，公众查不到（公告编号 {_some(numbers)}）；{mend}。"]


def _some(numbers: Sequence[str]) -> str:
    return "、".join(numbers[:5]) + ("等" if len(numbers) > 5 else "")


def _without_leaf() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_LEAF)
        numbers = [str(row[0]) for row in cursor.fetchall()]
    return [f"有 {len(numbers):,} 条公告没有存证凭证（公告编号 {_some(numbers)}）。"] if numbers else []


def attachments_faults() -> Iterator[tuple[int | None, str]]:
    """(leaf number, sentence) of every attachment kept here that is missing or altered in the storage.

    Contents are read as streams, one that several announcements show only once; not inside a transaction.
    """
    known: dict[str, str] = {}
    rows = Attachment.objects.filter(stored=True).order_by("announcement_id", "position")
    for one in rows.iterator(chunk_size=500):
        if one.sha256 not in known:
            known[one.sha256] = content_examine(one.sha256)
        if kind := known[one.sha256]:
            leaf = LogLeaf.objects.filter(kind__in=KINDS, ref=str(one.announcement_id)).values_list("seq", flat=True)
            words = FileFault.Kind(kind).label
            yield leaf.first(), f"公告 {one.announcement_id} 的附件“{one.name}”在存储中{words}。"


@dataclass(frozen=True)
class _Redaction:
    """The newest redaction leaf of an announcement."""

    seq: int
    sha256: str
    at: datetime


def _redactions(refs: Sequence[str]) -> dict[str, _Redaction]:
    found = LogLeaf.objects.filter(kind=REDACTION, ref__in=refs).order_by("seq")
    return {ref: _Redaction(seq, sha, at) for ref, seq, sha, at in found.values_list("ref", "seq", "sha256", "at")}


def leaves_check(leaves: Sequence[LeafRow]) -> Checked:
    """Recompute the digests of the announcements that leaves stand for, and compare the rows that pages show.

    What is compared is the bytes that ``/announcements/<id>/canonical.json`` serves. Of a masked announcement those
    carry ``original_sha256``, the digest of the first leaf, and have the digest of the redaction's leaf.
    """
    numbers = {int(leaf.ref) for leaf in leaves if leaf.ref.isascii() and leaf.ref.isdigit() and len(leaf.ref) < 19}
    rows = Announcement.objects.filter(pk__in=numbers).select_related("record").defer("fields")
    announcements = {row.pk: row for row in rows.annotate(fields_text=Cast("fields", TextField()))}
    attached: dict[int, list[Attachment]] = {}
    for one in Attachment.objects.filter(announcement_id__in=numbers).order_by("announcement_id", "position"):
        attached.setdefault(one.announcement_id, []).append(one)
    redactions = _redactions([leaf.ref for leaf in leaves])
    sealed = _sealed(list(numbers)) if redactions else {}
    found = Checked()
    for leaf in leaves:
        row = announcements.get(int(leaf.ref)) if leaf.ref.isdigit() else None
        redaction = redactions.get(leaf.ref)
        problem = _problem(leaf, row, attached.get(row.pk, []) if row else [], redaction)
        if not problem and leaf.kind in KINDS and row is not None:
            kept = sealed.get(row.pk, [])
            problem = _sealed_problem(leaf, row, kept) if redaction else ""
            problem = problem or _time_problem(row, kept, redaction)
        if problem:
            found.problems[leaf.seq] = problem
        elif leaf.kind in KINDS and redaction:
            found.masked.add(leaf.seq)
    return found


def _sealed(numbers: Sequence[int]) -> dict[int, list[SealedOriginal]]:
    """The sealed originals of announcements, oldest first."""
    found: dict[int, list[SealedOriginal]] = {}
    rows = SealedOriginal.objects.filter(announcement_id__in=numbers).select_related("masking")
    for one in rows.order_by("pk"):
        found.setdefault(one.announcement_id, []).append(one)
    return found


def _sealed_problem(leaf: LeafRow, row: Announcement, sealed: Sequence[SealedOriginal]) -> str:
    """What is wrong with the sealed originals of a masked announcement: each must lead to the next, and to today's."""
    if not sealed:
        return f"公告 {leaf.ref} 已遮蔽，但没有封存的原文。"
    expected = leaf.sha256
    for one in sealed:
        try:
            content = keys.decrypt(one.content, context=f"tenders.SealedOriginal:{one.announcement_id}").encode()
        except BusinessError as error:
            return f"公告 {leaf.ref} 封存的原文读不出：{error.message}"
        if hashlib.sha256(content).hexdigest() != expected or one.sha256 != expected:
            return f"公告 {leaf.ref} 封存的原文与凭证中的 SHA-256 不符。"
        pieces = [(begin, end, kind) for begin, end, kind in one.masking.pieces]
        expected = hashlib.sha256(masked(content, pieces, leaf.sha256)).hexdigest()
        if one.masked_sha256 != expected:
            return f"公告 {leaf.ref} 遮蔽后的内容与遮蔽申请不符。"
    return "" if row.record.sha256 == expected else f"公告 {leaf.ref} 的存证原文与遮蔽申请不符。"


def _time_problem(row: Announcement, sealed: Sequence[SealedOriginal], redaction: _Redaction | None) -> str:
    """The time of masking, by which pages say that something was masked, is that of the newest masking, or none."""
    if redaction is None:
        return "" if row.masked_at is None else f"公告 {row.pk} 登记了遮蔽时间，但没有遮蔽凭证。"
    if row.masked_at is None:
        return f"公告 {row.pk} 已遮蔽（第 {redaction.seq} 号凭证），但没有登记遮蔽时间。"
    if row.masked_at != sealed[-1].sealed_at or row.masked_at.replace(microsecond=0) != redaction.at:
        return f"公告 {row.pk} 的遮蔽时间与第 {redaction.seq} 号凭证或封存的原文不符。"
    return ""


def _problem(leaf: LeafRow, row: Announcement | None, attached: list[Attachment], redaction: _Redaction | None) -> str:
    """What is wrong with the announcement of one leaf, in words; empty when nothing is."""
    if row is None or not hasattr(row, "record"):
        return f"公告 {leaf.ref} 不在数据库里。"
    content = bytes(row.record.content)
    digest = hashlib.sha256(content).hexdigest()
    if row.record.sha256 != digest:
        return f"公告 {leaf.ref} 的存证原文与登记的 SHA-256 不符。"
    try:
        record = simplejson.loads(content, use_decimal=True)
    except ValueError:
        return f"公告 {leaf.ref} 的存证原文不是完整的 JSON。"
    if redaction is None or leaf.seq > redaction.seq:
        expected = leaf.sha256
    else:
        expected = redaction.sha256
        if leaf.kind in KINDS and record.get("original_sha256") != leaf.sha256:
            return f"公告 {leaf.ref} 已遮蔽，但所记的原文 SHA-256 与发布时的凭证不符。"
    if digest != expected:
        return f"公告 {leaf.ref} 的存证原文与凭证中的 SHA-256 不符。"
    wrong = _differences(row, record, attached)
    return f"公告 {leaf.ref} 的{'、'.join(wrong)}与存证原文不符。" if wrong else ""


def _differences(row: Announcement, record: dict[str, Any], attached: list[Attachment]) -> list[str]:
    """The Chinese names of the columns that say something else than the canonical record."""
    facts = facts_of(record["fields"], record["text"])
    source = record["source"]
    expected: dict[str, Any] = {
        "source_name": source["name"],
        "external_id": source["id"],
        "source_page": source["page"],
        "category_id": record["category"],
        "type_id": record["type"][:200],
        "title": record["title"],
        "published_at": datetime.fromisoformat(record["published"]),
        "region_id": facts.region or None,
        "project_code": facts.project_code,
        "unified_deal_code": facts.unified_deal_code,
        "purchaser": facts.purchaser,
        "agency": facts.agency,
        "supplier": facts.supplier,
        "place": facts.place,
        "deadline": facts.deadline,
        "budget": facts.budget,
    }
    names = {f.attname: str(f.verbose_name) for f in Announcement._meta.concrete_fields}
    wrong = [names[column] for column, value in expected.items() if getattr(row, column) != value]
    if simplejson.loads(row.fields_text, use_decimal=True) != record["fields"]:  # type: ignore[attr-defined]
        wrong.append("结构化信息")
    whole = {key: value for key, value in record.items() if key not in ("v", "id", "original_sha256")}
    if "original_sha256" not in record and hashlib.sha256(canonical_json(whole)).hexdigest() != row.content_digest:
        wrong.append("内容摘要")
    files = [
        {k: v for k, v in (("name", a.name), ("sha256", a.sha256), ("size", a.size), ("url", a.url)) if v}
        for a in attached
    ]
    if files != record.get("attachments", []):
        wrong.append("附件")
    return wrong
