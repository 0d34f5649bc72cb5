"""Encryption of personal data."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from core.errors import BusinessError


def _cipher() -> AESGCM:
    return AESGCM(hashlib.sha256(b"fields:" + settings.SECRET_KEY.encode()).digest())


def encrypt(text: str, *, context: str = "") -> str:
    """Encrypt (AES-256-GCM); the same ``context`` must be given for decryption."""
    nonce = secrets.token_bytes(12)
    return (
        "e1.0." + base64.urlsafe_b64encode(nonce + _cipher().encrypt(nonce, text.encode(), context.encode())).decode()
    )


def decrypt(token: str, *, context: str = "") -> str:
    """The text of a token of :func:`encrypt`.

    Raises:
        BusinessError: ``not_readable``: it is damaged or belongs elsewhere.
    """
    try:
        raw = base64.urlsafe_b64decode(token.removeprefix("e1.0."))
        return _cipher().decrypt(raw[:12], raw[12:], context.encode()).decode()
    except (ValueError, InvalidTag):
        raise BusinessError("这项加密保存的内容已损坏，或不属于这里，无法读出。", "not_readable") from None
