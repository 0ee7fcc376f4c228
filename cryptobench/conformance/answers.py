"""Checks of what a cipher returns: the right image, the same every time, from the ciphertext and the key alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cryptobench.cipher import NONCE_BYTES, Card, CipherError, Encrypted, Image
from cryptobench.conformance.cipher_under_test import (
    CipherUnderTest,
    Failure,
    attempt,
    cut_bytes,
    fixed_bytes,
    require,
    require_refused,
)
from cryptobench.fresh_process import decrypt_in_fresh_process
from cryptobench.keyless import Keyed, Keyless, keep_keyed, keep_keyless

__all__ = ["CHECKS", "check_round_trip"]


def check_round_trip(tested: CipherUnderTest, label: str) -> str:
    """Decryption returns the image, or encryption refuses it in one clear line."""
    image = tested.images[label]
    try:
        encrypted = tested.encrypt(image)
    except CipherError as error:
        return _judge_refusal(tested, image, str(error))
    return _compare(tested.card, image, tested.decrypt(encrypted), "the decrypted image")


def _judge_refusal(tested: CipherUnderTest, image: Image, message: str) -> str:
    require(image is not tested.home, f"refuses an image within the limits that the card states: {message}")
    named = all(re.search(rf"(?<!\d){side}(?!\d)", message) for side in image.shape[:2])
    require(
        named and re.search(r"want|must|need|only|at least|at most|multiple", message) and "\n" not in message,
        f"refuses with {message!r}; make that one line that names the {_size(image)} given and what is wanted",
    )
    return f"refused: {message}"


def _check_fresh_process(tested: CipherUnderTest) -> str:
    taken = [(image, result) for image in tested.images.values() if (result := _encrypt_or_none(tested, image))]
    try:
        messages = [(encrypted, tested.key) for _, encrypted in taken]
        answers = decrypt_in_fresh_process(tested.reference, messages, timeout=tested.seconds_left)
    except RuntimeError as error:
        raise Failure(str(error)) from None
    for (image, encrypted), answer in zip(taken, answers, strict=True):
        if isinstance(answer, str):
            raise Failure(f"{_size(image)}: {answer}")
        _compare(tested.card, image, answer, f"{_size(image)}: what a new process decrypts")
        here = tested.decrypt(encrypted)
        require(np.array_equal(answer, here), f"{_size(image)}: a new process decrypts to another image than this one")
    return f"{len(taken)} images from key, cipher image, header and secret alone"


def _encrypt_or_none(tested: CipherUnderTest, image: Image) -> Encrypted | None:
    try:
        return tested.encrypt(image)
    except CipherError:
        require(image is not tested.home, "refuses an image within the limits that the card states")
        return None


def _check_input(tested: CipherUnderTest) -> str:
    image = tested.home.copy()
    encrypted = tested.cipher.encrypt(image, tested.key, tested.nonce)
    require(np.array_equal(image, tested.home), "encrypt changes the image that it is given")
    before = encrypted.image.copy()
    tested.cipher.decrypt(encrypted, tested.key)
    require(np.array_equal(encrypted.image, before), "decrypt changes the cipher image that it is given")
    image.flags.writeable = before.flags.writeable = False
    read_only = replace(encrypted, image=before)
    for what, answer in (
        ("a read-only image", attempt("a read-only image", tested.cipher.encrypt, image, tested.key, tested.nonce)),
        ("a read-only cipher image", attempt("a read-only cipher image", tested.cipher.decrypt, read_only, tested.key)),
    ):
        require(not isinstance(answer, CipherError), f"{what} is refused: {answer}")
    return "read-only images are taken too"


def _check_determinism(tested: CipherUnderTest) -> str:
    first = tested.encrypted
    tested.cipher.encrypt(255 - tested.home, tested.wrong_key, bytes(NONCE_BYTES))
    _require_equal(tested.encrypt(tested.home), first, "a second call")
    _require_equal(tested.another.encrypt(tested.home, tested.key, tested.nonce), first, "a second instance")
    _require_equal(tested.encrypt(np.asfortranarray(tested.home)), first, "another memory layout of the image")
    with keep_keyless(Keyless()), keep_keyed(Keyed()):
        tested.cipher.encrypt(tested.home.copy(), tested.wrong_key, bytes(NONCE_BYTES))
        _require_equal(tested.encrypt(tested.home), first, "with `keyless` parts of a call under another key, encrypt")
    again = tested.another.decrypt(first, tested.key)
    require(np.array_equal(again, tested.decrypt(first)), "a second instance decrypts to another image")
    return ""


def _check_nonce(tested: CipherUnderTest) -> str:
    same = not _nonce_acts(tested, tested.home)
    if tested.card.uses_nonce:  # which may fill up an image's last block alone, and then acts at some sizes only
        acts = not same or any(_nonce_acts(tested, image) for image in tested.images.values())
        require(acts, "the card says uses_nonce=True, but another nonce gives the same cipher image")
        return "another nonce gives another cipher image"
    require(same, "the card says uses_nonce=False, but another nonce gives another cipher image")
    return "no nonce"


def _nonce_acts(tested: CipherUnderTest, image: Image) -> bool:
    """Whether another nonce gives another cipher image; not where the image is refused."""
    one = _encrypt_or_none(tested, image)
    if one is None:
        return False
    other = tested.cipher.encrypt(image.copy(), tested.key, fixed_bytes("another nonce", NONCE_BYTES))
    return not np.array_equal(other.image, one.image)


def _check_secret(tested: CipherUnderTest) -> str:
    secret, bits = tested.encrypted.secret, tested.card.secret_bits
    if not secret:
        require(bits == 0, f"the card says secret_bits={bits}, but encrypt returns no secret")
        return "no per-message secret"
    require(0 < bits <= 8 * len(secret), f"the card says secret_bits={bits}, but the secret has {len(secret)} bytes")
    _require_equal(tested.encrypt(tested.home, secret), tested.encrypted, "the same secret")
    other = 255 - tested.home
    fixed = tested.encrypt(other, secret)
    require(fixed.secret == secret, "encrypt with a given secret returns another secret")
    _compare(tested.card, other, tested.decrypt(fixed), "another image under the same secret")
    for name, wrong in cut_bytes(secret):
        if wrong:
            require_refused(f"encrypt with a secret {name}", tested.encrypt, tested.home, wrong)
    return f"{bits} secret bits"


CHECKS: dict[str, Callable[[CipherUnderTest], str]] = {
    "fresh process": _check_fresh_process,
    "input not modified": _check_input,
    "determinism": _check_determinism,
    "nonce": _check_nonce,
    "fixed secret": _check_secret,
}


def _compare(card: Card, image: Image, decrypted: Image, what: str) -> str:
    """What to say of a decrypted image that is right; `Failure` if it is wrong."""
    require(decrypted.dtype == np.uint8, f"{what} has dtype {decrypted.dtype}, wanted uint8")
    require(decrypted.shape == image.shape, f"{what} is {_size(decrypted)}, wanted {_size(image)}")
    error = float(np.mean((image.astype(np.float64) - decrypted) ** 2))
    if error == 0:
        return "exact"
    wrong = int(np.count_nonzero(image != decrypted))
    require(not card.lossless, f"{what} differs in {wrong} of {image.size} samples, and the card says lossless=True")
    variance = float(np.var(image.astype(np.float64)))
    require(
        variance == 0 or error < variance, f"{what} is no nearer to the plaintext than a flat image of its mean grey is"
    )
    return f"PSNR {10 * math.log10(255**2 / error):.1f} dB"


def _require_equal(found: Encrypted, wanted: Encrypted, what: str) -> None:
    require(np.array_equal(found.image, wanted.image), f"{what} gives another cipher image")
    require(found.header == wanted.header, f"{what} gives another header")
    require(found.secret == wanted.secret, f"{what} gives another secret")


def _size(image: Image) -> str:
    return "x".join(map(str, image.shape))
