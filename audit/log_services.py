"""Writes of the transparency log: leaves, checkpoints, day ends, and the keys that sign them."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from audit.log_models import KINDS, OBJECT_KINDS, LogCheckpoint, LogHead, LogKey, LogObject
from audit.log_selectors import checkpoint_newest, checkpoint_text, nodes_read
from audit.merkle import EMPTY_ROOT, Frontier, complete_nodes, leaf_hash, node_number
from core import keys
from core.errors import BusinessError
from core.moments import SHANGHAI
from core.reasons import reason

BATCH = 1_000
LEAF_VERSION = 1
# The digest of what is at another address, or the bytes for /log/objects/<seq>.json.
Entry = tuple[str, str, str | bytes]
# A day is closed only when publications that began in it have surely come in.
SETTLED = timedelta(minutes=10)


def leaf_content(*, seq: int, at: datetime, kind: str, ref: str, sha256: str) -> bytes:
    """The canonical JSON of a leaf (contract: keys sorted, no white space, UTF-8).

    Args:
        seq: from 0.
        at: aware; written in Asia/Shanghai, to the second.
        kind: one of the contract's.
        ref: what the address of the thing is made of.
        sha256: lower-case hex.
    """
    moment = at.astimezone(SHANGHAI).replace(microsecond=0).isoformat()
    leaf = {"v": LEAF_VERSION, "seq": seq, "at": moment, "kind": kind, "ref": ref, "sha256": sha256}
    return json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _copy(table: str, columns: tuple[str, ...], rows: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.StringIO("".join(rows)))


def _field(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _lock() -> int:
    """Lock the head (made where it is not there yet) and return the number of leaves."""
    with connection.cursor() as cursor:
        # One statement makes, locks and reads; a SELECT after it sees what the one before us committed.
        cursor.execute(
            "INSERT INTO audit_loghead (id, size) VALUES (1, 0) ON CONFLICT (id) DO UPDATE SET id = 1 RETURNING size"
        )
        size: int = cursor.fetchone()[0]
        return size


def _key_version(now: datetime) -> int:
    """The newest log key, entered with its public half when it signs for the first time.

    Raises:
        BusinessError: the keyring holds another key than the one that signed before: it was lost or exchanged.
    """
    version, public = keys.version_current(keys.LOG), keys.public_key().hex()
    known = dict(LogKey.objects.values_list("version", "public_key"))
    if known.get(version, public) != public or (known and version < max(known)):
        raise BusinessError(
            "不能存证，也就不能发布：密钥目录里的存证签名密钥与数据库里登记的不一致，请用 keys_import 恢复原来的密钥。",
            "wrong_log_key",
        )
    if version not in known:
        LogKey.objects.create(version=version, public_key=public, at=now)
    return version


def _checkpoint_write(size: int, root: bytes, origin: str, now: datetime) -> LogCheckpoint:
    at = now.astimezone(SHANGHAI).replace(microsecond=0)
    version = _key_version(now)
    signature, _ = keys.sign(checkpoint_text(origin, size, root.hex(), at), version=version)
    return LogCheckpoint.objects.create(
        size=size, origin=origin, root=root.hex(), at=at, signature=signature, key_id=version
    )


def _origin() -> str:
    """The log's name: the setting until the first leaf, from then on what the first leaf's checkpoint says."""
    newest = checkpoint_newest()
    return newest.origin if newest and newest.size else settings.LOG_ORIGIN


def log_open(*, now: datetime) -> None:
    """See to it that the empty log has its signed checkpoint of size 0; nothing happens when it has.

    Raises:
        BusinessError: the signing key is missing or another one.
    """
    with transaction.atomic():
        _lock()
        if not LogCheckpoint.objects.filter(size=0).exists():
            _checkpoint_write(0, EMPTY_ROOT, settings.LOG_ORIGIN, now)


@dataclass
class _Batch:
    """Rows of up to 1,000 leaves, ready for COPY."""

    leaves: list[str]
    nodes: list[str]
    objects: list[tuple[int, bytes]]


def _batch(frontier: Frontier, entries: Sequence[Entry], at: datetime) -> _Batch:
    found = _Batch([], [], [])
    moment = at.isoformat()
    for kind, ref, what in entries:
        if kind not in KINDS or (kind in OBJECT_KINDS) != isinstance(what, bytes):
            raise ValueError(f"a leaf of the kind {kind} takes {'bytes' if kind in OBJECT_KINDS else 'a digest'}")
        seq = frontier.size
        digest = hashlib.sha256(what).hexdigest() if isinstance(what, bytes) else what
        if isinstance(what, bytes):
            found.objects.append((seq, what))
        content = leaf_content(seq=seq, at=at, kind=kind, ref=ref, sha256=digest)
        for node, value in frontier.append(leaf_hash(content)):
            found.nodes.append(f"{node_number(node)}\t\\\\x{value.hex()}\n")
        found.leaves.append(f"{seq}\t{moment}\t{_field(kind)}\t{_field(ref)}\t{digest}\t\\\\x{content.hex()}\n")
    return found


def _store(batch: _Batch) -> None:
    _copy("audit_logleaf", ("seq", "at", "kind", "ref", "sha256", "content"), batch.leaves)
    _copy("audit_lognode", ("id", "hash"), batch.nodes)
    if batch.objects:
        LogObject.objects.bulk_create([LogObject(leaf_id=seq, content=content) for seq, content in batch.objects])


def log_append(*, entries: Sequence[Entry], now: datetime) -> list[int]:
    """Append leaves in the transaction of the publication that they stand for; each 1,000 get a signed checkpoint.

    The head is locked until the caller's transaction ends: call it last. What is rolled back leaves no gap, because
    numbers are only given under the lock. A checkpoint is signed here and not after the commit: signing is pure
    computation with a key that is already in memory, and so no committed batch is ever without its checkpoint,
    also when the process is killed at the next moment.

    Args:
        entries: ``(kind, ref, sha256 in hex)``; ``(kind, ref, bytes)`` for the kinds whose bytes are kept at
            /log/objects/<seq>.json.
        now: aware time of the publication.

    Returns:
        The numbers of the leaves, in order.

    Raises:
        BusinessError: the signing key is missing or another one (``key_missing``, ``wrong_log_key``), or the log is
            damaged (``log_damaged``).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("log_append belongs into the transaction of what it stands for")
    if not entries:
        return []
    first = _lock()
    newest = checkpoint_newest()
    if newest is None and first == 0:
        newest = _checkpoint_write(0, EMPTY_ROOT, settings.LOG_ORIGIN, now)
    if newest is None or newest.size != first:
        raise BusinessError("不能存证，也就不能发布：存证日志已损坏，请运行 log_verify 查明。", "log_damaged")
    origin, at = _origin(), now.astimezone(SHANGHAI).replace(microsecond=0)
    frontier = Frontier(first, nodes_read(complete_nodes(0, first)))
    for begin in range(0, len(entries), BATCH):
        _store(_batch(frontier, entries[begin : begin + BATCH], at))
        _checkpoint_write(frontier.size, frontier.root, origin, now)
    LogHead.objects.filter(id=1).update(size=frontier.size)
    return list(range(first, frontier.size))


