"""Barik & Changder 2020: Henon, logistic and tent key streams with a cat map; or a picture that stays perceptible."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.diffusion.chains import xor_chain, xor_unchain
from cryptobench.primitives.chaos.key_schedule.keys import shake_fractions
from cryptobench.primitives.chaos.maps.classic import henon_step, skew_tent_step
from cryptobench.primitives.chaos.permutation.cat_map import shear, unshear
from cryptobench.primitives.chaos.permutation.planes import interleaved, side_by_side

__all__ = ["Barik2020", "KeySchedule", "key_streams", "outside_windows"]

BURN_IN = 1000
CAT_STEPS = 6
FULL = 8  # level of full encryption
WINDOWS = (  # of r in [3.99, 4), wider than 10^-6, where the logistic map settles in a short cycle
    (3.99025, 3.99034),
    (3.992519, 3.992521),
    (3.994537, 3.994540),
    (3.997582, 3.997588),
)
MAX_SAMPLES = 2**31 - 1


class KeySchedule(NamedTuple):
    """Starts of the Henon, logistic and tent orbits, their parameters r and mu, and the cat map's a and b."""

    x: float
    y: float
    logistic: float
    tent: float
    r: float
    mu: float
    a: int
    b: int

    @classmethod
    def of(cls, key: bytes) -> KeySchedule:
        f = shake_fractions(key + b"barik", 8)
        return cls(
            x=0.2 * f[0] - 0.1,
            y=0.2 * f[1] - 0.1,
            logistic=0.1 + 0.8 * f[2],
            tent=0.05 + 0.9 * f[3],
            r=outside_windows(3.99 + 0.01 * f[4]),
            mu=0.35 + 0.3 * f[5],
            a=1 + int(1000 * f[6]),
            b=1 + int(1000 * f[7]),
        )


def outside_windows(r: float) -> float:
    """``r``, moved up by 10^-4 if it lies in a periodic window of the logistic map."""
    return r + 1e-4 if any(low < r < high for low, high in WINDOWS) else r


@njit(cache=True, nogil=True)
def key_streams(
    x: float, y: float, logistic: float, tent: float, r: float, mu: float, n: int
) -> tuple[Image, Image, Image]:
    """H, L and T: ``n`` bytes floor(10^12 |v|) mod 256 of the Henon map's x, the logistic and the tent map."""
    H, L, T = np.empty(n, np.uint8), np.empty(n, np.uint8), np.empty(n, np.uint8)
    for t in range(-BURN_IN, n):
        x, y = henon_step(x, y)
        if abs(x) >= 2.0:
            x, y = 0.1, 0.1
        logistic = r * logistic * (1.0 - logistic)
        tent = skew_tent_step(tent, mu)
        if not 0.0 < tent < 1.0:
            tent = 0.3719
        if t >= 0:
            H[t] = np.int64(abs(x) * 1e12) & 255
            L[t] = np.int64(logistic * 1e12) & 255
            T[t] = np.int64(tent * 1e12) & 255
    return H, L, T


@njit(cache=True, nogil=True)
def reverse(p: Image) -> Image:
    out = np.empty_like(p)
    for i in range(len(p)):
        out[i] = p[len(p) - 1 - i]
    return out


class Barik2020(Cipher):
    """Full encryption at ``level`` 8; at 1 to 7 only so many low bit planes are masked, and the scene stays visible."""

    card = Card(
        name="barik2020",
        title="Perceptual accessible image encryption conjugating multiple chaotic maps",
        authors="Barik, Changder",
        year=2020,
        family="chaotic",
        fidelity="C",
        key=(KeyField("key", 256, "hashed to x0, y0 of Henon, logistic and tent starts, r, mu, cat map a, b"),),
        deviations=(
            "Reconstructed from the title alone: several chaotic maps, and a cipher that leaves the scene perceptible.",
            "Maps: Henon at a = 1.4, b = 0.3; logistic with r in [3.99, 4); skew tent with break in [0.35, 0.65]; cat "
            "map as two shears, with a and b from 1 to 1000. 1000 states are dropped.",
            "Logistic map: r in one of four periodic windows, as for one key in a hundred, is moved up by 10^-4; the "
            "orbit would settle in a cycle of 5 to 16 states.",
            "Key: eight fractions of SHAKE-256. Key bytes: floor(10^12 |v|) mod 256.",
            "An orbit that escapes goes on from a fixed state: Henon's from (0.1, 0.1), the tent map's from 0.3719.",
            "Full encryption: six cat maps, a chain, a chain over the bytes in reverse, which stay reversed, six cat "
            "maps with a and b exchanged, and a chain. One round.",
            "Perceptible encryption: XOR of the lowest bit planes with all three key streams, nothing else.",
            "Colour: the planes lie side by side. The key stream does not depend on the plaintext.",
        ),
        uses_nonce=False,
        secret_bits=0,
        known_attacks=(
            "No published attack on this cipher was found. At levels 1 to 7 one known plaintext gives the mask of all "
            "images under the key; at level 8 a change of 128 in a sample stays a change of 128 in all others.",
        ),
    )

    def __init__(self, level: int = FULL) -> None:
        if isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= FULL:
            raise CipherError(f"barik2020: level is {level!r}, wanted an integer from 1 to {FULL}")
        self.level = level

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("barik2020", secret=secret)
        keys, H, L, T = keyed(_streams, key, image.size)
        if self.level < FULL:
            return Encrypted(self._masked(image, H, L, T))
        a, b = keys.a, keys.b
        p = side_by_side(image)
        with stage("permutation"):
            c = shear(p, a, b, CAT_STEPS).ravel()
        with stage("diffusion"):
            c = xor_chain(c, H, L, a & 255)
            c = xor_chain(reverse(c), T, H, b & 255)
        with stage("permutation"):
            c = shear(c.reshape(p.shape), b, a, CAT_STEPS).ravel()
        with stage("diffusion"):
            c = xor_chain(c, L, T, (a ^ b) & 255)
        return Encrypted(interleaved(c.reshape(p.shape), image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("barik2020", encrypted.header, encrypted.secret)
        image = np.ascontiguousarray(encrypted.image)
        keys, H, L, T = keyed(_streams, key, image.size)
        if self.level < FULL:
            return self._masked(image, H, L, T)
        a, b = keys.a, keys.b
        c = side_by_side(image)
        with stage("diffusion"):
            p = xor_unchain(c.ravel(), L, T, (a ^ b) & 255)
        with stage("permutation"):
            p = unshear(p.reshape(c.shape), b, a, CAT_STEPS).ravel()
        with stage("diffusion"):
            p = reverse(xor_unchain(p, T, H, b & 255))
            p = xor_unchain(p, H, L, a & 255)
        with stage("permutation"):
            p = unshear(p.reshape(c.shape), a, b, CAT_STEPS)
        return interleaved(p, image.shape)

    def _masked(self, image: Image, H: Image, L: Image, T: Image) -> Image:
        with stage("diffusion"):
            p = side_by_side(image)
            mask = (H ^ L ^ T) & np.uint8(2**self.level - 1)
            return interleaved(p ^ mask.reshape(p.shape), image.shape)


def _streams(key: bytes, size: int) -> tuple[KeySchedule, Image, Image, Image]:
    require_samples("barik2020", size, MAX_SAMPLES)
    keys = KeySchedule.of(key)
    with stage("keystream"):
        return keys, *key_streams(*keys[:6], size)
