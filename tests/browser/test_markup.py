"""The HTML of every page is valid: the Nu HTML checker has nothing to say."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client

from trading_center.config import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHECKER = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def test_every_page_is_valid_html(client: Client, addresses: list[str], tmp_path: Path) -> None:
    pages = {
        f"{number}.html": address for number, address in enumerate(m + a for m in ("", "/large") for a in addresses)
    }
    for name, address in pages.items():
        (tmp_path / name).write_bytes(client.get(address).content)
    for name in ("400.html", "403.html", "500.html"):
        (tmp_path / name).write_text(render_to_string(name), encoding="utf-8")
    java = shutil.which("java")
    assert java, "没有找到 Java。请运行:sudo apt-get install default-jre-headless"
    told = subprocess.run(
        [java, "-jar", str(CHECKER), "--format", "json", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, check=False,
    )  # fmt: skip
    messages = json.loads(told.stderr)["messages"]
    assert [
        (pages.get(Path(m["url"]).name, m["url"]), m.get("lastLine"), m["message"], m.get("extract", "")[:150])
        for m in messages
    ] == []
