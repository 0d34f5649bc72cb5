"""Verification codes of reports: printed on the cover, typed by whoever wants to know whether a file is genuine."""

from __future__ import annotations

import unicodedata

from core import keys
from core.addresses import site_origin

# Without characters that look alike: 0 O, 1 I L, 2 Z, 5 S, 8 B.
LETTERS = "34679ACDEFGHJKMNPQRTUVWXY"
LENGTH, GROUP = 16, 4
CONTEXT = "performance.ReportFile.code"


def code_of(source_sha256: str, *, context: str = CONTEXT) -> str:
    """The code of a content: 16 characters in groups of four, derived from it by a secret key (HMAC-SHA256).

    The same content has the same code; nobody without the key can make one (25 to the power of 16, about 2^74).

    Args:
        source_sha256: 64 hexadecimal digits, of the document's canonical JSON; or another text of another context.
        context: what the code is for: the same text elsewhere has another code.
    """
    number = int(keys.blind_index(source_sha256, context=context), 16)
    found = ""
    while len(found) < LENGTH:
        number, place = divmod(number, len(LETTERS))
        found += LETTERS[place]
    return _grouped(found)


def _grouped(letters: str) -> str:
    return "-".join(letters[n : n + GROUP] for n in range(0, len(letters), GROUP))


def code_read(text: str) -> str:
    """A code as somebody typed it, in its one form; an empty text when it cannot be one."""
    folded = unicodedata.normalize("NFKC", text[:200]).upper()
    letters = "".join(one for one in folded if one.isalnum())
    return _grouped(letters) if len(letters) == LENGTH and set(letters) <= set(LETTERS) else ""


def verify_url(code: str) -> str:
    """Where the QR code on the cover leads: the public page of the code."""
    return f"{site_origin()}/reports/{code}/"
