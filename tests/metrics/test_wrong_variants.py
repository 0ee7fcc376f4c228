"""Mistakes found in published scripts, each of which must differ from the metric by the stated amount."""

import numpy as np
import pytest
from skimage import data

import cryptobench.metrics as metrics


@pytest.fixture(scope="module")
def ciphertexts() -> tuple[np.ndarray, np.ndarray]:
    """Two independent uniform colour images."""
    first, second = np.random.default_rng(0).integers(0, 256, (2, 256, 256, 3), dtype=np.uint8)
    return first, second


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    """A 256x256 colour photograph."""
    return np.ascontiguousarray(data.astronaut()[::2, ::2])


def test_wrapped_differences_inflate_uaci(ciphertexts: tuple[np.ndarray, np.ndarray]) -> None:
    """uint8 subtraction wraps around: UACI reads 50 instead of 33.46."""
    first, second = ciphertexts
    wrapped = 100 * np.abs(first - second).mean() / 255
    assert wrapped == pytest.approx(50, abs=0.2)
    assert metrics.uaci(first, second).value == pytest.approx(33.46, abs=0.2)


def test_saturated_differences_halve_uaci(ciphertexts: tuple[np.ndarray, np.ndarray]) -> None:
    """Subtraction that saturates at zero, as in image libraries, loses every negative difference: 16.7."""
    first, second = ciphertexts
    saturated = 100 * np.clip(first.astype(int) - second, 0, 255).mean() / 255
    assert saturated == pytest.approx(metrics.uaci(first, second).value / 2, abs=0.2)
    assert saturated == pytest.approx(16.7, abs=0.2)


def test_division_by_the_pixel_count_triples_colour_values(ciphertexts: tuple[np.ndarray, np.ndarray]) -> None:
    """Sums over three channels divided by H x W give NPCR 298.8 and UACI 100.4."""
    first, second = ciphertexts
    pixels = first.shape[0] * first.shape[1]
    assert 100 * (first != second).sum() / pixels == pytest.approx(298.8, abs=0.2)
    assert 100 * np.abs(first.astype(int) - second).sum() / 255 / pixels == pytest.approx(100.4, abs=0.5)
    assert metrics.npcr(first, second).value == pytest.approx(99.61, abs=0.05)


def test_pixels_instead_of_samples_raise_npcr(ciphertexts: tuple[np.ndarray, np.ndarray]) -> None:
    """Counting a pixel as changed when any channel differs gives 100 - 6e-6 %, above what samples can reach."""
    first, second = ciphertexts
    by_pixel = 100 * (first != second).any(axis=2).mean()
    assert by_pixel > 99.99
    assert metrics.npcr(first, second).value < 99.7


def test_plain_against_cipher_flatters_a_fixed_pad(photograph: np.ndarray) -> None:
    """A fixed XOR pad scores 99.6 between plain and cipher; between two ciphertexts it scores one sample in N."""
    pad = np.random.default_rng(1).integers(0, 256, photograph.shape, dtype=np.uint8)
    changed = photograph.copy()
    changed[10, 20, 1] ^= 1
    cipher, other = photograph ^ pad, changed ^ pad
    misuse, honest = metrics.npcr(photograph, cipher), metrics.npcr(cipher, other)
    assert misuse.value == pytest.approx(99.6, abs=0.05)
    assert honest.value == pytest.approx(100 / photograph.size)
    assert honest.value < 0.001
    assert honest.p_value == pytest.approx(0, abs=1e-100)


def test_grey_conversion_spoils_entropy(ciphertexts: tuple[np.ndarray, np.ndarray]) -> None:
    """A mix of three uniform channels is not uniform: 7.999 bits turn into 7.7, and an ideal cipher fails."""
    first, _ = ciphertexts
    grey = np.rint(first @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    assert metrics.global_entropy(first).value > 7.998
    converted = metrics.global_entropy(grey)
    assert converted.value == pytest.approx(7.67, abs=0.1)
    assert converted.p_value == 0


def test_sampled_pairs_hide_small_correlations(photograph: np.ndarray) -> None:
    """2000 random pairs cannot see a correlation of .02 that all pairs reject at p < 1e-4."""
    generator = np.random.default_rng(2)
    plane = generator.integers(0, 256, (256, 256), dtype=np.uint8)
    repeat = generator.random((256, 255)) < 0.02
    plane[:, 1:][repeat] = plane[:, :-1][repeat]
    result = metrics.adjacent_correlation(plane, "horizontal")
    assert result.p_value is not None
    assert result.p_value < 1e-4
    assert abs(result.value) < 1.96 / np.sqrt(2000)
