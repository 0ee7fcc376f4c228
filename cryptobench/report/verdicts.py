"""Pass or fail by cipher and metric: many tests pooled into one answer by Holm's correction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

__all__ = ["ALPHA_BORDERLINE", "ALPHA_FAIL", "RULE", "STATES", "TESTS", "Pooled", "Test", "holm", "pool", "pool_all"]

ALPHA_FAIL = 0.001
ALPHA_BORDERLINE = 0.05
STATES = ("pass", "borderline", "fail", "error", "none")
RULE = (
    "Rule: the p-values of a cipher and a metric are pooled over images, channels and positions with Holm's "
    f"correction. Fail: the smallest adjusted p is below {ALPHA_FAIL}. Borderline: below {ALPHA_BORDERLINE}. Key "
    "space and round trip are exact rules without a p-value. Differential metrics and key sensitivity enter as "
    "summaries over their trials, each trial once. Fixed nonce: nonce and per-message secret held still. Error: a "
    "measurement did not finish. Passing says that a test found nothing, not that the cipher is secure."
)

_FRESH, _FIXED = ("fresh",), ("fixed", "none")


@dataclass(frozen=True)
class Test:
    """One column of the overview: the rows that are pooled into it. An empty tuple takes every value."""

    __test__ = False

    title: str
    analysis: str
    metrics: tuple[str, ...]
    variants: tuple[str, ...] = ()
    nonces: tuple[str, ...] = ()
    whole: bool = False

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Finished rows of this test, summaries and single numbers only, never a single trial."""
        rows = table[(table["status"] == "ok") & table["metric"].isin(self.metrics) & table["trial"].isna()]
        if self.variants:
            rows = rows[rows["variant"].isin(self.variants)]
        if self.nonces:
            rows = rows[rows["nonce"].isin(self.nonces)]
        return rows[(rows["direction"] == "") & (rows["variant"] == "")] if self.whole else rows


def _differential(name: str, metric: str) -> tuple[Test, Test]:
    metrics = tuple(f"{metric}_{part}" for part in ("mean", "inside", "min", "max", "distinct"))
    return tuple(  # type: ignore[return-value]
        Test(f"{name}, {mode} nonce", "differential", metrics, nonces=nonces, whole=True)
        for mode, nonces in (("fresh", _FRESH), ("fixed", _FIXED))
    )


_RANDOMNESS = (
    "sp800_22_corrected_adjusted", "ent_entropy", "ent_chi_square", "ent_mean", "ent_monte_carlo_pi",
    "ent_serial_correlation", "byte_pairs", "bit_plane",
)  # fmt: skip
_AVALANCHE = ("plaintext_avalanche_mean", "plaintext_avalanche_worst", "strict_avalanche")

TESTS = (
    Test("global entropy", "entropy", ("global_entropy",), ("cipher",)),
    Test("local entropy", "entropy", ("local_entropy",), ("corrected",)),
    Test("histogram", "histogram", ("chi_square",), ("cipher",)),
    Test("correlation", "correlation", ("correlation",), ("cipher",)),
    Test("channel correlation", "correlation", ("channel_correlation",), ("cipher",)),
    Test("texture", "texture", ("glcm_contrast", "glcm_energy", "glcm_homogeneity"), ("cipher 8", "cipher 256")),
    *_differential("NPCR", "npcr"),
    *_differential("UACI", "uaci"),
    *_differential("BACI", "baci"),
    Test("channel reach, fresh nonce", "differential", ("channel_reach",), nonces=_FRESH),
    Test("channel reach, fixed nonce", "differential", ("channel_reach",), nonces=_FIXED),
    Test("avalanche, fresh nonce", "avalanche", _AVALANCHE, nonces=_FRESH),
    Test("avalanche, fixed nonce", "avalanche", _AVALANCHE, nonces=_FIXED),
    Test("key space", "keyspace", ("nominal_key_bits", "effective_key_bits", "dead_key_bits"), whole=True),
    Test(
        "key sensitivity",
        "key_sensitivity",
        tuple(f"key_{metric}_{part}" for metric in ("npcr", "uaci", "avalanche") for part in ("mean", "worst")),
        whole=True,
    ),
    Test(
        "wrong key",
        "key_sensitivity",
        tuple(
            f"wrong_key_{m}_{part}" for m in ("correlation", "entropy", "psnr", "ssim") for part in ("mean", "worst")
        ),
        whole=True,
    ),
    Test("randomness", "randomness", _RANDOMNESS, nonces=("fresh", "none")),
    Test("round trip", "quality", ("exact",)),
)


@dataclass(frozen=True)
class Pooled:
    """The answer for one cipher and one test; ``adjusted`` is the smallest Holm-adjusted p-value."""

    state: str
    tests: int = 0
    smallest: float | None = None
    adjusted: float | None = None


def holm(p_values: Iterable[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given (Holm 1979, Scand. J. Statist. 6:65-70)."""
    values = list(p_values)
    adjusted = [0.0] * len(values)
    running = 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        running = max(running, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = running
    return adjusted


def pool(rows: pd.DataFrame, unfinished: bool = False) -> Pooled:
    """One answer from many rows; ``unfinished`` says that some cells of this test crashed, failed or timed out."""
    p_values = [float(p) for p in rows["p_value"].dropna()]
    exact = rows.loc[rows["p_value"].isna(), "verdict"]
    smallest = min(p_values, default=None)
    adjusted = min(holm(p_values), default=None)
    tests = len(p_values) + int((exact != "none").sum())
    if (exact == "fail").any() or (adjusted is not None and adjusted < ALPHA_FAIL):
        state = "fail"
    elif unfinished:
        state = "error"
    elif adjusted is not None and adjusted < ALPHA_BORDERLINE:
        state = "borderline"
    else:
        state = "pass" if tests else "none"
    return Pooled(state, tests, smallest, adjusted)


def pool_all(table: pd.DataFrame) -> dict[tuple[str, str], Pooled]:
    """By cipher and test title; tests that the table holds nothing of are left out."""
    broken = table[table["status"].isin(("failed", "crashed", "timeout"))]
    lost = set(zip(broken["cipher"], broken["analysis"], strict=True))
    run_on = set(zip(table["cipher"], table["analysis"], strict=True))
    table = table[table["trial"].isna()]
    # In a grey image "all" is the same number as "grey", in metrics that have both.
    by_channel = table["metric"].isin(table.loc[table["channel"] == "grey", "metric"])
    table = table[~((table["channels"] == 1) & (table["channel"] == "all") & by_channel).fillna(False)]
    ciphers = [str(cipher) for cipher in table["cipher"].unique()]
    pooled: dict[tuple[str, str], Pooled] = {}
    for test in TESTS:
        by_cipher = {str(cipher): rows for cipher, rows in test.rows(table).groupby("cipher")}
        answers = {
            cipher: pool(by_cipher.get(cipher, table.iloc[:0]), (cipher, test.analysis) in lost)
            for cipher in ciphers
            if (cipher, test.analysis) in run_on
        }
        if any(answer.state != "none" for answer in answers.values()):
            pooled |= {(cipher, test.title): answer for cipher, answer in answers.items()}
    return pooled
