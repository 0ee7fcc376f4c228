"""Moves by index tables, swaps and the 3D cat map, against numpy's indexing, brute force and hand-computed matrices."""

import math

import numpy as np
import pytest

from cryptobench.primitives.chaos.permutation import index

RNG = np.random.default_rng(5)
SHAPES = [(1, 1), (1, 263), (257, 1), (33, 141), (257, 263)]


def determinant(a: list[list[int]]) -> int:
    (p, q, r), (s, t, u), (v, w, x) = a
    return p * (t * x - u * w) - q * (s * x - u * v) + r * (s * w - t * v)


def misprinted(ax: int, bx: int, ay: int, by: int, az: int, bz: int) -> list[list[int]]:
    """The matrix as secondary sources print it, with ay az where ay bz belongs."""
    a = index.cat3d_matrix(ax, bx, ay, by, az, bz)
    a[1][2] += ay * az - ay * bz
    return a


def sextuples(n: int, count: int) -> list[list[int]]:
    return RNG.integers(0, n + 1, (count, 6)).tolist()


@pytest.mark.parametrize("shape", SHAPES)
def test_columns_and_rows_are_taken_like_numpy(shape: tuple[int, int]):
    """take agrees with take_along_axis, and put undoes it."""
    a = RNG.integers(0, 256, shape, np.uint8)
    columns, rows = (np.argsort(RNG.random(shape), axis=axis).astype(np.int32) for axis in (0, 1))
    assert np.array_equal(index.take_columns(a, columns), np.take_along_axis(a, columns, 0))
    assert np.array_equal(index.take_rows(a, rows), np.take_along_axis(a, rows, 1))
    assert np.array_equal(index.put_columns(index.take_columns(a, columns), columns), a)
    assert np.array_equal(index.put_rows(index.take_rows(a, rows), rows), a)


def test_scatter_and_gather_are_inverses():
    """scatter sends a[i] to table[i], and gather fetches it back."""
    a = RNG.integers(0, 256, 1001, np.uint8)
    table = RNG.permutation(1001).astype(np.int32)
    moved = index.scatter(a, table)
    assert np.array_equal(moved[table], a)
    assert np.array_equal(index.gather(moved, table), a)


def test_a_swap_train_is_undone_backwards():
    """Forwards it equals a Python loop, also where an element is swapped with itself; backwards it takes all back."""
    data = RNG.integers(0, 256, 700, np.uint8)
    targets = RNG.integers(0, 700, 400).astype(np.int32)
    targets[:3] = [100, 101, 0]
    expected = data.tolist()
    for t, target in enumerate(targets.tolist()):
        expected[100 + t], expected[target] = expected[target], expected[100 + t]
    moved = data.copy()
    index.swap_train(moved, 100, targets, False)
    assert moved.tolist() == expected
    index.swap_train(moved, 100, targets, True)
    assert np.array_equal(moved, data)


@pytest.mark.parametrize("samples", [1, 2, 7, 300])
@pytest.mark.parametrize("backward", [False, True])
def test_packed_bits_are_swapped_like_unpacked_ones(samples: int, backward: bool):
    """Also where a bit changes places within its own sample, which is frequent in small images."""
    for _ in range(50):
        data = RNG.integers(0, 256, samples, np.uint8)
        first = int(RNG.integers(samples))
        targets = RNG.integers(0, 8 * samples, 8 * (samples - first)).astype(np.int32)
        bits = np.unpackbits(data, bitorder="little")
        index.swap_train(bits, 8 * first, targets, backward)
        moved = range(first, samples)
        for i in reversed(moved) if backward else moved:
            index.swap_sample_bits(data, i, targets >> 3, targets & 7, 8 * (i - first), backward)
        assert np.array_equal(data, np.packbits(bits, bitorder="little"))


def test_cat_matrix_with_unit_parameters():
    """All six parameters 1 give the matrix [[2, 1, 3], [3, 2, 5], [2, 1, 4]]."""
    assert index.cat3d_matrix(1, 1, 1, 1, 1, 1) == [[2, 1, 3], [3, 2, 5], [2, 1, 4]]


def test_cat_matrix_has_determinant_1():
    """For 500 random parameter sets, in exact integers; the misprinted matrix mostly has another."""
    drawn = sextuples(64, 500)
    assert {determinant(index.cat3d_matrix(*six)) for six in drawn} == {1}
    assert sum(determinant(misprinted(*six)) != 1 for six in drawn) > 450


