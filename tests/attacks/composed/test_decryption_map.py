"""Ciphers whose decryption is a map, of all ciphertexts or of those that share a property; others hold."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from cryptobench.attacks.composed.decryption_map.attack import DecryptionMap
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, order, photograph, stream, xored

SHAPE = (8, 8)


def permuted(x, seed):
    return x.ravel()[order(seed, x.size)].reshape(x.shape)


def restored(x, seed):
    flat = np.empty_like(x.ravel())
    flat[order(seed, x.size)] = x.ravel()
    return flat.reshape(x.shape)


def on_bits(body):
    return lambda x, seed: np.packbits(body(np.unpackbits(x), seed)).reshape(x.shape)


def tabled(x, seed):
    return order(seed + b"t", 256).astype(np.uint8)[permuted(x, seed)]


def untabled(x, seed):
    return restored(np.argsort(order(seed + b"t", 256)).astype(np.uint8)[x], seed)


def two_chains(bits, seed):
    return np.bitwise_xor.accumulate(np.bitwise_xor.accumulate(permuted(bits, seed))[::-1])


def no_chains(bits, seed):
    bits = (bits ^ np.append(np.uint8(0), bits[:-1]))[::-1]
    return restored(bits ^ np.append(np.uint8(0), bits[:-1]), seed)


def summed(x, seed):
    return np.cumsum(np.cumsum(permuted(x, seed), dtype=np.uint8)[::-1], dtype=np.uint8).reshape(x.shape)


def unsummed(x, seed):
    flat = np.diff(x.ravel(), prepend=np.uint8(0))[::-1]
    return restored(np.diff(flat, prepend=np.uint8(0)), seed).reshape(x.shape)


def mixed(bits, seed):
    """A matrix over GF(2) that is dense, as is its inverse."""
    for turn in (b"1", b"2", b"3"):
        bits = two_chains(bits, seed + turn)
        bits = bits ^ np.bitwise_xor.accumulate(np.append(np.uint8(0), bits[:-1]))
    return bits


def unmixed(bits, seed):
    for turn in (b"3", b"2", b"1"):
        out = np.empty_like(bits)
        total = np.uint8(0)
        for place, bit in enumerate(bits):
            out[place] = bit ^ total
            total ^= out[place]
        bits = no_chains(out, seed + turn)
    return bits


BITS, PERMUTED, TABLED = (on_bits(permuted), on_bits(restored)), (permuted, restored), (tabled, untabled)


def ones_of(x) -> int:
    return int(np.bitwise_count(x).sum())


def sum_of(x) -> int:
    return int(x.sum(dtype=np.int64))


def xor_of(x) -> int:
    return int(np.bitwise_xor.reduce(x, axis=None))


class Keyed(Cipher):
    """A fixed mask hides the plaintext, then a body that keeps ``state``, with which it is keyed, and shows it."""

    def __init__(self, bodies, state=lambda x: 0, *, nonce=False) -> None:
        self.card = Card(
            name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 128),), uses_nonce=nonce
        )
        self.bodies, self.state = bodies, state

    def encrypt(self, image, key, nonce, *, secret=None):
        header = nonce if self.card.uses_nonce else b""
        x = xored(image, key + header)
        return Encrypted(self.bodies[0](x, self.seed(key + header, x)), header)

    def decrypt(self, encrypted, key):
        seed = key + encrypted.header
        return xored(self.bodies[1](encrypted.image, self.seed(seed, encrypted.image)), seed)

    def seed(self, key, x):
        return key + b"%d" % self.state(x)


class WideBlock(Cipher):
    """Four rounds of Feistel's, through a hash, on the halves of all samples: every change changes everything."""

    card = Card(name="wide", title="", family="toy", fidelity="A", key=(KeyField("key", 128),), uses_nonce=False)

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(self.rounds(image, key, (0, 1, 2, 3)))

    def decrypt(self, encrypted, key):
        return self.rounds(encrypted.image, key, (3, 2, 1, 0))

    def rounds(self, image, key, turns):
        flat, half = image.ravel().copy(), image.size // 2
        for turn in turns:
            left, right = (flat[:half], flat[half:]) if turn % 2 else (flat[half:], flat[:half])
            left ^= stream(key + bytes([turn]) + hashlib.sha256(right.tobytes()).digest(), left.size)
        return flat.reshape(image.shape)


