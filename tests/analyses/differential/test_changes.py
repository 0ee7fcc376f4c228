from collections import Counter
from itertools import product

import numpy as np
import pytest

from cryptobench.analyses.differential.changes import KINDS, PLACES, Change, applied, plan_changes


@pytest.mark.parametrize(
    ("shape", "names"), [((8, 9), ["grey"]), ((8, 9, 3), ["R", "G", "B"]), ((4, 4, 2), ["c0", "c1"])]
)
def test_every_place_channel_and_kind_occurs_together(shape, names):
    """The first trials hold each combination exactly once, and all later ones are at random places."""
    cycle = len(PLACES) * len(names) * len(KINDS)
    plan = plan_changes(np.zeros(shape, np.uint8), cycle + 30, np.random.default_rng(0))
    assert sorted((c.place, c.channel, c.kind) for c in plan[:cycle]) == sorted(product(PLACES, names, KINDS))
    assert {c.place for c in plan[cycle:]} == {"random"}
    assert {c.kind for c in plan[cycle:]} == set(KINDS)


def test_a_short_plan_holds_some_of_each():
    """Fifteen trials on a colour image hold each place, channel and kind at least three times."""
    plan = plan_changes(np.zeros((8, 9, 3), np.uint8), 15, np.random.default_rng(0))
    for attribute in ("place", "channel", "kind"):
        assert min(Counter(getattr(change, attribute) for change in plan).values()) >= 3


def test_places_are_where_their_names_say():
    """First, last, both other corners, and the middle are the pixels of that name; random ones lie anywhere inside."""
    plan = plan_changes(np.zeros((8, 9, 3), np.uint8), 200, np.random.default_rng(0))
    places = {name: {(c.row, c.column) for c in plan if c.place == name} for name in PLACES}
    assert places["first"] == {(0, 0)}
    assert places["last"] == {(7, 8)}
    assert places["corner"] == {(0, 8), (7, 0)}
    assert places["middle"] == {(4, 4)}
    assert len(places["random"]) > 50
    assert all(0 <= row < 8 and 0 <= column < 9 for row, column in places["random"])


@pytest.mark.parametrize("value", [0, 1, 127, 128, 254, 255])
@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 3)])
def test_a_change_touches_one_sample_and_is_undone(shape, value):
    """A change alters one sample as its kind says, and the old value comes back, even on an error."""
    image = np.full(shape, value, np.uint8)
    index = 2 if len(shape) == 3 else 0
    expected = {"lsb": value ^ 1, "msb": value ^ 128, "plus one": (value + 1) % 256}
    for kind in KINDS:
        change = Change("middle", "B", kind, 1, 2, index)
        with applied(change, image):
            assert np.count_nonzero(image != value) == 1
            assert image.reshape(3, 4, -1)[1, 2, index] == expected[kind]
        assert (image == value).all()
        with pytest.raises(RuntimeError), applied(change, image):
            raise RuntimeError
        assert (image == value).all()
