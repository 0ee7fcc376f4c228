"""Ciphers without diffusion in decryption reveal the image near the challenge."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cryptobench.attacks.malleability.near_target import NearTarget
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, photograph, xored


def _noise(image, seed):
    return xored(image * 0, seed + image.tobytes())


@pytest.mark.parametrize("name", ["add-chain", "aes-256-ecb", "chen2004", "hua2021", "sum-ctr", "barik2020"])
def test_local_decryption_reveals_the_image(name) -> None:
    """Over 99 % from 15 chosen ciphertexts."""
    run = attack_target(NearTarget(), load_cipher(name), photograph(32, 32, 3))
    assert run.outcome == "recovered"
    assert run.score.share > 0.99
    assert run.result.claims == ("malleable",)
    assert run.queries.total == run.queries.decryptions == 15


def test_one_way_chains_fall_to_last_places() -> None:
    """The group is chosen by agreement; a change damages all samples after it."""

    def chained(image, seed, forward):
        out, state = np.empty(image.size, np.uint8), seed
        for i, value in enumerate(image.ravel()):
            out[i] = value ^ hashlib.sha256(seed + state).digest()[0]
            state = hashlib.sha256(state + bytes([out[i] if forward else value])).digest()
        return out.reshape(image.shape)

    cipher = Toy(lambda image, seed: chained(image, seed, True), lambda image, seed: chained(image, seed, False))
    run = attack_target(NearTarget(), cipher, photograph(24, 20))
    assert (run.outcome, run.result.notes) == ("recovered", "group last")


def test_diffusing_and_authenticated_ciphers_hold() -> None:
    """Under 60 keys decryption is diffuse, or all is rejected."""
    for seed in range(60):
        run = attack_target(NearTarget(), Toy(ideal, _noise), photograph(16, 12), seed)
        assert (run.outcome, run.result.claims) == ("holds", ("diffuses",))
    run = attack_target(NearTarget(), load_cipher("chacha20-poly1305"), photograph(16, 12))
    assert run.result.claims == ("rejects",)
