"""The Lorenz family, hyperchaotic and of fractional order too, against solvers, plain floats and known exponents."""

import hashlib
import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cryptobench.primitives.chaos.maps.basic import chen_system
from cryptobench.primitives.chaos.maps.flows import (
    FractionalLorenz,
    HyperLorenz,
    chen_orbit,
    hyper_lorenz_words,
    lorenz_orbit,
    lu_orbit,
    power,
)

SLOPES: dict[Callable[..., None], Callable[[float, float, float], list[float]]] = {
    lorenz_orbit: lambda x, y, z: [10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z],
    chen_orbit: lambda x, y, z: [35 * (y - x), -7 * x - x * z + 28 * y, x * y - 3 * z],
    lu_orbit: lambda x, y, z: [36 * (y - x), -x * z + 20 * y, x * y - 3 * z],
}
ORBITS = pytest.mark.parametrize("orbit", SLOPES, ids=lambda orbit: orbit.__name__)


@ORBITS
def test_orbits_follow_an_adaptive_solver(orbit: Callable[..., None]):
    """Up to t = 1 all coordinates agree with scipy's DOP853 to six digits; the state is left after the last step."""
    start = np.array([-3.0, 2.0, 20.0])
    times = np.linspace(0.1, 1, 10)
    exact = solve_ivp(
        lambda _, s: SLOPES[orbit](*s), (0, 1), start, method="DOP853", t_eval=times, rtol=1e-12, atol=1e-12
    )
    out, state = np.empty((2000, 3)), start.copy()
    orbit(state, 0.0005, out)
    assert pytest.approx(exact.y, rel=1e-6, abs=1e-6) == out[199::200].T
    assert np.array_equal(state, out[-1])


@ORBITS
def test_orbits_equal_plain_floats(orbit: Callable[..., None]):
    """Hundred steps of a Runge-Kutta written in Python agree to the last few bits."""
    h, (x, y, z) = 0.002, (1.0, -2.0, 15.0)
    out = np.empty((100, 3))
    orbit(np.array([x, y, z]), h, out)
    for found in out:
        s = np.array([x, y, z])
        k1 = np.array(SLOPES[orbit](*s))
        k2 = np.array(SLOPES[orbit](*(s + h / 2 * k1)))
        k3 = np.array(SLOPES[orbit](*(s + h / 2 * k2)))
        k4 = np.array(SLOPES[orbit](*(s + h * k3)))
        x, y, z = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        assert found == pytest.approx([x, y, z], rel=1e-11)


def test_orbits_continue_where_they_stopped():
    """Runs of 30 and 70 steps make one of 100."""
    whole, parts = np.empty((100, 3)), np.empty((100, 3))
    lorenz_orbit(np.array([1.0, 2.0, 3.0]), 0.01, whole)
    state = np.array([1.0, 2.0, 3.0])
    lorenz_orbit(state, 0.01, parts[:30])
    lorenz_orbit(state, 0.01, parts[30:])
    assert np.array_equal(whole, parts)


@ORBITS
def test_equilibria_rest(orbit: Callable[..., None]):
    """The non-zero equilibria of the three systems, known in closed form, stay where they are."""
    side, z = {lorenz_orbit: (math.sqrt(72), 27.0), chen_orbit: (math.sqrt(63), 21.0), lu_orbit: (math.sqrt(60), 20.0)}[
        orbit
    ]
    out = np.empty((50, 3))
    orbit(np.array([side, side, z]), 0.002, out)
    assert out == pytest.approx(np.tile([side, side, z], (50, 1)))


def test_chen_orbit_agrees_with_chen_system():
    """The two implementations of Chen's system meet after 200 steps, up to rounding."""
    start = np.array([-3.0, 2.0, 20.0])
    out = np.empty((200, 3))
    chen_orbit(start.copy(), 0.001, out)
    z = chen_system(start[None], np.array([28.0]), 0.001, (100, 200))[0]
    assert out[[99, 199], 2] == pytest.approx(z, rel=1e-12)


@pytest.mark.parametrize(("orbit", "exponent"), [(lorenz_orbit, 0.906), (chen_orbit, 2.027)])
def test_largest_lyapunov_exponent_is_the_published_one(orbit: Callable[..., None], exponent: float):
    """Two orbits 1e-8 apart, pulled together again every 100 steps, part at the rate of the literature."""
    h, near, growth, rounds = 0.005, 1e-8, 0.0, 3000
    one, out = np.array([1.0, 2.0, 20.0]), np.empty((100, 3))
    orbit(one, h, np.empty((2000, 3)))
    other = one + np.array([near, 0, 0])
    for _ in range(rounds):
        orbit(one, h, out)
        orbit(other, h, out)
        distance = float(np.linalg.norm(other - one))
        growth += math.log(distance / near)
        other = one + (other - one) * (near / distance)
    assert growth / (rounds * 100 * h) == pytest.approx(exponent, rel=0.04)


