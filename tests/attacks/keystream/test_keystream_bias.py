"""Keystreams with a bias are found, and uniform ones hold."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.keystream.keystream_bias import KeystreamBias, shortest_recurrence, solve_rows, stream_tests
from cryptobench.attacks.runner import attack_target
from cryptobench.registry import load_cipher
from tests.attacks.answers import Answers
from tests.attacks.keyed_toys import Toy, added, order, photograph, stream


def few_levels(image, seed):
    return image + stream(seed, image.size).reshape(image.shape) // 16


@pytest.mark.parametrize("name", ["biased-keystream", "lsb-leak", "correlated-channels", "low-entropy-keystream"])
def test_biased_keystreams_leak(name) -> None:
    """A bias of 1 %, a bit plane left out, equal channels and few values are found, at half a million bits."""
    run = attack_target(KeystreamBias(), load_cipher(name), photograph(32, 32, 3))
    assert run.outcome == "leak"
    assert run.queries.total == run.queries.known == 22  # 22 x 3072 x 8 bits


def tent(image, seed):
    """Leading bytes of an orbit of the skew tent map, which are uniform."""
    x, mask = (1 + int.from_bytes(stream(seed, 6).tobytes(), "big")) / (2**48 + 2), np.empty(image.size, np.uint8)
    for place in range(image.size):
        x = x / 0.31 if x < 0.31 else (1 - x) / 0.69
        mask[place] = int(256 * x) % 256
    return image ^ mask.reshape(image.shape)


def exclusive_register(image, seed, bitorder="big"):
    """The same bits, of a register of length 23 or so, by XOR."""
    bits = np.unpackbits(np.resize(stream(seed, 3), image.size))
    for place in range(23, bits.size):
        bits[place] = bits[place - 23] ^ bits[place - 18]
    return image ^ np.packbits(bits, bitorder=bitorder).reshape(image.shape)


@pytest.mark.parametrize("shape", [(32, 33), (20, 20, 3)])
@pytest.mark.parametrize("bitorder", ["big", "little"])
def test_shift_registers_are_solved_for(bitorder, shape) -> None:
    """Each message has its own state; that of the challenge follows from neighbours that are mostly alike."""
    cipher = Toy(lambda image, seed: exclusive_register(image, seed, bitorder), nonce=True)
    run = attack_target(KeystreamBias(bits=1 << 12), cipher, photograph(*shape))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)
    assert run.result.notes.endswith("solved for the state of a shift register")


def test_long_registers_are_solved_for() -> None:
    """A hundred bits, by a region of the image that has no edge; sparse feedback leaves others that nearly fit."""

    def body(image, seed):
        bits = np.unpackbits(stream(seed, 13))[:100].tolist()
        for place in range(100, 8 * image.size):
            bits.append(bits[place - 100] ^ bits[place - 63])
        return image ^ np.packbits(np.array(bits, np.uint8)).reshape(image.shape)

    run = attack_target(KeystreamBias(bits=1 << 12), Toy(body, nonce=True), photograph(32, 32, 3))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


def test_states_behind_noise_are_not_guessed() -> None:
    """Of an image whose neighbours have nothing in common no state is the right one: the leak is found."""
    noise = np.random.default_rng(0).integers(0, 256, (32, 32), np.uint8)
    run = attack_target(KeystreamBias(bits=1 << 12), Toy(exclusive_register, nonce=True), noise)
    assert (run.outcome, run.result.recovered) == ("leak", None)


def test_shortest_recurrences_are_exact() -> None:
    """Those of made sequences, with their feedback; of a one after zeros, all of them; of zeros, none."""
    for length, feedback in ((5, 0b100101), (9, 0b1000010001), (31, 1 << 31 | 1 << 3 | 1)):
        bits = [1] * length
        for _ in range(4 * length):
            bits.append(sum(bits[-i] for i in range(1, length + 1) if feedback >> i & 1) % 2)
        assert shortest_recurrence(bits) == (feedback, length)
    assert shortest_recurrence([0] * 20) == (1, 0)
    assert shortest_recurrence([0] * 19 + [1])[1] == 20


@pytest.mark.parametrize("unknowns", [1, 7, 40])
def test_equations_are_solved(unknowns: int) -> None:
    """As many as needed of random ones, the first that are independent."""
    generator = np.random.default_rng(unknowns)
    state = int.from_bytes(generator.bytes(8), "big") & (1 << unknowns) - 1
    rows = [int.from_bytes(generator.bytes(8), "big") & (1 << unknowns) - 1 for _ in range(3 * unknowns + 20)]
    assert solve_rows([row | ((row & state).bit_count() & 1) << unknowns for row in rows], unknowns) == state


def sorted_sequence(image, seed):
    """The order of a sequence's values, mod 256: every byte equally often."""
    return image ^ (order(seed, image.size) % 256).astype(np.uint8).reshape(image.shape)


