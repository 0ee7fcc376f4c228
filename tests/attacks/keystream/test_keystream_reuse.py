"""One known pair decrypts stream ciphers that reuse their stream."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.keystream.keystream_reuse import KeystreamReuse
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, chained
from tests.attacks.toys import Pad, smooth

TARGET = smooth(24, 17, 3)


class Reflected(Cipher):
    """c = k - p."""

    card = Card(
        name="reflected", title="", family="toy", fidelity="A", key=(KeyField("key", 64),), uses_nonce=False
    )  # fmt: skip

    def encrypt(self, image, key, nonce, *, secret=None):
        stream = np.random.default_rng(int.from_bytes(key, "big")).integers(0, 256, image.shape, np.uint8)
        return Encrypted(stream - image)

    def decrypt(self, encrypted, key):
        return self.encrypt(encrypted.image, key, bytes(16)).image


@pytest.mark.parametrize(
    ("cipher", "equation", "mode"),
    [
        (load_cipher("xor-pad"), "c = p XOR k", "fresh"),
        (load_cipher("caesar"), "c = p + k", "fresh"),
        (Reflected(), "c = k - p", "fresh"),
        (Pad(), "c = p XOR k", "fixed"),
        (load_cipher("aes-256-ctr"), "c = p XOR k", "fixed"),
    ],
)
def test_a_reused_keystream_gives_the_image(cipher, equation, mode) -> None:
    """Every sample is recovered from two known pairs, by each combiner."""
    run = attack_target(KeystreamReuse(), cipher, TARGET, mode=mode)
    assert (run.outcome, run.score.share, run.result.notes) == ("recovered", 1.0, equation)
    assert (run.queries.known, run.queries.total) == (2, 2)


@pytest.mark.parametrize(
    ("body", "how"),
    [
        (chained(lambda p, f, k: (p + f) ^ k), "(p + f) XOR k, f = the c 1 before"),
        (chained(lambda p, f, k: (p ^ k) - f, lag=3), "(p XOR k) - f, f = the c 3 before"),
        (chained(lambda p, f, k: p ^ (f + k), lag=51, back=True), "p XOR (f + k), f = the c 51 after"),
        (chained(lambda p, f, k: p + (f ^ k), plain=True), "p + (f XOR k), f = the p 1 before"),
        (chained(lambda p, f, k: p - f + k, plain=True, lag=3, back=True), "p - f + k, f = the p 3 after"),
    ],
)
def test_chains_over_a_reused_keystream_fall(body, how) -> None:
    """From two known pairs; where ciphertext is fed back, although each message has an IV of its own."""
    run = attack_target(KeystreamReuse(), Toy(body, nonce="f = the c" in how), TARGET)
    assert (run.outcome, run.queries.total, run.result.notes) == ("recovered", 2, f"c = {how}")
    assert run.score.share > 0.95


@pytest.mark.parametrize("shape", [(32, 32, 3), (19, 33)])
def test_fresh_nonces_and_diffusion_hold(shape) -> None:
    """References under 100 keys, and ciphers that only other attacks break."""
    target = smooth(*shape)
    for name in ("aes-256-ctr", "aes-256-siv", "chacha20-poly1305"):
        cipher = load_cipher(name)
        assert {attack_target(KeystreamReuse(), cipher, target, seed).outcome for seed in range(34)} == {"holds"}
    for name in ("permutation-xor", "add-chain", "sum-ctr"):
        assert attack_target(KeystreamReuse(), load_cipher(name), target).outcome == "holds"
    assert attack_target(KeystreamReuse(), load_cipher("aes-256-siv"), target, mode="fixed").outcome == "holds"


def test_its_p_value_is_calibrated() -> None:
    """Over 300 keys of a good cipher, no more p-values are below 0.05 than chance allows."""
    cipher, target = load_cipher("aes-256-ctr"), smooth(12, 12)
    p_values = [attack_target(KeystreamReuse(), cipher, target, seed).result.p_value for seed in range(300)]
    assert sum(p < 0.05 for p in p_values if p is not None) <= 30


def test_ciphertexts_of_another_shape_are_not_attacked() -> None:
    """The attack is not applicable."""

    class Doubled(Reflected):
        def encrypt(self, image, key, nonce, *, secret=None):
            return Encrypted(np.repeat(image, 2, axis=0))

        def decrypt(self, encrypted, key):
            return encrypted.image[::2]

    run = attack_target(KeystreamReuse(), Doubled(), TARGET)
    assert (run.outcome, run.result.applicable) == ("n/a", False)
