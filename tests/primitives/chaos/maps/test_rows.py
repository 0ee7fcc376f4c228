"""Reading a map of many sites as one flat sequence."""

import numpy as np
import pytest

from cryptobench.primitives.chaos.maps.lattices import blocks


class Counter:
    """Fills rows with 0, 1, 2, ..."""

    def __init__(self) -> None:
        self.next = 0

    def __call__(self, out: np.ndarray) -> None:
        out[:] = np.arange(self.next, self.next + out.size).reshape(out.shape)
        self.next += out.size


@pytest.mark.parametrize("size", [1, 4, 12, 8192])
@pytest.mark.parametrize("n", [0, 1, 4, 5, 31, 1000])
def test_blocks_follow_one_another_without_a_gap(n: int, size: int):
    """Places and samples count from 0 to n-1, whatever the block size is, and the next reading starts on a new row."""
    counter, places, samples = Counter(), [], []
    for first, block in blocks(counter, 4, n, size):
        places += range(first, first + len(block))
        samples += block.tolist()
    assert places == samples == list(range(n))
    assert counter.next == -(-n // 4) * 4
