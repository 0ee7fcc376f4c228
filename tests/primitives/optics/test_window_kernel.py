"""The kernels for windows are Fourier optics: against scipy's transforms, window by window."""

import numpy as np
import pytest
from scipy import fft

from cryptobench.primitives.optics.lane_fourier import reversed_digits
from cryptobench.primitives.optics.ptychography import Bench, diffraction_patterns, epie, scan_places, scanned_shape
from cryptobench.primitives.optics.window_kernel import work

RNG = np.random.default_rng(7)


def field(*shape: int) -> np.ndarray:
    return (RNG.uniform(-1, 1, shape) + 1j * RNG.uniform(-1, 1, shape)).astype(np.complex64)


def phases(*shape: int) -> np.ndarray:
    return np.exp(2j * np.pi * RNG.random(shape)).astype(np.complex64)


def windows(plane: np.ndarray, bench: Bench, places: tuple[int, int]) -> dict[tuple[int, int], tuple[slice, slice]]:
    w, step = bench.window, bench.step
    return {
        (a, b): (slice(step * a, step * a + w), slice(step * b, step * b + w))
        for a in range(places[0])
        for b in range(places[1])
    }


@pytest.fixture(params=[(16, 6), (32, 12), (64, 40)], ids=str)
def setting(request: pytest.FixtureRequest) -> tuple[np.ndarray, Bench]:
    """Two objects as large as the plane that its windows cover, and a set-up without any symmetry."""
    w, step = request.param
    sides = scanned_shape((3 * step, 2 * step), w, step)
    probe, mask = RNG.uniform(0, 1, (w, w)).astype(np.float32), phases(*sides)
    return field(2, *sides), Bench(probe, mask, phases(w, w), phases(w, w), step)


def to_camera(exit_wave: np.ndarray, bench: Bench, place: tuple[slice, slice]) -> np.ndarray:
    at_mask = fft.ifft2(fft.fft2(exit_wave) * bench.to_mask) * bench.mask[place]
    return fft.ifft2(fft.fft2(at_mask) * bench.to_camera)


def to_object(detected: np.ndarray, bench: Bench, place: tuple[slice, slice]) -> np.ndarray:
    at_mask = fft.ifft2(fft.fft2(detected) * bench.to_camera.conj()) * bench.mask[place].conj()
    return fft.ifft2(fft.fft2(at_mask) * bench.to_mask.conj())


def in_middle(plane: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
    top, left = ((whole - side) // 2 for whole, side in zip(plane.shape[1:], sides, strict=True))
    return plane[:, top : top + sides[0], left : left + sides[1]]


def test_patterns_are_those_of_plain_optics(setting: tuple[np.ndarray, Bench]):
    """Each window: aperture, transfer, mask, transfer, squared; for three lengths of transforms, odd powers too."""
    plane, bench = setting
    sides = (3 * bench.step, 2 * bench.step)
    objects = in_middle(plane, sides)
    plane[:] = 0
    in_middle(plane, sides)[:] = objects.copy()
    found = diffraction_patterns(in_middle(plane, sides), bench)
    assert found.dtype == np.float32
    for (a, b), place in windows(plane, bench, scan_places(sides, bench.step)).items():
        for c in range(2):
            expected = abs(to_camera(plane[c][place] * bench.probe, bench, place)) ** 2
            np.testing.assert_allclose(found[c, a, b], expected, rtol=1e-4, atol=1e-5)


def test_a_round_is_that_of_plain_optics(setting: tuple[np.ndarray, Bench]):
    """o += p (u' - u) within the object, window by window in the order of groups that do not overlap."""
    plane, bench = setting
    sides, w = (3 * bench.step, 2 * bench.step), bench.window
    places = scan_places(sides, bench.step)
    patterns = RNG.uniform(0, 1, (2, *places, w, w)).astype(np.float32)
    patterns[1, 0, 1] = 0
    found = epie(patterns, sides, bench, 1, 0.5 + 0.25j)
    plane = np.zeros(plane.shape, complex)
    inside = np.zeros(plane.shape)
    in_middle(plane, sides)[:], in_middle(inside, sides)[:] = 0.5 + 0.25j, 1
    apart = -(-w // bench.step)
    where = windows(plane, bench, places)
    for one in sorted(where, key=lambda place: (place[0] % apart, place[1] % apart)):
        for c in range(2):
            if not patterns[(c, *one)].any():
                continue
            before = plane[c][where[one]] * bench.probe
            seen = to_camera(before, bench, where[one])
            after = to_object(seen / abs(seen) * np.sqrt(patterns[(c, *one)]), bench, where[one])
            plane[c][where[one]] += (bench.probe * (after - before)) * inside[c][where[one]]
    np.testing.assert_allclose(found, in_middle(plane, sides), rtol=0, atol=2e-4)


def test_settling_may_change_and_end(setting: tuple[np.ndarray, Bench]):
    """It is given the objects after each round, in place, and True ends the reconstruction."""
    _, bench = setting
    sides = (3 * bench.step, 2 * bench.step)
    patterns = np.ones((1, *scan_places(sides, bench.step), bench.window, bench.window), np.float32)
    seen = []

    def settle(objects: np.ndarray) -> bool:
        seen.append(objects.copy())
        objects[:] = 2j * len(seen)
        return len(seen) == 2

    assert (epie(patterns, sides, bench, 5, settle=settle) == 4j).all()
    assert len(seen) == 2
    assert not np.array_equal(seen[0], seen[1])


@pytest.mark.parametrize("side", [8, 24])
def test_other_sides_are_refused(side: int):
    """A power of two from 16, as the error says."""
    with pytest.raises(ValueError, match=f"windows have {side} samples a side, wanted a power of two from 16"):
        work(phases(side, side), phases(side, side))


def test_transfers_that_may_change_are_read_again():
    """Those that cannot be written to are known again; one that was changed in place is another."""
    to_mask, to_camera = phases(16, 16), phases(16, 16)
    to_camera.flags.writeable = False
    before = work(to_mask, to_camera).transfers
    to_mask *= np.complex64(1j)
    after = work(to_mask, to_camera).transfers
    np.testing.assert_array_equal(after[1], before[1])
    np.testing.assert_array_equal(after[0], np.stack([-before[0, 1], before[0, 0]]))


def test_reversed_digits_of_eight_and_sixteen():
    """Radix 4, then 2: 8 = 4 x 2 and 16 = 4 x 4, by hand."""
    assert reversed_digits(8).tolist() == [0, 4, 1, 5, 2, 6, 3, 7]
    assert reversed_digits(16).tolist() == [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]
