"""The p-value of every attack at a small exact case: the tail of what was counted, times all that was tried.

A correction that is left out, or half of it, makes false leaks of sound ciphers, too rarely for tests that run them.
"""

from __future__ import annotations

import itertools
from math import comb

import numpy as np
import pytest
from scipy.special import log_ndtr
from scipy.stats import linregress, norm, pearsonr

from cryptobench.attacks.algebraic.superposition import explained
from cryptobench.attacks.diffusion import equivariance
from cryptobench.attacks.keys.key_search import KeySearch
from cryptobench.attacks.keystream import keystream_bias
from cryptobench.attacks.leakage.equality_leak import _separates, _separating_bits
from cryptobench.attacks.learning import known_pairs_regression
from cryptobench.attacks.plaintext_state.invariants import INVARIANT_PERTURBATIONS, find_invariants
from cryptobench.attacks.runner import attack_target
from cryptobench.attacks.tools import permutation_recovery, smoothness, state_search
from cryptobench.attacks.tools.known_pairs import KnownPairs, pairing_p_value
from cryptobench.registry import attack_names
from tests.attacks import exact_chosen, exact_known
from tests.attacks.answers import ONE_BYTE, Answers, tail
from tests.attacks.keyed_toys import ideal, photograph

# Attacks that give no p-value, or 0 and 1 for what cannot be chance.
WITHOUT = {
    "decryptability", "dmpfrft_basis", "drpe_chosen_ciphertexts", "drpe_impulse", "drpe_known_pairs", "float_leak",
    "length_leak", "surrogate_decoder",
}  # fmt: skip
RNG = np.random.default_rng


def close(p: float):
    return pytest.approx(p, rel=1e-6, abs=0)


CASES = {
    "adaptive_values": [exact_chosen.of_adaptive_values],
    "affine_cca": [exact_chosen.of_affine_cca],
    "affine_gf2": [exact_chosen.of_affine_gf2],
    "affine_z256": [exact_chosen.of_affine_z256],
    "bit_plane_lifting": [exact_chosen.of_bit_plane_lifting],
    "block_dictionary": [exact_chosen.of_block_dictionary],
    "block_repetition": [exact_chosen.of_block_repetition_at_lags, exact_chosen.of_block_repetition_in_blocks],
    "chen2004_one_round": [exact_chosen.of_chen2004_one_round],
    "cipher_feedback": [exact_chosen.of_cipher_feedback],
    "chosen_differences": [exact_chosen.of_chosen_differences],
    "class_distinguisher": [exact_known.of_class_distinguisher],
    "codebook": [exact_chosen.of_codebook],
    "decryption_avalanche": [exact_chosen.of_decryption_avalanche],
    "determinism": [exact_known.of_determinism],
    "decryption_map": [exact_chosen.of_decryption_map, exact_chosen.of_decryption_in_classes],
    "equality_leak": [exact_known.of_equality_leak],
    "equivariance": [exact_chosen.of_equivariance],
    "header_replay": [exact_chosen.of_header_replay],
    "histogram_preserved": [exact_chosen.of_histogram_preserved],
    "hua2021_cca": [exact_chosen.of_hua2021_cca],
    "key_mask": [exact_known.of_key_mask],
    "key_search": [exact_known.of_key_search, exact_known.of_leaked_keys],
    "keyed_core": [exact_chosen.of_keyed_core],
    "keystream_bias": [exact_known.of_keystream_bias],
    "keystream_reuse": [exact_known.of_keystream_reuse, exact_known.of_chained_keystream_reuse],
    "known_pairs_regression": [exact_known.of_known_pairs_regression],
    "locality": [exact_chosen.of_locality],
    "near_target": [exact_chosen.of_near_target],
    "nonce_search": [exact_known.of_nonce_search],
    "one_way_diffusion": [exact_chosen.of_one_way_diffusion],
    "periodic_keystream": [exact_known.of_periodic_keystream],
    "permutation": [exact_chosen.of_permutation, exact_chosen.of_chained_permutation],
    "plaintext_state": [exact_chosen.of_plaintext_state],
    "public_header": [exact_known.of_public_header],
    "shared_cycles": [exact_known.of_shared_cycles],
    "state_class": [exact_chosen.of_state_class],
    "substitution_tables": [exact_chosen.of_substitution_tables],
    "sums_of_tables": [
        exact_chosen.of_sums_of_tables,
        exact_chosen.of_integral_sums,
        exact_chosen.of_own_tables,
    ],
    "superposition": [exact_chosen.of_superposition],
    "weak_keys": [
        lambda: exact_known.of_weak_keys(12, 0),
        lambda: exact_known.of_weak_keys(0, 16),
        exact_known.of_equivalent_keys,
    ],
    "wang2022_orders": [exact_known.of_wang2022_orders],
}