def test_lu_orbit_is_chaotic_and_bounded():
    """Nearby orbits part, and 100 units of time stay inside the attractor's box."""
    one, other = np.array([1.0, 2.0, 20.0]), np.array([1.0 + 1e-9, 2.0, 20.0])
    first, second = np.empty((50_000, 3)), np.empty((50_000, 3))
    lu_orbit(one, 0.002, first)
    lu_orbit(other, 0.002, second)
    assert np.abs(first - second)[-1000:].max() > 1
    assert np.abs(first).max() < 60


def slope(s: np.ndarray) -> list[float]:
    x, y, z, w = s
    return [10 * (y - x) + w, 28 * x - y - x * z, x * y - 8 / 3 * z, -y * z - w]


def key(label: str, trial: int) -> bytes:
    return hashlib.sha256(f"{label} {trial}".encode()).digest()


def test_hyper_lorenz_follows_an_adaptive_solver():
    """Up to t = 0.4, before chaos takes over, the state agrees with scipy's DOP853 to a relative 1e-5."""
    state = np.array([1.0, -2.0, 3.0, -1.0])
    hyper_lorenz_words(state, 0.002, np.empty((200, 4), np.uint32))
    exact = solve_ivp(lambda _, s: slope(s), (0, 0.4), [1.0, -2.0, 3.0, -1.0], method="DOP853", rtol=1e-12)
    assert state == pytest.approx(exact.y[:, -1], rel=1e-5)


def test_words_are_the_digits_behind_the_point():
    """A step and the formula, in Python's floats."""
    state = np.array([1.5, -2.25, 3.125, -30.0])
    words = np.empty((3, 4), np.uint32)
    hyper_lorenz_words(state, 0.002, words)
    assert words[-1].tolist() == [int(abs(v) % 1 * 1e10) % 2**32 for v in state.tolist()]


def test_hyper_lorenz_is_hyperchaotic():
    """Two exponents are positive, and their sum over all four is the divergence, -10 - 1 - 8/3 - 1."""
    h, n, out = 0.002, 12_000, np.empty((1, 4), np.uint32)
    orbit = HyperLorenz.of(key("exponents", 0), b"", "")
    frame, total = np.eye(4), np.zeros(4)
    for _ in range(n):
        x, y, z, _ = orbit.state
        J = np.array([[-10, 10, 0, 1], [28 - z, -1, -x, 0], [y, x, -8 / 3, 0], [0, -z, -y, -1]])
        frame, upper = np.linalg.qr(frame + h * (J @ (frame + h / 2 * (J @ frame))))
        total += np.log(np.abs(np.diag(upper)))
        hyper_lorenz_words(orbit.state, h, out)
    found = total / (n * h)
    assert found[0] > found[1] > 0.03
    assert found.sum() == pytest.approx(-10 - 1 - 8 / 3 - 1, abs=0.5)


def test_sampled_keys_neither_diverge_nor_cycle():
    """100 keys: of 8192 words next to none are alike, as chance has it, and states stay below 512."""
    for trial in range(100):
        orbit = HyperLorenz.of(key("cycle", trial), b"", "")
        assert len(np.unique(orbit.words(8192))) >= 8189
        assert np.abs(orbit.state).max() < 512


def test_low_24_bits_of_words_are_even():
    """Each is set in 49 to 51 % of a million words, and chi-square of the bytes is within 5 sigma of 255."""
    words = HyperLorenz.of(key("bits", 0), b"", "").words(1 << 20)
    assert np.abs(np.array([(words >> bit & 1).mean() for bit in range(24)]) - 0.5).max() < 0.01
    counts = np.bincount(words.astype(np.uint8), minlength=256)
    assert abs(((counts - 4096) ** 2 / 4096).sum() - 255) < 5 * np.sqrt(2 * 255)


def test_reads_start_on_a_new_step():
    """A read that ends inside a step drops the rest of it; bytes are the low bytes of words."""
    one, two = (HyperLorenz.of(key("reads", 0), b"s", "label") for _ in range(2))
    words = one.words(16)
    assert np.array_equal(two.words(5), words[:5])
    assert np.array_equal(two.bytes(8), words[8:].astype(np.uint8))


