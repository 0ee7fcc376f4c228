"""Halftones: Floyd and Steinberg's diffusion, and the greys that an eye sees in them."""

import numpy as np
import pytest

from cryptobench.images import load_image
from cryptobench.primitives.optics.halftone import error_diffused, smoothed


def plain_diffusion(plane: np.ndarray) -> list[list[bool]]:
    """In floating point, on a list of lists."""
    height, width = plane.shape
    work = [[float(value) for value in row] for row in plane]
    white = []
    for i in range(height):
        row = []
        for j in range(width):
            row.append(work[i][j] >= 128)
            error = work[i][j] - 255 * row[-1]
            for di, dj, share in ((0, 1, 7), (1, -1, 3), (1, 0, 5), (1, 1, 1)):
                if i + di < height and 0 <= j + dj < width:
                    work[i + di][j + dj] += error * share / 16
        white.append(row)
    return white


def test_diffusion_is_that_of_plain_python():
    """All but a few pixels, where sixteenths are rounded, on a photograph and at odd sides."""
    for plane in (load_image("camera", 64), load_image("camera", 64)[:33, :47]):
        plane = np.ascontiguousarray(plane)
        exact = plain_diffusion(plane)
        assert abs(error_diffused(plane).mean() - np.mean(exact)) < 0.01
        assert (error_diffused(plane)[:2] == exact[:2]).mean() > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (1, 37), (37, 1), (20, 20)])
def test_black_stays_black_and_white_white(shape: tuple[int, int]):
    """At all sides."""
    assert not error_diffused(np.zeros(shape, np.uint8)).any()
    assert error_diffused(np.full(shape, 255, np.uint8)).all()


@pytest.mark.parametrize("grey", [10, 64, 128, 200])
def test_the_mean_is_kept(grey: int):
    """The share of white is the grey, within two percent."""
    assert error_diffused(np.full((64, 64), grey, np.uint8)).mean() == pytest.approx(grey / 255, abs=0.02)


def test_an_eye_sees_the_greys_again():
    """The halftone of a smooth ramp, smoothed, is the ramp."""
    ramp = np.broadcast_to(np.linspace(0, 255, 96).astype(np.uint8), (96, 96)).copy()
    seen = smoothed(error_diffused(ramp)[None], 2.0)[0]
    assert abs(seen - ramp / 255)[8:-8, 8:-8].mean() < 0.03
