"""Reference ciphers at 512x512x3 beside AES-256-CTR, and POLYVAL beside the library's GHASH, as ratios in one run."""

from __future__ import annotations

from functools import partial
from time import thread_time
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cryptobench.primitives.polyval import polyval, polyval_tables
from cryptobench.registry import cipher_names, load_cipher, read_card
from tests.speed.ratios import ratio

NONCE = bytes(16)
IMAGE = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
NAMES = [name for name in cipher_names() if read_card(name).family == "reference"]


@pytest.mark.parametrize("name", NAMES)
def test_reference_encryption_beside_aes(benchmark: Any, name: str) -> None:
    """Decryption returns the image; encryption and decryption are recorded as multiples of AES-256-CTR's, and MB/s."""
    cipher, aes = load_cipher(name), load_cipher("aes-256-ctr")
    key, aes_key = bytes(range(cipher.card.key_bytes)), bytes(range(32))
    encrypted = benchmark(lambda: cipher.encrypt(IMAGE, key, NONCE))
    assert np.array_equal(cipher.decrypt(encrypted, key), IMAGE)
    if not benchmark.enabled:
        return
    beside = partial(ratio, fast=lambda: aes.encrypt(IMAGE, aes_key, NONCE), clock=thread_time)
    benchmark.extra_info["encrypt / AES-256-CTR"] = round(beside(lambda: cipher.encrypt(IMAGE, key, NONCE)), 1)
    benchmark.extra_info["decrypt / AES-256-CTR"] = round(beside(lambda: cipher.decrypt(encrypted, key)), 1)
    benchmark.extra_info["MB/s"] = round(IMAGE.nbytes / benchmark.stats["median"] / 1e6)


def test_polyval_beside_ghash(benchmark: Any) -> None:
    """The look-ups beside the processor's own instructions for GHASH, which the library reaches as a tag alone."""
    data, tables, box = IMAGE.tobytes(), polyval_tables(bytes(range(16))), AESGCM(bytes(32))
    benchmark(lambda: polyval(tables, data))
    if benchmark.enabled:
        found = ratio(lambda: polyval(tables, data), lambda: box.encrypt(NONCE, b"", data), clock=thread_time)
        benchmark.extra_info["POLYVAL / GHASH of the library"] = round(found, 1)
