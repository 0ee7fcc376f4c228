"""Liu, Liu & Ma 2022: three keyed S-boxes from a 3D chaotic map, each sample substituted a random number of times."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.kits.chaos.checks import require_no_side_data
from cryptobench.kits.chaos.keys import interval, kdf
from cryptobench.kits.chaos.maps_3d import iqm3d_orbit
from cryptobench.kits.chaos.permutation import swap_train
from cryptobench.kits.chaos.shuffle import shuffle_targets

__all__ = ["KeySchedule", "Liu2022", "draw_box", "key_schedule"]

BOX_STATES = 20_000  # states from which the boxes are drawn
BLOCK = 4096  # steps whose states are held at a time
Floats = NDArray[np.float64]


class KeySchedule(NamedTuple):
    """First state and parameters of the 3D-IQM, and the bytes a and b that start the two chains."""

    state: Floats
    alpha: float
    beta: float
    a: int
    b: int


def key_schedule(key: bytes) -> KeySchedule:
    """Eight uniforms of the key: x0, y0, z0, alpha and beta in (20, 100), a, b."""
    x, y, z, alpha, beta, a, b = kdf(key, b"", "llm2022", 7)
    return KeySchedule(
        np.array([x, y, z]), interval(alpha, 20, 100), interval(beta, 20, 100), int(256 * a), int(256 * b)
    )


def draw_box(samples: Floats) -> Image:
    """A cyclic order pi of all bytes; the S-box is S[pi_i] = pi_(i+1 mod 256), and S^d[pi_i] = pi_(i+d mod 256).

    One cycle of 256 has no fixed point and no short cycle. An order in which some pi_i + pi_(i+1) = 255, a reverse
    fixed point, is drawn anew from the next 256 samples. Raises CipherError if the samples run out.
    """
    targets = np.empty(256, np.int32)
    for first in range(0, len(samples) - 255, 256):
        pi = np.arange(256, dtype=np.uint8)
        shuffle_targets(samples[first : first + 256][::-1].copy(), 0, targets)
        swap_train(pi, 0, targets, True)
        if not ((pi ^ np.roll(pi, -1)) == 255).any():
            return pi
    raise CipherError("liu2022: this key's orbit gives no S-box without reverse fixed points; use another key")


@njit(cache=True, nogil=True)
def _depths(states: Floats, out: Image) -> None:
    """1 + floor(2^36 s) mod 255 of the flat states."""
    for i in range(len(states)):
        out[i] = 1 + np.int64(states[i] * 2.0**36) % 255


class Substitution:
    """The three boxes as cyclic orders pi and positions pos = pi^-1, both (3, 256), and the depths D1, D2 of n samples.

    The orbit's coordinates, one after the other, give the depths, after the states that the boxes are drawn from.
    """

    def __init__(self, keys: KeySchedule, n: int) -> None:
        state = keys.state.copy()
        states = np.empty((BOX_STATES, 3))
        iqm3d_orbit(state, keys.alpha, keys.beta, states)
        self.pi = np.stack([draw_box(np.ascontiguousarray(samples)) for samples in states.T])
        self.pos = np.argsort(self.pi, axis=1).astype(np.uint8)
        depths = np.empty(2 * n, np.uint8)
        for first in range(0, 2 * n, 3 * BLOCK):
            part = depths[first : first + 3 * BLOCK]
            steps = -(-len(part) // 3)
            iqm3d_orbit(state, keys.alpha, keys.beta, states[:steps])
            _depths(states.ravel()[: len(part)], part)
        self.D1, self.D2 = depths[:n], depths[n:]


@njit(cache=True, nogil=True)
def substitute(p: Image, channels: int, pi: Image, pos: Image, depth: Image, start: int, backward: bool) -> Image:
    """C_i = S_k^(D_i)[P_i xor C_(i-1)], flat, k = (i mod channels) mod 3; ``backward`` runs from the last sample."""
    n = len(p)
    out = np.empty_like(p)
    previous = np.uint8(start)
    for t in range(n):
        i = n - 1 - t if backward else t
        k = np.uint32(i % channels % 3)
        previous = pi[k, np.uint8(pos[k, p[i] ^ previous] + depth[i])]
        out[i] = previous
    return out


@njit(cache=True, nogil=True)
def unsubstitute(c: Image, channels: int, pi: Image, pos: Image, depth: Image, start: int, backward: bool) -> Image:
    """The inverse of `substitute`: P_i = S_k^(-D_i)[C_i] xor C_(i-1)."""
    n = len(c)
    out = np.empty_like(c)
    previous = np.uint8(start)
    for t in range(n):
        i = n - 1 - t if backward else t
        k = np.uint32(i % channels % 3)
        out[i] = pi[k, np.uint8(pos[k, c[i]] - depth[i])] ^ previous
        previous = c[i]
    return out


class Liu2022(Cipher):
    """Two chained passes of repeated substitution, forwards and backwards."""

    card = Card(
        name="liu2022",
        title="Constructing dynamic strong S-Box using 3D chaotic map and application to image encryption",
        authors="H. Liu, J. Liu, C. Ma",
        year=2022,
        doi="10.1007/s11042-022-12069-x",
        family="chaotic",
        fidelity="C+",
        key=(KeyField("key", 256, "hashed to x0, y0, z0, alpha, beta and the chain starts a, b"),),
        deviations=(
            "Reconstructed from the abstract; map equation, S-box algorithm and chaining are not known. A correction "
            "to the paper exists, and its content is not known either.",
            "3D-IQM: a stand-in, three quadratic maps in a ring, mod 1, alpha and beta in (20, 100); all three "
            "Lyapunov exponents are positive, as the abstract says of the paper's map.",
            "Key: SHA-256 in counter mode gives all parameters; no part of the key stream depends on the plaintext.",
            "S-boxes: one cycle of 256, drawn again until there is no reverse fixed point. That gives the properties "
            "which the abstract names; the paper's filter for strong boxes is not known, and none is applied.",
            "Substitution depth: 1 to 255, another one for each sample and pass.",
            "Chaining by XOR with the cipher byte before, forwards and then backwards. The abstract names substitution "
            "only, and without a chain a change would stay in its own sample.",
            "Channel k uses S-box k mod 3; a grey image uses S-box 0 alone.",
        ),
        uses_nonce=False,
        secret_bits=0,
        known_attacks=(
            "No published attack on this cipher was found. The boxes and depths are the same for all images under one "
            "key, so that chosen plaintexts always meet the same substitutions. One change in 256 does not reach the "
            "samples before it.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("liu2022", secret=secret)
        keys, boxes, channels = _substitution(key, image)
        with stage("diffusion"):
            c = substitute(image.ravel(), channels, boxes.pi, boxes.pos, boxes.D1, keys.a, False)
            c = substitute(c, channels, boxes.pi, boxes.pos, boxes.D2, keys.b, True)
        return Encrypted(c.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("liu2022", encrypted.header, encrypted.secret)
        keys, boxes, channels = _substitution(key, encrypted.image)
        with stage("diffusion"):
            p = unsubstitute(encrypted.image.ravel(), channels, boxes.pi, boxes.pos, boxes.D2, keys.b, True)
            p = unsubstitute(p, channels, boxes.pi, boxes.pos, boxes.D1, keys.a, False)
        return p.reshape(encrypted.image.shape)


def _substitution(key: bytes, image: Image) -> tuple[KeySchedule, Substitution, int]:
    with stage("key"):
        keys = key_schedule(key)
    with stage("keystream"):
        return keys, Substitution(keys, image.size), image.shape[2] if image.ndim == 3 else 1
