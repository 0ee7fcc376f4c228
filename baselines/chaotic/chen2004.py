"""Chen, Mao & Chui 2004: 3D cat map permutation of cubes of pixels, and a chain masked by a logistic key stream."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_rounds, require_samples
from cryptobench.primitives.chaos.diffusion.chains import mask_chain, mask_unchain
from cryptobench.primitives.chaos.key_schedule.keys import bit_fields
from cryptobench.primitives.chaos.maps.basic import chen_system, windowed_logistic
from cryptobench.primitives.chaos.permutation.index import Order, cat3d_inverse, cat3d_matrix, gather, put_cat3d_targets

__all__ = ["Chen2004", "KeySchedule", "cube_sides"]

STEP, SAMPLES = 0.002, (4000, 8000)  # Runge-Kutta step and the two steps at which z is read: t = 8 and 16
MAX_PIXELS = 2**30


class KeySchedule(NamedTuple):
    """What the 128 key bits give: z', z'' of the three pairs of each axis, the logistic seed L, the start byte S."""

    z: tuple[float, ...]  # z'_x, z''_x, z'_y, z''_y, z'_z, z''_z
    L: float
    S: int

    def matrix(self, n: int) -> list[list[int]]:
        """The 3D cat map of a cube of side n: a_i = round(z'_i n / 60), b_i = round(z''_i n / 60)."""
        return cat3d_matrix(*(round(z / 60 * n) for z in self.z))


def key_schedule(key: bytes) -> KeySchedule:
    """Four orbits of Chen's system, one for each pair (k_a, k_b) of 16-bit key fields."""
    k = np.array(bit_fields(key, [16] * 8)) / 65536
    k_a, k_b = k[0::2], k[1::2]
    start = np.stack([80 * k_b - 40, 80 * k_a - 40, 60 * k_b], axis=1)
    z = chen_system(start, 8.4 * k_a + 20, STEP, SAMPLES)
    if not np.isfinite(z).all():
        raise CipherError(f"chen2004: Chen's system diverges for key {key.hex()}; use another key")
    return KeySchedule(tuple(z[:3].ravel().tolist()), float(z[3, 0] / 60), round(float(z[3, 1] / 60 * 255)))


def cube_sides(n: int) -> list[int]:
    """Sides of the cubes that ``n`` pixels in a row are cut into, the largest first; fewer than 8 pixels stay over."""
    sides = []
    while n >= 8:
        side = round(n ** (1 / 3)) + 1
        while side**3 > n:
            side -= 1
        sides.append(side)
        n -= side**3
    return sides


def permutation(keys: KeySchedule, n: int, inverse: bool) -> Order:
    """Where each of ``n`` pixels goes, or with ``inverse`` comes from: the cat map inside each cube.

    The pixels left over stay.
    """
    table = np.empty(n, np.int32)
    first = 0
    for side in cube_sides(n):
        matrix = keys.matrix(side)
        cube = table[first : first + side**3]
        put_cat3d_targets(cat3d_inverse(matrix) if inverse else matrix, side, first, cube)
        first += side**3
    table[first:] = np.arange(first, n)
    return table


class Chen2004(Cipher):
    """``rounds`` of permutation and diffusion; with ``alternate``, every second round's chain runs backwards."""

    card = Card(
        name="chen2004",
        title="A symmetric image encryption scheme based on 3D chaotic cat maps",
        authors="G. Chen, Y. Mao, C. K. Chui",
        year=2004,
        doi="10.1016/j.chaos.2003.12.022",
        family="chaotic",
        fidelity="B+",
        key=(
            KeyField("k_ax", 16, "Chen system behind a_x, b_x: c, y(0)"),
            KeyField("k_bx", 16, "Chen system behind a_x, b_x: x(0), z(0)"),
            KeyField("k_ay", 16, "Chen system behind a_y, b_y: c, y(0)"),
            KeyField("k_by", 16, "Chen system behind a_y, b_y: x(0), z(0)"),
            KeyField("k_az", 16, "Chen system behind a_z, b_z: c, y(0)"),
            KeyField("k_bz", 16, "Chen system behind a_z, b_z: x(0), z(0)"),
            KeyField("k_L", 16, "Chen system behind logistic seed L and start byte S: c, y(0)"),
            KeyField("k_S", 16, "Chen system behind logistic seed L and start byte S: x(0), z(0)"),
        ),
        deviations=(
            "Reconstructed from two public implementations and the literature; the paper's text was not at hand.",
            "Rounds: 3 by default; the paper's number is not known.",
            "Key: each 16-bit field is read as a big-endian fraction of 65536; the paper's quantisation is not known.",
            "Chen's system: Runge-Kutta of order 4 with step 0.002, z read at steps 4000 and 8000. A public "
            "implementation has step 0.05, which diverges for one key in five.",
            "Cubes: the largest that fits is taken first; the paper's choice of sides is not known.",
            "Cat map: applied once a round, with the same parameters in every round.",
            "Cat matrix: row 2, column 3 starts with ay bz, for determinant 1; public implementations have ay az.",
            "Key stream bytes: floor(256 (x - 0.2) / 0.6), the same bytes in every round.",
            "The start byte S is virtual, before the first pixel; a public implementation overwrites the first pixel.",
            "Colour: the paper is about grey images; the interleaved H x W x C bytes are one sequence here.",
        ),
        uses_nonce=False,
        secret_bits=0,
        known_attacks=(
            "K. Wang, W. Pei, L. Zou, A. Song, Z. He, On the security of 3D cat map based symmetric image "
            "encryption scheme, Physics Letters A 343 (2005) 432-439: chosen plaintext; cited from memory, not read",
            "E. Solak, C. Cokal, O. T. Yildiz, T. Biyikoglu, Cryptanalysis of Fridrich's chaotic image encryption, "
            "Int. J. Bifurcation and Chaos 20 (2010) 1405-1413: chosen ciphertext, said to carry over",
        ),
    )

    def __init__(self, rounds: int = 3, alternate: bool = False) -> None:
        self.rounds = require_rounds("chen2004", rounds)
        self.alternate = alternate

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("chen2004", secret=secret)
        keys, phi, source = keyed(_streams, key, image.size, True)
        c = image.ravel()
        for r in range(self.rounds):
            with stage("permutation"):
                c = gather(c, source)  # not scatter by targets: a processor keeps far more reads than writes in flight
            with stage("diffusion"):
                c = mask_chain(c, phi, keys.S, self._backward(r))
        return Encrypted(c.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("chen2004", encrypted.header, encrypted.secret)
        keys, phi, target = keyed(_streams, key, encrypted.image.size, False)
        p = encrypted.image.ravel()
        for r in reversed(range(self.rounds)):
            with stage("diffusion"):
                p = mask_unchain(p, phi, keys.S, self._backward(r))
            with stage("permutation"):
                p = gather(p, target)
        return p.reshape(encrypted.image.shape)

    def _backward(self, r: int) -> bool:
        return self.alternate and r % 2 == 1


def _streams(key: bytes, n: int, inverse: bool) -> tuple[KeySchedule, Image, Order]:
    require_samples("chen2004", n, MAX_PIXELS)
    with stage("key"):
        keys = key_schedule(key)
    with stage("keystream"):
        phi, found = windowed_logistic(keys.L, n)
        if found < n:
            raise CipherError(
                f"chen2004: the logistic orbit of key {key.hex()} falls to 0 after {int(found)} of {n} bytes; "
                "use another key or a smaller image"
            )
    with stage("permutation"):
        table = permutation(keys, n, inverse)
    return keys, phi, table
