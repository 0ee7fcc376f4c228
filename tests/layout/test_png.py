"""PNG files of figures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cryptobench.layout.png import png


@pytest.mark.parametrize("channels", [3, 4])
def test_another_reader_finds_every_pixel(channels: int) -> None:
    """Pillow reads what was written, and so many pixels an inch."""
    image = np.random.default_rng(1).integers(0, 256, (5, 7, channels), np.uint8)
    opened = Image.open(io.BytesIO(png(image, 200)))
    opened.verify()
    opened = Image.open(io.BytesIO(png(image, 200)))
    assert np.array_equal(np.asarray(opened), image)
    assert opened.info["dpi"] == pytest.approx((200, 200), abs=0.01)
    assert opened.info["Software"] == "cryptobench"


def test_what_hides_nothing_is_kept_without_alpha() -> None:
    """Three channels hold an opaque picture of four."""
    image = np.random.default_rng(2).integers(0, 256, (4, 6, 4), np.uint8)
    image[..., 3] = 255
    opened = Image.open(io.BytesIO(png(image, 72)))
    assert opened.mode == "RGB"
    assert np.array_equal(np.asarray(opened), image[..., :3])
