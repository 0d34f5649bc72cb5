"""One question to a time server (SNTP: RFC 4330, the simple part of RFC 5905), over UDP, with a time-out."""

from __future__ import annotations

import secrets
import socket
import struct
import time
from dataclasses import dataclass

PORT = 123
PACKET = 48
# Seconds from 1900, where NTP begins, to 1970.
EPOCH = 2_208_988_800
CLIENT, SERVER = 3, 4
UNSYNCHRONIZED = 3
STRATA = range(1, 16)


class NoAnswer(Exception):
    """No usable answer; the text is the end of a Chinese sentence."""


@dataclass(frozen=True)
class Offset:
    """This machine's clock against the server's.

    Args:
        seconds: positive when this machine is ahead.
        delay: the way there and back, seconds; the offset is unknown by half of it.
    """

    seconds: float
    delay: float


def _moment(packet: bytes, at: int) -> float:
    whole, part = struct.unpack("!II", packet[at : at + 8])
    # Era 1 begins in 2036: a number that lies before 1970 belongs to it.
    return (whole if whole >= EPOCH else whole + 2**32) - EPOCH + part / 2**32


def _checked(packet: bytes, cookie: bytes) -> None:
    if len(packet) < PACKET or packet[24:32] != cookie:
        raise NoAnswer("应答与所问不符")
    if packet[0] & 7 != SERVER:
        raise NoAnswer("应答的不是时间服务器")
    if packet[0] >> 6 == UNSYNCHRONIZED or packet[1] not in STRATA or packet[40:48] == bytes(8):
        raise NoAnswer("时间服务器自己没有对时")


def sntp_offset(server: str, *, port: int = PORT, timeout: float = 2.0) -> Offset:
    """Ask ``server`` for the time.

    Args:
        server: name or IP address.
        port: UDP port.
        timeout: seconds to wait for the answer (a name that cannot be resolved may take longer).

    Raises:
        NoAnswer: the name is unknown, nobody answers, or the answer cannot be used.
    """
    # Not our time but a random number: who does not see the question cannot forge the answer.
    cookie = secrets.token_bytes(8)
    question = bytes([4 << 3 | CLIENT]) + bytes(39) + cookie
    try:
        family, kind, _, _, address = socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as link:
            link.settimeout(timeout)
            link.connect(address)  # from now on only that server's packets arrive
            sent_wall, sent = time.time(), time.monotonic()
            link.send(question)
            packet = link.recv(512)
            took = time.monotonic() - sent
    except TimeoutError:
        raise NoAnswer(f"{timeout:g} 秒内没有应答") from None
    except (OSError, UnicodeError) as error:
        raise NoAnswer(f"连不上（{error}）") from error
    _checked(packet, cookie)
    received, answered = _moment(packet, 32), _moment(packet, 40)
    # RFC 4330 section 5, with our second moment by the monotonic clock: a jump meanwhile does no harm.
    back = sent_wall + took
    return Offset(((sent_wall - received) + (back - answered)) / 2, took - (answered - received))
