"""Substitution, linear mixing and substitution fall, of bytes or bits; a round more, or additions, are noticed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from cryptobench.attacks.algebraic.sums_of_tables import SumsOfTables, last_tables
from cryptobench.attacks.runner import attack_target
from tests.attacks.keyed_toys import Toy, ideal, order, photograph, stream, xored

order, stream = cache(order), cache(stream)


def box(seed, name):
    return order(seed[:16] + name, 256).astype(np.uint8)


def mixed_bits(samples, seed):
    """Bits are permuted, and each becomes the XOR of all before it."""
    bits = np.unpackbits(samples)[order(seed[:16] + b"bits", 8 * samples.size)]
    return np.packbits(np.bitwise_xor.accumulate(bits))


def mixed_bytes(samples, seed):
    """Bytes are permuted and chained both ways; then once more."""
    for _ in range(2):
        samples = np.bitwise_xor.accumulate(samples[order(seed[:16] + b"bytes", samples.size)])
        samples = np.bitwise_xor.accumulate(samples[::-1])
    return samples


def added(samples, seed):
    """The same with sums mod 256."""
    for _ in range(2):
        samples = np.cumsum(samples[order(seed[:16] + b"bytes", samples.size)], dtype=np.uint8)
        samples = np.cumsum(samples[::-1], dtype=np.uint8)
    return samples


def network(mixed, rounds=1, last=True):
    """Keystream and S-box around each mixing, the last S-box if ``last``."""

    def body(image, seed):
        samples = image.ravel()
        for turn in range(rounds):
            samples = box(seed, b"%d" % turn)[samples ^ stream(seed[:16] + b"%d" % turn, samples.size)]
            samples = mixed(samples, seed)
        samples = samples ^ stream(seed[:16] + b"last", samples.size)
        return (box(seed, b"last")[samples] if last else samples).reshape(image.shape)

    return body


def square(image, seed):
    """Three rounds of S-box, rows turned each by another step, and columns multiplied by (2, 3, 1, 1, ...) in GF(256),
    but for the last, and XOR of a keystream around each."""
    samples = image.reshape(len(image), -1)
    for turn in range(3):
        samples = box(seed, b"square")[samples ^ stream(seed[:16] + b"%d" % turn, samples.size).reshape(samples.shape)]
        samples = np.stack([np.roll(row, -step) for step, row in enumerate(samples)])
        if turn < 2:
            double = samples << 1 ^ (samples >> 7) * np.uint8(0x1B)
            others = np.bitwise_xor.reduce(samples, axis=0) ^ samples
            samples = others ^ double ^ np.roll(double, -1, axis=0)
    return (samples ^ stream(seed[:16] + b"last", samples.size).reshape(samples.shape)).reshape(image.shape)


def feistel(image, seed):
    """Halves change places four times: one is mixed and goes through an S-box, then is XORed and added to the other in
    turn."""
    left, right = image.ravel()[order(seed[:16], image.size)].reshape(2, -1)
    for turn in range(4):
        mixed = np.bitwise_xor.accumulate(np.bitwise_xor.accumulate(box(seed, b"in%d" % turn)[left])[::-1])
        changed = box(seed, b"out%d" % turn)[mixed]
        left, right = (right ^ changed if turn % 2 else right + changed), left
    return np.concatenate([left, right]).reshape(image.shape)


def widened(body):
    """Cipher images have a row more, that of the first samples again."""
    return lambda image, seed: body(image, seed)[[*range(len(image)), 0]]


def growing(image, seed):
    """The cipher image has a row more for some plaintexts."""
    return np.concatenate([image, image[: int(image.flat[0]) % 2]])


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (network(mixed_bits), (4, 6)),
        (network(mixed_bytes), (2, 4, 3)),
        (widened(network(mixed_bytes)), (4, 4)),
    ],
)
def test_two_layers_of_tables_are_undone(body, shape) -> None:
    """Whatever the linear mixing between them; some 2,700 + 33 N queries, more where values were not seen."""
    run = attack_target(SumsOfTables(), Toy(body), photograph(*shape))
    assert (run.outcome, run.score.share > 0.9) == ("recovered", True), run.result
    assert run.queries.total <= 2 * (2700 + 33 * np.prod(shape))


@pytest.mark.parametrize(("mixed", "rounds"), [(mixed_bytes, 2), (added, 1), (added, 2)])
def test_another_round_or_additions_leak(mixed, rounds) -> None:
    """Three layers of tables, or mixing mod 256 between two or three, are not undone, but sums vanish."""
    run = attack_target(SumsOfTables(), Toy(network(mixed, rounds)), photograph(6, 8))
    assert (run.outcome, run.result.recovered) == ("leak", None)
    assert run.result.p_value < 1e-30
    assert ("XORs before a last table vanish" in run.result.notes) == (rounds == 2)


@pytest.mark.parametrize("body", [square, feistel])
def test_other_designs_leak(body) -> None:
    """A cipher like AES with few rounds, and a Feistel network."""
    run = attack_target(SumsOfTables(), Toy(body), photograph(6, 8))
    assert (run.outcome, run.result.p_value < 1e-30) == ("leak", True), run.result


def test_two_rounds_end_in_sums_that_vanish() -> None:
    """Without a last table, XORs over a set are seen as they stand."""
    run = attack_target(SumsOfTables(), Toy(network(mixed_bytes, 2, last=False)), photograph(3, 4))
    assert run.outcome == "leak"
    assert "XORs vanish" in run.result.notes


def test_ideal_ciphers_hold() -> None:
    """Neither corners, which five grids of 81 rule out, nor three sets of 256."""
    runs = [attack_target(SumsOfTables(), Toy(ideal), photograph(3, 4), seed) for seed in range(2)]
    assert {(one.outcome, one.queries.total) for one in runs} == {("holds", 2 + 5 * 81 + 3 * 256)}


@pytest.mark.parametrize(("values", "asked"), [(256, 5), (110, 10), (20, 32)])
def test_fewer_values_take_more_grids(values, asked) -> None:
    """An ideal cipher whose samples have so many values: tables are ruled out where enough of them were seen."""
    body = lambda image, seed: (ideal(image, seed).astype(int) * values >> 8).astype(np.uint8)  # noqa: E731
    run = attack_target(SumsOfTables(), Toy(body), photograph(3, 4))
    assert run.queries.total >= 2 + asked * 81 + 3 * 256
    assert run.queries.total < 2 + (asked + 1) * 81 + 3 * 256 or asked == 32


def test_constant_samples_are_no_sums() -> None:
    """Padding of an ideal cipher's images, zero or a byte of the key."""

    def body(image, seed):
        return np.concatenate([ideal(image, seed), np.zeros_like(image[:1]), np.full_like(image[:1], seed[0])])

    assert attack_target(SumsOfTables(), Toy(body), photograph(4, 4)).outcome == "holds"


