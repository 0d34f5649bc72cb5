"""Lines of an announcement file read ahead in a process of its own, while the database takes those before.

Two threads would wait for each other's interpreter lock at every answer of the database: reading is all computing.
Nothing here needs Django's models, so the process starts quickly.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import connection, get_context, parent_process

from tenders.lines import LONGEST_LINE, AnnouncementLine, RefusedLine, announcement_line, read_json

BATCH_LINES = 1_000
BATCH_BYTES = 16 * 1024 * 1024

Raw = tuple[int, bytes]
Parsed = tuple[int, bytes, AnnouncementLine | RefusedLine | None]


def _parsed(number: int, raw: bytes, known: frozenset[str]) -> Parsed:
    """A line read, with all that can be computed without the database; None for a blank one."""
    if not raw.strip():
        return number, raw, None
    try:
        if len(raw) > LONGEST_LINE:
            raise RefusedLine("text_not_storable", f"这一行超过 {LONGEST_LINE // 1024 // 1024} MB。")
        line = announcement_line(read_json(raw), known)
    except RefusedLine as refusal:
        return number, raw, refusal
    if not any(one.file for one in line.attachments):  # such a line will be another one when its files are stored
        _ = line.digest, line.search_parts
    return number, raw, line


def _all_parsed(chunk: list[Raw], known: frozenset[str]) -> list[Parsed]:
    return [_parsed(number, raw, known) for number, raw in chunk]


def _chunks(lines: Iterator[Raw]) -> Iterator[list[Raw]]:
    chunk: list[Raw] = []
    size = 0
    for number, raw in lines:
        chunk.append((number, raw))
        size += len(raw)
        if len(chunk) >= BATCH_LINES or size >= BATCH_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _child() -> None:
    """Ctrl-C is the parent's affair; a parent that was killed takes this process along."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:

        def watch() -> None:
            connection.wait([parent.sentinel])
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()


def parsed_ahead(lines: Iterator[Raw], known: frozenset[str]) -> Iterator[Parsed]:
    """Every line, read or refused, in order.

    Args:
        lines: number and bytes of each.
        known: names of the categories that are accepted.
    """
    chunks = _chunks(lines)
    first = next(chunks, [])
    second = next(chunks, None)
    if second is None:  # not worth a process
        yield from _all_parsed(first, known)
        return
    with ExitStack() as stack:
        pool = stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_child))
        waiting: deque[tuple[list[Raw], Future[list[Parsed]] | None]] = deque()
        for chunk in _after(first, second, chunks):
            waiting.append((chunk, _submit(pool, chunk, known)))
            if len(waiting) > 2:
                yield from _answer(*waiting.popleft(), known)
        while waiting:
            yield from _answer(*waiting.popleft(), known)


def _after(first: list[Raw], second: list[Raw], rest: Iterator[list[Raw]]) -> Iterator[list[Raw]]:
    yield first
    yield second
    yield from rest


def _submit(pool: ProcessPoolExecutor, chunk: list[Raw], known: frozenset[str]) -> Future[list[Parsed]] | None:
    try:
        return pool.submit(_all_parsed, chunk, known)
    except BrokenExecutor:
        return None


def _answer(chunk: list[Raw], future: Future[list[Parsed]] | None, known: frozenset[str]) -> list[Parsed]:
    """What the process has read; read here when it was killed (such as for want of memory)."""
    try:
        if future is not None:
            return future.result()
    except BrokenExecutor:
        pass
    return _all_parsed(chunk, known)
