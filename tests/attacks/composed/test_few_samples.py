"""Ciphers in which a few samples key all others: the few are held and read, one by one, in pairs, or from headers."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.composed.state_class.attack import StateClassBattery
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Encrypted
from tests.attacks.keyed_toys import Toy, order, permuted_and_xored, photograph, tables, xor_of, xored

SHAPE = (12, 12)


def few_samples(image, seed, hidden=False):
    """Three samples key all others; they pass through tables, or through one that all of them key."""
    places = [5, 40, 41]
    few = image.ravel()[places]
    key = seed + (few.tobytes() if hidden else bytes([xor_of(few)]))
    out = np.zeros(image.size, np.uint8)
    out[places] = order((key if hidden else seed) + b"few", 256)[few]
    rest = np.delete(np.arange(image.size), places)
    out[rest] = permuted_and_xored(image.ravel()[rest], key)
    return out.reshape(image.shape)


def test_a_few_samples_are_held_and_read() -> None:
    """They are found by halving, and their values by tables of 256 queries each."""
    run = attack_target(StateClassBattery(), Toy(few_samples), photograph(*SHAPE))
    assert (run.outcome, run.score.share > 0.98) == ("recovered", True), run.result
    found = run.result.notes.split(";")[0].removeprefix("state: samples ")
    assert sorted(map(int, found.split(", "))) == [5, 40, 41]
    assert run.queries.total < 1100


def keyed_by(places, shown, body=tables):
    """``body`` of all other samples, keyed by these; what ``shown(few, seed)`` makes of them stands in their places."""

    def whole(image, seed):
        few, rest = image.ravel()[places], np.delete(np.arange(image.size), places)
        out = np.zeros(image.size, np.uint8)
        out[places], out[rest] = shown(few, seed), body(image.ravel()[rest], seed + few.tobytes())
        return out.reshape(image.shape)

    return whole


def one_by_one(few, seed):
    """Each through a table together with what came of the one before it."""
    before, out = 0, []
    for sample in few.tolist():
        before = int(order(seed[:16] + b"few", 256)[(sample + before) & 255])
        out.append(before)
    return out


def together(few, seed):
    """Two samples through four turns of a Feistel network."""
    one, other = few.tolist()
    for turn in range(4):
        one, other = other, one ^ int(order(seed[:16] + bytes([turn]), 256)[other])
    return one, other


@pytest.mark.parametrize(
    ("places", "shown", "body"),
    [([5, 40], one_by_one, tables), ([9, 37], together, tables), ([9, 37], together, xored)],
)
def test_samples_that_show_together_are_read(places, shown, body) -> None:
    """After those before them, or two by all their values; also where they key nothing but a keystream."""
    image = photograph(*SHAPE)
    image.flat[places] = 0, 1
    run = attack_target(StateClassBattery(), Toy(keyed_by(places, shown, body)), image)
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result
    assert run.queries.total < 2000


def test_headers_tell_a_few_samples() -> None:
    """Under a mask there; in the ciphertext they are hidden."""
    cipher = Toy(lambda image, seed: xored(image, seed))
    cipher.encrypt = lambda image, key, nonce, *, secret=None: Encrypted(
        permuted_and_xored(image, key + image.ravel()[[3, 30]].tobytes()), bytes(image.ravel()[[3, 30]] ^ 77)
    )
    run = attack_target(StateClassBattery(), cipher, photograph(6, 8))
    assert (run.outcome, run.score.share > 0.98) == ("recovered", True), run.result


def test_tables_are_read_under_values_that_nothing_tells() -> None:
    """The ciphertext of the others hides the sample that keys their tables; of 256 values the first fits here."""
    image = photograph(8, 10)
    image.flat[-1] = 1
    cipher = Toy(lambda image, seed: last_of_tables(image, seed))
    run = attack_target(StateClassBattery(), cipher, image)
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result
    assert run.result.notes == "state: sample 79; value 1; Permutation and substitution tables"


def last_of_tables(image, seed):
    rest = tables(image.ravel()[:-1], seed + image.tobytes()[-1:])
    return np.append(rest, np.uint8(order(seed, 256)[image.flat[-1]] ^ xor_of(rest))).reshape(image.shape)


def test_few_samples_that_hide_each_other_leak() -> None:
    """A known limit: 2^24 states of three samples cannot be tried."""
    run = attack_target(
        StateClassBattery(), Toy(lambda image, seed: few_samples(image, seed, True)), photograph(*SHAPE)
    )
    assert (run.outcome, run.result.recovered) == ("leak", None)
    assert run.result.notes.endswith("not all of them show in the ciphertext, alone or in pairs")
