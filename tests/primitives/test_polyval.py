"""POLYVAL against the vectors of RFC 8452 and of the authors of HCTR2."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.primitives.polyval import polyval, polyval_tables
from tests.baselines import plain_modes

VECTORS = [
    ("25629347589242761d31f826ba4b757b",  # RFC 8452, appendix A
     "4f4f95668c83dfb6401762bb2d01a262d1a24ddd2721d006bbe45f20d3c9f362", "f7a3b47b846119fae5b7866cf5e5b77e"),
    ("90ccaceebad7d46898a67970df66156c", "", "00" * 16),  # google/hctr2, test_vectors/ours/Polyval/Polyval.json
    ("0bee0f73a6c292535852652eb1e3230f", "45d9c22eb79624c2583c08f879e08518", "085f78c897e1d5e2a8bccdd806ffa4ee"),
    ("fdc7a02209aaf6c9ea3312be993cca10", "c32bda6912b1ace3e1cc1a1058a512412adeb8f6491781e418f226f1c0f03557",
     "1b119357b6e6c15b9b68c86c4ab67696"),
    ("ca983fa476eb4f8a4f4d0bfef3607b0a",
     "b5284f3a337925f9cb5bb7712384880d84e5c33278ab9c3a23010feba261d176"
     "429e5ff5d7a0d4eb74b12f445ddb71e6f88ecaebab911536ac53c022cd418ac9", "2284855afbd0c64582731ceee5a5dc21"),
]  # fmt: skip


def hashed(key: bytes, blocks: bytes, start: tuple[int, int] = (0, 0)) -> bytes:
    low, high = polyval(polyval_tables(key), blocks, start)
    return (low | high << 64).to_bytes(16, "little")


@pytest.mark.parametrize("vector", VECTORS, ids=["RFC 8452", "empty", "one block", "two blocks", "four blocks"])
def test_polyval_gives_the_published_vectors(vector: tuple[str, str, str]) -> None:
    """The tables, and the pseudocode of the next test, which multiplies bit by bit."""
    key, blocks, wanted = map(bytes.fromhex, vector)
    assert hashed(key, blocks) == plain_modes.polyval(key, blocks) == wanted


@pytest.mark.parametrize("key", ["00" * 16, "ff" * 16, "01" + "00" * 15, "00" * 15 + "80"])
def test_polyval_of_extreme_keys_and_blocks(key: str) -> None:
    """Carries at both ends of the field's words, and blocks of zeros and ones."""
    blocks = bytes(16) + b"\xff" * 16 + b"\x01" + bytes(30) + b"\x80"
    assert hashed(bytes.fromhex(key), blocks) == plain_modes.polyval(bytes.fromhex(key), blocks)


def test_polyval_goes_on_from_a_hash() -> None:
    """Two parts, the second from the hash of the first, are one message."""
    key, blocks = bytes(range(16)), np.random.default_rng(0).bytes(160)
    tables = polyval_tables(key)
    assert polyval(tables, blocks[64:], polyval(tables, blocks[:64])) == polyval(tables, blocks)


def test_wrong_lengths_are_named() -> None:
    """A key that is no block, and blocks that are not whole."""
    with pytest.raises(ValueError, match="key has 15 bytes, wanted 16"):
        polyval_tables(bytes(15))
    with pytest.raises(ValueError, match="17 bytes, wanted whole blocks of 16"):
        polyval(polyval_tables(bytes(16)), bytes(17))
