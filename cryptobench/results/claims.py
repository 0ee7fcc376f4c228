"""What papers claim, and what reviews cite of them, from the table that comes with the baselines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from cryptobench.reading import Source
from cryptobench.results.folder import ReportError
from cryptobench.results.plausibility import Plausibility, PlausibilityError, Statistic, plausible, whole_size
from cryptobench.shapes import Misfit, array, number, one_of, record, text, whole

__all__ = [
    "all_claims", "cipher_size", "cited_of", "claim_plausibility", "claims_of", "named", "plain_size", "read_claims",
]  # fmt: skip

_NUMBER = {"cipher": text, "metric": text, "value": number(finite=False)}
_TEXTS = dict.fromkeys(("unit", "image", "size", "relative"), text) | {
    "bound": one_of(("above", "below")), "direction": one_of(("H", "V", "D")), "mean_of": whole(1),
}  # fmt: skip
_SHAPES = {
    "seen": record({**_NUMBER, "status": one_of(("seen",))}, {**_TEXTS, "seen": text, "note": text}),
    "cited": record({**_NUMBER, "status": one_of(("cited",)), "by": text}, _TEXTS),
}
_OTHER = record({"cipher": text, "status": one_of(("seen", "cited", "not seen", "not reported"))}, {"note": text})
_ALIASES = {"npcr": "npcr_mean", "uaci": "uaci_mean", "effective_key_bits": "key_space"}
_STATISTICS: dict[str, Statistic] = {"npcr_mean": "npcr", "uaci_mean": "uaci", "global_entropy": "entropy"}
_SIZE = r"\d+x\d+(?:x\d+)?"


class _Printed(float):
    """A number that keeps how it is written."""

    def __new__(cls, text: str) -> _Printed:
        """The number in ``text``."""
        made = super().__new__(cls, text)
        made.text = text.replace("_", "")
        return made

    text: str


def read_claims(path: Path) -> tuple[dict[str, Any], ...]:
    """The claims in a file, numbers with their text as ``printed``; ReportError if it is damaged."""
    source = Source(path, ReportError, "reinstall cryptobench")
    table = source.toml(parse_float=_Printed)
    source.require(table, record({"claim": array(_claim)}))
    return tuple(map(_with_text, table["claim"]))


@cache
def all_claims() -> tuple[dict[str, Any], ...]:
    """Every entry, in the order of the file."""
    with as_file(files("cryptobench.baselines") / "claims.toml") as path:
        return read_claims(path)


def claims_of(cipher: str, relative: bool = False) -> list[dict[str, Any]]:
    """The numbers seen in the paper of ``cipher``; ``relative`` ones compare with other ciphers, in percent."""
    seen = (claim for claim in all_claims() if claim["cipher"] == cipher and claim["status"] == "seen")
    return [claim for claim in seen if ("relative" in claim) == relative]


def cited_of(cipher: str) -> list[dict[str, Any]]:
    """The numbers that reviews report for the paper of ``cipher``, of metrics that nobody read in the paper itself."""
    seen = {named(claim) for claim in claims_of(cipher)}
    cited = (claim for claim in all_claims() if claim["cipher"] == cipher and claim["status"] == "cited")
    return [claim for claim in cited if named(claim) not in seen and "relative" not in claim]


def named(claim: Mapping[str, Any]) -> str:
    """The metric of a claim, of several names for one thing the one that the comparison uses."""
    metric = str(claim["metric"])
    return _ALIASES.get(metric, metric)


def claim_plausibility(claim: Mapping[str, Any]) -> Plausibility | None:
    """Whether an ideal cipher gives the claimed NPCR, UACI or entropy.

    None for other metrics, for bounds, for numbers relative to other ciphers', and where the size is too small.
    """
    statistic = _STATISTICS.get(named(claim)) if "metric" in claim else None
    if statistic is None or "bound" in claim or "relative" in claim:
        return None
    size = cipher_size(str(claim.get("size", "")))
    try:
        (found,) = plausible(**{statistic: _printed(claim)}, size=size, mean_of=claim.get("mean_of", 1))
    except PlausibilityError:
        return None
    return found


def plain_size(text: str) -> str:
    """The size of the picture in a claim's size, as HxWxC; empty where none is stated."""
    found = re.match(_SIZE, text)
    return whole_size(found[0]) if found else ""


def cipher_size(text: str) -> str:
    """The size of the cipher image in a claim's size, as HxWxC: the picture's own unless another stands there."""
    found = re.search(rf"\(cipher ({_SIZE})\)", text)
    return whole_size(found[1]) if found else plain_size(text)


def _printed(claim: Mapping[str, Any]) -> str:
    return str(claim.get("printed", claim["value"]))


def _with_text(claim: dict[str, Any]) -> dict[str, Any]:
    if "value" not in claim:
        return claim
    value = claim["value"]
    printed = value.text if isinstance(value, _Printed) else str(value)
    return claim | {"value": float(value) if isinstance(value, _Printed) else value, "printed": printed}


def _claim(value: Any, place: str) -> None:
    shape = _SHAPES.get(str(value.get("status")), _OTHER) if isinstance(value, dict) else _OTHER
    shape(value, place)
    if "size" in value:
        _size(value["size"], f"{place}.size")


def _size(value: str, place: str) -> None:
    for size in re.findall(_SIZE, value):
        try:
            whole_size(size)
        except PlausibilityError:
            raise Misfit(place, value, "sides in pixels, from 1") from None
