"""HCTR2, a permutation of the whole image chosen by the key: the best that a cipher of the same size can be."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import CipherContext, algorithms, modes
from numpy.typing import NDArray

from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField, stage
from cryptobench.primitives.polyval import polyval, polyval_tables

__all__ = ["Hctr2", "hctr2_decrypt", "hctr2_encrypt"]

_BLOCK = 16


class Hctr2(Cipher):
    """HCTR2 over the raster of samples, with the image shape as tweak; no header and no nonce.

    Every sample of the cipher image depends on every sample of the image, and the other way round. Equal images give
    equal ciphertexts, and nothing else leaks.
    """

    card = Card(
        name="hctr2",
        title="Length-preserving encryption with HCTR2 (AES-256), a tweakable permutation of the whole image",
        family="reference",
        fidelity="A",
        key=(KeyField("key", 256, "AES-256 key, which gives the keys of the hash too"),),
        authors="Crowley, Huckleberry and Biggers",
        year=2021,
        uses_nonce=False,
        min_side=4,
        known_attacks=(
            "Crowley, Huckleberry and Biggers 2021, IACR ePrint 2021/1441: equal images give equal ciphertexts; no "
            "authentication, so that a changed ciphertext decrypts to noise instead of being rejected",
        ),
        claims="confidentiality=4, misuse=4, integrity=garbles",
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        ciphertext = hctr2_encrypt(key, _encode_shape(image) + self._tweak(nonce), image.tobytes())
        return Encrypted(_as_image(ciphertext, image), header=self._tweak(nonce))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        image, header = encrypted.image, encrypted.header
        wanted = len(self._tweak(bytes(16)))
        if len(header) != wanted:
            raise CipherError(f"{self.card.name}: header has {len(header)} bytes, wanted {wanted}")
        if image.size < _BLOCK:
            raise CipherError(f"{self.card.name}: ciphertext has {image.size} samples, wanted at least {_BLOCK}")
        return _as_image(hctr2_decrypt(key, _encode_shape(image) + header, image.tobytes()), image)

    def _tweak(self, nonce: bytes) -> bytes:
        """What the tweak has besides the shape."""
        return b""


def hctr2_encrypt(key: bytes, tweak: bytes, plain: bytes) -> bytes:
    """The paper's Encrypt: M || N to U || V of the same length, at least 16 bytes."""
    H, L = _hash_key(key)
    M, N = plain[:_BLOCK], plain[_BLOCK:]
    prefix = _prefix(H, tweak, len(N))
    with stage("hash"):
        MM = _xor(M, _hash(H, prefix, N))
    UU = _aes(key).update(MM)
    S = _xor(_xor(MM, UU), L)
    with stage("encryption"):
        V = _xctr(key, S, N)
    with stage("hash"):
        U = _xor(UU, _hash(H, prefix, V))
    return U + V


def hctr2_decrypt(key: bytes, tweak: bytes, ciphertext: bytes) -> bytes:
    """The paper's Decrypt: U || V to M || N of the same length, at least 16 bytes."""
    H, L = _hash_key(key)
    U, V = ciphertext[:_BLOCK], ciphertext[_BLOCK:]
    prefix = _prefix(H, tweak, len(V))
    with stage("hash"):
        UU = _xor(U, _hash(H, prefix, V))
    MM = BlockCipher(algorithms.AES256(key), modes.ECB()).decryptor().update(UU)
    S = _xor(_xor(MM, UU), L)
    with stage("encryption"):
        N = _xctr(key, S, V)
    with stage("hash"):
        M = _xor(MM, _hash(H, prefix, N))
    return M + N


@lru_cache(maxsize=8)
def _hash_key(key: bytes) -> tuple[NDArray[np.uint64], bytes]:
    """Multiples of the hash key H = E(0), and L = E(1)."""
    both = _aes(key).update(_le(0) + _le(1))
    return polyval_tables(both[:_BLOCK]), both[_BLOCK:]


def _prefix(H: NDArray[np.uint64], tweak: bytes, size: int) -> tuple[int, int]:
    """The hash of the lengths and the tweak, with which both hashes of a message start; size of what follows, bytes."""
    lengths = _le(2 * 8 * len(tweak) + 2 + (size % _BLOCK > 0))
    return polyval(H, lengths + tweak + bytes(-len(tweak) % _BLOCK))


def _hash(H: NDArray[np.uint64], prefix: tuple[int, int], message: bytes) -> bytes:
    padding = b"\x01" + bytes(-(len(message) + 1) % _BLOCK) if len(message) % _BLOCK else b""
    low, high = polyval(H, message + padding, prefix)
    return low.to_bytes(8, "little") + high.to_bytes(8, "little")


def _xctr(key: bytes, S: bytes, message: bytes) -> bytes:
    """The message xor E(S xor 1) || E(S xor 2) || ..., counters little-endian."""
    blocks = -(-len(message) // _BLOCK)
    counters = np.empty((blocks, 2), "<u8")
    counters[:] = np.frombuffer(S, "<u8")
    counters[:, 0] ^= np.arange(1, blocks + 1, dtype=np.uint64)
    keystream = np.frombuffer(_aes(key).update(counters.tobytes()), np.uint8, count=len(message))
    return (np.frombuffer(message, np.uint8) ^ keystream).tobytes()


def _aes(key: bytes) -> CipherContext:
    return BlockCipher(algorithms.AES256(key), modes.ECB()).encryptor()


def _le(number: int) -> bytes:
    return number.to_bytes(_BLOCK, "little")


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "little") ^ int.from_bytes(other, "little")).to_bytes(_BLOCK, "little")


def _as_image(body: bytes, image: Image) -> Image:
    return np.frombuffer(body, np.uint8).reshape(image.shape).copy()


def _encode_shape(image: Image) -> bytes:
    return np.array(image.shape, ">u4").tobytes()