@pytest.mark.parametrize(
    ("cipher", "notes", "most"),
    [
        (Keyed(PERMUTED), "samples permuted, under a mask", 13),
        (Keyed(BITS), "bits permuted, under a mask", 38),
        (Keyed((on_bits(two_chains), on_bits(no_chains))), "sums of up to three bits", 64),
        (Keyed(TABLED), "a table for each sample", 400),
        (Keyed((summed, unsummed)), "affine over Z/256", 140),
        (Keyed((on_bits(mixed), on_bits(unmixed))), "affine over GF(2)", 560),
        (Keyed(PERMUTED, xor_of), "class: XOR of all samples; samples permuted, under a mask", 17),
        (Keyed(PERMUTED, ones_of), "class: number of ones; samples permuted, under a mask", 25),
        (Keyed(BITS, ones_of), "class: number of ones; bits permuted, under a mask", 35),
        (Keyed(PERMUTED, sum_of), "class: sum; samples permuted, under a mask", 29),
        (Keyed(PERMUTED, lambda x: sum_of(x) % 256), "class: sum mod 256; samples permuted, under a mask", 25),
        (Keyed(PERMUTED, lambda x: sum_of(x) % 97), "class: sum; samples permuted, under a mask", 29),
    ],
)
def test_maps_of_decryption_read_the_challenge(cipher, notes, most) -> None:
    """Without a nonce the map is that of every message, or of every one in the challenge's class."""
    run = attack_target(DecryptionMap(), cipher, photograph(*SHAPE))
    assert (run.outcome, run.score.share > 0.97) == ("recovered", True), run.result
    assert run.result.notes == notes
    assert run.result.claims == ("map", "malleable")
    assert run.queries.total == run.queries.decryptions <= most


def test_a_class_of_tables_takes_1280_ciphertexts() -> None:
    """Flat images are of other classes: tables are filled from random ones, to more than 99 %."""

    class Tabled(Keyed):
        """Tables after the mask, before a permutation that is keyed with what it keeps."""

        def encrypt(self, image, key, nonce, *, secret=None):
            x = order(key, 256).astype(np.uint8)[image] ^ stream(key, image.size).reshape(image.shape)
            return Encrypted(permuted(x, self.seed(key, x)))

        def decrypt(self, encrypted, key):
            x = restored(encrypted.image, self.seed(key, encrypted.image))
            return np.argsort(order(key, 256)).astype(np.uint8)[x ^ stream(key, x.size).reshape(x.shape)]

    run = attack_target(DecryptionMap(), Tabled(None, xor_of), photograph(*SHAPE))
    assert (run.outcome, run.score.share > 0.95) == ("recovered", True), run.result
    assert run.result.formula == f"1280 + {run.queries.total - 1280}"
    assert 1280 < run.queries.total < 1300


@pytest.mark.parametrize("shape", [(4, 8), (5, 7), (6, 6, 3), (16, 16)])
def test_bits_take_labels_of_equal_weight(shape) -> None:
    """1 + 2 ceil(log2 of the number of bits) decryptions beyond those that find the class, and one to confirm."""
    run = attack_target(DecryptionMap(), Keyed(BITS, ones_of), photograph(*shape))
    assert run.outcome == "recovered", run.result
    labels = 1 + 2 * int(np.ceil(np.log2(8 * np.prod(shape))))
    before = run.queries.total - labels
    assert run.result.formula == f"2 * ceil(log2(8 * N)) + 1 + {before}"
    assert before <= 21


@pytest.mark.parametrize("name", ["aes-256-ctr", "channelwise"])
def test_maps_of_one_message_are_no_more(name) -> None:
    """The challenge is read, but under its own header only; one encryption under another shows it."""
    run = attack_target(DecryptionMap(), load_cipher(name), photograph(8, 8, 3))
    assert (run.outcome, run.result.claims) == ("recovered", ("malleable",))
    assert run.queries.encryptions == 1


