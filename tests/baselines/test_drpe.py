"""drpe: numbers of an independent simulation, and the mask that is no key."""

import numpy as np
import pytest

from cryptobench.baselines.optical.drpe import Drpe, decode, encode, masks
from cryptobench.images import load_image
from cryptobench.primitives.optics.recording import read_field, record_field

CAMERA = load_image("camera", 256)
F = CAMERA[None] / 255
KEY, OTHER, NONCE = bytes(range(32)), bytes(range(32, 64)), bytes(16)
M1, M2 = (mask.astype(complex) for mask in masks(KEY, F.shape))
PSI = encode(F, M1, M2)


def psnr(found: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((np.clip(abs(found), 0, 1) - F) ** 2)))


def test_the_field_is_that_of_the_definition():
    """By plain sums on 6 x 5: psi(x) = sum over u of M2(u) sum over x' of f m1, with both kernels written out."""
    f, m1, m2 = F[0, 100:106, 60:65], M1[0, :6, :5], M2[0, :6, :5]
    rows, columns = (np.exp(-2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n) / np.sqrt(n) for n in (6, 5))
    plain = rows.conj() @ ((rows @ (f * m1) @ columns) * m2) @ columns.conj()
    assert abs(encode(f, m1, m2) - plain).max() < 1e-14


def test_input_plane_mask_is_no_key():
    """A cipher with another m1 is decrypted exactly; with another M2 there is no picture."""
    half = KEY[:16], OTHER[16:]
    assert psnr(decode(encode(F, masks(OTHER, F.shape)[0], M2), M2)) > 120
    assert psnr(decode(PSI, masks(b"".join(half), F.shape)[1])) < 12
    ciphertext = Drpe(bits=16).encrypt(CAMERA, KEY, NONCE)
    assert np.array_equal(Drpe(bits=16).decrypt(ciphertext, OTHER[:16] + KEY[16:]), CAMERA)


@pytest.mark.parametrize(("bits", "expected"), [(8, 47.6), (16, 95.8)])
def test_the_recording_costs_as_much_as_measured_independently(bits: int, expected: float):
    """PSNR before rounding to grey levels, within 1.5 dB."""
    back, _ = read_field("drpe", *record_field(PSI.astype(np.complex64), 2, bits), bits)
    assert psnr(decode(back.astype(complex), M2)) == pytest.approx(expected, abs=1.5)


@pytest.mark.parametrize(("share", "expected"), [(1 / 16, 19.7), (1 / 4, 13.5), (1 / 2, 10.4)])
def test_occlusion_costs_as_much_as_measured_independently(share: float, expected: float):
    """A corner of the field set to 0."""
    damaged = PSI.copy()
    side = round(256 * np.sqrt(share))
    damaged[:, :side, : round(256 * 256 * share / side)] = 0
    assert psnr(decode(damaged, M2)) == pytest.approx(expected, abs=0.7)


def test_black_cipher_pixels_are_such_an_occlusion():
    """A quarter of the cipher image set to 0: 13.5 dB, as with the field itself."""
    cipher = Drpe()
    ciphertext = cipher.encrypt(CAMERA, KEY, NONCE)
    damaged = ciphertext.image.copy()
    damaged[:128, :128] = 0
    found = cipher.decrypt(type(ciphertext)(damaged, ciphertext.header), KEY)
    assert psnr(found[None] / 255) == pytest.approx(13.5, abs=0.7)


def test_a_mask_with_some_pixels_wrong_still_decrypts():
    """5 % of M2 replaced: 17.9 dB, so the key need not be known well."""
    wrong = masks(OTHER, F.shape)[1]
    place = np.random.default_rng(32).random(F.shape) < 0.05
    assert psnr(decode(PSI, np.where(place, wrong, M2))) == pytest.approx(17.9, abs=0.7)


def test_the_histogram_is_a_visible_bell():
    """Entropy of the 8-bit planes 6.88 bits, as an independent simulation has; values scatter as a Gaussian's do."""
    image = Drpe().encrypt(CAMERA, KEY, NONCE).image
    share = np.bincount(image.ravel(), minlength=256) / image.size
    assert -(share[share > 0] * np.log2(share[share > 0])).sum() == pytest.approx(6.88, abs=0.12)
    centred = image.astype(float) - 128
    assert (centred**4).mean() / (centred**2).mean() ** 2 == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(("bits", "expected", "within"), [(8, 0.068, 0.06), (16, 15.5, 6)])
def test_one_grey_level_more_changes_few_samples(bits: int, expected: float, within: float):
    """NPCR of the recorded numbers in percent, against an independent simulation: linear, without avalanche."""
    from cryptobench.primitives.optics.recording import read_codes

    cipher, rates = Drpe(bits), []
    for place in range(12):
        other = CAMERA.copy()
        other[20 * place, 17 * place + 3] ^= 1
        one, two = (read_codes(cipher.encrypt(image, KEY, NONCE).image, bits) for image in (CAMERA, other))
        rates.append(100 * (one != two).mean())
    assert np.median(rates) == pytest.approx(expected, abs=within)
