"""Yu et al. 2022: extended visual cryptography, its two shares as amplitude and phase, ptychographic recording."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data
from cryptobench.primitives.optics.expansion import words
from cryptobench.primitives.optics.halftone import error_diffused, smoothed
from cryptobench.primitives.optics.masks import Field, phase_mask
from cryptobench.primitives.optics.planes import channels_first, samples
from cryptobench.primitives.optics.propagation import Light, fresnel_transfer
from cryptobench.primitives.optics.ptychography import (
    Bench,
    circular_aperture,
    diffraction_patterns,
    epie,
    read_mosaic,
    scan_places,
    scanned_shape,
    write_mosaic,
)
from cryptobench.primitives.optics.recording import Recorded, read_codes, read_header, require_bits, write_codes
from cryptobench.primitives.optics.visual import overlaid, sample, settled, sums_of_powers

__all__ = ["LIGHT", "Yu2022", "bench", "clear", "common_phase", "covers", "halftone", "sample_plane", "settle"]

LIGHT = Light(wavelength=632.8e-9, pitch=20e-6)
Z1, Z2 = 15e-3, 25e-3  # m: from the sample to the mask, from the mask to the camera
WINDOW, RADIUS, STEP = 64, 28.0, 24  # samples: side of a pattern, radius and shift of the aperture
SIGMA = 1.5  # pixels over which the eye takes the mean of a halftone
HALF = 16
START = (1 + 1j) / 3  # the mean of a sub-pixel's values
NEAR, DOUBTFUL = np.float32(0.4), 3e-5  # of 0, 1 or i; the share of sub-pixels that may be near none at the end
Bits = NDArray[np.bool_]


def halftone(image: Image) -> Bits:
    """Black and white channels, (C, H, W), by error diffusion: one bit a pixel is all that is kept."""
    return np.stack([error_diffused(plane) for plane in channels_first(image)])


@lru_cache(maxsize=8)
def covers(height: int, width: int) -> tuple[Bits, Bits]:
    """What the two shares look like, (H, W), public and of the size alone: rings and stripes, halftoned."""
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None, :]
    rings = 128 + 100 * np.cos(9 * np.hypot(y, x))
    stripes = 128 + 100 * np.sin(9 * (y + x))
    one, two = (error_diffused(np.rint(grey).astype(np.uint8)) for grey in (rings, stripes))
    one.flags.writeable = two.flags.writeable = False
    return one, two


def sample_plane(secret: Bits, key: bytes) -> Field:
    """o = s1 exp(i pi s2 / 2), (C, 2 H, 2 W), of two shares s1, s2, 1 where clear, of a secret (C, H, W)."""
    one, two = (np.broadcast_to(cover, secret.shape) for cover in keyed(covers, *secret.shape[1:]))
    return sample(secret, (one, two), words(key[HALF:], "yu shares", secret.shape))


def clear(o: Field) -> NDArray[np.floating]:
    """How clear each sub-pixel of the overlay is, near 0 or 1: the imaginary part, once the common phase is known."""
    clearness: NDArray[np.floating] = (o * common_phase(o).conj()[:, None, None]).imag
    return clearness


def common_phase(o: Field) -> Field:
    """The phase, (C,) complex64, that ptychography leaves each channel.

    Lit sub-pixels are 1 or i: the sum of o^4 gives it up to quarter turns. The sum of o gives the quarter turns: with
    covers half white it points from 1 (a black secret) to 1 + 2 i (a white one).
    """
    total, fourth_powers = sums_of_powers(o)
    fourth = np.angle(fourth_powers) / 4
    quarter = np.rint((np.angle(total * np.exp(-1j * fourth)) - np.angle(1 + 2j) / 2) / (np.pi / 2))
    phase: Field = np.exp(1j * (fourth + np.pi / 2 * quarter)).astype(np.complex64)
    return phase


def settle(o: Field) -> bool:
    """Sets sub-pixels that are near one of their three values to it; whether almost all were."""
    return settled(o, common_phase(o), NEAR) <= DOUBTFUL * o.size


def bench(key: bytes, sides: tuple[int, int]) -> Bench:
    """The set-up for samples of ``sides``, with the phase mask of ``key`` between sample and camera."""
    to_mask, to_camera = (fresnel_transfer((WINDOW, WINDOW), z, LIGHT) for z in (Z1, Z2))
    mask = phase_mask(key[:HALF], "yu mask", scanned_shape(sides, WINDOW, STEP))
    return Bench(_aperture(), mask, to_mask, to_camera, STEP)


@cache
def _aperture() -> NDArray[np.float32]:
    return circular_aperture(WINDOW, RADIUS)


class Yu2022(Cipher):
    """``bits`` (8 or 16) for each intensity; the receiver runs at most ``rounds`` of ePIE."""

    card = Card(
        name="yu2022",
        title="Extended visual cryptography and non-mechanical ptychographic encoding",
        authors="Yu, Li, Zhang, Yang, Ruan, Wang, Shi",
        year=2022,
        family="optical",
        fidelity="C+",
        key=(
            KeyField("mask", 128, "seed of the phase mask between sample and camera"),
            KeyField("shares", 128, "seed of the placement of sub-pixels; the receiver does not need it"),
        ),
        deviations=(
            "Only title and venue (J. Opt. 24, 035702) and the abstract of a sibling paper were at hand: parameters "
            "and construction are ours. The title here is a description; the exact one was not at hand.",
            "The secret is halftoned by error diffusion, each channel by itself: one bit a pixel. What decryption "
            "returns is the recovered halftone under a Gaussian of 1.5 pixels, as an eye sees it; smaller sides than "
            "8 have no greys.",
            "Covers are rings and stripes; the placement of sub-pixels is uniform among the valid ones, from the key.",
            "Non-mechanical is read as an aperture that a modulator moves: radius 28 samples, in steps of 24, each "
            "window 64 x 64 samples.",
            "Light of 632.8 nm, samples of 20 um, 15 mm to the mask and 25 mm to the camera, which 64 samples allow.",
            "The mask stands behind the sample, not on it, where it would be no key: the sample would absorb it.",
            "Intensities are recorded at 8 bits (16 as an option) on the scale of the brightest, which is in the "
            "header.",
            "Reconstruction: ePIE with known aperture, mask and distances, black patterns skipped. After each round "
            "sub-pixels within 0.4 of 0, 1 or i are set to that; it ends when all but 3 in 100,000 are, or after "
            "5 rounds, an option.",
        ),
        uses_nonce=False,
        lossless=False,
        min_side=8,
        not_an_image="the ciphertext is a stack of diffraction patterns, many camera frames for one picture",
        cost="slow",
        known_attacks=(
            "No published attack on this scheme was found. Blind ptychography, which recovers an unknown mask "
            "together with the sample, is the natural one; shares are drawn once, and the same key draws them again.",
        ),
    )

    def __init__(self, bits: int = 8, rounds: int = 5) -> None:
        if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 1:
            raise CipherError(f"yu2022: rounds is {rounds!r}, wanted an integer of at least 1")
        self.bits, self.rounds = require_bits("yu2022", bits), rounds

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("yu2022", secret=secret)
        with stage("shares"):
            o = sample_plane(halftone(image), key)
        with stage("diffraction"):
            patterns = diffraction_patterns(o, keyed(bench, key, (o.shape[1], o.shape[2])))
        with stage("recording"):
            scale = float(patterns.max())
            channels, down, across = patterns.shape[:3]
            codes = np.empty((down * WINDOW, across * WINDOW, channels), np.uint8 if self.bits == 8 else np.uint16)
            write_mosaic(patterns, np.float32(((1 << self.bits) - 1) / scale if scale else 0.0), codes)
            header = Recorded(self.bits, image.ndim, image.shape[0], image.shape[1], scale).pack()
            return Encrypted(write_codes(codes, self.bits), header)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        white = self.recover(encrypted, key)
        axes = read_header("yu2022", encrypted.header, self.bits).axes
        return samples(smoothed(white, SIGMA), axes)

    def recover(self, encrypted: Encrypted, key: bytes) -> Bits:
        """The halftones, (C, H, W), True where white; CipherError as for `decrypt`."""
        require_no_side_data("yu2022", secret=encrypted.secret)
        with stage("recording"):
            patterns, sides = self._patterns(encrypted)
        with stage("reconstruction"):
            o = epie(patterns, sides, keyed(bench, key, sides), self.rounds, START, settle, overwrite=True)
        with stage("shares"):
            return overlaid(clear(o))

    def _patterns(self, encrypted: Encrypted) -> tuple[NDArray[np.float32], tuple[int, int]]:
        """Intensities (C, A, B, w, w), and the sides of the sample in sub-pixels."""
        image, recorded = encrypted.image, read_header("yu2022", encrypted.header, self.bits)
        sides = (2 * recorded.height, 2 * recorded.width)
        down, across = scan_places(sides, STEP)
        planes = self.bits // 8
        channels = image.shape[2] // planes if image.ndim == 3 else 0
        wanted = (down * WINDOW, across * WINDOW, max(channels, 1) * planes)
        if image.shape != wanted or (recorded.axes == 2 and channels != 1):
            raise CipherError(
                f"yu2022: patterns have shape {image.shape}, wanted {wanted} for a secret of "
                f"{recorded.height}x{recorded.width}, as the header says"
            )
        patterns = np.empty((channels, down, across, WINDOW, WINDOW), np.float32)
        codes = image if self.bits == 8 else read_codes(image, self.bits)
        read_mosaic(codes, np.float32(recorded.scale / ((1 << self.bits) - 1)), patterns)
        return patterns, sides
