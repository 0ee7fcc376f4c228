"""Ptychography: the object comes back, and where a mask has to stand to be a key."""

import numpy as np
import pytest

from cryptobench.images import load_image
from cryptobench.primitives.optics.masks import phase_mask
from cryptobench.primitives.optics.propagation import Light, fresnel_transfer
from cryptobench.primitives.optics.ptychography import (
    Bench,
    circular_aperture,
    diffraction_patterns,
    epie,
    scan_places,
    scanned_shape,
)

LIGHT = Light(632.8e-9, 20e-6)
W = 32


def bench(key: bytes, sides: tuple[int, int] = (48, 48), *, on_sample: bool = False, step: int = 8) -> Bench:
    h1, h2 = fresnel_transfer((W, W), 8e-3, LIGHT), fresnel_transfer((W, W), 12e-3, LIGHT)
    to_mask = np.ones_like(h1) if on_sample else h1
    return Bench(circular_aperture(W, 13), phase_mask(key, "m", scanned_shape(sides, W, step)), to_mask, h2, step)


def amplitude_object(side: int = 48) -> np.ndarray:
    return (0.1 + 0.9 * load_image("camera", side).astype(np.float32)[None] / 255).astype(np.complex64)


def psnr(found: np.ndarray, truth: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((abs(found) - abs(truth)) ** 2)))


def test_only_the_right_mask_gives_the_object():
    """From noiseless patterns, amplitude and phase up to a common one; below 15 dB with another mask."""
    truth = amplitude_object()
    patterns = diffraction_patterns(truth, bench(b"right"))
    found = epie(patterns, (48, 48), bench(b"right"), 30)
    assert psnr(found, truth) > 40
    common = np.vdot(found, truth)
    assert abs(found * common / abs(common) - truth).max() < 0.1
    assert psnr(epie(patterns, (48, 48), bench(b"wrong"), 30), truth) < 15


def test_a_mask_on_the_sample_is_no_key():
    """A wrong one still gives the amplitudes: the object takes up its phase. In another plane it does not."""
    truth = amplitude_object()
    off, on = (
        psnr(epie(diffraction_patterns(truth, bench(b"right", on_sample=place)), (48, 48),
                  bench(b"wrong", on_sample=place), 40), truth)
        for place in (False, True)
    )  # fmt: skip
    assert on > off + 5
    assert on > 15


@pytest.mark.parametrize("sides", [(1, 1), (7, 40), (33, 17)])
def test_any_sides_are_covered(sides: tuple[int, int]):
    """Windows cover the object, and it comes back, in single samples too."""
    rng = np.random.default_rng(10)
    truth = (rng.uniform(0.2, 1, (2, *sides)) * np.exp(1j * rng.uniform(0, 1, (2, *sides)))).astype(np.complex64)
    patterns = diffraction_patterns(truth, bench(b"key", sides))
    assert patterns.shape == (2, *scan_places(sides, 8), W, W)
    whole = scanned_shape(sides, W, 8)
    assert min(whole[0] - sides[0], whole[1] - sides[1]) >= W - 8
    assert psnr(epie(patterns, sides, bench(b"key", sides), 60), truth) > 25


def test_energy_behind_the_aperture_reaches_the_camera():
    """Parseval: each pattern adds up to the light that its aperture lets through."""
    truth = amplitude_object(16)
    patterns = diffraction_patterns(truth, bench(b"key", (16, 16), step=16))
    plane = np.zeros((W, W), complex)
    plane[8:24, 8:24] = truth[0]
    assert patterns[0, 0, 0].sum() == pytest.approx(np.sum(abs(plane * circular_aperture(W, 13)) ** 2), rel=1e-5)


def test_black_patterns_are_skipped():
    """A quarter of the frames lost leaves the object recognisable; all of them, what it started from."""
    truth = amplitude_object()
    patterns = diffraction_patterns(truth, bench(b"key"))
    patterns[:, ::2, ::2] = 0
    assert psnr(epie(patterns, (48, 48), bench(b"key"), 30), truth) > 25
    assert (epie(np.zeros_like(patterns), (48, 48), bench(b"key"), 2) == 1).all()


def test_patterns_are_overwritten_only_where_allowed():
    """The same object either way."""
    patterns = diffraction_patterns(amplitude_object(), bench(b"right"))
    given = patterns.copy()
    kept = epie(patterns, (48, 48), bench(b"right"), 2)
    assert np.array_equal(patterns, given)
    assert np.array_equal(epie(patterns, (48, 48), bench(b"right"), 2, overwrite=True), kept)


def test_channels_are_independent():
    """Two objects together are the two by themselves, to the bit, though their windows take turns."""
    truth = np.concatenate([amplitude_object(), amplitude_object()[:, ::-1].copy()])
    light = bench(b"right")
    patterns = diffraction_patterns(truth, light)
    both = epie(patterns, (48, 48), light, 3)
    for c in range(2):
        assert np.array_equal(diffraction_patterns(truth[c : c + 1], light)[0], patterns[c])
        assert np.array_equal(epie(patterns[c : c + 1], (48, 48), light, 3)[0], both[c])
