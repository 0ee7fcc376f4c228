"""One toy for each breach of the contract, and the line that says so."""

from __future__ import annotations

import builtins
import re
from typing import ClassVar

import numpy as np

from cryptobench.cipher import Cipher, CipherError, Encrypted
from tests.contract.toys import Toy, pad

HERE = r"\((?:breakers|harmful|toys)\.py, line \d+\)"
STATE = re.escape(
    "what decrypt needs goes into Encrypted(header=...); if it must stay secret, return it as Encrypted(secret=...) "
    "and state secret_bits in the card"
)


class Floats(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(super().encrypt(image, key, nonce).image / 255.0, nonce)


class NotANumber(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(np.full(image.shape, np.nan), nonce)


class Integers(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image.astype(np.int64) + key[0], nonce)


class Flat(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image.ravel(), nonce)


class TextHeader(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image, nonce.hex())


class ArraySecret(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image, nonce, np.zeros(4, np.uint8))


class Pair(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return image, nonce


class FloatsBack(Toy):
    def decrypt(self, encrypted, key):
        return super().decrypt(encrypted, key) * 1.0


class NothingBack(Toy):
    def decrypt(self, encrypted, key):
        super().decrypt(encrypted, key)


class FlatBack(Toy):
    def decrypt(self, encrypted, key):
        return super().decrypt(encrypted, key).reshape(1, -1)


class KeyAsText(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ pad(("key " + key).encode(), nonce, image.shape), nonce)


class NoNonce(Toy):
    def encrypt(self, image, key):
        return Encrypted(image, key)


class NoSecret(Toy):
    def encrypt(self, image, key, nonce):
        return Encrypted(image, nonce)


class DecryptWantsNonce(Toy):
    def decrypt(self, encrypted, key, nonce):
        return encrypted.image


class SomeKeysRaise(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        if key != self._first(key):
            raise ZeroDivisionError("x0 is zero")
        return super().encrypt(image, key, nonce)

    seen: ClassVar[list[bytes]] = []

    def _first(self, key: bytes) -> bytes:
        self.seen.append(key)
        return self.seen[0]


class ExitsOnUse(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        raise SystemExit("usage: cipher.py IMAGE")


class InPlace(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        image ^= pad(key, nonce, image.shape)
        return Encrypted(image, nonce)


class DecryptsInPlace(Toy):
    def decrypt(self, encrypted, key):
        image = encrypted.image
        image ^= pad(key, encrypted.header, image.shape)
        return image


class Chance(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return super().encrypt(image, key, np.random.bytes(16))  # noqa: NPY002


class Chained(Toy):
    last: int = 0

    def encrypt(self, image, key, nonce, *, secret=None):
        nonce = bytes([self.last]) + nonce[1:]
        self.last = int(image.sum() % 7)
        return super().encrypt(image, key, nonce)


class Remembers(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        self.pad = pad(key, nonce, image.shape)
        return Encrypted(image ^ self.pad, nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image ^ self.pad


class ClassRemembers(Toy):
    order: ClassVar[list[int]] = []

    def encrypt(self, image, key, nonce, *, secret=None):
        self.order[:] = np.argsort(image, axis=None, kind="stable").tolist()
        return Encrypted(image.ravel()[self.order].reshape(image.shape), nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image.ravel()[np.argsort(self.order)].reshape(encrypted.image.shape)


class OneBuffer(Toy):
    def __init__(self) -> None:
        self.buffer = np.zeros(1 << 16, np.uint8)

    def encrypt(self, image, key, nonce, *, secret=None):
        out = self.buffer[: image.size].reshape(image.shape)
        np.bitwise_xor(image, pad(key, nonce, image.shape), out=out)
        return Encrypted(out, nonce)


class RejectsItself(Toy):
    def decrypt(self, encrypted, key):
        raise CipherError("tag mismatch")


class GreySquareOnly(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return super().encrypt(image[np.arange(image.shape[1]), :], key, nonce) if image.ndim == 2 else image[:, :, 5]


class ColourOnly(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        return super().encrypt(image[:, :, ::-1], key, nonce)

    def decrypt(self, encrypted, key):
        return super().decrypt(encrypted, key)[:, :, ::-1]


class MultiplesOfFour(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        blocks = image.reshape(len(image) // 4, 4, *image.shape[1:])
        return super().encrypt(blocks.reshape(image.shape), key, nonce)


class RefusesGrey(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        if image.ndim == 2:
            raise CipherError("colour only")
        return super().encrypt(image, key, nonce)


class RefusesAll(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        raise CipherError("no")


class ReplacesNumpy(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        np.array_equal = lambda *arrays: True
        return super().encrypt(image, key, nonce)


class ReplacesBuiltins(Toy):
    """After this, nothing that looks at the cipher works."""

    def encrypt(self, image, key, nonce, *, secret=None):
        builtins.isinstance = lambda *arguments: True
        return super().encrypt(image, key, nonce)


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class RaisesUnspeakable(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        raise Unspeakable


class RaisesControls(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        raise ValueError("a\0\x1b[31mred\ncaf\udce9")


class StopsGenerators(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        raise GeneratorExit


class WantsMemory(Toy):
    def encrypt(self, image, key, nonce, *, secret=None):
        raise MemoryError("100 GiB")


ENCRYPT = re.escape("wanted (self, image, key, nonce, *, secret=None)")
UINT8 = re.escape("wanted uint8 (values 0 to 255)")
ARRAY = re.escape("(H, W) or (H, W, C)")
IF = "in the card if the scheme takes no others"
LIMIT = "raise UnsupportedImage, or declare the limit in the card"
TWICE = "equal input gave different output: encrypt was called twice with the same image, key and nonce; take all"
KEY_HINT = re.escape('key is bytes: key.hex() is text, int.from_bytes(key, "big") a number')
ANOTHER = "only the object that encrypted can decrypt, and another one"
BREACHES: dict[type[Cipher], str] = {
    Floats: rf"encrypt returned float64, {UINT8}; np\.rint\(255 \* image\)\.astype\(np\.uint8\) {HERE}",
    NotANumber: rf"encrypt returned float64 with NaN, {UINT8}; find the division by zero or the overflow {HERE}",
    Integers: rf"encrypt returned int64, {UINT8}; \(image % 256\)\.astype\(np\.uint8\) {HERE}",
    Flat: rf"encrypt returned an array of shape \(1024,\), wanted {ARRAY} with no empty axis {HERE}",
    TextHeader: rf"encrypt returned a header of type str, wanted bytes; keep the bytes themselves, .* {HERE}",
    ArraySecret: rf"encrypt returned a secret of type ndarray, wanted bytes; array\.tobytes\(\) {HERE}",
    Pair: r"encrypt returned tuple, wanted Encrypted; return Encrypted\(image, header=\.\.\., secret=\.\.\.\)",
    FloatsBack: rf"decrypt returned float64, {UINT8}; np\.rint\(image\)\.astype\(np\.uint8\)",
    NothingBack: rf"decrypt returned NoneType, wanted a uint8 array of shape {ARRAY}",
    FlatBack: r"decrypt returned an image of 1x1024, wanted the plaintext's shape, 32x32",
    KeyAsText: rf"encrypt raised TypeError: can only concatenate str \(not .bytes.\) to str; {KEY_HINT} {HERE}",
    NoNonce: rf"encrypt takes \(self, image, key\), {ENCRYPT}; add the arguments nonce and secret {HERE}",
    NoSecret: rf"encrypt takes \(self, image, key, nonce\), {ENCRYPT}; add the argument secret {HERE}",
    DecryptWantsNonce: rf"decrypt takes \(self, encrypted, key, nonce\), wanted .*, key\); {STATE} {HERE}",
    SomeKeysRaise: rf"encrypt raised ZeroDivisionError: x0 is zero {HERE}",
    ExitsOnUse: rf"encrypt raised SystemExit: usage: cipher\.py IMAGE {HERE}",
    InPlace: r"encrypt changes the image that it is given; copy the image first: image = image\.copy\(\)",
    DecryptsInPlace: r"decrypt changes the cipher image that it is given; .* image = encrypted\.image\.copy\(\)",
    Chance: f"{TWICE} randomness from key and nonce",
    Chained: f"{TWICE} randomness from key and nonce",
    Remembers: rf"{ANOTHER} raised AttributeError: 'Remembers' object has no attribute 'pad' {HERE}; {STATE}",
    ClassRemembers: f"{ANOTHER} gets another image; {STATE}",
    OneBuffer: r"the ciphertext that encrypt returned changes with the next call; return an array of its own: .*",
    RejectsItself: r"decrypt refuses what encrypt has made of an ordinary image: tag mismatch",
    GreySquareOnly: rf"encrypt raised IndexError: .*, for an image of 32x48; declare square=True, channels=\(1,\) {IF}",
    ColourOnly: rf"encrypt raised IndexError: .* {HERE}; declare channels=\(3,\) {IF}",
    MultiplesOfFour: rf"encrypt raised ValueError: .*, for an image of 33x33; declare sides_multiple_of=4 {IF}",
    RefusesGrey: rf"encrypt refuses an ordinary image, 32x32: colour only; {LIMIT} {HERE}; declare .*",
    RefusesAll: rf"encrypt refuses an ordinary image, 32x32: no; {LIMIT} {HERE}",
    ReplacesNumpy: r"the cipher's code replaces np\.array_equal, which changes what is measured of others; .*",
    ReplacesBuiltins: r"the cipher's code replaces isinstance, which changes what is measured of others; .*",
    RaisesUnspeakable: r"encrypt raised Unspeakable: \(its text cannot be had: str\(\) of it raises RuntimeError\)",
    RaisesControls: r"encrypt raised ValueError: a\\x00\\x1b\[31mred caf\\udce9",
    StopsGenerators: r"encrypt raised GeneratorExit",
    WantsMemory: r"encrypt raised MemoryError: 100 GiB",
}
