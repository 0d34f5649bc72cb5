"""The address of the site as outsiders know it, from the settings: for what is printed or sent, where no request is."""

from __future__ import annotations

import re

from django.conf import settings

_ORIGIN = re.compile(r"https?://[0-9A-Za-z.\[\]:-]{1,200}")


def site_origin() -> str:
    """Scheme and host without a slash: the first SITE_HOST (always TLS), else the address the instance serves on.

    A command knows it from the last start (the supervisor writes it down), so that it prints what the page prints.
    """
    config = settings.CONFIG
    if config.SITE_HOST:
        return f"https://{config.SITE_HOST[0]}"
    try:
        known = (settings.PATHS.state / "address").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        known = ""
    if _ORIGIN.fullmatch(known):
        return known
    if config.HOST in ("localhost", "127.0.0.1", "::1"):
        return f"http://localhost:{config.PORT}"
    host = f"[{config.HOST}]" if ":" in config.HOST else config.HOST
    return f"https://{host}:{config.PORT}"
