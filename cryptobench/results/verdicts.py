"""Pass or fail by cipher and metric: many tests pooled into one answer by Holm's correction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cryptobench.metrics.statistics import holm
from cryptobench.results.attacks import is_attack

__all__ = [
    "ALPHA_BORDERLINE", "ALPHA_FAIL", "RULE", "STATES", "STATISTICS", "TESTS", "Pooled", "Test", "pool", "pool_all",
    "pool_tests", "titles_in", "verdict_table",
]  # fmt: skip

STATISTICS = "statistics"

ALPHA_FAIL = 0.001
ALPHA_BORDERLINE = 0.05
STATES = ("pass", "borderline", "malleable", "fail", "error", "none")
RULE = (
    "The p-values of a cipher and a test are pooled over images, channels and places of a change by Holm's correction. "
    f"Fail: the smallest adjusted p-value is below {ALPHA_FAIL}; borderline: below {ALPHA_BORDERLINE}; error: a "
    "measurement did not finish. Statistics: the same over all tests of a cipher that are no attacks, without those "
    "with a fixed nonce in a cipher that has one. Key space and round trip are exact rules without a p-value. "
    "Differential tests and key sensitivity enter as summaries, so that each trial counts once. Fixed nonce: one nonce "
    "and per-message secret for all messages (misuse). NPCR, UACI, BACI: number of pixels change rate, unified and "
    "block average changing intensity. A pass says that a test found nothing, not that a cipher is secure."
)

_FRESH, _FIXED = ("fresh",), ("fixed", "none")


@dataclass(frozen=True, eq=False)
class Test:
    """One column of the overview: the rows of some metrics of an analysis that are pooled into it.

    ``where`` names the values that a row may have by column of the measurement table; other columns may hold anything.
    """

    __test__ = False

    title: str
    analysis: str
    metrics: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def attacks(self) -> bool:
        """Whether it pools attacks, which have judgements of their own."""
        return self.analysis == _ATTACK

    @property
    def chosen_ciphertexts(self) -> bool:
        """Whether it pools attacks with chosen ciphertexts: a cipher that fails it is malleable."""
        return self.attacks and self.where["condition"] == _CCA["condition"]

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Finished rows of this test, summaries and single numbers only, never a single trial."""
        rows = table[(table["status"] == "ok") & table["metric"].isin(self.metrics) & table["trial"].isna()]
        rows = rows[_kinds(rows) == self.analysis]
        for column, values in self.where.items():
            rows = rows[rows[column].isin(values)]
        return rows


_Where = dict[str, tuple[str, ...]]
_CIPHER: _Where = {"part": ("cipher",)}
_ALL_CHANGES: _Where = {"place": ("",), "condition": ("",)}
_WHOLE_KEY: _Where = {"part": ("",)}
_ATTACK = "attack"
_FOUND = ("statistic", "recovered", "recovered_excess")
_CPA: _Where = {"condition": ("COA", "KPA", "CPA")}
_CCA: _Where = {"condition": ("CCA",)}
_PROPER_USE: _Where = {"nonce": ("fresh", "none")}
_MISUSE: _Where = {"nonce": ("fixed",)}
_RANDOMNESS = (
    "sp800_22_corrected_adjusted", "ent_entropy", "ent_chi_square", "ent_mean", "ent_monte_carlo_pi",
    "ent_serial_correlation", "byte_pairs", "bit_plane",
)  # fmt: skip
_TEXTURE = ("glcm_contrast", "glcm_energy", "glcm_homogeneity")
_AVALANCHE = ("plaintext_avalanche_mean", "plaintext_avalanche_worst", "strict_avalanche")
_KEY_BITS = ("nominal_key_bits", "effective_key_bits", "dead_key_bits")
_KEY_CHANGE = tuple(f"key_{metric}_{part}" for metric in ("npcr", "uaci", "avalanche") for part in ("mean", "worst"))
_WRONG_KEY = tuple(
    f"wrong_key_{metric}_{part}" for metric in ("correlation", "entropy", "psnr", "ssim") for part in ("mean", "worst")
)


