from collections import Counter
from itertools import product

import numpy as np
import pytest

from cryptobench.analyses.differential.analysis import Differential
from cryptobench.cipher import Encrypted
from cryptobench.experiment import Experiment
from tests.analyses.statistical_toys import (
    SHAPES,
    Deterministic,
    Ideal,
    Identity,
    Pad,
    Ragged,
    Refusing,
    Reshaping,
    Separate,
    Toy,
    binomial_limit,
    card,
    one,
    photograph,
    pick,
    rows,
    uniform,
)

METRICS = ("npcr", "uaci", "baci")
SUMMARIES = ("mean", "ci_low", "ci_high", "min", "max", "inside", "distinct")


def test_an_ideal_cipher_passes_overall():
    """An ideal cipher has means at 255/256, 33.4635 % and 26.7712 %, with few of its trials outside."""
    table = rows(Differential(), Ideal(), photograph(32, 32, 3))
    for mode in ("fresh", "fixed"):
        for metric, ideal in (("npcr", 99.609375), ("uaci", 33.463542), ("baci", 26.77124)):
            row = one(table, f"{metric}_mean", nonce=mode, place="", condition="")
            assert row.expected == pytest.approx(ideal, abs=1e-5)
            assert row.value == pytest.approx(ideal, abs=0.15)
            assert one(table, f"{metric}_inside", nonce=mode).verdict == "pass"


def test_the_identity_fails_and_changes_one_sample():
    """Under the identity exactly the changed sample differs, so NPCR is 1/N in each trial, and everything fails."""
    image = photograph(20, 30, 3)
    table = rows(Differential(), Identity(), image)
    assert {row.nonce for row in pick(table, "npcr")} == {"none"}
    assert [row.value for row in pick(table, "npcr")] == pytest.approx([100 / image.size] * 100)
    for metric in METRICS:
        assert {row.verdict for row in pick(table, metric)} == {"fail"}
        for name in ("mean", "min", "inside"):
            assert {row.verdict for row in pick(table, f"{metric}_{name}")} == {"fail"}
    assert one(table, "npcr_distinct").value == 1
    # A change by 1 of one sample in 1800 and of 128: |difference| over 255.
    assert {round(row.value * 255 * image.size / 100) for row in pick(table, "uaci")} <= {1, 128, 255}


def test_few_distinct_values_fail():
    """One hundred trials that all give the same NPCR are too few distinct values for an ideal cipher."""
    row = one(rows(Differential(), Identity(), photograph(64, 64, 3)), "npcr_distinct")
    assert (row.value, row.verdict, row.unit) == (1, "fail", "count")
    assert row.expected > 20


def test_a_pad_hides_behind_fresh_nonces():
    """A pad of key and nonce passes with fresh nonces, and fails with a fixed nonce."""
    table = rows(Differential(), Pad(), photograph(32, 32, 3))
    assert one(table, "npcr_mean", nonce="fresh", place="", condition="").verdict == "pass"
    fixed = one(table, "npcr_mean", nonce="fixed", place="", condition="")
    assert fixed.verdict == "fail"
    assert fixed.value == pytest.approx(100 / 3072)


def test_plain_against_cipher_looks_perfect_for_a_pad():
    """NPCR between plain and cipher image is near 99.6 % for a pad without any diffusion, and gets no verdict."""
    table = rows(Differential(trials=5), Pad(), photograph(64, 64, 3))
    row = one(table, "npcr_plain_cipher")
    assert row.value == pytest.approx(99.6, abs=0.4)
    assert (row.verdict, row.p_value) == ("none", None)
    assert one(table, "uaci_plain_cipher").verdict == "none"


def test_channels_that_never_mix_show_in_the_matrix():
    """Ideal channels that never mix reach themselves and no other channel."""
    table = rows(Differential(), Separate(), photograph(24, 24, 3))
    matrix = {(row.channel, row.other_channel): row for row in pick(table, "channel_reach")}
    assert set(matrix) == set(product("RGB", repeat=2))
    for (changed, reached), row in matrix.items():
        if changed == reached:
            assert row.verdict == "pass"
            assert row.value == pytest.approx(99.6, abs=0.3)
        else:
            assert (row.value, row.verdict) == (0, "fail")


