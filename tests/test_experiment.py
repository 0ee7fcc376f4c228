"""Experiments: a cipher that changes what it is given changes nothing that is measured."""

from __future__ import annotations

import hashlib
from typing import ClassVar

import numpy as np
import pytest

from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField
from cryptobench.experiment import Experiment
from cryptobench.registry import load_analysis, load_attack, load_cipher
from cryptobench.task import run_task

NAMES = [
    "quality", "differential", "key_sensitivity", "keyspace", "robustness", "avalanche", "equality_leak",
    "keystream_reuse", "codebook", "decryptability", "public_header",
]  # fmt: skip


class Careful(Cipher):
    """Adds a keystream that depends on the sum of the image; the sum goes into the header."""

    card: ClassVar[Card] = Card(name="toy", title="t", family="mine", fidelity="A", key=(KeyField("key", 64),))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        header = nonce + int(image.sum()).to_bytes(8, "big")
        return Encrypted(self._own(image) + stream(key, header, image), header)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return self._own(encrypted.image) - stream(key, encrypted.header, encrypted.image)

    def _own(self, image: Image) -> Image:
        return image


class Careless(Careful):
    """The same numbers, in the array that it is given."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        encrypted = super().encrypt(image, key, nonce)
        image[:] = encrypted.image
        return Encrypted(image, encrypted.header)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        encrypted.image[:] = super().decrypt(encrypted, key)
        return encrypted.image


def stream(key: bytes, header: bytes, image: Image) -> Image:
    seed = hashlib.sha256(key + header).digest()
    return np.random.default_rng(list(seed)).integers(0, 256, image.shape, np.uint8)


@pytest.mark.parametrize("name", NAMES)
def test_changed_input_changes_no_measurement(name: str) -> None:
    """Each row is that of a cipher which returns the same arrays and leaves its input alone."""
    task = load_attack(name) if name in NAMES[6:] else load_analysis(name)
    image = np.random.default_rng(1).integers(0, 200, (24, 24), np.uint8)
    kept = image.copy()
    careless, careful = (run_task(task, cipher, image, 1, label="noise") for cipher in (Careless(), Careful()))
    assert careless.status == careful.status == "ok"
    timeless = [
        [row for row in result.measurements if row.metric not in ("attack_time", "extrapolated_time")]
        for result in (careless, careful)
    ]
    assert timeless[0] == timeless[1]
    assert np.array_equal(image, kept)


def test_a_cipher_on_copies_is_still_that_cipher() -> None:
    """It has the name, the card and what else the cipher offers; experiments of it do not wrap it twice."""
    bare = load_cipher("deepedn-lite")
    experiment = Experiment(bare, np.zeros((8, 8, 3), np.uint8))
    assert (repr(experiment.cipher), experiment.cipher.card) == (repr(bare), bare.card)
    assert experiment.cipher.weights == bare.weights  # type: ignore[attr-defined]
    assert Experiment(experiment.cipher, experiment.image).bare_cipher is bare
