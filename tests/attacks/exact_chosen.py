"""Small exact cases of attacks that choose images: the result, and its p-value worked out by another way."""

from __future__ import annotations

from math import comb, prod

import numpy as np
import pytest

from cryptobench.attacks.algebraic import sums_of_tables
from cryptobench.attacks.algebraic.affine_gf2 import AffineGf2
from cryptobench.attacks.algebraic.affine_z256 import AffineZ256
from cryptobench.attacks.algebraic.bit_plane_lifting import BitPlaneLifting
from cryptobench.attacks.algebraic.codebook import Codebook
from cryptobench.attacks.algebraic.sums_of_tables import SumsOfTables
from cryptobench.attacks.algebraic.superposition import Superposition, explained
from cryptobench.attacks.composed.decryption_map import attack as decryption_map
from cryptobench.attacks.composed.keyed_core.attack import KeyedCore
from cryptobench.attacks.composed.state_class import find_state
from cryptobench.attacks.composed.state_class.attack import StateClassBattery
from cryptobench.attacks.diffusion import cipher_feedback, equivariance
from cryptobench.attacks.diffusion.adaptive_values import AdaptiveValues
from cryptobench.attacks.diffusion.block_dictionary import BlockDictionary
from cryptobench.attacks.diffusion.block_repetition import BlockRepetition
from cryptobench.attacks.diffusion.locality import Locality
from cryptobench.attacks.diffusion.one_way_diffusion import OneWayDiffusion
from cryptobench.attacks.learning import chosen_differences
from cryptobench.attacks.malleability.affine_cca import AffineCca
from cryptobench.attacks.malleability.decryption_avalanche import DecryptionAvalanche
from cryptobench.attacks.malleability.header_replay import HeaderReplay
from cryptobench.attacks.malleability.near_target import NearTarget
from cryptobench.attacks.permutation import histogram_preserved
from cryptobench.attacks.permutation.recovery.attack import Permutation
from cryptobench.attacks.permutation.substitution_tables import SubstitutionTables
from cryptobench.attacks.plaintext_state import attack as plaintext_state
from cryptobench.attacks.plaintext_state.invariants import Invariants
from cryptobench.attacks.published.chen2004_one_round import Chen2004OneRound
from cryptobench.attacks.published.hua2021_cca import Hua2021Cca
from cryptobench.attacks.runner import attack_target
from cryptobench.metrics.statistics import spread_p_value
from tests.attacks.answers import Answers, noise, planted, probed, tail
from tests.attacks.keyed_toys import Toy, chained, ideal, order, permuted, photograph, xored

RNG = np.random.default_rng


def of_affine_gf2():
    answers = {name: noise(12, 12, seed=k) for k, name in enumerate(("zero", "a", "b"))}
    answers["a^b"] = planted(answers["zero"] ^ answers["a"] ^ answers["b"], 30)
    return AffineGf2().run(probed((12, 12), answers), RNG(1)), 2 * 9 * tail(30, 144)


def of_affine_z256():
    answers = {name: noise(12, 12, seed=k) for k, name in enumerate(("zero", "a", "b"))}
    answers["a+b"] = planted(answers["a"] + answers["b"] - answers["zero"], 30)
    return AffineZ256().run(probed((12, 12), answers), RNG(1)), 2 * tail(30, 144)


def of_bit_plane_lifting():
    oracle = Answers((3, 1), encrypt=lambda image: image)
    exchanged = RNG(1).integers(0, 256, (3, 1), np.uint8) ^ oracle.probe("a")
    exchanged[0] = 255  # always
    fewest = min(int(np.sum(exchanged >> plane & 1)) for plane in range(8))
    return BitPlaneLifting().run(oracle, RNG(1)), tail(56, 64, 2.0**-fewest)  # each plane changes itself alone


def of_state_class():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(find_state, "binomial_sf", lambda hits, samples, chance=1 / 256, *, tries: tries * 1e-9)
        result = attack_target(StateClassBattery(), Toy(ideal), photograph(8, 8)).result
    return result, 256 * 3 * 1e-9  # tests, equalities


def of_decryption_map():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decryption_map, "binomial_sf", lambda hits, samples, *, tries: tries * 1e-9)
        patch.setattr(find_state, "binomial_sf", lambda hits, samples, chance=1 / 256, *, tries: 1e-7)
        result = attack_target(decryption_map.DecryptionMap(), Toy(xored, xored), photograph(8, 8)).result
    return result, 2 * 2 * 7 * 1e-9  # maps or properties; with a class or without; maps


