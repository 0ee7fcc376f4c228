"""Every metric refuses what it cannot measure, in one line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cryptobench.metrics as metrics

GREY = np.arange(64 * 64, dtype=np.uint32).reshape(64, 64).astype(np.uint8)
SINGLE = [
    metrics.histogram,
    metrics.histogram_chi_square,
    metrics.histogram_variance,
    metrics.deviation_from_uniform,
    metrics.global_entropy,
    metrics.local_entropy,
    metrics.adjacent_correlations,
    metrics.glcm_properties,
]
PAIRS = [
    metrics.maximum_deviation,
    metrics.irregular_deviation,
    metrics.encryption_quality,
    metrics.npcr,
    metrics.uaci,
    metrics.baci,
    metrics.bit_avalanche,
    metrics.channel_correlation,
    metrics.mean_squared_error,
    metrics.mean_absolute_error,
    metrics.peak_signal_noise_ratio,
    metrics.structural_similarity,
]


@pytest.mark.parametrize("metric", SINGLE)
@pytest.mark.parametrize(
    ("image", "given"),
    [
        (GREY.astype(np.float64), r"float64 of shape \(64, 64\)"),
        (GREY.astype(np.uint16), r"uint16"),
        (GREY.ravel(), r"shape \(4096,\)"),
        (GREY[:0], r"shape \(0, 64\)"),
        (GREY[None, None], r"shape \(1, 1, 64, 64\)"),
        (GREY.tolist(), "not list"),
    ],
)
def test_what_is_no_image_is_named(metric: Callable[..., Any], image: Any, given: str) -> None:
    """A wrong dtype, dimension, size or type is one ValueError line that names what was given and wanted."""
    with pytest.raises(ValueError, match=given) as caught:
        metric(image)
    assert "uint8 array of shape (H, W)" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("metric", PAIRS)
def test_shapes_that_differ_are_named(metric: Callable[..., Any]) -> None:
    """Two shapes are never broadcast or cropped."""
    with pytest.raises(ValueError, match=r"\(64, 64\).*\(64, 63\)"):
        metric(GREY, GREY[:, :63])


@pytest.mark.parametrize("metric", PAIRS)
def test_both_images_are_checked(metric: Callable[..., Any]) -> None:
    """A wrong dtype in the second place is found too."""
    with pytest.raises(ValueError, match="float64"):
        metric(GREY, GREY.astype(np.float64))


@pytest.mark.parametrize("metric", [metrics.adjacent_correlations, metrics.glcm_properties])
def test_a_plane_metric_refuses_channels(metric: Callable[..., Any]) -> None:
    """Correlation and texture are by channel, and say how to pick one."""
    with pytest.raises(ValueError, match=r"pass image\[\.\.\., c\]"):
        metric(np.stack([GREY] * 3, axis=-1))


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.05, 5.0])
def test_a_level_is_a_probability(alpha: float) -> None:
    """A percentage given as alpha is refused."""
    for metric in (metrics.histogram_chi_square, metrics.global_entropy):
        with pytest.raises(ValueError, match="alpha"):
            metric(GREY, alpha)
    for pair_metric in (metrics.npcr, metrics.uaci, metrics.baci, metrics.bit_avalanche):
        with pytest.raises(ValueError, match="alpha"):
            pair_metric(GREY, GREY, alpha)


def test_views_are_measured_as_their_values() -> None:
    """Strides, byte order of axes and the writeable flag make no difference, and the input is left alone."""
    image = np.random.default_rng(1).integers(0, 256, (67, 71, 3), dtype=np.uint8)
    frozen = image.copy()
    frozen.flags.writeable = False
    strided = np.asfortranarray(image)
    flipped = image[::-1][::-1]
    for metric in (metrics.global_entropy, metrics.local_entropy):
        assert metric(image) == metric(frozen) == metric(strided) == metric(flipped)
    assert metrics.structural_similarity(frozen, strided).value == 1.0
    np.testing.assert_array_equal(image, frozen)


def test_results_are_plain_floats() -> None:
    """Every field of every result is a Python float or None, so that tables and JSON take it."""
    generator = np.random.default_rng(2)
    for shape in ((64, 64), (33, 47, 3), (1, 40), (2, 2), (1, 1)):
        plain, cipher, changed = (generator.integers(0, 256, shape, dtype=np.uint8) for _ in range(3))
        for key, result in metrics.metric_set(plain, cipher, changed).items():
            fields = (result.value, result.expected, result.low, result.high, result.p_value)
            assert all(field is None or type(field) is float for field in fields), (key, result)
