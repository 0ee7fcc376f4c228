"""Ciphers without diffusion in decryption give the image away near the challenge."""

from __future__ import annotations

import pytest

from cryptobench.attacks.malleability.near_target import NearTarget
from cryptobench.attacks.runner import play
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, photograph, xored


def _noise(image, seed):
    return xored(image * 0, seed + image.tobytes())


@pytest.mark.parametrize("name", ["add-chain", "aes-256-ecb", "chen2004", "hua2021", "sum-ctr", "barik2020"])
def test_local_decryption_gives_the_image(name) -> None:
    """Over 99 % from 15 chosen ciphertexts."""
    played = play(NearTarget(), load_cipher(name), photograph(32, 32, 3))
    assert played.verdict == "broken"
    assert played.score.share > 0.99
    assert played.result.claims == ("malleable",)
    assert played.queries.total == played.queries.decryptions == 15


def test_a_cipher_that_damages_all_after_a_change_falls_to_the_last_places() -> None:
    """The group is chosen by agreement; the cipher chains its ciphertext through a substitution."""
    import hashlib

    import numpy as np

    def chained(image, seed, forward):
        out, state = np.empty(image.size, np.uint8), seed
        for i, value in enumerate(image.ravel()):
            out[i] = value ^ hashlib.sha256(seed + state).digest()[0]
            state = hashlib.sha256(state + bytes([out[i] if forward else value])).digest()
        return out.reshape(image.shape)

    cipher = Toy(lambda image, seed: chained(image, seed, True), lambda image, seed: chained(image, seed, False))
    played = play(NearTarget(), cipher, photograph(24, 20))
    assert (played.verdict, played.result.notes) == ("broken", "group last")


def test_diffusing_and_authenticated_ciphers_hold() -> None:
    """Garbage in 60 keys is garbage, and rejections are told apart from it."""
    for seed in range(60):
        played = play(NearTarget(), Toy(ideal, _noise), photograph(16, 12), seed)
        assert (played.verdict, played.result.claims) == ("holds", ("diffuses",))
    assert play(NearTarget(), load_cipher("chacha20-poly1305"), photograph(16, 12)).result.claims == ("rejects",)
