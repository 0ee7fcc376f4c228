"""kumar2022: what of the key counts, where vortices are no key, and a reference with explicit sums."""

import numpy as np
import pytest

from cryptobench.baselines.optical.kumar2022 import LIGHT, Z1, Z2, KeySchedule, Kumar2022, decode, encode, key_schedule
from cryptobench.cipher import UnsupportedImage
from cryptobench.images import load_image
from cryptobench.primitives.optics.masks import Field, phase_mask, vortex_array
from cryptobench.primitives.optics.propagation import fresnel_transfer, propagate

KEY, NONCE = bytes(range(7, 41)), bytes(16)
CAMERA = load_image("camera", 256)
F = CAMERA[None] / 255
MASK = phase_mask(b"mask", "m", F.shape, np.complex128)
KEYS = key_schedule(KEY)


def optics(keys: KeySchedule) -> tuple[Field, Field, Field]:
    offset = (keys.offset[0] * 256, keys.offset[1] * 256)
    V = vortex_array((256, 256), keys.charges, (keys.pitch * 256, keys.pitch * 256), offset, np.complex128)
    return V, *(fresnel_transfer((256, 256), z, LIGHT, np.complex128) for z in (keys.z1, keys.z2))  # type: ignore[return-value]


PSI = encode(F, MASK, *optics(KEYS))


def psnr(keys: KeySchedule) -> float:
    return float(-10 * np.log10(np.mean((np.clip(abs(decode(PSI, *optics(keys))), 0, 1) - F) ** 2)))


def test_the_key_schedule_reads_its_fields():
    """Charges without 0, all 16 values; pitch, offsets and distances at the ends of their ranges."""
    low, high = key_schedule(bytes(34)), key_schedule(b"\xff" * 34)
    assert set(low.charges.ravel()) == {-8}
    assert set(high.charges.ravel()) == {8}
    assert low.pitch == 11 / 64
    assert high.pitch == pytest.approx(13 / 64, abs=1e-5)
    assert low.offset == (-1 / 32, -1 / 32)
    assert (low.z1, low.z2) == pytest.approx((0.9 * Z1, 0.9 * Z2))
    assert (high.z1, high.z2) == pytest.approx((1.1 * Z1, 1.1 * Z2), rel=1e-4)
    digits = key_schedule(bytes.fromhex("0123456789abcdef") + bytes(26)).charges.ravel().tolist()
    assert digits == [*range(-8, 0), *range(1, 9)]


def test_changed_vortices_do_not_decrypt():
    """Exact; all charges negated or the array left out below 13 dB, one charge off by one below 22 dB."""
    assert psnr(KEYS) > 200
    assert psnr(KEYS._replace(charges=-KEYS.charges)) < 13
    assert psnr(KEYS._replace(charges=0 * KEYS.charges)) < 13
    one = KEYS.charges.copy()
    one[1, 1] += 1
    assert psnr(KEYS._replace(charges=one)) < 22


def test_distances_need_hardly_be_known():
    """One percent off is a good picture, a tenth of a percent a perfect one: two bits of the 16, not more."""
    assert 20 < psnr(KEYS._replace(z1=1.01 * KEYS.z1)) < 35
    assert psnr(KEYS._replace(z1=1.001 * KEYS.z1)) > 40


def test_vortices_in_the_input_plane_are_no_key():
    """With V before the first stretch and the random mask after it, wrong charges decrypt exactly."""
    V, h1, h2 = optics(KEYS)
    wrong = optics(KEYS._replace(charges=-KEYS.charges))[0]
    psi = propagate(propagate(F * V, h1) * MASK, h2)
    field = propagate(propagate(psi, h2, back=True) * MASK.conj(), h1, back=True)
    assert abs(abs(field * wrong.conj()) - F).max() < 1e-12


def test_input_plane_mask_is_no_key():
    """Its 128 bits wrong, decryption is the same to the last sample."""
    cipher = Kumar2022()
    ciphertext = cipher.encrypt(CAMERA, KEY, NONCE)
    assert np.array_equal(cipher.decrypt(ciphertext, KEY[:18] + bytes(16)), cipher.decrypt(ciphertext, KEY))
    assert not np.array_equal(cipher.encrypt(CAMERA, KEY[:18] + bytes(16), NONCE).image, ciphertext.image)


@pytest.mark.parametrize("shape", [(63, 80), (80, 20, 3)])
def test_sides_that_undersample_the_diffraction_are_refused(shape: tuple[int, ...]):
    """64 samples a side carry light over the longest distance that a key can ask for, no fewer."""
    with pytest.raises(UnsupportedImage, match="sides of at least 64"):
        Kumar2022().encrypt(np.zeros(shape, np.uint8), KEY, NONCE)
    Kumar2022().encrypt(np.zeros((64, 64), np.uint8), b"\xff" * 34, NONCE)
