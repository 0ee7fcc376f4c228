"""Quality: whether the right key returns the plaintext, and what the ciphertext costs in bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cryptobench.analyses.base import Analysis, Artifact, Subject
from cryptobench.analyses.views import viewable
from cryptobench.cipher import CipherError
from cryptobench.measurement import Measurement
from cryptobench.metrics import peak_signal_noise_ratio, structural_similarity

__all__ = ["Quality"]


@dataclass(frozen=True)
class Quality(Analysis):
    """Round trip and size of one encryption, and the pictures plain, cipher and decrypted.

    ``exact`` is 1 if decryption returns the plaintext bit by bit, else 0; only a cipher whose card says lossless can
    fail it. The PSNR of an exact round trip is inf. ``expansion`` is (bytes of the cipher image + bytes of the
    header) / bytes of the plaintext; the per-message secret travels apart and is counted in ``secret_bytes``.
    """

    name: ClassVar[str] = "quality"
    title: ClassVar[str] = "Decryption quality and expansion"
    images: ClassVar[str] = "all"

    def measure(self, subject: Subject) -> Iterator[Measurement | Artifact]:
        plain, encrypted = subject.image, subject.base
        yield Artifact("plain", plain)
        yield Artifact("cipher", viewable(encrypted.image, plain))
        try:
            decrypted = subject.cipher.decrypt(encrypted, subject.key)
            if decrypted.shape != plain.shape:
                raise CipherError(f"decrypted image has shape {decrypted.shape}, wanted the plaintext's {plain.shape}")
        except CipherError as error:
            yield self._exact(subject, False, str(error))
            yield Measurement("decrypted_psnr", None, unit="dB", message=str(error))
            yield Measurement("decrypted_ssim", None, message=str(error))
        else:
            yield Artifact("decrypted", decrypted)
            yield self._exact(subject, np.array_equal(plain, decrypted))
            yield Measurement("decrypted_psnr", peak_signal_noise_ratio(plain, decrypted).value, unit="dB")
            yield Measurement("decrypted_ssim", structural_similarity(plain, decrypted).value)
        header, secret = len(encrypted.header), len(encrypted.secret)
        yield Measurement("expansion", (encrypted.image.nbytes + header) / plain.nbytes)
        yield Measurement("header_bytes", header, unit="byte")
        yield Measurement("secret_bytes", secret, unit="byte")

    def _exact(self, subject: Subject, exact: bool, message: str = "") -> Measurement:
        if not subject.cipher.card.lossless:
            return Measurement("exact", float(exact), message=message)
        return Measurement("exact", float(exact), expected=1.0, verdict="pass" if exact else "fail", message=message)
