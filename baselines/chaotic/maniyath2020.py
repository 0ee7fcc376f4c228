"""Maniyath & Thanikaiselvan 2020: stacked autoencoders, trained on samples of the image, give the key of an XOR stream.

Only what later papers say of the scheme is known: the key comes from autoencoders trained on a matrix of numbers from
the image, and the image is XORed.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.elementary import exponential
from cryptobench.primitives.chaos.key_schedule.keys import kdf, require_session
from cryptobench.primitives.chaos.key_schedule.keystream import scaled_bytes
from cryptobench.primitives.chaos.maps.basic import logistic_orbit

__all__ = ["Maniyath2020", "draw", "key_stream", "stacked_code", "trained"]

NAME = "maniyath2020"
WARM_UP = 1000
SIDE, CODES = 16, (8, 4)  # of the square matrix of samples; widths of the two codes
STEPS, RATE = 50, 0.5
MAX_SAMPLES = 2**31 - 1

Floats = NDArray[np.float64]


def _logistic(key: bytes, secret: bytes, label: str, n: int) -> Floats:
    """n states of x' = mu x (1-x) after warm-up, with x0 in (0, 1) and mu in (3.9, 4) from SHA-256."""
    x0, u = kdf(key, secret, label, 2)
    return logistic_orbit(x0, 3.9 + 0.1 * u, WARM_UP + n)[WARM_UP:]


