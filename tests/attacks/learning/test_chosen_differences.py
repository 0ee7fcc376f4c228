"""Too few rounds show in the differences of ciphertexts; sound ciphers show nothing."""

from __future__ import annotations

from functools import cache
from unittest.mock import Mock

import numpy as np
import pytest
from scipy.stats import chi2

from cryptobench.attacks.learning import chosen_differences
from cryptobench.attacks.learning.chosen_differences import (
    ChosenDifferences,
    bits_p_value,
    bytes_p_value,
    pairs_p_value,
)
from cryptobench.attacks.runner import attack_target
from cryptobench.attacks.tools import uniformity_network
from cryptobench.attacks.tools.uniformity_network import told_apart
from cryptobench.metrics.statistics import binomial_sf
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, photograph, stream, xored

order, stream = cache(order), cache(stream)
SMALL = ChosenDifferences(plaintexts=256)
RNG = np.random.default_rng


def rounds(count):
    """XOR of a round key, an S-box, and every sample plus those one and two before it."""

    def body(image, seed):
        samples, box = image.ravel(), order(seed[:16], 256).astype(np.uint8)
        for turn in range(count):
            samples = box[samples ^ stream(seed[:16] + bytes([turn]), samples.size)]
            samples = samples + np.roll(samples, 1) + np.roll(samples, 2)
        return samples.reshape(image.shape)

    return body


def words(image, seed):
    """Words of 32 bits in a ring, added, turned and XORed with their neighbours both ways, twice."""
    ring = image.ravel().view("<u4").tolist()
    for turn in range(2):
        keys = stream(seed[:16] + bytes([turn]), image.size).view("<u4").tolist()
        ring = [(word + key) & 0xFFFFFFFF for word, key in zip(ring, keys, strict=True)]
        for place in range(len(ring)):
            ring[place] = (ring[place] + ring[place - 1]) & 0xFFFFFFFF
            ring[place - 1] ^= _turned(ring[place], 7)
        for place in reversed(range(len(ring))):
            ring[place] ^= _turned(ring[(place + 1) % len(ring)], 13)
    return np.array(ring, "<u4").view(np.uint8).reshape(image.shape)


def _turned(word, by):
    return (word << by | word >> 32 - by) & 0xFFFFFFFF


def both_ways(image, seed):
    """Samples are permuted and chained through an S-box, then the same backwards."""
    samples = image.ravel()
    for turn in range(2):
        box, before = order(seed[:16] + b"box%d" % turn, 256).tolist(), seed[turn]
        chained = []
        for sample in samples[order(seed[:16] + b"%d" % turn, samples.size)].tolist():
            before = box[sample ^ before]
            chained.append(before)
        samples = np.array(chained[::-1], np.uint8)
    return samples.reshape(image.shape)


def hidden(image, seed):
    """An ideal cipher whose last sample is the first one's ciphertext, XORed with half of a plaintext byte."""
    body = ideal(image, seed).ravel()
    body[-1] = body[0] ^ image.flat[-1] & 15
    return body.reshape(image.shape)


def growing(image, seed):
    """The cipher image has a row more for some plaintexts."""
    return np.concatenate([image, image[: int(image.flat[0]) % 2]])


@pytest.mark.parametrize("shape", [(3, 4), (2, 2, 3)])
def test_few_rounds_leak_early(shape) -> None:
    """A quarter of the plaintexts shows it: then the search ends."""
    run = attack_target(ChosenDifferences(), Toy(rounds(2)), photograph(*shape))
    assert (run.outcome, run.queries.total) == ("leak", 2 + 2 * 256)
    assert "are not uniform" in run.result.notes


@pytest.mark.parametrize("body", [words, both_ways])
def test_other_designs_of_few_rounds_leak(body) -> None:
    """Additions, rotations and XORs of words; chains of tables both ways."""
    run = attack_target(ChosenDifferences(), Toy(body), photograph(4, 4))
    assert run.outcome == "leak", run.result


def test_more_rounds_hold() -> None:
    """Ten of them."""
    assert attack_target(SMALL, Toy(rounds(10)), photograph(3, 4)).outcome == "holds"


def test_related_bits_are_found() -> None:
    """Each bit and each byte is uniform; two bytes together are not."""
    run = attack_target(SMALL, Toy(hidden), photograph(2, 4))
    assert (run.outcome, run.queries.total) == ("leak", 2 + 2 * 256)
    assert run.result.notes.endswith("pairs of bits")


