"""``python -m tools.screenshots``: home, list and one announcement at two widths, as pictures in docs/screenshots/.

Taken from a demonstration instance of its own (var/screenshots), started and stopped here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tools.system_postgres import free_port
from trading_center.config import ROOT

FOLDER = ROOT / "docs" / "screenshots"
WIDTHS = {390: 844, 1280: 800}
START_SECONDS = 300
ARGUMENTS = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]


def _answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(base + "/healthz", timeout=5) as answer:  # noqa: S310 (our own address)
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def instance() -> Iterator[str]:
    """A running demonstration instance.

    Yields:
        Its address, without a slash at the end.
    """
    port = free_port()
    given = {"DATA_DIR": str(ROOT / "var" / "screenshots"), "HOST": "127.0.0.1", "PORT": str(port)}
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "REDIS_", "SECRET_"))} | given
    words = [sys.executable, "-m", "trading_center.supervisor", "run"]
    process = subprocess.Popen(words, cwd=ROOT, env=environ, stdout=sys.stderr)  # noqa: S603 (our own module)
    try:
        base, until = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
        while not _answers(base):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("演示实例没有启动,原因见上。")
            time.sleep(0.2)
        yield base
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def take(browser: Browser, base: str) -> None:
    """Write the six pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for width, height in WIDTHS.items():
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        page = context.new_page()
        page.goto(base + "/announcements/")
        detail = page.locator("main a[href*='/announcements/']").filter(has_text="公告").first.get_attribute("href")
        for name, address in (("home", "/"), ("list", "/announcements/"), ("detail", str(detail))):
            page.goto(base + address, wait_until="networkidle")
            page.screenshot(path=str(FOLDER / f"{name}-{width}.png"))
        context.close()


def main() -> int:
    """Take them all; returns the exit code."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        sys.stderr.write("没有找到 Chromium。请运行:sudo apt-get install chromium fonts-noto-cjk\n")
        return 2
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with instance() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS, *root])
        take(browser, base)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
