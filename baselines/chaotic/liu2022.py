"""Liu, Liu & Ma 2022: three keyed S-boxes from a 3D chaotic map, each sample substituted a random number of times."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf
from cryptobench.primitives.chaos.maps.three_dimensional import iqm3d_orbit, iqm3d_step
from cryptobench.primitives.chaos.permutation.index import shuffle_targets, swap_train

__all__ = ["KeySchedule", "Liu2022", "draw_box", "key_schedule"]

BOX_STATES = 20_000  # states from which the boxes are drawn
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


class Boxes(NamedTuple):
    """The three boxes, flat: the cyclic orders pi, each twice, (3 x 512), and the positions pos = pi^-1, (3 x 256).

    With pi written twice, pi_(i+d mod 256) needs no remainder.
    """

    pi: Image
    pos: Image


def boxes_and_state(keys: KeySchedule) -> tuple[Boxes, Floats]:
    """The boxes from the first states of the orbit, and the state after these."""
    state, states = keys.state.copy(), np.empty((BOX_STATES, 3))
    iqm3d_orbit(state, keys.alpha, keys.beta, states)
    pi = np.stack([draw_box(np.ascontiguousarray(samples)) for samples in states.T])
    return Boxes(np.tile(pi, 2).ravel(), np.argsort(pi, axis=1).astype(np.uint8).ravel()), state


@njit(cache=True, nogil=True, inline="always")
def _depth(state: float) -> Any:
    """1 + floor(2^36 s) mod 255."""
    return np.uint64(1) + np.uint64(np.int64(state * 2.0**36)) % np.uint64(255)


@njit(cache=True, nogil=True, inline="always")
def _turned(boxes: Boxes, k: Any, value: Any, depth: Any) -> Any:
    """S_k^d of a byte, for a depth d of 0 to 256; all uint64."""
    place = np.uint64(boxes.pos[(k << np.uint64(8)) + np.uint64(value)])
    return np.uint64(boxes.pi[(k << np.uint64(9)) + np.uint64(depth) + place])


@njit(cache=True, nogil=True, inline="always")
def _box(i: Any, channels: int) -> Any:
    """k = (i mod channels) mod 3 of sample i."""
    return np.uint64(np.uint32(i) % np.uint32(channels) % np.uint32(3))


@njit(cache=True, nogil=True)
def depths(state: Floats, alpha: float, beta: float, n: int) -> Image:
    """The depths of both passes, D1 and then D2, (2 n + up to 5): x, y, z of one state after the other."""
    D = np.empty(6 * ((n + 2) // 3), np.uint8)
    x, y, z = state[0], state[1], state[2]
    for i in range(0, len(D), 3):
        x, y, z = iqm3d_step(x, y, z, alpha, beta)
        D[i], D[i + 1], D[i + 2] = _depth(x), _depth(y), _depth(z)
    return D


@njit(cache=True, nogil=True)
def substitute_forwards(
    p: Image, channels: int, boxes: Boxes, state: Floats, alpha: float, beta: float, start: int
) -> tuple[Image, Image]:
    """C_i = S_k^(D_i)[P_i xor C_(i-1)], flat, and all depths as from `depths`.

    Each turn makes six depths and uses three: the orbit runs ahead of the chain, as far as the second pass needs, and
    each hides the time that the other waits for its own last value.
    """
    n = len(p)
    c, D = np.empty_like(p), np.empty(6 * ((n + 2) // 3), np.uint8)
    k = np.array([_box(i, channels) for i in range(channels + 2)])
    lane, lanes, on = np.uint64(0), np.uint64(channels), np.uint64(3 % channels)
    x, y, z = state[0], state[1], state[2]
    previous = np.uint64(start)
    for first in range(0, n, 3):
        for step in range(2):
            x, y, z = iqm3d_step(x, y, z, alpha, beta)
            d = np.uint64(2 * first + 3 * step)
            D[d], D[d + np.uint64(1)], D[d + np.uint64(2)] = _depth(x), _depth(y), _depth(z)
        if first + 3 <= n:
            for j in range(3):
                i = first + j
                previous = _turned(boxes, k[lane + np.uint64(j)], np.uint64(p[i]) ^ previous, D[i])
                c[i] = previous
        lane += on
        lane = min(lane, np.uint64(lane - lanes))  # mod channels: an underflow is larger
    for i in range(n - n % 3, n):
        previous = _turned(boxes, _box(i, channels), np.uint64(p[i]) ^ previous, D[i])
        c[i] = previous
    return c, D


@njit(cache=True, nogil=True)
def substitute_backwards(p: Image, channels: int, boxes: Boxes, D: Image, start: int) -> Image:
    """C_i = S_k^(D_i)[P_i xor C_(i+1)], flat, from the last sample to the first."""
    c = np.empty_like(p)
    previous = np.uint64(start)
    for t in range(len(p)):
        i = np.uint64(len(p) - 1 - t)
        previous = _turned(boxes, _box(i, channels), np.uint64(p[i]) ^ previous, D[i])
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def unsubstitute(c: Image, channels: int, boxes: Boxes, D: Image, start: int, backward: bool) -> Image:
    """The inverse of both: P_i = S_k^(-D_i)[C_i] xor the cipher byte that the chain met before."""
    p, n = np.empty_like(c), len(c)
    for i in range(n):
        p[i] = _turned(boxes, _box(i, channels), c[i], 256 - D[i])
    if n == 0:
        return p
    if backward:
        p[: n - 1] ^= c[1:]
        p[n - 1] ^= np.uint8(start)
    else:
        p[1:] ^= c[: n - 1]
        p[0] ^= np.uint8(start)
    return p


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
        keys, boxes, state = keyed(_key_stages, key)
        p, n, channels = image.ravel(), image.size, _channels(image)
        with stage("keystream and forward pass"):
            c, D = substitute_forwards(p, channels, boxes, state, keys.alpha, keys.beta, keys.a)
        with stage("backward pass"):
            c = substitute_backwards(c, channels, boxes, D[n:], keys.b)
        return Encrypted(c.reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("liu2022", encrypted.header, encrypted.secret)
        keys, boxes, state = keyed(_key_stages, key)
        c, n, channels = encrypted.image.ravel(), encrypted.image.size, _channels(encrypted.image)
        with stage("keystream"):
            D = depths(state, keys.alpha, keys.beta, n)
        with stage("diffusion"):
            p = unsubstitute(c, channels, boxes, D[n:], keys.b, True)
            p = unsubstitute(p, channels, boxes, D, keys.a, False)
        return p.reshape(encrypted.image.shape)


def _key_stages(key: bytes) -> tuple[KeySchedule, Boxes, Floats]:
    with stage("key"):
        keys = key_schedule(key)
    with stage("boxes"):
        return keys, *boxes_and_state(keys)


def _channels(image: Image) -> int:
    return image.shape[2] if image.ndim == 3 else 1
