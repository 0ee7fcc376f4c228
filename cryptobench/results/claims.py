"""What papers claim, from the table that comes with the baselines."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["claims_of"]


@cache
def _claims() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads((files("cryptobench.baselines") / "claims.toml").read_text(encoding="utf-8"))["claim"])


def claims_of(cipher: str, relative: bool = False) -> list[dict[str, Any]]:
    """The numbers seen in the paper of ``cipher``; ``relative`` ones compare with other ciphers, in percent."""
    seen = (claim for claim in _claims() if claim["cipher"] == cipher and claim["status"] == "seen")
    return [claim for claim in seen if ("relative" in claim) == relative]
