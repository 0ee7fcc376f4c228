"""Blocks that go through a cipher together are found, and read where they are in a dictionary; elsewhere nothing is."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cryptobench.attacks.diffusion.block_dictionary import BlockDictionary, dependent_blocks
from cryptobench.attacks.query_formula import queries_at
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, photograph, stream, xored


def block_cipher(seed: bytes, *parts: bytes, size: int) -> bytes:
    return hashlib.shake_256(seed[:16] + b"|".join(parts)).digest(size)


def chained(size, how=np.bitwise_xor, back=False, by_place=False):
    """Blocks of ``size`` samples: c[i] = F(p[i], c[i-1]), combined ``how``; F is another one at each place or not."""

    def body(image, seed):
        flat = image.ravel()[::-1] if back else image.ravel()
        out, before = [], np.frombuffer(seed[:1] * size, np.uint8)
        for place in range(0, flat.size, size):
            block = flat[place : place + size]
            mixed = how(block, before[: block.size]).tobytes()
            before = np.frombuffer(block_cipher(seed, mixed, bytes([place]) * by_place, size=block.size), np.uint8)
            out.append(before)
        flat = np.concatenate(out)
        return (flat[::-1] if back else flat).reshape(image.shape)

    return body


def apart(size, mixed=False):
    """Blocks of samples next to each other, or from all over the image, each through another function."""

    def body(image, seed):
        places = (order(seed[:16], image.size) if mixed else np.arange(image.size)).reshape(-1, size)
        flat, out = image.ravel(), np.empty(image.size, np.uint8)
        for number, block in enumerate(places):
            answer = block_cipher(seed, bytes([number]), flat[block].tobytes(), size=size)
            out[block] = np.frombuffer(answer, np.uint8)
        return out.reshape(image.shape)

    return body


def bands(rows: int, columns: int) -> np.ndarray:
    """Rows of one of four levels each; in the last two is an edge between two of them."""
    levels = np.array([20, 150, 90, 220], np.uint8)[order(b"bands", 4 * rows)[:rows] % 4]
    levels[:4] = [20, 150, 90, 220]
    image = np.repeat(levels[:, None], columns, axis=1)
    image[-2:, : columns // 2], image[-2:, columns // 2 :] = 20, 150
    return image


@pytest.mark.parametrize("body", [chained(4), chained(4, back=True), chained(4, by_place=True), apart(4)])
def test_images_of_few_blocks_are_read(body) -> None:
    """In chains both ways and in blocks apart, each through another function, with edges between levels."""
    image = bands(8, 8)
    run = attack_target(BlockDictionary(), Toy(body), image)
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result
    assert "100% of the image" in run.result.notes
    assert queries_at(run.formula, image.size) == pytest.approx(run.queries.total, rel=0.02)


@pytest.mark.parametrize("shape", [(4, 6), (4, 3, 2)])
def test_samples_of_a_block_may_be_anywhere(shape) -> None:
    """A flat picture in grey or colour; it is all read, though a flat guess proves nothing."""
    run = attack_target(BlockDictionary(), Toy(apart(4, mixed=True)), np.full(shape, 77, np.uint8))
    assert (run.outcome, run.score.share) == ("leak", 1.0)


def test_equal_blocks_are_read_at_once() -> None:
    """A flat image takes the dictionary once, however many blocks are chained."""
    run = attack_target(BlockDictionary(), Toy(chained(8)), np.full((8, 8), 99, np.uint8))
    assert run.score.share == 1
    assert run.queries.total == 2 + 33 + 3 * 65 + 4 + 100  # shape, first look, blocks, known pairs, 0 to 99


@pytest.mark.parametrize("how", [np.bitwise_xor, np.add])
def test_chaining_reads_behind_unknown_blocks(how) -> None:
    """A block of noise ends the beginning that is known; the others are read by what precedes them in the challenge."""
    image = bands(6, 8)
    image[1] = stream(b"noise", 8)
    image[-2:] = image[0]
    shares = []
    for tables in (False, True):
        run = attack_target(BlockDictionary(), Toy(chained(8, how, by_place=tables)), image)
        shares.append(run.score.share)
    assert shares[0] == pytest.approx(5 / 6)
    assert shares[1] < 0.3


def test_pairs_of_samples_are_all_tried() -> None:
    """Whatever they hold, near levels first: blocks of two samples of a photograph."""
    image = photograph(2, 4) // 64
    run = attack_target(BlockDictionary(), Toy(apart(2, mixed=True)), image)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_the_control_is_read_where_blocks_are_few() -> None:
    """Rows of one level; blocks are in a secret order, and a MAC refuses chosen ciphertexts."""
    image = np.repeat(stream(b"rows", 6)[:, None], 16, axis=1)
    run = attack_target(BlockDictionary(), load_cipher("cbc-constant-iv"), image)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_one_ciphertext_sample_tells_no_block() -> None:
    """Eight samples that show in one, and the others nowhere: of 256 flat blocks one would fit by chance."""
    run = attack_target(BlockDictionary(), Toy(summed), photograph(4, 8))
    assert (run.outcome, run.result.recovered) == ("leak", None)
    assert "0 of" in run.result.notes


def summed(image, seed):
    """A row is one sample, its hash; the rest of it is noise of the key."""
    rows = image.reshape(len(image), -1)
    out = stream(seed[:16], image.size).reshape(rows.shape).copy()
    out[:, 0] = [block_cipher(seed, bytes([row]), rows[row].tobytes(), size=1)[0] for row in range(len(rows))]
    return out.reshape(image.shape)


def test_photographs_leak_in_blocks() -> None:
    """Blocks are found, and none is in the dictionary."""
    run = attack_target(BlockDictionary(), Toy(chained(8)), photograph(4, 8))
    assert (run.outcome, run.result.recovered) == ("leak", None)
    assert "blocks of 8 samples; 0 of 4 in the dictionary" in run.result.notes


def test_blocks_follow_what_reaches_what() -> None:
    """0 and 1 go together and reach all; 2 reaches outputs 1 and 2; 3 and 4 reach output 3, and nothing else does."""
    reaches = np.array([[1, 1, 1, 0], [1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]], bool)
    blocks = {tuple(one.samples.tolist()): one for one in dependent_blocks(reaches)}
    assert {samples: one.outputs.tolist() for samples, one in blocks.items()} == {
        (0, 1): [0],
        (2,): [1, 2],
        (3, 4): [3],
    }
    assert [len(blocks[samples].before) for samples in ((0, 1), (2,), (3, 4))] == [0, 1, 0]


def test_blocks_that_meet_have_no_outputs() -> None:
    """Two that reach equally many samples cannot be tried one after the other."""
    blocks = dependent_blocks(np.array([[1, 1, 0], [1, 0, 1]], bool))
    assert [one.outputs.tolist() for one in blocks] == [[2], [1]]


def test_single_samples_are_left_to_others() -> None:
    """A stream cipher under one nonce leaks here, and is read elsewhere."""
    run = attack_target(BlockDictionary(), load_cipher("aes-256-ctr"), photograph(4, 4), mode="fixed")
    assert (run.outcome, run.result.recovered) == ("leak", None)
    assert "see adaptive_values" in run.result.notes


@pytest.mark.parametrize("budget", [1, 20, 60, 200])
def test_a_small_budget_ends_the_search(budget) -> None:
    """What was read until then is given."""
    run = attack_target(BlockDictionary(budget=budget), Toy(chained(4)), bands(8, 8))
    assert run.outcome == ("leak" if budget >= 60 else "n/a")
    assert run.queries.total <= budget


def test_ideal_ciphers_hold() -> None:
    """20 keys: 35 queries, and nothing."""
    runs = [attack_target(BlockDictionary(), Toy(ideal), photograph(8, 8), seed) for seed in range(20)]
    assert {(one.outcome, one.queries.total) for one in runs} == {("holds", 35)}


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (2, 2, 3)])
@pytest.mark.parametrize("body", [ideal, xored, chained(2), lambda image, seed: image * 0])
def test_small_images_end_in_a_verdict(body, shape) -> None:
    """Also where cipher images hold nothing."""
    run = attack_target(BlockDictionary(), Toy(body), np.full(shape, 200, np.uint8))
    assert run.outcome in ("holds", "n/a") or body is not ideal


def test_changing_shapes_are_not_applicable() -> None:
    """One line says why."""
    growing = Toy(lambda image, seed: np.concatenate([image, image[: int(image.flat[0]) % 2]]))
    run = attack_target(BlockDictionary(), growing, photograph(8, 8))
    assert run.outcome == "n/a"
    assert "differ in shape" in run.result.notes


def test_expanding_cipher_images_are_read() -> None:
    """An IV and a padding block around the chain; the samples are those of the plaintext."""

    def body(image, seed):
        inner = chained(4)(image, seed)
        return np.concatenate([np.full((1, 4), seed[0], np.uint8), inner, np.zeros((1, 4), np.uint8)])

    run = attack_target(BlockDictionary(), Toy(body), bands(8, 4))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_references_hold() -> None:
    """Fresh nonces make encryption randomised; AES-256-SIV under a fixed one holds."""
    for name, mode in (("aes-256-siv", "fresh"), ("aes-256-siv", "fixed"), ("chacha20-poly1305", "fresh")):
        assert attack_target(BlockDictionary(), load_cipher(name), photograph(8, 8), mode=mode).outcome in (
            "holds",
            "n/a",
        )