def test_a_last_table_is_known_up_to_an_affine_map() -> None:
    """The bits of each value are an affine function of those before the table: XORs of four that vanish do so too."""
    generator = np.random.default_rng(1)
    table = generator.permutation(256).astype(np.uint8)
    rows, columns = generator.integers(0, 256, (2, 32, 9, 1), np.uint8)
    grids = table[rows[:, :, None] ^ columns[:, None, :]]
    (bits,), solvable = last_tables(grids, generator)
    assert (solvable, bits.shape) == (1, (256, 8))
    x, y = generator.integers(0, 256, (2, 100), np.uint8)
    assert bits.min() >= 0
    assert not (bits[table[x]] ^ bits[table[y]] ^ bits[table[x ^ y]] ^ bits[table[0]]).any()


def test_used_up_queries_leave_a_leak() -> None:
    """What was found before counts; too few for the grids, nothing."""
    cipher = Toy(network(mixed_bytes))
    late = attack_target(SumsOfTables(budget=2700), cipher, photograph(4, 4))
    assert late.outcome == "leak"
    assert "used up" in late.result.notes
    assert attack_target(SumsOfTables(budget=2000), cipher, photograph(4, 4)).outcome == "n/a"


@pytest.mark.parametrize("shape", [(1, 1), (1, 2)])
@pytest.mark.parametrize("body", [ideal, growing, lambda image, seed: image * 0])
def test_small_and_odd_images_end_in_a_verdict(body, shape) -> None:
    """One sample has no halves; cipher images may vary in shape."""
    assert attack_target(SumsOfTables(), Toy(body), np.full(shape, 200, np.uint8)).outcome in ("holds", "n/a")


def test_fresh_nonces_protect() -> None:
    """With them the attack does not begin."""
    run = attack_target(SumsOfTables(), Toy(xored, nonce=True), photograph(4, 4))
    assert (run.outcome, run.queries.total) == ("n/a", 2)
