"""``python -m trading_center.certificates``: the instance's own authority and the server's certificate.

For a center without a bought certificate: other machines trust the authority once (the page /staff/trust/ says how),
the server's certificate is made anew when it runs out or the names change.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from trading_center.config import ROOT, ConfigError, load
from trading_center.embedded.paths import Paths
from trading_center.embedded.services import write_whole

AUTHORITY_DAYS = 3650
# Browsers refuse server certificates that last longer than 398 days.
SERVER_DAYS = 397
RENEW_DAYS = 60


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _save_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_whole(path, text.decode())


def _save(path: Path, certificate: x509.Certificate) -> None:
    write_whole(path, certificate.public_bytes(serialization.Encoding.PEM).decode())


def _names(config: SimpleNamespace) -> list[str]:
    own = [] if config.HOST in ("0.0.0.0", "::") else [config.HOST]  # noqa: S104 (compared, not bound)
    return list(dict.fromkeys([*(h.strip("[]") for h in config.SITE_HOST), *own, "localhost", "127.0.0.1"]))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(name: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, days: int, now: datetime):  # type: ignore[no-untyped-def]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _authority(
    folder: Path, site: str, names: list[str], now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate, keyfile = folder / "authority.crt", folder / "authority.key"
    if certificate.exists() and keyfile.exists():
        found = serialization.load_pem_private_key(keyfile.read_bytes(), None)
        if isinstance(found, ec.EllipticCurvePrivateKey):
            return x509.load_pem_x509_certificate(certificate.read_bytes()), found
    key, name = _key(), _name(f"{site} {now:%Y%m%d}")
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    made = (
        _builder(name, name, key.public_key(), AUTHORITY_DAYS, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _save_key(keyfile, key)
    _save(certificate, made)
    return made, key


def _is_good(path: Path, authority: x509.Certificate, names: list[str], now: datetime) -> bool:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        found.verify_directly_issued_by(authority)
        told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # whatever is wrong with it, a new one is made
        return False
    return (
        list(told) == [_general_name(n) for n in names]
        and found.not_valid_after_utc > now + timedelta(days=RENEW_DAYS)
        and path.with_suffix(".key").exists()
    )


def ensure(config: SimpleNamespace, *, now: datetime) -> Path:
    """Make what is missing or runs out below DATA_DIR/tls; returns the server's certificate.

    Args:
        config: the settings; used are DATA_DIR, HOST, SITE_HOST, SITE_NAME.
        now: aware; a certificate that ends within 60 days is made anew.
    """
    folder = Paths(config.DATA_DIR).tls
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = _names(config)
    authority, authority_key = _authority(folder, config.SITE_NAME, names, now)
    server = folder / "server.crt"
    if _is_good(server, authority, names, now):
        return server
    key = _key()
    made = (
        _builder(_name(names[0]), authority.subject, key.public_key(), SERVER_DAYS, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general_name(n) for n in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _save_key(folder / "server.key", key)
    _save(server, made)
    return server


def main() -> int:
    """2 with a sentence when it cannot be done."""
    try:
        os.umask(0o077)
        config = load(os.environ)
        if config.TLS_CERT:
            for path in (ROOT / config.TLS_CERT, ROOT / config.TLS_KEY):
                if not os.access(path, os.R_OK):
                    raise ConfigError(f"无法启动：读不出证书或私钥文件 {path}，请检查 TLS_CERT、TLS_KEY 和权限。")
        else:
            ensure(config, now=datetime.now(UTC))
    except (ConfigError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