def _by_nonce(name: str, analysis: str, metrics: tuple[str, ...], where: _Where) -> list[Test]:
    """A test with fresh nonces and one with a fixed nonce; a cipher without a nonce stands in the second."""
    modes = (("fresh", _FRESH), ("fixed", _FIXED))
    return [Test(f"{name}, {mode} nonce", analysis, metrics, {**where, "nonce": nonces}) for mode, nonces in modes]


def _differential(name: str) -> list[Test]:
    metrics = tuple(f"{name.lower()}_{part}" for part in ("mean", "inside", "min", "max", "distinct"))
    return _by_nonce(name, "differential", metrics, _ALL_CHANGES)


TESTS = (
    Test("global entropy", "entropy", ("global_entropy",), _CIPHER),
    Test("local entropy", "entropy", ("local_entropy",), {"statistic": ("corrected",)}),
    Test("histogram", "histogram", ("chi_square",), _CIPHER),
    Test("correlation", "correlation", ("correlation",), _CIPHER),
    Test("channel correlation", "correlation", ("channel_correlation",), _CIPHER),
    Test("texture", "texture", _TEXTURE, _CIPHER | {"parameter": ("8", "256")}),
    Test("contours", "contours", ("contour_correlation",)),
    *_differential("NPCR"),
    *_differential("UACI"),
    *_differential("BACI"),
    *_by_nonce("channel reach", "differential", ("channel_reach",), {}),
    *_by_nonce("avalanche", "avalanche", _AVALANCHE, {}),
    Test("key space", "keyspace", _KEY_BITS, _WHOLE_KEY),
    Test("key sensitivity", "key_sensitivity", _KEY_CHANGE, _WHOLE_KEY),
    Test("wrong key", "key_sensitivity", _WRONG_KEY, _WHOLE_KEY),
    Test("randomness", "randomness", _RANDOMNESS, _PROPER_USE),
    Test("round trip", "quality", ("exact",)),
    Test("attacks (CPA)", _ATTACK, _FOUND, _CPA | _PROPER_USE),
    Test("attacks (CCA)", _ATTACK, _FOUND, _CCA | _PROPER_USE),
    Test("attacks (CPA), fixed nonce", _ATTACK, _FOUND, _CPA | _MISUSE),
    Test("attacks (CCA), fixed nonce", _ATTACK, _FOUND, _CCA | _MISUSE),
)


@dataclass(frozen=True)
class Pooled:
    """The answer for one cipher and one test; ``adjusted`` is the smallest Holm-adjusted p-value.

    ``exact`` says that the cipher violates a rule without a p-value.
    """

    state: str
    tests: int = 0
    smallest: float | None = None
    adjusted: float | None = None
    exact: bool = False


def pool(rows: pd.DataFrame, unfinished: bool = False) -> Pooled:
    """One answer from many rows; ``unfinished`` says that some cells of this test crashed, failed or timed out."""
    return _pool(*_evidence(rows), unfinished)


def _evidence(rows: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[Any]]:
    return rows["p_value"].to_numpy(dtype=float, na_value=np.nan), rows["verdict"].to_numpy(dtype=object)


def _pool(measured: NDArray[np.float64], verdicts: NDArray[Any], unfinished: bool) -> Pooled:
    missing = np.isnan(measured)
    p_values: list[float] = measured[~missing].tolist()
    exact = verdicts[missing]
    smallest = min(p_values, default=None)
    adjusted = min(holm(p_values), default=None)
    tests = len(p_values) + int((exact != "none").sum())
    violated = bool((exact == "fail").any())
    if violated or (adjusted is not None and adjusted < ALPHA_FAIL):
        state = "fail"
    elif unfinished:
        state = "error"
    elif adjusted is not None and adjusted < ALPHA_BORDERLINE:
        state = "borderline"
    else:
        state = "pass" if tests else "none"
    return Pooled(state, tests, smallest, adjusted, violated)


