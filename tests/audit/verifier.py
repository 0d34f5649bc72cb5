"""An independent verifier of the log: written from RFC 9162 and the contract, using none of the portal's code.

It only asks the public addresses, through whatever ``get`` it is given.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Get = Callable[[str], bytes]


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def mth(hashes: list[bytes]) -> bytes:
    """2.1.1 over hashes of leaves, level by level."""
    if not hashes:
        return sha(b"")
    while len(hashes) > 1:
        paired = [sha(b"\x01" + hashes[i] + hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = paired + ([hashes[-1]] if len(hashes) % 2 else [])
    return hashes[0]


def included(leaf: bytes, seq: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """2.1.3.2."""
    fn, sn, r = seq, size - 1, sha(b"\x00" + leaf)
    for p in proof:
        if sn == 0:
            return False
        if fn % 2 or fn == sn:
            r = sha(b"\x01" + p + r)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = sha(b"\x01" + r + p)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and r == root


def consistent(first: int, second: int, old: bytes, new: bytes, proof: list[bytes]) -> bool:
    """2.1.4.2."""
    if first == second:
        return not proof and old == new
    if first == 0:
        return not proof
    if first & (first - 1) == 0:
        proof = [old, *proof]
    fn, sn = first - 1, second - 1
    while fn % 2:
        fn, sn = fn // 2, sn // 2
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn % 2 or fn == sn:
            fr, sr = sha(b"\x01" + c + fr), sha(b"\x01" + c + sr)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            sr = sha(b"\x01" + sr + c)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and (fr, sr) == (old, new)


class Verifier:
    """Checks what it is told; every method raises AssertionError for what does not fit."""

    def __init__(self, get: Get) -> None:
        self.get = get
        told = self.json("/log/key")
        assert told.keys() == {"algorithm", "public_key"}
        assert told["algorithm"] == "ed25519"
        self.key = Ed25519PublicKey.from_public_bytes(base64.b64decode(told["public_key"], validate=True))

    def json(self, address: str) -> Any:
        return json.loads(self.get(address))

    def checkpoint(self, told: dict[str, Any]) -> dict[str, Any]:
        assert list(told) == ["origin", "size", "root", "at", "signature"]
        text = f"{told['origin']}\n{told['size']}\n{told['root']}\n{told['at']}\n"
        self.key.verify(base64.b64decode(told["signature"], validate=True), text.encode())
        return told

    def proof(self, told: list[str]) -> list[bytes]:
        found = [bytes.fromhex(one) for one in told]
        assert all(len(one) == 32 for one in found)
        return found

    def leaves(self, size: int) -> list[bytes]:
        found: list[bytes] = []
        while len(found) < size:
            part = self.json(f"/log/leaves?start={len(found)}&end={size}")["leaves"]
            assert 0 < len(part) <= 1000
            found += [base64.b64decode(one, validate=True) for one in part]
        return found

    def everything(self, sizes: list[int]) -> list[dict[str, Any]]:
        """The whole log, and its checkpoints of the given sizes; returns the leaves, read."""
        newest = self.checkpoint(self.json("/log/checkpoint"))
        raw = self.leaves(newest["size"])
        leaves = [json.loads(one) for one in raw]
        for seq, (one, leaf) in enumerate(zip(raw, leaves, strict=True)):
            canonical = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            assert (one, leaf["v"], leaf["seq"]) == (canonical, 1, seq)
            assert leaf.keys() == {"v", "seq", "at", "kind", "ref", "sha256"}
            assert leaf["at"].endswith("+08:00")
        hashes = [sha(b"\x00" + one) for one in raw]
        assert mth(hashes).hex() == newest["root"]
        for size in sizes:
            kept = self.checkpoint(self.json(f"/log/checkpoint?size={size}"))
            assert (kept["size"], kept["root"]) == (size, mth(hashes[:size]).hex())
            proof = self.proof(self.json(f"/log/consistency?first={size}&second={newest['size']}")["proof"])
            roots = bytes.fromhex(kept["root"]), bytes.fromhex(newest["root"])
            assert consistent(size, newest["size"], *roots, proof)
        for seq, leaf in enumerate(leaves):
            self.leaf(seq, raw[seq], leaf, newest)
        return leaves

    def leaf(self, seq: int, raw: bytes, leaf: dict[str, Any], newest: dict[str, Any]) -> None:
        """One leaf: what it is of, its proof, its receipt."""
        kind, ref = leaf["kind"], leaf["ref"]
        published = kind in ("announcement", "correction")
        address = f"/announcements/{ref}/canonical.json" if published else f"/log/objects/{seq}.json"
        assert sha(self.get(address)).hex() == leaf["sha256"]
        told = self.json(f"/log/inclusion?seq={seq}&size={newest['size']}")
        assert base64.b64decode(told["leaf"], validate=True) == raw
        assert included(raw, seq, newest["size"], self.proof(told["proof"]), bytes.fromhex(newest["root"]))
        receipt = self.json(f"/log/receipt/{seq}.json")
        assert list(receipt) == ["seq", "leaf", "size", "proof", "checkpoint"]
        kept = self.checkpoint(receipt["checkpoint"])
        assert (receipt["seq"], base64.b64decode(receipt["leaf"]), receipt["size"]) == (seq, raw, kept["size"])
        assert included(raw, seq, kept["size"], self.proof(receipt["proof"]), bytes.fromhex(kept["root"]))
