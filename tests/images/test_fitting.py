"""Images as a card's limits want them: grey, or the central part, never resampled."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.card import Card, KeyField
from cryptobench.images import load_image
from cryptobench.images.fitting import fitted, without_note


def _card(**limits) -> Card:
    return Card(name="x", title="", family="f", fidelity="A", key=(KeyField("k", 8),), **limits)


COLOUR = np.arange(10 * 14 * 3, dtype=np.uint8).reshape(10, 14, 3)


@pytest.mark.parametrize(
    ("limits", "note", "rows", "columns"),
    [
        ({}, "", slice(0, 10), slice(0, 14)),
        ({"square": True}, "10x10 crop", slice(0, 10), slice(2, 12)),
        ({"sides_multiple_of": 4}, "8x12 crop", slice(1, 9), slice(1, 13)),
        ({"sides_multiple_of": 2}, "", slice(0, 10), slice(0, 14)),
        ({"sides_multiple_of": 4, "square": True}, "8x8 crop", slice(1, 9), slice(3, 11)),
        ({"max_side": 9}, "9x9 crop", slice(0, 9), slice(2, 11)),
        ({"max_side": 9, "sides_multiple_of": 4}, "8x8 crop", slice(1, 9), slice(3, 11)),
        ({"min_side": 11, "square": True}, "", slice(0, 10), slice(0, 14)),
        ({"sides_multiple_of": 16}, "", slice(0, 10), slice(0, 14)),
    ],
)
def test_sides_are_cut_to_the_centre(limits, note, rows, columns) -> None:
    """The samples are the image's own; one that is too small for the card stays as it is."""
    image, said = fitted(COLOUR, _card(**limits))
    assert said == note
    assert np.array_equal(image, COLOUR[rows, columns])


def test_colour_becomes_grey_where_it_must() -> None:
    """By ITU-R BT.601, of (200, 100, 50) 124.2; a grey image and a colour cipher's image stay."""
    colour = np.full((4, 5, 3), (200, 100, 50), np.uint8)
    image, note = fitted(colour, _card(channels=(1,), square=True))
    assert (note, image.shape, np.unique(image).tolist()) == ("grey 4x4 crop", (4, 4), [124])
    assert fitted(image, _card(channels=(1,)))[1] == ""
    assert fitted(colour, _card(channels=(1, 3)))[1] == ""
    unchanged, note = fitted(image, _card(channels=(3,)))
    assert (note, unchanged.shape) == ("", (4, 4))


def test_labels_lose_their_notes() -> None:
    """Whatever was done to an image, its label says which picture it is."""
    labels = {"astronaut": "astronaut", "astronaut grey": "astronaut", "astronaut 252x252 crop": "astronaut"}
    labels |= {"my cat grey 8x8 crop": "my cat", "grey": "grey", "8x8 crop": "8x8 crop"}
    assert {label: without_note(label) for label in labels} == labels


def test_the_built_in_images_fit_most_cards() -> None:
    """An image that needs nothing is the same array."""
    camera = load_image("camera", 64)
    image, note = fitted(camera, _card(square=True, channels=(1,), sides_multiple_of=8))
    assert note == ""
    assert np.array_equal(image, camera)
