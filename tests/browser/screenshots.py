"""``python -m tests.browser.screenshots``: home, list and one announcement of a fresh demonstration, as PNG.

Starts an instance of its own in a folder that is thrown away, so that the pictures show what ``make run`` shows.
"""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, browser_path
from trading_center.config import ROOT

FOLDER = ROOT / "docs" / "screenshots"
WIDTHS = {390: 844, 1280: 800}
START_SECONDS = 180


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(base: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"实例没有启动,退出码 {process.returncode}")
        try:
            with urllib.request.urlopen(base + "/announcements/", timeout=5) as answer:
                if b'class="row-title"' in answer.read():
                    return
        except (URLError, OSError):
            pass
        time.sleep(0.5)
    raise RuntimeError("实例没有在规定时间内装好演示数据")


def _telling(page: Page, base: str) -> str:
    """An announcement that shows the most: a deadline ahead, and a project with several announcements."""
    page.goto(f"{base}/announcements/?category=政府采购")
    links = page.locator(".row:has(.due.far) .row-title, .row:has(.due.near) .row-title")
    addresses = [link.get_attribute("href") or "" for link in links.all()] or [
        link.get_attribute("href") or "" for link in page.locator(".row-title").all()
    ]
    for address in addresses:
        page.goto(base + address)
        if page.locator(".timeline").count():
            return address
    return addresses[0]


def take(base: str, folder: Path) -> list[Path]:
    """Take the pictures of the instance at ``base``; returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        page = browser.new_page(locale="zh-CN", timezone_id="Asia/Shanghai")
        pages = {"home": "/", "list": "/announcements/", "detail": _telling(page, base)}
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for name, address in pages.items():
                page.goto(base + address)
                page.wait_for_load_state("networkidle")
                path = folder / f"{name}-{width}.png"
                page.screenshot(path=path)
                made.append(path)
        browser.close()
    return made


def _accounts(environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The demonstration logins by their first duty."""
    command = [sys.executable, "manage.py", "demo_accounts", "--json"]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True).stdout
    return {person["duties"][0]: person for person in json.loads(told)}


def _enter(page: Page, base: str, person: dict[str, Any], folder: Path, shots: bool) -> None:
    def shoot(name: str) -> None:
        if shots:
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(path=folder / f"{name}-{width}.png")

    page.goto(f"{base}/staff/login/")
    shoot("staff-login")
    page.get_by_label("登录名").fill(person["username"])
    page.get_by_label("密码").fill(person["password"])
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_label("验证码").wait_for()
    shoot("staff-code")
    secret = base64.b32decode(person["totp_secret"])
    code = TOTP(secret, 6, SHA1(), 30).generate(int(time.time())).decode()
    page.get_by_label("验证码").fill(code)
    page.get_by_role("button", name="进入").click()
    page.wait_for_url(f"{base}/staff/")


def take_staff(base: str, folder: Path, accounts: dict[str, dict[str, Any]]) -> None:
    """The staff side: login, code, own account, people, duties."""
    pages = {
        "director": {"staff-account": "/staff/account/", "staff-sessions": "/staff/account/sessions/"},
        "security_admin": {
            "staff-people": "/staff/people/",
            "staff-duties": "/staff/duties/",
            "staff-duty": "/staff/duties/give/",
        },
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        for duty, addresses in pages.items():
            page = browser.new_page(locale="zh-CN", timezone_id="Asia/Shanghai")
            _enter(page, base, accounts[duty], folder, duty == "director")
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                for name, address in addresses.items():
                    page.goto(base + address)
                    page.screenshot(path=folder / f"{name}-{width}.png")
        browser.close()


def main() -> int:
    """Start, shoot, stop."""
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        port = _free_port()
        outside = re.compile("^(DATABASE_|REDIS_|STORAGE_|SITE_|INSTANCE$|SECRET_KEY)")
        environment = {n: v for n, v in os.environ.items() if not outside.match(n)}
        environment |= {"PORT": str(port), "DATA_DIR": str(Path(folder) / "demo"), "HOST": "127.0.0.1"}
        command = [sys.executable, "-m", "trading_center.supervisor", "run"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=None)
        try:
            _wait(f"http://127.0.0.1:{port}", process)
            for path in take(f"http://127.0.0.1:{port}", FOLDER):
                sys.stdout.write(f"{path.relative_to(ROOT)}\n")
            take_staff(f"http://127.0.0.1:{port}", FOLDER, _accounts(environment))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    return 0


if __name__ == "__main__":
    sys.exit(main())
