"""cyclegan-avalanche: what goes into the network and comes out of it; the diffusion of its other order."""

import numpy as np
import pytest

from cryptobench.baselines.learned.cyclegan_avalanche import (
    CycleGanAvalanche,
    CycleGanAvalancheCore,
    CycleGanAvalancheLite,
)
from cryptobench.cipher import record_stages
from cryptobench.metrics import npcr, uaci
from cryptobench.primitives.chaos.key_schedule.keystream import pwlcm_bytes
from tests.baselines.scheme_checks import NONCE, key_for
from tests.baselines.tiny_weights import with_tiny_weights

KEY = key_for("avalanche")


class Stubbed(CycleGanAvalancheLite):
    """The other order with networks that change nothing."""

    def encode(self, image, pair=0):
        height, width, channels = image.shape
        return image.copy(), np.array([height, width], "<u4").tobytes() + bytes([channels])

    def decode(self, encoded, shape, pair=0):
        return encoded


def _image(shape=(16, 12, 3), seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("chained", [False, True])
def test_the_network_is_given_the_xored_image(tmp_path, chained):
    """With one PWLCM stream, sample by sample, and the cipher byte before if chained; its output is the ciphertext."""
    cipher, image = with_tiny_weights(CycleGanAvalanche, tmp_path)(chained=chained), _image()
    masked = (image.ravel() ^ pwlcm_bytes(KEY, NONCE, "mask", image.size)).tolist()
    for i in range(1, image.size if chained else 0):
        masked[i] ^= masked[i - 1]
    given = np.array(masked, np.uint8).reshape(image.shape)
    encrypted = cipher.encrypt(image, KEY, NONCE)
    assert np.array_equal(cipher.diffused(image, KEY, NONCE), given)
    assert np.array_equal(encrypted.image, cipher.networks()["encoder"](given))
    assert encrypted.header[-16:] == NONCE


@pytest.mark.parametrize("shape", [(7, 5), (6, 9, 1), (8, 8, 3)], ids=str)
@pytest.mark.parametrize("chained", [False, True])
def test_fresh_networks_give_every_sample_back(tmp_path, shape, chained):
    """They start as the identity: then only the keystream is left, and only the right one opens it."""
    cipher, image = with_tiny_weights(CycleGanAvalanche, tmp_path)(chained=chained), _image(shape)
    encrypted = cipher.encrypt(image, KEY, NONCE)
    assert np.array_equal(cipher.decrypt(encrypted, KEY), image)
    assert np.mean(cipher.decrypt(encrypted, key_for("other")) == image) < 0.1


def test_shipped_samples_come_back_exactly():
    """Uniform bytes through both networks: less than 5 % of the samples are off, by one level, and so are pictures."""
    cipher, image = CycleGanAvalanche(), _image((64, 64, 3))
    nets = cipher.networks()
    back = nets["decoder"](nets["encoder"](image)).astype(int)
    assert np.mean(back != image) < 0.05
    assert abs(back - image).max() <= 1
    flat = np.full((64, 64, 3), 90, np.uint8)
    decrypted = cipher.decrypt(cipher.encrypt(flat, KEY, NONCE), KEY)
    wrong = decrypted != flat
    assert np.mean(wrong) < 0.05
    error = float(np.mean((decrypted.astype(float) - flat) ** 2))
    assert 20 * wrong.mean() < error < 700 * wrong.mean() + 1e-9  # 170 a wrong sample in the mean, after the XOR


def test_one_wrong_level_costs_170():
    """The mean squared error after the XOR of one level of error: the sum over carries of 2^-j (4^j - 1) / 3."""
    d, k = np.arange(255)[:, None].astype(np.uint8), np.arange(256)[None].astype(np.uint8)
    errors = ((d + 1) ^ k).astype(int) - (d ^ k)
    assert np.mean(errors**2) == pytest.approx(170, abs=1)


def test_a_changed_sample_stays_where_it_is():
    """Under one nonce there is no avalanche: only what the network sees of the sample changes."""
    cipher, image = CycleGanAvalanche(), _image((64, 64, 3))
    other = image.copy()
    other[32, 32, 1] ^= 128
    one, two = (cipher.encrypt(each, KEY, NONCE).image for each in (image, other))
    rows, columns = np.nonzero((one != two).any(axis=2))
    assert rows.size
    assert abs(rows - 32).max() < 10
    assert abs(columns - 32).max() < 10
    fresh = cipher.encrypt(other, KEY, bytes(range(16))).image
    assert npcr(one, fresh).value == pytest.approx(99.6, abs=0.3)


def test_the_core_has_no_keystream():
    """The same networks on the picture itself."""
    image = _image((8, 10, 3))
    core = CycleGanAvalancheCore().encrypt(image, b"\0", NONCE).image
    assert np.array_equal(core, CycleGanAvalanche().networks()["encoder"](image))


def test_stages_are_timed():
    """Both ways."""
    for act in (lambda c, e: c.encrypt(_image(), KEY, NONCE), lambda c, e: c.decrypt(e, KEY)):
        cipher = CycleGanAvalanche()
        encrypted = cipher.encrypt(_image(), KEY, NONCE)
        with record_stages() as stages:
            act(cipher, encrypted)
        assert set(stages) == {"keystream", "diffusion", "network"}


@pytest.mark.parametrize("shape", [(8, 8, 3), (16, 12, 3), (256, 64, 3)], ids=str)
def test_without_networks_decryption_is_exact(shape):
    """The other order: its diffusion gives every byte back, and only under its key and nonce."""
    image, cipher = _image(shape), Stubbed()
    encrypted = cipher.encrypt(image, KEY, NONCE)
    assert np.array_equal(cipher.decrypt(encrypted, KEY), image)
    wrong = cipher.decrypt(encrypted, key_for("other"))
    assert np.mean(wrong == image) < 0.03


def test_the_diffusion_follows_its_equation():
    """In plain Python: rotl3(((m + c) mod 256) ^ k) forwards with k1, then backwards with k2."""
    image = _image((8, 5, 3))
    k1, k2 = (pwlcm_bytes(KEY, NONCE, label, image.size).tolist() for label in ("k1", "k2"))
    start, end = pwlcm_bytes(KEY, NONCE, "iv", 2).tolist()

    def one_pass(data, stream, previous):
        out = []
        for m, k in zip(data, stream, strict=True):
            mixed = (m + previous) % 256 ^ k
            previous = (mixed << 3 | mixed >> 5) % 256
            out.append(previous)
        return out

    forward = one_pass(image.ravel().tolist(), k1, start)
    backward = one_pass(forward[::-1], k2[::-1], end)[::-1]
    assert Stubbed().encrypt(image, KEY, NONCE).image.ravel().tolist() == backward


def test_a_changed_bit_changes_bytes_like_chance():
    """At the first byte NPCR and UACI are ideal; at the last all bytes change, since each pass is a bijection.

    A pass carries a difference on for ever while the bytes that follow are equal, so bytes that only the backward
    pass reaches never fall together by chance.
    """
    image, cipher = _image((128, 128, 3)), Stubbed()
    base = cipher.encrypt(image, KEY, NONCE).image
    scores = {}
    for place in (0, image.size - 1):
        other = image.copy()
        other.flat[place] ^= 1
        changed = cipher.encrypt(other, KEY, NONCE).image
        scores[place] = (npcr(base, changed).value, uaci(base, changed).value)
    assert scores[0] == pytest.approx((99.609, 33.464), abs=0.3)
    assert scores[image.size - 1] == pytest.approx((100.0, 33.6), abs=0.3)


def test_another_nonce_gives_another_ciphertext(tmp_path):
    """The nonce is in the header, and with it the receiver decrypts to the same image."""
    cipher = with_tiny_weights(CycleGanAvalancheLite, tmp_path)()
    image, other = _image(), bytes(range(16))
    first, second = cipher.encrypt(image, KEY, NONCE), cipher.encrypt(image, KEY, other)
    assert np.mean(first.image == second.image) < 0.03
    assert second.header.endswith(other)
    assert np.array_equal(cipher.decrypt(first, KEY), cipher.decrypt(second, KEY))
    assert np.array_equal(cipher.intermediate(first, KEY), cipher.intermediate(second, KEY))
