"""Quality: whether the right key returns the plaintext, and what the ciphertext costs in bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.analyses.base import Analysis, Artifact
from cryptobench.analyses.tools.views import viewable
from cryptobench.cipher import CipherError, Encrypted, Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.metrics import peak_signal_noise_ratio, structural_similarity

__all__ = ["Quality", "ciphertext_digest", "decrypted_rows"]

_EXACT_DIGITS = 12  # 48 bits, which a float64 holds exactly
_OTHER_KEYS = 3  # a byte that depends on the key is the same under all of them with probability 2^-24


@dataclass(frozen=True)
class Quality(Analysis):
    """Round trip and size of one encryption, and the pictures plain, cipher and decrypted.

    ``exact`` is 1 if decryption returns the plaintext bit by bit, else 0; only a cipher whose card says lossless can
    fail it. The PSNR of an exact round trip is inf. ``expansion`` is (bytes of the cipher image + bytes of the
    header) / bytes of the plaintext; the per-message secret travels apart and is counted in ``secret_bytes``.
    ``constant_bytes`` counts the places of the cipher image that are the same under every key, nonce and image, such as
    padding; the message says where they are, and there is no row where there are none.
    """

    name: ClassVar[str] = "quality"
    title: ClassVar[str] = "Decryption quality and expansion"
    images: ClassVar[str] = "all"

    def measure(self, experiment: Experiment) -> Iterator[Measurement | Artifact]:
        plain, encrypted = experiment.image, experiment.ciphertext
        yield Artifact("plain", plain)
        yield Artifact("cipher", viewable(encrypted.image, plain))
        try:
            decrypted = experiment.cipher.decrypt(encrypted, experiment.key)
            if decrypted.shape != plain.shape:
                raise CipherError(f"decrypted image has shape {decrypted.shape}, wanted the plaintext's {plain.shape}")
        except CipherError as error:
            yield _exact(False, experiment.cipher.card.lossless, str(error))
            yield Measurement("decrypted_psnr", None, unit="dB", message=str(error))
            yield Measurement("decrypted_ssim", None, message=str(error))
        else:
            yield Artifact("decrypted", decrypted)
            yield from decrypted_rows(plain, decrypted, experiment.cipher.card.lossless)
        header, secret = len(encrypted.header), len(encrypted.secret)
        yield Measurement("expansion", (encrypted.image.nbytes + header) / plain.nbytes)
        yield Measurement("header_bytes", header, unit="byte")
        yield Measurement("secret_bytes", secret, unit="byte")
        leaking = _leaking_header_bytes(experiment)
        verdict = "fail" if leaking else "pass"
        yield Measurement("header_leak_bytes", leaking, unit="byte", expected=0.0, verdict=verdict)
        if constant := experiment.constant_places:
            yield Measurement("constant_bytes", len(constant), unit="byte", message=str(constant))
        digest = ciphertext_digest(encrypted)
        yield Measurement("ciphertext_sha256", int(digest[:_EXACT_DIGITS], 16), message=digest)


def decrypted_rows(plain: Image, decrypted: Image, lossless: bool) -> Iterator[Measurement]:
    """Whether what the right key decrypts to is the plaintext, its PSNR and its SSIM; the images have one shape.

    Only of a cipher that is said to be ``lossless`` does ``exact`` have a verdict.
    """
    yield _exact(np.array_equal(plain, decrypted), lossless)
    yield Measurement("decrypted_psnr", peak_signal_noise_ratio(plain, decrypted).value, unit="dB")
    yield Measurement("decrypted_ssim", structural_similarity(plain, decrypted).value)


def _exact(exact: bool, lossless: bool, message: str = "") -> Measurement:
    if not lossless:
        return Measurement("exact", float(exact), message=message)
    return Measurement("exact", float(exact), expected=1.0, verdict="pass" if exact else "fail", message=message)


def ciphertext_digest(encrypted: Encrypted) -> str:
    """SHA-256 in hexadecimal over shape and bytes of the cipher image, header and secret, each with its length."""
    digest = hashlib.sha256()
    for part in (repr(encrypted.image.shape).encode(), encrypted.image.tobytes(), encrypted.header, encrypted.secret):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _leaking_header_bytes(experiment: Experiment) -> int:
    """Header bytes that are the same under other keys and nonces and differ for the inverted image.

    A header whose length changes with the image counts whole.
    """
    header = experiment.ciphertext.header
    if not header:
        return 0
    cipher, image = experiment.cipher, experiment.image
    inverted = cipher.encrypt(~image, experiment.key, experiment.nonce).header
    if len(inverted) != len(header):
        return len(header)
    leaking = [one != other for one, other in zip(header, inverted, strict=True)]
    for number in range(_OTHER_KEYS):
        key, nonce = experiment.random_key(f"header {number}"), experiment.random_nonce(f"header {number}")
        other = cipher.encrypt(image, key, nonce).header
        leaking = [leak and index < len(other) and other[index] == header[index] for index, leak in enumerate(leaking)]
    return sum(leaking)
