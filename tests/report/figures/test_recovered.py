"""Figures of the images that attacks recover."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cryptobench.measurement import frame
from cryptobench.report.figures.pictures import Pictures
from cryptobench.report.figures.recovered import draw
from cryptobench.results.run import NothingToShow, RunData, run_in_memory
from tests.results.doubles import attack_rows, two_ciphers


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


def test_the_largest_recovered_image_is_drawn() -> None:
    """Of an attack's sizes the largest, of several attacks in the gallery the cheapest, then the largest."""
    sizes = {("cheap", 16): 2, ("cheap", 48): 2, ("cheap", 32): 2, ("dear", 64): 90}
    rows = [
        row for (attack, side), queries in sizes.items()
        for row in attack_rows("toy", attack, "recovered", side=side, queries=queries)
    ]  # fmt: skip
    pictures = {
        ("toy", "astronaut", f"attack {attack} {side} none {name}"): np.full((side, side, 3), side, np.uint8)
        for attack, side in sizes
        for name in ("original", "cipher", "recovered")
    }
    gallery, by_attack = (drawing.figure() for drawing in draw(run_in_memory(frame(rows), pictures=pictures)))
    for figure, sides in ((gallery, {48}), (by_attack, {48, 64})):
        pages = [artist for axes in figure.axes for artist in axes.get_children() if isinstance(artist, Pictures)]
        assert {image.shape[0] for page in pages for image, _ in page.shown} == sides
        words = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
        words += " ".join(text.get_text() for text in figure.texts)
        assert {int(side) for side in re.findall(r"(\d+)×", words)} == sides


def test_without_recovered_images_nothing_is_drawn(full: RunData) -> None:
    """The reason is one line."""
    with pytest.raises(NothingToShow, match="no attack of this run recovered an image without chosen ciphertexts"):
        list(draw(full))


def test_chosen_ciphertexts_are_no_break() -> None:
    """What they recover is not in the gallery; by cipher it is, and named, where a map reads other ciphertexts."""
    rows = [
        *attack_rows("flipped", "flip", "recovered", "fresh", "CCA", claims=("malleable",)),
        *attack_rows("mapped", "read", "recovered", "fresh", "CCA", claims=("map",)),
        *attack_rows("open", "book", "recovered", "fresh"), *attack_rows("open", "flip", "recovered", "fresh", "CCA"),
    ]  # fmt: skip
    pictures = {
        (cipher, "astronaut", f"attack {attack} 32 fresh {name}"): np.full((32, 32, 3), 90, np.uint8)
        for cipher, attack in (("flipped", "flip"), ("mapped", "read"), ("open", "book"), ("open", "flip"))
        for name in ("original", "cipher", "recovered")
    }
    drawings = list(draw(run_in_memory(frame(rows), pictures=pictures)))
    assert [(one.name, list(one.ciphers)) for one in drawings] == [
        ("recovered", ["open"]), ("recovered_from_mapped_fresh", ["mapped"]), ("recovered_from_open_fresh", ["open"]),
    ]  # fmt: skip
    words = [" ".join(text.get_text() for text in one.figure().axes[0].texts) for one in drawings[1:]]
    assert "read (map recovered), 32×32" in words[0]
    assert "book, 32×32" in words[1]
    assert "flip" not in words[1]
