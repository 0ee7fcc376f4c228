"""chen2004: known answers, and the weaknesses that it is kept for."""

import hashlib

import numpy as np
import pytest

from cryptobench.baselines.chaotic.chen2004 import Chen2004, cube_sides, key_schedule
from cryptobench.cipher import CipherError
from cryptobench.metrics import uaci
from cryptobench.primitives.chaos.maps.basic import logistic_orbit
from tests.baselines.scheme_checks import NONCE, RAMP, changed, enciphered, flipped, key_of, share_changed

RNG = np.random.default_rng(1)

CIPHERS = [Chen2004(), Chen2004(rounds=4, alternate=True)]


def entropy(image: np.ndarray) -> float:
    share = np.bincount(image.ravel(), minlength=256) / image.size
    return float(-(share[share > 0] * np.log2(share[share > 0])).sum())


def test_ramp_encrypts_as_an_independent_prototype_does():
    """The SHA-256 of the cipher image starts as a separate implementation's does."""
    cipher = Chen2004(rounds=3)
    image = enciphered(cipher, RAMP, key_of(cipher, "cryptobench"))
    assert hashlib.sha256(image.tobytes()).hexdigest().startswith("cfd03e8267fc0dbd")


@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: f"{cipher.rounds} rounds")
def test_a_single_sample_comes_back(cipher: Chen2004):
    """An image of 1 x 1, grey."""
    pixel, key = np.array([[77]], np.uint8), key_of(cipher)
    assert cipher.decrypt(cipher.encrypt(pixel, key, NONCE), key) == pixel


@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda cipher: f"{cipher.rounds} rounds")
def test_the_wrong_key_returns_noise(cipher: Chen2004):
    """One flipped bit of this key gives a decryption unlike the image."""
    image, key = np.full((64, 64), 9, np.uint8), key_of(cipher)
    encrypted = cipher.encrypt(image, key, NONCE)
    assert share_changed(cipher.decrypt(encrypted, flipped(key)), image) > 98


@pytest.mark.parametrize("rounds", [0, -1, 2.0, True, "3"])
def test_rounds_are_a_positive_integer(rounds: object):
    """Anything else is refused when the cipher is made."""
    with pytest.raises(CipherError, match="wanted an integer of at least 1"):
        Chen2004(rounds=rounds)  # type: ignore[arg-type]


def test_some_key_bits_do_nothing():
    """With k_ax = 0, so c = 20, flipping the last bit of k_bx leaves the ciphertext as it is."""
    key = bytes(2) + key_of(Chen2004())[2:]
    image = RNG.integers(0, 256, (64, 64), np.uint8)
    one, two = (enciphered(Chen2004(), image, k) for k in (key, flipped(key, 3)))
    assert np.array_equal(one, two)


@pytest.mark.parametrize("n", [1, 7, 8, 26, 27, 65536, 196608, 262144])
def test_cubes_fill_the_sequence(n: int):
    """Sides fall, none is below 2, fewer than 8 pixels are left, and known sizes have known sides."""
    sides = cube_sides(n)
    assert 0 <= n - sum(side**3 for side in sides) < 8
    assert sides == sorted(sides, reverse=True)
    known = {65536: [40, 11, 5, 4, 2, 2], 196608: [58, 11, 5, 3, 2], 262144: [64], 8: [2], 7: []}
    assert sides == known.get(n, sides)


def test_top_bit_changes_stay_in_the_top_bit():
    """Its XOR difference is 128 or nothing at every pixel: NPCR near 50 %, UACI its 128/255, as the paper's figures."""
    cipher = Chen2004()
    image, rates = RNG.integers(0, 256, (256, 256), np.uint8), []
    for trial in range(5):
        key = key_of(cipher, f"msb {trial}")
        one, two = enciphered(cipher, image, key), enciphered(cipher, changed(image, 1000, 128), key)
        assert set(np.unique(one ^ two)) == {0, 128}
        assert uaci(one, two).value == pytest.approx(share_changed(one, two) * 128 / 255)
        rates.append(share_changed(one, two))
    assert np.mean(rates) == pytest.approx(50, abs=8)


def test_late_changes_never_reach_earlier_cubes():
    """The last pixel of 256 x 256 changes a few pixels at the end, after 4 rounds too; alternate scans avoid that."""
    image = RNG.integers(0, 256, (256, 256), np.uint8)
    late = changed(image, image.size - 1, 1)
    key = key_of(Chen2004())
    forward, alternate = Chen2004(rounds=4), Chen2004(rounds=4, alternate=True)
    one, two = enciphered(forward, image, key), enciphered(forward, late, key)
    assert 0 < share_changed(one, two) < 0.03
    assert np.array_equal(one.ravel()[:-16], two.ravel()[:-16])
    assert share_changed(enciphered(alternate, image, key), enciphered(alternate, late, key)) > 99


def test_black_encrypts_to_a_power_of_two_levels():
    """After one round all pixels are S; after two or more the entropy is 8 bits less the zero bits that S ends in."""
    black, seen = np.zeros((128, 128, 3), np.uint8), set()
    for trial in range(150):
        key = key_of(Chen2004(), f"black {trial}")
        S = key_schedule(key).S
        zeros = (S & -S).bit_length() - 1 if S else 8
        if zeros in seen:
            continue
        seen.add(zeros)
        assert set(np.unique(enciphered(Chen2004(rounds=1), black, key))) == {S}
        for rounds in (2, 3, 5):
            assert entropy(enciphered(Chen2004(rounds=rounds), black, key)) == pytest.approx(8 - zeros, abs=0.02)
    assert {0, 1, 2, 3} <= seen


def test_one_round_falls_to_four_chosen_plaintexts():
    """Two flat images give the key stream mod 128, two coordinate images the permutation: all pixels but one follow."""
    cipher, key, side = Chen2004(rounds=1), key_of(Chen2004(), "chosen"), 64
    rows, columns = np.indices((side, side), np.uint8)

    def steps(image: np.ndarray) -> np.ndarray:
        """phi xor (I + phi) at every pixel but the first, from one encryption."""
        c = enciphered(cipher, image, key).ravel()
        return c[1:] ^ c[:-1]

    candidates = np.arange(128, dtype=np.uint8)
    table = {tuple(phi ^ (np.array([85, 170], np.uint8) + phi)): phi for phi in candidates}
    assert len(table) == 128
    flat = [steps(np.full((side, side), value, np.uint8)) for value in (85, 170)]
    phi = np.array([table[pair] for pair in zip(*flat, strict=True)], np.uint8)
    row, column = ((phi ^ steps(image)) - phi for image in (rows, columns))

    image = RNG.integers(0, 256, (side, side), np.uint8)
    recovered = np.zeros_like(image)
    recovered[row, column] = (phi ^ steps(image)) - phi
    assert (recovered != image).sum() <= 1


def test_no_sampled_key_has_a_short_stream():
    """300 keys: the start is no fixed point, and 20000 states of its logistic orbit are all different."""
    for trial in range(300):
        keys = key_schedule(key_of(Chen2004(), f"cycle {trial}"))
        assert 0 < keys.L < 1
        assert keys.L not in (0.5, 0.75)
        assert len(np.unique(logistic_orbit(keys.L, 4.0, 20_000))) == 20_000
