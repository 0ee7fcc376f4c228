"""The challenge's value of a state, where its header says less than that, or nothing."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from cryptobench.attacks.composed.state_class.attack import StateClassBattery
from cryptobench.attacks.composed.state_class.header_class import HeaderClass
from cryptobench.attacks.composed.state_class.state_classes import Unreachable
from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import Oracle
from cryptobench.attacks.runner import attack_target
from tests.attacks.keyed_toys import Toy, order, permuted_and_xored, photograph, stream, xored

SHAPE = (8, 8)
FLAT = np.full(SHAPE, 7, np.uint8)


def sum_of(image) -> bytes:
    return int(image.sum(dtype=np.int64)).to_bytes(4, "big")


def ones_of(image) -> bytes:
    return int(np.bitwise_count(image).sum()).to_bytes(4, "big")


def mean_of(image) -> bytes:
    return bytes([round(float(image.mean()))])


def tables(image, seed):
    box = np.argsort(stream(seed + b"box", 256), kind="stable").astype(np.uint8)
    places = np.argsort(stream(seed, image.size), kind="stable")
    return box[image.ravel()[places] ^ stream(seed + b"mask", image.size)].reshape(image.shape)


def masked_permutation(image, seed):
    """The permutation is keyed with the state, the mask with the key alone."""
    return image.ravel()[order(seed, image.size)].reshape(image.shape) + stream(seed[:16], image.size).reshape(SHAPE)


def masked_bits(image, seed):
    bits = np.unpackbits(image)[order(seed, 8 * image.size)]
    return np.packbits(bits).reshape(image.shape) ^ stream(seed[:16], image.size).reshape(image.shape)


def test_means_in_headers_tell_a_sum() -> None:
    """Rounded, in clear: a flat image with the challenge's header has a sum of the same state, in which random images
    give the tables."""
    run = attack_target(StateClassBattery(), Toy(tables, state=mean_of, in_header=True), photograph(*SHAPE))
    assert run.outcome == "recovered"
    assert run.result.notes.startswith("state: sum; ")
    assert "; tables" in run.result.notes


@pytest.mark.parametrize(
    ("body", "state", "name"), [(masked_permutation, sum_of, "sum"), (masked_bits, ones_of, "number of ones")]
)
def test_values_behind_a_mask_are_read(body, state, name) -> None:
    """No header: permutations keep the value, and E(0) is the mask in front of it."""
    run = attack_target(StateClassBattery(), Toy(body, state=state), photograph(*SHAPE))
    assert run.outcome == "recovered"
    assert run.result.notes.startswith(f"state: {name}; ")


def chain_of_extremes(image, seed):
    """Permutation, and p + k chained by XOR."""
    masked = image.ravel()[order(seed, image.size)] + stream(seed, image.size)
    return np.bitwise_xor.accumulate(masked).reshape(image.shape)


def masked_extremes(image) -> bytes:
    return bytes([image.max() ^ np.uint8(0x35), image.min() ^ np.uint8(0xB1)])


def test_extremes_in_headers_tell_a_state() -> None:
    """Masked; random images between the same extremes give the permutation, and its mask, behind a chain."""
    cipher = Toy(chain_of_extremes, state=masked_extremes, in_header=True)
    run = attack_target(StateClassBattery(), cipher, photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.result.notes.startswith("state: greatest and least sample; ")


def weighted_squares(image) -> bytes:
    """No property that is looked for, of 11 values."""
    return bytes([int((image.ravel().astype(np.int64) ** 2 * np.arange(1, image.size + 1)).sum()) % 11])


@pytest.mark.parametrize("body", [permuted_and_xored, chain_of_extremes])
def test_few_headers_tell_any_state(body) -> None:
    """Random images are encrypted until 128 have the challenge's header: a permutation behind a mask, or a chain."""
    run = attack_target(StateClassBattery(), Toy(body, state=weighted_squares, in_header=True), photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.result.notes == "state: few headers; permutation behind a mask"
    assert run.queries.total < 71 + 96 + 2 * 128 * 11


def test_many_headers_end_the_search() -> None:
    """Those of random images do not recur: 96 queries more, and no image."""
    cipher = Toy(permuted_and_xored, state=lambda image: zlib.crc32(image.tobytes()).to_bytes(4, "big"), in_header=True)
    run = attack_target(StateClassBattery(), cipher, photograph(*SHAPE))
    assert (run.result.recovered, run.queries.total) == (None, 71 + 96)


def test_headers_of_other_images_end_the_search() -> None:
    """Of a flat image, whose extremes no random image has: 4096 in vain."""
    oracle = Oracle(AttackExperiment(Toy(xored, state=lambda x: bytes([int(x.max() < 200)]), in_header=True), FLAT))
    with pytest.raises(Unreachable):
        HeaderClass(oracle).random_pair(np.random.default_rng(0))
    assert oracle.queries.total == 4096


def test_masks_of_the_state_hide_it() -> None:
    """The control: a mask that is keyed with the sum too."""
    run = attack_target(StateClassBattery(), Toy(permuted_and_xored, state=sum_of), photograph(*SHAPE))
    assert (run.outcome, run.result.recovered) == ("leak", None)