def object_append(*, kind: str, ref: str, content: bytes, now: datetime) -> None:
    """Append one leaf of a kind whose bytes are kept at /log/objects/<seq>.json; see :func:`log_append`."""
    log_append(entries=[(kind, ref, content)], now=now)


def log_days_close(*, now: datetime) -> list[date]:
    """Mark the last checkpoint of every day that has passed (Asia/Shanghai), also of days that were missed.

    Returns:
        The days closed now, oldest first; safe to run at any time and twice.
    """
    settled = (now - SETTLED).astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    with transaction.atomic():
        _lock()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_logdayend (day, checkpoint_id, at)"
                " SELECT (c.at AT TIME ZONE 'Asia/Shanghai')::date AS day, max(c.size), %s FROM audit_logcheckpoint c"
                " WHERE c.at < %s AND c.at >= coalesce("
                "(SELECT (max(day) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM audit_logdayend), '-infinity')"
                " GROUP BY 1 ORDER BY 1 ON CONFLICT DO NOTHING RETURNING day",
                [now, settled],
            )
            return [row[0] for row in cursor.fetchall()]


def keys_export(*, path: Path, passphrase: str) -> int:
    """Write every key, sealed with a passphrase, into a new 0600 file.

    Returns:
        The number of keys.

    Raises:
        BusinessError: the passphrase is too short, the file exists or cannot be written, keys are missing.
    """
    if not instance_is_made():
        keys.keys_ensure()
    sealed = keys.keys_seal(passphrase)
    try:
        with open(path, "xb", opener=_owner_only) as file:
            file.write(sealed)
    except FileExistsError:
        raise BusinessError(f"没有导出密钥：{path} 已经存在，请另给文件名。", "exists") from None
    except OSError as error:
        raise BusinessError(f"没有导出密钥：不能写 {path}（{reason(error)}）。", "unwritable") from error
    return sum(map(len, keys.keys_unseal(sealed, passphrase).values()))


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def instance_is_made() -> bool:
    """Whether there is a database to ask: on a new machine keys come before it."""
    return not settings.EMBEDDED_DATABASE or settings.PATHS.instance.exists()


def _registered() -> dict[int, str]:
    """The public halves of the keys that the database's log was signed with; none as long as it has no leaf.

    What a new machine made by itself, with the checkpoint of an empty log, binds nobody.
    """
    if not instance_is_made() or LogKey._meta.db_table not in connection.introspection.table_names():
        return {}
    if not LogCheckpoint.objects.filter(size__gt=0).exists():
        return {}
    return dict(LogKey.objects.values_list("version", "public_key"))


def keys_import(*, path: Path, passphrase: str) -> tuple[int, int]:
    """Bring exported keys into the keyring, e.g. on the machine on which a backup was restored.

    Keys that a new machine made by itself are put aside for those that the database was made with; but keys that fit
    the database are never replaced by those of another instance.

    Returns:
        How many keys were written, and how many of them took the place of others.

    Raises:
        BusinessError: unreadable, not our file, wrong passphrase, or keys of another instance (``foreign_keys``).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BusinessError(f"没有导入密钥：读不出 {path}（{reason(error)}）。", "unreadable") from error
    ring, here = keys.keys_unseal(content, passphrase), keys.ring_here()
    registered = _registered()

    def fits(one: keys.Ring) -> bool:
        found = {v: keys.ring_public_key(one, v) for v in registered}
        return all(public is not None and public.hex() == registered[v] for v, public in found.items())

    if registered and not fits(ring):
        raise BusinessError(
            "没有导入密钥：文件里的存证签名密钥与数据库里登记的不一致，它属于另一个实例，或早于最近一次更换密钥。",
            "foreign_keys",
        )
    return keys.ring_merge(ring, replace=not (registered and fits(here)))
