"""At start-up: every staff page has said who may open it."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from accounts.access import staff_addresses


@register(Tags.urls)
def staff_views_are_declared(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """An address below /staff/ whose view names no duty is an error."""
    return [
        Error(f"/{found.route}: the view is not declared by accounts.access", id="accounts.E001")
        for found in staff_addresses()
        if found.requirement is None or not found.name
    ]
