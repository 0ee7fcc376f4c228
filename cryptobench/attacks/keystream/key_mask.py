"""The key as a mask: a known pair under the same nonce turns the target into one of the attacker's ciphertexts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.tools.shapes import SHAPES_DIFFER
from cryptobench.cipher import NONCE_BYTES, CipherError, Encrypted, Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["KeyMask"]

_Join = Callable[[Image, Image], Image]
_Pairs = list[tuple[Image, Encrypted]]
_DIFFERENCES: dict[str, tuple[_Join, _Join]] = {
    "XOR": (np.bitwise_xor, np.bitwise_xor),
    "subtraction mod 256": (np.subtract, np.subtract),
}


@dataclass(frozen=True)
class KeyMask(Attack):
    """Ciphers E_k(P) = L(P) + m(k), where the key only adds a mask to a public map, however complicated that map is.

    The attacker encrypts a known plaintext under a key k' of his own. The difference of the two ciphertexts is
    m(k) - m(k'), whatever L is; taken from the target it leaves L(P*) + m(k'), which he decrypts with k'. The
    difference is tried as XOR and as subtraction mod 256; a second known pair decides which of them holds.

    Where the map also depends on a nonce or hash in the header, he decrypts known ciphertexts and the target, as they
    are, with k'. D_k'(E_k(P)) = P + m of pads that join a stream of the key to one of the nonce.

    Under another key of his, ``controls`` times, the two messages do not share a mask: as many samples as agree there
    agree by chance, which is more than 1/256 where ciphertexts or what wrong keys decrypt to are not uniform.

    Chains of XOR diffusion are of this kind, also behind a neural network whose weights are public.
    """

    name: ClassVar[str] = "key_mask"
    title: ClassVar[str] = "Key that is only a mask"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = None

    budget: int = 2
    controls: int = 6

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        key, pairs = generator.bytes(oracle.cipher.card.key_bytes), [oracle.known_pair(), oracle.known_pair()]
        ways = [way for way in (_decrypted(oracle, pairs, key), _encrypted(oracle, pairs, key, generator)) if way]
        if not ways:
            return AttackResult.inapplicable(SHAPES_DIFFER)
        tries = len(ways) * len(_DIFFERENCES)
        hits, name, way = max(
            ((_agreeing(find, way, key), name, way) for way in ways for name, (find, _) in _DIFFERENCES.items()),
            key=lambda one: one[0],
        )
        find, remove = _DIFFERENCES[name]
        samples = way.first[0].size
        others = [other for _ in range(self.controls) if (other := generator.bytes(len(key))) != key]
        chance = max([BYTE_CHANCE, *(_agreeing(find, way, other) / samples for other in others)])
        return AttackResult(
            recovered=way.finish(remove, find(*way.first)),
            statistic=hits / samples,
            statistic_name="mask samples equal in two messages",
            expected=chance,
            p_value=binomial_sf(hits, samples, chance, tries),
            notes=name + way.note,
        )


@dataclass(frozen=True, eq=False)
class _Way:
    """Two images that differ by the mask, of each of two messages; and the target once the mask is known.

    The second message's are given for any key of the attacker's, and None where that key makes nothing of it.
    """

    first: tuple[Image, Image]
    second: Callable[[bytes], tuple[Image, Image] | None]
    finish: Callable[[_Join, Image], Image | None]
    note: str


def _agreeing(find: _Join, way: _Way, key: bytes) -> int:
    """How many samples of the two messages' differences are equal."""
    second = way.second(key)
    return 0 if second is None else int(np.sum(find(*way.first) == find(*second)))


def _encrypted(oracle: Oracle, pairs: _Pairs, key: bytes, generator: np.random.Generator) -> _Way | None:
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

    def finish(remove: _Join, mask: Image) -> Image | None:
        body = remove(oracle.challenge.image, mask)
        return _decrypt(oracle, Encrypted(body, mine_first.header, mine_first.secret), key)

    return _Way((theirs_first.image, mine_first.image), mine_second, finish, "")


def _decrypted(oracle: Oracle, pairs: _Pairs, key: bytes) -> _Way | None:
    """What the attacker's key makes of the user's ciphertexts; None if it makes nothing of them."""
    if oracle.cipher.card.secret_bits:
        return None
    opened = [_decrypt(oracle, sealed, key) for sealed in (pairs[0][1], pairs[1][1], oracle.challenge)]
    first, second, target = opened
    if first is None or second is None or target is None or {one.shape for one in (first, second)} != {target.shape}:
        return None

    def mine_second(own: bytes) -> tuple[Image, Image] | None:
        image = second if own == key else _decrypt(oracle, pairs[1][1], own)
        return None if image is None or image.shape != second.shape else (image, pairs[1][0])

    return _Way((first, pairs[0][0]), mine_second, lambda remove, mask: remove(target, mask), ", under his own key")


def _decrypt(oracle: Oracle, mine: Encrypted, key: bytes) -> Image | None:
    try:
        return oracle.cipher.decrypt(mine, key)
    except CipherError:
        return None
