"""Announcements in the transparency log: which kind of leaf, and whether a row is still what its leaf says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
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
        missing=announcements_without_leaf,
        contents=attachments_faults,
    )


def announcements_without_leaf() -> list[str]:
    """A sentence when published announcements have no leaf, empty otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_LEAF)
        numbers = [str(row[0]) for row in cursor.fetchall()]
    some = "、".join(numbers[:5]) + ("等" if len(numbers) > 5 else "")
    return [f"有 {len(numbers):,} 条公告没有存证凭证（公告编号 {some}）。"] if numbers else []


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


def _redactions(refs: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The newest redaction leaf of each announcement: (seq, sha256)."""
    found = LogLeaf.objects.filter(kind=REDACTION, ref__in=refs).order_by("seq").values_list("ref", "seq", "sha256")
    return {ref: (seq, sha256) for ref, seq, sha256 in found}


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
        if not problem and redaction and leaf.kind in KINDS and row is not None:
            problem = _sealed_problem(leaf, row, sealed.get(row.pk, []))
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


def _problem(
    leaf: LeafRow, row: Announcement | None, attached: list[Attachment], redaction: tuple[int, str] | None
) -> str:
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
    if redaction is None or leaf.seq > redaction[0]:
        expected = leaf.sha256
    else:
        expected = redaction[1]
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