def of_decryption_in_classes():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decryption_map, "binomial_sf", lambda hits, samples, *, tries: 1.0)
        patch.setattr(find_state, "binomial_sf", lambda hits, samples, chance=1 / 256, *, tries: tries * 1e-10)
        result = attack_target(decryption_map.DecryptionMap(), Toy(xored, xored), photograph(8, 8)).result
    return result, 2 * 256 * 3 * 1e-10  # maps or properties; tests, equalities


def of_keyed_core():
    def table(seed):
        return order(seed, 256).astype(np.uint8)

    tables = Toy(
        lambda p, seed: table(seed)[xored(p, seed)],
        lambda c, seed: xored(np.argsort(table(seed)).astype(np.uint8)[c], seed),
    )
    result, alone = (attack_target(one, tables, photograph(8, 8)).result for one in (KeyedCore(), SubstitutionTables()))
    return result, 4 * alone.p_value  # attacks of the keyed part; the maps before and after it are the identity


def of_codebook():
    return attack_target(Codebook(), Toy(xored), photograph(2, 3)).result, 2 * 2 * 256.0**-6  # rings, masks


def of_superposition():
    answers = [noise(8, 8, 3, seed=k) for k in range(4)]
    answers[3][..., 1] = answers[1][..., 1] // 2 + answers[3][..., 1] // 2
    given = iter(answers)
    fits = [explained(answers[3][..., k].ravel(), [one[..., k].ravel() for one in answers[:3]]) for k in range(3)]
    return Superposition().run(Answers((8, 8, 3), encrypt=lambda image: next(given)), RNG(1)), 3 * max(fits)[2]


def of_block_dictionary():
    result = attack_target(BlockDictionary(), Toy(xored), photograph(2, 2)).result
    return result, tail(12, 16)  # of four samples, changed one by one, three stay


def of_block_repetition_at_lags():
    flat = RNG(2).permutation(256).astype(np.uint8)
    starts = np.arange(12) * 20
    flat[starts + 5] = flat[starts]
    oracle = Answers((16, 16), encrypt=lambda image: flat.reshape(16, 16), challenge=np.zeros((1, 1), np.uint8))
    return BlockRepetition().run(oracle, RNG(1)), 128 * tail(12, 251) / 0.9


def of_block_repetition_in_blocks():
    flat = RNG(2).permutation(256).astype(np.uint8)
    flat[160:176] = flat[:16]
    oracle = Answers((16, 16), encrypt=lambda image: flat.reshape(16, 16), challenge=np.zeros((1, 1), np.uint8))
    return BlockRepetition().run(oracle, RNG(1)), 4 * comb(16, 2) * 256.0**-16 / (1 - 0.9)


def of_cipher_feedback():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cipher_feedback, "binomial_sf", lambda hits, samples, tries: tries * 1e-9)
        result = attack_target(cipher_feedback.CipherFeedback(pairs=4), Toy(ideal), photograph(8, 8)).result
    general, masked = 2 * (2 + 1 + 3), 2 * (2 + 1) * 3  # both directions; c at two lags, p, k by combiner
    assert result.numbers["forms"] == general + masked
    return result, (general + masked) * 1e-9


def of_equivariance():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(equivariance, "correlation_test", lambda one, two: (0.1, 1e-9))
        patch.setattr(equivariance, "distance_test", lambda one, two: (85.0, 1e-9))
        result = attack_target(equivariance.Equivariance(), Toy(ideal), photograph(16, 16)).result
    return result, (10 + 3 + 7) * 1e-9  # shifts, reflections, steps


def of_locality():
    result = attack_target(Locality(trials=4), Toy(xored), photograph(3, 4)).result
    return result, spread_p_value([1, 1, 1, 1], 12)


def of_one_way_diffusion():
    result = attack_target(OneWayDiffusion(), Toy(xored), photograph(3, 4)).result
    return result, 4 * 12 * 256.0**-11  # orders, samples; the last sample changes nothing before it


def of_adaptive_values():
    def body(image, seed):
        return np.concatenate([image.ravel()[:1] ^ seed[0], ideal(image, seed).ravel()[1:]]).reshape(image.shape)

    result = attack_target(AdaptiveValues(), Toy(body), photograph(2, 2)).result
    independent = round(16 * result.statistic)
    assert independent == 3  # of all but the first
    return result, tail(independent, 16, 256.0**-2)