def draw(key: bytes, size: int) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The 256 indices of samples out of ``size``, and the start weights (16, 8) and (8, 4), in [-1, 1]."""
    first, second = CODES
    x = _logistic(key, b"", NAME, SIDE**2 + SIDE * first + first * second)
    indices = (x[: SIDE**2] * 2.0**36).astype(np.int64) % size
    weights = 2.0 * x[SIDE**2 :] - 1.0
    return indices, weights[: SIDE * first].reshape(SIDE, first), weights[SIDE * first :].reshape(first, second)


@njit(cache=True, nogil=True, inline="always")
def _sigmoid(v: float) -> float:
    e = exponential(-abs(v))
    return (1.0 if v >= 0.0 else e) / (1.0 + e)


@njit(cache=True, nogil=True, error_model="numpy")  # a check for zero at each division would keep it from vectors
def _layer(A: Floats, B: Floats) -> Floats:
    """s(A B), in an order of operations that is the same on every machine."""
    out = np.zeros((len(A), B.shape[1]))
    for i in range(len(A)):
        for k in range(len(B)):
            for j in range(B.shape[1]):
                out[i, j] += A[i, k] * B[k, j]
    flat = out.ravel()
    for i in range(len(flat)):
        flat[i] = _sigmoid(flat[i])
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def trained(A: Floats, B: Floats, steps: int, rate: float) -> Floats:
    """The weights B of an autoencoder s(s(A B) B^T) without biases after full-batch steps on its mean squared error.

    ``A`` is (rows, inputs) in [0, 1], ``B`` (inputs, codes), which stays as it is. The error is half the squared
    difference, summed over the inputs and averaged over the rows.
    """
    rows, inputs = A.shape
    codes = B.shape[1]
    B, dR, dH, slope = B.copy(), np.empty((rows, inputs)), np.empty((rows, codes)), np.empty(B.shape)
    for _ in range(steps):
        H = _layer(A, B)
        R = _layer(H, B.T.copy())
        slope[:], dH[:] = 0.0, 0.0
        for i in range(rows):
            for j in range(inputs):
                dR[i, j] = (R[i, j] - A[i, j]) * R[i, j] * (1.0 - R[i, j]) / rows
            for k in range(inputs):
                for j in range(codes):
                    dH[i, j] += dR[i, k] * B[k, j]
            for j in range(codes):
                dH[i, j] = dH[i, j] * H[i, j] * (1.0 - H[i, j])
            for k in range(inputs):
                for j in range(codes):
                    slope[k, j] += A[i, k] * dH[i, j] + dR[i, k] * H[i, j]
        for k in range(inputs):
            for j in range(codes):
                B[k, j] -= rate * slope[k, j]
    return B


def stacked_code(A: Floats, first: Floats, second: Floats) -> Floats:
    """The (16, 4) code of two autoencoders, each trained in turn to reproduce its input."""
    code = _layer(A, trained(A, first, STEPS, RATE))
    deeper: Floats = _layer(code, trained(code, second, STEPS, RATE))
    return deeper


def _secret_of(image: Image, key: bytes) -> bytes:
    """SHA-256 of the bytes floor(2^24 v) mod 256 of the code of 256 drawn samples."""
    indices, first, second = keyed(draw, key, image.size)
    A = image.ravel()[indices].reshape(SIDE, SIDE) / 255.0
    return hashlib.sha256(scaled_bytes(stacked_code(A, first, second).ravel(), 24).tobytes()).digest()


def key_stream(key: bytes, secret: bytes, n: int) -> Image:
    """n bytes floor(2^36 x) mod 256 of a logistic orbit from key and secret."""
    stream: Image = scaled_bytes(_logistic(key, secret, f"{NAME} stream", n), 36)
    return stream


class Maniyath2020(Cipher):
    """C = P xor stream, keyed by key and code; the receiver has to be given the code's hash."""

    card = Card(
        name="maniyath2020",
        title="An efficient image encryption using deep neural network and chaotic map",
        authors="S. R. Maniyath, V. Thanikaiselvan",
        year=2020,
        doi="10.1016/j.micpro.2020.103134",
        family="chaotic",
        fidelity="C+",
        key=(KeyField("key", 256, "hashed to x0 and mu of two logistic maps: the draw and weights, the stream"),),
        deviations=(
            "The paper was not read. Three that cite it say that a matrix of random numbers from the original image "
            "trains stacked autoencoders, which give the secret key, and that the image is XORed (Wang & Zhang, Signal "
            "Process. 196, 2022; Singh et al., Neurocomputing 612, 2025; Panwar et al., Procedia Comput. Sci. 218, "
            "2023). All else is ours.",
            "Matrix: 256 samples at places that a logistic map draws, as 16 x 16 values in [0, 1].",
            "Autoencoders: 16 to 8 to 4, sigmoid, tied weights without biases that start from the same logistic orbit, "
            "50 full-batch steps of rate 0.5 each, in + - * / alone, so that the secret is the same on every machine.",
            "Secret: SHA-256 of the code's bytes, for without a hash neighbouring images have neighbouring keys. It "
            "goes to the receiver with every image, as it cannot be had from the ciphertext.",
            "Key stream: a logistic map with x0 and mu from SHA-256 of key and secret, mu in (3.9, 4), 1000 steps "
            "dropped, a byte floor(2^36 x) mod 256 a sample. The paper's map and key space are not known.",
            "Colour: the interleaved H x W x C bytes are one sequence.",
        ),
        uses_nonce=False,
        secret_bits=256,
        known_attacks=(
            "No published attack on this cipher was found. By its structure: images that agree in the 256 drawn "
            "samples have one key stream, so that a change elsewhere, all but 0.13 % of places at 256x256x3, changes "
            "one sample, and a known plaintext decrypts the other image.",
            "By its structure: XOR alone; with the secret fixed one known pair gives the whole key stream.",
            "By its structure: some 2 % of mu in (3.9, 4) lie in periodic windows, where the key stream repeats "
            "after at most 4096 bytes.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("network"):
            session = _secret_of(image, key) if secret is None else require_session(NAME, secret)
        return Encrypted(_xored(image, key, session), secret=session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data(NAME, encrypted.header)
        return _xored(encrypted.image, key, require_session(NAME, encrypted.secret))


def _xored(image: Image, key: bytes, session: bytes) -> Image:
    require_samples(NAME, image.size, MAX_SAMPLES)
    with stage("keystream"):
        stream = key_stream(key, session, image.size)
    with stage("diffusion"):
        out: Image = image ^ stream.reshape(image.shape)
    return out