def one_place(image, seed):
    """An ideal cipher of all but one sample's top bit, which changes one ciphertext bit alone."""
    place = order(seed[:16], image.size)[0]
    inner = image.ravel().copy()
    inner[place] &= 127
    body = ideal(inner, seed).ravel()
    body[0] ^= image.flat[place] & 128
    return body.reshape(image.shape)


def test_an_uneven_change_is_searched_for() -> None:
    """One of eight samples has an uneven top bit; the best of 10 changes is tested on other images."""
    runs = [attack_target(SMALL, Toy(one_place), photograph(2, 4), seed) for seed in range(2)]
    assert [run.result.notes.split(": ")[1][:22] for run in runs] == ["the most uneven of 10 "] * 2
    assert runs[0].queries.total == 2 + 2 * 256 + (2 * 2 * 16 + 6 * 4) + 256


def test_a_network_learns_what_pairs_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the other tests it finds the same; the statistic is the share of held-out differences told apart."""
    for test in ("bits_p_value", "bytes_p_value", "pairs_p_value"):
        monkeypatch.setattr(chosen_differences, test, lambda differences: 1.0)
    run = attack_target(ChosenDifferences(), Toy(hidden), photograph(2, 4))
    assert run.outcome == "leak"
    assert run.result.notes.startswith("a network tells")
    assert run.result.statistic > 0.6


def test_a_network_stops_when_nothing_is_left_to_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uniform differences are known by heart after a few of the rounds; the answer on others is chance either way."""
    differences = RNG(1).integers(0, 256, (512, 64), np.uint8)
    steps: list[int] = []
    learn = uniformity_network._Network.learn
    monkeypatch.setattr(uniformity_network._Network, "learn", lambda *given: (steps.append(1), learn(*given))[1])
    accuracy, p_value = told_apart(differences, RNG(2))
    stopped = len(steps)
    monkeypatch.setattr(uniformity_network, "_LEARNED", 0.0)
    whole, _ = told_apart(differences, RNG(2))
    assert stopped <= (len(steps) - stopped) * 7 / 12
    assert accuracy == pytest.approx(whole, abs=0.05)
    assert p_value > 1e-3


def test_pairs_are_corrected_for_all_pairs() -> None:
    """One byte: two bits are always equal, in one of 28 pairs and two ways."""
    differences = RNG(1).integers(0, 256, (64, 1), np.uint8)
    differences = differences & 0xFE | differences >> 7
    assert pairs_p_value(differences) == pytest.approx(56 * 2.0**-64)


