"""Length leak: does the ciphertext's size depend on how compressible the plaintext is?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.cipher import NONCE_BYTES, Encrypted, Image

__all__ = ["LengthLeak"]

_PARTS = {"body": "cipher image", "header": "header", "secret": "per-message secret"}


@dataclass(frozen=True)
class LengthLeak(Attack):
    """Encrypts flat, shaded, natural and random images of one shape, each twice, and compares the sizes of cipher
    images and headers; and of per-message secrets, under keys of its own, since the oracle withholds the user's.

    Sizes that differ between the two encryptions of one image are random, and are not counted as a leak.
    """

    name: ClassVar[str] = "length_leak"
    title: ClassVar[str] = "Length leak"
    identifier: ClassVar[str] = "A17"
    model: ClassVar[Model] = "CPA"
    largest_side: ClassVar[int | None] = None

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        natural, ciphertext = oracle.known_pair()
        images = {
            "flat black": oracle.probe("zero"),
            "flat white": np.full(oracle.shape, 255, np.uint8),
            "shaded": _shaded(oracle.shape),
            "natural": natural,
            "noise": oracle.probe("a"),
        }
        firsts = {
            "flat black": oracle.encrypt_probe("zero"), "natural": ciphertext, "noise": oracle.encrypt_probe("a")
        }  # fmt: skip
        sizes: dict[str, dict[str, int]] = {part: {} for part in _PARTS}
        varying: set[str] = set()
        for name, image in images.items():
            both = [_sizes(firsts.get(name) or oracle.encrypt(image)), _sizes(oracle.encrypt(image))]
            both = [one | {"secret": _secret_size(oracle, generator, image)} for one in both]
            for part in sizes:
                sizes[part][name] = both[0][part]
                if both[0][part] != both[1][part]:
                    varying.add(part)
        leaking = [part for part, found in sizes.items() if len(set(found.values())) > 1 and part not in varying]
        notes = [
            f"{_PARTS[part]}: " + ", ".join(f"{name} {size} B" for name, size in sizes[part].items())
            for part in leaking
        ]
        notes += [f"the {_PARTS[part]}'s size is random" for part in sorted(varying)]
        return AttackResult(
            statistic=float(max(len(set(found.values())) for found in sizes.values())),
            statistic_name="different sizes for images of one shape",
            expected=1.0,
            p_value=0.0 if leaking else 1.0,
            claims=("distinguisher",) if leaking else (),
            notes="; ".join(notes),
            numbers={
                f"{part}_bytes_spread": max(found.values()) - min(found.values()) for part, found in sizes.items()
            },
        )


def _sizes(ciphertext: Encrypted) -> dict[str, int]:
    return {"body": ciphertext.image.size, "header": len(ciphertext.header)}


def _secret_size(oracle: Oracle, generator: np.random.Generator, image: Image) -> int:
    key, nonce = generator.bytes(oracle.cipher.card.key_bytes), generator.bytes(NONCE_BYTES)
    return len(oracle.local_cipher.encrypt(image, key, nonce).secret)


def _shaded(shape: tuple[int, ...]) -> Image:
    rows, columns = np.indices(shape[:2])
    plane = (255 * (rows + columns) // max(1, shape[0] + shape[1] - 2)).astype(np.uint8)
    image: Image = np.ascontiguousarray(np.broadcast_to(plane.reshape(*shape[:2], *(1 for _ in shape[2:])), shape))
    return image
