"""Classic maps against analytic Lyapunov exponents, plain Python floats, and the definitions of the grid bijections."""

import math

import numpy as np
import pytest

from cryptobench.primitives.chaos.maps import classic as maps
from cryptobench.primitives.chaos.permutation.index import gather, scatter

RNG = np.random.default_rng(2011)
LN_2 = math.log(2)


@pytest.mark.parametrize("m", [0.31, 0.4999, 0.62])
def test_skew_tent_exponent_is_the_entropy(m: float):
    """The mean of ln of the slope 1/m or 1/(1-m) is -m ln m - (1-m) ln(1-m), and the states are spread evenly."""
    x = maps.skew_tent_orbit(0.2345, m, 200_000)
    exponent = np.where(x < m, -math.log(m), -math.log(1 - m)).mean()
    assert exponent == pytest.approx(-m * math.log(m) - (1 - m) * math.log(1 - m), abs=0.005)
    assert np.histogram(x, 16, (0, 1))[0] == pytest.approx(12_500, rel=0.05)


def test_skew_tent_goes_on_after_it_has_died():
    """The peak goes to 1, and the next state is the restart value; at m = 1/2 any start gets there within 60 steps."""
    assert maps.skew_tent_orbit(0.4, 0.4, 1).tolist() == [0.123456789]
    assert 0.123456789 in maps.skew_tent_orbit(0.2345, 0.5, 60)


@pytest.mark.parametrize("p", [0.05, 0.23, 0.45])
def test_pwlcm_has_the_analytic_exponent(p: float):
    """2p ln(1/p) + (1-2p) ln(1/(1/2-p)), with states spread evenly."""
    x = maps.pwlcm_orbit(0.2345, p, 200_000)
    folded = np.minimum(x, 1 - x)
    exponent = np.where(folded < p, -math.log(p), -math.log(0.5 - p)).mean()
    assert exponent == pytest.approx(-2 * p * math.log(p) - (1 - 2 * p) * math.log(0.5 - p), abs=0.01)
    assert np.histogram(x, 16, (0, 1))[0] == pytest.approx(12_500, rel=0.06)


def test_pwlcm_equals_plain_floats():
    """All four branches, with the bits of Python's floats."""
    x, p, expected = 0.777, 0.3, []
    for _ in range(500):
        u = x if x < 0.5 else 1 - x
        x = u / p if u < p else (u - p) / (0.5 - p)
        expected.append(x)
    assert maps.pwlcm_orbit(0.777, p, 500).tolist() == expected


def test_logistic_tent_orbits_equal_plain_floats():
    """Lanes run apart from one another, and go on where they stopped."""
    x, r = np.array([0.3, 0.61, 0.9]), np.array([3.91, 3.95, 3.999])
    expected = []
    for start, gain in zip(x.tolist(), r.tolist(), strict=True):
        lane, u = [], start
        for _ in range(400):
            u = (gain * u * (1 - u) + (4 - gain) * min(u, 1 - u) / 2) % 1
            lane.append(u)
        expected.append(lane)
    out = np.empty((400, 3))
    maps.logistic_tent_orbits(x, r, out[:150])
    maps.logistic_tent_orbits(x, r, out[150:])
    assert out.T.tolist() == expected
    assert x.tolist() == out[-1].tolist()


@pytest.mark.parametrize("r", [3.9, 3.95, 3.999])
def test_logistic_tent_exponent_is_near_ln_2(r: float):
    """The mean of ln of the slope along an orbit is 0.69 within 0.02."""
    out = np.empty((100_000, 1))
    maps.logistic_tent_orbits(np.array([0.3]), np.array([r]), out)
    slope = r * (1 - 2 * out) + np.where(out < 0.5, 1, -1) * (4 - r) / 2
    assert np.log(np.abs(slope)).mean() == pytest.approx(LN_2, abs=0.02)


def test_logistic_tent_goes_on_after_it_has_died():
    """1/2 goes to 1, which is 0 mod 1: the next state is the restart value."""
    out = np.empty((1, 1))
    maps.logistic_tent_orbits(np.array([0.5]), np.array([3.9]), out)
    assert out.item() == 0.123456789


@pytest.mark.parametrize("degree", [2, 3, 5, 8])
def test_chebyshev_has_ln_degree_as_exponent(degree: int):
    """One step is cos(degree arccos x), and the mean of ln|T'| along an orbit is ln degree."""
    x = maps.chebyshev_orbit(0.2345, degree, 200_000)
    assert np.abs(x[1:] - np.cos(degree * np.arccos(x[:-1]))).max() < 1e-12
    angle = np.arccos(x[np.abs(x) < 1])
    slope = degree * np.sin(degree * angle) / np.sin(angle)
    assert np.log(np.abs(slope)).mean() == pytest.approx(math.log(degree), abs=0.01)


