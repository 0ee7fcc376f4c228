"""Li, Yu, Ji & Sun 2021: cat maps with pixels as parameters, and two diffusions by a fractional-order Lorenz system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, UnsupportedImage, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data, require_samples
from cryptobench.primitives.chaos.key_schedule.keys import shake_fractions
from cryptobench.primitives.chaos.key_schedule.keystream import bits_after
from cryptobench.primitives.chaos.maps.classic import skew_tent_step
from cryptobench.primitives.chaos.maps.flows import FractionalLorenz
from cryptobench.primitives.chaos.permutation.cat_map import shear, unshear

__all__ = ["Li2021", "Session", "lorenz_orbit"]

BURN_IN = 600
TENT_STEPS = 160
CAT_STEPS = 5
BLOCK = 4096  # states of the orbit that are held at a time
SECRET_BYTES = 17
MAX_SAMPLES = 2**31 - 1

Layers = list[Image]


@dataclass(frozen=True)
class Session:
    """What ties the key stream to the plaintext: three pixels of each layer, and the sum s of all samples."""

    first: bytes  # p(0, 0) of each layer
    last: bytes  # p(H-1, W-1)
    middle: bytes  # p(H/2, W/2)
    s: int

    @classmethod
    def of_image(cls, image: Image) -> Session:
        height, width, _ = image.shape
        first, last, middle = image[0, 0], image[-1, -1], image[height // 2, width // 2]
        return cls(first.tobytes(), last.tobytes(), middle.tobytes(), int(image.sum(dtype=np.int64)))

    @classmethod
    def of_secret(cls, secret: bytes) -> Session:
        if not isinstance(secret, bytes) or len(secret) != SECRET_BYTES:
            given = f"{len(secret)} bytes" if isinstance(secret, bytes) else type(secret).__name__
            raise CipherError(
                f"li2021: secret is {given}, wanted {SECRET_BYTES} bytes: what encrypt returned with the image"
            )
        return cls(secret[0:3], secret[3:6], secret[6:9], int.from_bytes(secret[9:], "big"))

    def secret(self) -> bytes:
        return self.first + self.last + self.middle + self.s.to_bytes(8, "big")

    def cat(self, k: int) -> tuple[int, int]:
        """The cat map's a and b in layer k."""
        return self.first[k] + 2 * self.last[k] + 1, self.middle[k] + 1


def lorenz_orbit(key: bytes, session: Session, samples: int) -> FractionalLorenz:
    """The orbit after its burn-in: the key and the mean sample start a tent map, whose last states start the orbit."""
    f = shake_fractions(key + b"li", 4)
    v, alpha = (f[3] + session.s / (255 * samples)) % 1, 0.3 + 0.4 * f[2]
    states = []
    for _ in range(TENT_STEPS):
        v = skew_tent_step(v, alpha)
        v = v if 0 < v < 1 else 0.3719
        states.append(v)
    t0, t1, t2 = states[-3:]
    orbit = FractionalLorenz((-10 + 20 * t0 + f[1], -10 + 20 * t1, 10 + 20 * t2), 0.99 + 0.009 * f[0])
    orbit.run(np.empty((BURN_IN, 3)))
    return orbit


def key_bytes(orbit: FractionalLorenz, n: int) -> NDArray[np.uint8]:
    """K[k, 0] and K[k, 1], the two low bytes of floor(|u| 10^10), u = x, y, z for layer k = 0, 1, 2: (3, 2, n)."""
    K = np.empty((3, 2, n), np.uint8)
    for start in range(0, n, BLOCK):
        _low_bytes(orbit.run(np.empty((min(BLOCK, n - start), 3))), K[:, :, start : start + BLOCK])
    return K


@njit(cache=True, nogil=True)
def _low_bytes(states: NDArray[np.float64], K: NDArray[np.uint8]) -> None:
    for t in range(len(states)):
        for k in range(3):
            g = bits_after(abs(states[t, k]) * 1e10, 2.0**-16, 2.0**16)
            K[k, 0, t], K[k, 1, t] = g & 255, g >> 8


def mix_layers(L: Layers, K: NDArray[np.uint8]) -> None:
    """The first diffusion, in place: each layer k goes into the next, by XOR, and into the one after, by addition."""
    for k in range(3):
        L[(k + 1) % 3] ^= L[k] + K[k, 0]
        L[(k + 2) % 3] += L[k] ^ K[k, 1]


def unmix_layers(L: Layers, K: NDArray[np.uint8]) -> None:
    """The inverse of `mix_layers`, in place."""
    for k in (2, 1, 0):
        L[(k + 2) % 3] -= L[k] ^ K[k, 1]
        L[(k + 1) % 3] ^= L[k] + K[k, 0]


