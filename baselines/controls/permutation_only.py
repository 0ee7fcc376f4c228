"""Control: a keyed random permutation of all samples, and nothing else."""

from __future__ import annotations

from cryptobench.baselines.controls._parts import inverse_permute, permutation, permute
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField

__all__ = ["PermutationOnly"]


class PermutationOnly(Cipher):
    """All H x W x C samples are put in a random order that depends on the key alone."""

    card = Card(
        name="permutation-only",
        title="Keyed random permutation of all samples",
        family="control",
        fidelity="A",
        key=(KeyField("key", 256, "seeds the permutation"),),
        defect="Samples move but keep their value: the histogram is untouched and a handful of chosen images, "
        "log256 of the image size, reveal the permutation.",
        uses_nonce=False,
        known_attacks=(
            "Li, Li, Chen, Bourbakis and Lo 2008, Signal Process. Image Commun. 23:212: known plaintexts",
            "Jolfaei, Wu and Muthukkumarasamy 2016, IEEE Trans. Inf. Forensics Secur. 11:235: chosen plaintexts",
        ),
    )

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return Encrypted(permute(image.ravel(), permutation(key, image.size)).reshape(image.shape))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        image = encrypted.image
        return inverse_permute(image.ravel(), permutation(key, image.size)).reshape(image.shape)
