"""Free-space propagation of sampled fields: transfer functions of Fresnel diffraction and of the angular spectrum."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import fft

from cryptobench.cipher import UnsupportedImage
from cryptobench.primitives.optics.masks import Field

__all__ = ["Light", "angular_spectrum_transfer", "fresnel_transfer", "longest_distance", "propagate"]


class Light(NamedTuple):
    """``wavelength`` in metres, and ``pitch``, the distance of neighbouring samples of the field, in metres."""

    wavelength: float
    pitch: float


def longest_distance(samples: int, light: Light) -> float:
    """How far, in metres, N samples a side of light can go: N p sqrt((p / lambda)^2 - 1/4), near N p^2 / lambda.

    The phase of the angular spectrum's transfer function then turns by at most pi from one frequency to the
    next (Matsushima and Shimobaba, Optics Express 17:19662, 2009); further away light wraps round the window.
    """
    wavelength, pitch = light
    if pitch <= wavelength / 2:
        raise ValueError(f"pitch is {pitch:g} m, wanted more than half a wavelength of {wavelength:g} m")
    return float(samples * pitch * np.sqrt((pitch / wavelength) ** 2 - 0.25))


def _require_sampled(shape: tuple[int, int], distance: float, light: Light) -> None:
    farthest = longest_distance(min(shape), light)
    if abs(distance) > farthest:
        needed = int(np.ceil(min(shape) * abs(distance) / farthest))
        raise UnsupportedImage(
            f"image is {shape[0]}x{shape[1]}: over {1e3 * abs(distance):.4g} mm its diffraction is undersampled; "
            f"wanted sides of at least {needed}, at {1e9 * light.wavelength:.4g} "
            f"nm and a pitch of {1e6 * light.pitch:.4g} um"
        )


@lru_cache(maxsize=32)
def fresnel_transfer(shape: tuple[int, int], distance: float, light: Light, dtype: type = np.complex64) -> Field:
    """exp(-i pi lambda z (u^2 + v^2)), (H, W), frequencies in FFT order; z = ``distance`` in metres.

    The constant phase exp(i k z) is left out (Goodman, Introduction to Fourier Optics, section 4.2). Raises
    UnsupportedImage where the field has too few samples for the distance.
    """
    _require_sampled(shape, distance, light)
    rows, columns = (
        np.exp(-1j * np.pi * light.wavelength * distance * fft.fftfreq(side, light.pitch) ** 2) for side in shape
    )
    return _frozen(np.outer(rows, columns), dtype)


@lru_cache(maxsize=32)
def angular_spectrum_transfer(
    shape: tuple[int, int], distance: float, light: Light, dtype: type = np.complex64
) -> Field:
    """exp(2 pi i z (sqrt(1/lambda^2 - u^2 - v^2) - 1/lambda)), (H, W), frequencies in FFT order, z in metres.

    The constant phase exp(i k z) is left out; evanescent waves are cut off (Goodman, section 3.10). Raises
    UnsupportedImage where the field has too few samples for the distance.
    """
    _require_sampled(shape, distance, light)
    v, u = fft.fftfreq(shape[0], light.pitch)[:, None], fft.fftfreq(shape[1], light.pitch)[None, :]
    squared = 1 / light.wavelength**2 - u**2 - v**2
    phase = 2 * np.pi * distance * (np.sqrt(np.maximum(squared, 0)) - 1 / light.wavelength)
    return _frozen(np.where(squared > 0, np.exp(1j * phase), 0), dtype)


def propagate(field: Field, transfer: Field, *, back: bool = False) -> Field:
    """The field, (..., H, W), after the stretch that ``transfer`` stands for, or before it where ``back``."""
    spectrum = fft.fft2(field)
    spectrum *= transfer.conj() if back else transfer
    result: Field = fft.ifft2(spectrum, overwrite_x=True)
    return result


def _frozen(transfer: Field, dtype: type) -> Field:
    transfer = transfer.astype(dtype)
    transfer.flags.writeable = False
    return transfer
