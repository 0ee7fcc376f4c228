"""What papers claim: baselines/claims.toml has one schema and covers every chaotic baseline."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cryptobench.registry import cipher_names, read_card

ROOT = Path(__file__).parents[2]
CLAIMS: list[dict[str, Any]] = tomllib.loads((ROOT / "baselines" / "claims.toml").read_text())["claim"]
SCHEMES = [name for name in cipher_names() if read_card(name).family in ("chaotic", "optical", "learned")]
UNITS = {"%", "bit", "dB", "s", "MB/s", "Mbit/s", "keys", ""}
ONLY_CLAIMED = {"key_space", "secret_bits"}  # metrics that measurements have no name for


def label(claim: dict[str, Any]) -> str:
    return f"{claim.get('cipher')}-{claim.get('metric', claim.get('status'))}"


@pytest.mark.parametrize("claim", CLAIMS, ids=label)
def test_claim_follows_the_schema(claim: dict[str, Any]):
    """The fields of its status and no others, none empty but the unit, and a finite number under a known name."""
    number = {"metric", "value", "unit", "image", "size", "seen"}
    wanted = {"cipher", "status"} | (number if claim["status"] == "seen" else {"note"})
    assert claim["status"] in {"seen", "not seen", "not reported"}
    assert set(claim) - {"bound", "relative"} == wanted
    texts = {name: value for name, value in claim.items() if name not in ("value", "unit")}
    assert all(isinstance(text, str) and text.strip() == text != "" for text in texts.values())
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim["cipher"])
    if claim["status"] == "seen":
        assert type(claim["value"]) in (int, float)
        assert 0 <= claim["value"] < float("inf")
        assert claim["unit"] in UNITS
        assert claim.get("bound", "above") in {"above", "below"}
        documented = re.findall(r"`(\w+)`", (ROOT / "docs" / "measurements.md").read_text())
        assert claim["metric"] in ONLY_CLAIMED | set(documented)
    else:
        assert not {"bound", "relative"} & set(claim)
    assert claim.get("relative", "other learned ciphers") == "other learned ciphers"


@pytest.mark.parametrize("name", [name for name in SCHEMES if read_card(name).authors])
def test_every_baseline_has_an_entry(name: str):
    """What was read of its paper, or that nothing was."""
    assert name in {claim["cipher"] for claim in CLAIMS}


def test_baselines_are_found():
    """An empty list would pass the test above."""
    assert {"chen2004", "hua2021", "zhang2015"} <= set(SCHEMES)


def test_no_claim_is_stated_twice():
    """One entry a cipher, metric, image and size, and at most one a cipher that says what was not seen."""
    seen = Counter(
        tuple(claim[name] for name in ("cipher", "metric", "image", "size"))
        for claim in CLAIMS
        if claim["status"] == "seen"
    )
    others = Counter(claim["cipher"] for claim in CLAIMS if claim["status"] != "seen")
    assert max(seen.values()) == max(others.values()) == 1