@pytest.mark.parametrize("n", [2, 3, 7, 11])
def test_cat_map_is_the_matrix_product(n: int):
    """Every cell goes to A (x, y, z) mod n, every cell is hit once, and the origin stays."""
    for six in sextuples(n, 20):
        a = index.cat3d_matrix(*six)
        targets = index.cat3d_targets(a, n)
        x, y, z = ((np.array(a) @ np.indices((n, n, n)).reshape(3, -1)) % n).tolist()
        assert targets.tolist() == [(u * n + v) * n + w for u, v, w in zip(x, y, z, strict=True)]
        assert len(set(targets.tolist())) == n**3
        assert targets[0] == 0


@pytest.mark.parametrize("n", [2, 7, 64, 101])
def test_inverse_cat_matrix_leads_every_cell_back(n: int):
    """Its product with the matrix is 1, in exact integers, and its targets undo those of the matrix."""
    for six in sextuples(n, 5):
        a = index.cat3d_matrix(*six)
        back = index.cat3d_inverse(a)
        assert (np.array(a, object) @ np.array(back, object)).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        there, again = index.cat3d_targets(a, n), index.cat3d_targets(back, n)
        assert np.array_equal(again[there], np.arange(n**3))


def test_a_large_cat_map_is_a_bijection():
    """At the side that a 512 x 512 x 3 image has, 92, with parameters up to the side."""
    for six in sextuples(92, 3):
        targets = index.cat3d_targets(index.cat3d_matrix(*six), 92)
        assert np.array_equal(np.sort(targets), np.arange(92**3))


def test_the_misprinted_matrix_loses_pixels():
    """With ay az in row 2, about 24 % of random parameter sets at side 40 are no bijection."""
    lossy = sum(len(np.unique(index.cat3d_targets(misprinted(*six), 40))) < 40**3 for six in sextuples(40, 200))
    assert 0.14 < lossy / 200 < 0.34


@pytest.mark.parametrize("first", [0, 5, 786_431, 2**20 - 1, 2**30, 2**31 - 5002])
def test_targets_are_exact_remainders(first: int):
    """Equal to Python's integer arithmetic, up to sizes of 2^31, and for the states 0 and 1."""
    x = RNG.random(5000)
    x[:3] = 0.0, 1.0, 1.0 - 2.0**-53
    out = np.empty(5000, np.int32)
    index.shuffle_targets(x, first, out)
    assert out.tolist() == [math.floor(v * 2**36) % (first + i + 1) for i, v in enumerate(x.tolist())]


def test_targets_at_exact_multiples_are_zero():
    """Where size divides floor(2^36 x), and one below or above, no rounding of the quotient shows."""
    for size in (3, 7, 1000, 65_537, 3_145_728, 2**31 - 1):
        word = 2**36 // size * size
        x = np.array([(word + d) / 2**36 for d in (-1, 0, 1)])
        for i, expected in enumerate((size - 1, 0, 1 % size)):
            out = np.empty(1, np.int32)
            index.shuffle_targets(x[i : i + 1], size - 1, out)
            assert out[0] == expected


def test_every_order_of_four_is_equally_likely():
    """24000 shuffles give each of the 24 orders about 1000 times (chi-square below its 0.1 % point, 49.7)."""
    seen: dict[tuple[int, ...], int] = {}
    for _ in range(24_000):
        data, targets = np.arange(4, dtype=np.uint8), np.empty(4, np.int32)
        index.shuffle_targets(RNG.random(4), 0, targets)
        index.swap_train(data, 0, targets, True)
        seen[tuple(data.tolist())] = seen.get(tuple(data.tolist()), 0) + 1
    assert len(seen) == 24
    assert sum((count - 1000) ** 2 / 1000 for count in seen.values()) < 49.7


def test_the_shuffle_is_undone_by_the_forward_train():
    """For lengths 1, 2 and 1000."""
    for n in (1, 2, 1000):
        data, targets = RNG.integers(0, 256, n, np.uint8), np.empty(n, np.int32)
        index.shuffle_targets(RNG.random(n), 0, targets)
        moved = data.copy()
        index.swap_train(moved, 0, targets, True)
        index.swap_train(moved, 0, targets, False)
        assert np.array_equal(moved, data)
