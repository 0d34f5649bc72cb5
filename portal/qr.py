"""QR codes as inline SVG, for taking a page along on the phone."""

from __future__ import annotations

import io
from functools import lru_cache

import segno
from django.utils.safestring import SafeString, mark_safe

# Any mask reads well; choosing the best of eight takes five times as long as the rest.
MASK = 3


@lru_cache(maxsize=512)
def qr_svg(address: str) -> SafeString:
    """An ``<svg>`` of the address, medium error correction; no style attribute (the page's policy forbids it)."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False, mask=MASK).save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, svgclass="qr", lineclass=None
    )
    markup = out.getvalue().decode().strip().replace("<svg ", '<svg role="img" aria-label="本页网址二维码" ', 1)
    return mark_safe(markup)  # noqa: S308 (segno draws shapes only; the address is not in the markup)
