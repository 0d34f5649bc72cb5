"""What going back to an older database would take away, and what the older one is told about it.

A leaf that was served, a message that was sent, a move that somebody made cannot be unmade: a log that forgot them
would sign other leaves under the same numbers. So nobody goes back over them without saying so, and the older database
opens in recovery hold, as after a restore.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

# What counts, how it is read, how it is told; a table that the older release does not have counts as empty.
KINDS: dict[str, tuple[str, str, str]] = {
    "leaves": ("audit_logleaf", "SELECT count(*) FROM audit_logleaf", "份存证凭证（已公开，不能当作没有发生）"),
    "changes": ("workflow_statechange", "SELECT count(*) FROM workflow_statechange", "次办理"),
    "notices": ("notices_notice", "SELECT count(*) FROM notices_notice WHERE status = 'sent'", "条已发出的通知"),
    # Coming and going is no loss.
    "actions": (
        "audit_actionrow",
        "SELECT count(*) FROM audit_actionrow WHERE by_id IS NOT NULL"
        " AND tag NOT IN ('session.login', 'session.logout', 'page.denied')",
        "条人员操作记录",
    ),
}
HOLD = "INSERT INTO upkeep_holdevent (at, kind, by_id, by_name, reason, detail) VALUES (%s, 'begun', NULL, '', %s, %s)"
HOLD_TABLE = "upkeep_holdevent"
# Once something was lost, who was logged in and which codes were used is not known either.
LOGIN_TABLES = {"accounts_session", "accounts_factor"}


def losses(databases: Any, *, older: str, newer: str) -> dict[str, int]:
    """How many things of each kind the newer database has and the older one has not.

    Args:
        databases: the module trading_center.backup.databases, with the instance's settings.
        older, newer: names of databases on the server.

    Returns:
        Kind and number, only those above zero.
    """
    before, after = _counts(databases, older), _counts(databases, newer)
    return {kind: after[kind] - before[kind] for kind in KINDS if after[kind] > before[kind]}


def _counts(databases: Any, name: str) -> dict[str, int]:
    found = {}
    with databases.connected(name) as cursor:
        known = set(databases.tables(cursor))
        for kind, (table, query, _) in KINDS.items():
            found[kind] = 0
            if table in known:
                cursor.execute(query)
                found[kind] = int(cursor.fetchone()[0])
    return found


def losses_told(lost: dict[str, int]) -> str:
    """The losses in words, e.g. ``1 份存证凭证、3 次办理``."""
    return "、".join(f"{count:,} {KINDS[kind][2]}" for kind, count in lost.items())


def hold_open(databases: Any, name: str, *, lost: dict[str, int], kept: str, now: datetime) -> bool:
    """Let the database ``name`` open in recovery hold, all logins ended; before anybody can use it.

    Args:
        databases: as above.
        name: of the older database.
        lost: what :func:`losses` gave.
        kept: the name under which the newer database stays.
        now: aware time.

    Returns:
        False when its release is too old to know a hold.
    """
    from trading_center.backup.restore import end_logins  # noqa: PLC0415 (needs the settings)

    with databases.connected(name) as cursor:
        known = set(databases.tables(cursor))
        if HOLD_TABLE not in known:
            return False
        reason = f"退回升级前的数据，失去 {losses_told(lost)}。"
        cursor.execute(HOLD, [now, reason[:300], json.dumps({"back": True, "kept": kept, "lost": lost})])
    if known >= LOGIN_TABLES:
        end_logins(name, now)
    return True


def back_allowed(lost: dict[str, int], *, lose: bool, say: Callable[[str], None]) -> str:
    """The sentence of refusal, blank when one may go back: nothing is lost, or the loss is accepted (``lose``)."""
    if not lost:
        return ""
    if lose:
        say(f"退回将失去升级之后的 {losses_told(lost)}。")
        return ""
    return (
        f"没有退回：升级之后又有 {losses_told(lost)}，退回会失去它们，存证日志也会与已公开的不一致。"
        "确实要退回，请用 make upgrade BACK=1 LOSE=1：之后处于恢复保全，由系统管理员核对检查点或声明遗失。"
    )
