"""Ghost imaging: recovery, lost buckets, and pattern keys that show what they hide."""

import numpy as np
import pytest

from cryptobench.images import load_image
from cryptobench.primitives.optics.ghost import (
    NormalEquations,
    buckets,
    correlation_image,
    least_squares,
    light_patterns,
    pattern_keys,
)

SIDE = 16
N = SIDE * SIDE


def picture(name: str) -> np.ndarray:
    image = load_image(name, 96)[:64, :64]
    grey = image if image.ndim == 2 else image[..., 1]
    return grey.reshape(SIDE, 4, SIDE, 4).mean(axis=(1, 3)).ravel() / 255


CAMERA, COFFEE = picture("camera"), picture("coffee")


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def test_as_many_measurements_as_pixels_give_the_object():
    """Least squares recovers two objects at once."""
    R = light_patterns(b"key", "R", N, N).astype(float)
    objects = np.stack([CAMERA, COFFEE])
    assert abs(least_squares(buckets(R, objects), R) - objects).max() < 0.05
    more = light_patterns(b"key", "R", 2 * N, N).astype(float)
    assert abs(least_squares(buckets(more, objects), more) - objects).max() < 1e-5


def test_lost_buckets_are_left_out():
    """With a fifth of them lost, others in each object, 3/2 N measurements still give both."""
    R = light_patterns(b"key", "R", 3 * N // 2, N).astype(float)
    objects = np.stack([CAMERA, COFFEE])
    measured = buckets(R, objects)
    lost = np.random.default_rng(9).random(measured.shape) < 0.2
    assert abs(least_squares(np.where(lost, 0, measured), R, lost) - objects).max() < 1e-4
    assert abs(least_squares(np.where(lost, 0, measured), R) - objects).max() > 0.5


@pytest.mark.parametrize("count", [N, 5 * N // 4])
@pytest.mark.parametrize("few", [1, N // 16, N // 16 + 1])
def test_lost_buckets_count_for_nothing(count: int, few: int):
    """Whatever was read there: objects are those of the other patterns, to a thousandth of half a grey level."""
    R = light_patterns(b"key", "R", count, N).astype(float)
    measured = buckets(R, np.stack([CAMERA, COFFEE]))
    lost = np.zeros(measured.shape, np.bool_)
    lost[0, np.random.default_rng(few).permutation(count)[:few]] = True
    found = least_squares(np.where(lost, 9.0, measured), R, lost)
    normal, kept = NormalEquations(R), R[~lost[0]]
    equations = normal.matrix - R[lost[0]].T @ R[lost[0]]
    assert abs(found[0] - np.linalg.solve(equations, kept.T @ measured[0, ~lost[0]])).max() < 1e-3 / 510
    assert np.array_equal(found[1], least_squares(measured[1:], normal)[0])


def test_too_few_measurements_give_no_error():
    """Half as many as pixels, or none at all."""
    R = light_patterns(b"key", "R", N // 2, N)
    assert np.isfinite(least_squares(buckets(R, CAMERA[None]), R)).all()
    assert not least_squares(np.zeros((1, N // 2)), R, np.ones((1, N // 2), bool)).any()


def test_classical_ghost_imaging_needs_many_patterns():
    """The correlation image comes near as 1 / sqrt(1 + N / M var-factor): 0.5 at few, above 0.9 at 40 N patterns."""
    found = [
        correlation(correlation_image(buckets(R, CAMERA[None])[0], R), CAMERA)
        for R in (light_patterns(b"key", "R", m * N, N).astype(float) for m in (1, 8, 40))
    ]
    assert found[0] < 0.55 < found[1] < found[2]
    assert found[2] > 0.85


def test_patterns_of_another_object_give_the_same_buckets():
    """sum_x P_i(x) O_k(x) = B_i, to rounding."""
    R, other = (light_patterns(b"key", label, 2 * N, N).astype(float) for label in "RS")
    B, hidden = buckets(R, CAMERA[None])[0], 0.1 + 0.9 * COFFEE
    P = pattern_keys(B, other, hidden)
    assert abs(P @ hidden - B).max() < 1e-10
    assert abs(least_squares(B[None], P)[0] - hidden).max() < 1e-3


def test_patterns_alone_show_what_they_hide():
    """The variance of a pattern pixel falls with the hidden object's square: no buckets are needed to see it."""
    R, other = (light_patterns(b"key", label, 8 * N, N).astype(float) for label in "RS")
    hidden = 0.1 + 0.9 * COFFEE
    P = pattern_keys(buckets(R, CAMERA[None])[0], other, hidden)
    assert correlation(P.var(axis=0) - 1 / 12, hidden**-2.0) > 0.5


def test_buckets_are_linear():
    """B(O + O') = B(O) + B(O')."""
    R = light_patterns(b"key", "R", 40, N).astype(float)
    assert buckets(R, CAMERA + COFFEE) == pytest.approx(buckets(R, CAMERA) + buckets(R, COFFEE))
