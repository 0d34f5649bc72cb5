"""Stored contents that are not what their digests say: found when opened, written down until they are whole again."""

from __future__ import annotations

import logging

from documents.contents import FaultKind, content_state
from documents.models import FileFault

log = logging.getLogger(__name__)


def fault_note(sha256: str, kind: FaultKind) -> None:
    """Write down that a content is missing or altered; once, whoever else finds it."""
    log.error("stored file %s is %s", sha256, kind)
    FileFault.objects.bulk_create([FileFault(sha256=sha256, kind=kind)], ignore_conflicts=True)


def fault_clear(sha256: str) -> None:
    """It is whole again."""
    FileFault.objects.filter(sha256=sha256).delete()


def content_examine(sha256: str) -> FaultKind:
    """Read a whole content and write down what is wrong with it; not inside a transaction.

    Returns:
        ``""`` when it is whole, ``"missing"`` or ``"altered"``.
    """
    kind = content_state(sha256)
    if kind:
        fault_note(sha256, kind)
    else:
        fault_clear(sha256)
    return kind
