"""Scans that people send: whether they are PDF files that open, and how many pages they have."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import Any

from django.conf import settings

from core.errors import BusinessError
from performance.document.pdf_pages import LOCKED

LARGEST = 50 * 1024 * 1024
CHUNK = 1024 * 1024
LONGEST_SECONDS = 30
MOST_PAGES = 2000


def _refuse(reason: str, code: str) -> BusinessError:
    return BusinessError(f"扫描件没有保存：{reason}。", code, field="file")


def scan_pages(upload: Any) -> int:
    """How many pages a sent PDF has, asked of PDFium in a process of its own; the upload is rewound.

    Args:
        upload: a file as a form gives it.

    Raises:
        BusinessError: ``too_large``, ``bad_type``, ``locked``, ``broken``.
    """
    with tempfile.NamedTemporaryFile(prefix="scan-", suffix=".pdf") as part:
        size = 0
        upload.seek(0)
        while chunk := upload.read(CHUNK):
            size += len(chunk)
            if size > LARGEST:
                raise _refuse(f"超过 {LARGEST // 1024 // 1024} MB，请降低扫描的分辨率后再传", "too_large")
            part.write(chunk)
        part.flush()
        upload.seek(0)
        part.seek(0)
        # ISO 32000-1 7.5.2: the header stands at the very beginning; readers allow 1,024 bytes before it, we do not.
        if part.read(5) != b"%PDF-":
            raise _refuse("它不是 PDF 文件，请扫描成一个 PDF 再传", "bad_type")
        return _asked(part.name)


def _asked(path: str) -> int:
    """Raises BusinessError."""
    command = [sys.executable, "-m", "performance.document.pdf_pages", path]
    try:
        done = subprocess.run(  # noqa: S603 (a program of ours, and a path of our own making)
            command, capture_output=True, timeout=LONGEST_SECONDS, check=False, cwd=settings.BASE_DIR
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _refuse("PDF 太复杂，打开超过了时间，请重新扫描后再传", "broken") from None
    if done.returncode == LOCKED:
        raise _refuse("PDF 设有密码，请去掉密码后再传", "locked")
    text = done.stdout.decode("ascii", "replace").strip()
    if done.returncode or not text.isdigit():
        raise _refuse("PDF 打不开，可能已经损坏，请重新扫描后再传", "broken")
    if int(text) > MOST_PAGES:
        raise _refuse(f"有 {text} 页，超过 {MOST_PAGES} 页，请核对后再传", "too_large")
    return int(text)
