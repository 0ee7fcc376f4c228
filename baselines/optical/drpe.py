"""Refregier & Javidi 1995: double random phase encoding, the root of most optical encryption."""

from __future__ import annotations

from scipy import fft

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField, stage
from cryptobench.keyless import keyed
from cryptobench.primitives.chaos.checks import require_no_side_data
from cryptobench.primitives.optics.masks import Field, phase_mask
from cryptobench.primitives.optics.planes import amplitudes, samples
from cryptobench.primitives.optics.recording import read_field, record_field, require_bits

__all__ = ["Drpe", "decode", "encode", "masks"]

HALF = 16  # key bytes of each mask


def masks(key: bytes, shape: tuple[int, ...]) -> tuple[Field, Field]:
    """m1 in the input plane and M2 in the Fourier plane, each of ``shape``: (C, H, W), other ones in each channel."""
    return phase_mask(key[:HALF], "drpe m1", shape), phase_mask(key[HALF:], "drpe M2", shape)


def encode(f: Field, m1: Field, M2: Field) -> Field:
    """psi = F^-1{F{f m1} M2}, F the orthonormal transform that a lens performs.

    In a 4f set-up with lenses of focal length L, wavelength lambda and input pitch p (all in metres), samples of the
    Fourier plane are lambda L / (N p) apart; nothing here depends on them, and any H x W will do.
    """
    psi: Field = fft.ifft2(fft.fft2(f * m1) * M2)
    return psi


def decode(psi: Field, M2: Field) -> Field:
    """f m1 = F^-1{F{psi} M2*}; its modulus is f, whatever m1 was."""
    field: Field = fft.ifft2(fft.fft2(psi) * M2.conj())
    return field


class Drpe(Cipher):
    """Two random phase masks, ``bits`` (8 or 16) for each real number of the recorded field."""

    card = Card(
        name="drpe",
        title="Optical image encryption based on input plane and Fourier plane random encoding",
        authors="P. Refregier, B. Javidi",
        year=1995,
        doi="10.1364/OL.20.000767",
        family="optical",
        fidelity="A",
        key=(
            KeyField("input_mask", 128, "seed of m1; a receiver of intensities does not need it"),
            KeyField("fourier_mask", 128, "seed of M2, the effective key"),
        ),
        deviations=(
            "The masks are the key in optics; here they are expanded from 2 x 128 bits by AES-256 in counter mode, "
            "with 65536 phase levels.",
            "The complex field is recorded as its real and imaginary part, 8 bits each (16 as an option), on a scale "
            "that is in the header: the ciphertext is 2 (4) times as large, and decryption is approximate.",
            "Code 0 is left free by the recording and read as no light, so that a black, occluded pixel counts as "
            "zero.",
            "Amplitudes are sample / 255; the colour channels are separate fields, each with its own two masks.",
        ),
        uses_nonce=False,
        lossless=False,
        known_attacks=(
            "One chosen impulse gives the Fourier mask; a few known pairs give both masks (reproduced here).",
            "Y. Frauel, A. Castro, T. J. Naughton, B. Javidi, Resistance of the double random phase encryption "
            "against various attacks, Opt. Express 15, 10253 (2007): the exact keys from two known images",
            "A. Carnicer et al. 2005, cited there: chosen ciphertexts",
            "H. Hai et al., Opt. Express 27, 21204 (2019): a network trained on chosen pairs decrypts",
        ),
    )

    def __init__(self, bits: int = 8) -> None:
        self.bits = require_bits("drpe", bits)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        require_no_side_data("drpe", secret=secret)
        f = amplitudes(image)
        with stage("masks"):
            m1, M2 = keyed(masks, key, f.shape)
        with stage("transform"):
            psi = encode(f, m1, M2)
        with stage("recording"):
            return Encrypted(*record_field(psi, image.ndim, self.bits))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        require_no_side_data("drpe", secret=encrypted.secret)
        with stage("recording"):
            psi, axes = read_field("drpe", encrypted.image, encrypted.header, self.bits)
        with stage("masks"):
            _, M2 = keyed(masks, key, psi.shape)
        with stage("transform"):
            return samples(abs(decode(psi, M2)), axes)
