"""Addresses that open from outside, and those that do not."""

from __future__ import annotations

import pytest

from core.reach import opens_outside


@pytest.mark.parametrize(
    ("url", "outside"),
    [
        ("http://localhost:8000/survey/", False), ("http://127.0.0.1/", False), ("https://192.168.1.8/", False),
        ("https://10.0.0.3:8443/", False), ("http://[::1]/", False), ("http://portal/", False),
        ("http://portal.local/", False), ("", False), ("https://ggzy.example.gov.cn/survey/", True),
        ("https://8.8.8.8/", True),
    ],
)  # fmt: skip
def test_private_hosts_do_not_open_outside(url: str, outside: bool) -> None:
    assert opens_outside(url) is outside
