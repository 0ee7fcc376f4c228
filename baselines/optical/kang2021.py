"""Kang, Zhang, Ye, Zhang & Zhuang 2021: ghost imaging of several images, all with the buckets of the first."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, UnsupportedImage, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data
from cryptobench.primitives.optics.ghost import NormalEquations, buckets, least_squares, light_patterns, pattern_keys
from cryptobench.primitives.optics.planes import amplitudes, samples
from cryptobench.primitives.optics.recording import (
    Recorded,
    read_codes,
    read_header,
    require_bits,
    signed_codes,
    signed_values,
    write_codes,
)

__all__ = ["Kang2021", "cut", "join", "measurements", "tile_sides"]

TILE = 32
HEADER_END = struct.Struct(">Bd")  # channels, and the mean of all buckets
Reals = NDArray[Any]


def measurements(pixels: int) -> int:
    """M = 5 N / 4 for objects of N pixels."""
    return -(-5 * pixels // 4)


def tile_sides(height: int, width: int) -> tuple[int, int, int, int]:
    """Rows and columns of tiles, and their height and width in pixels: at most 32, as equal as possible."""
    down, across = -(-height // TILE), -(-width // TILE)
    return down, across, -(-height // down), -(-width // across)


def cut(f: Reals) -> Reals:
    """Objects (C, T, N) from channels (C, H, W): T tiles row by row, dark beyond the image's edge."""
    channels, height, width = f.shape
    down, across, h, w = tile_sides(height, width)
    padded = np.pad(f, ((0, 0), (0, down * h - height), (0, across * w - width)))
    return padded.reshape(channels, down, h, across, w).transpose(0, 1, 3, 2, 4).reshape(channels, down * across, h * w)


def join(objects: Reals, height: int, width: int) -> Reals:
    """Undo `cut`: (C, H, W)."""
    down, across, h, w = tile_sides(height, width)
    tiles = objects.reshape(len(objects), down, across, h, w).transpose(0, 1, 3, 2, 4)
    return tiles.reshape(len(objects), down * h, across * w)[:, :height, :width]


