"""Key space: planted dead, weak and header-only bits are found and listed."""

import numpy as np
import pytest

from cryptobench.analyses.keyspace import Keyspace, central_crop
from cryptobench.cipher import Cipher, CipherError, Encrypted, Image
from cryptobench.experiment import Experiment
from cryptobench.measurement import Measurement
from tests.analyses.keyed_toys import (
    Feistel,
    KeylessSecret,
    Pad,
    PickyPad,
    SizedPad,
    TaggedPad,
    TruncatedPad,
    WeakBitPad,
    photograph,
)


def measure(cipher: Cipher, image: Image | None = None, **parameters: int) -> dict[tuple[str, str], Measurement]:
    experiment = Experiment(cipher, photograph() if image is None else image, 1)
    return {(row.metric, row.part): row for row in Keyspace(**{"keys": 2, "side": 16} | parameters).measure(experiment)}


@pytest.mark.parametrize("cipher", [Pad(), Feistel()])
def test_a_cipher_that_reads_its_whole_key_passes(cipher: Cipher) -> None:
    """All 64 bits are effective, none dead or weak."""
    rows = measure(cipher)
    assert [rows[metric, ""].value for metric in ("nominal_key_bits", "effective_key_bits")] == [64, 64]
    assert [rows[metric, ""].value for metric in ("dead_key_bits", "weak_key_bits")] == [0, 0]
    assert rows["effective_key_bits", ""].verdict == "pass"


def test_dead_bits_are_counted_and_listed_by_field() -> None:
    """Bits 40 to 60 of the truncated toy are dead: listed, counted in their field, and the whole key fails."""
    rows = measure(TruncatedPad())
    assert rows["effective_key_bits", ""].value == 43
    assert rows["effective_key_bits", ""].verdict == "fail"
    assert rows["dead_key_bits", ""].message == "no effect: 40-60"
    assert (rows["dead_key_bits", "k0"].value, rows["dead_key_bits", "k1"].value) == (0, 21)
    assert rows["dead_key_bits", "k1"].message == "no effect: 40-60"
    assert (rows["nominal_key_bits", "k1"].value, rows["effective_key_bits", "k1"].value) == (24, 3)
    assert rows["effective_key_bits", "k1"].verdict == "none"


def test_a_bit_dead_under_some_keys_is_weak() -> None:
    """Bit 9 of the weak-bit toy counts as effective and weak once keys with and without bit 0 were drawn."""
    rows = measure(WeakBitPad(), keys=12)
    assert rows["effective_key_bits", ""].verdict == "pass"
    assert rows["weak_key_bits", ""].value == 1
    assert rows["weak_key_bits", ""].message == "no effect under some of 12 keys: 9"


def test_a_bit_of_the_header_alone_is_dead() -> None:
    """The tag key of an encrypt-then-MAC toy protects no pixel."""
    rows = measure(TaggedPad())
    assert rows["effective_key_bits", ""].value == 32
    assert rows["dead_key_bits", "k1"].message == "only the header changes: 32-63"


def test_the_per_message_secret_is_fixed() -> None:
    """A key that acts only through the per-message secret is no key: every bit is dead."""
    rows = measure(KeylessSecret())
    assert rows["effective_key_bits", ""].value == 0
    assert rows["effective_key_bits", ""].nonce == "fixed"


def test_a_refused_crop_is_followed_by_the_image() -> None:
    """A crop of 16x16 is refused by the picky toy, 48x72 is not."""
    assert measure(PickyPad(), photograph(48, 72))["effective_key_bits", ""].value == 64


def test_bits_dead_on_the_crop_are_tried_again() -> None:
    """The sized toy ignores 8 bits on 16x16x3 samples and reads them on 48x64x3; on a small image they are dead."""
    assert measure(SizedPad())["effective_key_bits", ""].verdict == "pass"
    assert measure(SizedPad(), photograph(16, 16))["dead_key_bits", ""].message == "no effect: 8-15"


@pytest.mark.parametrize("shape", [(33, 47, 3), (5, 300), (1, 9), (70, 64, 1)])
def test_the_crop_is_central_and_capped(shape: tuple[int, ...]) -> None:
    """The crop has at most 16 pixels a side and equals the image's middle; a square one is square."""
    image = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    crop = central_crop(image, 16, square=False)
    assert crop.shape == (min(16, shape[0]), min(16, shape[1]), *shape[2:])
    top, left = (shape[0] - crop.shape[0]) // 2, (shape[1] - crop.shape[1]) // 2
    assert np.array_equal(crop, image[top : top + crop.shape[0], left : left + crop.shape[1]])
    square = central_crop(image, 16, square=True)
    assert square.shape[0] == square.shape[1] == min(16, *shape[:2])


def test_no_keys_are_refused() -> None:
    """A number of keys below 1 is an error that says so."""
    with pytest.raises(ValueError, match="keys is 0, wanted at least 1"):
        measure(Pad(), keys=0)


def test_every_bit_of_every_key_is_flipped_once() -> None:
    """For 2 keys of 64 bits 2 + 2 x 64 times, and under 64 keys that may be refused, each time another key."""
    keys: list[bytes] = []

    class Counted(Pad):
        def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
            keys.append(key)
            return super().encrypt(image, key, nonce)

    measure(Counted())
    assert len(keys) == len(set(keys)) == 130 + 64


class Refuses(Pad):
    """Refuses the keys whose first two bits are ones, a quarter of all, as a map with degenerate orbits does."""

    def encrypt(self, image: Image, key: bytes, nonce: bytes, *, secret: bytes | None = None) -> Encrypted:
        if key[0] >= 0xC0:
            raise CipherError(f"refuses: the orbit of key {key.hex()} is degenerate; use another key")
        return super().encrypt(image, key, nonce)


def test_the_share_of_refused_keys_is_reported() -> None:
    """A quarter within sampling error; refused flips count as effects, and a cipher that takes all has no such row."""
    rows = measure(Refuses(), keys=8)
    share = rows["refused_keys", ""]
    assert share.unit == "share"
    assert share.value is not None
    assert 0.1 < share.value < 0.4
    assert share.message == f"{round(share.value * 64)} of 64 random keys"
    assert rows["effective_key_bits", ""].value == 64
    assert ("refused_keys", "") not in measure(Pad())
