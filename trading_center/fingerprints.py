"""Is there anything to migrate or to collect? Answered from the files alone, within milliseconds.

Standard library alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

from trading_center.config import ROOT


def _digest(texts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for text in texts:
        found.update(len(text).to_bytes(8, "big") + text)
    return found.hexdigest()


def _content(paths: Iterable[Path]) -> Iterable[bytes]:
    for path in sorted(paths):
        if path.is_file():
            yield str(path.relative_to(ROOT)).encode()
            yield path.read_bytes()


def schema_fingerprint(config: SimpleNamespace) -> str:
    """Changes with every migration of the code, with Django's version, and with the database that is meant."""
    where = f"{config.INSTANCE}\n{config.DATABASE_URL}\n{config.DATABASE_OWNER_URL}".encode()
    return _digest([where, *_content([*ROOT.glob("*/migrations/*.py"), ROOT / "requirements.txt"])])


def static_fingerprint() -> str:
    """Changes with every static file and with what collects them."""
    sources = [p for folder in (ROOT / "static", *ROOT.glob("*/static")) for p in folder.rglob("*")]
    sources += ROOT.glob("node_modules/@noble/*/*.js")
    settled = [
        ROOT / "requirements.txt",
        ROOT / "package-lock.json",
        *(ROOT / "trading_center" / n for n in ("apps.py", "settings.py")),
    ]
    seen = [
        f"{path.relative_to(ROOT)} {path.stat().st_size} {path.stat().st_mtime_ns}".encode()
        for path in sorted(sources)
        if path.is_file()
    ]
    return _digest([*seen, *_content(settled)])
