"""Targets of attacks on optical schemes, and how well the receiver decrypts them."""

from __future__ import annotations

import numpy as np

from cryptobench.attacks.runner import AttackRun
from cryptobench.cipher import Cipher
from cryptobench.images import load_image

ASTRONAUT = load_image("astronaut", 64)
SMALL = np.ascontiguousarray(ASTRONAUT[8:32, 20:47])  # 24 x 27


def receiver_psnr(cipher: Cipher, image: np.ndarray) -> float:
    key = bytes(cipher.card.key_bytes)
    back = cipher.decrypt(cipher.encrypt(image, key, bytes(16)), key)
    return float(10 * np.log10(255**2 / np.mean((back.astype(float) - image) ** 2)))


def assert_as_good_as_the_receiver(run: AttackRun, cipher: Cipher, image: np.ndarray) -> None:
    assert run.score.psnr is not None
    assert run.score.psnr > receiver_psnr(cipher, image) - 3