@njit(cache=True, nogil=True)
def chain_layer(p: Image, K: Image, start: int) -> Image:
    """C_i = P_i + C_(i-1) + K_i mod 256, with C_(-1) = ``start``."""
    c = np.empty(len(p), np.uint8)
    previous = np.uint8(start)
    for i in range(len(p)):
        previous = np.uint8(p[i] + previous + K[i])
        c[i] = previous
    return c


@njit(cache=True, nogil=True)
def unchain_layer(c: Image, K: Image, start: int) -> Image:
    """The inverse of `chain_layer`."""
    p = np.empty(len(c), np.uint8)
    p[0] = np.uint8(c[0] - np.uint8(start) - K[0])
    for i in range(1, len(c)):
        p[i] = np.uint8(c[i] - c[i - 1] - K[i])
    return p


def reverse(p: Image) -> Image:
    return np.ascontiguousarray(p[::-1])


class Li2021(Cipher):
    """One round: cat maps inside the layers, diffusion from layer to layer, and two chains in each layer."""

    card = Card(
        name="li2021",
        title="A novel colour image encryption based on fractional order Lorenz system",
        authors="S. Li, Y. Yu, X. Ji, Q. Sun",
        year=2021,
        doi="10.1080/21642583.2020.1852624",
        family="chaotic",
        fidelity="C+",
        key=(KeyField("key", 256, "hashed to the order q, part of x(0), and the tent map's break and start"),),
        deviations=(
            "Reconstructed from the abstract, which lists the steps in order; all formulas but the Lorenz system's are "
            "choices.",
            "Lorenz system: sigma 10, rho 28, beta 8/3, Gruenwald-Letnikov with step 0.01, the last 64 states and q in "
            "[0.990, 0.999); 600 states are dropped. Lower orders settle in a fixed point with this memory.",
            "h^q is rounded correctly, so that the ciphertext does not depend on a machine's pow.",
            "Cat map: a = p(0,0) + 2 p(H-1,W-1) + 1 and b = p(H/2,W/2) + 1 of each layer, 5 steps, as two shears on "
            "any rectangle.",
            "Tent map: skew, break 0.3 + 0.4 f2, start f3 plus the mean sample mod 1, 160 steps; the last three states "
            "start the Lorenz system, and a state outside (0, 1) becomes 0.3719. f0 to f3 are fractions of SHAKE-256.",
            "Key bytes: the two low bytes of floor(|u| 10^10), u = x, y, z.",
            "Diffusion between layers: each in turn into the next by XOR and into the one after by addition.",
            "Diffusion in a layer: an additive chain forwards, and one over the bytes in reverse order, which stay "
            "reversed.",
            "One round. The nine pixels and the sum of all samples are the per-message secret.",
        ),
        uses_nonce=False,
        secret_bits=136,
        channels=(3,),
        known_attacks=(
            "No published attack on this cipher was found. Images of equal sum and equal nine pixels share the key "
            "stream and the cat maps, so chosen plaintexts within such a set meet one fixed mapping.",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        _require_size(image)
        with stage("key"):
            session = Session.of_image(image) if secret is None else Session.of_secret(secret)
        K = keyed(_keystream, key, session, image.size)
        with stage("permutation"):
            layers = [np.ascontiguousarray(image[..., k]) for k in range(3)]
            L = [shear(layer, *session.cat(k), CAT_STEPS).ravel() for k, layer in enumerate(layers)]
        with stage("diffusion"):
            mix_layers(L, K)
            for k in range(3):
                c = chain_layer(L[k], K[k, 1], session.s & 255)
                L[k] = chain_layer(reverse(c), K[(k + 1) % 3, 0], session.s >> 8 & 255)
        return Encrypted(np.stack(L, axis=-1).reshape(image.shape), secret=session.secret())

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("li2021", encrypted.header)
        c = encrypted.image
        if c.ndim != 3 or c.shape[2] != 3:
            raise UnsupportedImage(f"li2021: cipher image has shape {c.shape}, wanted (H, W, 3)")
        _require_size(c)
        with stage("key"):
            session = Session.of_secret(encrypted.secret)
        K = keyed(_keystream, key, session, c.size)
        with stage("diffusion"):
            L = [c[..., k].ravel() for k in range(3)]
            for k in range(3):
                p = reverse(unchain_layer(L[k], K[(k + 1) % 3, 0], session.s >> 8 & 255))
                L[k] = unchain_layer(p, K[k, 1], session.s & 255)
            unmix_layers(L, K)
        with stage("permutation"):
            planes = [unshear(layer.reshape(c.shape[:2]), *session.cat(k), CAT_STEPS) for k, layer in enumerate(L)]
        return np.stack(planes, axis=-1)


def _keystream(key: bytes, session: Session, samples: int) -> NDArray[np.uint8]:
    with stage("key"):
        orbit = lorenz_orbit(key, session, samples)
    with stage("keystream"):
        return key_bytes(orbit, samples // 3)


def _require_size(image: Image) -> None:
    require_samples("li2021", image.size, MAX_SAMPLES)
