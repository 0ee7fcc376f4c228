"""What a cipher's calls take, and whether what they give depends on anything but their input."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptobench.cipher import NONCE_BYTES, Cipher, CipherError, Image
from cryptobench.contract.examined import STATE, Breach, Examined, equal, fixed_bytes

__all__ = ["examine_other_messages", "examine_signatures"]

_EQUAL = "equal input gave different output"
_WANTED = {"encrypt": "(self, image, key, nonce, *, secret=None)", "decrypt": "(self, encrypted, key)"}


def examine_signatures(examined: Examined) -> None:
    """Encrypt and decrypt take the arguments that they are given."""
    given: dict[str, tuple[tuple[None, ...], dict[str, Any]]] = {
        "encrypt": ((None,) * 4, {"secret": None}),
        "decrypt": ((None,) * 3, {}),
    }
    for method, (arguments, keywords) in given.items():
        function = inspect.unwrap(getattr(type(examined.cipher), method))
        try:
            signature = inspect.signature(function)
        except (ValueError, TypeError):
            continue
        try:
            signature.bind(*arguments, **keywords)
        except TypeError:
            taken = f"({', '.join(signature.parameters)})"
            hint = STATE
            if method == "encrypt":
                lacking = [name for name in ("nonce", "secret") if name not in signature.parameters]
                named = f"arguments {' and '.join(lacking)}" if len(lacking) > 1 else f"argument {''.join(lacking)}"
                hint = f"add the {named}" if lacking else "name the arguments so"
            code = function.__code__
            place = f" ({Path(code.co_filename).name}, line {code.co_firstlineno})"
            raise examined.breach(f"{method} takes {taken}, wanted {_WANTED[method]}; {hint}{place}") from None


def examine_other_messages(examined: Examined) -> None:
    """Equal input gives equal output, whatever came before, and another object decrypts the same.

    Only what all messages share is looked for here: ciphertexts are equal byte by byte, decrypted images too.
    """
    first = examined.first
    kept = examined.encrypt(first.image, first.key, first.nonce)
    before = kept.says()
    if before != first.says():
        raise examined.breach(
            f"{_EQUAL}: encrypt was called twice with the same image, key and nonce; take all randomness from key and "
            "nonce"
        )
    here = examined.decrypt(first)
    try:
        key = next(_taken_keys(examined), first.key)
        other = examined.encrypt(255 - first.image, key, fixed_bytes("other nonce", NONCE_BYTES))
    except CipherError:
        return  # not every scheme takes every image
    if kept.says() != before:
        raise examined.breach(
            "the ciphertext that encrypt returned changes with the next call; return an array of its own: "
            "Encrypted(image.copy(), ...)"
        )
    if examined.other is not None:
        _require_decryption_elsewhere(examined, here, examined.other)
    if not equal(examined.decrypt(first), here):
        text = f"{_EQUAL}: decrypt, before and after another image was encrypted; {STATE}"
        raise examined.breach(text, "decrypt")
    _require_decryption_in_another_process(examined, here)
    if examined.encrypt(first.image, first.key, first.nonce).says() != before:
        raise examined.breach(
            f"{_EQUAL}: encrypt, before and after another image was encrypted; keep nothing of earlier messages"
        )
    if first.sent.secret:
        try:
            examined.encrypt(other.image, first.key, first.nonce, first.sent.secret)
        except CipherError:
            return  # a secret that holds parts of its image is of no use for another


def _taken_keys(examined: Examined) -> Iterator[bytes]:
    """Other keys, without those that the scheme refuses."""
    for number in range(16):
        key = fixed_bytes(f"other key {number}", examined.card.key_bytes)
        try:
            examined.encrypt(examined.first.image, key, examined.first.nonce)
        except CipherError:
            continue
        yield key


def _require_decryption_elsewhere(examined: Examined, here: Image, other: Cipher) -> None:
    only = "only the object that encrypted can decrypt, and another one"
    try:
        image = examined.decrypt(examined.first, other)
    except Breach as breach:
        reason = str(breach).removeprefix(f"{examined.card.name}: decrypt ")
        raise Breach(f"{examined.card.name}: {only} {reason}; {STATE}") from None
    if not equal(image, here):
        raise examined.breach(f"{only} gets another image; {STATE}", "decrypt")


def _require_decryption_in_another_process(examined: Examined, here: Image) -> None:
    """Nothing that encryption leaves in the process, in a module or a file's content in memory, is needed."""
    if examined.elsewhere is None:
        return
    received = examined.first.received()
    image = examined.elsewhere.decrypt(received, examined.first.key)
    only = "only the process that encrypted can decrypt, and another one"
    if isinstance(image, str):
        reason = image.removeprefix(f"{examined.card.name}: decrypt ")
        raise Breach(f"{examined.card.name}: {only} {reason}; {STATE}")
    if image is not None and not equal(image, here):
        raise examined.breach(f"{only} gets another image; {STATE}", "decrypt")
