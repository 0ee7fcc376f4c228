"""The key as a mask: a known pair under the same nonce turns the target into one of the attacker's ciphertexts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.chance import BYTE_CHANCE, at_least
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image

__all__ = ["KeyMask"]

_DIFFERENCES = {"XOR": (np.bitwise_xor, np.bitwise_xor), "subtraction mod 256": (np.subtract, np.subtract)}


@dataclass(frozen=True)
class KeyMask(Attack):
    """Ciphers E_k(P) = L(P) + m(k), where the key only adds a mask to a public map, however complicated that map is.

    The attacker encrypts a known plaintext under a key k' of his own. The difference of the two ciphertexts is
    m(k) - m(k'), whatever L is; taken from the target it leaves L(P*) + m(k'), which he decrypts with k'. The
    difference is tried as XOR and as subtraction mod 256; a second known pair decides which of them holds.

    Chains of XOR diffusion are of this kind, also behind a neural network whose weights are public.
    """

    name: ClassVar[str] = "key_mask"
    title: ClassVar[str] = "Key that is only a mask"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = None

    budget: int = 2

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        cipher = oracle.cipher
        key, nonce = generator.bytes(cipher.card.key_bytes), generator.bytes(NONCE_BYTES)
        (first, theirs_first), (second, theirs_second) = oracle.known_pair(), oracle.known_pair()
        mine_first = cipher.encrypt(first, key, nonce)
        # Where a scheme has a per-message secret, it is the attacker's to choose under his own key.
        mine_second = cipher.encrypt(second, key, nonce, secret=mine_first.secret or None)
        images = (theirs_first.image, theirs_second.image, mine_first.image, mine_second.image, oracle.challenge.image)
        if len({image.shape for image in images}) > 1:
            return AttackResult.inapplicable("cipher images differ in shape from message to message")
        masks = {
            name: (find(theirs_first.image, mine_first.image), find(theirs_second.image, mine_second.image))
            for name, (find, _) in _DIFFERENCES.items()
        }
        hits = {name: int(np.sum(one == two)) for name, (one, two) in masks.items()}
        best = max(hits, key=hits.__getitem__)
        remove = _DIFFERENCES[best][1]
        mine = Encrypted(remove(oracle.challenge.image, masks[best][0]), mine_first.header, mine_first.secret)
        return AttackResult(
            recovered=_decrypt(oracle, mine, key),
            statistic=hits[best] / images[0].size,
            statistic_name="mask samples equal in two messages",
            expected=BYTE_CHANCE,
            p_value=at_least(hits[best], images[0].size, tries=len(_DIFFERENCES)),
            notes=best,
        )


def _decrypt(oracle: Oracle, mine: Encrypted, key: bytes) -> Image | None:
    try:
        return oracle.cipher.decrypt(mine, key)
    except CipherError:
        return None
