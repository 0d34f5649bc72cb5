"""Where the browser is, and how it starts."""

from __future__ import annotations

import os
import shutil

ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
]


def browser_path() -> str:
    """Where Chromium is. Raises when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise RuntimeError("没有找到 Chromium。请运行:sudo apt-get install chromium fonts-noto-cjk")
