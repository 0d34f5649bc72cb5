"""TOTP (RFC 6238) with the numbers of the contract: SHA-1, 6 digits, 30 seconds, secret in base32."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from accounts.rulebook import TOTP_DRIFT, TOTP_SECONDS

SECRET_BYTES = 20
DIGITS = 6


def secret_new() -> bytes:
    """A new secret, as long as SHA-1's digest (RFC 4226, 4)."""
    return secrets.token_bytes(SECRET_BYTES)


def base32(secret: bytes) -> str:
    """The secret as people type it into their phone."""
    return base64.b32encode(secret).decode()


def code_at(secret: bytes, step: int) -> str:
    """The code of one 30-second step."""
    # SHA-1 is what the apps on phones know; HMAC does not rest on its collision resistance.
    totp = TOTP(secret, DIGITS, SHA1(), TOTP_SECONDS)  # noqa: S303 (see above)
    return totp.generate(step * TOTP_SECONDS).decode()


def step_of(now: datetime) -> int:
    """The number of the step that ``now`` lies in."""
    return int(now.timestamp()) // TOTP_SECONDS


def matching_step(secret: bytes, code: str, *, now: datetime, after: int) -> int | None:
    """The step later than ``after``, within the drift around ``now``, whose code is ``code``."""
    present = step_of(now)
    found = None
    for step in range(present - TOTP_DRIFT, present + TOTP_DRIFT + 1):
        # All are compared, so that the time tells nothing.
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def enrolment_address(secret: bytes, *, username: str, issuer: str) -> str:
    """The otpauth address that a phone scans."""
    query = urlencode(
        {"secret": base32(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": TOTP_SECONDS}
    )
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?{query}"


def enrolment_image(address: str) -> str:
    """The address as a QR code, a data address for an image."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=3, light="#fff"))