START = (1.0, -2.0, 15.0)


def _plain(start: tuple[float, float, float], q: float, h: float, memory: int, steps: int) -> list[list[float]]:
    """The method in Python's floats, one list for each coordinate, every sum from the newest state to the oldest."""
    c = [1.0]
    for j in range(1, memory + 1):
        c.append((1 - (1 + q) / j) * c[-1])
    X, Y, Z = ([value] for value in start)
    for k in range(1, steps + 1):

        def past(states: list[float], k: int = k) -> float:
            total = 0.0
            for j in range(1, min(k, memory) + 1):
                total += c[j] * states[k - j]
            return total

        x = 10 * (Y[-1] - X[-1]) * h**q - past(X)
        y = (x * (28 - Z[-1]) - Y[-1]) * h**q - past(Y)
        z = (x * y - 8 / 3 * Z[-1]) * h**q - past(Z)
        X.append(x), Y.append(y), Z.append(z)
    return [[x, y, z] for x, y, z in zip(X, Y, Z, strict=True)][1:]


@pytest.mark.parametrize("q", [0.990, 0.995, 0.9989])
def test_fractional_orbit_equals_plain_floats(q: float):
    """300 states have the bits of Python's floats, before and after the memory is full."""
    found = FractionalLorenz(START, q).run(np.empty((300, 3)))
    assert found.tolist() == _plain(START, q, 0.01, 64, 300)


@pytest.mark.parametrize("cuts", [(1, 2, 3), (30, 60, 200), (64, 65, 299)])
def test_fractional_orbit_continues_where_it_stopped(cuts: tuple[int, ...]):
    """However the steps are cut into runs, the states are the same."""
    whole = FractionalLorenz(START, 0.993).run(np.empty((300, 3)))
    orbit = FractionalLorenz(START, 0.993)
    parts = [orbit.run(np.empty((stop - start, 3))) for start, stop in zip((0, *cuts), (*cuts, 300), strict=True)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_order_1_is_the_lorenz_system():
    """At q = 1 the weights are -1, 0, 0, ... and the method is a semi-implicit Euler step, which follows the flow."""
    steps, h = 2000, 1e-4
    euler, exact = FractionalLorenz(START, 1.0, h=h).run(np.empty((steps, 3))), np.empty((steps, 3))
    lorenz_orbit(np.array(START), h, exact)
    assert np.abs(euler - exact).max() < 0.05
    assert np.abs(exact[-1] - START).max() > 5


def test_fractional_orbits_part_at_the_lorenz_rate():
    """At order 0.995 a difference of 1e-9 grows by a factor of e^(0.6 to 1.3) a unit of time."""
    one = FractionalLorenz(START, 0.995).run(np.empty((1500, 3)))
    other = FractionalLorenz((START[0] + 1e-9, *START[1:]), 0.995).run(np.empty((1500, 3)))
    distance = np.linalg.norm(one - other, axis=1)
    rate = np.polyfit(np.arange(300, 1300) * 0.01, np.log(distance[300:1300]), 1)[0]
    assert 0.6 < rate < 1.3


def test_lower_orders_settle_in_a_fixed_point():
    """At q = 0.98 the last states all but stand still; at 0.99 and 0.999 they run over the attractor."""
    spread = {q: FractionalLorenz(START, q).run(np.empty((40_000, 3)))[-5000:].std(axis=0).max() for q in (0.98, 0.99)}
    assert spread[0.98] < 1e-4
    assert spread[0.99] > 5


def test_no_sampled_fractional_orbit_is_periodic():
    """60 orbits with q from 0.990 to 0.999: 5000 states are all different, and spread over the attractor."""
    rng = np.random.default_rng(1)
    for _ in range(60):
        start = (*rng.uniform(-10, 10, 2).tolist(), rng.uniform(10, 30))
        states = FractionalLorenz(start, rng.uniform(0.990, 0.999)).run(np.empty((6000, 3)))[1000:]
        assert len(np.unique(states, axis=0)) == 5000
        assert states.std(axis=0).min() > 5


def test_power_is_within_one_ulp():
    """0.25^0.5 is 1/2; other values agree with math.pow to one unit in the last place."""
    assert power(0.25, 0.5) == 0.5
    assert power(0.01, 1.0) == 0.01
    for q in np.linspace(0.99, 0.999, 50).tolist():
        assert abs(power(0.01, q) - math.pow(0.01, q)) <= math.ulp(0.01)
