"""Values as the page holds them: JSON without NaN, text that cannot end a script element, compressed chunks."""

from __future__ import annotations

import base64
import gzip
import json
import math
from typing import Any

__all__ = ["compressed", "json_text", "plain", "safe"]


def plain(value: Any) -> Any:
    """A number that JSON can hold: None for a gap, the text "Infinity" or "-Infinity" for those."""
    if value is None or value != value:
        return None
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float) and math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def json_text(value: Any) -> str:
    """Compact JSON; ValueError if a NaN or an infinity is left in it."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)


def safe(text: str) -> str:
    """JSON text as it may stand inside a script element: nothing in it opens or closes a tag or a comment."""
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def compressed(text: str) -> str:
    """Text as base64 of gzip; equal texts give equal results."""
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), 6, mtime=0)).decode("ascii")
