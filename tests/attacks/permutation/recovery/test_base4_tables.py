"""Tables of base-4 digits are read from four flat images."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.permutation.recovery.base4_tables import digits_differ, read_digits

SHIFTS = (0, 2, 4, 6)


def _encode(image, tables):
    """Each digit of each sample through a table of its own; ``tables`` (samples, 4, 4)."""
    out = np.zeros_like(image)
    for place, shift in enumerate(SHIFTS):
        out |= tables[np.arange(image.size), place, image >> shift & 3] << np.uint8(shift)
    return out


def test_any_tables_are_read() -> None:
    """Whatever permutation of digits each of them is."""
    rng = np.random.default_rng(0)
    tables = rng.permuted(np.tile(np.arange(4, dtype=np.uint8), (50, 4, 1)), axis=2)
    flats = [_encode(np.full(50, 0x55 * k, np.uint8), tables) for k in range(4)]
    image = rng.integers(0, 256, 50, np.uint8)
    assert np.array_equal(read_digits(flats, _encode(image, tables)), image)
    assert digits_differ(flats).all()


def test_tables_without_an_inverse_are_excluded() -> None:
    """One digit with two equal values is enough."""
    tables = np.tile(np.arange(4, dtype=np.uint8), (3, 4, 1))
    tables[1, 2] = [0, 1, 2, 2]
    flats = [_encode(np.full(3, 0x55 * k, np.uint8), tables) for k in range(4)]
    assert digits_differ(flats).tolist() == [True, False, True]
