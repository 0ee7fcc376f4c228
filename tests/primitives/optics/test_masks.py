"""Phase masks: unit modulus, uniform phases, and vortices that wind as often as their charge says."""

import numpy as np
import pytest

from cryptobench.primitives.optics.masks import phase_mask, vortex_array


def test_random_masks_have_unit_modulus_and_uniform_phases():
    """|m| = 1, and the first four moments of the phase factor vanish within five standard errors."""
    mask = phase_mask(b"key", "m", (2, 101, 103), np.complex128)
    assert np.allclose(abs(mask), 1, atol=1e-15)
    assert all(abs((mask**k).mean()) < 5 / np.sqrt(mask.size) for k in range(1, 5))


@pytest.mark.parametrize("charge", [-5, -1, 1, 3, 8])
def test_phase_winds_by_the_vortex_charge(charge: int):
    """The phase steps along a circle round it, of 6 pixels radius, add up to 2 pi l."""
    field = vortex_array((41, 37), [[charge]], (8, 8), dtype=np.complex128)
    angles = np.linspace(0, 2 * np.pi, 400)
    y, x = np.rint(20 + 6 * np.sin(angles)).astype(int), np.rint(18 + 6 * np.cos(angles)).astype(int)
    ring = field[y, x]
    assert np.angle(ring[1:] / ring[:-1]).sum() == pytest.approx(2 * np.pi * charge)


def test_an_array_is_the_sum_of_arctangents():
    """The phase is sum_j l_j atan2(y - y_j, x - x_j), on a grid of 2 x 3 with an offset."""
    charges = np.array([[2, -3, 1], [-1, 4, 5]])
    field = vortex_array((30, 44), charges, (9.5, 11.25), (1.3, -2.1), np.complex128)
    y, x = np.mgrid[:30, :44]
    phase = np.zeros((30, 44))
    for (row, column), charge in np.ndenumerate(charges):
        y_j, x_j = 14.5 + 1.3 + (row - 0.5) * 9.5, 21.5 - 2.1 + (column - 1) * 11.25
        phase += charge * np.arctan2(y - y_j, x - x_j)
    assert abs(field - np.exp(1j * phase)).max() < 1e-12


def test_pixel_at_a_vortex_has_a_phase():
    """In odd sides the middle pixel lies at a single vortex: its factor is 1, and nothing is undefined."""
    field = vortex_array((9, 9), [[7]], (1, 1))
    assert field[4, 4] == 1
    assert np.isfinite(field).all()


def test_too_much_charge_is_refused():
    """A product that would overflow is an error that names both numbers."""
    with pytest.raises(ValueError, match="charges add up to 160, wanted at most 128"):
        vortex_array((8, 8), np.full((4, 4), 10), (2, 2))
