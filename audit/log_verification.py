"""Recomputing the whole log from the database: every digest, the tree, the checkpoints (manage.py log_verify)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from audit.log_models import OBJECT_KINDS, LogCheckpoint, LogHead, LogKey, LogLeaf, LogNode, LogObject
from audit.log_selectors import checkpoint_text
from audit.log_services import leaf_content
from audit.merkle import EMPTY_ROOT, Frontier, Node, leaf_hash, node_number
from audit.subjects import Check, Checked, LeafRow, check_of, contents_faults, without_leaf
from core import keys
from core.errors import BusinessError
from core.reasons import reason

CHUNK = 1_000
MOST_PROBLEMS = 20
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class KeptCheckpoint:
    """A checkpoint that was kept outside of the center."""

    origin: str
    size: int
    root: str
    at: str
    signature: bytes

    @property
    def text(self) -> bytes:
        return f"{self.origin}\n{self.size}\n{self.root}\n{self.at}\n".encode()


@dataclass
class Verification:
    """What was found.

    Attributes:
        size: leaves looked at.
        root: of the recomputed tree, hex.
        checkpoints: how many were checked.
        problems: ``(leaf number or None, Chinese sentence)`` in the order of the leaves, the first 20.
        count: of all problems.
        masked: numbers of leaves that are masked in the proper way.
        extends: whether today's tree extends the kept checkpoint; None when none was given.
    """

    size: int = 0
    root: str = EMPTY_ROOT.hex()
    checkpoints: int = 0
    problems: list[tuple[int | None, str]] = field(default_factory=list)
    count: int = 0
    masked: list[int] = field(default_factory=list)
    extends: bool | None = None

    def add(self, seq: int | None, sentence: str) -> None:
        """Note a problem."""
        self.count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append((seq, sentence))


def _kept(found: Any) -> KeptCheckpoint | None:
    try:
        found = found.get("checkpoint", found)
        signature = base64.b64decode(found["signature"], validate=True)
        read = KeptCheckpoint(found["origin"], found["size"], found["root"], found["at"], signature)
        is_one = isinstance(read.size, int) and not isinstance(read.size, bool) and read.size >= 0
        is_one = is_one and len(bytes.fromhex(read.root)) == 32 and len(signature) == 64
        is_one = is_one and all(isinstance(text, str) for text in (read.origin, read.root, read.at))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return None
    return read if is_one else None


def checkpoint_read(path: Path) -> KeptCheckpoint:
    """A kept checkpoint from a file: as /log/checkpoint gave it, or a receipt that holds one.

    Raises:
        BusinessError: the file cannot be read, or is none.
    """
    try:
        read = _kept(json.loads(path.read_bytes()))
    except OSError as error:
        raise BusinessError(f"没有核验：读不出检查点文件 {path}（{reason(error)}）。", "unreadable") from error
    except (ValueError, RecursionError):
        read = None
    if read is None:
        raise BusinessError(f"没有核验：{path} 不是 /log/checkpoint 给出的检查点。", "not_checkpoint")
    return read


def checkpoint_reasons(checkpoint: Mapping[str, Any]) -> list[str]:
    """Why today's log does not extend a checkpoint that was kept outside; none when it does.

    Not to be called in a transaction: all is read from one snapshot of its own.

    Args:
        checkpoint: an answer of ``/log/checkpoint``.
    """
    kept = _kept(checkpoint)
    if kept is None:
        return ["这不是 /log/checkpoint 给出的检查点。"]
    return [sentence for _, sentence in log_verification(since=kept).problems]


def _public_keys(found: Verification) -> dict[int, bytes]:
    """The keys by which signatures are checked: the keyring's, and where it lacks one, what the database says."""
    registered = {k: bytes.fromhex(public) for k, public in LogKey.objects.values_list("version", "public_key")}
    at_hand = keys.public_keys()
    for version in sorted(registered):
        if at_hand.get(version, registered[version]) != registered[version]:
            found.add(None, f"数据库里登记的第 {version} 版存证公钥与密钥目录里的不一致。")
    return {**registered, **at_hand}


