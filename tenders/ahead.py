"""Lines of an announcement file read ahead in a process of its own, while the database takes those before.

Two threads would wait for each other's interpreter lock at every answer of the database: reading is all computing.
Nothing here needs Django's models, so the process starts quickly.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection

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


def _read_for_ever(end: Connection, known: frozenset[str]) -> None:
    """The process: chunks in, chunks parsed out, until nobody asks any more."""
    _child()
    try:
        while True:
            end.send(_all_parsed(end.recv(), known))
    except (EOFError, OSError):
        return


@contextmanager
def _process(known: frozenset[str]) -> Iterator[Connection]:
    """Our end of a pipe to a process that reads; the process ends with the context.

    Not an executor's pool: it keeps the writing end of its own pipe open, so that the rest of an answer of which a
    killed process wrote half is waited for in vain, and for ever.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_read_for_ever, args=(theirs, known), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()


def parsed_ahead(lines: Iterator[Raw], known: frozenset[str]) -> Iterator[Parsed]:
    """Every line, read or refused, in order.

    Args:
        lines: number and bytes of each.
        known: names of the categories that are accepted.
    """
    chunks = _chunks(lines)
    asked = next(chunks, [])
    second = next(chunks, None)
    if second is None:  # not worth a process
        yield from _all_parsed(asked, known)
        return
    with _process(known) as end:
        sent = _sent(end, asked)
        for chunk in chain([second], chunks):
            answer = _answer(end, asked, known, sent=sent)
            # The process waits for it now, so that sending never waits for an answer that nobody takes.
            asked, sent = chunk, _sent(end, chunk)
            yield from answer
        yield from _answer(end, asked, known, sent=sent)


def _sent(end: Connection, chunk: list[Raw]) -> bool:
    """Whether the process was there to take it."""
    try:
        end.send(chunk)
    except OSError:
        return False
    return True


def _answer(end: Connection, chunk: list[Raw], known: frozenset[str], *, sent: bool) -> list[Parsed]:
    """What the process has read; read here when it was killed (such as for want of memory)."""
    if sent:
        try:
            found: list[Parsed] = end.recv()
            return found
        except (EOFError, OSError):
            pass
    return _all_parsed(chunk, known)
