"""Quality: exact and lossy round trips, refusals, and bytes."""

import hashlib
import math
from pathlib import Path

import numpy as np
import pytest

from cryptobench.analyses.base import Artifact
from cryptobench.analyses.quality import Quality
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, Image, KeyField
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement, frame, read_measurements, write_measurements
from tests.analyses.keyed_toys import Expanding, KeylessSecret, Lossy, Pad, TaggedPad, photograph


class HonestlyLossy(Lossy):
    """Says on its card that it is not lossless."""

    card = Card(name="honest", title="honest", family="toy", fidelity="A", key=(KeyField("k", 64),), lossless=False)


class Forgetful(Pad):
    """Cannot decrypt what it encrypted."""

    def decrypt(self, encrypted: Encrypted, key: bytes) -> Image:
        raise CipherError("forgetful: the key is gone")


def measure(cipher: Cipher, image: Image | None = None) -> dict[str, Measurement]:
    found = Quality().measure(Experiment(cipher, photograph() if image is None else image, 1))
    return {row.metric: row for row in found if isinstance(row, Measurement)}


@pytest.mark.parametrize("shape", [(33, 47, 3), (1, 40), (257, 263), (8, 8, 1)])
def test_an_exact_round_trip_passes(shape: tuple[int, ...]) -> None:
    """exact is 1, PSNR infinite, SSIM 1."""
    rows = measure(Pad(), np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8))
    assert (rows["exact"].value, rows["exact"].verdict) == (1, "pass")
    assert rows["decrypted_psnr"].value == math.inf
    assert rows["decrypted_ssim"].value == pytest.approx(1)


def test_a_lost_bit_fails_a_lossless_cipher() -> None:
    """Without least significant bits the PSNR is 10 log10(255^2 / share of odd samples)."""
    image = photograph()
    rows = measure(Lossy(), image)
    assert (rows["exact"].value, rows["exact"].verdict) == (0, "fail")
    assert rows["decrypted_psnr"].value == pytest.approx(10 * math.log10(255**2 / np.mean(image % 2)))


def test_a_lossy_card_gets_no_verdict() -> None:
    """exact is 0 without expectation or verdict."""
    row = measure(HonestlyLossy())["exact"]
    assert (row.value, row.expected, row.verdict) == (0, None, "none")


@pytest.mark.parametrize(
    ("cipher", "expansion", "header", "secret"),
    [
        (Pad(), (9216 + 16) / 9216, 16, 0), (TaggedPad(), (9216 + 24) / 9216, 24, 0),
        (KeylessSecret(), 1.0, 0, 8), (Expanding(), (2 * 9216 + 16) / 9216, 16, 0),
    ],
)  # fmt: skip
def test_bytes_are_counted(cipher: Cipher, expansion: float, header: int, secret: int) -> None:
    """Expansion counts cipher image and header of a 48x64x3 plaintext (9216 bytes), the secret is apart."""
    rows = measure(cipher)
    assert rows["expansion"].value == expansion
    assert (rows["header_bytes"].value, rows["secret_bytes"].value) == (header, secret)


class Headed(Pad):
    """A pad with 16 more header bytes, made of what ``parts`` names, hashed."""

    def __init__(self, *parts: str) -> None:
        self.parts = parts

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        given = {"image": image.tobytes(), "key": key, "nonce": nonce, "nothing": b""}
        tag = hashlib.sha256(b"|".join(given[part] for part in self.parts)).digest()[:16]
        return Encrypted(super().encrypt(image, key, nonce).image, header=nonce + tag)


@pytest.mark.parametrize(
    ("parts", "leaks"),
    [
        (("image",), 16), (("image", "key"), 0), (("image", "nonce"), 0), (("key",), 0), (("nonce",), 0),
        (("nothing",), 0), (("image", "key", "nonce"), 0),
    ],
)  # fmt: skip
def test_only_what_anybody_can_compute_leaks(parts: tuple[str, ...], leaks: int) -> None:
    """A hash of the image alone, byte for byte; one that needs the key, or that the nonce changes, is no leak."""
    row = measure(Headed(*parts))["header_leak_bytes"]
    assert (row.value, row.verdict) == (leaks, "fail" if leaks else "pass")


def test_a_header_of_changing_length_leaks_whole() -> None:
    """Its length says something of the image."""

    class Packed(Pad):
        def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
            return Encrypted(super().encrypt(image, key, nonce).image, header=nonce + bytes(int(image.flat[0])))

    image = photograph()
    assert measure(Packed(), image)["header_leak_bytes"].value == 16 + int(image.flat[0])


def test_a_refused_decryption_fails_and_says_why() -> None:
    """exact is 0, PSNR and SSIM have no value, all with the cipher's message; the bytes are still counted."""
    rows = measure(Forgetful())
    assert (rows["exact"].value, rows["exact"].verdict, rows["exact"].message) == (
        0,
        "fail",
        "forgetful: the key is gone",
    )
    assert rows["decrypted_psnr"].value is None
    assert rows["header_bytes"].value == 16


def test_pictures_are_plain_cipher_and_decrypted() -> None:
    """The three pictures of a gallery, with the pixels of each."""
    experiment = Experiment(Pad(), photograph(), 1)
    pictures = {item.name: item.image for item in Quality().measure(experiment) if isinstance(item, Artifact)}
    assert list(pictures) == ["plain", "cipher", "decrypted"]
    assert np.array_equal(pictures["plain"], pictures["decrypted"])
    assert np.array_equal(pictures["cipher"], experiment.ciphertext.image)


def test_an_infinite_psnr_survives_the_file(tmp_path: Path) -> None:
    """Written to gzipped CSV and read back, inf stays inf and a missing value stays missing."""
    rows = [row.row() for cipher in (Pad(), Forgetful()) for row in measure(cipher).values()]
    table = frame([row | {"cipher": "toy", "seed": 1} for row in rows])
    write_measurements(table, tmp_path / "measurements.csv.gz")
    psnr = read_measurements(tmp_path / "measurements.csv.gz").query("metric == 'decrypted_psnr'")["value"]
    assert psnr.iloc[0] == math.inf
    assert math.isnan(psnr.iloc[1])
