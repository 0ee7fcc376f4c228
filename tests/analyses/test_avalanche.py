from collections import Counter

import numpy as np
import pytest

from cryptobench.analyses.avalanche import Avalanche
from cryptobench.cipher import Encrypted
from cryptobench.experiment import Experiment
from tests.analyses.statistical_toys import (
    SHAPES,
    Deterministic,
    Ideal,
    Identity,
    Pad,
    Ragged,
    Reshaping,
    Toy,
    binomial_limit,
    card,
    one,
    photograph,
    pick,
    rows,
    uniform,
)

SUMMARIES = ("plaintext_avalanche_mean", "plaintext_avalanche_worst", "strict_avalanche")


def test_the_identity_flips_one_bit():
    """Under the identity one bit of all flips in each trial, and every verdict is a failure."""
    image = photograph(16, 16, 3)
    table = rows(Avalanche(), Identity(), image)
    trials = pick(table, "plaintext_avalanche", nonce="none")
    assert [row.trial for row in trials] == list(range(100))
    assert [row.value for row in trials] == pytest.approx([100 / (8 * image.size)] * 100)
    assert {row.verdict for row in table} == {"fail"}
    assert one(table, "strict_avalanche").value == pytest.approx(0.5, abs=0.02)


def test_a_pad_fails_with_a_fixed_nonce():
    """A pad passes with fresh nonces and flips a single bit with a fixed nonce."""
    table = rows(Avalanche(), Pad(), photograph(32, 32), seed=2)
    for metric in SUMMARIES:
        assert one(table, metric, nonce="fresh").verdict == "pass"
        assert one(table, metric, nonce="fixed").verdict == "fail"


class Recorder(Ideal):
    """Ideal, and keeps what it was given."""

    def __init__(self):
        self.seen = []

    def encrypt(self, image, key, nonce, *, secret=None):
        self.seen.append(image.copy())
        return super().encrypt(image, key, nonce, secret=secret)


@pytest.mark.parametrize("shape", [(5, 6, 3), (7, 9)])
def test_any_bit_of_any_sample_is_flipped(shape):
    """One bit a trial, and over 400 trials every eighth of the samples and each of the eight bits its share."""
    cipher, image = Recorder(), photograph(*shape)
    list(Avalanche(trials=400).measure(Experiment(cipher, image, 1)))
    changes = [seen ^ image for seen in cipher.seen if not np.array_equal(seen, image)]
    changes = [change for change in changes if np.unpackbits(change).sum() == 1]  # others look for constant places
    assert len(changes) == 800  # with fresh and with fixed nonces
    places = np.array([np.flatnonzero(np.unpackbits(change.ravel(), bitorder="little"))[0] for change in changes])
    for counts in (np.bincount(8 * places // (8 * image.size), minlength=8), np.bincount(places % 8, minlength=8)):
        assert len(counts) == 8
        assert np.abs(counts - 100).max() < 60  # 100 +- 2 x 9.4 for 400 independent places, each used twice


class StuckLate(Toy):
    """Ideal in the first half; the second half depends on the key alone."""

    card = card("stuck-late", uses_nonce=False)

    def encrypt(self, image, key, nonce, *, secret=None):
        cipher_image = uniform(image.shape, key, image.tobytes())
        late = image.size // 2
        cipher_image.reshape(-1)[late:] = uniform((image.size - late,), key)
        return Encrypted(cipher_image)


def test_the_strict_criterion_watches_all_bits():
    """Bits of the last samples that never flip are watched too."""
    row = one(rows(Avalanche(), StuckLate(), photograph(16, 16)), "strict_avalanche")
    assert (row.value, row.verdict) == (0.5, "fail")


class StuckBit(Toy):
    """Ideal, but the top bit of each sample never changes."""

    card = card("stuck-bit", uses_nonce=False)

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(uniform(image.shape, key, image.tobytes()) & 0x7F)


def test_a_stuck_bit_breaks_the_strict_criterion():
    """A cipher bit that never flips is 1/2 away from 1/2."""
    row = one(rows(Avalanche(), StuckBit(), photograph(16, 16)), "strict_avalanche")
    assert (row.value, row.verdict, row.unit) == (0.5, "fail", "share")


def test_summaries_are_those_of_the_trials():
    """The mean is the trials' mean, the worst the trial furthest from 50 %."""
    table = rows(Avalanche(), Ideal(), photograph(20, 20))
    for mode in ("fresh", "fixed"):
        values = np.array([row.value for row in pick(table, "plaintext_avalanche", nonce=mode)])
        assert one(table, "plaintext_avalanche_mean", nonce=mode).value == pytest.approx(values.mean())
        worst = one(table, "plaintext_avalanche_worst", nonce=mode)
        assert abs(worst.value - 50) == pytest.approx(np.abs(values - 50).max())
        assert (worst.low <= worst.value <= worst.high) == (worst.verdict == "pass")


@pytest.mark.parametrize("shape", [(16, 16, 3), (3, 5)])
def test_the_gates_hold_for_an_ideal_cipher(shape):
    """Over many seeds no summary verdict fails an ideal cipher more often than its level allows."""
    image = photograph(*shape)
    failures: Counter[str] = Counter()
    for seed in range(120):
        for row in rows(Avalanche(trials=40), Deterministic(), image, seed):
            failures[row.metric] += row.trial is None and row.verdict == "fail"
    assert max(failures[metric] for metric in SUMMARIES) <= binomial_limit(120, 0.05)
    assert sum(failures.values()) > 0


def test_ciphertexts_that_differ_in_shape_fail_their_trial():
    """A pair of cipher images of different sizes is a failed row; the summaries count the rest."""
    table = rows(Avalanche(trials=40), Ragged(), photograph(16, 16))
    failed = [row for row in pick(table, "plaintext_avalanche", nonce="fresh") if row.status == "failed"]
    assert 5 < len(failed) < 35
    for metric in SUMMARIES:
        assert one(table, metric, nonce="fresh").message == f"{len(failed)} of 40 trials have no value"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("cipher", [Ideal(), Reshaping()], ids=lambda cipher: cipher.card.name)
def test_any_shape(cipher, shape):
    """Every shape, down to one pixel and one trial, has all its rows with values."""
    for trials in (1, 5):
        table = rows(Avalanche(trials=trials), cipher, photograph(*shape))
        assert len(table) == 2 * (trials + 3)
        assert all(row.value is not None for row in table)


def test_the_image_is_left_alone():
    """The experiment's image is the same afterwards, and may be read-only."""
    image = photograph(12, 12, 3)
    image.flags.writeable = False
    before = image.copy()
    rows(Avalanche(trials=20), Identity(), image)
    assert np.array_equal(image, before)


def test_no_trials_are_refused():
    """Numbers of trials and of output bits below one are errors that name them."""
    with pytest.raises(ValueError, match="are 0 and 64, wanted at least 1"):
        Avalanche(trials=0)
