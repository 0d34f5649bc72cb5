"""The keyring: keys for personal data, blind index, log and sessions; outside of the database and of backups.

Keys lie in files (core.keyfiles) of settings.KEYS_DIR, each with a version. New data take the newest version, old data
name theirs and are still read. AES-256-GCM (GB/T 22239-2019 8.1.4.7, 8.1.4.8 ask for secrecy of personal data in
storage), HMAC-SHA256, Ed25519 (RFC 8032).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

from core import keyfiles
from core.errors import BusinessError
from core.keyfiles import FIELDS, INDEX, LOG, PURPOSES, SESSIONS
from core.reasons import reason

__all__ = ["FIELDS", "INDEX", "LOG", "PURPOSES", "SESSIONS"]

Ring = dict[str, dict[int, bytes]]
NONCE_BYTES = 12
TOKEN_PREFIX = "e1"  # noqa: S105 (the format's number, no password)
SEALED_FORMAT = "trading-center-keys"
# RFC 7914: about 64 MiB and a fifth of a second for each guess.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**16, 8, 1
# A file from elsewhere must not take all memory.
LARGEST_SCRYPT_N = 2**20
SHORTEST_PASSPHRASE = 12


class KeyMissing(BusinessError):
    """A key that is needed is not in the folder."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "key_missing")


@dataclass
class _Read:
    """The keyring as last read, and by what one sees that it has changed."""

    folder: Path
    stamp: tuple[int, int]
    ring: Ring


_kept: _Read | None = None
_lock = Lock()


def _stamp(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_mtime_ns, found.st_ino


def _ring(again: bool = False) -> Ring:
    """All keys; the folder is read when it changed, so that a rotation is seen by every process."""
    global _kept
    folder = Path(settings.KEYS_DIR)
    try:
        stamp = _stamp(folder)
        kept = _kept
        if again or kept is None or (kept.folder, kept.stamp) != (folder, stamp):
            with _lock:
                kept = _kept = _Read(folder, stamp, keyfiles.key_versions(folder))
        return kept.ring
    except FileNotFoundError:
        raise KeyMissing(f"密钥目录 {folder} 不存在，请检查 KEYS_DIR，或用 keys_import 恢复密钥。") from None
    except ValueError as error:
        raise KeyMissing(f"密钥文件 {error} 已损坏，请用 keys_import 恢复密钥。") from None
    except OSError as error:
        raise KeyMissing(f"读不出密钥目录 {folder}（{reason(error)}），请检查权限。") from error


def keys_ensure() -> None:
    """Make the first version of every key that has none.

    Raises:
        KeyMissing: the folder cannot be used.
    """
    folder = Path(settings.KEYS_DIR)
    try:
        keyfiles.first_keys_make(folder)
    except (OSError, ValueError) as error:
        raise KeyMissing(f"无法建立密钥：{folder} 不能使用（{error}）。") from error


def version_current(purpose: str) -> int:
    """The version that new data take.

    Args:
        purpose: one of PURPOSES.

    Raises:
        KeyMissing: there is no key.
    """
    found = _ring()[purpose]
    if not found:
        raise KeyMissing(f"密钥目录 {settings.KEYS_DIR} 中没有“{purpose}”密钥，请用 keys_import 恢复密钥。")
    return max(found)


def versions(purpose: str) -> list[int]:
    """The versions at hand, oldest first."""
    return sorted(_ring()[purpose])


def _key(purpose: str, version: int) -> bytes:
    found = _ring()[purpose].get(version) or _ring(again=True)[purpose].get(version)
    if found is None:
        raise KeyMissing(f"缺少“{purpose}”密钥第 {version} 版，无法读出用它保存的内容，请用 keys_import 恢复密钥。")
    return found


def key_of(purpose: str, version: int) -> bytes:
    """A key's own bytes, for core.sealing. Raises KeyMissing."""
    return _key(purpose, version)


def rotate(purpose: str) -> int:
    """Make a new version for new data; old ones stay.

    Args:
        purpose: one of PURPOSES. A new index key needs every blind index to be computed anew.

    Returns:
        The new version. When two rotate at once both get a version of their own.
    """
    while True:
        version = max(_ring(again=True)[purpose], default=0) + 1
        if keyfiles.key_write(Path(settings.KEYS_DIR), purpose, version, keyfiles.key_make(purpose)):
            return version


def encrypt(text: str, *, context: str = "") -> str:
    """Encrypt a personal datum (AES-256-GCM, random 96-bit nonce).

    Args:
        text: what to hide.
        context: what it belongs to, e.g. ``experts.Expert.id_number``; the same must be given for decryption, so that
            a token copied to another place does not open there.

    Returns:
        ``e1.<version>.<base64url>``: carries the key's version.
    """
    version = version_current(FIELDS)
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_key(FIELDS, version)).encrypt(nonce, text.encode(), _bound(version, context))
    return f"{TOKEN_PREFIX}.{version}.{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"


def _bound(version: int, context: str) -> bytes:
    return f"{TOKEN_PREFIX}.{version}.{context}".encode()


def decrypt(token: str, *, context: str = "") -> str:
    """The text of a token of :func:`encrypt`, whatever version of the key made it.

    Raises:
        KeyMissing: that version is not at hand.
        BusinessError: ``not_readable``: the token is damaged or belongs elsewhere.
    """
    damaged = BusinessError("这项加密保存的内容已损坏，或不属于这里，无法读出。", "not_readable")
    try:
        prefix, number, text = token.split(".")
        version = int(number)
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise damaged from None
    if prefix != TOKEN_PREFIX or len(raw) < NONCE_BYTES + 16:
        raise damaged
    try:
        opened = AESGCM(_key(FIELDS, version)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(version, context))
    except InvalidTag:
        raise damaged from None
    return opened.decode()


