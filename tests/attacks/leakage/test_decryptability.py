"""A new process either gets the image from key and ciphertext, or the scheme is no cipher."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.leakage.decryptability import Decryptability
from cryptobench.attacks.runner import attack_target
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
def test_proper_ciphers_decrypt_in_a_new_process(name: str) -> None:
    """Nothing is claimed, and the sizes of what has to be sent are reported; a declared secret is handed over."""
    cipher = load_cipher(name)
    run = attack_target(Decryptability(), cipher, TARGET, reference=name)
    assert (run.outcome, run.result.claims, run.result.statistic) == ("holds", (), 1.0)
    assert run.result.numbers["secret_bits"] == cipher.card.secret_bits
    assert (run.queries.total, run.result.numbers["body_bytes"]) == (0, TARGET.size)


@pytest.mark.parametrize("cipher", [Remembers(), Undeclared()], ids=["remembers", "undeclared"])
def test_schemes_with_hidden_inputs_are_detected(cipher: Cipher) -> None:
    """State left in the sender's process, or a secret that the card hides, is a functional flaw."""
    run = attack_target(Decryptability(), cipher, TARGET, reference=HERE + type(cipher).__name__)
    assert (run.outcome, run.result.claims) == ("leak", ("functional",))
    assert run.result.notes


def test_without_a_reference_it_cannot_be_run() -> None:
    """Another process must be able to load the cipher."""
    run = attack_target(Decryptability(), Pad(), TARGET)
    assert (run.outcome, "reference" in run.result.notes) == ("n/a", True)
