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
from contextlib import closing, suppress
from itertools import chain
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from queue import SimpleQueue

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


class _Process:
    """A process that reads, asked through a pipe; its answers are taken by a thread as they come.

    Not an executor's pool: it keeps the writing end of its own pipe open, so that the rest of an answer of which a
    killed process wrote half is waited for in vain, and for ever.
    """

    def __init__(self, known: frozenset[str]) -> None:
        context = get_context("spawn")
        self._end, theirs = context.Pipe()
        self._process = context.Process(target=_read_for_ever, args=(theirs, known), daemon=True)
        self._process.start()
        theirs.close()
        self._answers: SimpleQueue[list[Parsed] | None] = SimpleQueue()
        self._taking = threading.Thread(target=self._take, daemon=True)
        self._taking.start()

    def _take(self) -> None:
        try:
            while True:
                self._answers.put(self._end.recv())
        except (EOFError, OSError):
            self._answers.put(None)

    def ask(self, chunk: list[Raw]) -> None:
        """Send a chunk; a process that is gone is told of by its answer."""
        with suppress(OSError):
            self._end.send(chunk)

    def answer(self) -> list[Parsed] | None:
        """The next answer; None from when the process was killed (such as for want of memory)."""
        found = self._answers.get()
        if found is None:
            self._answers.put(None)
        return found

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._taking.join()
        self._end.close()
        self._process.close()


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
    with closing(_Process(known)) as process:
        waiting: deque[list[Raw]] = deque()
        for chunk in chain([first, second], chunks):
            process.ask(chunk)
            waiting.append(chunk)
            if len(waiting) > 2:
                yield from _answer(process, waiting.popleft(), known)
        while waiting:
            yield from _answer(process, waiting.popleft(), known)


def _answer(process: _Process, chunk: list[Raw], known: frozenset[str]) -> list[Parsed]:
    """What the process has read of a chunk; read here when there is no process any more."""
    found = process.answer()
    return _all_parsed(chunk, known) if found is None else found
