"""The challenge's value of a state, where its header says less than that, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.composed.state_class.attack import StateClassBattery
from cryptobench.attacks.runner import attack_target
from tests.attacks.keyed_toys import Toy, order, permuted_and_xored, photograph, stream

SHAPE = (8, 8)


def sum_of(image) -> bytes:
    return int(image.sum(dtype=np.int64)).to_bytes(4, "big")


def ones_of(image) -> bytes:
    return int(np.bitwise_count(image).sum()).to_bytes(4, "big")


def mean_of(image) -> bytes:
    return bytes([round(float(image.mean()))])


def tables(image, seed):
    box = order(seed + b"box", 256).astype(np.uint8)
    return box[permuted_and_xored(image, seed)]


def masked_permutation(image, seed):
    """The permutation is keyed with the state, the mask with the key alone."""
    return image.ravel()[order(seed, image.size)].reshape(image.shape) + stream(seed[:16], image.size).reshape(SHAPE)


def masked_bits(image, seed):
    bits = np.unpackbits(image)[order(seed, 8 * image.size)]
    return np.packbits(bits).reshape(image.shape) ^ stream(seed[:16], image.size).reshape(image.shape)


def test_means_in_headers_tell_a_sum() -> None:
    """Rounded, in clear: a flat image with the challenge's header has a sum of the same state."""
    run = attack_target(StateClassBattery(), Toy(tables, state=mean_of, in_header=True), photograph(*SHAPE))
    assert run.outcome == "recovered"
    assert run.result.notes.startswith("state: sum; ")


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


def test_masks_of_the_state_hide_it() -> None:
    """The control: a mask that is keyed with the sum too."""
    run = attack_target(StateClassBattery(), Toy(permuted_and_xored, state=sum_of), photograph(*SHAPE))
    assert (run.outcome, run.result.recovered) == ("leak", None)
