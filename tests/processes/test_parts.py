"""Around a running part: its log deleted, the machine unable to start it again, locks asked about."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.harness import Instance, wait_for
from trading_center.embedded.locks import Lock
from trading_center.embedded.logs import LogFile
from trading_center.embedded.paths import Paths
from trading_center.parts import GaveUp, Part

WAITING = "import signal; print('here', flush=True); signal.pause()"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def part(tmp_path: Path, said: list[str]) -> Iterator[Part]:
    """A part that has written one line and waits."""
    paths = Paths(tmp_path)
    paths.log.mkdir()
    made = Part(
        "web", ["-c", WAITING], paths=paths, lock=Lock(tmp_path / "parts"), environ=dict(os.environ), say=said.append
    )
    made.start()
    wait_for(lambda: made.log.last_lines(1) == ["here"], "its line")
    yield made
    made.stop(lambda: True)


def test_deleted_log_is_read_on_and_begins_anew_with_the_next_process(part: Part, said: list[str]) -> None:
    assert part.process is not None
    part.log.path.unlink()
    os.write(part.log.fd, b"ERROR unseen\n")
    part.watch(0.0)
    assert said[1:] == ["[网页服务] ERROR unseen"]
    os.kill(part.process.pid, signal.SIGKILL)
    wait_for(lambda: part.watch(0.0) or part.process is None, "its death")
    assert said[2:] == ["网页服务意外退出（代码 -9），日志末尾：", "[网页服务] here", "[网页服务] ERROR unseen"]
    part.watch(100.0)
    wait_for(lambda: part.log.path.read_text(encoding="ascii") == "here\n", "the line of the next one")


def test_deleted_log_is_bounded_all_the_same(tmp_path: Path) -> None:
    log = LogFile(tmp_path, "part")
    os.write(log.fd, b"x" * (5 * 1024 * 1024 + 1))
    log.path.unlink()
    log.rotate()
    assert (os.fstat(log.fd).st_size, [p.name for p in tmp_path.iterdir()]) == (0, ["part.log.1"])


def test_machine_that_can_start_nothing_is_tried_again_later(
    part: Part, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert part.process is not None
    os.kill(part.process.pid, signal.SIGKILL)
    wait_for(lambda: part.watch(0.0) or part.process is None, "its death")
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        part.watch(100.0)
    assert said[-1].startswith("网页服务启动不了（") and said[-1].endswith("），稍后再试")
    part.watch(100.1)
    assert part.process is None
    part.watch(101.0)
    assert said[-1].startswith("网页服务已启动")


def test_machine_that_can_start_nothing_for_long_ends_it(
    part: Part, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert part.process is not None
    os.kill(part.process.pid, signal.SIGKILL)
    wait_for(lambda: part.watch(0.0) or part.process is None, "its death")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(GaveUp) as caught:
        for second in range(1, 100):
            part.watch(float(second))
    assert str(caught.value) == f"网页服务一再退出，已全部停止，详见 {part.log.path}。"


def _has_open(pid: int, path: Path) -> bool:
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}") == str(path) for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("keeper", ("-m", "trading_center.embedded.keeper", "{folder}", "redis")),
        ("supervisor", ("-m", "trading_center.supervisor", "serve")),
    ],
)
def test_question_whether_a_lock_is_held_does_not_end_who_takes_it(
    stopped: Instance, name: str, arguments: tuple[str, ...]
) -> None:
    state = stopped.paths.lock / "keeper.state"
    state.unlink(missing_ok=True)
    question = Lock(stopped.paths.lock / name)
    assert question.acquire(shared=True)
    started = stopped.popen(*(argument.format(folder=stopped.folder) for argument in arguments))
    wait_for(lambda: started.poll() is not None or _has_open(started.pid, question.path), "the attempt")
    question.release()
    wait_for(lambda: started.poll() is not None or state.exists(), "the keeper's first words")
    if started.poll() is None:
        started.send_signal(signal.SIGTERM)
    _, err = started.communicate(timeout=60)
    assert (state.exists(), started.returncode, err) == (True, 0, "")


def test_two_who_ask_at_once_find_a_free_lock_free(tmp_path: Path) -> None:
    other = Lock(tmp_path / "lock")
    assert other.acquire(shared=True)
    assert not Lock(tmp_path / "lock").is_exclusive()
