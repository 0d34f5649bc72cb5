"""The tree against RFC 9162 written out anew, against the contract's vectors, and against damaged proofs."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    Node,
    consistency_is_valid,
    consistency_ranges,
    inclusion_is_valid,
    inclusion_ranges,
    leaf_hash,
    node_number,
    ranges_hash,
)
from tests.honesty import SHARED

VECTORS = SHARED / "contracts" / "vectors" / "log.json"


def mth(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162, 2.1.3.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """RFC 9162, 2.1.4.1, word for word."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def leaves_of(count: int) -> list[bytes]:
    return [b"leaf %d" % n for n in range(count)]


class Tree:
    """A tree grown leaf by leaf, with the nodes that a database would hold."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[Node, bytes] = {}
        self.frontier = Frontier()
        for seq, leaf in enumerate(leaves):
            self.nodes[0, seq] = leaf_hash(leaf)
            self.nodes.update(self.frontier.append(leaf_hash(leaf)))

    def hashes(self, ranges: list[tuple[int, int]]) -> list[bytes]:
        return ranges_hash(ranges, lambda nodes: [self.nodes[node] for node in nodes])


@pytest.mark.parametrize("count", range(34))
def test_every_small_tree_has_the_roots_and_proofs_of_the_rfc(count: int) -> None:
    leaves = leaves_of(count)
    tree = Tree(leaves)
    assert tree.frontier.root == mth(leaves)
    for size in range(1, count + 1):
        for seq in range(size):
            assert tree.hashes(inclusion_ranges(seq, size)) == path(seq, leaves[:size])
    for first in range(1, count):
        assert tree.hashes(consistency_ranges(first, count)) == subproof(first, leaves, True)


def test_empty_and_equal_trees_need_no_proof() -> None:
    assert mth([]) == EMPTY_ROOT
    assert [consistency_ranges(0, 9), consistency_ranges(9, 9), consistency_ranges(0, 0)] == [[], [], []]


@settings(deadline=None, max_examples=150)
@given(data=st.data(), count=st.integers(1, 3000))
def test_proofs_of_any_tree_are_accepted_and_damaged_ones_are_not(data: st.DataObject, count: int) -> None:
    leaves = leaves_of(count)
    tree = Tree(leaves)
    size = data.draw(st.integers(1, count))
    seq = data.draw(st.integers(0, size - 1))
    root, leaf = mth(leaves[:size]), leaf_hash(leaves[seq])
    proof = tree.hashes(inclusion_ranges(seq, size))
    assert inclusion_is_valid(leaf=leaf, seq=seq, size=size, proof=proof, root=root)
    for wrong in ([*proof, root], proof[:-1] if proof else [leaf], [bytes(32), *proof[1:]] if proof else [bytes(32)]):
        assert not inclusion_is_valid(leaf=leaf, seq=seq, size=size, proof=wrong, root=root)
    assert not inclusion_is_valid(leaf=bytes(32), seq=seq, size=size, proof=proof, root=root)
    assert not inclusion_is_valid(leaf=leaf, seq=size, size=size, proof=proof, root=root)

    both = {"first": size, "second": count, "first_root": root, "second_root": mth(leaves)}
    extension = tree.hashes(consistency_ranges(size, count))
    assert consistency_is_valid(**both, proof=extension)
    assert not consistency_is_valid(**both, proof=[*extension, root])
    assert not consistency_is_valid(**{**both, "first_root": bytes(32)}, proof=extension)
    assert not consistency_is_valid(**{**both, "second_root": bytes(32)}, proof=extension)


def test_nothing_extends_a_longer_tree() -> None:
    assert not consistency_is_valid(first=2, second=1, first_root=EMPTY_ROOT, second_root=EMPTY_ROOT, proof=[])
    assert consistency_is_valid(first=0, second=1, first_root=EMPTY_ROOT, second_root=bytes(32), proof=[])
    assert not consistency_is_valid(first=0, second=1, first_root=bytes(32), second_root=bytes(32), proof=[])
    assert not consistency_is_valid(first=3, second=4, first_root=bytes(32), second_root=bytes(32), proof=[])


@given(st.sets(st.tuples(st.integers(0, 20), st.integers(0, 5000)), min_size=2))
def test_every_node_has_a_number_of_its_own(nodes: set[Node]) -> None:
    assert len({node_number(node) for node in nodes}) == len(nodes)


@pytest.mark.skipif(not VECTORS.exists(), reason="../shared is absent")
def test_contract_vectors() -> None:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    leaves = [base64.b64decode(leaf) for leaf in vectors["leaves"]]
    tree = Tree(leaves)
    for size, root in vectors["roots"].items():
        assert Tree(leaves[: int(size)]).frontier.root.hex() == root
    for one in vectors["inclusion"]:
        found = tree.hashes(inclusion_ranges(one["seq"], one["size"]))
        assert [h.hex() for h in found] == one["proof"]
        root = bytes.fromhex(vectors["roots"][str(one["size"])])
        leaf = leaf_hash(leaves[one["seq"]])
        assert inclusion_is_valid(leaf=leaf, seq=one["seq"], size=one["size"], proof=found, root=root)
    for one in vectors["consistency"]:
        found = tree.hashes(consistency_ranges(one["first"], one["second"]))
        assert [h.hex() for h in found] == one["proof"]
        roots = [bytes.fromhex(vectors["roots"][str(one[name])]) for name in ("first", "second")]
        assert consistency_is_valid(
            first=one["first"], second=one["second"], first_root=roots[0], second_root=roots[1], proof=found
        )
