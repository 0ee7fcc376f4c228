"""Chen, Guo & Jing 2020: learned compressed sensing of blocks, then a cipher on a cloud model and a logistic map."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.key_schedule.keys import interval, kdf, require_session, session_of
from cryptobench.primitives.chaos.maps.cloud import cloud_logistic_orbit
from cryptobench.primitives.chaos.permutation.rotations import transposed
from cryptobench.primitives.learned.block_sensing import SensingRecipe
from cryptobench.primitives.learned.ciphers import LearnedCipher
from cryptobench.primitives.learned.recipe import settings_of
from cryptobench.primitives.learned.sizes import BLOCK_SIDE, EncoderSize

__all__ = ["Chen2020Cs", "KeyStream", "slide_rows", "sum_chain", "sum_unchain"]

BURN_IN = 1000
PRESETS: dict[str, dict[str, Any]] = {"cpu": {"steps": 2100}, "paper": {"steps": 100_000, "blocks": 64}}
Shifts = NDArray[np.int64]


class KeyStream(NamedTuple):
    """What key and session give a code image of H x W bytes."""

    rows: Shifts  # (H,)
    columns: Shifts  # (W,)
    keys: Image  # (2, H W): of the chain forwards and backwards
    starts: tuple[int, int]

    @classmethod
    def of(cls, key: bytes, session: bytes, H: int, W: int) -> KeyStream:
        """One orbit: a state r for each row's shift floor(r W), each column's floor(r H), then two bytes a sample."""
        with stage("keystream"):
            Ex, Ey, En, He, nu, mu, z, s, c1, c2 = kdf(key, session, "chen2020-cs", 10)
            parameters = np.array(
                [
                    interval(Ex, 0.5, 1.0),
                    interval(Ey, 0.5, 1.0),
                    interval(En, 0.1, 0.2),
                    interval(He, 0.01, 0.02),
                    interval(nu, 3.99, 4.0),
                    interval(mu, 3.99, 4.0),
                ]
            )
            orbit = np.empty(BURN_IN + H + W + H * W)
            cloud_logistic_orbit(np.array([z, s]), parameters, orbit)
            _, rows, columns, states = np.split(orbit, np.cumsum([BURN_IN, H, W]))
            words = (states * 2.0**36).astype(np.int64)
            keys = np.stack([words, words >> 8]).astype(np.uint8)
        return cls((rows * W).astype(np.int64), (columns * H).astype(np.int64), keys, (int(256 * c1), int(256 * c2)))


@njit(cache=True, nogil=True)
def slide_rows(q: Image, shifts: Shifts) -> Image:
    """Rotate each row of ``q`` to the right by its shift, from 0 to the width."""
    out = np.empty_like(q)
    width = q.shape[1]
    for i in range(len(q)):
        cut = width - shifts[i]
        out[i, shifts[i] :] = q[i, :cut]
        out[i, : shifts[i]] = q[i, cut:]
    return out


def sum_chain(q: Image, k: Image, start: int) -> Image:
    """c_i = q_i + k_i + c_(i-1) mod 256 with c_(-1) = ``start``, over flat bytes."""
    return np.cumsum(q + k, dtype=np.uint8) + np.uint8(start)


def sum_unchain(c: Image, k: Image, start: int) -> Image:
    """The inverse of `sum_chain`."""
    q = c - k
    q[1:] -= c[:-1]
    q[:1] -= np.uint8(start)
    return q


class Chen2020Cs(LearnedCipher):
    """Blocks of 33 x 33 pixels become codes of 24 x 24 bytes; their image is slid by rows and columns, then chained."""

    weights = ("chen2020-cs",)
    multiple = BLOCK_SIDE
    card = Card(
        name="chen2020-cs",
        title="General image encryption algorithm based on deep learning compressed sensing and compound chaotic "
        "system",
        authors="W. Chen, Y. Guo, S.-W. Jing",
        year=2020,
        doi="10.7498/aps.69.20201019",
        family="learned",
        fidelity="B",
        key=(KeyField("key", 256, "hashed with the image's hash to the parameters of the cloud and the two maps"),),
        deviations=(
            "Known: blocks of 33 x 33 x 3, the kernels of the networks and the sizes of the codes, grey images as "
            "three channels, a 2D cloud model cascaded with the logistic map, sliding by rows and then columns, a "
            "vector decomposition, keys tied to the image's hash. The formulas of the cipher stage are not known.",
            "Hidden widths 64, 32, 16 of the convolutions; the contour branch and the matrix are added and cut to "
            "bytes; the matrix has no bias, and a gain of 0.1 that slows its training down. Zero padding in each "
            "block.",
            "Training: mean squared error through rounding to 8 bits, Adam 1e-3 with decay, batches of 32 blocks of "
            "BSDS500 train and val. Rate 0.18, a code of 24 x 24; the others are a setting of the recipe.",
            "Sides that are no multiple of 33 are mirrored at the edge; the codes stand side by side as one grey "
            "image.",
            "Key: SHA-256 in counter mode over key and SHA-256 of the image gives Ex, Ey in (0.5, 1), En in (0.1, "
            "0.2), He in (0.01, 0.02), the two logistic parameters in (3.99, 4), their states and two start bytes; "
            "the hash of the image is the per-message secret. 1000 steps of burn-in.",
            "Cloud: normals by Box and Muller's method from four logistic values, which are not uniform. The "
            "membership of a drop (x, y) does not depend on Ex, Ey, En and He, since (x - Ex) / En' is the normal "
            "itself; so frac(1e5 u (x + y)), and not frac(1e5 u) alone, is added to the second logistic map, mod 1.",
            "Exponential, logarithm and sine are our own, of + - * /, so that two machines have one key stream.",
            "Vector decomposition: the chain c_i = q_i + k_i + c_(i-1) mod 256, forwards and backwards, stands in for "
            "it.",
        ),
        uses_nonce=False,
        secret_bits=256,
        lossless=False,
        channels=(1, 3),
        known_attacks=(
            "No published attack on this cipher was found. The networks are public and give no security; sliding "
            "keeps each row's content, and the chain is affine over Z/256.",
            "A third of one-bit changes leaves the 8-bit code as it was: with the image's hash fixed the "
            "ciphertext then is the same, and no cipher behind the code could tell such images apart.",
        ),
    )

    @classmethod
    def recipe(cls, preset: str) -> SensingRecipe:
        return SensingRecipe(**settings_of(PRESETS, preset))

    def encoded_shape(self, height: int, width: int) -> tuple[int, int, int]:
        size = getattr(self.networks()["encoder"], "size", None)
        assert isinstance(size, EncoderSize)
        a, b = size
        return -(-height // BLOCK_SIDE) * a, -(-width // BLOCK_SIDE) * b, 1

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        with stage("key"):
            session = session_of("chen2020-cs", image, secret)
        code, shape = self.encode(image)
        q = code[..., 0]
        keys = keyed(KeyStream.of, key, session, *q.shape)
        with stage("permutation"):
            q = slide_rows(q, keys.rows)
            q = transposed(slide_rows(transposed(q), keys.columns))
        with stage("diffusion"):
            c = sum_chain(q.ravel(), keys.keys[0], keys.starts[0])
            c = sum_chain(c[::-1], keys.keys[1, ::-1], keys.starts[1])[::-1]
        return Encrypted(np.ascontiguousarray(c).reshape(q.shape), shape, session)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        session = require_session("chen2020-cs", encrypted.secret)
        if encrypted.image.ndim != 2:
            raise CipherError(f"chen2020-cs: cipher image has {encrypted.image.ndim} axes, wanted 2")
        self.plain_shape(encrypted.image[..., None], encrypted.header)
        H, W = encrypted.image.shape
        keys = keyed(KeyStream.of, key, session, H, W)
        with stage("diffusion"):
            c = sum_unchain(encrypted.image.ravel()[::-1], keys.keys[1, ::-1], keys.starts[1])[::-1]
            q = sum_unchain(c, keys.keys[0], keys.starts[0]).reshape(H, W)
        with stage("permutation"):
            q = transposed(slide_rows(transposed(q), H - keys.columns))
            q = slide_rows(q, W - keys.rows)
        return self.decode(q[..., None], encrypted.header)
