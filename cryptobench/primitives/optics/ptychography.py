"""Ptychography with a mask in the beam: diffraction patterns of an object lit part by part, and ePIE to undo them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.primitives.optics.masks import Field
from cryptobench.primitives.optics.window_kernel import Inside, Places, detect, improve, work

__all__ = [
    "Bench", "circular_aperture", "diffraction_patterns", "epie", "read_mosaic", "scan_places", "scanned_shape",
    "write_mosaic",
]  # fmt: skip

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
    """Intensities at the camera, (C, A, B, w, w) float32, of objects (C, H, W) lit at A x B places."""
    plane = _in_plane(np.asarray(objects, np.complex64), bench)
    down, across = scan_places(objects.shape[-2:], bench.step)
    patterns = np.empty((len(objects), down, across, bench.window, bench.window), np.float32)
    tools = work(bench.to_mask, bench.to_camera)
    places = _places(_in_turn(np.ones(patterns.shape[:3], np.bool_), bench), patterns.shape, bench)
    detect(_flat(plane), _flat(bench.mask), 2 * plane.shape[2], places, bench.probe, tools, patterns.reshape(-1))
    return patterns


def epie(
    patterns: Reals, sides: tuple[int, int], bench: Bench, rounds: int, start: complex = 1.0,
    settle: Callable[[Field], bool] | None = None, *, overwrite: bool = False,
) -> Field:  # fmt: skip
    """Objects (C, H, W) from their patterns, by ``rounds`` of ePIE with a known probe, from an object of ``start``.

    o += conj(p) (u' - u), u' with the measured amplitude in place of its own (Maiden and Rodenburg 2009,
    Ultramicroscopy 109:1256, with the largest step). Windows come group by group of those that do not overlap. A
    pattern that is black throughout was not recorded and is skipped. The common phase of an object is not determined.
    After each round ``settle`` is given the objects: it may change them, in place, by what else is known of them, and
    True ends the reconstruction. ``overwrite``: amplitudes may be written over ``patterns``, which then are float32.
    """
    recorded: NDArray[np.bool_] = np.any(patterns, axis=(-2, -1))
    measured = np.maximum(patterns, np.float32(0), out=patterns if overwrite else None, dtype=np.float32)
    np.sqrt(measured, out=measured)
    plane = _in_plane(np.full((len(patterns), *sides), start, np.complex64), bench)
    top, left = _margins(sides, bench)
    inside = Inside(np.zeros(plane.shape[1], np.uint8), np.zeros(2 * plane.shape[2], np.float32))
    inside.rows[top : top + sides[0]], inside.numbers[2 * left : 2 * (left + sides[1])] = 1, 1
    objects = plane[:, top : top + sides[0], left : left + sides[1]]
    tools = work(bench.to_mask, bench.to_camera)
    places = _places(_in_turn(recorded, bench), patterns.shape, bench)
    for _ in range(rounds):
        improve(
            _flat(plane), _flat(bench.mask), 2 * plane.shape[2], places, bench.probe, tools, measured.reshape(-1),
            inside,
        )  # fmt: skip
        if settle is not None and settle(objects):
            break
    found: Field = objects.copy()
    return found


def _flat(field: Field) -> NDArray[np.float32]:
    """Real and imaginary parts in turn."""
    return np.ascontiguousarray(field).reshape(-1).view(np.float32)


def _places(windows: NDArray[np.int64], shape: tuple[int, ...], bench: Bench) -> Places:
    """Windows, (3, n) of channel, row and column, as the kernels take them."""
    down, across, w = shape[1:4]
    height, width = ((count - 1) * bench.step + w for count in (down, across))
    c, row, column = windows
    mask = 2 * bench.step * (row * width + column)
    return Places(mask + 2 * c * height * width, mask, ((c * down + row) * across + column) * w * w)


@njit(cache=True, nogil=True)
def write_mosaic(patterns: Reals, factor: Any, mosaic: NDArray[Any]) -> None:
    """Patterns, (C, A, B, w, w), times ``factor``, rounded, as the tiles of ``mosaic``, (A w, B w, C) integers."""
    channels, _, across, w, _ = patterns.shape
    row = np.empty((channels, w), np.int32)  # rounded by itself, which is done several at a time
    for i in range(len(mosaic)):
        for column in range(across):
            for c in range(channels):
                pattern = patterns[c, i // w, column, i % w]
                for x in range(w):
                    row[c, x] = np.int32(np.rint(pattern[x] * factor))
            if channels == 3:  # a number of turns that the compiler knows takes half the time
                for x in range(w):
                    at = column * w + x
                    mosaic[i, at, 0], mosaic[i, at, 1], mosaic[i, at, 2] = row[0, x], row[1, x], row[2, x]
            else:
                for x in range(w):
                    for c in range(channels):
                        mosaic[i, column * w + x, c] = row[c, x]


@njit(cache=True, nogil=True)
def read_mosaic(mosaic: NDArray[Any], factor: Any, patterns: Reals) -> None:
    """Undo `write_mosaic`: the integers times ``factor`` become the patterns."""
    channels, _, across, w, _ = patterns.shape
    for i in range(len(mosaic)):
        for column in range(across):
            if channels == 3:  # as in `write_mosaic`
                here = patterns[:, i // w, column, i % w]
                red, green, blue = here[0], here[1], here[2]
                for x in range(w):
                    at = column * w + x
                    red[x], green[x], blue[x] = (
                        mosaic[i, at, 0] * factor, mosaic[i, at, 1] * factor, mosaic[i, at, 2] * factor,
                    )  # fmt: skip
            else:
                for c in range(channels):
                    pattern = patterns[c, i // w, column, i % w]
                    for x in range(w):
                        pattern[x] = mosaic[i, column * w + x, c] * factor


def _margins(sides: tuple[int, int], bench: Bench) -> tuple[int, int]:
    whole = scanned_shape(sides, bench.window, bench.step)
    return (whole[0] - sides[0]) // 2, (whole[1] - sides[1]) // 2


def _in_plane(objects: NDArray[Any], bench: Bench) -> NDArray[Any]:
    height, width = objects.shape[-2:]
    (top, left), whole = _margins((height, width), bench), scanned_shape((height, width), bench.window, bench.step)
    plane = np.zeros((len(objects), *whole), objects.dtype)
    plane[:, top : top + height, left : left + width] = objects
    return plane


def _in_turn(recorded: NDArray[np.bool_], bench: Bench) -> NDArray[np.int64]:
    """Channel, row and column, (3, n), of ``recorded`` windows (C, A, B): group by group of those that do not overlap.

    Within a group the order makes no difference: there all channels of one place follow one another.
    """
    apart = -(-bench.window // bench.step)
    rows, columns, channels = np.nonzero(recorded.transpose(1, 2, 0))
    group = rows % apart * apart + columns % apart
    return np.stack([channels, rows, columns])[:, np.argsort(group, kind="stable")]
