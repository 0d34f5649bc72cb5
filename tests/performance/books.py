"""Excel files for tests: right ones, and every kind of bad one."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook

ENTRY_HEADS = (
    "支付日期",
    "金额（元）",
    "支出类别",
    "功能科目",
    "经济科目",
    "项目",
    "支出明细",
    "用途",
    "收款人",
    "凭证号",
    "支付单号",
)
PAYMENT_HEADS = ("支付凭证号", "支付日期", "支付金额", "功能分类科目", "经济分类科目", "项目名称", "摘要", "收款人全称")


def entry(number: int = 1, **more: Any) -> list[Any]:
    """A row of an entries' list; names of ENTRY_HEADS in ``more`` by their position's key."""
    values = {
        "day": date(2025, 6, 10), "amount": 100.25, "category": "", "functional": "2010350 事业运行",
        "economic": "30101 基本工资", "program": "", "expense": "", "purpose": "发放工资", "payee": "本单位职工",
        "voucher": f"记-{number:04}", "payment": "", **more,
    }  # fmt: skip
    return list(values.values())


def payment(number: int = 1, **more: Any) -> list[Any]:
    """A row of the finance bureau's list."""
    values = {
        "number": f"ZF{number:05}", "day": "2025/6/10", "amount": "100.00", "functional": 2010350, "economic": 30101,
        "program": "", "purpose": "发放工资", "payee": "本单位职工", **more,
    }  # fmt: skip
    return list(values.values())


def book(
    rows: Iterable[Sequence[Any]], *, heads: Sequence[Any] = ENTRY_HEADS, above: Iterable[Sequence[Any]] = (),
    touch: Callable[[Workbook, Any], None] = lambda book, sheet: None,
) -> bytes:  # fmt: skip
    """The bytes of a workbook: rows above the header, the header, the rows; then whatever ``touch`` does to it."""
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (*above, heads, *rows):
        sheet.append(list(row))
    touch(made, sheet)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def rewritten(content: bytes, change: Callable[[str, bytes], bytes | None], **added: bytes) -> bytes:
    """The package with each part changed (None: left out) and parts added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if (part := change(name, old.read(name))) is not None:
                new.writestr(name, part)
        for name, part in added.items():
            new.writestr(name, part)
    return file.getvalue()


def with_macros(content: bytes) -> bytes:
    """A macro file whose name says xlsx."""
    return rewritten(content, lambda name, part: part, **{"xl/vbaProject.bin": b"\x00" * 100})


def bomb(content: bytes) -> bytes:
    """A sheet that unzips to far more than a list needs."""
    cell = b'<c t="inlineStr"><is><t>x</t></is></c>'

    def change(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return part
        return part.replace(b"</sheetData>", b'<row r="9">' + cell * 3_000_000 + b"</row></sheetData>")

    return rewritten(content, change)


def many_rows(content: bytes, number: int) -> bytes:
    """A sheet with ``number`` more empty rows, each of which costs a few bytes only."""

    def change(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return part
        return part.replace(b"</sheetData>", b"<row/>" * number + b"</sheetData>")

    return rewritten(content, change)


def entities(content: bytes) -> bytes:
    """A sheet whose XML grows by its own entities."""
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

    def change(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return part
        return head + re.sub(rb"^<\?xml[^>]*\?>", b"", part)

    return rewritten(content, change)


def ole(inside: str) -> bytes:
    """An old container: a workbook of before 2007, or an encrypted one when ``inside`` says so."""
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 504 + inside.encode("utf-16-le") + b"\x00" * 1000
