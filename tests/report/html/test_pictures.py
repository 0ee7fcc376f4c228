"""Pictures of the page are kept once, and small enough."""

from __future__ import annotations

import base64
import io
import math

import numpy as np
from PIL import Image

from cryptobench.report.html.pictures import EmbeddedPictures, histogram, within


def test_pictures_are_kept_once() -> None:
    """Equal pictures share a number; a large one is sampled to the size asked for."""
    rng = np.random.default_rng(1)
    pictures, small = EmbeddedPictures(), rng.integers(0, 256, (33, 47, 3), dtype=np.uint8)
    assert (
        pictures.add(small, 256) == pictures.add(small.copy(), 256) == {"id": 0, "width": 47, "height": 33, "step": 1}
    )
    with Image.open(io.BytesIO(base64.b64decode(pictures.texts[0]))) as held:
        assert (np.asarray(held) == small).all()
    large = rng.integers(0, 256, (257, 263), dtype=np.uint8)
    assert pictures.add(large, 128)["step"] == 3
    with Image.open(io.BytesIO(base64.b64decode(pictures.texts[1]))) as held:
        assert held.size == (math.ceil(263 / 3), math.ceil(257 / 3))
    assert histogram(np.zeros((1, 5), np.uint8)) == [("grey", [5] + [0] * 255)]


def test_noise_takes_sixty_kilobytes_a_picture() -> None:
    """55 ciphers with ciphertexts of 256 x 256 pixels of noise stay far below 15 MB."""
    pictures = EmbeddedPictures()
    pictures.add(np.random.default_rng(2).integers(0, 256, (256, 256, 3), dtype=np.uint8), 256)
    assert 10_000 < len(pictures.texts[0]) < 70_000


def test_pictures_shrink_until_they_fit() -> None:
    """The largest of three sizes that keeps within the budget is taken, and the smallest where none does."""
    noise = np.random.default_rng(3).integers(0, 256, (5, 128, 128, 3), dtype=np.uint8)

    def collected(budget: int) -> tuple[list[int], int]:
        placed, pictures = within(lambda kept: [kept.add(one, 128) for one in noise], budget)
        return [place["step"] for place in placed], sum(map(len, pictures.texts))

    steps, whole = collected(10_000_000)
    assert steps == [1] * 5
    steps, half = collected(whole - 1)
    assert (steps, half < whole) == ([2] * 5, True)
    assert collected(1)[0] == [4] * 5
