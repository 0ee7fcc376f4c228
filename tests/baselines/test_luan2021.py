"""luan2021: how exactly orders must be known, the mask that is no key, and fused channels."""

import numpy as np
import pytest

from cryptobench.baselines.optical.luan2021 import Luan2021, fuse, mask, orders, pairs, separate, unpair
from cryptobench.cipher import CipherError, UnsupportedImage
from cryptobench.images import load_image
from cryptobench.primitives.optics.fractional import dmpfrft

KEY, OTHER, NONCE = bytes(range(32)), bytes(range(32, 64)), bytes(16)
CAMERA = load_image("camera", 256)
F = CAMERA[None] / 255


def psnr(found: np.ndarray, truth: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((np.clip(found, 0, 1) - truth) ** 2)))


def psnr_with_orders_off_by(error: float) -> float:
    rows, columns = orders(KEY, 256, 256)
    psi = dmpfrft(F * mask(KEY, F.shape).astype(complex), rows, columns)
    rng = np.random.default_rng(33)
    wrong = (rows + error * rng.normal(size=256), columns + error * rng.normal(size=256))
    return psnr(abs(dmpfrft(psi, *wrong, inverse=True)), F)


@pytest.mark.parametrize("error", [1e-5, 1e-4, 1e-3])
def test_slightly_wrong_orders_give_slight_noise(error: float):
    """Eigenvalue k turns by pi k d / 2, down and across; half of the noise shows in a modulus. Within 1.5 dB."""
    turn = error * np.pi / 2 * np.sqrt(2 * np.mean(np.arange(256.0) ** 2))
    noise = turn / np.sqrt(2) * np.sqrt(np.mean(F**2))
    assert psnr_with_orders_off_by(error) == pytest.approx(-20 * np.log10(noise), abs=1.5)


def test_orders_count_to_some_ten_bits():
    """Off by 0.001 of 4, the picture is there; by 0.01, gone: far from the 53 bits of a double."""
    assert psnr_with_orders_off_by(1e-3) > 15
    assert psnr_with_orders_off_by(1e-2) < 11


def test_first_mask_is_no_key_to_one_image():
    """With its half of the key wrong, decryption is the same; with the orders' half wrong, there is no picture."""
    cipher = Luan2021()
    encrypted = cipher.encrypt(CAMERA, KEY, NONCE)
    right = cipher.decrypt(encrypted, KEY)
    assert np.array_equal(cipher.decrypt(encrypted, KEY[:16] + OTHER[16:]), right)
    assert psnr(cipher.decrypt(encrypted, OTHER[:16] + KEY[16:]) / 255, F[0]) < 12


def test_fused_channels_need_the_mask():
    """Spectra are cut after the mask is undone: a wrong mask leaves no picture."""
    image, cipher = load_image("astronaut", 128), Luan2021(bits=16, fused=True)
    encrypted = cipher.encrypt(image, KEY, NONCE)
    assert encrypted.image.shape == (128, 128, 4)
    assert psnr(cipher.decrypt(encrypted, KEY) / 255, image / 255) > 17
    assert psnr(cipher.decrypt(encrypted, KEY[:16] + OTHER[16:]) / 255, image / 255) < 11


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("shape", [(64, 64), (61, 90)])
def test_low_pass_pictures_survive_the_fusion(channels: int, shape: tuple[int, int]):
    """Smooth amplitudes and phases, up to three carriers, come back without crosstalk."""
    y, x = np.meshgrid(*(np.linspace(0, 2 * np.pi, n, endpoint=False) for n in shape), indexing="ij")
    f = np.stack([0.5 + 0.3 * np.sin(y + c) * np.cos(x - c) for c in range(channels)])
    c = pairs(f)
    assert abs(separate(fuse(c), len(c)) - c).max() < 5e-3
    assert abs(unpair(separate(fuse(c), len(c)), channels) - f).max() < 1e-2


def test_pairs_hold_amplitude_and_phase():
    """c = (0.1 + 0.9 f1) exp(i pi f2); a last image without a partner has phase 0."""
    f = np.random.default_rng(34).uniform(0.01, 0.99, (3, 4, 5))
    c = pairs(f)
    assert abs(c[0] - (0.1 + 0.9 * f[0]) * np.exp(1j * np.pi * f[1])).max() < 1e-6
    assert not c[1].imag.any()
    assert abs(unpair(c, 3) - f).max() < 1e-6


def test_images_that_cannot_be_fused_are_refused():
    """Seven channels, and colour of 8 pixels a side; grey of one pixel is taken."""
    cipher = Luan2021(fused=True)
    with pytest.raises(UnsupportedImage, match="64x64x7, wanted 1 to 6 channels"):
        cipher.encrypt(np.zeros((64, 64, 7), np.uint8), KEY, NONCE)
    with pytest.raises(UnsupportedImage, match=r"8x64x3.*at least 16"):
        cipher.encrypt(np.zeros((8, 64, 3), np.uint8), KEY, NONCE)
    assert cipher.decrypt(cipher.encrypt(np.full((1, 1), 200, np.uint8), KEY, NONCE), KEY)[0, 0] in range(197, 204)


def test_a_header_of_the_other_mode_is_refused():
    """Fused ciphertexts have one byte more in their header, which says how many channels there are."""
    image = load_image("astronaut", 64)
    fused, single = Luan2021(fused=True), Luan2021()
    with pytest.raises(CipherError, match="luan2021"):
        single.decrypt(fused.encrypt(image, KEY, NONCE), KEY)
    with pytest.raises(CipherError, match="luan2021"):
        fused.decrypt(single.encrypt(image, KEY, NONCE), KEY)
