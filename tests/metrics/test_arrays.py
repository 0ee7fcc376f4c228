"""Every metric refuses what it cannot measure, in one line."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import cryptobench.metrics as metrics
from cryptobench.cipher import Encrypted
from cryptobench.metrics.byte_sequence import byte_entropy
from cryptobench.metrics.randomness.bits import as_bits, bits_of_samples

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


class Tensor:
    """Stands in for torch's, which takes seconds to import: what torch.from_numpy gives, as far as advice goes."""

    __module__ = "torch"

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array, self.shape, self.dtype = array, array.shape, f"torch.{array.dtype}"

    def detach(self) -> "Tensor":
        return self

    cpu = detach

    def permute(self, *axes: int) -> "Tensor":
        return Tensor(self.array.transpose(axes))

    def numpy(self) -> np.ndarray[Any, Any]:
        return self.array


COLOUR = np.stack([GREY, GREY.T, 255 - GREY], axis=-1)
GIVEN = {
    "floats in 0..1": (GREY / 255, "(255 * image).round().astype(np.uint8)", GREY),
    "floats in 0..255": (GREY.astype(np.float32) * 0.999, "image.round().astype(np.uint8)", GREY),
    "whole numbers": (GREY.astype(np.int64), "image.astype(np.uint8)", GREY),
    "16 bits": (GREY.astype(np.uint16) << 8, "(image >> 8).astype(np.uint8)", GREY),
    "truth values": (GREY > 99, "255 * image.astype(np.uint8)", np.where(GREY > 99, 255, 0)),
    "masked": (np.ma.masked_greater(GREY, 200), "image.filled(0)", np.where(GREY > 200, 0, GREY)),
    "a list": (GREY.tolist(), "np.array(image, np.uint8)", GREY),
    "a frame": (pd.DataFrame(GREY), "frame.to_numpy(np.uint8)", GREY),
    "a picture": (Image.fromarray(COLOUR), "np.asarray(image)", COLOUR),
    "a picture with alpha": (Image.fromarray(COLOUR).convert("RGBA"), 'np.asarray(image.convert("RGB"))', COLOUR),
    "a tensor": (Tensor(GREY), "tensor.detach().cpu().numpy()", GREY),
    "channels first": (Tensor(COLOUR.transpose(2, 0, 1)), "tensor.detach().permute(1, 2, 0).cpu().numpy()", COLOUR),
    "a ciphertext": (Encrypted(COLOUR), "image.image", COLOUR),
    "bytes": (GREY.tobytes(), "np.frombuffer(data, np.uint8).reshape(height, width)", GREY),
    "several images": (GREY[None, None], "image[0]", None),
}


@pytest.mark.parametrize("what", GIVEN)
def test_advice_fits_what_was_given(what: str) -> None:
    """The line of code in the error gives the image that was meant, and the metric takes it."""
    image, code, meant = GIVEN[what]
    with pytest.raises(ValueError, match=r"^image must be a non-empty uint8 array .* not ") as caught:
        metrics.histogram(image)
    assert code.replace("image.image", "its .image") in str(caught.value)
    if meant is not None:
        names = {"np": np, "image": image, "tensor": image, "frame": image, "data": image, "height": 64, "width": 64}
        made = eval(code, names)
        np.testing.assert_array_equal(made, meant)
        metrics.histogram(made)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (GREY.astype(np.float64) * 9, "its values lie in 0..2295: scale it to 0..255"),
        (GREY.astype(np.int16) - 99, "its values lie in -99..156: scale it to 0..255"),
        (np.full((3, 3), np.nan), "holds NaN or infinity"),
        (GREY.astype(complex), "convert it to real numbers"),
        ("picture.png", "pass cryptobench.load_image(path)"),
        (Tensor(GREY.astype(np.float32)), ".numpy(), scaled to 0..255, with .astype(np.uint8)"),
        (None, "not NoneType; pass the pixels"),
    ],
)
def test_what_has_no_one_conversion_is_described(image: Any, said: str) -> None:
    """Where only who has the image knows how it is scaled, the message says in what range it lies."""
    with pytest.raises(ValueError, match=re.escape(said)):
        metrics.global_entropy(image)


def test_masked_sequences_are_refused() -> None:
    """No metric and no test of randomness counts what a mask hides."""
    masked = np.ma.masked_greater(GREY.ravel(), 200)
    for measure in (byte_entropy, as_bits, bits_of_samples):
        with pytest.raises(ValueError, match=r"masked uint8 of shape \(4096,\).*image\.filled\(0\)"):
            measure(masked)
    for pair in (metrics.npcr, metrics.structural_similarity):
        with pytest.raises(ValueError, match="masked uint8"):
            pair(GREY, np.ma.masked_greater(GREY, 200))


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
