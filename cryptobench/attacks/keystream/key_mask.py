"""Key as a mask: does the key only add a mask to a public map, so that known pairs under the same nonce cancel it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.tools.shapes import SHAPES_DIFFER
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image
from cryptobench.experiment import decrypt_changed
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["KeyMask"]

_Operation = Callable[[Image, Image], Image]
_Pairs = list[tuple[Image, Encrypted]]
_DIFFERENCES: dict[str, _Operation] = {"XOR": np.bitwise_xor, "subtraction mod 256": np.subtract}


@dataclass(frozen=True)
class KeyMask(Attack):
    """Ciphers E_k(P) = L(P) + m(k), where the key only adds a mask to a public map, however complicated that map is.

    The attacker encrypts a known plaintext under a key k' of his own. The difference of the two ciphertexts is
    m(k) - m(k'), whatever L is; subtracted from the challenge it leaves L(P*) + m(k'), which he decrypts with k'. The
    difference is tried as XOR and as subtraction mod 256; a second known pair decides which of them holds.

    Where the map also depends on a nonce or hash in the header, he decrypts known ciphertexts and the challenge, as
    they are, with k'. D_k'(E_k(P)) = P + m of pads that add a stream of the key to one of the nonce.

    Under ``controls`` other keys of his, the two messages do not share a mask: the samples that agree there agree by
    chance, which is more than 1/256 where ciphertexts, or images decrypted with a wrong key, are not uniform.

    Chains of XOR diffusion are of this kind, also behind a neural network whose weights are public.
    """

    name: ClassVar[str] = "key_mask"
    title: ClassVar[str] = "Key as a mask"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = None
    formula: ClassVar[str] = "2"

    budget: int = 2
    controls: int = 6

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        key, pairs = generator.bytes(oracle.cipher.card.key_bytes), [oracle.known_pair(), oracle.known_pair()]
        both = _by_decryption(oracle, pairs, key), _by_encryption(oracle, pairs, key, generator)
        comparisons = [one for one in both if one]
        if not comparisons:
            return AttackResult.inapplicable(SHAPES_DIFFER)
        tries = len(comparisons) * len(_DIFFERENCES)
        hits, name, comparison = max(
            (
                (_agreements(subtract, one, key), name, one)
                for one in comparisons
                for name, subtract in _DIFFERENCES.items()
            ),
            key=lambda found: found[0],
        )
        subtract = _DIFFERENCES[name]
        samples = comparison.first[0].size
        others = [other for _ in range(self.controls) if (other := generator.bytes(len(key))) != key]
        chance = max([BYTE_CHANCE, *(_agreements(subtract, comparison, other) / samples for other in others)])
        return AttackResult(
            recovered=comparison.decrypt(subtract, subtract(*comparison.first)),
            statistic=hits / samples,
            statistic_name="mask samples equal in two messages",
            expected=chance,
            p_value=binomial_sf(hits, samples, chance, tries),
            notes=name + comparison.note,
        )


@dataclass(frozen=True, eq=False)
class _Comparison:
    """Two images that differ by the mask, of each of two messages; and the plaintext of the challenge for a known mask.

    The second message's are given for any key of the attacker's, and None where that key does not decrypt it.
    """

    first: tuple[Image, Image]
    second: Callable[[bytes], tuple[Image, Image] | None]
    decrypt: Callable[[_Operation, Image], Image | None]
    note: str


def _agreements(subtract: _Operation, comparison: _Comparison, key: bytes) -> int:
    """How many samples of the two messages' differences are equal."""
    second = comparison.second(key)
    return 0 if second is None else int(np.sum(subtract(*comparison.first) == subtract(*second)))


def _by_encryption(oracle: Oracle, pairs: _Pairs, key: bytes, generator: np.random.Generator) -> _Comparison | None:
    """Ciphertexts of the same plaintexts under the attacker's key and nonce; None if shapes differ."""
    nonce = generator.bytes(NONCE_BYTES)
    (first, theirs_first), (second, theirs_second) = pairs
    mine_first = oracle.cipher.encrypt(first, key, nonce)
    # Where a scheme has a per-message secret, it is the attacker's to choose under his own key.
    secret = mine_first.secret or None

    def mine_second(own: bytes) -> tuple[Image, Image]:
        return theirs_second.image, oracle.cipher.encrypt(second, own, nonce, secret=secret).image

    images = (theirs_first.image, *mine_second(key), mine_first.image, oracle.challenge.image)
    if len({image.shape for image in images}) > 1:
        return None

    def decrypt(subtract: _Operation, mask: Image) -> Image | None:
        unmasked = subtract(oracle.challenge.image, mask)
        return _decrypt(oracle, Encrypted(unmasked, mine_first.header, mine_first.secret), key)

    return _Comparison((theirs_first.image, mine_first.image), mine_second, decrypt, "")


def _by_decryption(oracle: Oracle, pairs: _Pairs, key: bytes) -> _Comparison | None:
    """The user's ciphertexts decrypted with the attacker's key; None if it does not decrypt them."""
    if oracle.cipher.card.secret_bits:
        return None
    first, second, target = (
        _decrypt(oracle, ciphertext, key) for ciphertext in (pairs[0][1], pairs[1][1], oracle.challenge)
    )
    if first is None or second is None or target is None or {one.shape for one in (first, second)} != {target.shape}:
        return None

    def mine_second(own: bytes) -> tuple[Image, Image] | None:
        image = second if own == key else _decrypt(oracle, pairs[1][1], own)
        return None if image is None or image.shape != second.shape else (image, pairs[1][0])

    return _Comparison(
        (first, pairs[0][0]), mine_second, lambda subtract, mask: subtract(target, mask), ", under the attacker's key"
    )


def _decrypt(oracle: Oracle, mine: Encrypted, key: bytes) -> Image | None:
    try:
        return decrypt_changed(oracle.cipher, mine, key)
    except CipherError:
        return None