def test_a_grey_image_has_no_matrix():
    """With one channel there is nothing to reach."""
    assert not pick(rows(Differential(trials=5), Ideal(), photograph(24, 24)), "channel_reach")


class BlindSpot(Toy):
    """Ideal, but deaf to the last pixel."""

    card = card("blind-spot", uses_nonce=False)

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(uniform(image.shape, key, image.reshape(-1)[: -image[0, 0].size].tobytes()))


def test_a_blind_spot_shows_at_its_place():
    """A cipher that ignores the last pixel fails at "last" and in the minimum, and passes at the other places."""
    table = rows(Differential(), BlindSpot(), photograph(24, 24, 3))
    assert one(table, "npcr_min", place="last").value == 0
    assert one(table, "npcr_mean", place="last").verdict == "fail"
    assert one(table, "npcr_min", place="", condition="").verdict == "fail"
    for place in ("first", "corner", "middle"):
        assert one(table, "npcr_mean", place=place).verdict == "pass"


class Affine(Toy):
    """A random matrix over the integers modulo 256, plus a random pad: every published NPCR is perfect."""

    card = card("affine", uses_nonce=False)

    def encrypt(self, image, key, nonce, *, secret=None):
        matrix = uniform((image.size, image.size), key)
        return Encrypted((matrix @ image.reshape(-1) + uniform((image.size,), key, b"pad")).reshape(image.shape))


def test_only_the_top_bit_reveals_an_affine_cipher():
    """A random affine map modulo 256 takes 128 to 0 or 128: a flipped top bit gives NPCR 50 %, other changes 99.6 %."""
    table = rows(Differential(), Affine(), photograph(16, 16, 3))
    assert one(table, "npcr_mean", condition="msb").value == pytest.approx(50, abs=1)
    assert one(table, "npcr_mean", condition="msb").verdict == "fail"
    for kind in ("lsb", "plus one"):
        assert one(table, "npcr_mean", condition=kind).verdict == "pass"
        assert one(table, "uaci_mean", condition=kind).verdict == "pass"


def test_trial_rows_carry_what_was_changed():
    """Each mode has a row for each trial and metric; every combination of channel, place and change occurs."""
    table = rows(Differential(), Ideal(), photograph(16, 16, 3))
    for mode in ("fresh", "fixed"):
        trials = pick(table, "uaci", nonce=mode)
        assert [row.trial for row in trials] == list(range(100))
        assert len({(row.channel, row.place, row.condition) for row in trials}) == 45
        assert Counter(row.place for row in trials)["random"] == 64


def test_summaries_are_those_of_the_trials():
    """Mean, extremes, share of passing trials and distinct values are recomputed from the trial rows."""
    table = rows(Differential(), Ideal(), photograph(24, 20, 3), seed=5)
    for metric in METRICS:
        trials = pick(table, metric, nonce="fixed")
        values = np.array([row.value for row in trials])
        summary = {name: one(table, f"{metric}_{name}", nonce="fixed", place="", condition="") for name in SUMMARIES}
        assert summary["mean"].value == pytest.approx(values.mean())
        assert summary["ci_low"].value < values.mean() < summary["ci_high"].value
        assert (summary["min"].value, summary["max"].value) == (values.min(), values.max())
        assert summary["inside"].value == pytest.approx(np.mean([row.verdict == "pass" for row in trials]))
        assert summary["distinct"].value == len(set(values.tolist()))
        last = [row.value for row in trials if row.place == "last"]
        assert one(table, f"{metric}_mean", nonce="fixed", place="last").value == pytest.approx(np.mean(last))
        assert one(table, f"{metric}_min", nonce="fixed", place="last").value == min(last)
        flips = [row.value for row in trials if row.condition == "lsb"]
        assert one(table, f"{metric}_mean", nonce="fixed", condition="lsb").value == pytest.approx(np.mean(flips))


