"""Pictures of a standard cipher: a plaintext and everything that comes of it, in its Experiment."""

from __future__ import annotations

import numpy as np

from cryptobench.analyses.tools.key_bits import flip_bit
from cryptobench.cipher import Cipher, Image
from cryptobench.experiment import Experiment
from cryptobench.registry import load_cipher

__all__ = ["CIPHER", "experiment", "other_key", "plaintext", "under", "wrong_key"]

CIPHER = "aes-256-ctr"


def plaintext(*shape: int) -> Image:
    """A smooth picture with a little noise, (H, W) or (H, W, C)."""
    ramp = np.add.outer(np.arange(shape[0]), 2 * np.arange(shape[1])) % 200
    noise = np.random.default_rng(7).integers(0, 20, shape)
    image: Image = ((ramp[..., None] if len(shape) == 3 else ramp) + noise).astype(np.uint8)
    return image


def experiment(*shape: int, label: str = "picture", seed: int = 3, cipher: Cipher | None = None) -> Experiment:
    """The cipher on `plaintext`."""
    return Experiment(cipher or load_cipher(CIPHER), plaintext(*shape), seed, label)


def under(of: Experiment, key: bytes, image: Image | None = None) -> Image:
    """The cipher image under another key, or of another picture."""
    return of.cipher.encrypt(of.image if image is None else image, key, of.nonce).image


def other_key(of: Experiment) -> bytes:
    """The key with its first bit flipped."""
    return flip_bit(of.key, 0)


def wrong_key(of: Experiment) -> Image:
    """What that key decrypts the ciphertext to."""
    return of.cipher.decrypt(of.ciphertext, other_key(of))
