"""Feedback a byte at a time is found from known pairs, and its tables decrypt the challenge."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.diffusion.cipher_feedback import (
    CipherFeedback,
    Feedback,
    GeneralForm,
    MaskedForm,
    count_agreements,
)
from cryptobench.attacks.runner import attack_target
from cryptobench.attacks.tools.combiners import ADDITION
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, chained, ideal, order, photograph, stream

TARGET = photograph(32, 32, 3)
BOX = order(b"an S-box", 256).tolist()


def test_agreements_pair_samples_once() -> None:
    """Three samples of one cell make one pair, whatever lies between them."""
    cells = np.array([5, 9, 5, 5, 9, 7], np.uint16)
    assert count_agreements(cells, np.array([1, 2, 1, 8, 3, 1], np.uint8)) == (1, 2)
    assert count_agreements(np.arange(6), np.zeros(6, np.uint8)) == (0, 0)


def test_agreements_of_noise_are_one_in_256() -> None:
    """Of half a million samples in 4096 cells."""
    generator = np.random.default_rng(1)
    cells, values = generator.integers(0, 4096, 1 << 19), generator.integers(0, 256, 1 << 19).astype(np.uint8)
    hits, pairs = count_agreements(cells, values)
    assert (1 << 19) - 4096 <= 2 * pairs <= 1 << 19
    assert abs(hits / pairs - 1 / 256) < 5 * (1 / 256 / pairs) ** 0.5


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        (lambda p, f, k: BOX[(p + f) & 255], {}),
        (lambda p, f, k: BOX[p] ^ BOX[f], {"lag": 3}),
        (lambda p, f, k: p ^ (f * f >> 3), {"back": True}),
        (lambda p, f, k: BOX[p ^ BOX[f]], {"lag": 96}),
        (lambda p, f, k: BOX[(BOX[p] + 3 * f) & 255], {"plain": True}),
        (lambda p, f, k: BOX[(BOX[p] + 3 * f) & 255], {"plain": True, "lag": 3, "back": True}),
    ],
    ids=["chain", "by channel", "backwards", "by row", "plaintext fed back", "plaintext fed back by channel"],
)
def test_one_map_everywhere_is_read(rule, options) -> None:
    """With IVs that are fresh, ciphertext or plaintext fed back, from a sample, pixel or row before or after."""
    run = attack_target(CipherFeedback(), Toy(chained(rule, **options), nonce=True), TARGET)
    assert run.outcome == "recovered", run.result
    assert run.result.statistic == 1


@pytest.mark.parametrize(
    ("rule", "options"),
    [
        (lambda p, f, k: BOX[p ^ f] ^ k, {}),
        (lambda p, f, k: BOX[(p + f) & 255] + k, {"lag": 3, "back": True}),
        (lambda p, f, k: BOX[(f - p) & 255] + k, {"lag": 96}),
        (lambda p, f, k: BOX[(p + f) & 255] + k, {"plain": True}),
    ],
    ids=["XOR", "sum by channel, backwards", "difference by row", "plaintext fed back"],
)
def test_a_table_with_a_mask_is_read(rule, options) -> None:
    """The mask is another at every place, and the same in all messages."""
    run = attack_target(CipherFeedback(), Toy(chained(rule, **options), nonce=True), TARGET)
    assert run.outcome == "recovered", run.result
    assert "masked by place" in run.result.notes


def test_channels_may_have_maps_of_their_own() -> None:
    """Three S-boxes in turn."""
    boxes = [order(bytes([channel]), 256).tolist() for channel in range(3)]

    def body(image, seed):
        out, before = np.empty(image.size, np.uint8), int(stream(seed, 1)[0])
        for place, p in enumerate(image.ravel().tolist()):
            before = out[place] = boxes[place % 3][p ^ int(before)]
        return out.reshape(image.shape)

    run = attack_target(CipherFeedback(), Toy(body, nonce=True), TARGET)
    assert run.outcome == "recovered", run.result
    assert "in each channel" in run.result.notes


def test_output_feedback_leaks_at_least() -> None:
    """k[i] = S[k[i-1]]: of keystreams of short period the tables contain what occurred in known ones."""

    def body(image, seed):
        keystream, byte = np.empty(image.size, np.uint8), int(stream(seed, 1)[0])
        for place in range(image.size):
            byte = keystream[place] = BOX[byte]
        return image + keystream.reshape(image.shape)

    assert attack_target(CipherFeedback(), Toy(body, nonce=True), TARGET).outcome in ("leak", "recovered")


def test_feedback_in_some_rows_is_a_leak() -> None:
    """Three quarters are enciphered well: no tables are filled."""
    whole = chained(lambda p, f, k: BOX[p ^ f])

    def body(image, seed):
        border = image.shape[0] // 4 * 3
        return np.concatenate([ideal(image[:border], seed), whole(image[border:], seed)])

    run = attack_target(CipherFeedback(), Toy(body, nonce=True), TARGET)
    assert (run.outcome, run.queries.total) == ("leak", 32)


@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (33, 47), (9, 8, 3), (16, 16, 1)])
def test_awkward_shapes(shape) -> None:
    """No shape is an error, and good keystreams hold in all."""
    cipher = Toy(lambda image, seed: image ^ stream(seed, image.size).reshape(image.shape), nonce=True)
    target = np.resize(photograph(64, 64), shape)
    assert attack_target(CipherFeedback(), cipher, target).outcome in ("holds", "n/a")


@pytest.mark.parametrize("name", ["aes-256-ctr", "aes-256-siv", "chacha20-poly1305"])
def test_references_hold(name) -> None:
    """Six keys each."""
    cipher = load_cipher(name)
    for seed in range(6):
        run = attack_target(CipherFeedback(), cipher, photograph(16, 16, 3), seed)
        assert (run.outcome, run.queries.total) == ("holds", 32)
        assert run.result.notes.startswith("no form fits")


@pytest.mark.parametrize(("source", "lag"), [("c", 1), ("c", 5), ("p", 1), ("p", 3), ("k", 3)])
def test_tables_undo_what_made_them(source, lag) -> None:
    """The initial bytes are chosen by the smoothness of the rest."""
    generator = np.random.default_rng(lag)
    feedback = Feedback(lag, source, ADDITION if source == "k" else None, pixel=lag)
    table = np.argsort(order(b"F", 65536).reshape(256, 256), axis=1).astype(np.uint8)  # a permutation of p for every s

    def encrypt(plain):
        cipher_image, s = np.empty_like(plain), list(generator.integers(0, 256, lag))
        for place, p in enumerate(plain.tolist()):
            cipher_image[place] = table[int(s[place]), p]
            s.append({"c": int(cipher_image[place]), "p": p, "k": int(cipher_image[place]) - p & 255}[source])
        return cipher_image

    plains = generator.integers(0, 256, (4000, 200), np.uint8)
    cipher_images = np.stack([encrypt(plain) for plain in plains])
    target = np.repeat((100 + 20 * np.sin(np.arange(40) / 9)).astype(np.uint8), 5)
    form = GeneralForm(feedback, 1)
    assert form.agreements(plains, cipher_images)[0] == form.agreements(plains, cipher_images)[1] > 0
    assert np.allclose(form.decrypt(plains, cipher_images, encrypt(target)), target, atol=4 if source == "c" else 0)


def test_masks_and_tables_are_separated() -> None:
    """T and k are recovered up to a constant."""
    generator = np.random.default_rng(3)
    box, keystream = order(b"T", 256).astype(np.uint8), generator.integers(0, 256, 64, np.uint8)

    def encrypt(plain):
        cipher_image, before = np.empty_like(plain), 17
        for place, p in enumerate(plain.tolist()):
            before = cipher_image[place] = (int(box[(p + int(before)) & 255]) + int(keystream[place])) & 255
        return cipher_image

    plains = generator.integers(0, 256, (256, 64), np.uint8)
    target = generator.integers(0, 256, 64, np.uint8)
    form = MaskedForm(Feedback(1, "c"), ADDITION)
    cipher_images = np.stack([encrypt(plain) for plain in plains])
    assert np.array_equal(form.decrypt(plains, cipher_images, encrypt(target))[1:], target[1:])


@pytest.mark.parametrize("budget", [32, 40])
def test_a_small_budget_leaves_the_leak(budget) -> None:
    """Known pairs fill some of the tables; their evidence stands without more queries."""
    run = attack_target(CipherFeedback(budget=budget), load_cipher("byte-feedback"), TARGET)
    assert run.queries.total == budget
    assert run.outcome in ("leak", "recovered")
    assert run.result.p_value == 0
