"""The lossless network in whole numbers: its bytes are those of integers, and its inverse is exact."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from cryptobench.primitives.learned.inference.lifting import EXACT, Lifting, quantised
from cryptobench.primitives.learned.sizes import LiftingSize, lifting_shapes
from tests.primitives.learned.inference.lifting_reference import lifting

SIZES = [LiftingSize(), LiftingSize(1), LiftingSize(3, gain=64, couplings=3), LiftingSize(1, layers=3, gain=1)]
SHAPES = [(1, 1), (1, 9), (7, 1), (5, 4), (4, 5), (16, 18), (33, 47)]


def arrays_of(size, seed=0, reach=1.0):
    """Weights that are rounded and cut at both ends, and biases of some hundred."""
    generator = np.random.default_rng(seed)
    return {
        name: (reach * generator.normal(0, 0.3 if "weight" in name else 0.02, shape)).astype(np.float32)
        for name, shape in lifting_shapes(size).items()
    }


def image_of(shape, size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (*shape, size.channels), np.uint8)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_bytes_are_those_of_integers(size):
    """Of every shape, in both directions, against int64 sums and shifts; black, white and noise."""
    arrays = arrays_of(size)
    for one in (size, size._replace(backwards=True)):
        network = Lifting(one, arrays)
        for shape in SHAPES:
            image = image_of(shape, size)
            assert np.array_equal(network(image), lifting(image, one, arrays)), shape
        for level in (0, 255):
            flat = np.full((6, 8, size.channels), level, np.uint8)
            assert np.array_equal(network(flat), lifting(flat, one, arrays))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_inverse_is_exact_whatever_the_weights(size):
    """Of every shape, with small weights and with such that all are cut."""
    for reach in (0.1, 100):
        arrays = arrays_of(size, reach=reach)
        network, inverse = Lifting(size, arrays), Lifting(size._replace(backwards=True), arrays)
        for shape in SHAPES:
            image = image_of(shape, size)
            assert np.array_equal(inverse(network(image)), image), shape


def test_the_largest_sums_are_exact():
    """Sums just below 2^24, at both ends of a byte and of a weight, times the largest gain, are those of integers."""
    size = LiftingSize(3, gain=64, couplings=2)
    shapes = lifting_shapes(size)
    arrays = {}
    for sign in (1, -1):
        for name, shape in shapes.items():
            if name.endswith("weight"):
                arrays[name] = np.full(shape, sign * 2, np.float32)
                room = EXACT - 1 - 128 * 127 * int(np.prod(shape[1:]))
                arrays[name.replace("weight", "bias")] = np.full(shape[0], sign * room / 8192, np.float32)
        assert quantised(arrays, size)["blocks.0.merge.bias"][0] % 2  # float32 held the odd number
        for level in (0, 255):
            image = np.full((5, 6, 3), level, np.uint8)
            assert np.array_equal(Lifting(size, arrays)(image), lifting(image, size, arrays))


def test_sums_that_could_be_inexact_are_refused():
    """A bias one larger than the last test's, weights that are missing, of another shape or not finite."""
    size = LiftingSize()
    arrays = arrays_of(size)
    large = {**arrays, "blocks.1.merge.bias": np.full(6, 2048, np.float32)}
    with pytest.raises(ValueError, match=r"blocks\.1\.merge\.bias could be \d+, wanted below 16777216"):
        Lifting(size, large)
    with pytest.raises(ValueError, match=r"blocks\.0\.merge\.bias is missing, wanted \(6,\)"):
        Lifting(size, {name: one for name, one in arrays.items() if name != "blocks.0.merge.bias"})
    with pytest.raises(ValueError, match=r"other is \(2,\), wanted none"):
        Lifting(size, {**arrays, "other": np.zeros(2, np.float32)})
    with pytest.raises(ValueError, match="not finite"):
        Lifting(size, {**arrays, "blocks.0.merge.bias": np.full(6, np.nan, np.float32)})
    with pytest.raises(ValueError, match="power of two"):
        Lifting(size._replace(gain=3), arrays)
    with pytest.raises(ValueError, match=r"wanted \(H, W, 3\)"):
        Lifting(size, arrays)(np.zeros((4, 4, 1), np.uint8))


def test_a_change_stays_within_its_reach():
    """Of one sample, four couplings of two 3x3 layers: within 16 pixels, and it does not stay where it was."""
    size = LiftingSize()
    inverse = Lifting(size._replace(backwards=True), arrays_of(size))
    image = image_of((80, 80), size)
    changed = image.copy()
    changed[40, 40, 0] ^= 1
    rows, columns = np.nonzero((inverse(image) != inverse(changed)).any(2))
    assert len(rows) > 100
    assert max(abs(rows - 40).max(), abs(columns - 40).max()) <= 17


PROGRAM = """
import hashlib, sys
import numpy as np
from tests.primitives.learned.inference.test_lifting import arrays_of, image_of
from cryptobench.primitives.learned.inference.lifting import Lifting
from cryptobench.primitives.learned.sizes import LiftingSize
size = LiftingSize()
print(hashlib.sha256(Lifting(size, arrays_of(size))(image_of((33, 47), size)).tobytes()).hexdigest())
"""


def test_processors_and_threads_give_the_same_bytes(tmp_path):
    """Compiled for a processor without wide registers or fused multiply-adds, and run with two threads."""
    size = LiftingSize()
    here = hashlib.sha256(Lifting(size, arrays_of(size))(image_of((33, 47), size)).tobytes()).hexdigest()
    least = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": str(tmp_path)}
    environment = {**os.environ, **least, "NUMBA_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    there = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def test_disturbed_weights_give_another_network():
    """Each weight by a fifth of itself, from the seed alone."""
    network, image = Lifting(SIZES[0], arrays_of(SIZES[0])), image_of((16, 16), SIZES[0])
    assert not np.array_equal(network.disturbed(0.2, 1)(image), network(image))
    assert np.array_equal(network.disturbed(0.2, 1)(image), network.disturbed(0.2, 1)(image))