def of_sums_of_tables():
    def body(image, seed):
        return np.concatenate([image.ravel()[:1] ^ seed[0], ideal(image, seed).ravel()[1:]]).reshape(image.shape)

    return attack_target(SumsOfTables(), Toy(body), photograph(2, 3)).result, 3 * tail(1, 6, 2.0**-30)


def of_integral_sums():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums_of_tables, "integral_tests", lambda sets: dict.fromkeys("abc", 1e-9))
        patch.setattr(sums_of_tables, "saturated_sets", lambda oracle, generator: None)
        return attack_target(SumsOfTables(), Toy(ideal), photograph(2, 3)).result, 3 * 3 * 1e-9


def of_own_tables():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums_of_tables, "integral_tests", lambda sets: {"a": 1.0})
        patch.setattr(sums_of_tables, "saturated_sets", lambda oracle, generator: None)
        patch.setattr(sums_of_tables, "saturated_grid", lambda oracle, generator: None)
        patch.setattr(sums_of_tables, "grid_p_value", lambda grid: 1e-9)
        result = attack_target(SumsOfTables(budget=1 << 17), Toy(ideal), photograph(2, 3)).result
    assert result.notes == "XORs before a sample's own table vanish over such sets"
    return result, 3 * 1e-9


def of_chosen_differences():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chosen_differences, "bytes_p_value", lambda differences: 1e-9)
        attack = chosen_differences.ChosenDifferences(plaintexts=256)
        return attack_target(attack, Toy(ideal), photograph(3, 4)).result, (4 * (2 + 2 + 1 + 1) + 4) * 1e-9


def of_affine_cca():
    return attack_target(AffineCca(), Toy(xored, xored), photograph(3, 4)).result, 3 * 3 * 256.0**-12


def of_header_replay():
    cipher = Toy(xored, xored, state=lambda image: image.tobytes()[:1], in_header=True)
    return attack_target(HeaderReplay(), cipher, photograph(3, 4)).result, 4 * 5 * 256.0**-12  # ways, combiners


def of_near_target():
    result = attack_target(NearTarget(), Toy(xored, xored), photograph(6, 5)).result
    return result, 3 * tail(2 * 30 - 4, 2 * 30)  # groups; two pairs of decryptions, each wrong in two samples


def of_decryption_avalanche():
    result = attack_target(DecryptionAvalanche(trials=3), Toy(xored, xored), photograph(3, 4)).result
    return result, spread_p_value([1, 1, 1], 12)


def of_histogram_preserved():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histogram_preserved, "_overlap", lambda before, after, uniform: (0.5, 0.3, 1e-9))
        result = attack_target(histogram_preserved.HistogramPreserved(), Toy(ideal), photograph(16, 16)).result
    return result, 2 * 1e-9


def of_substitution_tables():
    result = attack_target(SubstitutionTables(), Toy(xored), photograph(8, 8)).result
    different = prod(1 - k / 256 for k in range(32))
    return result, 2 * 5 * different**64  # half of the level; readings


def of_permutation():
    result = attack_target(Permutation(), Toy(permuted(lambda image, seed: image)), photograph(8, 8)).result
    return result, 2 * (5 + 1) * (1 - (255 / 256) ** 64) ** 64  # half of the level; masks and tables


def of_chained_permutation():
    body = permuted(chained(lambda p, f, k: (p + f) ^ k))
    result = attack_target(Permutation(), Toy(body), photograph(8, 8)).result
    named = round(64 * result.statistic)
    return result, 2 * 20 * 4 * tail(named, 64, 1 - (255 / 256) ** 64)  # half of the level; chains, lags


def of_plaintext_state():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plaintext_state, "find_invariants", lambda oracle, generator: Invariants((), 0.1, 1e-9))
        return attack_target(plaintext_state.PlaintextState(), Toy(ideal), photograph(8, 8)).result, 3 * 1e-9


def of_chen2004_one_round():
    body = permuted(chained(lambda p, f, k: k ^ ((p + k) & 255) ^ f))
    result = attack_target(Chen2004OneRound(), Toy(body), photograph(9, 9)).result
    named = round(81 * result.statistic)
    return result, tail(named, 81, 1 - (255 / 256) ** 80)  # without the first sample


def of_hua2021_cca():
    cumulated = Toy(
        lambda image, seed: image, lambda image, seed: np.cumsum(image, dtype=np.uint8).reshape(image.shape)
    )
    return attack_target(Hua2021Cca(), cumulated, photograph(3, 4)).result, 256.0**-12
