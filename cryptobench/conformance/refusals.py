"""Checks of what a cipher does with what it cannot take: CipherError, and never another exception."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cryptobench.cipher import CipherError
from cryptobench.conformance.cipher_under_test import CipherUnderTest, attempt, damaged, require, require_refused

__all__ = ["CHECKS"]


def _check_wrong_key(tested: CipherUnderTest) -> str:
    answer = attempt("a wrong key", tested.cipher.decrypt, tested.encrypted, tested.wrong_key)
    if isinstance(answer, CipherError):
        return f"refused: {answer}"
    require(not tested.card.authenticated, "the card says authenticated=True, but a wrong key gives an image")
    require(not np.array_equal(answer, tested.decrypt(tested.encrypted)), "a wrong key decrypts the image")
    return "gives another image"


def _check_damage(tested: CipherUnderTest) -> str:
    refused = total = 0
    for what, encrypted in damaged(tested.encrypted):
        total += 1
        if isinstance(attempt(what, tested.decrypt, encrypted), CipherError):
            refused += 1
        else:
            require(not tested.card.authenticated, f"the card says authenticated=True, but {what} goes unnoticed")
    return f"{refused} of {total} kinds refused, the others decrypted to some image"


def _check_key_length(tested: CipherUnderTest) -> str:
    for key in (tested.key[:-1], tested.key + b"\0", b"", "secret"):
        what = f"a key of {len(key)} bytes" if isinstance(key, bytes) else "a key that is text"
        require_refused(f"encrypt with {what}", tested.cipher.encrypt, tested.home, key, tested.nonce)
        require_refused(f"decrypt with {what}", tested.cipher.decrypt, tested.encrypted, key)
    return ""


def _check_nonce_length(tested: CipherUnderTest) -> str:
    for nonce in (tested.nonce[:-1], tested.nonce + b"\0", b""):
        what = f"a nonce of {len(nonce)} bytes"
        require_refused(what, tested.cipher.encrypt, tested.home, tested.key, nonce)
    return ""


def _check_dtype(tested: CipherUnderTest) -> str:
    for dtype in ("float64", "float32", "uint16", "int8", "bool"):
        require_refused(f"an image of {dtype}", tested.encrypt, tested.home.astype(dtype))
    return ""


def _check_dimensions(tested: CipherUnderTest) -> str:
    home = tested.home
    for array in (home.ravel(), home.reshape(1, 1, *home.shape), home[:0], home.tolist()):
        what = "a list" if isinstance(array, list) else f"an array of shape {array.shape}"
        require_refused(what, tested.cipher.encrypt, array, tested.key, tested.nonce)
    return ""


CHECKS: dict[str, Callable[[CipherUnderTest], str]] = {
    "wrong key": _check_wrong_key,
    "damaged ciphertext": _check_damage,
    "wrong key length": _check_key_length,
    "wrong nonce length": _check_nonce_length,
    "wrong dtype": _check_dtype,
    "wrong dimensions": _check_dimensions,
}
