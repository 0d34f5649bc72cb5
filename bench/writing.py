"""Writing: one announcement with and without its search entry, an import against raw COPY."""

from __future__ import annotations

import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils import timezone

from bench.measure import AT_LEAST, AT_MOST, Row, median_ratio, milliseconds, percentile, seconds
from bench.plain import forget_writes, owner
from tenders.demo.generate import SIZES, demo_announcements
from tenders.importing import announcement_file_import
from tenders.lines import AnnouncementLine, announcement_line
from tenders.models import Category
from tenders.services import announcements as service
from tenders.services.search import search_index_flush

PUBLISHED, IMPORTED, IMPORTS = 200, 20_000, 3
COPIED = (*service._ANNOUNCEMENT_COLUMNS.split(", "), "text")


def _values(first: int, count: int) -> Iterator[dict[str, Any]]:
    """New announcements: of projects beyond the largest size, under numbers that no run had before."""
    run, begin = f"{time.time_ns():x}", SIZES["province"] + first
    for number, value in enumerate(demo_announcements(begin + count, first=begin)):
        value["fields"].pop("corrects", None)
        value.pop("attachments", None)
        yield {**value, "id": f"bench-{run}-{number}", "source": {"name": "bench", "page": ""}}


def _lines(values: list[dict[str, Any]]) -> list[AnnouncementLine]:
    known = frozenset(Category.objects.values_list("name", flat=True))
    return [announcement_line(value, known) for value in values]


@contextmanager
def _without_search() -> Iterator[None]:
    """The same service, without making and storing search entries."""
    copy, row = service.search_rows_copy, service._search_row
    service.search_rows_copy, service._search_row = lambda _: None, lambda *_: (b"", b"")
    try:
        yield
    finally:
        service.search_rows_copy, service._search_row = copy, row


def publishing() -> list[Row]:
    """One announcement in a transaction of its own: stored only; with its search entry; and merged at once."""
    lines = _lines(list(_values(0, 3 * PUBLISHED + 3)))
    now = timezone.now()

    def store(line: AnnouncementLine) -> None:
        if service.announcements_store(lines=[line], now=now) != ["imported"]:
            raise AssertionError("a new announcement was not stored")

    def store_and_merge(line: AnnouncementLine) -> None:
        store(line)
        search_index_flush()

    search_index_flush()
    bare, full, merged = [], [], []
    for number in range(0, len(lines), 3):
        with _without_search():
            bare.append(seconds(lambda n=number: store(lines[n])))
        full.append(seconds(lambda n=number: store(lines[n + 1])))
        merged.append(seconds(lambda n=number: store_and_merge(lines[n + 2])))
    middle, figures = statistics.median, {}
    for name, taken in (("without", bare[1:]), ("with", full[1:]), ("merged", merged[1:])):
        figures |= {f"{name}_{key}": value for key, value in milliseconds(taken).items()}
    return [
        Row(
            "write.publish",
            "发布一条，含检索 / 不含",
            middle(full[1:]) / middle(bare[1:]),
            AT_MOST,
            3,
            "1.7 ms",
            figures,
        ),
        Row("write.publish_p99", "发布一条 p99,含检索 / 不含", percentile(full[1:], 99) / percentile(bare[1:], 99)),
        Row(
            "write.publish_merged",
            "发布一条并即时并入索引 / 不含",
            middle(merged[1:]) / middle(bare[1:]),
            figures=figures,
        ),
    ]


def _copy_rows(values: list[dict[str, Any]]) -> str:
    """The rows of the import as text for COPY, made beforehand."""
    rows, now = [], timezone.now()
    for number, (value, line) in enumerate(zip(values, _lines(values), strict=True)):
        facts = line.facts
        row = service._announcement_row(number, line, line.digest, facts, now)
        rows.append(row.rstrip("\n") + "\t" + service._field(value["text"]) + "\n")
    return "".join(rows)


def _raw_copy(rows: str) -> float:
    """Seconds to COPY the rows into an empty plain table with the same columns."""
    with owner() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_copy")
        cursor.execute("CREATE TABLE bench_copy AS SELECT a.*, ''::text AS text FROM tenders_announcement a LIMIT 0")
        sql = f"COPY bench_copy ({', '.join(COPIED)}) FROM STDIN"
        taken = seconds(lambda: cursor.copy_expert(sql, io.StringIO(rows)))
        cursor.execute("DROP TABLE bench_copy")
    return taken


def importing(say: Callable[[str], None]) -> list[Row]:
    """announcements_import of a file against COPY of the same rows."""
    pairs: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(IMPORTS):
            say(f"导入：第 {number + 1} 次，共 {IMPORTS} 次，每次 {IMPORTED:,} 条")
            values = list(_values((number + 1) * IMPORTED, IMPORTED))
            path = Path(folder, f"{number}.jsonl")
            path.write_text("".join(json.dumps(v, ensure_ascii=False) + "\n" for v in values), encoding="utf-8")
            rows = _copy_rows(values)
            raw = _raw_copy(rows)
            begun = time.perf_counter()
            result = announcement_file_import(path=path, now=timezone.now(), progress=lambda _n, _r: None)
            taken = time.perf_counter() - begun
            if result.imported != IMPORTED:
                raise AssertionError(f"imported {result}")
            pairs.append((IMPORTED / taken, IMPORTED / statistics.median((raw, _raw_copy(rows)))))
    figures = {
        "rows_a_second": round(statistics.median(p[0] for p in pairs)),
        "copy_rows_a_second": round(statistics.median(p[1] for p in pairs)),
    }
    return [Row("write.import", "导入 / 原始 COPY(条每秒)", median_ratio(pairs), AT_LEAST, 0.05, "", figures)]


def measure(say: Callable[[str], None]) -> list[Row]:
    """All rows of writing; what they wrote is removed again."""
    try:
        say("写入：逐条发布")
        return [*publishing(), *importing(say)]
    finally:
        with owner() as cursor:
            forget_writes(cursor)
