"""Maniyath & Thanikaiselvan 2020: a logistic map feeds a small neural network, whose outputs are the key stream."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.key_schedule.keystream import sort_keys
from cryptobench.primitives.chaos.maps.basic import logistic_orbit
from cryptobench.primitives.chaos.permutation.index import gather, scatter
from cryptobench.primitives.chaos.permutation.radix import argsort_words

__all__ = ["Maniyath2020", "Network", "logistic_sequence"]

WARM_UP = 1000
R = (3.9999, 4.0)
INPUTS, HIDDEN, OUTPUTS = 16, 32, 16
WEIGHT = 4095  # largest weight and bias, a quarter in Q1.14: sums of 32 products stay below 2^31
HIGH = 16383  # of the hard tanh, just below one in Q1.14; it is -1 below
MAX_SAMPLES = 2**31 - 1  # the permutation is int32
NAME = "maniyath2020"

Floats = NDArray[np.float64]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]


def logistic_sequence(key: bytes, session: bytes, use: str, n: int) -> Floats:
    """n logistic samples after warm-up; x0 and r come from SHA-256 of key, session and use."""
    x0, r = kdf(key, session, f"maniyath {use}", 2)
    return logistic_orbit(x0, interval(r, *R), WARM_UP + n)[WARM_UP:]


class Network(NamedTuple):
    """Three dense layers of int16 numbers in Q1.14: weights (out, in) and biases (out,)."""

    W1: Int16
    b1: Int16
    W2: Int16
    b2: Int16
    W3: Int16
    b3: Int16

    @classmethod
    def of(cls, key: bytes, session: bytes) -> Network:
        """Weights floor(4095 (2x-1)) from a logistic sequence, layer by layer, each layer's biases last."""
        shapes = [(HIDDEN, INPUTS), (HIDDEN,), (HIDDEN, HIDDEN), (HIDDEN,), (OUTPUTS, HIDDEN), (OUTPUTS,)]
        sizes = [int(np.prod(shape)) for shape in shapes]
        x = logistic_sequence(key, session, "weights", sum(sizes))
        numbers = np.floor(WEIGHT * (2.0 * x - 1.0)).astype(np.int16)
        parts = np.split(numbers, np.cumsum(sizes)[:-1])
        return cls(*(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)))


@njit(cache=True, nogil=True, inline="always")
def _squashed(total: Any, bias: Any) -> Any:
    """f((W x >> 14) + b), f the hard tanh in Q1.14."""
    return min(max((total >> np.int32(14)) + bias, np.int32(-HIGH - 1)), np.int32(HIGH))


@njit(cache=True, nogil=True)
def _run(W1: Int32, b1: Int32, W2: Int32, b2: Int32, W3: Int32, b3: Int32, x: Floats) -> Image:
    """`key_bytes` with weights as (in, out): the outputs of a layer are summed side by side."""
    u, o = np.empty(INPUTS, np.int32), np.zeros(OUTPUTS, np.int32)
    h1, h2 = np.empty(HIDDEN, np.int32), np.empty(HIDDEN, np.int32)
    out = np.empty(len(x), np.uint8)
    for start in range(0, len(x), INPUTS):
        for i in range(INPUTS):
            u[i] = np.int32(np.int16(np.int64(x[start + i] * 4294967296.0))) ^ o[i]
        for i in range(HIDDEN):
            total = np.int32(0)
            for j in range(INPUTS):
                total += W1[j, i] * u[j]
            h1[i] = _squashed(total, b1[i])
        for i in range(HIDDEN):
            total = np.int32(0)
            for j in range(HIDDEN):
                total += W2[j, i] * h1[j]
            h2[i] = _squashed(total, b2[i])
        for i in range(OUTPUTS):
            total = np.int32(0)
            for j in range(HIDDEN):
                total += W3[j, i] * h2[j]
            o[i] = np.int32(np.int16((total >> np.int32(14)) + b3[i]))
        for i in range(OUTPUTS):
            out[start + i] = np.uint8(o[i] >> np.int32(4))
    return out


def key_bytes(network: Network, x: Floats) -> Image:
    """One byte a logistic sample, (n,) with 16 dividing n: h1 = f(W1 u + b1), h2 = f(W2 h1 + b2), o = W3 h2 + b3.

    Each product with W is shifted right by 14 bits; f is the hard tanh in Q1.14, and o is taken mod 2^16. Step t emits
    bits 4 to 11 of its outputs o; u is o of the step before xor the bits 2^-32 to 2^-17 of 16 samples.
    """
    W1, b1, W2, b2, W3, b3 = (np.ascontiguousarray(part.T, np.int32) for part in network)
    return _run(W1, b1, W2, b2, W3, b3, x)


