"""Keystreams of few states show in known pairs, whatever part of the image each state is for."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.learning.known_pairs_regression import KnownPairsRegression, recurring_windows
from cryptobench.attacks.runner import attack_target
from cryptobench.attacks.tools.known_pairs import KnownPairs
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, photograph, stream, xored


def sum_of(part, modulus=256) -> bytes:
    return bytes([int(part.sum(dtype=np.int64)) % modulus])


def rows_in_turn(image, seed):
    """Each row under a stream that the sum of the row before gives, of the ciphertext."""
    out, state = image.copy(), b"0"
    for index, row in enumerate(image):
        out[index] = row + stream(seed + bytes([index]) + state, row.size).reshape(row.shape)
        state = sum_of(out[index], 64)
    return out


def halves_in_turn(image, seed):
    """Four rounds, in each of which one half is XORed with a stream that the sum of the other half gives."""
    half, rest = (part.copy() for part in np.split(image, 2))
    for number in range(4):
        half ^= stream(seed + bytes([number]) + sum_of(rest), half.size).reshape(half.shape)
        half, rest = rest, half
    return np.concatenate([half, rest])


def hashed_rows(image, seed):
    """The control: as `rows_in_turn`, but for the whole row in the place of its sum."""
    out, state = image.copy(), b"0"
    for index, row in enumerate(image):
        out[index] = row + stream(seed + bytes([index]) + state, row.size).reshape(row.shape)
        state = out[index].tobytes() + image[: index + 1].tobytes()
    return out[::-1] ^ stream(seed + image.tobytes(), image.size).reshape(image.shape)


@pytest.mark.parametrize("body", [rows_in_turn, lambda image, seed: xored(image, seed + sum_of(image, 64))])
def test_streams_of_64_states_fall_to_known_pairs(body) -> None:
    """Row by row, of an image or of each row; no plaintext is chosen."""
    run = attack_target(KnownPairsRegression(), Toy(body), photograph(32, 32))
    assert (run.outcome, run.queries.encryptions) == ("recovered", 0)
    assert run.score.share > 0.95
    assert "windows of masks recur" in run.result.notes


def test_states_of_two_sums_are_noticed() -> None:
    """65,536 masks of a half: some recur among 1024 pairs, too few to open the challenge."""
    run = attack_target(KnownPairsRegression(), Toy(halves_in_turn), photograph(16, 32))
    assert (run.outcome, run.score.share < 0.1) == ("leak", True)
    assert "windows of masks recur" in run.result.notes


@pytest.mark.parametrize("cipher", [Toy(hashed_rows), load_cipher("aes-256-siv"), load_cipher("chacha20-poly1305")])
def test_states_of_many_bits_hold(cipher) -> None:
    """The control and the references, on the same images."""
    assert attack_target(KnownPairsRegression(), cipher, photograph(16, 32)).outcome == "holds"


def test_nothing_recurs_by_chance() -> None:
    """In 100 sets of 256 ideal pairs, in each of which a pair occurs twice."""
    for seed in range(100):
        plain, sealed = np.random.default_rng(seed).integers(0, 256, (2, 256, 256), np.uint8)
        plain[1], sealed[1] = plain[0], sealed[0]
        found = recurring_windows(KnownPairs(plain, sealed, [b""] * 256))
        assert (found.equal, found.p_value) == (0, 1.0)


def test_ciphertexts_of_another_size_have_no_windows() -> None:
    """Nothing is compared, and nothing found."""
    plain = np.zeros((96, 64), np.uint8)
    assert recurring_windows(KnownPairs(plain, np.zeros((96, 65), np.uint8), [b""] * 96)).p_value == 1
