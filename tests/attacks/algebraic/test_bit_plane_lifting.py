"""Ciphers whose carries go upwards only are solved plane by plane; where planes depend on all others nothing is."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.algebraic.bit_plane_lifting import BitPlaneLifting, PlaneGroup, plane_groups
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, chained, ideal, order, photograph, stream, xored

SHAPE = (6, 10)
SAMPLES = 60


def rounds(image, seed):
    """Three rounds of permutation, odd multipliers, keystreams, and chains of sums and XORs in turn both ways."""
    flat = image.ravel()
    for turn in range(3):
        part = seed + bytes([turn])
        flat = flat[order(part, flat.size)] * (stream(part, flat.size) | 1) + stream(part + b"k", flat.size)
        flat = np.bitwise_xor.accumulate(flat)[::-1] ^ stream(part + b"l", flat.size)
        flat = np.cumsum(flat, dtype=np.uint8)
    return flat.reshape(image.shape)


def planes_apart(image, seed):
    """Each bit plane has a permutation of its own, before a chain of sums."""
    moved = np.zeros(image.size, np.uint8)
    for plane in range(8):
        moved |= image.ravel()[order(seed + bytes([plane]), image.size)] & np.uint8(1 << plane)
    return np.cumsum(moved + stream(seed, image.size), dtype=np.uint8).reshape(image.shape)


def keyed_by_the_lowest(image, seed):
    """The lowest plane passes a keystream, and keys the order of all others."""
    low, rest = image.ravel() & 1, image.ravel() >> 1
    moved = rest[order(seed + low.tobytes(), image.size)] << 1
    return (xored(low, seed) & 1 | moved).reshape(image.shape)


def turned(image, seed):
    """Three rounds behind a rotation of the bits of each sample: no plane is where it was."""
    return rounds(image << 3 | image >> 5, seed)


def multiplied(image, seed):
    """Products of neighbours, which are affine in each plane above known ones."""
    return rounds(image + 2 * image * np.roll(image, 1), seed)


def padded(image, seed):
    """A cipher image of two more rows, the last of them of a header's kind."""
    body = rounds(image, seed)
    return np.concatenate([body, np.full_like(body[:1], 9), np.full_like(body[:1], stream(seed, 1)[0])])


@pytest.mark.parametrize(
    ("body", "most", "notes"),
    [
        (rounds, SAMPLES + 21, "planes in 8 groups, one matrix"),
        (turned, SAMPLES + 21, "planes in 8 groups, one matrix"),
        (padded, SAMPLES + 21, "planes in 8 groups, one matrix"),
        (planes_apart, 8 * SAMPLES + 49, "planes in 8 groups, 8 matrices"),
        (multiplied, SAMPLES + 21, "planes in 8 groups, one matrix"),
        (keyed_by_the_lowest, 8 * SAMPLES + 49, "planes in 8 groups, 2 matrices"),
    ],
)
def test_planes_are_lifted(body, most, notes) -> None:
    """Every sample is recovered, from a matrix for all planes or one for each."""
    run = attack_target(BitPlaneLifting(), Toy(body), photograph(*SHAPE))
    assert (run.outcome, run.score.share, run.result.notes) == ("recovered", 1.0, notes)
    assert run.queries.total <= most


@pytest.mark.parametrize(
    ("cipher", "shape"), [("two-way-chain", (9, 7)), ("chen2004", (8, 8, 3)), ("barik2020", (8, 8))]
)
def test_registered_ciphers_fall(cipher, shape) -> None:
    """A control and two published ciphers, from N + 21 chosen plaintexts."""
    target = photograph(*shape)
    run = attack_target(BitPlaneLifting(), load_cipher(cipher), target)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total == run.queries.encryptions == target.size + 21


def test_keystreams_of_nonces_fall_when_they_are_reused() -> None:
    """Feedback through lower planes, under a nonce: nothing is found under fresh ones."""
    cipher = Toy(lambda image, seed: rounds(image, seed), nonce=True)
    assert attack_target(BitPlaneLifting(), cipher, photograph(*SHAPE)).outcome == "holds"
    assert attack_target(BitPlaneLifting(), cipher, photograph(*SHAPE), mode="fixed").score.share == 1