@njit(cache=True, nogil=True)
def chain(p: Image, k: Image, backward: bool) -> Image:
    """c_i = rotl3(((p_i + c_(i-1)) mod 256) xor k_i), with 0 before the first."""
    n = len(p)
    c = np.empty(n, np.uint8)
    previous = np.uint32(0)
    for t in range(n):
        i = n - 1 - t if backward else t
        mixed = ((np.uint32(p[i]) + previous) & np.uint32(255)) ^ np.uint32(k[i])
        previous = (mixed << np.uint32(3) | mixed >> np.uint32(5)) & np.uint32(255)
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def unchain(c: Image, k: Image, backward: bool) -> Image:
    """The inverse of `chain`: p_i = ((rotr3(c_i) xor k_i) - c_(i-1)) mod 256."""
    n = len(c)
    p = np.empty(n, np.uint8)
    previous = np.uint32(0)
    for t in range(n):
        i = n - 1 - t if backward else t
        now = np.uint32(c[i])
        mixed = (now >> np.uint32(3) | now << np.uint32(5)) ^ np.uint32(k[i])
        p[i] = np.uint8(mixed - previous)
        previous = now
    return p


class KeyStream:
    """What encryption and decryption of n samples take from the key: a permutation and the network's bytes."""

    def __init__(self, key: bytes, session: bytes, n: int) -> None:
        require_samples(NAME, n, MAX_SAMPLES)
        with stage("key"):
            network = Network.of(key, session)
        with stage("keystream"):
            x = logistic_sequence(key, session, "input", -(-n // INPUTS) * INPUTS)
            self.k = key_bytes(network, x)[:n]
        with stage("permutation"):
            keys = np.empty(n, np.uint32)
            sort_keys(logistic_sequence(key, session, "permutation", n), keys)
            self.order = argsort_words(keys)


class Maniyath2020(Cipher):
    """A permutation, then a chain forwards and one backwards; with ``hash_iv``, keyed by the image's hash too."""

    card = Card(
        name="maniyath2020",
        title="An efficient image encryption using deep neural network and chaotic map",
        authors="S. R. Maniyath, V. Thanikaiselvan",
        year=2020,
        family="chaotic",
        fidelity="C",
        key=(KeyField("key", 256, "hashed to x0 and r of three logistic maps: weights, network input, permutation"),),
        deviations=(
            "Reconstructed from the idea alone, a logistic map with a deep neural network that makes the key stream; "
            "the paper's text was not at hand. All else is ours.",
            "Network: 16-32-32-16 dense layers with hard tanh, in integer arithmetic (Q1.14), so that the ciphertext "
            "is the same on every machine. Weights and biases are logistic samples in [-1/4, 1/4), not trained: "
            "fitting them to a stream that the key already gives would add nothing.",
            "Network input: 16-bit words of logistic samples xor the outputs of the step before; bits 4 to 11 of each "
            "output are a key byte.",
            "Logistic maps: r in (3.9999, 4), 1000 steps of warm-up. That range is narrow on purpose: in (3.9, 4), "
            "2.4 % of random r lie in periodic windows and settle in a cycle of at most 4096 states.",
            "Key: SHA-256 of key, use and counter gives x0 and r for each use; the paper's key space is not known.",
            "Permutation: stable argsort of floor(2^32 x) of a logistic sequence over all samples.",
            "Diffusion: a chain of addition, XOR and rotation by 3, once forwards and once backwards, with the same "
            "key bytes and 0 before the first sample.",
            "The key stream does not depend on the plaintext, unless the option hash_iv adds the SHA-256 of the image "
            "to the hashed key, as a per-message secret of 256 bits. Whether the paper's does is not known.",
            "Colour: the interleaved H x W x C bytes are one sequence.",
        ),
        uses_nonce=False,
        secret_bits=0,
        known_attacks=(
            "No published attack on this cipher was found. Permutation and key stream do not depend on the plaintext, "
            "so chosen plaintexts under one key always meet the same keyed permutation of images.",
        ),
    )

    def __init__(self, hash_iv: bool = False) -> None:
        self.hash_iv = hash_iv

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        session = b""
        if self.hash_iv:
            session = session_of(NAME, image, secret)
        else:
            require_no_side_data(NAME, secret=secret)
        stream = KeyStream(key, session, image.size)
        with stage("permutation"):
            c = gather(image.ravel(), stream.order)
        with stage("diffusion"):
            c = chain(chain(c, stream.k, False), stream.k, True)
        return Encrypted(c.reshape(image.shape), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        session = require_session(NAME, encrypted.secret) if self.hash_iv else b""
        require_no_side_data(NAME, encrypted.header, None if self.hash_iv else encrypted.secret)
        stream = KeyStream(key, session, encrypted.image.size)
        with stage("diffusion"):
            p = unchain(unchain(encrypted.image.ravel(), stream.k, True), stream.k, False)
        with stage("permutation"):
            p = scatter(p, stream.order)
        return p.reshape(encrypted.image.shape)