def test_every_attack_with_a_p_value_is_here() -> None:
    """A new attack needs a case of its own."""
    assert set(CASES) | WITHOUT == set(attack_names())


@pytest.mark.parametrize(("name", "number"), [(name, k) for name, of in CASES.items() for k in range(len(of))])
def test_p_values_are_tails_times_tries(name: str, number: int) -> None:
    """The attack gives the number that its docstring says, worked out by another way."""
    result, p_value = CASES[name][number]()
    assert 0 < p_value < 1
    assert result.p_value == close(p_value)


def test_orders_separate_as_often_as_equality_leak_says() -> None:
    """Of all 20 orders of three and three ciphertexts, two separate a property of two values: the bound is reached."""
    values = np.array([5, 5, 5, 9, 9, 9])[:, None]
    orders = [np.array(order) for order in set(itertools.permutations([0, 0, 0, 1, 1, 1]))]
    assert np.mean([bool(_separates(values, which)[0]) for which in orders]) == 2 / comb(6, 3)
    bits = (values == 9).astype(np.uint8)
    assert np.mean([int(_separating_bits(bits, which)[0]) for which in orders]) == 2 / comb(6, 3)


def test_two_tests_of_correlation_are_corrected() -> None:
    """Pearson's p-value twice, that of equal bytes twice, where each is the smaller one."""
    one = RNG(1).permutation(256)[:200].astype(np.uint8)
    near = np.clip(one.astype(int) + RNG(2).integers(40, 90, 200), 0, 255).astype(np.uint8)
    near[near == one] ^= 1
    r, p = equivariance.correlation_test(one, near)
    assert (r, p) == (pytest.approx(pearsonr(one, near)[0]), close(2 * pearsonr(one, near)[1]))
    unrelated = np.zeros(200, np.uint8)
    unrelated[:30] = one[:30]
    agree = int(np.sum(unrelated == one))
    counts = [np.bincount(image, minlength=256) / 200 for image in (unrelated, one)]
    flipped = equivariance.distance_test(one, unrelated)[1]
    assert flipped == close(2 * tail(agree, 200, max(float(counts[0] @ counts[1]), ONE_BYTE)))
    shifted = one + np.uint8(1)
    mean = (256**2 - 1) / 768
    deviation = ((256**2 - 1) / 6 - mean**2) ** 0.5
    distance, p = equivariance.distance_test(one, shifted)
    assert p == close(2 * norm.cdf((distance - mean) / deviation * 200**0.5))


def test_ones_are_tested_on_both_sides() -> None:
    """No ones at all, and ones only, have the p-value 2 / 2^bits."""
    for value in (0, 255):
        found = {name: p for name, _, p in keystream_bias.stream_tests(np.full((1, 4), value, np.uint8), 2)}
        assert found["ones in all planes"] == close(2 * 2.0**-32)
        assert found["ones in plane 3"] == close(2 * 2.0**-4)


def test_a_fit_by_one_term_is_linear_regression() -> None:
    """Share and p-value of the F test are those of Student's t for a slope."""
    x, y = RNG(1).normal(size=(2, 40))
    y += 0.3 * x
    share, expected, p = explained(y, [x])
    line = linregress(x, y)
    assert (share, p) == (pytest.approx(line.rvalue**2), close(line.pvalue))
    assert expected == 1 / 39


def test_coverage_is_corrected_for_tries() -> None:
    """Every one of 64 inputs is named, of 256 labels: five tries count five times."""
    source = np.arange(64)
    once = permutation_recovery.source_coverage(source, 64)[2]
    assert once == close((1 - (255 / 256) ** 64) ** 64)
    assert permutation_recovery.source_coverage(source, 64, 5)[2] == close(5 * once)