def test_maps_that_are_not_affine_end_the_lifting() -> None:
    """ANDs of two samples keep planes apart, and are affine in none."""

    def body(image, seed):
        return rounds(image ^ (np.roll(image, 1) & np.roll(image, 2)), seed)

    run = attack_target(BitPlaneLifting(), Toy(body), photograph(*SHAPE))
    assert (run.outcome, run.result.recovered) == ("leak", None)
    assert run.result.notes == "not affine over GF(2), at group 1 of 8"


@pytest.mark.parametrize("budget", [8, 9, 12, 40, SAMPLES + 20])
def test_the_budget_is_kept(budget) -> None:
    """Below nine queries nothing is known, above them that planes do not depend on each other."""
    run = attack_target(BitPlaneLifting(budget=budget), Toy(rounds), photograph(*SHAPE))
    assert run.queries.total <= budget
    assert run.outcome == ("n/a" if budget < 9 else "leak")
    assert budget < 9 or "the queries end at group" in run.result.notes


def test_shapes_that_change_late_are_noticed() -> None:
    """A row more whenever the first sample is 0, as it is in black images."""

    def body(image, seed):
        return np.concatenate([rounds(image, seed)] * (2 if image.flat[0] == 0 else 1))

    target = photograph(*SHAPE) | 1
    run = attack_target(BitPlaneLifting(), Toy(body), target, 1)
    assert run.result.recovered is None
    assert "differ in shape" in run.result.notes


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (3, 4, 3)])
def test_ideal_ciphers_hold_at_any_size(shape) -> None:
    """40 keys: p-values below 0.05 in at most 8 of them, none a leak."""
    runs = [attack_target(BitPlaneLifting(), Toy(ideal), np.full(shape, 7, np.uint8), seed) for seed in range(40)]
    assert {run.outcome for run in runs} == {"holds"}
    assert shape == (1, 1) or {run.queries.total for run in runs} == {9}
    assert sum(run.result.p_value < 0.05 for run in runs) <= 8


def test_planes_that_never_change_count_for_nothing() -> None:
    """An ideal cipher whose samples are written as two hexadecimal digits; no plane is independent of any other."""

    def body(image, seed):
        hidden = ideal(image, seed)
        return np.concatenate([hidden >> 4, hidden & 15])

    run = attack_target(BitPlaneLifting(), Toy(body), photograph(*SHAPE))
    assert (run.outcome, run.result.statistic) == ("holds", 0)


def test_chains_through_tables_hold() -> None:
    """A table mixes planes, so none is independent of another."""
    box = order(b"box", 256).astype(int)
    run = attack_target(BitPlaneLifting(), Toy(chained(lambda p, f, k: box[p ^ f ^ k])), photograph(*SHAPE))
    assert (run.outcome, run.result.notes) == ("holds", "every plane depends on every plane")


def test_groups_are_the_smallest_that_can_be_solved() -> None:
    """Planes that depend on each other stay together; those that change nothing are in no group."""
    carries = np.triu(np.ones((8, 8), bool))
    assert plane_groups(carries) == [PlaneGroup((plane,), (plane,)) for plane in range(8)]
    assert plane_groups(np.ones((8, 8), bool)) == [PlaneGroup(tuple(range(8)), tuple(range(8)))]
    pairs = np.kron(np.eye(4, dtype=bool), np.ones((2, 2), bool))
    assert plane_groups(pairs) == [PlaneGroup((k, k + 1), (k, k + 1)) for k in (0, 2, 4, 6)]
    lossy = np.eye(8, dtype=bool)
    lossy[0] = False
    assert plane_groups(lossy) == [PlaneGroup((plane,), (plane,)) for plane in range(1, 8)]


def test_planes_that_meet_in_one_are_not_ordered() -> None:
    """Two planes of the plaintext in one of the ciphertext cannot be told apart."""
    meeting = np.eye(8, dtype=bool)
    meeting[0], meeting[1] = meeting[1], meeting[1].copy()
    meeting[0, 0] = meeting[1, 0] = False
    assert sum(len(group.inputs) for group in plane_groups(meeting)) < 8
