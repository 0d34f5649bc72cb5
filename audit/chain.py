"""The bytes of the chain over the action log: what a row's digest and a seal's head are computed from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

# The head before the first seal.
NOTHING = "0" * 64
# The columns that a row's digest covers, which are all.
COLUMNS = ("id", "at", "tag", "by_id", "by_name", "subject", "detail", "address", "success")


def moment_text(moment: datetime) -> str:
    """``2026-03-02T01:00:00.000000+00:00``: in UTC, to the microsecond that the database keeps."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: Any) -> bytes:
    """Canonical JSON: keys sorted, no white space, non-ASCII characters as themselves, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def row_value(columns: Sequence[Any]) -> dict[str, Any]:
    """A row, given as its columns in the order of COLUMNS, as the JSON value that is hashed."""
    row = dict(zip(COLUMNS, columns, strict=True))
    return {**row, "at": moment_text(row["at"])}


def row_digest(value: dict[str, Any]) -> str:
    """SHA-256 of a row's canonical JSON, in hex: names the row when a seal does not match."""
    return hashlib.sha256(canonical(value)).hexdigest()


def seal_head(*, previous: str, no: int, at: datetime, rows: list[dict[str, Any]]) -> str:
    """``SHA-256(previous head || canonical JSON of the seal with its rows)``, in hex.

    Args:
        previous: the head before, 64 hex digits (NOTHING for the first).
        no: the seal's number, from 1.
        at: its time.
        rows: the rows' values by ascending number.
    """
    body = canonical({"v": 1, "seal": no, "at": moment_text(at), "rows": rows})
    return hashlib.sha256(bytes.fromhex(previous) + body).hexdigest()


def day_object(*, day: date, seal_no: int, head: str) -> bytes:
    """What the transparency log holds of a day (kind ``audit_digest``): the chain's head at its end."""
    return canonical({"v": 1, "day": day.isoformat(), "seal": seal_no, "head": head})
