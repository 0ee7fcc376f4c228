"""What papers claim, from the table that comes with the baselines."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from cryptobench.reading import Source
from cryptobench.results.folder import ReportError
from cryptobench.shapes import array, number, one_of, record, text

__all__ = ["claims_of", "read_claims"]

_TEXTS = dict.fromkeys(("unit", "image", "size", "seen", "relative", "note"), text) | {
    "bound": one_of(("above", "below"))
}
_OTHER = record({"cipher": text, "status": one_of(("not seen", "not reported"))}, {"note": text})
_SEEN = record({"cipher": text, "status": one_of(("seen",)), "metric": text, "value": number()}, _TEXTS)


def read_claims(path: Path) -> tuple[dict[str, Any], ...]:
    """The claims in a file; ReportError if it is damaged."""
    source = Source(path, ReportError, "reinstall cryptobench")
    table = source.toml()
    source.require(table, record({"claim": array(_claim)}))
    return tuple(table["claim"])


@cache
def _claims() -> tuple[dict[str, Any], ...]:
    with as_file(files("cryptobench.baselines") / "claims.toml") as path:
        return read_claims(path)


def claims_of(cipher: str, relative: bool = False) -> list[dict[str, Any]]:
    """The numbers seen in the paper of ``cipher``; ``relative`` ones compare with other ciphers, in percent."""
    seen = (claim for claim in _claims() if claim["cipher"] == cipher and claim["status"] == "seen")
    return [claim for claim in seen if ("relative" in claim) == relative]


def _claim(value: Any, place: str) -> None:
    (_SEEN if isinstance(value, dict) and value.get("status") == "seen" else _OTHER)(value, place)
