"""Every chaotic scheme at 512x512x3 beside AES-256-CTR, as ratios within one run, and the share of each stage."""

from collections.abc import Callable
from statistics import median
from time import thread_time
from typing import Any

import numpy as np
import pytest

from cryptobench.cipher import record_stages
from cryptobench.registry import cipher_names, load_cipher, read_card

NONCE = bytes(16)
IMAGE = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
NAMES = [name for name in cipher_names() if read_card(name).family == "chaotic"]
ROUNDS = 7


def seconds(function: Callable[[], Any]) -> float:
    """Processor time of this thread, which other programs on the machine do not lengthen."""
    start = thread_time()
    function()
    return thread_time() - start


def against(one: Callable[[], Any], other: Callable[[], Any]) -> float:
    """How many times longer ``one`` takes: the median over interleaved rounds."""
    one(), other()
    return median(seconds(one) / seconds(other) for _ in range(ROUNDS))


@pytest.mark.parametrize("name", NAMES)
def test_encryption_beside_aes(benchmark: Any, name: str) -> None:
    """Decryption returns the image; encryption and decryption are recorded as multiples of AES-256-CTR's."""
    cipher, aes = load_cipher(name), load_cipher("aes-256-ctr")
    key, aes_key = bytes(range(cipher.card.key_bytes)), bytes(range(aes.card.key_bytes))
    encrypted = benchmark(lambda: cipher.encrypt(IMAGE, key, NONCE))
    assert np.array_equal(cipher.decrypt(encrypted, key), IMAGE)
    if not benchmark.enabled:
        return
    with record_stages() as stages:
        cipher.encrypt(IMAGE, key, NONCE)
    benchmark.extra_info["share"] = {stage: round(part / sum(stages.values()), 2) for stage, part in stages.items()}
    for what, run in {
        "encrypt / AES-256-CTR": lambda: cipher.encrypt(IMAGE, key, NONCE),
        "decrypt / AES-256-CTR": lambda: cipher.decrypt(encrypted, key),
    }.items():
        benchmark.extra_info[what] = round(against(run, lambda: aes.encrypt(IMAGE, aes_key, NONCE)), 1)