def test_pairing_is_corrected_for_tries() -> None:
    """Ten couples that all fit have 2^-10, times three tries."""
    truths = RNG(1).normal(size=(20, 6))
    assert pairing_p_value(truths, truths) == close(2.0**-10)
    assert pairing_p_value(truths, truths, 3) == close(3 * 2.0**-10)


@pytest.mark.parametrize("candidates", [1, 2])
@pytest.mark.parametrize("flat_rows", [1, 6])
def test_the_smoothest_is_corrected_for_parts(candidates: int, flat_rows: int) -> None:
    """The normal tail of its roughness, times candidates, four ways to divide the image, and parts of the way."""
    image = RNG(3).integers(0, 256, (6, 8), np.uint8)
    image[:flat_rows] = 100
    search = smoothness.Smoothest((6, 8))
    for _ in range(candidates):
        search.add(image)
    mean = (256**2 - 1) / 768
    deviation = ((256**2 - 1) / 6 - mean**2) ** 0.5
    rough = np.abs(image[:, 1::2].astype(int) - image[:, ::2]).sum(axis=1)
    of_image = log_ndtr((rough.sum() - 24 * mean) / (deviation * 24**0.5)) + np.log(candidates * 1 * 4)
    of_a_row = log_ndtr((rough.min() - 4 * mean) / (deviation * 2)) + np.log(candidates * 6 * 4)
    assert search.best().log_p == pytest.approx(min(of_image, of_a_row, 0.0))
    assert (of_a_row < of_image) == (flat_rows == 1)


def test_states_are_corrected_for_combiners_and_pairs() -> None:
    """Five combiners; 16 windows of 12 bytes in each pair of plaintexts."""
    challenge = np.full((6, 8), 100, np.uint8)
    search = state_search.StateSearch(Answers((6, 8), encrypt=lambda image: image * 0, challenge=challenge))
    assert search.query([np.zeros((6, 8), np.uint8)] * 3)
    flat = smoothness.Smoothest((6, 8))
    for _ in range(3):
        flat.add(challenge)
    assert search.log_p == pytest.approx(np.log(5) + flat.best().log_p)
    assert search.p_collisions == close(3**2 / 2 * 16 * 256.0**-12)


def test_invariants_are_corrected_for_perturbations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two relations under each perturbation, and under two changes of everything."""
    seen = []

    def counted(hits: int, samples: int, tries: int = 1) -> float:
        seen.append(tries)
        return 1.0

    monkeypatch.setattr("cryptobench.attacks.plaintext_state.invariants.binomial_sf", counted)
    find_invariants(Answers((8, 8), encrypt=lambda image: ideal(image, b"")), RNG(1))
    assert set(seen) == {2 * (len(INVARIANT_PERTURBATIONS) + 2)}


def test_columns_and_masks_are_corrected_for_pairs() -> None:
    """Any two bits, in two ways, times two for bits and bytes; any two windows of two pairs, under five combiners."""
    plain = RNG(1).integers(0, 256, (40, 3), np.uint8)
    cipher_image = RNG(2).integers(0, 256, (40, 2), np.uint8)
    cipher_image[:, 1] = cipher_image[:, 1] & 0xFE | plain[:, 0] & 1
    columns = known_pairs_regression.match_columns(KnownPairs(plain, cipher_image, [b""] * 40))
    assert columns.p_value == close(2 * 2 * 24 * 16 * 2.0**-40)
    plain, pad = RNG(1).integers(0, 256, (5, 8), np.uint8), RNG(2).integers(0, 256, (5, 8), np.uint8)
    pad[3] = pad[1]
    masks = known_pairs_regression.recurring_masks(KnownPairs(plain, plain ^ pad, [b""] * 5))
    assert (masks.equal, masks.p_value) == (1, close(5 * 5 / 2 * 5 * 256.0**-8))


@pytest.mark.parametrize("seed", range(6))
def test_every_one_of_few_keys_is_tried(seed: int) -> None:
    """Whatever one of 256 keys the user has, it is found; half of them would miss one user in two."""
    run = attack_target(KeySearch(), exact_known.FewKeys(), photograph(16, 16), seed)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
