"""Asking a time server: a small one of our own answers over UDP as each test wants."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.upkeep.conftest import NOW
from upkeep.models import ClockAlarm, ClockReading
from upkeep.selectors import clock_state
from upkeep.services.clock import clock_ask
from upkeep.sntp import EPOCH, NoAnswer, sntp_offset

Answer = Callable[[bytes], bytes | None]


def stamp(seconds: float) -> bytes:
    """A moment as NTP writes it."""
    return struct.pack("!II", (int(seconds) + EPOCH) % 2**32, int(seconds % 1 * 2**32))


def packet(question: bytes, *, ahead: float = 0.0, first: int = 0x24, stratum: int = 2, cookie: bytes = b"") -> bytes:
    """A server's answer, its clock ``ahead`` of ours by seconds."""
    now = stamp(time.time() + ahead)
    return bytes([first, stratum, 6, 0xE9]) + bytes(12) + now + (cookie or question[40:48]) + now + now


@contextmanager
def server(answer: Answer) -> Iterator[int]:
    """A time server on a port of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    question, whence = link.recvfrom(512)
                    said = answer(question)
                    if said is not None:
                        link.sendto(said, whence)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield link.getsockname()[1]
        link.close()


@pytest.mark.parametrize("ahead", [0.0, 3.25, -3.25, 86_400.5])
def test_the_offset_is_measured(ahead: float) -> None:
    with server(lambda question: packet(question, ahead=ahead)) as port:
        found = sntp_offset("127.0.0.1", port=port)
    assert abs(found.seconds + ahead) < 0.5
    assert 0 <= found.delay + 0.001 < 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda question: b"",
        lambda question: packet(question)[:47],
        lambda question: packet(question, cookie=b"notasked"),
        lambda question: packet(question, first=0x23),
        lambda question: packet(question, first=0xE4),
        lambda question: packet(question, stratum=0),
        lambda question: packet(question, stratum=16),
        lambda question: packet(question)[:40] + bytes(8),
    ],
    ids=["empty", "short", "forged", "a client", "unsynchronized", "kiss of death", "stratum 16", "no time"],
)
def test_an_answer_that_cannot_be_used_is_refused(answer: Answer) -> None:
    with server(answer) as port, pytest.raises(NoAnswer):
        sntp_offset("127.0.0.1", port=port)


def test_a_server_that_is_silent_costs_the_time_out_only() -> None:
    with server(lambda question: None) as port, pytest.raises(NoAnswer, match=r"^0\.2 秒内没有应答$"):
        sntp_offset("127.0.0.1", port=port, timeout=0.2)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(NoAnswer, match=r"^连不上"):
        sntp_offset("no-such-host.invalid", timeout=0.2)


@pytest.mark.django_db
def test_a_good_reading_is_kept() -> None:
    with server(packet) as port:
        reading = clock_ask(server="127.0.0.1", port=port, now=NOW)
    assert (reading.source, reading.reference, reading.error) == ("ntp", "127.0.0.1", "")
    state = clock_state(now=NOW)
    assert (state.ok, state.source, state.old) == (True, "ntp", False)
    assert ClockAlarm.objects.count() == 0


@pytest.mark.django_db
def test_a_clock_far_off_is_an_alarm_once_and_fails_the_state() -> None:
    with server(lambda question: packet(question, ahead=-60)) as port:
        for _ in range(2):
            clock_ask(server="127.0.0.1", port=port, now=NOW)
    assert not clock_state(now=NOW).ok
    alarm = ClockAlarm.objects.get()
    assert (alarm.kind, round(alarm.offset_ms, -3)) == ("offset", 60_000)


@pytest.mark.django_db
def test_a_silent_server_is_a_row_with_the_reason_and_no_alarm() -> None:
    with server(lambda question: None) as port:
        clock_ask(server="127.0.0.1", port=port, timeout=0.1, now=NOW)
    assert ClockReading.objects.values_list("offset_ms", "error").get() == (None, "0.1 秒内没有应答")
    assert (clock_state(now=NOW).ok, ClockAlarm.objects.count()) == (True, 0)
