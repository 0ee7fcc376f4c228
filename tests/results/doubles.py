"""Made-up rows of attacks."""

from __future__ import annotations

from typing import Any

from cryptobench.attacks.judgements import MINIMUM_CCA, MINIMUM_FRESH
from cryptobench.attacks.query_formula import queries_at
from cryptobench.measurement import Measurement

__all__ = ["attack_rows", "crashed", "judged_ciphers", "minimum_rows", "two_ciphers"]

_VERDICTS = {"recovered": "fail", "leak": "fail", "holds": "pass", "n/a": "none"}


def attack_rows(
    cipher: str, attack: str, outcome: str, nonce: str = "none", model: str = "CPA", side: int = 32, queries: int = 4,
    p: float = 0.5, claims: tuple[str, ...] = (), formula: str = "", share: float = 0.98765,
) -> list[dict[str, Any]]:  # fmt: skip
    """All rows of one attack at one size in one nonce mode."""
    place: dict[str, Any] = {"condition": model, "nonce": nonce}
    rows = [
        Measurement("outcome", None, outcome=outcome, verdict=_VERDICTS[outcome], message="a note", **place),
        Measurement("queries", queries, **place),
        Measurement("queries", queries, part="encryptions", **place),
        Measurement("attack_time", 0.0125, **place),
    ]
    if outcome != "n/a":
        rows.append(Measurement("statistic", 0.25, p_value=p, verdict="fail" if p < 1e-6 else "pass", **place))
    if outcome == "recovered":
        rows.append(Measurement("recovered", share, p_value=1e-30, verdict="fail", **place))
        rows.append(Measurement("recovered_excess", 0.98, verdict="fail", **place))
        rows.append(Measurement("recovered_psnr", 31.25, **place))
    if formula:
        rows.append(Measurement("extrapolated_queries", queries_at(formula), message=formula, **place))
        rows.append(Measurement("extrapolated_time", queries_at(formula) / 8, message="512x512x3", **place))
    rows += [Measurement("claim", 1.0, part=claim, **place) for claim in claims]
    card = {"cipher": cipher, "family": "chaotic", "fidelity": "B", "image": "astronaut", "seed": 1, "seconds": 1.0}
    card |= {"height": side, "width": side, "channels": 3, "analysis": f"attack:{attack}"}
    return [card | row.row() for row in rows]


def minimum_rows(cipher: str, *nonces: str) -> list[dict[str, Any]]:
    """The attacks without which there are no judgements: all hold, and changed ciphertexts are rejected."""
    rows = [row for nonce in nonces for name in MINIMUM_FRESH for row in attack_rows(cipher, name, "holds", nonce)]
    for nonce in nonces:
        for name in MINIMUM_CCA:
            rows += attack_rows(cipher, name, "holds", nonce, "CCA", claims=("rejects",))
    return rows


def judged_ciphers() -> list[dict[str, Any]]:
    """Five ciphers with all judgements: two like AES-256-CTR and -SIV; one falls, one has a map, one leaks."""
    modes = ("fresh", "fixed")
    return [
        *minimum_rows("ctr", *modes), *minimum_rows("siv", *modes), *minimum_rows("broken", "none"),
        *minimum_rows("mapped", *modes), *minimum_rows("leaking", *modes),
        *attack_rows("ctr", "reuse", "recovered", "fixed", "KPA", queries=2, formula="2"),
        *attack_rows("ctr", "flip", "recovered", "fresh", "CCA", claims=("malleable",)),
        *attack_rows("ctr", "flip", "recovered", "fixed", "CCA", claims=("malleable",)),
        *attack_rows("siv", "determinism", "leak", "fixed", claims=("deterministic",)),
        *attack_rows("broken", "book", "recovered", queries=3093, formula="N + 21"),
        *attack_rows("broken", "weak_keys", "leak", model="COA"),
        *attack_rows("mapped", "read", "recovered", "fresh", "CCA", claims=("map",)),
        *attack_rows("leaking", "look", "leak", "fresh"), *attack_rows("leaking", "odd", "n/a", "fresh"),
    ]  # fmt: skip


def crashed(row: dict[str, Any]) -> dict[str, Any]:
    """The row of the same cell if its worker had died."""
    return row | Measurement("", None, status="crashed", message="signal 9").row()


def two_ciphers() -> list[dict[str, Any]]:
    """One cipher that falls in proper use, and one that falls with a fixed nonce only."""
    return [
        *attack_rows("weak", "reuse", "holds", side=32, model="KPA"),
        *attack_rows("weak", "reuse", "recovered", side=64, model="KPA", queries=2, p=0.0),
        *attack_rows("weak", "reuse", "recovered", side=48, model="KPA", queries=2, p=0.0),
        *attack_rows("weak", "chain", "leak", p=1e-9, claims=("affine",)),
        *attack_rows("weak", "odd", "n/a"),
        crashed(attack_rows("weak", "crashing", "holds")[0]),
        *attack_rows("sound", "reuse", "holds", nonce="fresh", model="KPA"),
        *attack_rows("sound", "reuse", "recovered", nonce="fixed", model="KPA", queries=2, p=0.0),
        *attack_rows("sound", "flip", "holds", nonce="fresh", model="CCA", claims=("rejects",)),
    ]
