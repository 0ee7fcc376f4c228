"""Propagation: a Gaussian beam, a Talbot image, energy, the way back, and the sampling condition."""

import re

import numpy as np
import pytest

from cryptobench.cipher import UnsupportedImage
from cryptobench.primitives.optics.propagation import (
    Light,
    angular_spectrum_transfer,
    fresnel_transfer,
    longest_distance,
    propagate,
)

LIGHT = Light(632.8e-9, 20e-6)
RNG = np.random.default_rng(5)


def grid(height: int, width: int, pitch: float) -> tuple[np.ndarray, np.ndarray]:
    return (np.arange(height)[:, None] - height // 2) * pitch, (np.arange(width)[None, :] - width // 2) * pitch


@pytest.mark.parametrize("transfer", [fresnel_transfer, angular_spectrum_transfer])
def test_a_gaussian_beam_widens_as_it_should(transfer):
    """A waist exp(-r^2 / w^2) becomes exp(-r^2 / (w^2 q)) / q, q = 1 + i z / z_R: modulus, curvature and Gouy phase."""
    waist, distance = 300e-6, 90e-3
    y, x = grid(200, 180, LIGHT.pitch)
    squared = y**2 + x**2
    field = propagate(np.exp(-squared / waist**2).astype(complex), transfer((200, 180), distance, LIGHT, np.complex128))
    rayleigh = np.pi * waist**2 / LIGHT.wavelength
    q = 1 + 1j * distance / rayleigh
    assert abs(field - np.exp(-squared / (waist**2 * q)) / q).max() < 2e-4


def test_a_grating_images_itself_at_the_talbot_distance():
    """Period d comes back after 2 d^2 / lambda, and moved by half a period after half of that."""
    period = 8
    grating = np.broadcast_to((np.arange(160) % period < 3).astype(complex), (160, 160))
    talbot = 2 * (period * LIGHT.pitch) ** 2 / LIGHT.wavelength
    whole = propagate(grating, fresnel_transfer((160, 160), talbot, LIGHT, np.complex128))
    half = propagate(grating, fresnel_transfer((160, 160), talbot / 2, LIGHT, np.complex128))
    assert abs(whole - grating).max() < 1e-9
    assert abs(half - np.roll(grating, period // 2, axis=1)).max() < 1e-9


@pytest.mark.parametrize("transfer", [fresnel_transfer, angular_spectrum_transfer])
@pytest.mark.parametrize("shape", [(64, 64), (65, 97), (3, 71, 80)])
def test_propagation_keeps_energy_and_can_be_undone(transfer, shape):
    """Even and odd sides, one field and several."""
    field = RNG.normal(size=shape) + 1j * RNG.normal(size=shape)
    h = transfer(shape[-2:], 30e-3, LIGHT, np.complex128)
    there = propagate(field, h)
    assert np.sum(abs(there) ** 2) == pytest.approx(np.sum(abs(field) ** 2))
    assert abs(propagate(there, h, back=True) - field).max() < 1e-12


def test_evanescent_waves_are_cut_off():
    """Samples closer than half a wavelength's diagonal carry frequencies beyond 1 / lambda."""
    h = angular_spectrum_transfer((64, 64), 1e-6, Light(632.8e-9, 350e-9))
    assert h[32, 32] == 0
    assert abs(h[0, 0]) == 1


@pytest.mark.parametrize("transfer", [fresnel_transfer, angular_spectrum_transfer])
def test_too_few_samples_for_the_distance_are_refused(transfer):
    """The message names sides, distance and the side that is needed; that side is taken."""
    with pytest.raises(UnsupportedImage, match=r"64x80: over 150 mm .* at least (\d+)") as caught:
        transfer((64, 80), 0.15, LIGHT)
    needed = int(re.search(r"at least (\d+)", str(caught.value))[1])
    assert needed == pytest.approx(0.15 * LIGHT.wavelength / LIGHT.pitch**2, rel=0.01)
    transfer((needed, needed), 0.15, LIGHT)


def test_transfer_phase_is_sampled_up_to_longest_distance():
    """There, neighbouring frequencies differ by at most pi."""
    z = longest_distance(128, LIGHT)
    h = angular_spectrum_transfer((128, 128), z, LIGHT, np.complex128)
    u = np.fft.fftshift(np.fft.fftfreq(128, LIGHT.pitch))
    phase = 2 * np.pi * z * np.sqrt(1 / LIGHT.wavelength**2 - u**2)
    assert 0.95 * np.pi < abs(np.diff(phase)).max() <= np.pi
    assert abs(np.fft.fftshift(h[0]) / h[0, 0] - np.exp(1j * (phase - phase[64]))).max() < 1e-6


def test_a_pitch_below_half_a_wavelength_is_refused():
    """Nothing could be sampled there."""
    with pytest.raises(ValueError, match="more than half a wavelength"):
        longest_distance(64, Light(632.8e-9, 300e-9))
