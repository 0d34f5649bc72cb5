"""Reading ahead in a process: the same lines in the same order, whatever becomes of the process."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tenders import ahead
from tenders.ahead import BATCH_LINES, Raw, parsed_ahead
from tenders.lines import RefusedLine
from tests.processes.harness import wait_for
from tests.tenders.factories import line_of
from trading_center.config import ROOT

KNOWN = frozenset({"政府采购", "工程建设"})
ENDLESS = """
import os, sys
from tenders.ahead import parsed_ahead
def lines():
    n = 0
    while True:
        n += 1
        yield n, b'{"id": "%d"}' % n
if __name__ == "__main__":
    for number, _, _ in parsed_ahead(lines(), frozenset()):
        if number % 1000 == 0:
            print(number, flush=True)
"""


def raws(count: int) -> list[Raw]:
    """Lines of all three kinds: good, refused, blank."""
    kinds = [json.dumps(line_of(id=str(n), category="政府采购"), ensure_ascii=False).encode() for n in range(3)]
    kinds += [b"{", b"\n", b'{"id": "x", "title": ""}']
    return [(number, kinds[number % len(kinds)]) for number in range(1, count + 1)]


def seen(lines: Iterator[ahead.Parsed]) -> list[tuple[int, bytes, object]]:
    found: list[tuple[int, bytes, object]] = []
    for number, raw, line in lines:
        told = (line.code, line.reason) if isinstance(line, RefusedLine) else line and (line.digest, line.search_parts)
        found.append((number, raw, told))
    return found


def children() -> list[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]


def test_lines_of_the_process_are_those_read_here_in_their_order() -> None:
    lines = raws(3 * BATCH_LINES + 7)
    here = seen(iter(ahead._all_parsed(lines, KNOWN)))
    assert seen(parsed_ahead(iter(lines), KNOWN)) == here
    assert {type(told).__name__ for _, _, told in here} == {"tuple", "NoneType"}


def test_few_lines_need_no_process() -> None:
    before = set(children())
    reading = parsed_ahead(iter(raws(BATCH_LINES)), KNOWN)
    assert next(reading)[0] == 1
    assert set(children()) <= before


def test_killed_process_loses_no_line() -> None:
    lines, before = raws(6 * BATCH_LINES), set(children())
    reading = parsed_ahead(iter(lines), KNOWN)
    first = next(reading)
    for pid in set(children()) - before:
        os.kill(pid, signal.SIGKILL)
    found = [first, *reading]
    assert [(number, raw) for number, raw, _ in found] == lines
    assert seen(iter(found)) == seen(iter(ahead._all_parsed(lines, KNOWN)))


def half_said(end: Connection, known: frozenset[str]) -> None:
    """A process that is killed when it has written half of its first answer."""
    end.recv()
    os.write(end.fileno(), struct.pack("!i", 100_000) + b"half")
    os.kill(os.getpid(), signal.SIGKILL)


def test_process_killed_in_the_middle_of_its_answer_loses_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "_read_for_ever", half_said)
    lines = raws(5 * BATCH_LINES)
    # In a thread: waiting for the other half would never end.
    with ThreadPoolExecutor(1) as waiting:
        found = waiting.submit(lambda: list(parsed_ahead(iter(lines), KNOWN))).result(timeout=60)
    assert [(number, raw) for number, raw, _ in found] == lines
    assert seen(iter(found)) == seen(iter(ahead._all_parsed(lines, KNOWN)))


def test_process_ends_with_a_killed_parent(tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(ENDLESS, encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "trading_center.settings"}
    parent = subprocess.Popen([sys.executable, "endless.py"], cwd=tmp_path, env=environ, stdout=subprocess.PIPE)
    assert parent.stdout is not None and parent.stdout.readline() == b"1000\n"
    mine = [int(pid) for pid in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()]
    assert mine
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_for(lambda: not any(_runs(pid) for pid in mine), "the end of the process")


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    time.sleep(0.01)
    return state != "Z"
