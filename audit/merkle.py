"""The Merkle tree of RFC 9162, section 2.1, as pure functions over hashes (SHA-256).

A node is named by its level (0: leaves) and its index in that level; it covers the leaves from ``index << level`` on,
``1 << level`` of them. Only nodes whose leaves all exist are kept: they never change again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

Node = tuple[int, int]
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def node_number(node: Node) -> int:
    """One number for each node: its place when the whole tree is read from left to right (leaves have even ones)."""
    level, index = node
    return ((2 * index + 1) << level) - 1


def complete_nodes(begin: int, end: int) -> list[Node]:
    """The largest complete subtrees that cover the leaves ``begin`` to ``end`` (exclusive), from left to right.

    Args:
        begin: a multiple of the largest power of two below ``end - begin`` (as every range of RFC 9162 is).
    """
    found = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        found.append((level, begin >> level))
        begin += 1 << level
    return found


def joined(hashes: Iterable[bytes]) -> bytes:
    """The hash over complete subtrees of falling size (``complete_nodes``); of none, the empty tree's root."""
    found = b""
    for one in reversed(list(hashes)):
        found = node_hash(one, found) if found else one
    return found or EMPTY_ROOT


def _split(count: int) -> int:
    """The largest power of two smaller than ``count`` (at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion_ranges(seq: int, size: int) -> list[tuple[int, int]]:
    """The leaves under each hash of the proof that leaf ``seq`` is in the tree of ``size`` (RFC 9162, 2.1.3.1).

    Args:
        seq: 0 ≤ seq < size.

    Returns:
        Half-open ranges, in the order of the proof.
    """
    begin, end = 0, size
    found: list[tuple[int, int]] = []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if seq < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin = middle
    return found[::-1]


def consistency_ranges(first: int, second: int) -> list[tuple[int, int]]:
    """The leaves under each hash of the proof that the tree of ``second`` extends that of ``first`` (2.1.4.1).

    Args:
        first: 0 ≤ first ≤ second.

    Returns:
        Half-open ranges in the order of the proof; none when first is 0 or equals second.
    """
    if first in (0, second):
        return []
    begin, end, is_whole = 0, second, True
    found: list[tuple[int, int]] = []
    while first != end:
        middle = begin + _split(end - begin)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((begin, middle))
            begin, is_whole = middle, False
    return ([] if is_whole else [(begin, end)]) + found[::-1]


def ranges_hash(ranges: Sequence[tuple[int, int]], nodes: Callable[[list[Node]], list[bytes]]) -> list[bytes]:
    """The hash of each range, from the stored nodes.

    Args:
        ranges: as above.
        nodes: asked once for all nodes that are needed; answers with their hashes in the same order.
    """
    needed = [complete_nodes(*one) for one in ranges]
    hashes = iter(nodes([node for one in needed for node in one]))
    return [joined([next(hashes) for _ in one]) for one in needed]


class Frontier:
    """The right edge of a growing tree: all that is needed to append, at most 64 hashes.

    Args:
        size: leaves so far.
        peaks: the hashes of ``complete_nodes(0, size)``.
    """

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Append the hash of a leaf; returns the nodes above level 0 that it completes, with their hashes."""
        made: list[tuple[Node, bytes]] = []
        level, index, found = 0, self.size, leaf
        while index & 1:
            found = node_hash(self.peaks.pop(), found)
            level, index = level + 1, index >> 1
            made.append(((level, index), found))
        self.peaks.append(found)
        self.size += 1
        return made

    @property
    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return joined(self.peaks)


def inclusion_is_valid(*, leaf: bytes, seq: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Does the proof show that the leaf with hash ``leaf`` is number ``seq`` of the tree (RFC 9162, 2.1.3.2)?"""
    if not 0 <= seq < size:
        return False
    position, last, found = seq, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(one, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, one)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def consistency_is_valid(
    *, first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Does the proof show that the second tree extends the first (RFC 9162, 2.1.4.2)?"""
    if not 0 <= first <= second:
        return False
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    if first == second:
        return not proof and first_root == second_root
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    position, last = first - 1, second - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    one = two = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            one, two = node_hash(other, one), node_hash(other, two)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            two = node_hash(two, other)
        position, last = position >> 1, last >> 1
    return last == 0 and one == first_root and two == second_root
