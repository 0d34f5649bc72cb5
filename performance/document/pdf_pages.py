"""A program of its own: opens a PDF with PDFium and prints how many pages it has.

PDFium is C++ and reads what strangers made: a file that breaks it breaks this process alone. Called by
:mod:`performance.document.scans` as ``python -m performance.document.pdf_pages FILE``.
"""

from __future__ import annotations

import resource
import sys

import pypdfium2

FINE, BROKEN, LOCKED = 0, 1, 3
MOST_MEMORY, MOST_SECONDS = 2 * 1024**3, 20


def main(path: str) -> int:
    """The exit code; the number of pages on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    try:
        document = pypdfium2.PdfDocument(path)
        count = len(document)
        for number in range(count):
            document[number].get_size()
    except pypdfium2.PdfiumError as error:
        return LOCKED if "password" in str(error).lower() else BROKEN
    sys.stdout.write(str(count))
    return FINE if count else BROKEN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
