"""QR codes as SVG, for taking a page along on the phone."""

from __future__ import annotations

import io

import segno

# Any mask reads well; choosing the best of eight takes five times as long as the rest.
MASK = 3


def qr_svg(address: str) -> bytes:
    """An SVG image of the address, medium error correction."""
    out = io.BytesIO()
    code = segno.make(address, error="m", micro=False, mask=MASK)
    code.save(out, kind="svg", xmldecl=False, omitsize=True, border=2, svgclass=None, lineclass=None, light="#fff")
    return out.getvalue()