class _Walk:
    """One pass over the leaves in order, with the checkpoints that fall between them."""

    def __init__(self, size: int, since: KeptCheckpoint | None, progress: Progress) -> None:
        self.found = Verification()
        self.size, self.since, self.progress = size, since, progress
        self.frontier = Frontier()
        self.public = _public_keys(self.found)
        self.checkpoints = self._checkpoints()
        self.next = next(self.checkpoints, None)
        self.origins: set[str] = set()
        self.since_root = ""
        self.bad_nodes: set[Node] = set()
        # (size of the tree then, 0 for a leaf and 1 for a checkpoint, sentence)
        self.pending: list[tuple[int, int, str]] = []

    def _checkpoints(self) -> Iterator[LogCheckpoint]:
        last = -1
        while rows := list(LogCheckpoint.objects.filter(size__gt=last).order_by("size")[:CHUNK]):
            yield from rows
            last = rows[-1].size

    def run(self) -> None:
        """Everything, chunk by chunk: memory does not grow with the log."""
        self._at_size()
        self._tell()
        for begin in range(0, self.size, CHUNK):
            end = min(begin + CHUNK, self.size)
            self._chunk(begin, end)
            self.progress(end, self.size)
        while self.next is not None:
            self.found.add(None, f"有凭证数为 {self.next.size:,} 的检查点，但只有 {self.size:,} 份凭证。")
            self.next = next(self.checkpoints, None)
        self.found.size, self.found.root = self.frontier.size, self.frontier.root.hex()
        if len(self.origins) > 1:
            self.found.add(None, f"检查点上的日志名称不一致：{'、'.join(sorted(self.origins))}。")

    def _chunk(self, begin: int, end: int) -> None:
        rows = {row.seq: row for row in LogLeaf.objects.filter(seq__gte=begin, seq__lt=end)}
        right: list[LeafRow] = []
        made: dict[Node, bytes] = {}
        problems: dict[int, str] = {}
        for seq in range(begin, end):
            row = rows.get(seq)
            if row is None:
                problems[seq] = "不在数据库里。"
                content = b""
            else:
                content = bytes(row.content)
                expected = leaf_content(seq=seq, at=row.at, kind=row.kind, ref=row.ref, sha256=row.sha256)
                if content != expected:
                    problems[seq] = "凭证原文与登记的时间、种类、对象或 SHA-256 不符。"
                else:
                    right.append(LeafRow(seq, row.kind, row.ref, row.sha256))
            made.update(self.frontier.append(leaf_hash(content)))
            self._at_size()
        self._nodes(made, problems)
        self._subjects(right, problems)
        self.pending += [(seq + 1, 0, f"第 {seq} 号凭证：{sentence}") for seq, sentence in problems.items()]
        self._tell()

    def _tell(self) -> None:
        """Note what a chunk brought, a leaf before the checkpoints that it spoils."""
        for size, order, sentence in sorted(self.pending):
            self.found.add(None if order else size - 1, sentence)
        self.pending = []

    def _nodes(self, made: dict[Node, bytes], problems: dict[int, str]) -> None:
        """Compare stored nodes; what only follows from a node below that is wrong is not told again."""
        numbers = [node_number(node) for node in made]
        stored = {n: bytes(v) for n, v in LogNode.objects.filter(id__in=numbers).values_list("id", "hash")}
        for node, value in made.items():
            level, index = node
            if stored.get(node_number(node)) == value:
                continue
            self.bad_nodes.add(node)
            first, count = index << level, 1 << level
            if level == 1:
                if not {first, first + 1} & set(problems):
                    problems[first] = f"它或第 {first + 1} 号凭证与存证时不同，或它们的树节点被改动。"
            elif not self.bad_nodes & {(level - 1, 2 * index), (level - 1, 2 * index + 1)}:
                problems.setdefault(first, f"由它起 {count:,} 份凭证的树节点与算出的不符。")

    def _subjects(self, leaves: Sequence[LeafRow], problems: dict[int, str]) -> None:
        groups: dict[Check, list[LeafRow]] = {}
        for leaf in leaves:
            groups.setdefault(check_of(leaf.kind) or _objects_check, []).append(leaf)
        for check, some in groups.items():
            checked = check(some)
            for seq, sentence in checked.problems.items():
                problems.setdefault(seq, sentence)
            self.found.masked += sorted(checked.masked)

    def _at_size(self) -> None:
        """What must be true of the tree as it is at this size."""
        size = self.frontier.size
        if self.since is not None and self.since.size == size:
            self.since_root = self.frontier.root.hex()
        while self.next is not None and self.next.size == size:
            one = self.next
            self.found.checkpoints += 1
            self.origins.add(one.origin)
            if one.root != self.frontier.root.hex():
                self.pending.append((size, 1, f"凭证数为 {size:,} 的检查点：根与由凭证算出的不符。"))
            text = checkpoint_text(one.origin, one.size, one.root, one.at)
            public = self.public.get(one.key_id, b"")
            if not keys.signature_is_valid(text, bytes(one.signature), public):
                self.pending.append((size, 1, f"凭证数为 {size:,} 的检查点：签名不对。"))
            self.next = next(self.checkpoints, None)


