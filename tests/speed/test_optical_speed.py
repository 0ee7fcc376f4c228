"""The optical baselines at 256x256x3 against the transforms that their definitions force on them, within one run."""

import numpy as np
import pytest
from scipy import fft

from cryptobench.baselines.optical.drpe import Drpe
from cryptobench.baselines.optical.kumar2022 import Kumar2022
from cryptobench.baselines.optical.luan2021 import Luan2021
from cryptobench.cipher import Cipher
from cryptobench.primitives.optics.masks import vortex_array
from cryptobench.primitives.optics.propagation import Light, fresnel_transfer
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