def token_version(token: str) -> int:
    """The version of the key that made a token; 0 for what is no token."""
    part = token.split(".")
    return int(part[1]) if len(part) == 3 and part[0] == TOKEN_PREFIX and part[1].isdecimal() else 0


def blind_index(text: str, *, context: str, version: int | None = None) -> str:
    """A keyed digest by which an encrypted value is found again (HMAC-SHA256).

    Args:
        text: the value, brought into one form by the caller (capitals, no spaces).
        context: what it belongs to: the same text elsewhere has another digest.
        version: of the key; the newest by default.

    Returns:
        64 lower-case hexadecimal digits.
    """
    key = _key(INDEX, version or version_current(INDEX))
    return hmac.digest(key, context.encode() + b"\0" + text.encode(), "sha256").hex()


def _private(version: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_key(LOG, version))


def sign(message: bytes, *, version: int | None = None) -> tuple[bytes, int]:
    """Sign for the log (Ed25519): pure computation once the keys are read.

    Returns:
        The 64 bytes of the signature, and the key's version.
    """
    used = version or version_current(LOG)
    return _private(used).sign(message), used


def public_key(version: int | None = None) -> bytes:
    """The 32 bytes of a log key's public half; of the newest by default."""
    return _private(version or version_current(LOG)).public_key().public_bytes_raw()


def public_keys() -> dict[int, bytes]:
    """The public halves of every version of the log key."""
    return {version: public_key(version) for version in versions(LOG)}


def signature_is_valid(message: bytes, signature: bytes, public: bytes) -> bool:
    """Is it the signature of ``message`` under the 32 bytes ``public``?"""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _sealing_key(passphrase: str, salt: bytes, n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase.encode())


def keys_seal(passphrase: str) -> bytes:
    """Every key and version in one sealed text (scrypt, AES-256-GCM), to be kept apart from backups.

    Raises:
        BusinessError: the passphrase is shorter than 12 characters.
        KeyMissing: the keys cannot be read.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BusinessError(f"没有导出密钥：口令太短，至少 {SHORTEST_PASSPHRASE} 个字符。", "short_passphrase")
    ring = _ring(again=True)
    plain = json.dumps({p: {str(v): value.hex() for v, value in ring[p].items()} for p in PURPOSES}).encode()
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_sealing_key(passphrase, salt, SCRYPT_N)).encrypt(nonce, plain, SEALED_FORMAT.encode())
    parts = {"salt": salt.hex(), "nonce": nonce.hex(), "sealed": base64.b64encode(sealed).decode()}
    return json.dumps({"format": SEALED_FORMAT, "v": 1, "scrypt_n": SCRYPT_N, **parts}, indent=1).encode() + b"\n"


def keys_unseal(content: bytes, passphrase: str) -> Ring:
    """What :func:`keys_seal` sealed.

    Raises:
        BusinessError: it is none (``not_keys``), or the passphrase is wrong (``wrong_passphrase``).
    """
    strange = BusinessError("没有导入密钥：这不是 keys_export 写出的文件，或文件已损坏。", "not_keys")
    try:
        found = json.loads(content)
        n = found["scrypt_n"]
        salt, nonce = bytes.fromhex(found["salt"]), bytes.fromhex(found["nonce"])
        sealed = base64.b64decode(found["sealed"], validate=True)
        known = (found["format"], found["v"]) == (SEALED_FORMAT, 1) and len(nonce) == NONCE_BYTES
    except (ValueError, TypeError, KeyError):
        raise strange from None
    if not known or not isinstance(n, int) or n < 2 or n & (n - 1) or n > LARGEST_SCRYPT_N:
        raise strange
    try:
        plain = AESGCM(_sealing_key(passphrase, salt, n)).decrypt(nonce, sealed, SEALED_FORMAT.encode())
    except InvalidTag:
        raise BusinessError("没有导入密钥：口令不对，或文件已损坏。", "wrong_passphrase") from None
    read = json.loads(plain)
    return {p: {int(v): bytes.fromhex(value) for v, value in read.get(p, {}).items()} for p in PURPOSES}


def ring_public_key(ring: Ring, version: int) -> bytes | None:
    """The public half of a log key in ``ring``; None where it is not there."""
    value = ring[LOG].get(version)
    return Ed25519PrivateKey.from_private_bytes(value).public_key().public_bytes_raw() if value else None


def ring_here() -> Ring:
    """The keys at hand, as :func:`keys_unseal` gives them; empty where there is no folder yet."""
    return _ring(again=True) if Path(settings.KEYS_DIR).is_dir() else {p: {} for p in PURPOSES}


def ring_merge(ring: Ring, *, replace: bool) -> tuple[int, int]:
    """Write keys that are not here yet.

    Args:
        ring: what :func:`keys_unseal` gave.
        replace: where a version stands here with other bytes, put the present one aside (``replaced-…`` in the same
            folder: nothing is destroyed) and take the given one.

    Returns:
        How many were written, and how many of them replaced another.
    """
    folder = Path(settings.KEYS_DIR)
    keyfiles.folder_make(folder)
    here, written, replaced = keyfiles.key_versions(folder), 0, 0
    for purpose, keys in ring.items():
        for version, value in keys.items():
            present = here[purpose].get(version)
            if present == value or (present is not None and not replace):
                continue
            if present is not None:
                name = keyfiles.key_name(purpose, version)
                os.rename(folder / name, folder / f"replaced-{hashlib.sha256(present).hexdigest()[:12]}-{name}")
                replaced += 1
            written += keyfiles.key_write(folder, purpose, version, value)
    return written, replaced
