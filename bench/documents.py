"""Reports as PDF against bare WeasyPrint on the same final HTML; sizes and memory in processes of their own.

``python -m bench.documents cells|long`` makes one report and prints what it took as JSON.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from bench.measure import AT_MOST, Row, median_ratio, seconds
from performance.document.model import Cover, Document, Heading, Paragraph, Table

CODE, ADDRESS = "4KQM-3XPA-9DWE-H7RT", "https://center.example/reports/4KQM-3XPA-9DWE-H7RT/"
SENTENCE = (
    "2022年批复年度部门预算收入302.94万元，实际收入250.88万元，比年初预算减少52.06万元，减少17.18%；本年实际支出合计257.99万元，"
    "其中人员经费221.34万元，日常公用经费23.36万元，项目支出13.29万元。各项支出按批准的用途和进度办理，没有超出预算。"
)
HEAD = ("序号", "日期", "摘要", "收款单位", "凭证号", "经济科目", "金额")
WIDTHS = (6.0, 14.0, 20.0, 18.0, 11.0, 17.0, 14.0)
CELLS_ROWS, LONG_PARAGRAPHS, ROUNDS = 260, 106, 7
TABLES = "performance_reportrun", "performance_reportfile"
BENCH_TITLE = "（测量用）"


def _document(paragraphs: int, rows: int) -> Document:
    body = tuple(
        Heading(1 if n % 8 == 0 else 2, f"工作情况之{n}", (Paragraph(SENTENCE * 2),)) for n in range(paragraphs)
    )
    table = Table(
        "支出明细", HEAD,
        tuple((str(n), f"2022-{n % 12 + 1:02}-{n % 28 + 1:02}", f"第{n}笔办公用品", f"供货单位{n % 40}", f"记-{n:04}",
               "30201 办公费", f"{n * 37.5:,.2f}") for n in range(1, rows + 1)),
        WIDTHS, (6,), "元",
    )  # fmt: skip
    cover = Cover("测量用报告", "测量单位", (("评价年度", "2022年度"),), date(2023, 2, 20))
    return Document("department", 2022, "测量单位", cover, body, None, (table,) if rows else ())


DOCUMENTS: dict[str, Callable[[], Document]] = {
    "cells": lambda: _document(2, CELLS_ROWS),
    "long": lambda: _document(LONG_PARAGRAPHS, 0),
}


def made(which: str) -> dict[str, float]:
    """One report made in this process: pages, bytes, seconds, the most memory in MB."""
    from performance.document.render import document_made  # noqa: PLC0415 (needs Django)

    document = DOCUMENTS[which]()
    begun = time.perf_counter()
    found = document_made(document, code=CODE, verify_url=ADDRESS)
    taken = time.perf_counter() - begun
    # Not getrusage: that still counts the process this one was forked from.
    told = Path("/proc/self/status").read_text(encoding="ascii")
    memory = int(re.search(r"VmHWM:\s+(\d+)", told)[1]) / 1024  # type: ignore[index]
    return {"pages": found.pages, "bytes": len(found.content), "seconds": round(taken, 2), "memory_mb": round(memory)}


def _apart(which: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.documents", which], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return dict(json.loads(done.stdout))


def _bare(html: str) -> Callable[[], object]:
    """WeasyPrint alone on a text, with our fonts."""
    import weasyprint  # noqa: PLC0415 (its libraries may be missing)

    from performance.document import fonts  # noqa: PLC0415 (needs Django)

    return lambda: weasyprint.HTML(string=html).render(font_config=fonts.configuration()).write_pdf()


def layout() -> list[Row]:
    """Fixed columns against automatic ones, writing against laying out, on the report with many cells."""
    from performance.document.render import document_html, pages_laid_out  # noqa: PLC0415 (needs Django)

    html = document_html(DOCUMENTS["cells"](), code=CODE, verify_url=ADDRESS)
    automatic = re.sub(r"<colgroup>.*?</colgroup>", "", html.replace("table-layout: fixed", "table-layout: auto"))
    fixed, free, wrote, laid = [], [], [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        pages = pages_laid_out(html)
        laid.append(time.perf_counter() - begun)
        wrote.append(seconds(pages.write_pdf))
        free.append(seconds(_bare(automatic)))
        fixed.append(seconds(_bare(html)))
    figures = {"layout_s": round(statistics.median(laid), 3), "write_s": round(statistics.median(wrote), 3)}
    return [
        Row(
            "pdf.fixed", "固定列宽 / 自动列宽", median_ratio(list(zip(fixed, free, strict=True))), AT_MOST, 0.85, "0.71"
        ),
        Row(
            "pdf.write", "写出 / 排版", median_ratio(list(zip(wrote, laid, strict=True))), AT_MOST, 0.5, "0.24", figures
        ),
    ]


def task() -> list[Row]:
    """The whole task, from the claim to the stored file, against bare WeasyPrint on the same text."""
    from django.utils import timezone  # noqa: PLC0415 (needs Django)

    from performance.document.render import document_html  # noqa: PLC0415 (needs Django)
    from performance.models import Report, ReportRun  # noqa: PLC0415 (needs Django)
    from performance.narrative.build import document_of  # noqa: PLC0415 (needs Django)
    from performance.services.runs import run_work  # noqa: PLC0415 (needs Django)

    report = Report.objects.filter(kind="department").order_by("-fiscal_year__year").first()
    if report is None:
        raise AssertionError("the demonstration has no report")
    title, pairs = report.title, []
    try:
        for number in range(ROUNDS):
            # Another content each time: the same one would be given from the store.
            Report.objects.filter(pk=report.pk).update(title=f"{title}{BENCH_TITLE}{time.time_ns()}")
            run = ReportRun.objects.create(report=report, by=report.created_by, at=timezone.now())
            taken = seconds(lambda run=run: run_work(number=run.pk, now=timezone.now()))
            if ReportRun.objects.get(pk=run.pk).state != ReportRun.State.DONE:
                raise AssertionError("the run was not done")
            html = document_html(document_of(Report.objects.get(pk=report.pk)), code=CODE, verify_url=ADDRESS)
            bare = seconds(_bare(html))
            if number:
                pairs.append((taken, bare))
    finally:
        Report.objects.filter(pk=report.pk).update(title=title)
        forget()
    figures = {"task_s": round(statistics.median(p[0] for p in pairs), 3),
               "bare_s": round(statistics.median(p[1] for p in pairs), 3)}  # fmt: skip
    return [Row("pdf.task", "生成报告的任务 / 只用 WeasyPrint", median_ratio(pairs), AT_MOST, 1.1, "", figures)]


def forget() -> None:
    """Remove the files that measurements made, in a database of our own."""
    from bench.plain import owner  # noqa: PLC0415 (needs Django)

    chosen = f"(SELECT id FROM performance_reportfile WHERE source LIKE '%{BENCH_TITLE}%')"
    with owner() as cursor:
        cursor.execute(
            "BEGIN; ALTER TABLE performance_reportfile DISABLE TRIGGER USER;"
            f" DELETE FROM performance_reportrun WHERE result_id IN {chosen};"
            f" DELETE FROM performance_reportfile WHERE id IN {chosen}; SET CONSTRAINTS ALL IMMEDIATE;"
            " ALTER TABLE performance_reportfile ENABLE TRIGGER USER; COMMIT"
        )


def sizes() -> list[Row]:
    """Size and memory of the report with many cells; time and memory of the long one."""
    cells, long = _apart("cells"), _apart("long")
    return [
        Row("pdf.size", "12 页 1,820 格的大小(kB)", cells["bytes"] / 1000, AT_MOST, 500, "325 kB", cells),
        Row("pdf.memory", "12 页 1,820 格的内存(MB)", cells["memory_mb"], AT_MOST, 300, "207 MB", cells),
        Row("pdf.long_seconds", "60 页的报告(秒)", long["seconds"], AT_MOST, 20, "", long),
        Row("pdf.long_memory", "60 页的报告的内存(MB)", long["memory_mb"], AT_MOST, 600, "", long),
    ]


def measure(say: Callable[[str], None]) -> list[Row]:
    """All rows of PDF files."""
    say("PDF：排版和写出")
    found = layout()
    say("PDF：生成报告的任务")
    found += task()
    say("PDF：大小和内存")
    return [*found, *sizes()]


def main(words: list[str]) -> None:
    """In a process of its own: the memory of others does not count."""
    import django  # noqa: PLC0415 (settings are read by it)

    django.setup()
    result: dict[str, Any] = made(words[1])
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv)
