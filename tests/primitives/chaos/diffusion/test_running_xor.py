"""The running XOR against Python's accumulate."""

from itertools import accumulate
from operator import xor

import numpy as np
import pytest

from cryptobench.primitives.chaos.diffusion.chains import running_xor

RNG = np.random.default_rng(32)


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 16, 1003])
@pytest.mark.parametrize("backward", [False, True])
def test_every_byte_is_the_xor_of_all_before_it(n: int, backward: bool):
    """With and without bytes beyond the last whole word, from either end."""
    a = RNG.integers(0, 256, n, np.uint8)
    order = slice(None, None, -1 if backward else 1)
    expected = list(accumulate(a[order].tolist(), xor, initial=77))[1:][order]
    running_xor(a, 77, backward)
    assert a.tolist() == expected
