"""The instance's own authority: a chain that OpenSSL accepts, made anew only when it must be."""

from __future__ import annotations

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509

from trading_center.certificates import ensure
from trading_center.parts import part_commands, tls_files

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def config(folder: Path, **change: object) -> SimpleNamespace:
    """Settings of a center that an office reaches."""
    values = {"DATA_DIR": folder, "HOST": "0.0.0.0", "SITE_HOST": ("192.168.1.10", "center.example"), "SITE_NAME": "甲",
              "TLS_CERT": "", "TLS_KEY": "", "BEHIND_PROXY": False, "PORT": 1, "WEB_WORKERS": 1,
              "WORKER_CONCURRENCY": 1, "LOG_LEVEL": "INFO", "LOG_FORMAT": "text"}  # fmt: skip
    return SimpleNamespace(**{**values, **change})


def handshake(folder: Path, name: str) -> None:
    """A TLS handshake with the server's certificate, by a client that trusts the authority alone."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "tls/server.crt", folder / "tls/server.key")
    client = ssl.create_default_context(cafile=str(folder / "tls/authority.crt"))
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(back, there, server_hostname=name)
    two = server.wrap_bio(there, back, server_side=True)
    for _ in range(10):
        for side in (one, two):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert one.version() == "TLSv1.3"


def test_browser_that_trusts_the_authority_accepts_every_name(tmp_path: Path) -> None:
    ensure(config(tmp_path), now=datetime.now(UTC))
    for name in ("192.168.1.10", "center.example", "localhost"):
        handshake(tmp_path, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tmp_path, "elsewhere.example")


def test_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    ensure(config(tmp_path), now=NOW)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "tls").iterdir()}
    assert modes == dict.fromkeys(("authority.crt", "authority.key", "server.crt", "server.key"), 0o600)


def test_certificate_stays_until_it_runs_out_or_the_names_change(tmp_path: Path) -> None:
    first = ensure(config(tmp_path), now=NOW).read_bytes()
    authority = (tmp_path / "tls/authority.crt").read_bytes()
    assert ensure(config(tmp_path), now=NOW + timedelta(days=300)).read_bytes() == first
    later = ensure(config(tmp_path), now=NOW + timedelta(days=350)).read_bytes()
    assert later != first
    renamed = ensure(config(tmp_path, SITE_HOST=("10.0.0.1",)), now=NOW + timedelta(days=350)).read_bytes()
    assert renamed != later
    assert (tmp_path / "tls/authority.crt").read_bytes() == authority


def test_damaged_certificate_is_made_anew(tmp_path: Path) -> None:
    path = ensure(config(tmp_path), now=NOW)
    path.write_text("damaged")
    x509.load_pem_x509_certificate(ensure(config(tmp_path), now=NOW).read_bytes())


@pytest.mark.parametrize(
    ("change", "tls"),
    [
        ({"HOST": "127.0.0.1"}, False),
        ({"HOST": "localhost"}, False),
        ({"HOST": "::1"}, False),
        ({"BEHIND_PROXY": True}, False),
        ({}, True),
        ({"HOST": "192.168.1.10"}, True),
        ({"TLS_CERT": "/given.crt", "TLS_KEY": "/given.key"}, True),
    ],
)
def test_other_machines_are_served_tls_only(tmp_path: Path, change: dict[str, object], tls: bool) -> None:
    words = part_commands(config(tmp_path, **change))["web"]
    assert ("--ssl-certificate" in words, tls_files(config(tmp_path, **change)) is not None) == (tls, tls)
    if "TLS_CERT" in change:
        assert "/given.crt" in words and "/given.key" in words
