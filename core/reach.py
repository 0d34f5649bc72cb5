"""Whether an address of ours can be opened from outside: what is printed on paper is scanned with people's phones."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

INNER = (".localhost", ".local", ".lan", ".internal", ".home.arpa")


def opens_outside(url: str) -> bool:
    """Whether the host of ``url`` is a name of the internet or a public address; no name is looked up."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(INNER)
