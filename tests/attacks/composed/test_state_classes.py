"""Images are given the value that is wanted, by their reserved samples alone; queries of a class all have it."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.composed.state_class.class_oracle import ClassOracle
from cryptobench.attacks.composed.state_class.state_classes import (
    Extremes,
    FewSamples,
    StateClass,
    Sum,
    Unreachable,
    Weight,
    Xor,
)
from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import Oracle
from tests.attacks.keyed_toys import Toy, ideal, photograph

SHAPE = (5, 7)
RNG = np.random.default_rng
STATES = [
    FewSamples((9,)), FewSamples((9, 3, 20), (7, 255)), Xor((4,)), Sum((4,), 256), Sum((4,), 3), Sum((4, 9, 11), 509),
    Sum(tuple(range(10)), None),
]  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_images_are_given_any_value(state: StateClass) -> None:
    """Only reserved samples change; random images have it too."""
    generator = RNG(1)
    for value in generator.integers(0, state.values or 1, 40) if state.values else (3900, 4200, 4463):
        image = generator.integers(100, 156, SHAPE, np.uint8)
        given = state.given(image, int(value))
        assert state.of(given) == state.of(state.random(SHAPE, int(value), generator)) == value
        assert set(np.flatnonzero(given != image)) <= set(state.reserved)


def test_values_are_what_they_are_called() -> None:
    """Sums do not wrap, XORs do not carry, the first of a few samples counts."""
    image = np.full((10, 30), 255, np.uint8)
    assert Sum((0,), None).of(image) == 76500
    assert Sum((0,), 251).of(image) == 76500 % 251
    assert Xor((0,)).of(image[:, :3]) == 0
    assert FewSamples((2, 0), (0,)).of(np.arange(4, dtype=np.uint8)[None]) == 2


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("modulus", [97, 256, 300])
def test_samples_at_an_end_go_the_other_way(level, modulus) -> None:
    """All values are reached from black and white."""
    state = Sum((0, 1, 2), modulus)
    image = np.full(SHAPE, level, np.uint8)
    assert [state.of(state.given(image, value)) for value in range(modulus)] == list(range(modulus))


def test_values_out_of_reach_are_refused() -> None:
    """One sample changes an exact sum by 255 at most, and no image has a negative sum."""
    image = np.full(SHAPE, 100, np.uint8)
    with pytest.raises(Unreachable, match="cannot change the sum by 45 more"):
        Sum((0,), None).given(image, 3500 + 200)
    with pytest.raises(Unreachable, match="no random image has a sum of -1"):
        Sum((0, 1), None).random(SHAPE, -1, RNG(1))


def test_random_images_of_a_sum_are_varied() -> None:
    """Dark and bright ones too: grey levels lie on both sides of the mean."""
    for mean in (20, 235):
        image = Sum(tuple(range(12)), None).random(SHAPE, 35 * mean, RNG(1))
        assert image.sum() == 35 * mean
        assert len(np.unique(image)) > 10


def test_other_samples_are_reserved() -> None:
    """As many as before, but where the samples are the state itself."""
    moved = STATES[-2].elsewhere(35, RNG(1))
    assert (moved.name, len(set(moved.reserved))) == (STATES[-2].name, 3)
    assert moved.reserved != STATES[-2].reserved
    assert STATES[1].elsewhere(35, RNG(1)) is STATES[1]


def test_queries_of_a_class_have_its_value() -> None:
    """All kinds of chosen plaintexts, XORed with the base; the oracle behind counts them."""
    asked = []

    def body(image, seed):
        asked.append(image.copy())
        return ideal(image, seed)

    oracle = Oracle(AttackExperiment(Toy(body), photograph(*SHAPE), 1), "CPA", 100)
    state, base = Xor((3,)), RNG(1).integers(0, 256, SHAPE, np.uint8)
    inside = ClassOracle(oracle, state, 77, base)
    asked.clear()
    inside.encrypt(np.zeros(SHAPE, np.uint8))
    assert set(np.flatnonzero(asked[-1] != base)) <= {3}
    inside.encrypt_probe("zero")
    plain, _ = inside.random_pair(RNG(2))
    assert np.array_equal(plain, asked[-1])
    assert [state.of(image) for image in asked] == [77, 77, 77]
    picture, _ = inside.known_pair()
    assert np.array_equal(asked[-1], inside.sent(picture))
    assert state.of(asked[-1]) == 77
    assert inside.queries.total == oracle.queries.total == 5
    assert inside.remaining == 95


@pytest.mark.parametrize("value", [0, 40, 140, 240, 280])
def test_numbers_of_ones_are_given_to_images(value) -> None:
    """By bits of the reserved samples, up or down; random images have any number of ones that fits."""
    generator = RNG(2)
    state = Weight(tuple(range(12)))
    image = state.random(SHAPE, value, generator)
    assert state.of(image) == int(np.unpackbits(image).sum()) == value
    for change in (-7, 0, 9):
        if 0 <= value + change <= 280:
            given = state.given(image, value + change)
            assert state.of(given) == value + change
            assert set(np.flatnonzero(given != image)) <= set(state.reserved)
    with pytest.raises(Unreachable):
        state.given(image, value + 97)
    with pytest.raises(Unreachable):
        state.random(SHAPE, 281, generator)


def test_extremes_are_given_to_images() -> None:
    """Two reserved samples have them, and the others are between; none is greater than 255, or less than the least."""
    generator = RNG(3)
    state = Extremes((3, 8))
    image = state.random(SHAPE, 200 * 256 + 17, generator)
    assert (image.max(), image.min(), image.flat[3], image.flat[8]) == (200, 17, 200, 17)
    assert state.of(image) == 200 * 256 + 17
    assert state.of(state.given(generator.integers(0, 256, SHAPE, np.uint8), 90 * 256 + 90)) == 90 * 256 + 90
    for value in (17 * 256 + 200, 256 * 256):
        with pytest.raises(Unreachable):
            state.given(image, value)


def test_images_of_a_sum_have_all_levels() -> None:
    """However far its mean is from the middle one: tables have to be read everywhere."""
    generator = RNG(4)
    state = Sum(tuple(range(40)), None)
    for mean in (70, 190):
        images = [state.random((20, 20), 400 * mean, generator) for _ in range(40)]
        assert {state.of(image) for image in images} == {400 * mean}
        assert len(np.unique(images)) == 256
