"""Chosen plaintexts of many states decrypt a challenge of one of them."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.tools.shapes import OTHER_SHAPE
from cryptobench.attacks.tools.state_search import StateSearch
from tests.attacks.keyed_toys import Toy, added, ideal, photograph, xored

TARGET = photograph(24, 24, 3)


def _sum(image):
    return bytes([int(image.sum(dtype=int)) % 256])


def _states():
    """One image of each sum mod 256."""
    for level in range(256):
        image = np.zeros(TARGET.shape, np.uint8)
        image[8, 8, 0] = level
        yield image


def _searched(cipher, images) -> StateSearch:
    search = StateSearch(Oracle(AttackExperiment(cipher, TARGET), "CPA"))
    assert search.query(images)
    return search


@pytest.mark.parametrize("body", [xored, added])
def test_the_smoothest_state_decrypts_the_challenge(body) -> None:
    """Under each combiner, with the p-value of its smoothness."""
    search = _searched(Toy(body, state=_sum), _states())
    image, how = search.result()
    assert np.array_equal(image, TARGET)
    assert (search.queries, search.complete, search.log_p < -14) == (256, True, True)
    assert "the smoothest" in how


def test_the_challenges_header_ends_the_search() -> None:
    """A plaintext with the same header has its state."""
    search = _searched(Toy(xored, state=_sum, in_header=True), _states())
    assert (search.header_found, search.complete, search.queries) == (True, True, _sum(TARGET)[0] + 1)
    assert np.array_equal(search.result()[0], TARGET)


def test_shared_states_are_counted() -> None:
    """Plaintexts that get one keystream have equal windows; under an ideal cipher none do."""
    images = [image for image in _states() for _ in range(2)]
    assert _searched(Toy(xored, state=_sum), images).collisions > 250
    sound = _searched(Toy(ideal), list(_states()))
    assert (sound.collisions, sound.p_collisions) == (0, 1.0)


def test_other_shapes_end_the_search() -> None:
    """Then there is no candidate."""
    search = StateSearch(Oracle(AttackExperiment(Toy(lambda image, seed: np.pad(image, 1)), TARGET), "CPA"))
    assert not search.query(_states())
    assert search.result() == (None, OTHER_SHAPE)
