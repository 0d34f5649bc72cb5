"""The page on how to trust the instance's own certificate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.test_certificates import NOW, config
from trading_center.certificates import ensure
from trading_center.embedded.paths import Paths


@pytest.mark.django_db
def test_page_says_how_to_trust_it(tmp_path: Path, settings: Any) -> None:
    assert Client().get("/staff/trust/").status_code == 404
    settings.PATHS = Paths(tmp_path)
    ensure(config(tmp_path), now=NOW)
    page = Client().get("/staff/trust/").content.decode()
    assert page.count("统信") == 1 and "authority.crt" in page
    assert b"BEGIN CERTIFICATE" in Client().get("/staff/trust/authority.crt").content
    assert not any(b"PRIVATE" in p.read_bytes() for p in (tmp_path / "tls").glob("*.crt"))
