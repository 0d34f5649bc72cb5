"""Writes of the words that the scan looks for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from audit.services import action_record
from audit.tags import Tag
from core.errors import BusinessError
from tenders.models import ScanWord


def word_save(*, word: ScanWord, by: Any, now: datetime, address: str = "") -> ScanWord:
    """Store a word, validated by its form, with a row of who changed the list.

    Raises:
        BusinessError: ``taken``: somebody has just added the same.
    """
    try:
        with transaction.atomic():
            word.save()
            action_record(
                tag=Tag.SETTING, by=by, now=now, subject=f"tenders.scanword:{word.pk}", address=address,
                detail={"word": word.word, "kind": word.kind, "is_active": word.is_active},
            )  # fmt: skip
    except IntegrityError as error:
        raise BusinessError("已经有这个词。", "taken") from error
    return word
