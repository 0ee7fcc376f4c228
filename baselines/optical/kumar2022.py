"""Kumar, Nishchal & AlFalou 2022: an array of optical vortices as a phase key in the Fresnel domain."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.primitives.chaos.checks import require_no_side_data
from cryptobench.primitives.chaos.key_schedule.keys import bit_fields
from cryptobench.primitives.optics.masks import Field, phase_mask, vortex_array
from cryptobench.primitives.optics.planes import amplitudes, samples
from cryptobench.primitives.optics.propagation import Light, fresnel_transfer, propagate
from cryptobench.primitives.optics.recording import read_field, record_field, require_bits

__all__ = ["LIGHT", "KeySchedule", "Kumar2022", "decode", "encode", "key_schedule"]

LIGHT = Light(wavelength=632.8e-9, pitch=20e-6)
Z1, Z2 = 24e-3, 36e-3  # m: middle of the range of each distance
GRID = 4


class KeySchedule(NamedTuple):
    """Charges l (4, 4), non-zero in -8 ... 8; pitch and offset in shares of a side; distances in metres; mask seed."""

    charges: NDArray[np.int64]
    pitch: float
    offset: tuple[float, float]
    z1: float
    z2: float
    mask: bytes


def key_schedule(key: bytes) -> KeySchedule:
    """Four bits a charge; 16 bits each for the pitch in 11/64 ... 13/64, offsets in -1/32 ... 1/32, z within 10 %."""
    *digits, pitch, down, across, z1, z2 = bit_fields(key[:18], [4] * GRID**2 + [16] * 5)
    charges = np.array([digit - 8 if digit < 8 else digit - 7 for digit in digits]).reshape(GRID, GRID)
    p, y, x, d1, d2 = (2 * word / 65536 - 1 for word in (pitch, down, across, z1, z2))
    return KeySchedule(charges, 3 / 16 + p / 64, (y / 32, x / 32), Z1 * (1 + d1 / 10), Z2 * (1 + d2 / 10), key[18:])


def encode(f: Field, mask: Field, V: Field, h1: Field, h2: Field) -> Field:
    """H_z2{ H_z1{f mask} V }: Fresnel diffraction over z1, the vortex array, diffraction over z2."""
    return propagate(propagate(f * mask, h1) * V, h2)


def decode(psi: Field, V: Field, h1: Field, h2: Field) -> Field:
    """f mask; its modulus is f, whatever the mask was."""
    return propagate(propagate(psi, h2, back=True) * V.conj(), h1, back=True)


class Kumar2022(Cipher):
    """A random phase in the input plane, vortices in the Fresnel plane; ``bits`` (8 or 16) a recorded real number."""

    card = Card(
        name="kumar2022",
        title="Controllable optical vortex array for image encoding",
        authors="Kumar, Nishchal, AlFalou",
        year=2022,
        family="optical",
        fidelity="C",
        key=(
            KeyField("charges", 64, "4 x 4 topological charges -8 ... -1, 1 ... 8, 4 bits each"),
            KeyField("pitch", 16, "distance of vortices, in 11/64 ... 13/64 of a side"),
            KeyField("offset_y", 16, "of the array from the centre, within 1/32 of the height"),
            KeyField("offset_x", 16, "of the array from the centre, within 1/32 of the width"),
            KeyField("z1", 16, "distance from the input to the vortices, 24 mm within 10 %"),
            KeyField("z2", 16, "distance from the vortices to the camera, 36 mm within 10 %"),
            KeyField("mask", 128, "seed of the random phase in the input plane; no key to intensities"),
        ),
        deviations=(
            "Only title and venue (IEEE Photon. Technol. Lett. 34(10), 521-524) and abstracts of the group's other "
            "papers were at hand: how it is put together is ours.",
            "The vortices stand in the Fresnel plane and the random mask in the input plane; the other way round the "
            "vortices would be no key, since the modulus removes a phase in the input plane.",
            "Vortices: 4 x 4 on a grid of 3/16 of the sides, charges -8 ... 8 without 0, so that 4 bits make one.",
            "Light of 632.8 nm, pixels of 20 um, distances of 24 and 36 mm within 10 %: what 64 pixels sample.",
            "The receiver is given the complex field; a recording of intensities alone would need phase retrieval.",
            "The complex field is recorded as real and imaginary part, 8 bits each (16 as an option), with the scale "
            "in the header; code 0 is read as no light.",
            "Amplitudes are sample / 255; colour channels have their own masks and share vortices and distances.",
        ),
        uses_nonce=False,
        lossless=False,
        min_side=64,
        known_attacks=(
            "No published attack on this scheme was found. It is linear over the complex numbers and has the form of "
            "double random phase encoding, with its attacks; all but the mask has at most 144 bits, of which far "
            "fewer count.",
        ),
    )

    def __init__(self, bits: int = 8) -> None:
        self.bits = require_bits("kumar2022", bits)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("kumar2022", secret=secret)
        f = amplitudes(image)
        with stage("masks"):
            V, h1, h2 = _optics(key, f.shape)
            mask = phase_mask(key_schedule(key).mask, "kumar mask", f.shape)
        with stage("propagation"):
            psi = encode(f, mask, V, h1, h2)
        with stage("recording"):
            return Encrypted(*record_field(psi, image.ndim, self.bits))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("kumar2022", secret=encrypted.secret)
        with stage("recording"):
            psi, axes = read_field("kumar2022", encrypted.image, encrypted.header, self.bits)
        with stage("masks"):
            V, h1, h2 = _optics(key, psi.shape)
        with stage("propagation"):
            return samples(abs(decode(psi, V, h1, h2)), axes)


def _optics(key: bytes, shape: tuple[int, ...]) -> tuple[Field, Field, Field]:
    """Vortex array and the two transfer functions for fields (C, H, W)."""
    keys, (height, width) = key_schedule(key), shape[1:]
    offset = (keys.offset[0] * height, keys.offset[1] * width)
    V = vortex_array((height, width), keys.charges, (keys.pitch * height, keys.pitch * width), offset)
    return V, fresnel_transfer((height, width), keys.z1, LIGHT), fresnel_transfer((height, width), keys.z2, LIGHT)
