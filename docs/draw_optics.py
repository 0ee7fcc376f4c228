"""Draws how exactly the keys of optical schemes must be known: docs/pictures/optics_key_error.png, and prints the bits.

Run from the root of the repository: python docs/draw_optics.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from cryptobench.baselines.optical import drpe, kumar2022, luan2021
from cryptobench.cipher import Image
from cryptobench.images import load_image
from cryptobench.primitives.optics.fractional import dmpfrft
from cryptobench.primitives.optics.masks import Field, vortex_array
from cryptobench.primitives.optics.planes import amplitudes, samples
from cryptobench.primitives.optics.precision import READABLE, ErrorCurve, error_curve
from cryptobench.primitives.optics.propagation import fresnel_transfer

PICTURE = Path(__file__).parent / "pictures" / "optics_key_error.png"
KEY = bytes(range(64))
Decrypt = Callable[[float], Image]


def fractional_orders(f: Field) -> Decrypt:
    """luan2021 with normal errors of this standard deviation in all orders, of a range of 4."""
    shape = f.shape[1:]
    rows, columns = luan2021.orders(KEY[:32], *shape)
    psi = dmpfrft(f * luan2021.mask(KEY[:32], f.shape), rows, columns)
    generator = np.random.default_rng(1)
    wrong = generator.normal(size=shape[0]), generator.normal(size=shape[1])

    def decrypt(error: float) -> Image:
        u = dmpfrft(psi, rows + error * wrong[0], columns + error * wrong[1], inverse=True)
        return samples(abs(u), 2)

    return decrypt


def kumar(f: Field, change: Callable[[kumar2022.KeySchedule, float], kumar2022.KeySchedule]) -> Decrypt:
    """kumar2022 with a changed key."""
    keys = kumar2022.key_schedule(KEY[:34])._replace(z1=kumar2022.Z1, pitch=3 / 16)
    mask = luan2021.mask(KEY[:32], f.shape)

    def optics(keys: kumar2022.KeySchedule) -> tuple[Field, Field, Field]:
        height, width = shape = (f.shape[1], f.shape[2])
        pitch, offset = (keys.pitch * height, keys.pitch * width), (keys.offset[0] * height, keys.offset[1] * width)
        h1, h2 = (fresnel_transfer(shape, z, kumar2022.LIGHT) for z in (keys.z1, keys.z2))
        return vortex_array(shape, keys.charges, pitch, offset), h1, h2

    psi = kumar2022.encode(f, mask, *optics(keys))
    return lambda error: samples(abs(kumar2022.decode(psi, *optics(change(keys, error)))), 2)


def fourier_mask(f: Field) -> Decrypt:
    """drpe with this share of the pixels of M2 replaced."""
    m1, right = drpe.masks(KEY[:32], f.shape)
    _, wrong = drpe.masks(KEY[32:], f.shape)
    psi = drpe.encode(f, m1, right)
    place = np.random.default_rng(2).random(f.shape)
    return lambda share: samples(abs(drpe.decode(psi, np.where(place < share, wrong, right))), 2)


def curves(image: Image) -> dict[str, tuple[ErrorCurve, float | None]]:
    """By what is wrong: the curve, with errors as shares of the parameter's span, and the number of such parameters."""
    f = amplitudes(image)
    shares = np.geomspace(1e-5, 0.5, 25)
    drawn = {
        "fractional orders, all (luan2021)": fractional_orders(f),
        "distance z1 (kumar2022)": kumar(f, lambda keys, e: keys._replace(z1=keys.z1 + e * 0.2 * kumar2022.Z1)),
        "vortex pitch (kumar2022)": kumar(f, lambda keys, e: keys._replace(pitch=keys.pitch + e / 32)),
        "vortex offset (kumar2022)": kumar(
            f, lambda keys, e: keys._replace(offset=(keys.offset[0] + e / 16, keys.offset[1]))
        ),
    }
    spans = {name: 4.0 if "orders" in name else 1.0 for name in drawn}
    found: dict[str, tuple[ErrorCurve, float | None]] = {}
    for name, decrypt in drawn.items():
        curve = error_curve(image, lambda share, decrypt=decrypt, name=name: decrypt(share * spans[name]), shares)
        found[name] = curve, curve.effective_bits(1.0)
    found["pixels of the Fourier mask (drpe)"] = error_curve(image, fourier_mask(f), shares), None
    return found


def draw(found: dict[str, tuple[ErrorCurve, float | None]], path: Path) -> None:
    figure = Figure(figsize=(7.0, 3.6), layout="constrained")
    axes = figure.subplots()
    for (name, (curve, bits)), style in zip(
        found.items(), ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))), strict=True
    ):
        label = name if bits is None else f"{name}: {bits:.1f} bits"
        axes.semilogx(curve.errors, curve.psnr, linestyle=style, color="black", linewidth=1.2, label=label)
    axes.axhline(READABLE, color="0.6", linewidth=0.8)
    axes.text(1e-5, READABLE + 0.7, "15 dB, recognisable", color="0.4", fontsize=8)
    axes.set(xlabel="error, as a share of the parameter's range", ylabel="PSNR of the decryption (dB)", ylim=(5, 60))
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=160)


if __name__ == "__main__":
    found = curves(load_image("camera", 256))
    draw(found, PICTURE)
    for name, (curve, bits) in found.items():
        print(f"{name}: readable up to {curve.tolerance():.2g}" + ("" if bits is None else f", {bits:.1f} bits"))
