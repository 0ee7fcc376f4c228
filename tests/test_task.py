"""One way to run an analysis or an attack: what the cipher raises becomes the status and line that fit."""

from __future__ import annotations

import re
from typing import ClassVar

import numpy as np
import pytest

from cryptobench.cipher import (
    Card,
    Cipher,
    CipherError,
    CipherUnavailable,
    Encrypted,
    Image,
    KeyField,
    UnsupportedImage,
)
from cryptobench.registry import load_analysis, load_attack
from cryptobench.task import run_task

IMAGE = np.arange(24 * 24, dtype=np.uint8).reshape(24, 24)
HERE = r" \(test_task\.py, line \d+\)"


class Toy(Cipher):
    """An XOR pad that does something else with images of more than 20 pixels a side."""

    card: ClassVar[Card] = Card(name="toy", title="t", family="mine", fidelity="A", key=(KeyField("key", 64),))

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        return self.large(image, key) if len(image) > 20 else Encrypted(image ^ key[0])

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        return encrypted.image ^ key[0]

    def large(self, image: Image, key: bytes) -> Encrypted:
        raise NotImplementedError


class Floats(Toy):
    def large(self, image, key):
        return Encrypted(image * 1.5)


class Raises(Toy):
    def large(self, image, key):
        return Encrypted(image, b"side: " + str(len(image)))


class Refuses(Toy):
    def large(self, image, key):
        raise CipherError("too large")


class RefusesByName(Toy):
    def large(self, image, key):
        raise UnsupportedImage("24x24, wanted sides of at most 20")


class RefusesThisKey(Toy):
    refused: ClassVar[set[bytes]] = set()

    def large(self, image, key):
        self.refused.update({key} if not self.refused else ())
        if key in self.refused:
            raise CipherError(f"the orbit of key {key.hex()} is degenerate")
        return Encrypted(image ^ key[0])


class Unavailable(Toy):
    def large(self, image, key):
        raise CipherUnavailable("toy-1.safetensors: no such file; reinstall cryptobench")


@pytest.mark.parametrize("task", [load_analysis("entropy"), load_attack("determinism")], ids=lambda task: task.name)
@pytest.mark.parametrize(
    ("cipher", "status", "line"),
    [
        (
            Floats,
            "failed",
            r"toy: encrypt returned float64, wanted uint8 \(values 0 to 255\); np\.rint\(image\).*" + HERE,
        ),
        (Raises, "failed", r"TypeError: can't concat str to bytes; key is bytes: key\.hex\(\) is text, .*" + HERE),
        (Refuses, "failed", "toy: encrypt refuses an ordinary image: too large; raise UnsupportedImage, or .*" + HERE),
        (Unavailable, "failed", r"toy-1\.safetensors: no such file; reinstall cryptobench"),
        (RefusesByName, "unsupported", "24x24, wanted sides of at most 20"),
        (RefusesThisKey, "unsupported", "the orbit of key [0-9a-f]{16} is degenerate"),
    ],
)
def test_statuses_tell_refusals_from_failures(task, cipher, status, line):
    """A refused image or key is unsupported; missing weights and what no cipher may do have failed, at their line."""
    RefusesThisKey.refused.clear()
    result = run_task(task, cipher(), IMAGE, 1, label="slope")
    assert (result.status, len(result.measurements)) == (status, 1)
    assert re.fullmatch(line, result.message), result.message
