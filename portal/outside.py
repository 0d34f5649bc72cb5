"""Links to other sites: asked for politely, one head at a time, never during a request, never an inner network."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

AGENT = "TradingCenterPortal-LinkCheck/1.0"
GONE = (404, 410)


@dataclass(frozen=True)
class Manners:
    """How the other sites are treated.

    Args:
        most: addresses a night; timeout, pause: seconds for one answer, between two questions to one host.
        longest: seconds for all; private: whether addresses of an inner network may be asked (tests).
    """

    most: int = 200
    timeout: float = 8.0
    pause: float = 1.0
    longest: float = 900.0
    private: bool = False


class _StayHere(HTTPRedirectHandler):
    """A page that has moved is there; where it leads to is not followed."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = build_opener(_StayHere)


def _is_inner(host: str) -> bool:
    """Whether a name leads to this machine or an inner network. Raises OSError: no such name."""
    found = {str(info[4][0]).split("%")[0] for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    return not all(ipaddress.ip_address(address).is_global for address in found)


def outside_fault(address: str, manners: Manners) -> str:
    """Why an address cannot be opened, in Chinese; empty when it can (a refusal without login counts as there).

    Args:
        address: ``http://`` or ``https://``, any characters.
        manners: time-out, and whether inner networks are allowed.
    """
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode()
        if not host or parts.scheme not in ("http", "https"):
            return "不是网页地址"
        if not manners.private and _is_inner(host):
            return "地址在内部网络，公众打不开"
        request = Request(quote(address, safe="%/:?#[]@!$&'()*+,;=~"), method="HEAD")  # noqa: S310 (http or https alone)
        request.add_header("User-Agent", AGENT)
        with _opener.open(request, timeout=manners.timeout):
            return ""
    except HTTPError as error:
        error.close()
        if error.code in GONE:
            return f"对方网站说没有这一页（{error.code}）"
        return f"对方网站出错（{error.code}）" if error.code >= 500 else ""
    except TimeoutError:
        return f"{manners.timeout:g} 秒内没有回答"
    except (URLError, OSError, HTTPException, ValueError) as error:
        cause = getattr(error, "reason", error)
        if isinstance(cause, TimeoutError):
            return f"{manners.timeout:g} 秒内没有回答"
        return "找不到这个网站" if isinstance(cause, socket.gaierror) else "连不上"


def outside_faults(addresses: Iterable[str], manners: Manners) -> tuple[dict[str, str], int]:
    """The faults by address, and how many were asked; what did not fit into the limits waits for another night."""
    faults: dict[str, str] = {}
    last: dict[str, float] = {}
    begun, asked = time.monotonic(), 0
    for address in dict.fromkeys(addresses):
        if asked >= manners.most or time.monotonic() - begun > manners.longest:
            break
        host = urlsplit(address).netloc if "[" not in address else address
        wait = last.get(host, float("-inf")) + manners.pause - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        if fault := outside_fault(address, manners):
            faults[address] = fault
        last[host] = time.monotonic()
        asked += 1
    return faults, asked
