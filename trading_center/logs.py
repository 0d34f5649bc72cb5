"""Log lines: text or one JSON object each, with the request they belong to and without personal data.

Nobody who reads a log may learn whom it was about: identity, phone and account numbers, what was searched for, and the
values that PostgreSQL quotes in its DETAIL are taken out of every line, whoever wrote it. Standard library alone.
"""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import datetime
from zoneinfo import ZoneInfo

request_id: ContextVar[str] = ContextVar("request_id", default="")
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_HIDDEN = (
    # A survey's code with a time tells when who has it answered. To the end of the line: it is typed with blanks, too.
    (re.compile(r"(/survey/t/)(?!<).*"), r"\1<code>/"),
    # The query of an address: search words, names in filters.
    (re.compile(r"(/[^\s?\"'<>]*)\?[^\s\"'<>]+"), r"\1?…"),
    # PostgreSQL quotes the values of a row that breaks a constraint.
    (re.compile(r"^(\s*)(DETAIL|CONTEXT|HINT|LINE \d+):.*$", re.MULTILINE), r"\1\2: …"),
    (re.compile(r"(Key \([^)]*\))=\([^)]*\)"), r"\1=(…)"),
    (re.compile(r"(?<![\dA-Za-z])\d{6}(?:19|20)\d{9}[\dXx](?![\dA-Za-z])"), "〔证件号〕"),
    (re.compile(r"(?<![\dA-Za-z])1[3-9]\d{9}(?![\dA-Za-z])"), "〔手机号〕"),
    (re.compile(r"(?<![\dA-Za-z.])\d{16,19}(?![\dA-Za-z])"), "〔账号〕"),
)


def without_personal_data(text: str) -> str:
    """``text`` with what must not stand in a log replaced."""
    for pattern, instead in _HIDDEN:
        text = pattern.sub(instead, text)
    return text


class TextFormatter(logging.Formatter):
    """One line for people; a traceback below it."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}{request} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        found = request_id.get()
        record.request = f" [{found}]" if found else ""
        return without_personal_data(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``at``, ``level``, ``logger``, ``message``; ``request``, ``error``, ``fields`` if any.

    ``logger.info("…", extra={"fields": {…}})`` adds ``fields``: codes and numbers, never a person's data.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, _SHANGHAI).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_personal_data(record.getMessage()),
        }
        if found := request_id.get():
            line["request"] = found
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = without_personal_data(self.formatException(record.exc_info))
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line["fields"] = fields
        return json.dumps(line, ensure_ascii=False, default=str)
