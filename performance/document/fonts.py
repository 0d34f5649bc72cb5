"""The fonts of official documents: GB/T 9704-2012 5.2.2 names 仿宋, 小标宋, 黑体, 楷体, 宋体; open ones stand in.

Fandol (GPL with font exception) covers GB 2312; Noto Serif CJK SC (OFL) what is rarer, HanaMinB the ideographs of the
extensions; Liberation Serif (OFL) gives digits and Latin, and nothing else: its quotation marks are not the Chinese
ones. A configuration of Fontconfig of our own knows these files alone, so that no font of a machine changes a report.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings

from core.errors import BusinessError

# Family as the style sheet names it, its file, the package that holds it. None: the file's own family (a collection).
FONTS: tuple[tuple[str | None, str, str], ...] = (
    ("Official Latin", "LiberationSerif-Regular.ttf", "fonts-liberation"),
    ("Official Latin", "LiberationSerif-Bold.ttf", "fonts-liberation"),
    ("Official Fangsong", "FandolFang-Regular.otf", "texlive-lang-chinese"),
    ("Official Kai", "FandolKai-Regular.otf", "texlive-lang-chinese"),
    ("Official Hei", "FandolHei-Regular.otf", "texlive-lang-chinese"),
    ("Official Song", "FandolSong-Regular.otf", "texlive-lang-chinese"),
    ("Official Song", "FandolSong-Bold.otf", "texlive-lang-chinese"),
    (None, "NotoSerifCJK-Regular.ttc", "fonts-noto-cjk"),
    (None, "NotoSerifCJK-Bold.ttc", "fonts-noto-cjk"),
    ("Official Rare", "HanaMinB.ttf", "fonts-hanazono"),
)
LATIN = "Official Latin"
# What bin/fonts fetched first, then where Debian and Ubuntu install the packages.
PLACES = (
    "usr/share/fonts/opentype/noto",
    "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol",
    "usr/share/fonts/truetype/liberation",
    "usr/share/fonts/truetype/hanazono",
)
LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig"
_lock = Lock()


def _folders() -> list[Path]:
    return [Path(settings.BASE_DIR, "var", "tools", "fonts"), *(Path("/", place) for place in PLACES)]


def _find(name: str) -> Path | None:
    return next((folder / name for folder in _folders() if (folder / name).is_file()), None)


def packages_missing() -> list[str]:
    """Names of the system's packages without which no PDF can be made; empty when all is there."""
    fonts = {package for _, name, package in FONTS if _find(name) is None}
    return [*([] if _engine_works() else LIBRARIES.split()), *sorted(fonts)]


@cache
def _engine_works() -> bool:
    """Can WeasyPrint be used, with the library for subsets (without it writing takes seventeen times as long)?"""
    # It tells each of its steps, and would already while it is imported.
    logging.getLogger("weasyprint.progress").disabled = True
    try:
        return bool(import_module("weasyprint.text.ffi").harfbuzz_subset)
    except OSError:
        return False


def pdf_require() -> None:
    """Raises BusinessError ``no_pdf``: something that PDF files need is not on this machine."""
    if missing := packages_missing():
        raise BusinessError(
            f"暂时不能生成 PDF，其余功能照常。请在服务器上运行：sudo apt-get install {' '.join(missing)}", "no_pdf"
        )


def _rule(family: str, path: Path) -> str:
    """The family's name while the file is read; digits and Latin alone where that is what it is for."""
    only = "<edit name='charset' mode='assign'><charset><range><int>0x20</int><int>0x7e</int></range></charset></edit>"
    return (
        f"<match target='scan'><test name='file' compare='eq'><string>{escape(str(path))}</string></test>"
        f"<edit name='family' mode='assign'><string>{family}</string></edit>"
        # Fandol's two weights of 宋体 give the same number for both.
        f"<edit name='weight' mode='assign'><const>{'bold' if '-Bold' in path.name else 'regular'}</const></edit>"
        f"{only if family == LATIN else ''}</match>"
    )


def _configuration_text(state: Path) -> str:
    """What Fontconfig reads; its cache keeps what the rules made of a font: other rules have a cache of their own."""
    files = [(family, path) for family, name, _ in FONTS if (path := _find(name))]
    folders = dict.fromkeys(path.parent for _, path in files)
    accepted = "".join(f"<glob>{escape(str(path))}</glob>" for _, path in files)
    rules = "".join(_rule(family, path) for family, path in files if family)
    cache_folder = state / f"fontconfig-{hashlib.sha256(rules.encode()).hexdigest()[:12]}"
    return (
        "<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'urn:fontconfig:fonts.dtd'><fontconfig>"
        + "".join(f"<dir>{escape(str(folder))}</dir>" for folder in folders)
        + f"<cachedir>{escape(str(cache_folder))}</cachedir>"
        + f"<selectfont><rejectfont><glob>*</glob></rejectfont><acceptfont>{accepted}</acceptfont></selectfont>"
        + rules
        + "</fontconfig>"
    )


@cache
def _made(text: str) -> Any:
    # Fontconfig reads the name of its file from the environment, each time a configuration is made.
    with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        before = os.environ.get("FONTCONFIG_FILE")
        os.environ["FONTCONFIG_FILE"] = file.name
        try:
            return import_module("weasyprint.text.fonts").FontConfiguration()
        finally:
            if before is None:
                del os.environ["FONTCONFIG_FILE"]
            else:
                os.environ["FONTCONFIG_FILE"] = before


def configuration() -> Any:
    """WeasyPrint's FontConfiguration with our fonts alone, made once in a process.

    Raises:
        BusinessError: ``no_pdf``.
    """
    pdf_require()
    with _lock:
        return _made(_configuration_text(settings.PATHS.state))
