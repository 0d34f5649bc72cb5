"""Reads of the transparency log: checkpoints, leaves, proofs, as the contract's addresses give them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from audit.log_models import PUBLISHED_KINDS, LogCheckpoint, LogDayEnd, LogKey, LogLeaf, LogObject
from audit.merkle import EMPTY_ROOT, Node, consistency_ranges, inclusion_ranges, leaf_hash, node_number, ranges_hash
from core import keys
from core.errors import BusinessError
from core.moments import SHANGHAI

LEAVES_AT_ONCE = 1_000
# Their bytes are an announcement's record, which a later redaction may have changed.
MASKABLE_KINDS = (*PUBLISHED_KINDS, "redaction")


def checkpoint_text(origin: str, size: int, root: str, at: datetime) -> bytes:
    """The text that a checkpoint's signature is over."""
    return f"{origin}\n{size}\n{root}\n{at.astimezone(SHANGHAI).isoformat()}\n".encode()


def checkpoint_newest() -> LogCheckpoint | None:
    """The newest checkpoint; None before the log was opened."""
    return LogCheckpoint.objects.order_by("-size").first()


def log_size() -> int:
    """The number of leaves that a signed checkpoint covers."""
    size: int = LogCheckpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    return size


def checkpoint_json(checkpoint: LogCheckpoint) -> dict[str, Any]:
    """A checkpoint as the contract has it, always signed by the key that /log/key gives.

    Ed25519 is deterministic: after the key was changed, what an older key signed is checked against that key and then
    signed again with the present one, so that one public key is enough for all that is served.

    Raises:
        BusinessError: its own signature is wrong: somebody changed it in the database.
    """
    text = checkpoint_text(checkpoint.origin, checkpoint.size, checkpoint.root, checkpoint.at)
    signature, version = bytes(checkpoint.signature), keys.version_current(keys.LOG)
    if checkpoint.key_id != version:
        if not keys.signature_is_valid(text, signature, bytes.fromhex(checkpoint.key.public_key)):
            raise BusinessError("检查点的签名不对，存证日志可能被改动，请联系中心核查。", "log_damaged")
        signature, _ = keys.sign(text, version=version)
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "at": checkpoint.at.astimezone(SHANGHAI).isoformat(),
        "signature": base64.b64encode(signature).decode(),
    }


def checkpoint_kept(size: int) -> LogCheckpoint:
    """The checkpoint of exactly this size.

    Raises:
        BusinessError: none was kept.
    """
    found = LogCheckpoint.objects.select_related("key").filter(size=size).first()
    if found is None:
        raise BusinessError(f"没有凭证数为 {size} 的检查点。", "no_checkpoint")
    return found


def day_ends() -> list[LogDayEnd]:
    """The day-end checkpoints, oldest first."""
    return list(LogDayEnd.objects.select_related("checkpoint__key").order_by("day"))


def day_ends_newest(limit: int, *, before: date | None = None) -> list[LogDayEnd]:
    """The newest day-end checkpoints, of all days or of those before one, newest first; one query."""
    found = LogDayEnd.objects.select_related("checkpoint__key").order_by("-day")
    return list((found.filter(day__lt=before) if before else found)[:limit])


@dataclass(frozen=True)
class DayEndPrinted:
    """The last day's checkpoint as pages print it: the day, when, how many leaves, root and signature as texts."""

    day: date
    at: datetime
    size: int
    root: str
    signature: str
    origin: str


def day_end_printed() -> DayEndPrinted | None:
    """The newest day-end checkpoint with the signature that /log/checkpoint gives; None before the first.

    Raises:
        BusinessError: ``log_damaged`` as checkpoint_json.
    """
    found = next(iter(day_ends_newest(1)), None)
    if found is None:
        return None
    told = checkpoint_json(found.checkpoint)
    return DayEndPrinted(found.day, found.checkpoint.at, told["size"], told["root"], told["signature"], told["origin"])


def day_end_texts(limit: int) -> list[tuple[date, str]]:
    """The newest day ends with their checkpoints as /log/checkpoint answers them, newest first."""
    return [
        (one.day, json.dumps(checkpoint_json(one.checkpoint), ensure_ascii=False)) for one in day_ends_newest(limit)
    ]


def log_state() -> tuple[int, str]:
    """Size and root (hex) of the log as its newest checkpoint has them, for the notes of a backup."""
    newest = checkpoint_newest()
    return (newest.size, newest.root) if newest else (0, EMPTY_ROOT.hex())


def log_keys() -> dict[int, str]:
    """The public half (hex) of every key that signed a checkpoint, by version."""
    return dict(LogKey.objects.order_by("version").values_list("version", "public_key"))


def log_keys_missing(registered: Mapping[int, str]) -> list[int]:
    """Which of some log keys this machine's keyring has not, or has others instead of.

    Args:
        registered: version and public half in hex.
    """
    here = keys.public_keys()
    return [version for version in sorted(registered) if here.get(version, b"").hex() != registered[version]]


