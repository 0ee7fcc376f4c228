"""What papers claim: baselines/claims.toml has one schema and covers every chaotic baseline."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cryptobench.registry import cipher_names, read_card
from cryptobench.results.claims import all_claims, claim_plausibility

ROOT = Path(__file__).parents[2]
CLAIMS: list[dict[str, Any]] = tomllib.loads((ROOT / "baselines" / "claims.toml").read_text())["claim"]
SCHEMES = [name for name in cipher_names() if read_card(name).family in ("chaotic", "optical", "learned")]
UNITS = {"%", "bit", "dB", "s", "MB/s", "Mbit/s", "keys", ""}
WHERE = {"seen": "seen", "cited": "by"}  # where a number was read
ONLY_CLAIMED = {"key_space", "secret_bits"}  # metrics that measurements have no name for


def label(claim: dict[str, Any]) -> str:
    return f"{claim.get('cipher')}-{claim.get('metric', claim.get('status'))}"


@pytest.mark.parametrize("claim", CLAIMS, ids=label)
def test_claim_follows_the_schema(claim: dict[str, Any]):
    """The fields of its status and no others, none empty but the unit, and a finite number under a known name."""
    number = {"metric", "value", "unit", "image", "size", WHERE.get(claim["status"], "")}
    wanted = {"cipher", "status"} | (number if claim["status"] in WHERE else {"note"})
    assert claim["status"] in {*WHERE, "not seen", "not reported"}
    assert set(claim) - {"bound", "relative", "direction", "mean_of"} == wanted
    texts = {name: value for name, value in claim.items() if name not in ("value", "unit", "mean_of")}
    assert all(isinstance(text, str) and text.strip() == text != "" for text in texts.values())
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim["cipher"])
    if claim["status"] in WHERE:
        assert type(claim["value"]) in (int, float)
        assert abs(claim["value"]) < 1 if claim["metric"] == "correlation" else claim["value"] >= 0
        assert claim["value"] < float("inf") or claim["metric"] == "decrypted_psnr"
        assert claim["unit"] in UNITS
        assert claim.get("bound", "above") in {"above", "below"}
        assert (claim.get("direction") in {"H", "V", "D"}) == (claim["metric"] == "correlation")
        assert re.fullmatch(r"not stated|\d+x\d+(x\d+)?( \(cipher \d+x\d+(x\d+)?\))?", claim["size"])
        documented = re.findall(r"`(\w+)`", (ROOT / "docs" / "measurements.md").read_text())
        assert claim["metric"] in ONLY_CLAIMED | set(documented)
    else:
        assert not {"bound", "relative", "direction", "mean_of"} & set(claim)
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
        tuple(claim.get(name) for name in ("cipher", "metric", "image", "size", "direction", "by"))
        for claim in CLAIMS
        if claim["status"] in WHERE
    )
    others = Counter(claim["cipher"] for claim in CLAIMS if claim["status"] not in WHERE)
    assert max(seen.values()) == max(others.values()) == 1


def test_implausible_claims_are_known():
    """Whose printed NPCR or UACI no ideal cipher gives, with the z by hand to a tenth."""
    off = {
        (claim["cipher"], claim["printed"]): (judged.answer, round(judged.z, 1))
        for claim in all_claims()
        if (judged := claim_plausibility(claim)) is not None and judged.outside
    }
    assert off == {
        ("wang2022-dnn", "99.9800"): ("implausible (too good)", 11.9),
        ("wang2022-dnn", "99.9875"): ("implausible (too good)", 12.1),
        ("wang2022-dnn", "99.9900"): ("implausible (too good)", 12.2),
        ("maniyath2020", "99.87"): ("implausible (too good)", 10.5),
        ("scrambling-aae", "99.42"): ("not ideal", -7.6),
        ("scrambling-aae", "13.84"): ("not ideal", -212.2),
    }