@pytest.mark.parametrize("shape", [(24, 24, 3), (6, 7), (1, 40)])
def test_the_gates_hold_for_an_ideal_cipher(shape):
    """Over many seeds no summary verdict fails an ideal cipher more often than its level allows, at any size."""
    image = photograph(*shape)
    seeds = 100
    failures: Counter[tuple[str, ...]] = Counter()
    for seed in range(seeds):
        for row in rows(Differential(trials=40), Deterministic(), image, seed):
            if row.trial is None and row.verdict != "none":
                channels = (row.channel, row.other_channel) if row.other_channel else ()
                failures[row.metric, row.place or row.condition, *channels] += row.verdict == "fail"
    expected = {
        ("npcr_mean", ""), ("npcr_min", "last"), ("npcr_min", "msb"), ("npcr_inside", ""), ("npcr_distinct", ""),
        ("uaci_mean", "random"),
    }  # fmt: skip
    assert expected <= set(failures)
    assert max(failures.values()) <= binomial_limit(seeds, 0.05)
    assert sum(failures.values()) > 0


def test_ciphertexts_that_differ_in_shape_fail_their_trial():
    """A pair of cipher images of different sizes is a failed row that names both; summaries count the rest."""
    table = rows(Differential(trials=40), Ragged(), photograph(16, 16, 3))
    trials = pick(table, "npcr", nonce="fresh")
    failed = [row for row in trials if row.status == "failed"]
    assert 5 < len(failed) < 35
    assert all(row.value is None and "(17, 16, 3)" in row.message for row in failed)
    assert (
        one(table, "npcr_mean", nonce="fresh", place="", condition="").message
        == f"{len(failed)} of 40 trials have no value"
    )


def test_a_cipher_that_refuses_fails_its_trial():
    """A key that the cipher refuses costs its own trial, with the cipher's message."""
    experiments = (Experiment(Refusing(), photograph(16, 16), seed) for seed in range(20))
    experiment = next(one for one in experiments if not one.key[0] % 2)
    table = list(Differential(trials=30).measure(experiment))
    failed = [row for row in pick(table, "npcr", nonce="fixed") if row.status == "failed"]
    assert 3 < len(failed) < 27
    assert {row.message for row in failed} == {"refusing: the key is odd, wanted an even one"}


def test_a_ciphertext_of_another_shape_is_measured():
    """NPCR between ciphertexts does not need the plaintext's shape; plain against cipher image does."""
    table = rows(Differential(trials=20), Reshaping(), photograph(16, 16, 3))
    assert one(table, "npcr_mean", nonce="fixed", place="", condition="").verdict == "pass"
    assert {row.other_channel for row in pick(table, "channel_reach")} == {"c0", "c1"}
    row = one(table, "uaci_plain_cipher")
    assert (row.value, row.status) == (None, "unsupported")
    assert "(19, 32, 2)" in row.message


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("trials", [1, 7])
def test_any_shape_and_number_of_trials(shape, trials):
    """Every shape, down to one pixel and one trial, gives the same rows; one without a value says why."""
    table = rows(Differential(trials=trials), Ideal(), photograph(*shape))
    for metric in METRICS:
        assert len(pick(table, metric)) == 2 * trials
        for name in SUMMARIES:
            assert len(pick(table, f"{metric}_{name}", place="", condition="")) == 2
    assert all(row.value is not None or (row.status == "unsupported" and row.message) for row in table)
    assert all(0 <= row.p_value <= 1 for row in table if row.p_value is not None)


def test_the_image_is_left_alone():
    """The experiment's image is the same afterwards, and may be read-only."""
    image = photograph(12, 12, 3)
    image.flags.writeable = False
    before = image.copy()
    rows(Differential(trials=20), Ideal(), image)
    assert np.array_equal(image, before)


def test_equal_seeds_give_equal_rows():
    """The rows depend on the seed alone."""
    image = photograph(12, 12)
    first, second = (rows(Differential(trials=9), Ideal(), image, 3) for _ in range(2))
    assert first == second
    assert first != rows(Differential(trials=9), Ideal(), image, 4)


def test_no_trials_are_refused():
    """A number of trials below one is an error that names it."""
    with pytest.raises(ValueError, match="trials is 0, wanted at least 1"):
        Differential(trials=0)
