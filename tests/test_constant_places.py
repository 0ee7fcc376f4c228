"""Padding that is the same in every ciphertext is reported, and counts in no statistic."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from cryptobench.analyses.avalanche import Avalanche
from cryptobench.analyses.base import cipher_planes_and_all
from cryptobench.analyses.correlation import Correlation
from cryptobench.analyses.differential.analysis import Differential
from cryptobench.analyses.entropy import Entropy
from cryptobench.analyses.histogram import Histogram
from cryptobench.analyses.key_sensitivity import KeySensitivity
from cryptobench.analyses.quality import Quality
from cryptobench.analyses.randomness import Randomness
from cryptobench.analyses.texture import Texture
from cryptobench.attacks.algebraic.affine_gf2 import AffineGf2
from cryptobench.attacks.algebraic.affine_z256 import AffineZ256
from cryptobench.attacks.algebraic.superposition import Superposition
from cryptobench.attacks.diffusion.block_repetition import BlockRepetition
from cryptobench.attacks.diffusion.equivariance import Equivariance
from cryptobench.attacks.diffusion.locality import Locality
from cryptobench.attacks.keys.weak_keys import WeakKeys
from cryptobench.attacks.runner import attack_target
from cryptobench.card import Card, KeyField
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image
from cryptobench.constant_places import NO_PLACES, ConstantPlaces, constant_places
from cryptobench.experiment import Experiment
from cryptobench.registry import load_cipher
from tests.attacks.toys import smooth

SHAPE = (32, 40, 3)
TARGET = smooth(*SHAPE)


class Padded(Cipher):
    """AES-SIV under the hashed key; its tag of 16 bytes begins four more rows, and zeros fill them up."""

    card = Card(
        name="toy-padded",
        title="",
        family="toy",
        fidelity="A",
        key=(KeyField("key", 256),),
        rejects_with=("InvalidTag",),
    )
    rows = 4

    def pad(self, key: bytes, image: Image, count: int) -> Image:
        """The last bytes of the cipher image."""
        return np.zeros(count, np.uint8)

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        sealed = np.frombuffer(AESSIV(hashlib.sha512(key).digest()).encrypt(image.tobytes(), [nonce]), np.uint8)
        pad = self.pad(key, image, self.rows * image[0].size - 16)
        whole = np.concatenate([sealed[16:], sealed[:16], pad])
        return Encrypted(whole.reshape(-1, *image.shape[1:]), nonce)

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        image, tag = encrypted.image[: -self.rows], encrypted.image[-self.rows :].tobytes()
        if any(tag[16:]):
            raise CipherError("padding")
        return np.frombuffer(
            AESSIV(hashlib.sha512(key).digest()).decrypt(tag[:16] + image.tobytes(), [encrypted.header]), np.uint8
        ).reshape(image.shape)


class KeyPadded(Padded):
    """Padding that follows from the key."""

    def pad(self, key: bytes, image: Image, count: int) -> Image:
        return np.frombuffer(hashlib.shake_256(key).digest(count), np.uint8)


class FlatFlag(Padded):
    """Padding whose first byte says whether the image is flat."""

    def pad(self, key: bytes, image: Image, count: int) -> Image:
        return np.arange(count) == (0 if image.min() == image.max() else -1)


PADDING = np.arange(32 * 120 + 16, 36 * 120)


def test_the_places_of_padding_are_found() -> None:
    """All of them, with their values, and said by row and place; 16 tag bytes before them are not."""
    found = constant_places(Padded(), SHAPE)
    assert np.array_equal(found.places, PADDING)
    assert (found.shape, set(found.values.tolist())) == ((36, 40, 3), {0})
    assert str(found) == "rows 33-35 and samples 3856-3959 in raster order of 36x40x3"


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([], "none"),
        ([5], "samples 5 in raster order of 4x3x2"),
        ([6, 7, 8, 9, 10, 11], "rows 1 of 4x3x2"),
        ([0, *range(12, 24)], "rows 2-3 and samples 0 in raster order of 4x3x2"),
        ([1, 3, 5, 7, 9, 10], "samples 1, 3, 5, 7 and 1 more in raster order of 4x3x2"),
    ],
)
def test_places_are_said_by_row_and_sample(places: list[int], said: str) -> None:
    """Whole rows, samples outside of them, or both."""
    assert str(ConstantPlaces((4, 3, 2), np.array(places, np.int64), np.zeros(len(places), np.uint8))) == said


@pytest.mark.parametrize("name", ["aes-256-ctr", "chacha20-poly1305", "caesar", "aes-256-ecb", "hua2021"])
def test_other_ciphers_have_no_constant_places(name) -> None:
    """Images stay the very arrays that they are."""
    experiment = Experiment(load_cipher(name), TARGET)
    image = experiment.ciphertext.image
    assert experiment.constant_places is NO_PLACES
    assert NO_PLACES.varying(image)[0] is NO_PLACES.picture(image)[0] is image
    assert "constant_bytes" not in {getattr(row, "metric", "") for row in Quality().measure(experiment)}


def test_what_the_key_or_the_image_decides_varies() -> None:
    """A constant of the key is none, and no flag that a flat image sets."""
    assert constant_places(KeyPadded(), SHAPE) is NO_PLACES
    assert np.array_equal(constant_places(FlatFlag(), SHAPE).places, PADDING[1:])


def test_a_place_that_changes_later_counts_again() -> None:
    """Where one cipher image has another value there, whole images are shown."""
    found = constant_places(Padded(), SHAPE)
    one = Padded().encrypt(TARGET, bytes(range(32)), bytes(16)).image
    other = one.copy()
    other[-1, -1, -1] = 1
    assert [image.shape for image in found.varying(one, one)] == [(1, 3856)] * 2
    assert np.array_equal(found.varying(one)[0][0], np.delete(one.ravel(), PADDING))
    assert all(shown is given for shown, given in zip(found.varying(one, other), (one, other), strict=True))
    assert np.array_equal(found.held_by(other).places, PADDING[:-1])


def test_pictures_lose_rows_columns_or_channels() -> None:
    """Whichever leaves most of the picture; a diagonal of constant places leaves single samples."""
    image = np.arange(24, dtype=np.uint8).reshape(4, 6)

    def at(*places: int) -> ConstantPlaces:
        return ConstantPlaces(image.shape, np.array(places), image.ravel()[list(places)])

    assert np.array_equal(at(18, 19).picture(image)[0], image[:3])
    assert np.array_equal(at(5, 11, 17, 23).picture(image)[0], image[:, :5])
    assert at(0, 7, 14, 21, 4, 11).picture(image)[0].shape == (1, 18)
    colour = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    alpha = ConstantPlaces(colour.shape, np.arange(3, 24, 4), colour[..., 3].ravel())
    assert np.array_equal(alpha.picture(colour)[0], colour[..., :3])


def test_quality_reports_constant_bytes() -> None:
    """Their number, and where they are; the size of the ciphertext is what it is."""
    rows = {row.metric: row for row in Quality().measure(Experiment(Padded(), TARGET)) if hasattr(row, "metric")}
    assert (rows["constant_bytes"].value, rows["constant_bytes"].unit) == (464.0, "byte")
    assert rows["constant_bytes"].message == "rows 33-35 and samples 3856-3959 in raster order of 36x40x3"
    assert rows["expansion"].value == pytest.approx((36 * 120 + 16) / (32 * 120))


def test_channels_keep_what_varies() -> None:
    """Of 36 x 40 samples 32 x 40, and those of the tag, 6 red, 5 green and 5 blue ones."""
    shown = dict(cipher_planes_and_all(Experiment(Padded(), TARGET)))
    assert {name: plane.shape for name, plane in shown.items()} == {
        "R": (1, 1286), "G": (1, 1285), "B": (1, 1285), "all": (1, 3856),
    }  # fmt: skip


@pytest.mark.parametrize(
    "analysis",
    [
        Histogram(), Entropy(block_size=100), Correlation(), Texture(), Differential(trials=20), Avalanche(trials=20),
        KeySensitivity(bits=16), Randomness(sequences=4, bits=20000),
    ],
    ids=lambda analysis: analysis.name,
)  # fmt: skip
def test_padding_fails_no_statistic(analysis) -> None:
    """No p-value of the padded cipher is below 10^-4."""
    rows = [row for row in analysis.measure(Experiment(Padded(), TARGET, 5)) if hasattr(row, "p_value")]
    judged = [row.p_value for row in rows if row.p_value is not None]
    assert len(judged) > 3
    assert min(judged) > 1e-4


@pytest.mark.parametrize(
    "attack",
    [AffineGf2(), AffineZ256(), Superposition(), BlockRepetition(), Equivariance(), Locality(), WeakKeys(keys=50)],
    ids=lambda attack: attack.name,
)
def test_padding_is_no_leak(attack) -> None:
    """The attacks hold, at three seeds."""
    for seed in range(3):
        run = attack_target(attack, Padded(), TARGET, seed)
        assert (run.outcome, run.result.claims) == ("holds", ())


def test_padding_hides_no_weakness() -> None:
    """A cipher of one keystream stays affine, with padding behind it, and claims so."""

    class PaddedXor(Padded):
        card = replace(Padded.card, name="toy-padded-xor")

        def encrypt(self, image, key, nonce, *, secret=None):
            stream = np.frombuffer(hashlib.shake_256(key).digest(image.size), np.uint8).reshape(image.shape)
            return Encrypted(np.concatenate([image ^ stream, np.zeros_like(image[:4])]), nonce)

    for attack in (AffineGf2(), Locality()):
        assert attack_target(attack, PaddedXor(), TARGET).outcome == "leak"
    assert attack_target(AffineGf2(), PaddedXor(), TARGET).result.claims == ("affine",)
