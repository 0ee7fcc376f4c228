"""What is computed of the key alone is kept within limits, and ciphers name their streams as such."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cryptobench.cipher import NONCE_BYTES
from cryptobench.keyless import Keyed, keep_keyed, keyed
from cryptobench.registry import load_cipher

STREAMS = [
    "barik2020", "chen2004", "drpe", "guo2020", "huang2020", "kang2020", "li2021", "liu2022", "luan2021", "qian2021",
    "teng2021", "wang2021-pcml", "wang2021-truth", "yousif2022", "zheng2020", "zhou2020", "zhou2021", "latin-chain",
    "two-round-spn",
]  # fmt: skip


class Counted(Keyed):
    """How many results were asked for, and how many of them had to be computed."""

    asked = made = 0

    def get(self, function: Any, arguments: tuple[object, ...]) -> Any:
        self.asked += 1
        self.made += (function, *arguments) not in self._kept
        return super().get(function, arguments)


def test_keyed_parts_are_kept_within_bytes() -> None:
    """Arrays count wherever they are in a result; one that is too large is computed each time, and nothing else is
    kept beside it."""
    made: list[int] = []

    def arrays(number: int, size: int) -> SimpleNamespace:
        made.append(number)
        return SimpleNamespace(parts=(np.zeros(size // 2, np.uint8), [np.zeros(size // 16)]))

    asked = ((1, 480), (2, 480), (1, 480), (3, 480), (2, 480), (3, 480), (4, 1600), (4, 1600), (3, 480), (3, 480))
    with keep_keyed(Keyed(most_bytes=1000)):
        for number, size in asked:
            assert len(keyed(arrays, number, size).parts[0]) == size // 2
    assert made == [1, 2, 3, 2, 4, 4, 3]


def test_kept_parts_are_forgotten_with_the_context() -> None:
    """The context that was open before is open again, after an error too."""
    made: list[int] = []
    with keep_keyed(Keyed()):
        keyed(made.append, 1)
        with pytest.raises(IndexError), keep_keyed(Keyed()):
            keyed(made.__getitem__, keyed(len, "four"))
        keyed(made.append, 1)
    keyed(made.append, 1)
    assert made == [1, 1]


@pytest.mark.parametrize("name", STREAMS)
def test_streams_are_made_once_a_session(name: str) -> None:
    """Another image under the same key and secret makes nothing anew, and gets the ciphertext that it gets alone; so it
    does after a decryption: nobody changes what is kept."""
    cipher = load_cipher(name)
    shape = (8, 8, 3) if cipher.card.channels is None or 3 in cipher.card.channels else (8, 8)
    one, other = np.random.default_rng(3).integers(0, 256, (2, *shape), np.uint8)
    key = bytes(range(1, cipher.card.key_bytes + 1))
    secret = cipher.encrypt(one, key, bytes(NONCE_BYTES)).secret or None
    alone = cipher.encrypt(other, key, bytes(NONCE_BYTES), secret=secret)
    kept = Counted()
    with keep_keyed(kept):
        cipher.encrypt(one, key, bytes(NONCE_BYTES), secret=secret)
        made = kept.made
        again = cipher.encrypt(other, key, bytes(NONCE_BYTES), secret=secret)
        assert (made > 0, kept.made, kept.asked) == (True, made, 2 * made)
        decrypted = cipher.decrypt(again, key)
        last = cipher.encrypt(other, key, bytes(NONCE_BYTES), secret=secret)
    assert np.array_equal(decrypted, cipher.decrypt(alone, key))
    assert all(np.array_equal(found.image, alone.image) and found.header == alone.header for found in (again, last))