@pytest.mark.parametrize(("pairs", "samples"), [(1, 1), (51, 9), (64, 3), (130, 17)])
def test_all_pairs_of_bits_are_counted(pairs, samples) -> None:
    """The furthest of all pairs from half the time, by a product of matrices, for counts that fill no whole words."""
    differences = RNG(pairs).integers(0, 256, (pairs, samples), np.uint8)
    signs = 2 * np.unpackbits(differences, axis=1).astype(int) - 1
    agreement = np.abs(signs.T @ signs)[np.triu_indices(8 * samples, 1)]
    tries = 8 * samples * (8 * samples - 1)
    expected = binomial_sf((pairs + agreement.max()) // 2, pairs, 0.5, tries=tries)
    assert pairs_p_value(differences) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("changed", [0x00, 0x80])
def test_far_pairs_of_bits_are_found(changed) -> None:
    """Bits 0 and 320 of 43 bytes are always equal, or always different: in one of 344 * 343 ways."""
    differences = RNG(1).integers(0, 256, (64, 43), np.uint8)
    differences[:, 40] = differences[:, 40] & 0x7F | differences[:, 0] & 0x80 ^ changed
    assert pairs_p_value(differences) == pytest.approx(344 * 343 * 2.0**-64)


def test_padding_is_not_counted() -> None:
    """An ideal cipher whose images have a constant row holds."""
    cipher = Toy(lambda image, seed: np.concatenate([ideal(image, seed), np.zeros_like(image[:1])]))
    assert attack_target(SMALL, cipher, photograph(3, 4)).outcome == "holds"


def test_ideal_ciphers_hold() -> None:
    """Five keys."""
    assert {attack_target(SMALL, Toy(ideal), photograph(3, 4), seed).outcome for seed in range(5)} == {"holds"}


def test_p_values_are_uniform_without_a_difference() -> None:
    """Of 400 sets of uniform bytes as many as should be are below 5 %."""
    for test in (bits_p_value, bytes_p_value):
        low = sum(test(RNG(seed).integers(0, 256, (256, 12), np.uint8)) < 0.05 for seed in range(400))
        assert 8 <= low <= 36


def test_deviations_of_bits_are_summed() -> None:
    """Chi-square with a degree of freedom a bit: all ones in one of eight bits of 64 pairs."""
    differences = RNG(1).permutation(np.tile(np.arange(128, dtype=np.uint8), 2))[:, None]
    assert bits_p_value(differences) == pytest.approx(chi2.sf(256, 8))


def test_byte_values_are_counted_together() -> None:
    """Pearson's chi-square: half of the values, twice each, wherever they are."""
    differences = np.tile(np.arange(128, dtype=np.uint8), 16).reshape(64, 32)
    assert bytes_p_value(differences) == pytest.approx(chi2.sf(2048, 255))


def test_all_tests_are_corrected_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four differences; bits and byte values at two looks, pairs and a network at one; a fifth at one look."""
    monkeypatch.setattr(chosen_differences, "bits_p_value", lambda differences: 1e-6)
    result = attack_target(SMALL, Toy(ideal), photograph(3, 4)).result
    assert result.p_value == pytest.approx(28 * 1e-6)


@pytest.mark.parametrize("body", [growing, lambda image, seed: image * 0, xored])
def test_odd_ciphers_end_in_a_verdict(body) -> None:
    """Cipher images that vary in shape, or hold nothing; a keystream alone keeps every difference."""
    outcome = attack_target(SMALL, Toy(body), photograph(3, 4)).outcome
    assert outcome == ("leak" if body is xored else "n/a")


def test_tiny_images_are_left_out() -> None:
    """Of few samples not enough plaintexts differ."""
    assert attack_target(SMALL, Toy(ideal), photograph(1, 7)).outcome == "n/a"


def test_fresh_nonces_end_it_at_once() -> None:
    """Where ciphertexts of one plaintext share nothing; under a fixed nonce a keystream is seen."""
    fresh = attack_target(SMALL, load_cipher("aes-256-ctr"), photograph(3, 4))
    assert (fresh.outcome, fresh.queries.total) == ("n/a", 2)
    assert attack_target(SMALL, load_cipher("aes-256-ctr"), photograph(3, 4), mode="fixed").outcome == "leak"


def test_used_up_queries_find_nothing() -> None:
    """One line says so."""
    run = attack_target(ChosenDifferences(plaintexts=256, budget=100), Toy(rounds(10)), photograph(3, 4))
    assert run.outcome == "n/a"
    assert "used up" in run.result.notes


def test_too_few_plaintexts_are_refused() -> None:
    """Their byte values would be too rare to test."""
    with pytest.raises(ValueError, match="plaintexts is 255, wanted at least 256"):
        ChosenDifferences(plaintexts=255)


@pytest.mark.parametrize("shape", [(2, 4), (16, 16)])
def test_structures_hold_each_pair_once(shape) -> None:
    """Through a one-to-one map of images: a change has its own difference in every pair, and no image is in two."""
    oracle = Mock(shape=shape, samples=shape[0] * shape[1], varying=lambda *images: list(images))
    oracle.encrypt = lambda image: Mock(image=image)
    changes = chosen_differences._changes(shape, np.array([3, 0, 1]), RNG(1))
    structures = [chosen_differences._structure(oracle, changes, RNG(seed)) for seed in range(3)]
    images = np.concatenate([structure.images for structure in structures])
    assert len(np.unique(images, axis=0)) == 48
    found = chosen_differences._differences(structures, "abcd")
    for change, differences in zip(changes, found.values(), strict=True):
        assert differences.shape == (24, change.size)
        assert np.all(differences == change.ravel())
    others = np.setdiff1d(np.arange(change.size), [3, 0, 1])
    candidates = chosen_differences._candidates(shape, others, RNG(2))
    assert len(np.unique(candidates, axis=0)) == len(candidates) == min(32, 2 * others.size)
    assert not any(candidate.flat[place] for candidate in candidates for place in (0, 1, 3))
    further = chosen_differences._changed(oracle, structures, candidates[0])
    assert further.shape == (24, change.size)
    assert np.all(further == candidates[0].ravel())
