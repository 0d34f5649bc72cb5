"""The address of the site as outsiders know it, from the settings: for what is printed or sent, where no request is."""

from __future__ import annotations

from django.conf import settings


def site_origin() -> str:
    """Scheme and host without a slash: the first SITE_HOST (always TLS), else the address this machine serves on."""
    config = settings.CONFIG
    if config.SITE_HOST:
        return f"https://{config.SITE_HOST[0]}"
    if config.HOST in ("localhost", "127.0.0.1", "::1"):
        return f"http://localhost:{config.PORT}"
    host = f"[{config.HOST}]" if ":" in config.HOST else config.HOST
    return f"https://{host}:{config.PORT}"
