"""Ciphers that are simple as long as a property of the plaintext stays as it is; others, and those that always are."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.composed.state_class.attack import StateClassBattery
from cryptobench.attacks.composed.state_class.find_state import StateFinder
from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Encrypted
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import (
    Toy,
    chained,
    ideal,
    order,
    permuted,
    permuted_and_xored,
    photograph,
    stream,
    tables,
    xor_of,
    xored,
)  # fmt: skip

SHAPE = (12, 12)


def sum_of(image) -> int:
    return int(image.sum(dtype=np.int64))


class Stateful(Toy):
    """``body`` under the key and ``number(image)``, which the header hides under a byte or more of the key."""

    def __init__(self, body, number, width=1, **more) -> None:
        super().__init__(body, **more)
        self.number, self.width = number, width

    def encrypt(self, image, key, nonce, *, secret=None):
        number, mask = self.number(image), int.from_bytes(key[: self.width], "big")
        seed = key + number.to_bytes(4, "big") + (nonce if self.nonce else b"")
        return Encrypted(self.body(image, seed), ((number + mask) % 256**self.width).to_bytes(self.width, "big"))


def two_ways(image, seed):
    """Permutation, then p + k chained by XOR, and backwards p ^ k chained by addition."""
    flat = image.ravel()[order(seed, image.size)] + stream(seed, image.size)
    back = np.bitwise_xor.accumulate(flat)[::-1] ^ stream(seed + b"l", image.size)
    return np.cumsum(back, dtype=np.uint8).reshape(image.shape)


def affine(image, seed):
    """XOR prefixes and permutations, twice in both directions."""
    flat = image.ravel()
    for turn in (b"1", b"2"):
        flat = np.bitwise_xor.accumulate(np.bitwise_xor.accumulate(flat)[::-1])[order(seed + turn, image.size)]
    return xored(flat, seed).reshape(image.shape)


def bits_permuted(image, seed):
    bits = np.unpackbits(image)[order(seed, 8 * image.size)]
    return xored(np.packbits(bits).reshape(image.shape), seed)


def padded(image, seed):
    """Two rows more: zeros, and noise of the key."""
    body = permuted_and_xored(image, seed)
    return np.concatenate([body, np.zeros_like(body[:1]), stream(seed[:16], body[:1].size).reshape(body[:1].shape)])


@pytest.mark.parametrize(
    ("cipher", "state", "how", "most"),
    [
        (Stateful(permuted_and_xored, xor_of), "XOR of all samples", "Permutation recovery", 24),
        (Stateful(tables, xor_of), "XOR of all samples", "Permutation and substitution tables", 300),
        (Stateful(two_ways, xor_of), "XOR of all samples", "Bit-plane lifting", 520),
        (Stateful(permuted_and_xored, lambda image: sum_of(image) % 256), "sum mod 256", "Permutation recovery", 33),
        (Stateful(permuted_and_xored, lambda image: sum_of(image) % 97), "sum mod 97", "Permutation recovery", 160),
        (Stateful(tables, lambda image: sum_of(image) % 509, 2), "sum mod 509", "substitution tables", 1400),
        (Stateful(affine, sum_of, 4), "sum", "affine over GF(2)", 450),
        (Stateful(bits_permuted, sum_of, 4), "sum", "affine over GF(2)", 1530),
        (Stateful(permuted_and_xored, lambda image: int(image.flat[50])), "sample 50", "Permutation recovery", 100),
        (Stateful(permuted_and_xored, xor_of, nonce=True), "XOR of all samples", "Permutation recovery", 24),
    ],
)
def test_ciphers_fall_inside_their_state(cipher, state, how, most) -> None:
    """The value comes from the masked header, and the image from an attack that knows of no state."""
    run = attack_target(StateClassBattery(), cipher, photograph(*SHAPE), mode="fixed" if cipher.nonce else "fresh")
    assert (run.outcome, run.score.share > 0.97) == ("recovered", True), run.result
    assert run.result.notes.startswith(f"state: {state}; value ")
    assert run.result.notes.endswith(how)
    assert run.queries.total <= most


@pytest.mark.parametrize("shape", [(7, 8), (6, 6, 3)])
def test_odd_shapes_and_colours_fall(shape) -> None:
    """By the permutation inside an XOR, also behind padding."""
    for body in (permuted_and_xored, padded):
        run = attack_target(StateClassBattery(), Stateful(body, xor_of), photograph(*shape))
        assert (run.outcome, run.score.share > 0.95) == ("recovered", True), run.result


def last_sample(image, seed, mark):
    """The last sample keys all others, and passes through a table, masked by ``mark`` of their ciphertexts."""
    rest = permuted_and_xored(image.ravel()[:-1], seed + image.tobytes()[-1:])
    last = order(seed, 256)[image.flat[-1]] ^ mark(rest)
    return np.append(rest, np.uint8(last)).reshape(image.shape)


def test_a_sample_that_shows_in_place_is_read() -> None:
    """No header: one ciphertext sample is the same for all images of the state."""
    cipher = Toy(lambda image, seed: last_sample(image, seed, lambda rest: 0))
    run = attack_target(StateClassBattery(), cipher, photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.queries.total < 400


def test_values_that_nothing_tells_are_tried() -> None:
    """All 256, each with a permutation; the image's own is the one whose guess encrypts to the challenge."""
    cipher = Toy(lambda image, seed: last_sample(image, seed, xor_of))
    run = attack_target(StateClassBattery(), cipher, photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result
    assert run.result.notes == f"state: sample 143; value {photograph(*SHAPE).flat[-1]}; Permutation recovery"
    assert run.queries.total < 1000


def test_tags_of_the_whole_image_are_no_hindrance() -> None:
    """A MAC in the header tells no state; the sample that stands in the ciphertext does."""
    cipher = Toy(lambda image, seed: last_sample(image, seed[:16], lambda rest: 0), state=lambda image: image.tobytes())
    cipher.encrypt = lambda image, key, nonce, *, secret=None: Encrypted(
        last_sample(image, key, lambda rest: 0), stream(key + image.tobytes(), 8).tobytes()
    )
    run = attack_target(StateClassBattery(), cipher, photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result


def xor_folded(image, seed):
    """The XOR of all samples keys all but the last, in whose place it stands, masked by the rest of the ciphertext."""
    state = xor_of(image)
    rest = permuted_and_xored(image.ravel()[:-1], seed + bytes([state]))
    return np.append(rest, np.uint8(state ^ xor_of(rest) ^ seed[0])).reshape(image.shape)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_hidden_values_take_several_passes(seed) -> None:
    """Above 256 samples a reserved one may hide another: guesses are confirmed with others reserved."""
    run = attack_target(StateClassBattery(), Toy(xor_folded), photograph(9, 10, 3), seed)
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result


@pytest.mark.parametrize("seed", range(20))
def test_a_state_of_one_sample_is_no_sum(seed) -> None:
    """Whichever samples are kept to adjust a sum."""
    oracle = Oracle(AttackExperiment(Toy(lambda p, k: last_sample(p, k, xor_of)), photograph(6, 8), seed), "CPA")
    state = StateFinder(oracle, np.random.default_rng(seed)).find().state
    assert state is not None
    assert state.name == "sample 47"


def test_samples_that_key_a_keystream_alone_are_found() -> None:
    """Changes never meet then, but those of one sample change everything."""

    def body(image, seed):
        place, rest = 77, np.delete(image.ravel(), 77)
        sums = rest + stream(seed + bytes([image.flat[place]]), rest.size)
        return np.insert(sums, place, order(seed, 256)[image.flat[place]]).astype(np.uint8).reshape(image.shape)

    run = attack_target(StateClassBattery(), Toy(body), photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result
    assert run.result.notes.startswith("state: sample 77; value ")


def test_states_that_nothing_tells_leak() -> None:
    """A known limit: an exact sum has too many values."""
    cipher = Toy(permuted_and_xored, state=lambda image: sum_of(image).to_bytes(4, "big"))
    run = attack_target(StateClassBattery(), cipher, photograph(*SHAPE))
    assert (run.outcome, run.result.notes) == ("leak", "state: sum; nothing tells its value in the challenge")


def test_moduli_without_a_header_are_found() -> None:
    """One more and one less leave most of the ciphertext, once a whole modulus has been added."""
    cipher = Toy(permuted_and_xored, state=lambda image: bytes([sum_of(image) % 13]))
    run = attack_target(StateClassBattery(), cipher, photograph(*SHAPE))
    assert run.result.notes.startswith("state: sum mod 13; ")


@pytest.mark.parametrize("body", [permuted_and_xored, two_ways, tables])
def test_ciphers_without_a_state_are_left_to_others(body) -> None:
    """At most ten queries: equal answers, and changes that do not meet, or that spread from anywhere."""
    run = attack_target(StateClassBattery(), Toy(body), photograph(*SHAPE))
    assert run.outcome == "n/a"
    assert run.queries.total <= 10
    assert run.result.notes.startswith("no state: ")


def test_chains_through_tables_hold() -> None:
    """Every change meets every other, whatever is kept."""
    box = order(b"box", 256).astype(int)
    body = permuted(chained(lambda p, f, k: box[p ^ f ^ k]))
    run = attack_target(
        StateClassBattery(), Toy(lambda image, seed: body(body(image, seed)[::-1], seed)), photograph(8, 9)
    )
    assert run.result.notes == "no state found"


@pytest.mark.parametrize("budget", [3, 10, 16, 19, 60])
def test_the_budget_is_kept(budget) -> None:
    """What the state's tests have shown counts even if no query is left."""
    run = attack_target(StateClassBattery(budget=budget), Stateful(two_ways, xor_of), photograph(*SHAPE))
    assert run.queries.total <= budget
    assert run.result.recovered is None
    assert run.outcome == ("leak" if budget > 13 else "n/a")


def test_tiny_images_are_not_attacked() -> None:
    """Below 32 samples, without a query."""
    run = attack_target(StateClassBattery(), Toy(ideal), photograph(3, 10))
    assert (run.outcome, run.queries.total) == ("n/a", 0)
    assert run.result.notes == "30 samples are too few, wanted 32"


@pytest.mark.parametrize("shape", [(4, 8), (6, 6), (6, 6, 3)])
def test_ideal_ciphers_hold_at_any_size(shape) -> None:
    """20 keys, no p-value below 1 in 20 after correction."""
    runs = [attack_target(StateClassBattery(), Toy(ideal), photograph(*shape), seed) for seed in range(20)]
    assert {run.outcome for run in runs} == {"holds"}
    assert min(run.result.p_value for run in runs) > 0.05
    assert {run.queries.total for run in runs} == {71}


def test_an_iv_in_the_body_is_no_leak() -> None:
    """Under a fixed nonce 16 samples never change; the others are ideal."""

    def body(image, seed):
        return np.append(ideal(image, seed), np.frombuffer(seed[16:32], np.uint8))[None]

    run = attack_target(StateClassBattery(), Toy(body, nonce=True), photograph(8, 8), mode="fixed")
    assert (run.outcome, run.result.p_value) == ("holds", 1)


def test_randomised_and_resized_ciphers_are_not_attacked() -> None:
    """Equal images must give equal ciphertexts, of one shape."""
    fresh = attack_target(StateClassBattery(), load_cipher("aes-256-siv"), photograph(8, 8), mode="fresh")
    assert (fresh.outcome, fresh.queries.total) == ("n/a", 2)

    def longer(image, seed):
        return np.append(ideal(image, seed), np.zeros(image.flat[0], np.uint8))[None]

    run = attack_target(StateClassBattery(), Toy(longer), photograph(8, 8))
    assert run.outcome == "n/a"
    assert "shape" in run.result.notes
