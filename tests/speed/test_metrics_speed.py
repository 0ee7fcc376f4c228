"""The metrics against plain NumPy and scikit-image on one 512x512x3 pair, as ratios within one run."""

from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest
from skimage.metrics import structural_similarity

import cryptobench.metrics as metrics
from tests.speed.ratios import ratio

SHAPE = (512, 512, 3)


@pytest.fixture(scope="module")
def images() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A plaintext, its ciphertext and another ciphertext, all uniform."""
    plain, cipher, changed = np.random.default_rng(0).integers(0, 256, (3, *SHAPE), dtype=np.uint8)
    return plain, cipher, changed


def numpy_npcr_uaci(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """The usual script: widen, subtract, average."""
    difference = np.abs(first.astype(np.int64) - second.astype(np.int64))
    return float(100 * np.mean(first != second)), float(100 * np.mean(difference / 255))


def numpy_correlations(image: np.ndarray) -> list[float]:
    """The usual script over all pairs: numpy.corrcoef by channel in four directions."""
    found = []
    for c in range(image.shape[2]):
        p = image[..., c].astype(np.float64)
        for x, y in (
            (p[:, :-1], p[:, 1:]),
            (p[:-1], p[1:]),
            (p[:-1, :-1], p[1:, 1:]),
            (p[:-1, 1:], p[1:, :-1]),
        ):
            found.append(float(np.corrcoef(x.ravel(), y.ravel())[0, 1]))
    return found


def usual_script(plain: np.ndarray, cipher: np.ndarray, changed: np.ndarray) -> None:
    """What a script for a paper computes."""
    numpy_npcr_uaci(cipher, changed)
    numpy_correlations(cipher)


def ratio_of_all(*images: np.ndarray) -> float:
    """How many times longer the usual script takes than all metrics, on one core."""
    return ratio(usual_script, metrics.metric_set, *images, rounds=15)


def npcr_uaci(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    return metrics.npcr(first, second).value, metrics.uaci(first, second).value


def correlations(image: np.ndarray) -> list[float]:
    return [
        result.value for c in range(image.shape[2]) for result in metrics.adjacent_correlations(image[..., c]).values()
    ]


def test_npcr_and_uaci_speed(benchmark: Any, images: tuple[np.ndarray, ...]) -> None:
    """NPCR with UACI gives NumPy's values, at least ten times faster."""
    _, first, second = images
    assert benchmark(npcr_uaci, first, second) == pytest.approx(numpy_npcr_uaci(first, second))
    faster = ratio(numpy_npcr_uaci, npcr_uaci, first, second, rounds=15)
    benchmark.extra_info["times faster than NumPy"] = faster
    assert faster >= 10


def test_correlation_speed(benchmark: Any, images: tuple[np.ndarray, ...]) -> None:
    """All-pairs correlation by channel in four directions gives NumPy's values, at least ten times faster."""
    _, cipher, _ = images
    assert benchmark(correlations, cipher) == pytest.approx(numpy_correlations(cipher), abs=1e-12)
    faster = ratio(numpy_correlations, correlations, cipher, rounds=15)
    benchmark.extra_info["times faster than NumPy"] = faster
    assert faster >= 10


def test_similarity_speed(benchmark: Any, images: tuple[np.ndarray, ...]) -> None:
    """SSIM gives scikit-image's value, at least ten times faster."""
    plain, cipher, _ = images

    def by_scikit_image(first: np.ndarray, second: np.ndarray) -> float:
        return float(structural_similarity(first, second, data_range=255, channel_axis=-1))

    result = benchmark(metrics.structural_similarity, plain, cipher)
    assert result.value == pytest.approx(by_scikit_image(plain, cipher), abs=1e-12)
    faster = ratio(by_scikit_image, metrics.structural_similarity, plain, cipher, rounds=7)
    benchmark.extra_info["times faster than scikit-image"] = faster
    assert faster >= 10


def test_metric_set_speed(benchmark: Any, images: tuple[np.ndarray, ...]) -> None:
    """All metrics together cost less than two fifths of NumPy's NPCR, UACI and correlations alone.

    It takes 8 ms warm on one core, half of them for SSIM and co-occurrence; run with --benchmark-only to see the time.
    Both are timed in a process of their own, as a script is: how fast the system hands out NumPy's arrays of several
    megabytes depends on what the process has allocated before. Where larger arrays were freed, NumPy is faster, and
    the ratio a sixth smaller.
    """
    plain, cipher, changed = images

    benchmark(metrics.metric_set, plain, cipher, changed)
    with get_context("spawn").Pool(1) as fresh:
        faster = fresh.apply(ratio_of_all, (plain, cipher, changed))
    benchmark.extra_info["times faster than NumPy's NPCR, UACI and correlation"] = faster
    assert faster >= 2.5
