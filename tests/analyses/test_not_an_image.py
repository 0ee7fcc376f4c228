"""Ciphers whose ciphertext is no image: what declines, and what still measures."""

from typing import Any

import numpy as np
import pytest

from cryptobench.analyses.base import Artifact
from cryptobench.cipher import Card, Cipher, Encrypted, Image, KeyField
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from cryptobench.registry import load_analysis

SMALL: dict[str, dict[str, Any]] = {
    "key_sensitivity": {"bits": 3},
    "timing": {"runs": 1, "warmups": 0, "sides": (16,), "scaling_runs": 1, "budget": 1.0},
    "keyspace": {"keys": 1, "side": 8}, "robustness": {}, "quality": {},
}  # fmt: skip
OF_PIXELS = ("histogram", "entropy", "correlation", "texture", "differential", "avalanche", "randomness")


class Numbers(Cipher):
    """Adds key bytes and returns six planes that are no picture."""

    card = Card(
        name="numbers", title="Six planes of numbers", family="toy", fidelity="A", key=(KeyField("key", 24),),
        uses_nonce=False, not_an_image="the ciphertext is a list of readings",
    )  # fmt: skip

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        shifted = np.atleast_3d(image) + np.frombuffer(key, np.uint8)[: np.atleast_3d(image).shape[2]]
        return Encrypted(np.concatenate([shifted, shifted], axis=2), header=bytes([image.ndim]))

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        channels = encrypted.image.shape[2] // 2
        plain = encrypted.image[..., :channels] - np.frombuffer(key, np.uint8)[:channels]
        return np.ascontiguousarray(plain if encrypted.header == b"\3" else plain[..., 0])


EXPERIMENT = Experiment(Numbers(), np.random.default_rng(51).integers(0, 256, (32, 32, 3), np.uint8), seed=1)


def rows_of(name: str) -> list[Measurement]:
    analysis = load_analysis(name, **SMALL.get(name, {}))
    return [item for item in analysis.measure(EXPERIMENT) if isinstance(item, Measurement)]


@pytest.mark.parametrize("name", OF_PIXELS)
def test_analyses_of_pixels_decline(name: str):
    """One row, unsupported, that says what the ciphertext is."""
    (row,) = rows_of(name)
    assert (row.status, row.value, row.verdict) == ("unsupported", None, "none")
    assert row.message == "no cipher image: the ciphertext is a list of readings"


@pytest.mark.parametrize("name", ["quality", "robustness", "keyspace", "timing"])
def test_other_analyses_measure(name: str):
    """Most of their rows have values."""
    rows = rows_of(name)
    assert sum(row.value is not None for row in rows) > len(rows) / 2


def test_key_sensitivity_measures_decryption_alone():
    """What compares cipher images is unsupported with the reason; wrong keys are tried all the same."""
    rows = rows_of("key_sensitivity")
    encryption = [row for row in rows if row.metric.startswith("key_")]
    decryption = [row for row in rows if row.metric.startswith("wrong_key_")]
    assert len(encryption) == 3 * (3 + 2)
    assert {row.status for row in encryption} == {"unsupported"}
    assert all("list of readings" in row.message for row in encryption)
    assert len(decryption) == 4 * (3 + 2)
    assert {row.status for row in decryption} == {"ok"}


def test_ciphers_with_an_image_are_measured_as_before():
    """Without a reason on the card, an analysis of pixels yields its rows."""

    class Pixels(Numbers):
        card = Card(name="pixels", title="x", family="toy", fidelity="A", key=(KeyField("key", 24),), uses_nonce=False)

    experiment = Experiment(Pixels(), EXPERIMENT.image, seed=1)
    assert len(list(load_analysis("entropy").measure(experiment))) > 5


def test_quality_keeps_a_picture_that_can_be_seen():
    """The cipher image of six planes is kept as a colour picture twice as wide."""
    pictures = {
        item.name: item.image for item in load_analysis("quality").measure(EXPERIMENT) if isinstance(item, Artifact)
    }
    assert pictures["cipher"].shape == (32, 64, 3)
