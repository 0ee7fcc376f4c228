"""Single numbers with p-values: Holm's correction over a whole comparison, and what is not tested."""

from __future__ import annotations

import pytest

from cryptobench.check.compare import compare
from cryptobench.check.result import Options
from cryptobench.check.significance import worse_p_value
from cryptobench.measurement import Measurement
from tests.check.made_up import made_up_run, number

CHANNELS = [f"c{index}" for index in range(40)]


def histograms(*p_values: float, **columns: str) -> list[Measurement]:
    return [number(p, channel=channel, **columns) for p, channel in zip(p_values, CHANNELS, strict=False)]


def test_the_level_is_of_all_tests_together() -> None:
    """One number of forty has a raw p of 0.001: significant alone, and by Holm's correction, at 0.04, no regression."""
    before = histograms(*[0.5] * 40)
    p_value = 1.0e-5  # of the new number; the z test gives its difference to the baseline's 0.5
    raw = float(worse_p_value([0.5], [p_value])[0])
    assert 0.001 < raw < 0.01 < 40 * raw
    after = histograms(p_value, *[0.5] * 39)
    result = compare(made_up_run({"histogram": after}), made_up_run({"histogram": before}))
    assert (result.exit_code, result.tests) == (0, 40)
    assert result.smallest == pytest.approx(40 * raw)
    alone = compare(made_up_run({"histogram": after[:1]}), made_up_run({"histogram": before[:1]}))
    assert alone.exit_code == 1
    (finding,) = alone.of("regression")
    assert (finding.p_value, finding.adjusted) == (pytest.approx(raw), pytest.approx(raw))


def test_findings_show_both_p_values() -> None:
    """Raw, and times the number of tests; the second significant one times one less."""
    new = made_up_run({"histogram": histograms(1e-30, 1e-20, *[0.5] * 38)})
    result = compare(new, made_up_run({"histogram": histograms(*[0.5] * 40)}))
    first, second = result.of("regression")
    assert first.p_value is not None
    assert second.p_value is not None
    assert (first.where, second.where) == ("astronaut 32x32, c0, cipher", "astronaut 32x32, c1, cipher")
    assert first.adjusted == pytest.approx(40 * first.p_value)
    assert second.adjusted == pytest.approx(39 * second.p_value)


def test_alpha_is_the_level() -> None:
    """The same comparison is red or green by it."""
    old, new = (made_up_run({"histogram": histograms(p)}) for p in (0.5, 1e-5))
    assert compare(new, old, Options(alpha=0.01)).exit_code == 1
    assert compare(new, old, Options(alpha=0.001)).exit_code == 0


def test_a_low_raw_p_leaves_the_baseline_sound() -> None:
    """One of forty numbers at 0.0005 is chance, by Holm's correction; the check is tested as any other."""
    before, after = histograms(0.0005, *[0.5] * 39), histograms(0.5, 1e-30, *[0.5] * 38)
    result = compare(made_up_run({"histogram": after}), made_up_run({"histogram": before}))
    assert (result.exit_code, result.tests) == (1, 40)


def test_a_failing_baseline_is_not_tested() -> None:
    """Its variance is not known: numbers more than twice as far from ideal are one notice, and no test."""
    before = [number(1e-9, channel="R"), number(0.5, channel="G")]
    far = [Measurement("chi_square", value, part="cipher", channel="R", expected=255.0, p_value=p) for value, p in (
        (300.0, 1e-9), (400.0, 1e-30))]  # fmt: skip
    old, new = (made_up_run({"histogram": [row, before[1]]}) for row in far)
    result = compare(new, old)
    assert (result.exit_code, result.tests) == (0, 0)
    (notice,) = result.of("notice")
    assert (notice.before, notice.after) == (300.0, 400.0)
    assert notice.message == "1 of 2 numbers is more than twice as far from ideal; the baseline failed already"
    assert compare(old, new).findings == ()


def test_a_grey_image_counts_once() -> None:
    """Its "all" is its "grey" again, and one test; a colour image has both."""
    rows = [number(0.5, channel="grey"), number(0.5, channel="all")]
    grey = made_up_run({"histogram": rows}, channels=1)
    assert compare(grey, grey).tests == 1
    colour = made_up_run({"histogram": [number(0.5, channel=name) for name in ("R", "G", "B", "all")]})
    assert compare(colour, colour).tests == 4


def test_summaries_of_trials_need_one_seed() -> None:
    """Under two seeds the trials themselves are compared, and their summaries would be tested twice."""
    rows = {"differential": [Measurement("npcr_mean", 99.6, nonce="none", p_value=0.5)]}
    one, other = (made_up_run(rows, seed=seed) for seed in (1, 2))
    assert (compare(one, one).tests, compare(other, one).tests) == (1, 0)


def test_statistics_of_attacks_are_not_tested() -> None:
    """Their outcomes are compared."""
    rows = {"attack:codebook": [
        Measurement("statistic", 0.2, condition="CPA", nonce="none", p_value=0.5),
        Measurement("outcome", None, condition="CPA", nonce="none", outcome="holds"),
    ]}  # fmt: skip
    assert compare(made_up_run(rows), made_up_run(rows)).tests == 0


def test_a_number_that_did_not_finish_is_none() -> None:
    """Its value is no number to compare, but a gap."""
    before = made_up_run({"histogram": histograms(0.5, 0.5)})
    after = made_up_run({"histogram": [*histograms(0.5), number(1e-30, channel="c1", status="timeout")]})
    result = compare(after, before)
    assert (result.exit_code, result.tests) == (2, 1)