def register(image, seed):
    """Bits of a shift register of length 89."""
    bits = np.unpackbits(np.resize(stream(seed, 12), image.size))
    for place in range(89, bits.size):
        bits[place] = bits[place - 89] ^ bits[place - 38]
    return image + np.packbits(bits).reshape(image.shape)


@pytest.mark.parametrize(
    ("body", "test"),
    [
        (tent, "upper nibbles at lag 1"),
        (register, "linear complexity of"),
        (sorted_sequence, "evenness of byte frequency"),
    ],
)
def test_predictable_keystreams_of_uniform_bytes_leak(body, test) -> None:
    """The next byte of a map in the interval, and the next bit of a shift register, under nonces that are fresh."""
    run = attack_target(KeystreamBias(bits=1 << 16), Toy(body, nonce=True), photograph(32, 40))
    assert run.outcome == "leak"
    assert run.result.statistic_name.startswith(test)


def test_few_keystream_values_recover_their_share() -> None:
    """Added numbers of four bits: one sample in 16 is guessed, and the combiner is found."""
    run = attack_target(KeystreamBias(), Toy(few_levels, nonce=True), photograph(33, 47))
    assert run.outcome == "leak"
    assert 0.04 < run.score.share < 0.09


def test_good_keystreams_hold() -> None:
    """AES-256-CTR and a sum with a uniform keystream, under fresh nonces and ten keys each, at awkward shapes."""
    for cipher in (load_cipher("aes-256-ctr"), Toy(added, nonce=True)):
        for seed, shape in enumerate([(1, 37), (9, 7, 3), (16, 16)] * 3):
            assert attack_target(KeystreamBias(bits=1 << 14), cipher, photograph(*shape), seed).outcome == "holds"


def test_p_values_are_calibrated() -> None:
    """Of uniform bytes, no more p-values are below alpha than that share, within five standard deviations."""
    generator = np.random.default_rng(1)
    sets = [generator.integers(0, 256, shape, np.uint8) for shape in [(6, 400), (2, 1500)] for _ in range(40)]
    p_values = np.array([p for one in sets for _, _, p in stream_tests(one, 20)])
    for alpha in (0.1, 0.01, 0.001):
        allowed = alpha * p_values.size + 5 * np.sqrt(alpha * p_values.size)
        assert np.sum(p_values < alpha) < allowed


def test_a_bias_of_a_place_is_found() -> None:
    """Keystreams that are uniform over all places, but not at each: every place has a preferred bit."""
    generator = np.random.default_rng(2)
    preferred = generator.integers(0, 2, (1, 4000), np.uint8)
    flips = (generator.random((32, 4000)) < 0.35).astype(np.uint8)
    uniform = generator.integers(0, 128, (32, 4000), np.uint8) << 1
    found = {name: p for name, _, p in stream_tests(uniform | preferred ^ flips, 40)}
    assert found["ones at each place"] < 1e-12
    assert found["ones in all planes"] > 1e-6


def test_equal_plaintexts_count_once() -> None:
    """A sound cipher that takes no nonce encrypts them equally, and that is no bias of its keystream."""
    plains, cipher_images = np.random.default_rng(4).integers(0, 256, (2, 4, 12, 12), np.uint8)
    known = [(plain, image) for plain, image in zip(plains, cipher_images, strict=True) for _ in range(2)]
    attack = KeystreamBias(bits=8 * 8 * 144)
    result = attack.run(Answers((12, 12), known=known), np.random.default_rng(1))
    assert result.p_value > 1e-6
    assert result.numbers["keystream_bytes"] == 4 * 144
