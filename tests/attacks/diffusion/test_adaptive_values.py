"""Where outputs can be put right one after the other, they are; elsewhere nothing is found."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from cryptobench.attacks.diffusion.adaptive_values import AdaptiveValues, triangular_steps
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, permuted, photograph, stream, xored

order = cache(order)


def latin(image, seed):
    """c[i] = L[c[i-1], p[i]] for a Latin square without a pattern that other places share."""
    rows, columns, values = (order(seed[:16] + part, 256) for part in (b"r", b"c", b"v"))
    before, out = 0, []
    for sample in image.ravel().tolist():
        before = int(values[(rows[before] + columns[sample]) % 256])
        out.append(before)
    return np.array(out, np.uint8).reshape(image.shape)


def by_rows_and_columns(image, seed):
    """Each sample is added to that on its left, then to that above it, both through an S-box."""
    box, samples = order(seed[:16], 256).astype(np.uint8), image.reshape(len(image), -1).copy()
    for turned in (samples.T, samples):
        for line in range(1, len(turned)):
            turned[line] = box[turned[line] + turned[line - 1]]
    return samples.reshape(image.shape)


def autokeyed(image, seed):
    """An S-box that earlier ciphertext rewrites, as RC4 does its own, along every second row backwards."""
    box, places = order(seed[:16], 256).tolist(), np.arange(image.size).reshape(len(image), -1)
    places[1::2] = places[1::2, ::-1]
    out, last, at = np.empty(image.size, np.uint8), (seed[0], seed[1]), 0
    for place in places.ravel():
        sample = box[(int(image.flat[place]) + last[0]) & 255] ^ last[1] >> 3
        at = (at + box[sample]) & 255
        box[sample], box[at] = box[at], box[sample]
        out[place], last = sample, (sample, last[0])
    return out.reshape(image.shape)


def rotated(image, seed):
    """Columns from below, then rows from the right: bits turned as far as the neighbour says."""
    samples = image.reshape(len(image), -1).copy()
    for turned in (samples[::-1], samples.T[::-1]):
        for line in range(1, len(turned)):
            wide = turned[line].astype(int) << (turned[line - 1] & 7)
            turned[line] = (wide | wide >> 8).astype(np.uint8) + order(seed[:16], 256)[turned[line - 1]].astype(
                np.uint8
            )
    return samples.reshape(image.shape)


def tables(image, seed):
    """A table for each place."""
    own = np.stack([order(seed[:16] + bytes([place]), 256) for place in range(image.size)]).astype(np.uint8)
    return own[np.arange(image.size), image.ravel()].reshape(image.shape)


def padded(body):
    """Cipher images have two more columns, zeros and a byte of the key."""

    def wide(image, seed):
        more = np.zeros((len(image), 2, *image.shape[2:]), np.uint8)
        more[:, 1] = seed[0]
        return np.concatenate([body(image, seed), more], axis=1)

    return wide


def growing(image, seed):
    """The cipher image has a row more for every plaintext but some."""
    return np.concatenate([image, image[: int(image.flat[0]) % 2]])


@pytest.mark.parametrize(
    ("body", "shape", "most"),
    [
        (latin, (3, 4), 4 + 2 * 13 + 255 * 12),
        (permuted(latin), (2, 2, 3), 4 + 2 * 13 + 255 * 12),
        (by_rows_and_columns, (4, 4), 4 + 2 * 17 + 255 * 16),
        (permuted(autokeyed), (3, 4), 4 + 2 * 13 + 255 * 12),
        (rotated, (4, 4), 4 + 2 * 17 + 255 * 16),
        (padded(by_rows_and_columns), (4, 3), 4 + 2 * 13 + 255 * 12),
        (tables, (4, 4), 4 + 2 * 17 + 255),
    ],
)
def test_ordered_outputs_are_put_right(body, shape, most) -> None:
    """Every sample; samples that are not before one another are tried together."""
    run = attack_target(AdaptiveValues(), Toy(body), photograph(*shape))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result
    assert run.queries.total <= most


def test_tables_are_one_step() -> None:
    """However many samples there are."""
    assert attack_target(AdaptiveValues(), Toy(tables), photograph(3, 4)).result.numbers == {"steps": 1}


def test_steps_follow_what_reaches_what() -> None:
    """0 alone reaches output 2; then 1 and 2 are each new in one output; 3 is only in outputs with 4."""
    reaches = np.array([[1, 1, 1, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1]], bool)
    steps = [(samples.tolist(), outputs.tolist()) for samples, outputs in triangular_steps(reaches)]
    assert steps == [([0], [2]), ([1, 2], [0, 1])]


@pytest.mark.parametrize("budget", [1, 20, 200])
def test_a_small_budget_ends_the_search(budget) -> None:
    """What was put right until then is given."""
    run = attack_target(AdaptiveValues(budget=budget), Toy(latin), photograph(3, 4))
    assert run.outcome == ("leak" if budget == 200 else "n/a")
    assert run.queries.total <= budget


@pytest.mark.parametrize("body", [ideal, padded(ideal)])
def test_ideal_ciphers_hold(body) -> None:
    """20 keys, and cipher images with constant samples, which depend on nothing."""
    runs = [attack_target(AdaptiveValues(), Toy(body), photograph(4, 5), seed) for seed in range(20)]
    assert {one.outcome for one in runs} == {"holds"}


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (2, 2, 3)])
@pytest.mark.parametrize("body", [ideal, xored, growing, lambda image, seed: image * 0])
def test_small_and_odd_images_end_in_a_verdict(body, shape) -> None:
    """Also where cipher images vary in shape, or hold nothing."""
    run = attack_target(AdaptiveValues(), Toy(body), np.full(shape, 200, np.uint8))
    assert run.outcome in ("holds", "n/a") or body is xored


def test_fresh_nonces_protect() -> None:
    """With them there is nothing to put right; a fixed one leaves tables."""
    cipher = Toy(lambda image, seed: image ^ stream(seed, image.size).reshape(image.shape), nonce=True)
    assert attack_target(AdaptiveValues(), cipher, photograph(4, 4)).outcome == "n/a"
    assert attack_target(AdaptiveValues(), cipher, photograph(4, 4), mode="fixed").outcome == "recovered"


def test_references_hold() -> None:
    """Under a fixed nonce a stream cipher falls, and AES-256-SIV does not."""
    outcomes = {
        (name, mode): attack_target(AdaptiveValues(), load_cipher(name), photograph(4, 4), mode=mode).outcome
        for name in ("aes-256-siv", "aes-256-ctr")
        for mode in ("fresh", "fixed")
    }
    assert outcomes[("aes-256-ctr", "fixed")] == "recovered"
    assert {outcome for key, outcome in outcomes.items() if key != ("aes-256-ctr", "fixed")} <= {"holds", "n/a"}