def _objects_check(leaves: Sequence[LeafRow]) -> Checked:
    """Leaves whose bytes are kept with the log."""
    numbers = [leaf.seq for leaf in leaves]
    stored = dict(LogObject.objects.filter(pk__in=numbers).values_list("pk", "content"))
    found = Checked()
    for leaf in leaves:
        content = stored.get(leaf.seq)
        if content is None:
            # A digest alone (a draw's): its bytes are elsewhere, and checked there.
            if leaf.kind in OBJECT_KINDS:
                found.problems[leaf.seq] = f"存证对象 {leaf.kind} {leaf.ref} 不在数据库里。"
        elif hashlib.sha256(bytes(content)).hexdigest() != leaf.sha256:
            found.problems[leaf.seq] = f"存证对象 {leaf.kind} {leaf.ref} 与凭证中的 SHA-256 不符。"
    return found


def _since_check(walk: _Walk, since: KeptCheckpoint) -> None:
    found, before = walk.found, walk.found.count
    if not any(keys.signature_is_valid(since.text, since.signature, public) for public in walk.public.values()):
        # Whatever else it says, nobody of ours has said it: of the log it proves nothing.
        found.add(
            None, "另存的检查点：签名不对，它不是本中心的存证密钥签出的，这个文件什么也证明不了；请换一份原样保存的。"
        )
        found.extends = False
        return
    if walk.origins and since.origin not in walk.origins:
        found.add(None, f"另存的检查点：日志名称是“{since.origin}”，不是本日志。")
    if since.size > walk.frontier.size:
        found.add(
            None,
            f"另存的检查点有 {since.size:,} 份凭证，数据库里只有 {walk.frontier.size:,} 份：已存证的内容被删去，"
            "或恢复了较早的备份。",
        )
    elif walk.since_root != since.root:
        found.add(None, f"另存的检查点：前 {since.size:,} 份凭证与当时不同，已存证的内容被改写。")
    found.extends = found.count == before


def log_verification(
    *, since: KeptCheckpoint | None = None, progress: Progress = lambda done, count: None
) -> Verification:
    """Recompute everything from the database, as it is at one moment.

    Args:
        since: a checkpoint kept outside, which today's tree must extend: a rewrite by someone who holds database and
            key cannot be found otherwise.
        progress: called with the number of leaves done and of all.

    Raises:
        BusinessError: the keyring cannot be read.
    """
    with transaction.atomic():
        # Publications go on meanwhile: all is read from one snapshot.
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        top = LogLeaf.objects.order_by("-seq").values_list("seq", flat=True).first()
        size = 0 if top is None else top + 1
        walk = _Walk(size, since, progress)
        walk.run()
        _ends_check(walk, size)
        for sentence in without_leaf():
            walk.found.add(None, sentence)
        if since is not None:
            _since_check(walk, since)
    return walk.found


def contents_verification(found: Verification) -> None:
    """Read every stored file of what was published, and add those that differ to what was found.

    Apart from log_verification: it reads the storage, which has no place in a transaction.
    """
    for seq, sentence in contents_faults():
        found.add(seq, sentence if seq is None else f"第 {seq} 号凭证：{sentence}")


def _ends_check(walk: _Walk, size: int) -> None:
    """The head, the newest checkpoint and the number of nodes agree with the number of leaves."""
    newest = LogCheckpoint.objects.order_by("-size").values_list("size", flat=True).first()
    if size and newest is not None and newest < size:
        walk.found.add(newest, f"第 {newest} 号凭证：它和以后的没有签名的检查点。")
    if newest is None and size:
        walk.found.add(None, "没有任何检查点。")
    head = LogHead.objects.values_list("size", flat=True).first() or 0
    if head != size:
        walk.found.add(None, f"日志头记着 {head:,} 份凭证，数据库里有 {size:,} 份。")
    wanted = size - size.bit_count()
    if (stored := LogNode.objects.count()) != wanted:
        walk.found.add(None, f"树节点应有 {wanted:,} 个，数据库里有 {stored:,} 个。")


def verification_json(found: Verification) -> dict[str, Any]:
    """For ``--json``."""
    return {
        "ok": found.count == 0,
        "size": found.size,
        "root": found.root,
        "checkpoints": found.checkpoints,
        "masked": found.masked,
        "extends": found.extends,
        "first_bad": next((seq for seq, _ in found.problems if seq is not None), None),
        "problem_count": found.count,
        "problems": [{"seq": seq, "message": sentence} for seq, sentence in found.problems],
    }
