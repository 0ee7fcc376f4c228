"""What attacks cost besides queries, as multiples of encrypting the challenge with AES-256-CTR, in one run."""

from __future__ import annotations

import time

import pytest

from cryptobench.attacks.runner import attack_target, photographs_for
from cryptobench.cipher import NONCE_BYTES
from cryptobench.images import load_image
from cryptobench.registry import load_attack, load_cipher

ROUNDS = 5
BREAKS = {
    "xor-pad": "keystream_reuse",
    "add-chain": "affine_cca",
    "permutation-xor": "permutation",
    "sum-ctr": "plaintext_state",
}


@pytest.mark.parametrize("cipher", BREAKS)
def test_full_size_breaks_in_encryptions(benchmark, cipher) -> None:
    """Every sample of a 256 x 256 x 3 image; extra_info has the cost in AES encryptions, the best of five of each."""
    attack, experiment, image = load_attack(BREAKS[cipher]), load_cipher(cipher), load_image("astronaut", 256)
    aes, photographs = load_cipher("aes-256-ctr"), photographs_for("astronaut")
    key, nonce = bytes(aes.card.key_bytes), bytes(NONCE_BYTES)
    attacks, encryptions = [], []
    for _ in range(ROUNDS if benchmark.enabled else 1):
        start = time.process_time()
        run = attack_target(attack, experiment, image, photographs=photographs)
        attacks.append(time.process_time() - start)
        start = time.process_time()
        for _ in range(20):
            aes.encrypt(image, key, nonce)
        encryptions.append((time.process_time() - start) / 20)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    ratio = min(attacks) / min(encryptions)
    benchmark.extra_info |= {"AES encryptions": ratio, "AES encryptions a query": ratio / run.queries.total}
    benchmark.pedantic(attack_target, args=(attack, experiment, image), kwargs={"photographs": photographs}, rounds=1)
