"""Encryption of single fields: a stand-in over the instance's SECRET_KEY until core.keys of this step is merged."""

from __future__ import annotations

import base64
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE = 12


def _cipher(purpose: str) -> AESGCM:
    key = HKDF(SHA256(), 32, None, b"trading-center " + purpose.encode()).derive(settings.SECRET_KEY.encode())
    return AESGCM(key)


def encrypt(purpose: str, data: bytes) -> str:
    """``data`` sealed for ``purpose``, as text."""
    nonce = secrets.token_bytes(NONCE)
    return base64.urlsafe_b64encode(nonce + _cipher(purpose).encrypt(nonce, data, None)).decode()


def decrypt(purpose: str, token: str) -> bytes:
    """What ``encrypt`` sealed; raises cryptography's InvalidTag when it was changed."""
    raw = base64.urlsafe_b64decode(token)
    return _cipher(purpose).decrypt(raw[:NONCE], raw[NONCE:], None)
