"""Search in process, against a LIKE scan and a plain "latest 20" of the same rows."""

from __future__ import annotations

import random
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.measure import AT_LEAST, AT_MOST, Row, milliseconds, percentile, seconds
from bench.plain import one
from core.text import fold
from tenders.demo.projects import RARE_TERMS
from tenders.models import Announcement
from tenders.queries import AnnouncementQuery, Position
from tenders.search import search_hits
from tenders.search_terms import resolve
from tenders.selectors import announcement_count, announcement_page

REPEATS = 25
PIECES, PIECES_HITS = 40, 2_000
PAGE = 20
OLD_RARE, OLD_FREQUENT = ("户户通",), ("三证合一", "国土资源局")
LIKE = "SELECT id FROM bench_plain WHERE title LIKE %s OR text LIKE %s ORDER BY published_at DESC, id DESC LIMIT 20"
HAN = re.compile("[\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Case:
    """One query, and the class of terms it stands for."""

    kind: str
    query: AnnouncementQuery


def _random_announcements(count: int) -> list[Announcement]:
    """Announcements from all times, the same in every run on the same data."""
    numbers = list(Announcement.objects.exclude(source_name="bench").order_by("id").values_list("id", flat=True))
    chosen = random.Random(7).sample(numbers, min(count, len(numbers)))
    return list(Announcement.objects.filter(id__in=chosen).select_related("record").order_by("id"))


def _phrases(rows: list[Announcement], length: int, of: str) -> list[str]:
    chance = random.Random(length)
    found = []
    for row in rows:
        runs = [run for run in HAN.findall(row.title if of == "title" else row.text) if len(run) >= length]
        if runs:
            run = chance.choice(runs)
            begin = chance.randrange(len(run) - length + 1)
            found.append(run[begin : begin + length])
    return found


def _terms() -> Iterator[tuple[str, str]]:
    """(class, what a visitor types)."""
    rows = _random_announcements(60)
    old = (*OLD_RARE, *OLD_FREQUENT)
    yield from (("rare", term) for term in RARE_TERMS if term not in old)
    yield from (("old_rare", term) for term in OLD_RARE)
    yield from (("old_frequent", term) for term in OLD_FREQUENT)
    yield from (("common", term) for term in ("采购", "项目", "公告", "招标", "工程", "有限公司", "政府采购", "投标人"))
    yield from (("one_character", term) for term in ("桥", "采", "龘"))
    yield from (
        ("two_words", t) for t in ("采购 中学", "公路 中标", "道路 监理", "医院 设备", "土地 出让", "国土资源局 挂牌")
    )
    yield from (
        ("two_words", f"{a} {b}")
        for a, b in zip(_phrases(rows[:6], 2, "title"), _phrases(rows[6:12], 2, "text"), strict=False)
    )
    yield from (("quoted", f'"{text}"') for text in _phrases(rows[:6], 6, "title"))
    yield from (("code", row.project_code) for row in rows[:6] if row.project_code)
    yield from (("company", row.purchaser) for row in rows[6:12] if row.purchaser)
    yield from (("company", row.supplier) for row in rows if row.supplier and row.id % 3 == 0)
    yield from (("missing", term) for term in ("魑魅魍魉", "甪直", "中标学校公采", "zqxj9-77"))
    yield from (("long", text) for text in _phrases(rows[12:40], 14, "text")[:8])
    yield from (("title_pair", text) for text in _phrases(rows[40:], 2, "title")[:8])
    yield from (("latin_number", term) for term in ("ISO9001", "2019", "DN300", "GB 50500", "100%", "1,000"))


def cases() -> list[Case]:
    """All queries of the measurement: each term by time and by relevance, filters, further pages."""
    found = []
    for kind, text in _terms():
        query = AnnouncementQuery.parse({"q": text})
        found += [Case(kind, query), Case(kind, replace(query, sort="relevance"))]
    row = _random_announcements(1)[0]
    names: dict[str, Any] = {"category": row.category_id, "type": row.type_id, "region": row.region_id or ""}
    spans = ({}, {"until": date(2017, 6, 30)}, {"since": date(2019, 1, 1), "until": date(2019, 3, 31)})
    for span in spans:
        for chosen in (("category",), ("type", "region"), ("category", "type", "region"), ()):
            for q in ("", "采购", "监理 公路", "古籍修复"):
                filters = {name: names[name] for name in chosen}
                if q or filters or span:
                    found.append(Case("filters", AnnouncementQuery(q=q, **filters, **span)))
    return found + list(_further_pages(found))


def _further_pages(first: list[Case]) -> Iterator[Case]:
    """The second page of some, and pages from the middle of all rows."""
    middle = position_at(one("SELECT count(*) FROM tenders_announcement") // 2)
    for case in first:
        if case.query.terms and case.kind in ("common", "two_words", "title_pair", "old_frequent", "latin_number"):
            second = announcement_page(case.query, now=timezone.now(), count=False).next
            if second:
                yield Case("page_2", replace(case.query, after=case.query.position_read(second)))
            phase = 1 if case.query.sort == "relevance" else 0
            yield Case("deep", replace(case.query, after=replace(middle, phase=phase)))


def position_at(offset: int) -> Position:
    """The position of a row of the whole list."""
    at, number = Announcement.objects.order_by("-published_at", "-id").values_list("published_at", "id")[offset]
    return Position(0, at, number)


def like_scan(term: str, *, parallel: bool) -> float:
    """Seconds of the reference: the latest 20 rows with ``term`` by reading all."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = %s", [2 if parallel else 0])
        taken = seconds(lambda: (cursor.execute(LIKE, [f"%{term}%"] * 2), cursor.fetchall()))
        cursor.execute("RESET max_parallel_workers_per_gather")
    return taken


def latest_orm() -> object:
    """The plain list: twenty newest rows, loaded as the portal loads them."""
    return list(Announcement.objects.defer("fields").order_by("-published_at", "-id")[:PAGE])


def latest_sql() -> object:
    """The same without the ORM, three columns of the plain table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title, published_at FROM bench_plain ORDER BY published_at DESC, id DESC LIMIT 20")
        return cursor.fetchall()


@dataclass
class Times:
    """Seconds, gathered round by round."""

    pages: dict[Case, list[float]]
    counts: dict[Case, list[float]]
    scan: list[float]
    scan_alone: list[float]
    latest: list[float]
    latest_plain: list[float]


def _gather(say: Callable[[str], None]) -> Times:
    times = Times(defaultdict(list), defaultdict(list), [], [], [], [])
    all_cases, now = cases(), timezone.now()
    rare = next(iter(RARE_TERMS))
    counted = {replace(case.query, sort="time", after=None): case for case in reversed(all_cases)}

    def run(keep: bool) -> None:
        for case in all_cases:
            taken = seconds(lambda case=case: announcement_page(case.query, now=now, count=False))
            if keep:
                times.pages[case].append(taken)
        for query, case in counted.items():
            taken = seconds(lambda query=query: announcement_count(query))
            if keep:
                times.counts[case].append(taken)

    run(keep=False)  # warm
    for number in range(REPEATS):
        say(f"检索：第 {number + 1} 轮，共 {REPEATS} 轮，每轮 {len(all_cases)} 个查询")
        if number % 5 == 0:
            times.scan.append(like_scan(rare, parallel=True))
            times.scan_alone.append(like_scan(rare, parallel=False))
        times.latest += [seconds(latest_orm) for _ in range(8)]
        times.latest_plain += [seconds(latest_sql) for _ in range(8)]
        random.Random(number).shuffle(all_cases)
        run(keep=True)
    return times


def _by_kind(times: dict[Case, list[float]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for case, taken in times.items():
        found[case.kind + (".relevance" if case.query.sort == "relevance" else "")] += taken
    return dict(found)


def _slowest(times: dict[Case, list[float]]) -> list[dict[str, Any]]:
    worst = sorted(times, key=lambda case: -statistics.median(times[case]))[:14]
    return [
        {"class": case.kind, "query": case.query.params(), "deep": bool(case.query.after), **milliseconds(times[case])}
        for case in worst
    ]


def speed(say: Callable[[str], None]) -> list[Row]:
    """Pages and counts against the scan and the plain list."""
    times = _gather(say)
    scan, latest = statistics.median(times.scan), statistics.median(times.latest)
    kinds = {name: milliseconds(taken) for name, taken in sorted(_by_kind(times.pages).items())}
    pages = [t for taken in times.pages.values() for t in taken]
    counts = [t for taken in times.counts.values() for t in taken]
    common = _by_kind(times.pages)["common"] + _by_kind(times.pages)["common.relevance"]
    worst = max(kinds, key=lambda name: kinds[name]["p99_ms"])
    reference = {
        "scan_ms": round(scan * 1000, 1),
        "scan_one_process_ms": round(statistics.median(times.scan_alone) * 1000, 1),
        "latest_20_ms": round(latest * 1000, 3),
        "latest_20_plain_sql_ms": round(statistics.median(times.latest_plain) * 1000, 3),
    }
    page_figures = {**milliseconds(pages), **reference, "classes": kinds, "slowest": _slowest(times.pages)}
    count_figures = {**milliseconds(counts), **reference, "slowest": _slowest(times.counts)}
    page, count = percentile(pages, 99) / scan, percentile(counts, 99) / scan
    frequent = {**milliseconds(common), **reference}
    label = f"检索一页，最慢一类({worst})p99 / 顺序扫描"
    return [
        Row("search.page", "检索一页，各类词 p99 / 顺序扫描", page, AT_MOST, 0.05, "1/27–1/40", page_figures),
        Row("search.page_worst_class", label, kinds[worst]["p99_ms"] / 1000 / scan),
        Row("search.common", "常见词 p99 / 最新 20 条", percentile(common, 99) / latest, AT_MOST, 10, "2", frequent),
        Row("search.count", "计数 p99 / 顺序扫描", count, AT_MOST, 0.05, "17 ms", count_figures),
    ]


def pages_deep() -> list[Row]:
    """Page 10,000 by cursor against page 1 and against OFFSET; the same within a frequent term's hits."""
    offset = min(10_000 * PAGE, one("SELECT count(*) FROM tenders_announcement") * 9 // 10)
    after, now = position_at(offset - 1), timezone.now()
    first, deep, term_first, term_deep, by_offset = [], [], [], [], []
    plain, term = AnnouncementQuery(), AnnouncementQuery(q="采购")
    newest = Announcement.objects.defer("fields").order_by("-published_at", "-id")
    for number in range(101):
        first.append(seconds(lambda: announcement_page(plain, now=now, count=False)))
        deep.append(seconds(lambda: announcement_page(replace(plain, after=after), now=now, count=False)))
        term_first.append(seconds(lambda: announcement_page(term, now=now, count=False)))
        term_deep.append(seconds(lambda: announcement_page(replace(term, after=after), now=now, count=False)))
        if number % 10 == 0:
            by_offset.append(seconds(lambda: list(newest[offset : offset + PAGE])))
    middle = statistics.median
    figures = {
        "page": offset // PAGE,
        **{f"first_{k}": v for k, v in milliseconds(first).items()},
        **{f"deep_{k}": v for k, v in milliseconds(deep).items()},
        **{f"offset_{k}": v for k, v in milliseconds(by_offset).items()},
    }
    return [
        Row("search.cursor_page", "游标第一万页 / 第一页", middle(deep) / middle(first), AT_MOST, 5, "1", figures),
        Row(
            "search.cursor_offset",
            "OFFSET / 游标第一万页",
            middle(by_offset) / middle(deep),
            AT_LEAST,
            20,
            "65–100 ms",
            figures,
        ),
        Row("search.cursor_term", "常见词，一万页处 / 第一页", middle(term_deep) / middle(term_first)),
    ]


def sizes() -> list[Row]:
    """The token index against the table of titles and texts."""

    def size(name: str, function: str = "pg_relation_size") -> int:
        return int(one(f"SELECT {function}(%s::regclass)", name))

    plain, index = size("bench_plain", "pg_table_size"), size("tenders_searchentry_tokens")
    names = ("tenders_announcement", "tenders_announcementrecord", "tenders_searchentry", "tenders_searchtext")
    figures = {
        "plain_table_mb": plain >> 20,
        "tokens_index_mb": index >> 20,
        "rows": one("SELECT count(*) FROM bench_plain"),
        "characters_a_text": round(float(one("SELECT avg(length(text)) FROM bench_plain TABLESAMPLE SYSTEM (2)") or 0)),
        **{f"{name}_mb": size(name, "pg_table_size") >> 20 for name in names},
    }
    whole = sum(size(name, "pg_table_size") for name in names)
    return [
        Row("search.index_size", "索引大小 / 文本表", index / plain, AT_MOST, 0.35, "0.23", figures),
        Row("search.index_size_portal", "索引大小 / 门户的表", index / whole, figures=figures),
    ]


def _like_hits(piece: str) -> list[tuple[datetime, int]]:
    """The newest rows that hold ``piece``, by reading all; case is folded for Latin pieces."""
    word = "LIKE" if HAN.fullmatch(piece) else "ILIKE"
    where = f"title {word} %s OR text {word} %s"
    sql = f"SELECT published_at, id FROM bench_plain WHERE {where} ORDER BY 1 DESC, 2 DESC LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [f"%{piece}%", f"%{piece}%", PIECES_HITS])
        return list(cursor.fetchall())


def _holds(number: int, piece: str) -> bool:
    """Whether announcement ``number`` holds ``piece`` anywhere that search promises to look."""
    row = Announcement.objects.select_related("record").get(pk=number)
    texts = [row.title, row.text, row.project_code, row.unified_deal_code, row.purchaser, row.agency, row.supplier]
    texts += [attachment.name for attachment in row.attachments.all()]
    return any(fold(piece) in fold(text) for text in texts)


def _pieces() -> list[str]:
    """Random pieces of titles and texts, two to ten characters."""
    chance, found = random.Random(11), []
    for row in _random_announcements(PIECES):
        source = row.title if chance.random() < 0.4 else row.text
        runs = re.findall("[\u4e00-\u9fff0-9A-Za-z]{2,}", source)
        run = chance.choice(runs)
        length = min(chance.choice((2, 2, 3, 3, 4, 5, 6, 8, 10)), len(run))
        begin = chance.randrange(len(run) - length + 1)
        found.append(run[begin : begin + length])
    return list(dict.fromkeys(found))


def exactness(say: Callable[[str], None]) -> list[Row]:
    """Recall and precision against LIKE: the newest 2,000 hits of random pieces, all where there are fewer."""
    wanted, hit, extra, wrong, failed = 0, 0, 0, 0, []
    pieces = _pieces()
    for number, piece in enumerate(pieces):
        if number % 10 == 0:
            say(f"检索：与 LIKE 逐条比较，第 {number + 1} 段，共 {len(pieces)} 段")
        like = _like_hits(piece)
        search = resolve(AnnouncementQuery(q=f'"{piece}"'))
        hits = search_hits(search, by_relevance=False, after=None, limit=PIECES_HITS) if search else []
        ours = [found for _, found in hits]
        # Search looks at more than titles and texts: compare down to where the shorter list ends.
        floors = [rows[-1] for rows in (like, ours) if len(rows) == PIECES_HITS]
        floor = max(floors) if floors else None
        like_set = {row[1] for row in like if floor is None or tuple(row) >= tuple(floor)}
        our_set = {row[1] for row in ours if floor is None or tuple(row) >= tuple(floor)}
        wanted, hit, extra = wanted + len(like_set), hit + len(like_set & our_set), extra + len(our_set)
        bad = [n for n in sorted(our_set - like_set) if not _holds(n, piece)]
        wrong += len(bad)
        if bad or like_set - our_set:
            failed.append(piece)
    figures = {"pieces": len(pieces), "hits_by_like": wanted, "hits_by_search": extra, "pieces_that_differ": failed}
    return [
        Row("search.recall", "召回率(与 LIKE 比)", hit / max(wanted, 1), AT_LEAST, 1.0, "1.0", figures),
        Row("search.precision", "准确率", (extra - wrong) / max(extra, 1), AT_LEAST, 1.0, "1.0", figures),
    ]


def measure(say: Callable[[str], None]) -> list[Row]:
    """All search rows, on tables that nobody writes to."""
    say("检索：准备")
    return [*speed(say), *pages_deep(), *sizes(), *exactness(say)]