def test_henon_map_has_the_known_exponent():
    """0.4192 at a = 1.4, b = 0.3, by the tangent map along 15000 states; the exponents add up to ln 0.3."""
    orbit = maps.henon_orbit(0.05, -0.08, 15_100)
    frame, total = np.eye(2), np.zeros(2)
    for x in orbit[100:, 0].tolist():
        frame, r = np.linalg.qr(np.array([[-2.8 * x, 1.0], [0.3, 0.0]]) @ frame)
        total += np.log(np.abs(np.diag(r)))
    assert total[0] / 15_000 == pytest.approx(0.4192, abs=0.01)
    assert total.sum() / 15_000 == pytest.approx(math.log(0.3))


def test_henon_map_escapes_from_far_starts_only():
    """(3, 3) ends in infinity or NaN; 300 starts within 0.1 of the origin stay bounded."""
    assert not np.isfinite(maps.henon_orbit(3.0, 3.0, 100)).all()
    for x, y in RNG.uniform(-0.1, 0.1, (300, 2)).tolist():
        assert np.abs(maps.henon_orbit(x, y, 1000)).max() < 1.5


@pytest.mark.parametrize(("side", "strips"), [(8, (4, 2, 2)), (12, (3, 6, 1, 2)), (64, (32, 16, 16)), (5, (5,))])
def test_baker_map_follows_fridrich(side: int, strips: tuple[int, ...]):
    """Every cell goes where the formula says; a strip becomes a band of rows; nothing is lost."""
    table = maps.baker_targets(side, strips)
    for i, n in enumerate(strips):
        first, q = sum(strips[:i]), side // n
        for x in range(first, first + n):
            for y in range(side):
                row, column = divmod(int(table[y * side + x]), side)
                assert (column, row) == (q * (x - first) + y % q, (y - y % q) // q + first)
                assert first <= row < first + n
    assert sorted(table.tolist()) == list(range(side * side))


@pytest.mark.parametrize("strips", [(4, 3), (3, 3, 2), (8, 0), (4, 2)])
def test_baker_map_refuses_strips_that_do_not_fit(strips: tuple[int, ...]):
    """Widths that do not divide the side, or do not add up to it."""
    with pytest.raises(ValueError, match="wanted divisors of it that add up to it"):
        maps.baker_targets(8, strips)


@pytest.mark.parametrize(("side", "K"), [(7, 18.5), (64, 40.0), (33, -3.3)])
def test_standard_map_is_undone_by_its_inverse(side: int, K: float):
    """y = y' - round(K sin(2 pi x'/N)) and x = x' - y, mod N, lead back from every cell."""
    table = maps.standard_targets(side, K)
    for cell, target in enumerate(table.tolist()):
        row, column = divmod(target, side)
        y = (row - round(K * math.sin(2 * math.pi * column / side))) % side
        assert cell == y * side + (column - y) % side


def test_grid_maps_move_pixels_and_back():
    """`scatter` by a table and `gather` by it are inverse; the corner of the standard map stays."""
    image = RNG.integers(0, 256, 64 * 64, np.uint8)
    for table in (maps.standard_targets(64, 25.0), maps.baker_targets(64, (16, 16, 32))):
        moved = scatter(image, table)
        assert (moved != image).mean() > 0.9
        assert np.array_equal(gather(moved, table), image)
    assert maps.standard_targets(64, 25.0)[0] == 0


def test_henon_step_has_its_fixed_point_and_exponent():
    """x = (-0.7 + sqrt(6.09)) / 2.8 rests; the largest Lyapunov exponent is the literature's 0.419."""
    x = (-0.7 + math.sqrt(6.09)) / 2.8
    assert maps.henon_step(x, 0.3 * x) == pytest.approx((x, 0.3 * x), abs=1e-15)
    x, y, growth, (u, v) = 0.1, 0.1, 0.0, (1.0, 0.0)
    for _ in range(50_000):
        u, v = -2.8 * x * u + v, 0.3 * u
        x, y = maps.henon_step(x, y)
        length = math.hypot(u, v)
        growth, u, v = growth + math.log(length), u / length, v / length
    assert growth / 50_000 == pytest.approx(0.419, abs=0.01)


def test_skew_tent_step_has_known_values_and_exponent():
    """Known values on both slopes; the mean log slope along an orbit is the entropy of (m, 1-m)."""
    assert [maps.skew_tent_step(x, 0.25) for x in (0.125, 0.25, 0.625, 1.0)] == [0.5, 1.0, 0.5, 0.0]
    m, x, growth = 0.37, 0.123, 0.0
    for _ in range(50_000):
        growth += math.log(1 / m if x < m else 1 / (1 - m))
        x = maps.skew_tent_step(x, m)
    assert growth / 50_000 == pytest.approx(-m * math.log(m) - (1 - m) * math.log(1 - m), abs=0.01)