def test_nonces_that_do_nothing_are_no_hindrance() -> None:
    """The map reads the encryption of another image, under another header."""

    class Idle(Keyed):
        def encrypt(self, image, key, nonce, *, secret=None):
            return Encrypted(permuted(xored(image, key), key), nonce)

        def decrypt(self, encrypted, key):
            return xored(restored(encrypted.image, key), key)

    run = attack_target(DecryptionMap(), Idle(None, nonce=True), photograph(*SHAPE))
    assert (run.outcome, run.result.claims) == ("recovered", ("map", "malleable"))


def test_secrets_of_messages_end_the_map() -> None:
    """A secret that only the receiver has keys each message; nothing in the header shows it."""
    cipher = Toy(xored, xored, state=lambda image: image.tobytes()[:8], in_secret=True)
    run = attack_target(DecryptionMap(), cipher, photograph(*SHAPE))
    assert (run.outcome, run.result.claims) == ("recovered", ("malleable",))


def test_padded_cipher_images_are_read() -> None:
    """A row of the cipher image that decryption ignores."""
    cipher = Keyed((lambda x, seed: np.concatenate([permuted(x, seed), x[:1] * 0]), lambda x, s: restored(x[:-1], s)))
    cipher.decrypt = lambda e, key: xored(restored(e.image[:-1], key + b"0"), key)
    run = attack_target(DecryptionMap(), cipher, photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result


@pytest.mark.parametrize("shape", [(4, 8), (8, 8), (6, 6, 3)])
def test_wide_blocks_hold_at_any_size(shape) -> None:
    """10 keys, no p-value below 1 in 20 after correction."""
    runs = [attack_target(DecryptionMap(), WideBlock(), photograph(*shape), seed) for seed in range(10)]
    assert {run.outcome for run in runs} == {"holds"}
    assert min(run.result.p_value for run in runs) > 0.05
    assert {run.result.notes for run in runs} == {"no class of ciphertexts found"}


@pytest.mark.parametrize("name", ["aes-256-siv", "chacha20-poly1305"])
def test_rejected_ciphertexts_end_it(name) -> None:
    """One query."""
    run = attack_target(DecryptionMap(), load_cipher(name), photograph(8, 8, 3))
    assert (run.outcome, run.result.claims, run.queries.total) == ("holds", ("rejects",), 1)


def test_planes_that_mix_upwards_leak() -> None:
    """A known limit: carries are no map of these kinds; the lowest plane shows that changes do not meet."""
    run = attack_target(DecryptionMap(), load_cipher("two-way-chain"), photograph(*SHAPE))
    assert (run.outcome, run.result.recovered) == ("leak", None)


@pytest.mark.parametrize("budget", [1, 4, 12, 20, 30])
def test_the_budget_is_kept(budget) -> None:
    """What has been found until then counts."""
    run = attack_target(DecryptionMap(budget=budget), Keyed(BITS, ones_of), photograph(*SHAPE))
    assert run.queries.total <= budget
    assert run.result.recovered is None


def test_the_control_falls_in_its_class() -> None:
    """Colour and grey, with the fewest queries."""
    for shape in ((8, 8, 3), (9, 7)):
        run = attack_target(DecryptionMap(), load_cipher("sum-keyed-permutation"), photograph(*shape))
        assert (run.outcome, run.score.share > 0.98) == ("recovered", True), run.result
        assert run.queries.total < 30


def test_tiny_and_resized_images_are_not_attacked() -> None:
    """Fewer than 32 samples, or decryptions of another shape than the challenge."""
    run = attack_target(DecryptionMap(), Keyed(PERMUTED), photograph(5, 6))
    assert (run.outcome, run.queries.total) == ("n/a", 0)
    cropped = Toy(xored, lambda image, seed: image[: int(image[0, 0]) % 8 + 1])
    assert attack_target(DecryptionMap(), cropped, photograph(*SHAPE)).outcome in ("n/a", "holds")


def test_ciphertexts_refused_at_random_end_it() -> None:
    """No map, where a decryption that is needed is missing."""

    def refuse(image, seed):
        if image.flat[0] % 4 == 0:
            raise CipherError("toy: refused")
        return xored(image, seed)

    run = attack_target(DecryptionMap(), Toy(xored, refuse), photograph(*SHAPE), 3)
    assert run.result.recovered is None
