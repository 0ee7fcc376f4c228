"""Ptychography with a mask in the beam: diffraction patterns of an object lit part by part, and ePIE to undo them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.primitives.optics.masks import Field
from cryptobench.primitives.optics.propagation import propagate

__all__ = ["Bench", "circular_aperture", "diffraction_patterns", "epie", "scan_places", "scanned_shape"]

Reals = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Bench:
    """Aperture ``probe``, (w, w), phase ``mask``, transfer functions from the object to it and on to the camera.

    The aperture moves by ``step`` samples over object and mask, which stand still; light from a window stays in it, so
    transfer functions are (w, w), and the mask has the sides of the plane that all windows cover (`scanned_shape`).
    """

    probe: Reals
    mask: Field
    to_mask: Field
    to_camera: Field
    step: int

    @property
    def window(self) -> int:
        """Side of the window that one pattern covers, in samples."""
        return len(self.probe)

    def to_detector(self, exit_wave: Field, mask: Field) -> Field:
        """The field at the camera, (..., w, w), of one right behind the object, with the part of the mask before it."""
        return propagate(propagate(exit_wave, self.to_mask) * mask, self.to_camera)

    def to_object(self, detected: Field, mask: Field) -> Field:
        """Undo `to_detector`."""
        return propagate(propagate(detected, self.to_camera, back=True) * mask.conj(), self.to_mask, back=True)


def circular_aperture(window: int, radius: float) -> NDArray[np.float32]:
    """(w, w): 1 within ``radius`` samples of the centre, 0 outside."""
    offsets = np.arange(window) - (window - 1) / 2
    inside = np.hypot(offsets[:, None], offsets[None, :]) <= radius
    return np.asarray(inside, np.float32)


def scan_places(sides: tuple[int, int], step: int) -> tuple[int, int]:
    """How many places of the aperture, down and across, cover an object of these sides."""
    return -(-sides[0] // step), -(-sides[1] // step)


def scanned_shape(sides: tuple[int, int], window: int, step: int) -> tuple[int, int]:
    """Sides of the plane that all windows together cover; the object lies in its middle, in opaque surroundings."""
    down, across = scan_places(sides, step)
    return (down - 1) * step + window, (across - 1) * step + window


def diffraction_patterns(objects: Field, bench: Bench) -> Reals:
    """Intensities at the camera, (C, A, B, w, w), of objects (C, H, W) lit at A x B places."""
    windows, masks = _windows(_in_plane(objects, bench), bench), _windows(bench.mask[None], bench)[0]
    down, across = scan_places(objects.shape[-2:], bench.step)
    patterns = np.empty((len(objects), down, across, bench.window, bench.window), objects.real.dtype)
    for row in range(down):
        patterns[:, row] = np.abs(bench.to_detector(windows[:, row] * bench.probe, masks[row])) ** 2
    return patterns


def epie(patterns: Reals, sides: tuple[int, int], bench: Bench, rounds: int) -> Field:
    """Objects (C, H, W) from their patterns, by ``rounds`` of ePIE with a known probe, from an object of ones.

    o += conj(p) (u' - u), u' with the measured amplitude in place of its own (Maiden and Rodenburg 2009,
    Ultramicroscopy 109:1256, with the largest step). Windows that do not overlap are updated at once. A pattern that is
    black throughout was not recorded and is skipped. The common phase of an object is not determined.
    """
    measured = np.sqrt(np.maximum(patterns, 0)).astype(np.float32)
    recorded: NDArray[Any] = np.any(patterns, axis=(-2, -1))
    objects = np.ones((len(patterns), *sides), np.complex64)
    plane = _in_plane(objects, bench)
    inside = _in_plane(np.ones((1, *sides), np.float32), bench)[0]
    windows, insides = _windows(plane, bench), _windows(inside[None], bench)[0]
    masks = np.broadcast_to(_windows(bench.mask[None], bench), windows.shape)
    for _ in range(rounds):
        for group in _groups(patterns.shape[1], patterns.shape[2], bench):
            lit = recorded[:, *group]
            if not lit.any():
                continue
            exit_waves, mask = windows[:, *group][lit] * bench.probe, masks[:, *group][lit]
            detected = bench.to_detector(exit_waves, mask)
            detected *= measured[:, *group][lit] / np.maximum(np.abs(detected), 1e-12)
            change = np.zeros((*lit.shape, bench.window, bench.window), np.complex64)
            change[lit] = bench.probe * (bench.to_object(detected, mask) - exit_waves)
            windows[:, *group] += change * insides[group]
    top, left = _margins(sides, bench)
    found: Field = plane[:, top : top + sides[0], left : left + sides[1]].copy()
    return found


def _margins(sides: tuple[int, int], bench: Bench) -> tuple[int, int]:
    whole = scanned_shape(sides, bench.window, bench.step)
    return (whole[0] - sides[0]) // 2, (whole[1] - sides[1]) // 2


def _in_plane(objects: NDArray[Any], bench: Bench) -> NDArray[Any]:
    height, width = objects.shape[-2:]
    (top, left), whole = _margins((height, width), bench), scanned_shape((height, width), bench.window, bench.step)
    plane = np.zeros((len(objects), *whole), objects.dtype)
    plane[:, top : top + height, left : left + width] = objects
    return plane


def _windows(plane: NDArray[Any], bench: Bench) -> NDArray[Any]:
    """A view (C, A, B, w, w) of contiguous planes: overlapping windows, one for each place; write in turn."""
    w, step = bench.window, bench.step
    channels, height, width = plane.shape
    down, across = (height - w) // step + 1, (width - w) // step + 1
    c, y, x = plane.strides
    return np.lib.stride_tricks.as_strided(
        plane, (channels, down, across, w, w), (c, y * step, x * step, y, x), writeable=plane.flags.writeable
    )


def _groups(down: int, across: int, bench: Bench) -> Iterator[tuple[slice, slice]]:
    """Places, as slices of their rows and columns, whose windows do not overlap."""
    apart = -(-bench.window // bench.step)
    for row in range(min(apart, down)):
        for column in range(min(apart, across)):
            yield slice(row, None, apart), slice(column, None, apart)
