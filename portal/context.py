"""The center's name, numbers and links, from the settings, for every template."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.utils.http import escape_leading_slashes

from portal.middleware import LARGE


@dataclass(frozen=True)
class Site:
    """What settings say of the center; a blank one hides its item (GB: footer rules, DOMAIN 8)."""

    name: str
    region: str
    sponsor: str
    address: str
    phone: str
    hours: str
    code: str
    icp: str
    police: str
    parent_name: str
    parent_url: str
    badge_url: str
    error_url: str
    demo: bool


@cache
def the_site() -> Site:
    """The settings' SITE_* values; settings do not change while the process lives."""
    config = settings.CONFIG
    names = [name for name in Site.__dataclass_fields__ if name != "demo"]
    return Site(**{name: getattr(config, f"SITE_{name.upper()}") for name in names}, demo=settings.INSTANCE == "demo")


def origin(request: HttpRequest) -> str:
    """Scheme and host that outsiders use, without a slash: the first SITE_HOST, else the request's own."""
    hosts = settings.CONFIG.SITE_HOST
    return f"https://{hosts[0]}" if hosts else f"{request.scheme}://{request.get_host()}"


@lru_cache(maxsize=64)
def _address(prefix: str, name: str, numbered: bool) -> str:
    return reverse(name, args=[0] if numbered else [])


def page_url(name: str, number: int | None = None) -> str:
    """What ``reverse`` gives for a page with one number or none, asked once for each prefix: lists are full of them."""
    if number is None:
        return _address(get_script_prefix(), name, False)
    return _address(get_script_prefix(), name, True).replace("/0/", f"/{number}/", 1)


def standard_prefix() -> str:
    """The script prefix of the page in standard print, with its slash: feeds and data have one address."""
    prefix = get_script_prefix().rstrip("/")
    return prefix.removesuffix(LARGE) + "/"


def permalink(request: HttpRequest, name: str, number: int | None = None) -> str:
    """The whole address of a page in standard print, to be quoted and scanned."""
    return origin(request) + standard_prefix() + page_url(name, number)[len(get_script_prefix()) :]


def switch_url(request: HttpRequest) -> str:
    """The same page in the other print size."""
    # Some clients send the query as raw UTF-8, which WSGI hands over as Latin-1.
    query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace").decode("utf-8", "replace")
    path = escape_uri_path(request.path) + (f"?{iri_to_uri(query)}" if query else "")
    prefix = get_script_prefix().rstrip("/")
    if getattr(request, "large_print", False):
        # Two slashes in front would name another host.
        return escape_leading_slashes(prefix[: -len(LARGE)] + path[len(prefix) :])
    return prefix + LARGE + path[len(prefix) :]


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the site, the print size, and addresses outside of the pages."""
    prefix = standard_prefix()
    return {
        "site": the_site(),
        "feed_url": prefix + "feeds/announcements.atom",
        "json_url": prefix + "api/v1/announcements/",
        "schema_url": prefix + "api/schema/",
        "large_print": getattr(request, "large_print", False),
        "switch_url": switch_url(request),
    }
