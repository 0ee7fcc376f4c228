"""Orbits side by side against plain floats, one after the other."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from cryptobench.primitives.chaos.elementary import sine
from cryptobench.primitives.chaos.maps.side_by_side import cat3d_bytes, lorenz_bytes, standard_map_bytes
from tests.baselines import plain_zhou2021 as plain

MAPS = {
    standard_map_bytes: (lambda a, b, k, n: plain.standard_map(a, b, k, n, sine), (7.2, 7.2, 4.0)),
    cat3d_bytes: (plain.cat_map, (1.0, 1.0, 1.0)),
    lorenz_bytes: (lambda y, z, q, n: plain.lorenz([y, z, q], n), (2.0, 2.0, 2.0)),
}


@pytest.mark.parametrize("kernel", MAPS, ids=lambda kernel: kernel.__name__)
@pytest.mark.parametrize("lanes", [1, 5])
def test_bytes_are_those_of_plain_floats(kernel: Callable[..., None], lanes: int):
    """From starts up to the largest allowed, written to the columns asked for and to no other."""
    orbit, most = MAPS[kernel]
    start = np.random.default_rng(lanes).random((3, lanes)) * np.array(most)[:, None]
    W = np.full((40, lanes + 2), 99, np.uint8)
    kernel(*start.copy(), W, 1)
    for t in range(lanes):
        states = orbit(*start[:, t].tolist(), 1040)[1000:]
        assert W[:, 1 + t].tolist() == [math.trunc(1e14 * v) % 256 for v in states]
    assert (W[:, [0, -1]] == 99).all()
