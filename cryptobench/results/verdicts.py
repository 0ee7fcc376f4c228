"""Pass or fail by cipher and metric: many tests pooled into one answer by Holm's correction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from cryptobench.metrics.statistics import holm
from cryptobench.results.attacks import is_attack

__all__ = [
    "ALPHA_BORDERLINE", "ALPHA_FAIL", "OVERALL", "RULE", "STATES", "TESTS", "Pooled", "Test", "overall", "pool",
    "pool_all", "titles_in",
]  # fmt: skip

OVERALL = "overall"

ALPHA_FAIL = 0.001
ALPHA_BORDERLINE = 0.05
STATES = ("pass", "borderline", "fail", "error", "none")
RULE = (
    "Rule: the p-values of a cipher and a metric are pooled over images, channels and positions with Holm's "
    f"correction. Fail: the smallest adjusted p is below {ALPHA_FAIL}. Borderline: below {ALPHA_BORDERLINE}. Overall: "
    "the same over the cipher's tests, attacks among them, each with its smallest adjusted p, and without what was "
    "measured with the nonce fixed in a cipher that has one. Attacks enter with the p-values of their statistic and "
    "of their guess at the image. Key space, round trip and a recovered image are exact rules without a p-value. "
    "Differential metrics and key sensitivity enter as summaries over their trials, each trial once. Fixed: nonce "
    "and per-message secret held still. Error: a measurement did not finish. Passing says that a test found nothing, "
    "not that the cipher is secure."
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
_ATTACK, _NO_CIPHERTEXTS = "attack", ("COA", "KPA", "CPA")
_FOUND = ("statistic", "recovered", "recovered_excess")
_AVALANCHE = ("plaintext_avalanche_mean", "plaintext_avalanche_worst", "strict_avalanche")

TESTS = (
    Test("global entropy", "entropy", ("global_entropy",), ("cipher",)),
    Test("local entropy", "entropy", ("local_entropy",), ("corrected",)),
    Test("histogram", "histogram", ("chi_square",), ("cipher",)),
    Test("correlation", "correlation", ("correlation",), ("cipher",)),
    Test("channel correlation", "correlation", ("channel_correlation",), ("cipher",)),
    Test("texture", "texture", ("glcm_contrast", "glcm_energy", "glcm_homogeneity"), ("cipher 8", "cipher 256")),
    Test("contours", "contours", ("contour_correlation",)),
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
    Test("attacks (CPA)", _ATTACK, _FOUND, _NO_CIPHERTEXTS, ("fresh", "none")),
    Test("attacks (CCA)", _ATTACK, _FOUND, ("CCA",), ("fresh", "none")),
    Test("attacks (CPA), fixed nonce", _ATTACK, _FOUND, _NO_CIPHERTEXTS, ("fixed",)),
    Test("attacks (CCA), fixed nonce", _ATTACK, _FOUND, ("CCA",), ("fixed",)),
)


@dataclass(frozen=True)
class Pooled:
    """The answer for one cipher and one test; ``adjusted`` is the smallest Holm-adjusted p-value.

    ``exact`` says that a rule without a p-value was broken.
    """

    state: str
    tests: int = 0
    smallest: float | None = None
    adjusted: float | None = None
    exact: bool = False


def pool(rows: pd.DataFrame, unfinished: bool = False) -> Pooled:
    """One answer from many rows; ``unfinished`` says that some cells of this test crashed, failed or timed out."""
    p_values = [float(p) for p in rows["p_value"].dropna()]
    exact = rows.loc[rows["p_value"].isna(), "verdict"]
    smallest = min(p_values, default=None)
    adjusted = min(holm(p_values), default=None)
    tests = len(p_values) + int((exact != "none").sum())
    broken = bool((exact == "fail").any())
    if broken or (adjusted is not None and adjusted < ALPHA_FAIL):
        state = "fail"
    elif unfinished:
        state = "error"
    elif adjusted is not None and adjusted < ALPHA_BORDERLINE:
        state = "borderline"
    else:
        state = "pass" if tests else "none"
    return Pooled(state, tests, smallest, adjusted, broken)


def pool_all(table: pd.DataFrame) -> dict[tuple[str, str], Pooled]:
    """By cipher and test title, and `OVERALL`; tests that the table holds nothing of are left out."""
    broken = table[table["status"].isin(("failed", "crashed", "timeout"))]
    lost = set(zip(broken["cipher"], _kinds(broken), strict=True))
    run_on = set(zip(table["cipher"], _kinds(table), strict=True))
    table = table[table["trial"].isna()]
    # In a grey image "all" is the same number as "grey", in metrics that have both.
    by_channel = table["metric"].isin(table.loc[table["channel"] == "grey", "metric"])
    table = table[~((table["channels"] == 1) & (table["channel"] == "all") & by_channel).fillna(False)]
    ciphers = [str(cipher) for cipher in table["cipher"].unique()]
    pooled = _pool_tests(table, ciphers, lost, run_on)
    proper = _pool_tests(table[table["nonce"] != "fixed"], ciphers, lost, run_on)
    return pooled | {(cipher, OVERALL): overall(p for (c, _), p in proper.items() if c == cipher) for cipher in ciphers}


def overall(tests: Iterable[Pooled]) -> Pooled:
    """One answer from all tests of a cipher: Holm's correction over the smallest adjusted p of each."""
    tests = list(tests)
    smallest = [test.adjusted for test in tests if test.adjusted is not None]
    adjusted = min(holm(smallest), default=None)
    if any(test.state == "fail" and test.exact for test in tests) or (adjusted is not None and adjusted < ALPHA_FAIL):
        state = "fail"
    elif any(test.state == "error" for test in tests):
        state = "error"
    elif adjusted is not None and adjusted < ALPHA_BORDERLINE:
        state = "borderline"
    else:
        state = "pass" if any(test.tests for test in tests) else "none"
    return Pooled(state, sum(test.tests > 0 for test in tests), min(smallest, default=None), adjusted)


def titles_in(pooled: Mapping[tuple[str, str], Pooled]) -> list[str]:
    """`OVERALL` and the titles of the tests that have an answer for some cipher; none without any answer."""
    answered = {title for (_, title), answer in pooled.items() if answer.state != "none"}
    known = {title for _, title in pooled}
    return [title for title in (OVERALL, *(test.title for test in TESTS)) if title in known] if answered else []


def _pool_tests(
    table: pd.DataFrame, ciphers: list[str], lost: set[tuple[str, str]], run_on: set[tuple[str, str]]
) -> dict[tuple[str, str], Pooled]:
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


def _kinds(table: pd.DataFrame) -> pd.Series[str]:
    """The analysis of each row; of attacks, that it is one."""
    return table["analysis"].mask(is_attack(table), _ATTACK)
