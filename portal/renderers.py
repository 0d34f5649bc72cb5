"""JSON as it was published: numbers keep every digit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import simplejson
from rest_framework.renderers import JSONRenderer


class ExactJSONRenderer(JSONRenderer):
    """DRF's renderer turns decimals into texts; what an announcement holds as a number stays one."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The answer's bytes; an answer without data has none."""
        if data is None:
            return b""
        text: str = simplejson.dumps(data, ensure_ascii=False, separators=(",", ":"), use_decimal=True, allow_nan=False)
        return text.encode()
