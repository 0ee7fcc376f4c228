"""Properties of the plaintext that a cipher is keyed with are found, and walked through until the challenge opens."""

from __future__ import annotations

import hashlib
import struct
import zlib

import numpy as np
import pytest

from cryptobench.attacks.plaintext_state.attack import PlaintextState
from cryptobench.attacks.runner import play
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, added, ideal, moved_and_xored, order, photograph, stream, subtracted, xored


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
        (Toy(xored, state=lambda image: bytes([image.min(), image.max()])), "border, middle and extremes"),
        (Toy(xored, state=lambda image: bytes([image.flat[0]])), "border, middle and extremes"),
        (Toy(xored, state=lambda image: bytes([image.flat[image.size // 3 + 4]])), "border, middle and extremes"),
        (Toy(_by_channel), "sum of each channel"),
        (Toy(added, state=lambda image: bytes([zlib.crc32(image.tobytes()) % 256])), ""),
    ],
)
def test_states_of_few_values_are_found_and_opened(cipher, kept) -> None:
    """Every sample is recovered and the property that must be kept is among those named."""
    played = play(PlaintextState(), cipher, photograph(24, 24, 3))
    assert (played.verdict, played.score.share) == ("broken", 1.0)
    assert kept in played.result.notes
    assert played.queries.total < 1024


def test_a_nonce_that_is_not_used_hides_no_state() -> None:
    """It stands in the header, fresh each time, and the keystream depends on the sum alone."""
    cipher = Toy(lambda image, seed: xored(image, seed[:16] + _sum(image)), nonce=True)
    played = play(PlaintextState(), cipher, photograph(24, 24, 3))
    assert (played.verdict, played.score.share) == ("broken", 1.0)


def test_a_permutation_inside_the_class_is_recovered() -> None:
    """Permutation and stream are keyed with the sum: each state has its own."""
    played = play(PlaintextState(), Toy(moved_and_xored, state=_sum), photograph(16, 16))
    assert played.verdict == "broken"
    assert "permutation inside the class" in played.result.notes


def _total(image, width=4, order="little"):
    return (int(image.sum(dtype=int)) % 256**width).to_bytes(width, order)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (xored, _total),
        (subtracted, lambda image: b"\1" + _total(image, 3, "big")),
        (moved_and_xored, lambda image: _total(image, 2, "big")),
        (moved_and_xored, lambda image: struct.pack(">d", image.mean())),
        (added, lambda image: b"".join(_total(image[..., channel]) for channel in range(3))),
    ],
    ids=["sum", "sum behind a byte", "sum mod 65536", "mean", "sums of channels"],
)
def test_sums_in_the_header_need_no_walk(body, state) -> None:
    """Plaintexts of the challenge's sum have its keystream: all but the few samples that make up the sum are read."""
    played = play(PlaintextState(), Toy(body, state=state, shown=True), photograph(16, 16, 3))
    assert played.verdict == "broken"
    assert played.score.share > 0.95
    assert played.queries.total < 150


def _chained(image, seed):
    moved = image.ravel()[order(seed, image.size)]
    return np.cumsum(moved + stream(seed, image.size), dtype=np.uint8).reshape(image.shape)


@pytest.mark.parametrize("shown", [False, True])
@pytest.mark.parametrize("body", [moved_and_xored, _chained], ids=["masked", "chained"])
def test_permutations_keyed_with_the_mean_are_recovered(body, shown: bool) -> None:
    """The mean in whole grey levels, in the header or nowhere: 256 states, each with its own permutation."""
    state = lambda image: bytes([int(image.mean())])  # noqa: E731
    played = play(PlaintextState(), Toy(body, state=state, shown=shown), photograph(16, 16, 3))
    assert played.verdict == "broken"
    assert played.score.share > 0.95


def test_hashed_sums_leak() -> None:
    """The control: the class is found, and no plaintext of it."""
    state = lambda image: hashlib.sha256(_total(image)).digest()  # noqa: E731
    played = play(PlaintextState(), Toy(xored, state=state, shown=True), photograph(16, 16))
    assert played.verdict == "leak"


def test_a_noisy_challenge_opens_by_its_header() -> None:
    """Nothing is smooth, but some chosen image has the same header."""
    noise = np.random.default_rng(0).integers(0, 256, (24, 24), np.uint8)
    played = play(PlaintextState(), load_cipher("sum-ctr"), noise)
    assert (played.verdict, played.score.share) == ("broken", 1.0)


def test_states_of_many_values_leak() -> None:
    """A stream keyed with the whole histogram is simple while it is kept, though it cannot be walked through."""
    state = lambda image: np.bincount(image.ravel(), minlength=256).tobytes()  # noqa: E731
    played = play(PlaintextState(), Toy(xored, state=state), photograph(16, 16))
    assert played.verdict == "leak"
    assert "histogram" in played.result.notes


def test_columns_that_are_kept_leak() -> None:
    """Keyed with the XOR of each column, hashed."""
    state = lambda image: hashlib.sha256(np.bitwise_xor.reduce(image, axis=0)).digest()  # noqa: E731
    played = play(PlaintextState(), Toy(xored, state=state), photograph(16, 16))
    assert played.verdict == "leak"
    assert "XOR of each column" in played.result.notes


@pytest.mark.parametrize("name", ["add-chain", "permutation-xor", "xor-pad", "aes-256-ecb"])
def test_ciphers_without_state_are_not_its_business(name) -> None:
    """It says that whatever changes, encryption stays simple."""
    played = play(PlaintextState(), load_cipher(name), photograph(24, 24, 3))
    assert played.verdict == "none"
    assert "no state" in played.result.notes


def test_sound_ciphers_hold() -> None:
    """A synthetic IV from the whole image is no low-entropy state; random encryption cannot be walked through."""
    for seed in range(6):
        assert play(PlaintextState(), Toy(ideal), photograph(16, 16), seed).verdict == "holds"
    assert play(PlaintextState(), load_cipher("aes-256-siv"), photograph(16, 16), mode="misuse").verdict == "holds"
    assert "randomised" in play(PlaintextState(), load_cipher("aes-256-ctr"), photograph(16, 16)).result.notes


@pytest.mark.parametrize("shape", [(1, 1), (7, 7), (9, 1), (8, 8, 4)])
def test_small_and_odd_images_end_in_a_verdict(shape) -> None:
    """Where there is no room for a change that keeps a property, that property is left out."""
    played = play(PlaintextState(), Toy(ideal), np.full(shape, 200, np.uint8))
    assert played.verdict == "holds"
