"""What a request tells of the one who sends it."""

from __future__ import annotations

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

STAFF = "/staff/"
# Order matters: Edge and the rest call themselves Chrome, too.
_BROWSERS = (
    (r"Edg\w*/(\d+)", "Edge"),
    (r"MicroMessenger/(\d+)", "微信"),
    (r"QQBrowser/(\d+)", "QQ 浏览器"),
    (r"Firefox/(\d+)", "Firefox"),
    (r"Chrome/(\d+)", "Chrome"),
    (r"Version/(\d+).*Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓手机"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Windows", "Windows"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux"),
)


def is_staff_path(request: HttpRequest) -> bool:
    """Is it a staff page (in large print the prefix has been taken off already)?"""
    return request.path_info.startswith(STAFF)


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address.

    What a proxy says is believed only where the settings say that there is one (BEHIND_PROXY): anybody can write the
    header. Ours puts the visitor's own address there, alone.
    """
    told = request.META.get("REMOTE_ADDR", "")
    if settings.CONFIG.BEHIND_PROXY:
        told = request.META.get("HTTP_X_FORWARDED_FOR", told).rsplit(",", 1)[-1].strip()
    try:
        return str(ipaddress.ip_address(told))
    except ValueError:
        return ""


def device_name(request: HttpRequest) -> str:
    """A few words on the machine, e.g. ``Windows · Chrome 120``."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    system = next((name for word, name in _SYSTEMS if word in agent), "")
    browser = next((f"{name} {m[1]}" for word, name in _BROWSERS if (m := re.search(word, agent))), "")
    return " · ".join(part for part in (system, browser) if part) or "其他设备"
