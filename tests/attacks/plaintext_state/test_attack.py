"""Properties of the plaintext that a cipher is keyed with are found, and their values enumerated."""

from __future__ import annotations

import hashlib
import struct
import zlib

import numpy as np
import pytest

from cryptobench.attacks.plaintext_state.attack import PlaintextState
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, ideal, order, permuted_and_xored, photograph, stream, subtracted, xored


def _sum(image):
    return bytes([int(image.sum(dtype=int)) % 256])


def _exclusive(image):
    return bytes([np.bitwise_xor.reduce(image, axis=None)])


def _by_channel(image, seed):
    planes = [np.ascontiguousarray(image[..., c]) for c in range(image.shape[2])]
    return np.stack([added(plane, seed + bytes([c]) + _sum(plane)) for c, plane in enumerate(planes)], axis=-1)


@pytest.mark.parametrize(
    ("cipher", "kept"),
    [
        (load_cipher("sum-ctr"), "sum mod 256"),
        (Toy(added, state=_exclusive), "XOR"),
        (Toy(subtracted, state=lambda image: bytes([int(image.mean())])), "rounded mean"),
        (Toy(xored, state=lambda image: bytes([round(float(image.mean()))])), "rounded mean"),
        (Toy(xored, state=lambda image: bytes([image.min(), image.max()])), "border, middle and extremes"),
        (Toy(xored, state=lambda image: bytes([image.flat[0]])), "border, middle and extremes"),
        (Toy(xored, state=lambda image: bytes([image.flat[image.size // 3 + 4]])), "border, middle and extremes"),
        (Toy(_by_channel), "sum of each channel"),
        (Toy(added, state=lambda image: bytes([zlib.crc32(image.tobytes()) % 256])), ""),
    ],
)
def test_states_of_few_values_are_recovered(cipher, kept) -> None:
    """Every sample is recovered, and the notes name the property that must be kept."""
    run = attack_target(PlaintextState(), cipher, photograph(24, 24, 3))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert kept in run.result.notes
    assert run.queries.total < 1024


def test_an_unused_nonce_hides_no_state() -> None:
    """It is in the header, fresh each time, and the keystream depends on the sum alone."""
    cipher = Toy(lambda image, seed: xored(image, seed[:16] + _sum(image)), nonce=True)
    run = attack_target(PlaintextState(), cipher, photograph(24, 24, 3))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_permutations_of_one_state_are_recovered() -> None:
    """Permutation and stream are keyed with the sum: each state has its own."""
    run = attack_target(PlaintextState(), Toy(permuted_and_xored, state=_sum), photograph(16, 16))
    assert run.outcome == "recovered"
    assert "permutation of the same state" in run.result.notes


def _total(image, width=4, order="little"):
    return (int(image.sum(dtype=int)) % 256**width).to_bytes(width, order)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (xored, _total),
        (subtracted, lambda image: b"\1" + _total(image, 3, "big")),
        (permuted_and_xored, lambda image: _total(image, 2, "big")),
        (permuted_and_xored, lambda image: struct.pack(">d", image.mean())),
        (added, lambda image: b"".join(_total(image[..., channel]) for channel in range(3))),
    ],
    ids=["sum", "sum behind a byte", "sum mod 65536", "mean", "sums of channels"],
)
def test_sums_in_the_header_need_no_enumeration(body, state) -> None:
    """Plaintexts with the challenge's sum have its keystream: all but the few samples that adjust the sum."""
    run = attack_target(PlaintextState(), Toy(body, state=state, in_header=True), photograph(16, 16, 3))
    assert run.outcome == "recovered"
    assert run.score.share > 0.95
    assert run.queries.total < 150


def _chained(image, seed):
    shuffled = image.ravel()[order(seed, image.size)]
    return np.cumsum(shuffled + stream(seed, image.size), dtype=np.uint8).reshape(image.shape)


@pytest.mark.parametrize("in_header", [False, True])
@pytest.mark.parametrize("body", [permuted_and_xored, _chained], ids=["masked", "chained"])
def test_permutations_keyed_with_the_mean_are_recovered(body, in_header: bool) -> None:
    """The mean in whole grey levels, in the header or nowhere: 256 states, each with its own permutation."""
    state = lambda image: bytes([int(image.mean())])  # noqa: E731
    run = attack_target(PlaintextState(), Toy(body, state=state, in_header=in_header), photograph(16, 16, 3))
    assert run.outcome == "recovered"
    assert run.score.share > 0.95


def test_hashed_sums_leak() -> None:
    """The control: the state is found, but no plaintext of the same state."""
    state = lambda image: hashlib.sha256(_total(image)).digest()  # noqa: E731
    run = attack_target(PlaintextState(), Toy(xored, state=state, in_header=True), photograph(16, 16))
    assert run.outcome == "leak"


def test_noisy_challenges_are_recovered_by_header() -> None:
    """Nothing is smooth, but some chosen image has the same header."""
    noise = np.random.default_rng(0).integers(0, 256, (24, 24), np.uint8)
    run = attack_target(PlaintextState(), load_cipher("sum-ctr"), noise)
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_states_of_many_values_leak() -> None:
    """A stream keyed with the whole histogram is simple while it is kept, though it cannot be enumerated."""
    state = lambda image: np.bincount(image.ravel(), minlength=256).tobytes()  # noqa: E731
    run = attack_target(PlaintextState(), Toy(xored, state=state), photograph(16, 16))
    assert run.outcome == "leak"
    assert "histogram" in run.result.notes


def test_hashed_columns_leak() -> None:
    """Keyed with the XOR of each column, hashed."""
    state = lambda image: hashlib.sha256(np.bitwise_xor.reduce(image, axis=0)).digest()  # noqa: E731
    run = attack_target(PlaintextState(), Toy(xored, state=state), photograph(16, 16))
    assert run.outcome == "leak"
    assert "XOR of each column" in run.result.notes


@pytest.mark.parametrize("name", ["add-chain", "permutation-xor", "xor-pad", "aes-256-ecb"])
def test_ciphers_without_state_are_inapplicable(name) -> None:
    """Its notes say that encryption is simple whatever changes."""
    run = attack_target(PlaintextState(), load_cipher(name), photograph(24, 24, 3))
    assert run.outcome == "n/a"
    assert "no state" in run.result.notes


def test_sound_ciphers_hold() -> None:
    """A synthetic IV from the whole image is no low-entropy state; randomised encryption has none."""
    for seed in range(6):
        assert attack_target(PlaintextState(), Toy(ideal), photograph(16, 16), seed).outcome == "holds"
    siv = attack_target(PlaintextState(), load_cipher("aes-256-siv"), photograph(16, 16), mode="fixed")
    assert siv.outcome == "holds"
    assert "randomised" in attack_target(PlaintextState(), load_cipher("aes-256-ctr"), photograph(16, 16)).result.notes


@pytest.mark.parametrize("shape", [(1, 1), (7, 7), (9, 1), (8, 8, 4)])
def test_small_and_odd_images_have_an_outcome(shape) -> None:
    """A property is omitted where no change can keep it."""
    run = attack_target(PlaintextState(), Toy(ideal), np.full(shape, 200, np.uint8))
    assert run.outcome == "holds"
