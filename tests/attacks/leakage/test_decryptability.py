"""A new process either gets the image from key and ciphertext, or the scheme is no cipher."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.fresh_decryption import receive
from cryptobench.attacks.leakage.decryptability import KeyContract
from cryptobench.attacks.runner import play
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.toys import Pad, smooth

TARGET = smooth(9, 14, 3)
HERE = f"{__file__}:"


class Remembers(Cipher):
    """Returns whatever it encrypted last: right only in the process that encrypted it."""

    card = Card(name="remembers", title="", family="toy", fidelity="A", key=(KeyField("key", 64),))
    _last = np.zeros((1, 1), np.uint8)

    def encrypt(self, image, key, nonce, *, secret=None):
        type(self)._last = image.copy()
        return Encrypted(image ^ np.uint8(key[0] ^ nonce[0]))

    def decrypt(self, encrypted, key):
        return type(self)._last.copy()


class Undeclared(Pad):
    """Needs a secret that its card does not mention."""

    card = Card(name="undeclared", title="", family="toy", fidelity="A", key=(KeyField("key", 128),))


@pytest.mark.parametrize("name", ["aes-256-siv", "guo2020"])
def test_ciphers_keep_the_contract(name: str) -> None:
    """Nothing is claimed, and the sizes of what has to be sent are told; a declared secret is handed over."""
    cipher = load_cipher(name)
    played = play(KeyContract(), cipher, TARGET, reference=name)
    assert (played.verdict, played.result.claims, played.result.statistic) == ("holds", (), 1.0)
    assert played.result.numbers["secret_bits"] == cipher.card.secret_bits
    assert (played.queries.total, played.result.numbers["body_bytes"]) == (0, TARGET.size)


@pytest.mark.parametrize("cipher", [Remembers(), Undeclared()], ids=["remembers", "undeclared"])
def test_schemes_that_need_more_than_they_say_are_caught(cipher: Cipher) -> None:
    """State left in the sender's process, or a secret that the card hides, is a functional flaw."""
    played = play(KeyContract(), cipher, TARGET, reference=HERE + type(cipher).__name__)
    assert (played.verdict, played.result.claims) == ("leak", ("functional",))
    assert played.result.notes


def test_without_a_reference_it_cannot_be_played() -> None:
    """Another process must be able to load the cipher."""
    played = play(KeyContract(), Pad(), TARGET)
    assert (played.verdict, "reference" in played.result.notes) == ("none", True)


def test_a_lossy_cipher_must_do_as_well_in_a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the share within the tolerance, and being nearer to the image than a flat one."""
    card = Card(name="lossy", title="", family="toy", fidelity="A", key=(KeyField("key", 64),), lossless=False)
    sealed, near = Encrypted(TARGET), TARGET + np.uint8(1)
    for answer, here, kept in ((near, near, True), (np.zeros_like(TARGET), near, False), (255 - TARGET, None, False)):
        monkeypatch.setattr(
            "cryptobench.attacks.fresh_decryption.decrypt_in_fresh_process", lambda *_, answer=answer: [answer]
        )
        assert receive("x", card, sealed, b"", TARGET, here, 1).kept is kept
