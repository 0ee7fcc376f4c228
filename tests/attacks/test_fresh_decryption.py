"""What a receiver decrypts in a new process is compared with the plaintext."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.fresh_decryption import decrypt_as_receiver
from cryptobench.cipher import Card, Encrypted, KeyField
from tests.attacks.toys import smooth

TARGET = smooth(9, 14, 3)


def test_lossy_ciphers_must_lose_no_more_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the share within the tolerance, and being nearer to the image than a flat one."""
    card = Card(name="lossy", title="", family="toy", fidelity="A", key=(KeyField("key", 64),), lossless=False)
    ciphertext, near = Encrypted(TARGET), TARGET + np.uint8(1)
    for answer, here, succeeds in (
        (near, near, True),
        (np.zeros_like(TARGET), near, False),
        (255 - TARGET, None, False),
    ):
        monkeypatch.setattr(
            "cryptobench.attacks.fresh_decryption.decrypt_in_fresh_process", lambda *_, answer=answer: [answer]
        )
        assert decrypt_as_receiver("x", card, ciphertext, b"", TARGET, here, 1).succeeded is succeeds
