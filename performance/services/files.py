"""Files that come with a form: stored by content before the transaction of what they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import BusinessError
from core.fields import not_plain
from documents.models import StoredFile
from documents.services import file_store

MOST_FILES = 20
LONGEST_NAME = 200


@dataclass(frozen=True)
class KeptFile:
    """A stored content under the name it was sent with."""

    name: str
    file: StoredFile


def files_keep(*, uploads: Iterable[Any], now: datetime) -> list[KeptFile]:
    """Store what was sent with a form. Not to be called inside a transaction.

    Args:
        uploads: files as a form gives them, each with ``name``.
        now: aware time of the request.

    Returns:
        One for each different content, in order.

    Raises:
        BusinessError: too many, a bad name, or what ``documents.services.file_store`` refuses, with the name in front.
    """
    files = list(uploads)
    if len(files) > MOST_FILES:
        raise BusinessError(f"材料没有保存：一次最多 {MOST_FILES} 份。", "too_many", field="papers")
    kept: dict[str, KeptFile] = {}
    for one in files:
        name = str(one.name)
        if not name.strip() or not_plain(name) or len(name) > LONGEST_NAME:
            raise BusinessError(
                "材料没有保存：文件名是空的、太长或含有不能用的字符，请改名后再传。", "bad_name", field="papers"
            )
        try:
            stored = file_store(content=one, now=now, name=name)
        except BusinessError as error:
            raise BusinessError(f"“{name}”：{error.message}", error.code, field="papers") from error
        kept.setdefault(stored.sha256, KeptFile(name, stored))
    return list(kept.values())
