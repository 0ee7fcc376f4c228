"""Checks of what a cipher does with what it cannot take: CipherError, and never another exception."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cryptobench.cipher import CipherError
from cryptobench.conformance.subject import Subject, attempt, damaged, require, require_refused

__all__ = ["CHECKS"]


def _check_wrong_key(subject: Subject) -> str:
    answer = attempt("a wrong key", subject.cipher.decrypt, subject.encrypted, subject.wrong_key)
    if isinstance(answer, CipherError):
        return f"refused: {answer}"
    require(not subject.card.authenticated, "the card says authenticated=True, but a wrong key gives an image")
    require(not np.array_equal(answer, subject.decrypt(subject.encrypted)), "a wrong key decrypts the image")
    return "gives another image"


def _check_damage(subject: Subject) -> str:
    refused = total = 0
    for what, encrypted in damaged(subject.encrypted):
        total += 1
        if isinstance(attempt(what, subject.decrypt, encrypted), CipherError):
            refused += 1
        else:
            require(not subject.card.authenticated, f"the card says authenticated=True, but {what} goes unnoticed")
    return f"{refused} of {total} kinds refused, the others decrypted to some image"


def _check_key_length(subject: Subject) -> str:
    for key in (subject.key[:-1], subject.key + b"\0", b"", "secret"):
        what = f"a key of {len(key)} bytes" if isinstance(key, bytes) else "a key that is text"
        require_refused(f"encrypt with {what}", subject.cipher.encrypt, subject.home, key, subject.nonce)
        require_refused(f"decrypt with {what}", subject.cipher.decrypt, subject.encrypted, key)
    return ""


def _check_nonce_length(subject: Subject) -> str:
    for nonce in (subject.nonce[:-1], subject.nonce + b"\0", b""):
        what = f"a nonce of {len(nonce)} bytes"
        require_refused(what, subject.cipher.encrypt, subject.home, subject.key, nonce)
    return ""


def _check_dtype(subject: Subject) -> str:
    for dtype in ("float64", "float32", "uint16", "int8", "bool"):
        require_refused(f"an image of {dtype}", subject.encrypt, subject.home.astype(dtype))
    return ""


def _check_dimensions(subject: Subject) -> str:
    home = subject.home
    for array in (home.ravel(), home.reshape(1, 1, *home.shape), home[:0], home.tolist()):
        what = "a list" if isinstance(array, list) else f"an array of shape {array.shape}"
        require_refused(what, subject.cipher.encrypt, array, subject.key, subject.nonce)
    return ""


CHECKS: dict[str, Callable[[Subject], str]] = {
    "wrong key": _check_wrong_key,
    "damaged ciphertext": _check_damage,
    "wrong key length": _check_key_length,
    "wrong nonce length": _check_nonce_length,
    "wrong dtype": _check_dtype,
    "wrong dimensions": _check_dimensions,
}