def pool_all(table: pd.DataFrame) -> dict[tuple[str, str], Pooled]:
    """By cipher and test title, and `STATISTICS`; tests that the table holds nothing of are left out.

    `STATISTICS` pools the tests that are no attacks, without what was measured with the nonce fixed in a cipher that
    has one. A test of attacks with chosen ciphertexts has the state malleable where others fail.
    """
    unfinished = table[table["status"].isin(("failed", "crashed", "timeout"))]
    lost = set(zip(unfinished["cipher"], _kinds(unfinished), strict=True))
    run_on = set(zip(table["cipher"], _kinds(table), strict=True))
    table = table[table["trial"].isna()]
    # In a grey image "all" is the same number as "grey", in metrics that have both.
    by_channel = table["metric"].isin(table.loc[table["channel"] == "grey", "metric"])
    table = table[~((table["channels"] == 1) & (table["channel"] == "all") & by_channel).fillna(False)]
    ciphers = [str(cipher) for cipher in table["cipher"].unique()]
    pooled, measured = _pool_tests(table, ciphers, lost, run_on)
    return pooled | {(cipher, STATISTICS): pool_tests(tests) for cipher, tests in measured.items()}


def pool_tests(tests: Iterable[Pooled]) -> Pooled:
    """One answer from several tests of a cipher: Holm's correction over the smallest adjusted p of each."""
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


def titles_in(pooled: Mapping[tuple[str, str], Pooled], *, attacks: bool = True) -> list[str]:
    """`STATISTICS` and the titles of the tests that have an answer for some cipher, if wanted those of attacks too."""
    titles = [STATISTICS, *(test.title for test in TESTS if attacks or not test.attacks)]
    answered = {title for (_, title), answer in pooled.items() if answer.state != "none"}
    return [title for title in titles if title in answered]


def verdict_table(pooled: Mapping[tuple[str, str], Pooled], cards: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """One row for each cipher and test that has an answer, given each cipher's family and fidelity.

    Columns: cipher, family, fidelity, test, state, tests (how many were pooled), smallest p, adjusted p.
    """
    rows = [
        (cipher, *card, title, answer.state, answer.tests, answer.smallest, answer.adjusted)
        for cipher, card in cards.items()
        for title in titles_in(pooled)
        if (answer := pooled.get((cipher, title))) is not None
    ]
    names = ("cipher", "family", "fidelity", "test", "state", "tests", "smallest p", "adjusted p")
    return pd.DataFrame(rows, columns=list(names))


def _pool_tests(
    table: pd.DataFrame, ciphers: list[str], lost: set[tuple[str, str]], run_on: set[tuple[str, str]]
) -> tuple[dict[tuple[str, str], Pooled], dict[str, list[Pooled]]]:
    """The answers by cipher and title, and by cipher those of tests that are no attacks, in proper use."""
    pooled: dict[tuple[str, str], Pooled] = {}
    proper: dict[str, list[Pooled]] = {cipher: [] for cipher in ciphers}
    none = table.iloc[:0]
    by_kind = dict(list(table.groupby(_kinds(table), sort=False)))
    for test in TESTS:
        measured = [cipher for cipher in ciphers if (cipher, test.analysis) in run_on]
        if not measured:
            continue
        found = test.rows(by_kind.get(test.analysis, none))
        answers = _answers(found, measured, test.analysis, lost)
        if not test.attacks:
            fixed = found["nonce"] == "fixed"
            in_use = _answers(found[~fixed], measured, test.analysis, lost) if fixed.any() else answers
            if any(answer.state != "none" for answer in in_use.values()):
                for cipher, answer in in_use.items():
                    proper[cipher].append(answer)
        if test.chosen_ciphertexts:
            answers = {cipher: _malleable(answer) for cipher, answer in answers.items()}
        if any(answer.state != "none" for answer in answers.values()):
            pooled |= {(cipher, test.title): answer for cipher, answer in answers.items()}
    return pooled, proper


def _answers(
    found: pd.DataFrame, measured: Iterable[str], analysis: str, lost: set[tuple[str, str]]
) -> dict[str, Pooled]:
    """The answer of one test for each cipher on which its analysis was run."""
    p_values, verdicts = _evidence(found)
    places: Mapping[Any, Any] = found.reset_index(drop=True).groupby("cipher").indices
    nothing = np.zeros(0, np.intp)
    return {
        cipher: _pool(p_values[own], verdicts[own], (cipher, analysis) in lost)
        for cipher in measured
        for own in (places.get(cipher, nothing),)
    }


def _malleable(answer: Pooled) -> Pooled:
    return replace(answer, state="malleable") if answer.state == "fail" else answer


def _kinds(table: pd.DataFrame) -> pd.Series[str]:
    """The analysis of each row; of attacks, that it is one."""
    return table["analysis"].mask(is_attack(table), _ATTACK)
