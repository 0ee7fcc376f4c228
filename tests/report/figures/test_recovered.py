"""Figures of the images that attacks recover."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.measurement import frame
from cryptobench.report.figures.recovered import draw
from cryptobench.results.run import NothingToShow, RunData, run_in_memory
from tests.results.doubles import two_ciphers


@pytest.fixture(scope="module")
def run() -> RunData:
    places = [("weak", "none", 64), ("weak", "none", 48), ("sound", "fixed", 32)]
    return run_in_memory(
        frame(two_ciphers()),
        pictures={
            (cipher, "astronaut", f"attack reuse {side} {nonce} {name}"): np.full((side, side, 3), 90, np.uint8)
            for cipher, nonce, side in places
            for name in ("original", "cipher", "recovered")
        },
    )


def test_every_recovered_image_is_drawn(run: RunData) -> None:
    """A gallery first, then a figure for each cipher and nonce mode in which an attack recovered the image."""
    drawings = list(draw(run))
    names = ["recovered", "recovered_from_sound_fixed", "recovered_from_weak_none"]
    assert [drawing.name for drawing in drawings] == names
    assert all(drawing.figure() is not None for drawing in drawings)
    assert "fixed nonce" in drawings[1].title
    assert [list(drawing.ciphers) for drawing in drawings] == [["sound", "weak"], ["sound"], ["weak"]]


def test_without_recovered_images_nothing_is_drawn(full: RunData) -> None:
    """The reason is one line."""
    with pytest.raises(NothingToShow, match="no attack of this run recovered an image"):
        list(draw(full))
