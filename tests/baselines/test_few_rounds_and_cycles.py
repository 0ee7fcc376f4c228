"""Controls whose defect is in their structure: few rounds, chains of tables and blocks, cycles of finite precision."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.baselines.controls.cbc_constant_iv import CbcConstantIv
from cryptobench.baselines.controls.few_rounds import FewRounds
from cryptobench.baselines.controls.float_orbit import FloatOrbit
from cryptobench.baselines.controls.latin_chain import LatinChain
from cryptobench.baselines.controls.sample_keyed import SampleKeyed
from cryptobench.baselines.controls.two_round_spn import TwoRoundSpn
from cryptobench.cipher import CipherError, Encrypted
from tests.attacks.keyed_toys import photograph

KEY, NONCE = bytes(range(32)), bytes(16)
RNG = np.random.default_rng


def encrypt(cipher, image, nonce=NONCE):
    return cipher.encrypt(image, KEY, nonce)


CIPHERS = [CbcConstantIv(), FewRounds(), FloatOrbit(), LatinChain(), SampleKeyed(), TwoRoundSpn()]


@pytest.mark.parametrize("cipher", CIPHERS, ids=lambda c: c.card.name)
def test_images_come_back(cipher) -> None:
    """Of all shapes, with odd and even sides."""
    for shape in [(1, 1), (1, 7), (6, 1), (5, 4), (4, 6), (4, 5, 3), (3, 3, 3)]:
        image = photograph(*shape)
        encrypted = encrypt(cipher, image)
        assert encrypted.image.shape == shape
        assert np.array_equal(cipher.decrypt(encrypted, KEY), image)
        assert shape == (1, 1) or not np.array_equal(encrypted.image, image)


def test_few_rounds_make_differences_uneven() -> None:
    """The lowest bits of what one changed bit changes are far from even; samples are not equal too often."""
    generator, differences = RNG(1), []
    for _ in range(400):
        image = generator.integers(0, 256, (4, 6), np.uint8)
        changed = image.copy()
        changed[2, 3] ^= 128
        differences.append(np.bitwise_xor(*(encrypt(FewRounds(), one).image.ravel() for one in (image, changed))))
    found = np.array(differences)
    lowest = (found & 1).mean(axis=0) * 2 - 1
    assert 400 * np.sum(lowest**2) > 24 + 6 * 48**0.5  # chi-square of 24 degrees of freedom
    assert np.mean(found == 0) < 3 / 256


def test_few_rounds_of_one_sample_are_a_table() -> None:
    """It has 256 values, though the sample is behind itself: three times the S-box."""
    values = {int(encrypt(FewRounds(), np.full((1, 1), value, np.uint8)).image[0, 0]) for value in range(256)}
    assert len(values) == 256


def test_a_latin_square_makes_the_chain() -> None:
    """Each sample reaches those from its place on; a sample alone runs through all 256 values."""
    image = RNG(1).integers(0, 256, (4, 5), np.uint8)
    base = encrypt(LatinChain(), image).image.ravel()
    first = []
    for place in range(20):
        changed = image.copy()
        changed.flat[place] ^= 1
        different = np.flatnonzero(encrypt(LatinChain(), changed).image.ravel() != base)
        first.append(int(different[0]))
    assert sorted(first) == list(range(20))
    values = {int(encrypt(LatinChain(), np.full((1, 1), value, np.uint8)).image[0, 0]) for value in range(256)}
    assert len(values) == 256


def test_blocks_are_chained_under_one_iv() -> None:
    """A change of a block of 16 samples reaches, of five cipher blocks, its own and those behind, no other."""
    image, first = photograph(9, 10), set()
    base = encrypt(CbcConstantIv(), image).image.ravel()
    for block in range(5):
        changed = image.copy()
        changed.flat[16 * block + 3] ^= 1
        different = encrypt(CbcConstantIv(), changed).image.ravel() != base
        reached = [bool(different[place : place + 16].any()) for place in range(0, 90, 16)]
        first.add(reached.index(True))
        assert all(reached[reached.index(True) :])
    assert first == set(range(5))


def test_three_samples_key_the_others() -> None:
    """A change of one of them reaches most of the ciphertext, a change of another one sample of it."""
    image, reached = photograph(5, 6), []
    base = encrypt(SampleKeyed(), image).image
    for place in range(30):
        changed = image.copy()
        changed.flat[place] ^= 1
        reached.append(int(np.sum(encrypt(SampleKeyed(), changed).image != base)))
    assert sorted(reached)[:27] == [1] * 27
    assert sorted(reached)[27] > 20


@pytest.mark.parametrize("cipher", [CbcConstantIv(), SampleKeyed()], ids=lambda c: c.card.name)
def test_changed_ciphertexts_are_rejected(cipher) -> None:
    """So that chosen ciphertexts tell nothing."""
    encrypted = encrypt(cipher, photograph(4, 8))
    changed = encrypted.image.copy()
    changed[3, 1] ^= 1
    for image, header, message in [
        (changed, encrypted.header, "does not match its MAC"),
        (encrypted.image.reshape(8, 4), encrypted.header, "does not match its MAC"),
        (encrypted.image, b"abc", "header has 3 bytes, wanted 16"),
    ]:
        with pytest.raises(CipherError, match=f"{cipher.card.name}: .*{message}"):
            cipher.decrypt(Encrypted(image, header), KEY)


def test_corners_cancel_before_the_last_table() -> None:
    """XORs of four ciphertexts whose inverse of the last table is taken vanish, where halves change independently."""
    cipher, generator = TwoRoundSpn(), RNG(2)
    one, other, a, b = generator.integers(0, 256, (4, 4, 4), np.uint8)
    half = generator.random((4, 4)) < 0.5
    corners = [np.where(half, x, y) for x in (one, a) for y in (other, b)]
    sums = np.bitwise_xor.reduce([encrypt(cipher, image).image for image in corners])
    assert sums.any()
    table, stream = _last_layer(cipher, (4, 4))
    inverse = np.argsort(table).astype(np.uint8)
    linear = [inverse[encrypt(cipher, image).image] ^ stream for image in corners]
    assert not np.bitwise_xor.reduce(linear).any()


@pytest.mark.parametrize("cipher", [TwoRoundSpn(), FewRounds()], ids=lambda c: c.card.name)
def test_the_mixing_reaches_everything(cipher) -> None:
    """Of 64 samples, each changed three times, all but some by chance change each of 64."""
    generator = RNG(3)
    image = generator.integers(0, 256, (8, 8), np.uint8)
    base, reached = encrypt(cipher, image).image, np.zeros((64, 64), bool)
    for place in range(64):
        for _ in range(3):
            changed = image.copy()
            changed.flat[place] ^= generator.integers(1, 256, dtype=np.uint8)
            reached[place] |= (encrypt(cipher, changed).image != base).ravel()
    assert reached.mean() > 0.999


def test_orbits_run_into_few_cycles() -> None:
    """The last 64 bytes of eight keystreams of 20,000 bytes are found, each, in others, at other places."""
    image = np.zeros((100, 200), np.uint8)
    streams = [encrypt(FloatOrbit(), image, bytes([turn] * 16)).image.tobytes() for turn in range(8)]
    met = [sum(one[-64:] in other for other in streams if other != one) for one in streams]
    assert sum(count >= 3 for count in met) >= 5


def test_headers_of_orbits_are_checked() -> None:
    """One line names the length that is wanted."""
    with pytest.raises(CipherError, match="float-orbit: header has 3 bytes, wanted 32"):
        FloatOrbit().decrypt(Encrypted(photograph(4, 4), b"abc"), KEY)


def _last_layer(cipher, shape):
    from cryptobench.baselines.controls.two_round_spn import _parts

    boxes, streams, _ = _parts(KEY, int(np.prod(shape)))
    return boxes[1], streams[1].reshape(shape)