def nodes_read(nodes: Sequence[Node]) -> list[bytes]:
    """The hashes of nodes, in the same order: those of level 0 from the leaves' bytes, the others as stored.

    Raises:
        BusinessError: one is missing.
    """
    leaves = [index for level, index in nodes if level == 0]
    inner = [node_number(node) for node in nodes if node[0]]
    found: dict[int, bytes] = {}
    with connection.cursor() as cursor:
        if leaves:
            cursor.execute("SELECT seq, content FROM audit_logleaf WHERE seq = ANY(%s)", [leaves])
            found |= {node_number((0, seq)): leaf_hash(bytes(content)) for seq, content in cursor.fetchall()}
        if inner:
            cursor.execute("SELECT id, hash FROM audit_lognode WHERE id = ANY(%s)", [inner])
            found |= {number: bytes(value) for number, value in cursor.fetchall()}
    try:
        return [found[node_number(node)] for node in nodes]
    except KeyError:
        raise BusinessError("存证日志不完整，请联系中心核查。", "log_damaged") from None


def _within(ok: bool, message: str) -> None:
    if not ok:
        raise BusinessError(message, "out_of_range")


def leaves_read(start: int, end: int) -> list[bytes]:
    """The leaves of the half-open range, the first 1,000 of a longer one.

    Raises:
        BusinessError: start is beyond end, or end beyond the log.
    """
    size = log_size()
    _within(0 <= start <= end <= size, f"范围不对：应有 0 ≤ start ≤ end ≤ {size}。")
    end = min(end, start + LEAVES_AT_ONCE)
    found = LogLeaf.objects.filter(seq__gte=start, seq__lt=end).order_by("seq").values_list("content", flat=True)
    return [bytes(content) for content in found]


def inclusion(seq: int, size: int) -> tuple[bytes, list[bytes]]:
    """Leaf ``seq`` and the proof that the tree of ``size`` leaves holds it (RFC 9162, 2.1.3).

    Raises:
        BusinessError: not ``seq < size ≤`` the log's.
    """
    current = log_size()
    _within(0 <= seq < size <= current, f"范围不对：应有 0 ≤ seq < size ≤ {current}。")
    return leaf_content_of(seq), ranges_hash(inclusion_ranges(seq, size), nodes_read)


def leaf_content_of(seq: int) -> bytes:
    """The exact bytes of one leaf.

    Raises:
        BusinessError: there is none with this number.
    """
    for content in LogLeaf.objects.filter(seq=seq).values_list("content", flat=True):
        return bytes(content)
    raise BusinessError(f"没有第 {seq} 号存证凭证。", "no_leaf")


def consistency(first: int, second: int) -> list[bytes]:
    """The proof that the tree of ``second`` leaves extends that of ``first`` (RFC 9162, 2.1.4).

    Raises:
        BusinessError: not ``first ≤ second ≤`` the log's.
    """
    current = log_size()
    _within(0 <= first <= second <= current, f"范围不对：应有 0 ≤ first ≤ second ≤ {current}。")
    return ranges_hash(consistency_ranges(first, second), nodes_read)


def receipt(seq: int) -> dict[str, Any]:
    """The receipt of one leaf: with the first checkpoint that covers it, so that it is always the same.

    Raises:
        BusinessError: no checkpoint covers this number.
    """
    covering = LogCheckpoint.objects.select_related("key").filter(size__gt=seq).order_by("size").first()
    if covering is None:
        raise BusinessError(f"没有第 {seq} 号存证凭证。", "no_leaf")
    leaf, proof = inclusion(seq, covering.size)
    return {
        "seq": seq,
        "leaf": base64.b64encode(leaf).decode(),
        "size": covering.size,
        "proof": [one.hex() for one in proof],
        "checkpoint": checkpoint_json(covering),
    }


def object_content(seq: int) -> bytes:
    """The bytes at /log/objects/<seq>.json.

    Raises:
        BusinessError: the leaf has none.
    """
    for content in LogObject.objects.filter(pk=seq).values_list("content", flat=True):
        return bytes(content)
    raise BusinessError(f"第 {seq} 号存证凭证没有存证对象。", "no_object")


@dataclass(frozen=True)
class LeafFacts:
    """What a page says of one leaf."""

    seq: int
    kind: str
    ref: str
    sha256: str
    at: datetime

    @property
    def address(self) -> str:
        """The path of the bytes that the leaf's digest is of, below the root of the site."""
        if self.kind in MASKABLE_KINDS:
            return f"announcements/{self.ref}/canonical.json"
        if self.kind.startswith("draw_"):
            name = {"draw_commitment": "/commitment.json"}.get(self.kind, "/record.json")
            return f"draws/{self.ref}{name}"
        return f"log/objects/{self.seq}.json"


def leaf_facts(seq: int) -> LeafFacts:
    """Of one leaf.

    Raises:
        BusinessError: there is none with this number.
    """
    for found in LogLeaf.objects.filter(seq=seq).values_list("seq", "kind", "ref", "sha256", "at"):
        return LeafFacts(*found)
    raise BusinessError(f"没有第 {seq} 号存证凭证，请检查号码。", "no_leaf")


def redaction_seq(ref: str) -> int | None:
    """The number of the newest leaf that masks an announcement; None when it was never masked.

    Args:
        ref: the announcement's id, as leaves have it.
    """
    found = LogLeaf.objects.filter(kind="redaction", ref=ref).order_by("-seq").values_list("seq", flat=True)
    return found.first()
