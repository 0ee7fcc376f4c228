"""Luan, Zhong & Shan 2021: multiple-parameter fractional Fourier transform, complex encoding, spectral fusion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, UnsupportedImage, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data
from cryptobench.primitives.optics.expansion import uniforms
from cryptobench.primitives.optics.fractional import dmpfrft
from cryptobench.primitives.optics.masks import Field, phase_mask
from cryptobench.primitives.optics.planes import amplitudes, samples
from cryptobench.primitives.optics.recording import read_field, record_field, require_bits

__all__ = ["Luan2021", "fuse", "mask", "orders", "pairs", "separate", "unpair"]

HALF = 16
SMALLEST = 16  # pixels a side that leave room for windows in the spectrum
MOST = 6  # channels that are fused
Floats = NDArray[np.floating]


def orders(key: bytes, height: int, width: int) -> tuple[Floats, Floats]:
    """Orders a_r (H) of the rows' transform and a_c (W) of the columns', uniform in [0, 4), dimensionless."""
    return 4 * uniforms(key[:HALF], "luan rows", (height,)), 4 * uniforms(key[:HALF], "luan columns", (width,))


def mask(key: bytes, shape: tuple[int, ...]) -> Field:
    """exp(2 pi i r), r random, in the plane before the transform."""
    return phase_mask(key[HALF:], "luan mask", shape)


def pairs(f: Floats) -> Field:
    """Complex encoding c_k = f_2k-1 exp(i pi f_2k) of images (C, H, W): (ceil(C / 2), H, W).

    Amplitudes are lifted to 0.1 + 0.9 f, since a phase cannot be read where there is no light.
    """
    phases = np.zeros_like(f[::2])
    phases[: len(f) // 2] = f[1::2]
    field: Field = ((0.1 + 0.9 * f[::2]) * np.exp(1j * np.pi * phases)).astype(np.complex64)
    return field


def unpair(c: Field, channels: int) -> Floats:
    """The images (C, H, W) of `pairs`."""
    f = np.empty((channels, *c.shape[1:]), np.float32)
    f[::2] = (abs(c) - 0.1) / 0.9
    f[1::2] = abs(np.angle(c[: channels // 2])) / np.pi
    return f


def _windows(count: int, height: int, width: int) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows and columns of the spectrum that each of K fields keeps: around the carrier f0 (cos t_k, sin t_k).

    f0 is a quarter of the sampling frequency, t_k = k pi / K. Windows are a quarter of each side, or as much as keeps
    them apart; a single field keeps the whole spectrum.
    """
    if count == 1:
        return [(np.arange(height), np.arange(width))]
    angles = np.pi * np.arange(count) / count
    centres = np.rint(np.stack([height / 4 * np.sin(angles), width / 4 * np.cos(angles)], axis=1)).astype(int)
    apart = (abs(centres[:, None] - centres[None]) / (height, width)).max(axis=-1)
    share = min(0.25, apart[np.triu_indices(count, 1)].min())
    h, w = int(share * height), int(share * width)
    return [
        ((y + np.arange(h) - h // 2) % height, (x + np.arange(w) - w // 2) % width) for y, x in centres.tolist()
    ]  # fmt: skip


def fuse(c: Field) -> Field:
    """Theta modulation and spectral fusion: each of K fields (K, H, W) moved to its carrier, cut, all added: (H, W)."""
    spectra = fft.fft2(c)
    fused = np.zeros(c.shape[1:], c.dtype)
    for spectrum, (rows, columns) in zip(spectra, _windows(*c.shape), strict=True):
        centred = fft.fftshift(spectrum) if len(c) > 1 else spectrum
        top, left = (c.shape[1] // 2 - len(rows) // 2, c.shape[2] // 2 - len(columns) // 2) if len(c) > 1 else (0, 0)
        fused[np.ix_(rows, columns)] += centred[top : top + len(rows), left : left + len(columns)]
    u: Field = fft.ifft2(fused)
    return u


def separate(u: Field, count: int) -> Field:
    """The K low-passed fields, (K, H, W), that `fuse` put into ``u``, (H, W)."""
    fused = fft.fft2(u)
    spectra = np.zeros((count, *u.shape), u.dtype)
    for spectrum, (rows, columns) in zip(spectra, _windows(count, *u.shape), strict=True):
        top, left = (u.shape[0] // 2 - len(rows) // 2, u.shape[1] // 2 - len(columns) // 2) if count > 1 else (0, 0)
        spectrum[top : top + len(rows), left : left + len(columns)] = fused[np.ix_(rows, columns)]
    c: Field = fft.ifft2(fft.ifftshift(spectra, axes=(1, 2)) if count > 1 else spectra)
    return c


def _require_room(channels: int, height: int, width: int) -> None:
    if not 1 <= channels <= MOST or (channels > 2 and min(height, width) < SMALLEST):
        raise UnsupportedImage(
            f"luan2021: image is {height}x{width}x{channels}, wanted 1 to {MOST} channels, and sides of at least "
            f"{SMALLEST} where more than 2 are fused"
        )


class Luan2021(Cipher):
    """Each channel by itself, or, ``fused``, all channels as pairs in one field, with a loss of detail.

    ``bits`` (8 or 16) is for each real number of the recorded field.
    """

    card = Card(
        name="luan2021",
        title="Optical multiple-image encryption in discrete multiple-parameter fractional Fourier transform scheme "
        "using complex encoding, theta modulation and spectral fusion",
        authors="Luan, Zhong, Shan",
        year=2021,
        family="optical",
        fidelity="C+",
        key=(
            KeyField("orders", 128, "seed of the H + W fractional orders"),
            KeyField("mask", 128, "seed of the random phase mask"),
        ),
        deviations=(
            "Only title, cited from memory, and venue (Optica Applicata LI(1), 121-134) and the building blocks were "
            "at hand: how they are put together is ours.",
            "Transform: the eigen-decomposition form of Pei and Hsue 2006 with one order for each eigenvector; the "
            "weighted form has no more than a period's effective parameters.",
            "Key: orders and mask are expanded from 2 x 128 bits by AES-256 in counter mode; in optics they are the "
            "key.",
            "By default each channel is one field of full bandwidth, by its amplitude sample / 255: the single-image "
            "mode. The mask then stands in an input plane, where it is no key.",
            "Option fused: channels are paired as amplitude and phase, carriers are at a quarter of the sampling "
            "frequency, windows are a quarter of the sides or what keeps them apart; amplitudes are lifted to 0.1 + "
            "0.9 f.",
            "The orders are shared by all channels; each has its own mask.",
            "The complex field is recorded as real and imaginary part, 8 bits each (16 as an option), with the scale "
            "in the header; code 0 is read as no light.",
        ),
        uses_nonce=False,
        lossless=False,
        known_attacks=(
            "No published attack on this scheme was found. It is linear over the complex numbers: H + W - 1 chosen "
            "impulses give both transforms up to phases, which the amplitudes do not need.",
        ),
    )

    def __init__(self, bits: int = 8, fused: bool = False) -> None:
        self.bits = require_bits("luan2021", bits)
        self.fused = bool(fused)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("luan2021", secret=secret)
        f = amplitudes(image)
        u: Field = f
        if self.fused:
            _require_room(len(f), *f.shape[1:])
            with stage("fusion"):
                u = fuse(pairs(f))[None]
        with stage("masks"):
            m, (rows, columns) = keyed(mask, key, u.shape), keyed(orders, key, *f.shape[1:])
        with stage("transform"):
            psi = dmpfrft(u * m, rows, columns)
        with stage("recording"):
            cipher_image, header = record_field(psi, image.ndim, self.bits)
            return Encrypted(cipher_image, header + (bytes([len(f)]) if self.fused else b""))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("luan2021", secret=encrypted.secret)
        header, channels = encrypted.header, 0
        if self.fused and header:
            header, channels = header[:-1], header[-1]
        with stage("recording"):
            psi, axes = read_field("luan2021", encrypted.image, header, self.bits)
        if self.fused:
            if len(psi) > 1 or (axes == 2 and channels != 1):
                raise CipherError(f"luan2021: {len(psi)} field(s) for {channels} channels, wanted one; was it fused?")
            _require_room(channels, *psi.shape[1:])
        with stage("masks"):
            rows, columns = keyed(orders, key, *psi.shape[1:])
        with stage("transform"):
            u = dmpfrft(psi, rows, columns, inverse=True)
        if not self.fused:
            return samples(abs(u), axes)
        with stage("fusion"):
            return samples(
                unpair(separate((u * keyed(mask, key, u.shape).conj())[0], -(-channels // 2)), channels), axes
            )
