"""The optical baselines at 256x256x3 against the transforms that their definitions force on them, within one run."""

from time import thread_time

import numpy as np
import pytest
from scipy import fft

from cryptobench.baselines.optical.drpe import Drpe
from cryptobench.baselines.optical.kumar2022 import Kumar2022
from cryptobench.baselines.optical.luan2021 import Luan2021
from cryptobench.baselines.optical.yu2022 import Yu2022, bench, halftone, sample_plane
from cryptobench.cipher import Cipher
from cryptobench.primitives.optics.masks import vortex_array
from cryptobench.primitives.optics.propagation import Light, fresnel_transfer
from cryptobench.primitives.optics.ptychography import diffraction_patterns, epie
from tests.speed.ratios import ratio

IMAGE = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
FIELD = np.ones((3, 256, 256), np.complex64)
LIGHT = Light(632.8e-9, 20e-6)


@pytest.mark.parametrize(("cipher", "transforms"), [(Drpe(), 2), (Luan2021(), 2), (Kumar2022(), 4)], ids=str)
def test_encryption_against_its_fourier_transforms(benchmark, cipher: Cipher, transforms: int):
    """Masks, transforms and recording, over as many FFTs of three channels as the scheme's definition has stretches."""
    key = bytes(range(cipher.card.key_bytes))

    def transform_only() -> None:
        for _ in range(transforms):
            fft.fft2(FIELD)

    benchmark.extra_info["over its transforms"] = ratio(lambda: cipher.encrypt(IMAGE, key, bytes(16)), transform_only)
    benchmark(cipher.encrypt, IMAGE, key, bytes(16))


def test_transfer_functions_are_kept(benchmark):
    """One that was made before costs next to nothing."""
    fresnel_transfer((256, 256), 0.03, LIGHT)
    benchmark.extra_info["making / keeping"] = ratio(
        lambda: fresnel_transfer.__wrapped__((256, 256), 0.03, LIGHT), lambda: fresnel_transfer((256, 256), 0.03, LIGHT)
    )
    benchmark(fresnel_transfer, (256, 256), 0.03, LIGHT)


def test_vortices_against_arctangents(benchmark):
    """Products of complex numbers against a sum of 16 arctangents and an exponential."""
    charges = np.arange(-8, 9)[np.arange(-8, 9) != 0].reshape(4, 4)
    y, x = np.mgrid[:256, :256] - 127.5

    def arctangents() -> np.ndarray:
        phase = np.zeros((256, 256))
        for (row, column), charge in np.ndenumerate(charges):
            phase += charge * np.arctan2(y - 48 * (row - 1.5), x - 48 * (column - 1.5))
        return np.exp(1j * phase)

    benchmark.extra_info["arctangents / products"] = ratio(
        arctangents, lambda: vortex_array((256, 256), charges, (48, 48))
    )
    benchmark(vortex_array, (256, 256), charges, (48, 48))


TOGETHER = 16  # windows that scipy transforms at a time, which stay in the cache


def transforms_alone(windows: int) -> None:
    """The four transforms of so many windows on their way to the camera, by scipy."""
    waves = np.ones((TOGETHER, 64, 64), np.complex64)
    for _ in range(-(-windows // TOGETHER)):
        for _ in range(2):
            waves = fft.ifft2(fft.fft2(waves, overwrite_x=True), overwrite_x=True)


def test_windows_against_their_fourier_transforms(benchmark):
    """All of ptychography's work, gathering and masks too, takes less than scipy takes for the transforms alone."""
    key, image = bytes(range(32)), IMAGE[:128, :128]
    plane = sample_plane(halftone(image), key)
    light = bench(key, (plane.shape[1], plane.shape[2]))
    patterns = diffraction_patterns(plane, light)
    windows = int(np.prod(patterns.shape[:3]))
    there, both = (
        ratio(lambda passes=passes: transforms_alone(passes * windows), call, clock=thread_time)
        for passes, call in (
            (1, lambda: diffraction_patterns(plane, light)),
            (2, lambda: epie(patterns, (256, 256), light, 1)),
        )
    )
    benchmark.extra_info |= {"transforms / patterns": there, "transforms / round": both}
    assert min(there, both) > 1
    benchmark(diffraction_patterns, plane, light)


def test_decryption_in_encryptions(benchmark):
    """yu2022 decrypts in some six encryptions: four rounds of twice the transforms, and what is around them."""
    cipher, key = Yu2022(), bytes(range(32))
    encrypted = cipher.encrypt(IMAGE, key, bytes(16))
    times = ratio(lambda: cipher.decrypt(encrypted, key), lambda: cipher.encrypt(IMAGE, key, bytes(16)), rounds=3)
    benchmark.extra_info["encryptions"] = times
    assert times < 16
    benchmark.pedantic(cipher.decrypt, args=(encrypted, key), rounds=1)
