"""What an assessment concludes from made-up measurements; nothing is measured here."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from cryptobench.attacks.judgements import MINIMUM_CCA, MINIMUM_FRESH
from cryptobench.bench.errors import BenchError
from cryptobench.bench.settings import Settings
from cryptobench.measurement import Measurement, frame
from cryptobench.testing.assessment import Assessment, SecurityFailure, not_run, pooled_tests

CELL = {
    "cipher": "toy", "family": "toy", "fidelity": "A", "image": "astronaut", "height": 32, "width": 32, "channels": 3,
    "seed": 1, "seconds": 0.0,
}  # fmt: skip
SETTINGS = Settings(name="quick", ciphers=(), images=("astronaut",), size=32, analyses={"histogram": {}})
SOUND = [("histogram", Measurement("chi_square", 255.0, part="cipher", p_value=0.5, verdict="pass"))]


def table(*rows: tuple[str, Measurement]) -> pd.DataFrame:
    return frame(CELL | {"analysis": analysis} | row.row() for analysis, row in rows)


def attack(name: str, outcome: str, nonce: str = "fresh", model: str = "CPA", queries: int = 4) -> Any:
    place: dict[str, Any] = {"condition": model, "nonce": nonce}
    return [
        (f"attack:{name}", Measurement("outcome", None, outcome=outcome, **place)),
        (f"attack:{name}", Measurement("queries", queries, **place)),
        (f"attack:{name}", Measurement("statistic", 0.5, p_value=0.5, verdict="pass", **place)),
    ]


def assessed(*rows: tuple[str, Measurement], **fields: Any) -> Assessment:
    return Assessment("toy", SETTINGS, table(*rows), **fields)


def passes(*rows: tuple[str, Measurement], fields: dict[str, Any] | None = None, **asked: Any) -> bool:
    try:
        assessed(*rows, **fields or {}).passes(**asked)
    except SecurityFailure:
        return False
    return True


@pytest.mark.parametrize("status", ["failed", "crashed", "timeout"])
@pytest.mark.parametrize("analysis", ["histogram", "attack:codebook", "network"])
def test_what_did_not_finish_is_no_pass(status: str, analysis: str) -> None:
    """Whatever ended it, in an analysis, in an attack, and in an analysis without a test of its own."""
    ended = (analysis, Measurement("", None, status=status, message="why"))
    assert passes(*SOUND)
    assert not passes(*SOUND, ended)
    assert passes(*SOUND, ended, except_=(analysis.removeprefix("attack:"),)) == (analysis != "histogram")
    with pytest.raises(SecurityFailure, match=f"{status}: why"):
        assessed(*SOUND, ended).passes()


def test_an_image_that_is_refused_is_no_failure() -> None:
    """But it is named among what did not run."""
    refused = ("entropy", Measurement("", None, status="unsupported", message="too small"))
    assert passes(*SOUND, refused)
    assert "entropy: unsupported: too small" in not_run(table(*SOUND, refused), SETTINGS)


def minimum(*nonces: str) -> list[Any]:
    """Everything that judgements need, without a finding, and every change rejected."""
    plain = [row for nonce in nonces for name in MINIMUM_FRESH for row in attack(name, "holds", nonce)]
    chosen = [row for nonce in nonces for name in MINIMUM_CCA for row in attack(name, "holds", nonce, "CCA")]
    place: dict[str, Any] = {"condition": "CCA", "nonce": nonces[0]}
    rejects = ("attack:decryption_avalanche", Measurement("claim", 1.0, part="rejects", **place))
    return [*plain, *chosen, rejects]


@pytest.mark.parametrize(
    ("found", "require", "line"),
    [
        ([], "confidentiality=5,misuse=4,integrity=rejects", ""),
        (attack("new", "leak"), "confidentiality=3", ""),
        (attack("new", "leak"), "confidentiality=4", "confidentiality: level 4 is wanted, the cipher has 3 (new)"),
        (attack("new", "recovered", "fixed"), "confidentiality=5", ""),
        (attack("new", "recovered", "fixed"), "misuse=4", "misuse: level 4 is wanted, the cipher has 1 (new)"),
        (attack("new", "recovered", "fresh", "CCA"), "confidentiality=5,integrity=malleable", ""),
        (
            attack("new", "recovered", "fresh", "CCA"), "integrity=rejects",
            "integrity: rejects is wanted, the cipher has malleable (new)",
        ),
    ],
)  # fmt: skip
def test_what_is_required_must_be_reached(found: list[Any], require: str, line: str) -> None:
    """By the call, or else by the assessment; each judgement by itself. A leak here is a finding without a p-value."""
    rows = [*SOUND, *minimum("fresh", "fixed"), *found]
    assert passes(*rows, require=require) == (not line)
    assert passes(*rows, fields={"require": require}) == (not line)
    assert passes(*rows, fields={"require": require}, require="")
    if line:
        with pytest.raises(SecurityFailure, match=re.escape(f"required:\n  {line}")):
            assessed(*rows).passes(require=require)


def test_what_is_not_known_is_not_reached() -> None:
    """An attack of the minimum set that was not run leaves no level; one that may fail is not asked for."""
    rows = [*SOUND, *(row for row in minimum("fresh") if row[0] != "attack:codebook")]
    assert not passes(*rows, require="confidentiality=0")
    assert not passes(*SOUND, require="confidentiality=0")
    leaks = [*SOUND, *minimum("fresh"), *attack("determinism", "leak")]
    assert not passes(*leaks, require="confidentiality=5")
    assert passes(*leaks, require="confidentiality=5", except_=("determinism",))


@pytest.mark.parametrize(
    ("require", "message"), [("level=4", "require: 'level=4' names no judgement"), (4, "require: 4 is no text")]
)
def test_requirements_are_read_in_one_line(require: Any, message: str) -> None:
    """What was given, and what is wanted."""
    with pytest.raises(BenchError, match=re.escape(message)):
        assessed(*SOUND).passes(require=require)


def numbers(*p_values: float) -> list[tuple[str, Measurement]]:
    return [
        ("histogram", Measurement("chi_square", 200.0 + place, part="cipher", channel=f"c{place}", p_value=p, low=1.0,
                                  high=2.0, expected=255.0, verdict="fail" if p < 0.05 else "pass"))
        for place, p in enumerate(p_values)
    ]  # fmt: skip


def test_holms_correction_decides() -> None:
    """Over the numbers of a test, then over all tests; the level is the assessment's or the call's."""
    rows = [*numbers(*[0.5] * 9, 4e-4), ("entropy", Measurement("global_entropy", 8.0, part="cipher", p_value=0.5))]
    tests = pooled_tests(table(*rows), 0.001).set_index("test")
    assert tests.loc["histogram", ["numbers", "p_value"]].tolist() == [10, 4e-4]
    assert tests.loc["histogram", "p_holm"] == pytest.approx(10 * 4e-4)
    assert tests.loc["histogram", "p_family"] == pytest.approx(2 * 10 * 4e-4)
    assert tests["state"].tolist() == ["pass", "borderline"]
    assert passes(*rows)
    assert not passes(*rows, alpha=0.009)
    assert not passes(*rows, fields={"alpha": 0.009})
    assert passes(*rows, fields={"alpha": 0.009}, alpha=0.007)


def test_the_number_that_speaks_loudest_is_shown() -> None:
    """The smallest p-value with its own value, interval and place; a violated exact rule before all."""
    found = pooled_tests(table(*numbers(0.5, 1e-9, 0.3)), 0.001).iloc[0]
    assert (found["measured"], found["p_value"], found["where"]) == (201.0, 1e-9, "chi_square, astronaut, c1, cipher")
    assert (found["low"], found["high"], found["expected"]) == (1.0, 2.0, 255.0)
    with pytest.raises(
        SecurityFailure, match=r"histogram +201 +255 +\[1, 2\] +1e-09 +3e-09 +chi_square, astronaut, c1"
    ):
        assessed(*numbers(0.5, 1e-9, 0.3)).passes()


def test_an_exact_rule_fails_without_a_p_value() -> None:
    """A key bit without effect, a lossy round trip."""
    for analysis, metric in (("keyspace", "effective_key_bits"), ("quality", "exact")):
        assert passes(*SOUND, (analysis, Measurement(metric, 1.0, verdict="pass")))
        assert not passes(*SOUND, (analysis, Measurement(metric, 0.0, verdict="fail")))


def test_misuse_counts_only_when_asked_for() -> None:
    """A difference that shows under a fixed nonce is excused, and in a cipher without a nonce it is not."""

    def change(nonce: str) -> tuple[str, Measurement]:
        return "differential", Measurement("npcr_mean", 0.1, nonce=nonce, p_value=1e-30, verdict="fail")

    assert passes(*SOUND, change("fixed"))
    assert not passes(*SOUND, change("fixed"), misuse=True)
    assert not passes(*SOUND, change("none"))
    assert not passes(*SOUND, change("fresh"))


def test_keys_that_share_a_nonce_count() -> None:
    """One nonce under two keys is no misuse: dead key bits and key sensitivity fail a cipher that has a nonce."""
    place: dict[str, Any] = {"nonce": "fixed", "verdict": "fail"}
    assert not passes(*SOUND, ("keyspace", Measurement("effective_key_bits", 0.0, **place)))
    assert not passes(*SOUND, ("key_sensitivity", Measurement("key_npcr_mean", 0.5, p_value=1e-30, **place)))


def test_exceptions_excuse_what_they_name() -> None:
    """A test by its title, an analysis or an attack by its name; and nothing beside."""
    bad = numbers(1e-30)
    good = ("entropy", Measurement("global_entropy", 8.0, part="cipher", p_value=0.5))
    assert passes(*bad, good, except_=("histogram",))
    assert not passes(*bad, good, except_=("entropy",))
    texture = ("texture", Measurement("glcm_energy", 1.0, part="cipher", parameter="8", p_value=1e-30))
    assert not passes(*bad, good, texture, except_=("histogram",))
    channels = ("correlation", Measurement("channel_correlation", 1.0, part="cipher", p_value=1e-30))
    assert passes(good, channels, except_=("channel correlation",))


@pytest.mark.parametrize(("outcome", "named"), [("recovered", True), ("leak", True), ("holds", False)])
def test_the_message_names_attacks_that_succeed(outcome: str, named: bool) -> None:
    """Beside the tests that fail."""
    with pytest.raises(SecurityFailure) as failed:
        assessed(*numbers(1e-30), *attack("codebook", outcome)).passes()
    assert ("codebook (CPA, fresh nonce)" in str(failed.value)) == named