class Kang2021(Cipher):
    """Computational ghost imaging, channel by channel, or, ``hidden``, all channels in the buckets of the first.

    ``bits`` (8 or 16) is for each bucket. ``hidden`` takes images of at most 32 x 32; the patterns that reveal
    channels 2, 3, ... are the per-message secret, of about 5 N^2 bytes for each channel of N pixels.
    """

    card = Card(
        name="kang2021",
        title="Ghost imaging-based optical cryptosystem for multiple images using integral property of the Fourier "
        "transform",
        authors="Kang, Zhang, Ye, Zhang, Zhuang",
        year=2021,
        family="optical",
        fidelity="C+",
        key=(KeyField("patterns", 256, "seed of the light patterns R_i"),),
        deviations=(
            "Title and abstract are cited from memory, and the text was not at hand (Chin. Phys. B 30, 124207): the "
            "construction is ours.",
            "Patterns are expanded from 256 bits by AES-256 in counter mode, 256 levels a pixel; in optics the "
            "patterns, 5 N / 4 for N pixels, are the key, 1.25 MB for a tile of 1 kB.",
            "An image is measured in tiles of at most 32 x 32 pixels under the same patterns: one of 256 x 256 would "
            "take 65536 patterns of 65536 pixels.",
            "By default each colour channel is measured by itself. Option hidden is the paper's subject: the buckets "
            "are those of the first channel alone, and the others lie in patterns made for them, which the receiver "
            "must be sent in secret.",
            "Buckets are recorded as their difference from the mean, 16 bits each (8 as an option), with mean and "
            "scale in the header; code 0 is read as a bucket that was lost.",
            "The image is recovered by least squares, not by correlation, which would take far more patterns.",
            "Hidden channels are lifted to 0.1 + 0.9 f, since their patterns are divided by them.",
        ),
        uses_nonce=False,
        lossless=False,
        not_an_image="the ciphertext is a list of bucket values, one number for each light pattern",
        cost="slow",
        known_attacks=(
            "No published attack on this scheme was found. Buckets are linear in the image: as many chosen images, or "
            "known ones, as a tile has pixels give all patterns. Hidden channels show in the variance of their "
            "patterns.",
        ),
    )

    def __init__(self, bits: int = 16, hidden: bool = False) -> None:
        self.bits = require_bits("kang2021", bits)
        self.hidden = bool(hidden)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        objects = cut(amplitudes(image))
        with stage("patterns"):
            R = keyed(_patterns, key, objects.shape[2])
        if not self.hidden:
            require_no_side_data("kang2021", secret=secret)
            with stage("measurement"):
                B = np.stack([buckets(R, channel) for channel in objects])
            return Encrypted(*self._record(B, image))
        _require_one_tile(image)
        with stage("measurement"):
            B = buckets(R, objects[0])[None]
            cipher_image, header = self._record(B, image)
            B, _, _ = self._read(cipher_image, header)  # what the receiver will have
            revealing = np.stack(
                [self._keys(key, k, B[0, 0], tile[0]) for k, tile in enumerate(objects[1:], 1)] or [R[:0]]
            )
        if secret and secret != revealing.tobytes():
            raise CipherError("kang2021: secret is of another image; hidden channels lie in it, so it cannot be held")
        return Encrypted(cipher_image, header, revealing.tobytes())

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        B, axes, (channels, height, width) = self._read(encrypted.image, encrypted.header)
        _, _, h, w = tile_sides(height, width)
        with stage("patterns"):
            R = keyed(_patterns, key, h * w)
        lost = np.isnan(B)
        seen = np.nan_to_num(B)
        if not self.hidden:
            require_no_side_data("kang2021", secret=encrypted.secret)
            with stage("recovery"):
                equations = keyed(_equations, key, h * w)
                flat = least_squares(seen.reshape(-1, len(R)), equations, lost.reshape(-1, len(R)))
            return samples(join(flat.reshape(channels, -1, h * w), height, width), axes)
        revealing = _read_secret(encrypted.secret, channels - 1, *R.shape)
        with stage("recovery"):
            found = [least_squares(seen[0], R, lost[0])]
            found += [(least_squares(seen[0], P, lost[0]) - 0.1) / 0.9 for P in revealing]
        return samples(join(np.stack(found), height, width), axes)

    def _keys(self, key: bytes, k: int, B: Reals, O_k: Reals) -> Reals:
        random = light_patterns(key, f"kang hidden {k}", len(B), O_k.size)
        return pattern_keys(B, random, 0.1 + 0.9 * O_k).astype("<f4")

    def _record(self, B: Reals, image: Image) -> tuple[Image, bytes]:
        """Buckets (C, T, M) as (T, M, C) numbers."""
        mean = float(B.mean())
        apart = np.moveaxis(B, 0, 2).astype(np.float64) - mean
        scale = float(abs(apart).max())
        channels = image.shape[2] if image.ndim == 3 else 1
        header = Recorded(self.bits, image.ndim, image.shape[0], image.shape[1], scale).pack() + HEADER_END.pack(
            channels, mean
        )
        return write_codes(signed_codes(apart, scale, self.bits), self.bits), header

    def _read(self, image: Image, header: bytes) -> tuple[Reals, int, tuple[int, int, int]]:
        """Buckets (C, T, M), NaN where lost; the plaintext's number of axes; its channels, height and width."""
        end = HEADER_END.size
        recorded = read_header("kang2021", header[:-end], self.bits)
        channels, mean = HEADER_END.unpack(header[-end:])
        down, across, h, w = tile_sides(recorded.height, recorded.width)
        measured = 1 if self.hidden else channels
        wanted = (down * across, measurements(h * w), measured * self.bits // 8)
        if image.shape != wanted or channels < 1 or (recorded.axes == 2 and channels != 1) or not abs(mean) <= 1e9:
            raise CipherError(
                f"kang2021: buckets have shape {image.shape} with mean {mean:g} for {channels} channels, "
                f"wanted {wanted} as the header says"
            )
        codes = read_codes(image, self.bits)
        values = signed_values(codes, recorded.scale, self.bits) + np.float32(mean)
        values[codes == 0] = np.nan
        return np.moveaxis(values, 2, 0), recorded.axes, (channels, recorded.height, recorded.width)


def _patterns(key: bytes, pixels: int) -> NDArray[np.float32]:
    return light_patterns(key, "kang patterns", measurements(pixels), pixels)


def _equations(key: bytes, pixels: int) -> NormalEquations:
    return NormalEquations(keyed(_patterns, key, pixels))


def _require_one_tile(image: Image) -> None:
    if max(image.shape[:2]) > TILE:
        size = "x".join(map(str, image.shape))
        raise UnsupportedImage(f"kang2021: image is {size}, wanted sides of at most {TILE} for hidden channels")


def _read_secret(secret: bytes, count: int, measured: int, pixels: int) -> Reals:
    wanted = 4 * count * measured * pixels
    if len(secret) != wanted:
        raise CipherError(f"kang2021: secret has {len(secret)} bytes, wanted {wanted}: patterns of {count} channels")
    patterns = np.frombuffer(secret, "<f4").reshape(count, measured, pixels)
    if not np.isfinite(patterns).all():
        raise CipherError(
            "kang2021: secret holds numbers that are not finite, wanted the patterns that encrypt returned"
        )
    return patterns
