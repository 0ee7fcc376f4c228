"""Secret tables and permutations between public maps, one of them linear; without such maps, nothing is found."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cryptobench.attacks.composed.keyed_core.attack import KeyedCore
from cryptobench.attacks.runner import attack_target
from cryptobench.cipher import Card, Cipher, CipherError, Encrypted, KeyField
from cryptobench.registry import load_cipher
from tests.attacks.keyed_toys import Toy, ideal, order, photograph, stream, xored

SHAPE = (8, 8)


def both(one_way):
    """A map of flat images, then the same from the last sample to the first."""
    return lambda flat: one_way(one_way(flat)[::-1])[::-1]


def back(one_way):
    """The inverse of `both`, from that of its part."""
    return lambda flat: one_way(one_way(flat[::-1])[::-1])


def xor_sums(flat):
    return np.bitwise_xor.accumulate(flat)


def xor_steps(flat):
    return flat ^ np.append(np.uint8(0), flat[:-1])


def sums(flat):
    return np.cumsum(flat, dtype=np.uint8)


def steps(flat):
    return np.diff(flat, prepend=np.uint8(0))


def products(flat):
    """Running products of x + 1 modulo 257."""
    out, product = np.empty_like(flat), 1
    for place, sample in enumerate(flat.tolist()):
        product = product * (sample + 1) % 257
        out[place] = product - 1
    return out


def quotients(flat):
    whole = [1, *(flat.astype(int) + 1).tolist()]
    return np.array([b * pow(a, -1, 257) % 257 - 1 for a, b in pairwise(whole)], np.uint8)


def turned(flat):
    """Each sample XOR its rotated predecessor, which mixes bits."""
    out = flat.copy()
    for place in range(1, out.size):
        out[place] ^= np.uint8((int(out[place - 1]) << 1 | int(out[place - 1]) >> 7) & 255)
    return out


def turned_back(flat):
    before = np.append(np.uint8(0), flat[:-1])
    return flat ^ (before << np.uint8(1) | before >> np.uint8(7))


def rows_and_columns(flat):
    square = flat.reshape(int(flat.size**0.5), -1)
    return np.cumsum(np.cumsum(square, 0, dtype=np.uint8), 1, dtype=np.uint8).ravel()


def no_rows_and_columns(flat):
    square = flat.reshape(int(flat.size**0.5), -1)
    return np.diff(np.diff(square, axis=1, prepend=np.uint8(0)), axis=0, prepend=np.uint8(0)).ravel()


XORS = (both(xor_sums), back(xor_steps))
SUMS = (both(sums), back(steps))
STEPS = (back(steps), both(sums))
XOR_STEPS = (back(xor_steps), both(xor_sums))
PRODUCTS, TURNED, SQUARE = (products, quotients), (turned, turned_back), (rows_and_columns, no_rows_and_columns)
NONE = (np.copy, np.copy)


class Enclosed(Cipher):
    """after(T[before(p) permuted, XOR keystream]); the order and T can be left out."""

    def __init__(self, before, after, *, ordered=True, tabled=True, nonce=False) -> None:
        self.card = Card(
            name="toy", title="", family="toy", fidelity="A", key=(KeyField("key", 128),), uses_nonce=nonce
        )
        self.before, self.after, self.ordered, self.tabled = before, after, ordered, tabled

    def parts(self, seed, size):
        identity = np.arange(max(size, 256))
        return (order(seed, size) if self.ordered else identity[:size]), (
            (order(seed + b"t", 256) if self.tabled else identity[:256]).astype(np.uint8)
        )

    def encrypt(self, image, key, nonce, *, secret=None):
        header = nonce if self.card.uses_nonce else b""
        places, table = self.parts(key + header, image.size)
        inner = table[self.before[0](image.ravel())[places] ^ stream(key + header, image.size)]
        return Encrypted(self.after[0](inner).reshape(image.shape), header)

    def decrypt(self, encrypted, key):
        samples = self.after[1](encrypted.image.ravel())
        places, table = self.parts(key + encrypted.header, samples.size)
        inner = np.argsort(table).astype(np.uint8)[samples] ^ stream(key + encrypted.header, samples.size)
        mixed = np.empty_like(inner)
        mixed[places] = inner
        return self.before[1](mixed).reshape(encrypted.image.shape)


def boxed(flat):
    """A chain through a public table."""
    box, out, last = order(b"public", 256).tolist(), np.empty_like(flat), 7
    for place, sample in enumerate(flat.tolist()):
        last = box[sample ^ last]
        out[place] = last
    return out


def unboxed(flat):
    return np.argsort(order(b"public", 256)).astype(np.uint8)[flat] ^ np.append(np.uint8(7), flat[:-1])


BOXED = (both(boxed), back(unboxed))


@pytest.mark.parametrize(
    ("before", "after", "notes"),
    [
        (XORS, STEPS, "map over XOR, before"),
        (SUMS, XORS, "map over addition, before"),
        (SUMS, NONE, "map over addition, before"),
        (BOXED, SUMS, "map over addition, after"),
        (PRODUCTS, BOXED, "map over multiplication of x + 1 mod 257, before"),
        (TURNED, BOXED, "map over XOR, before"),
        (BOXED, SQUARE, "map over addition, after"),
        (STEPS, BOXED, "map over addition, before"),
        (BOXED, XOR_STEPS, "map over XOR, after"),
    ],
)
def test_tables_between_public_maps_are_read(before, after, notes) -> None:
    """256 + ceil(log256 N) queries, five before by which permutations are tried, and one to confirm. One map has to be
    linear, in some group; the other one cancels."""
    run = attack_target(KeyedCore(), Enclosed(before, after), photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result
    assert run.result.notes == f"{notes} the keyed part; Permutation and substitution tables"
    assert run.queries.total == run.queries.encryptions == 263
    assert run.result.formula == "256 + ceil(log256(N)) + 6"
    assert run.result.numbers["offline_encryptions"] < 3000


@pytest.mark.parametrize(
    ("before", "after", "notes", "most"),
    [
        (BOXED, NONE, "map over XOR, after the keyed part; Permutation recovery", 3),
        (BOXED, XORS, "map over XOR, after the keyed part; Bit-plane lifting", 360),
        (BOXED, TURNED, "map over XOR, after the keyed part; Codebook by elimination", 880),
    ],
)
def test_linear_keyed_parts_are_read(before, after, notes, most) -> None:
    """A mask and a permutation, with whatever is linear after them: every change is on a line then."""
    run = attack_target(KeyedCore(), Enclosed(before, after, tabled=False), photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result
    assert run.result.notes == notes
    assert run.queries.total <= most


def test_keyed_parts_that_permute_nothing_are_read() -> None:
    """One line does not lead to the others then: changes are moved over the image, and cut off at its edges."""
    run = attack_target(KeyedCore(), Enclosed(XORS, SUMS, ordered=False), photograph(*SHAPE))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result


@pytest.mark.parametrize("shape", [(5, 13), (6, 6, 3)])
def test_odd_shapes_and_colours_fall(shape) -> None:
    """The control, with 64 samples or more, as its tables need."""
    run = attack_target(KeyedCore(), load_cipher("enclosed-tables"), photograph(*shape))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result


def test_larger_images_start_from_small_ones() -> None:
    """The change that works at 8x8 is moved to the middle of a larger image."""
    run = attack_target(KeyedCore(), Enclosed(XORS, STEPS), photograph(9, 11))
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result


def test_a_nonce_ends_it_unless_it_is_fixed() -> None:
    """Chosen plaintexts then meet other permutations and tables than the challenge's."""
    cipher = Enclosed(XORS, STEPS, nonce=True)
    assert attack_target(KeyedCore(), cipher, photograph(*SHAPE), mode="fixed").outcome == "recovered"
    run = attack_target(KeyedCore(), cipher, photograph(*SHAPE), mode="fresh")
    assert (run.outcome, run.result.notes) == (
        "n/a", "encryption is randomised: every message has its own keyed part"
    )  # fmt: skip


def test_nonces_that_do_nothing_are_no_hindrance() -> None:
    """They stand in the header, and every message has the same keyed part."""

    class Idle(Enclosed):
        def parts(self, seed, size):
            return super().parts(seed[:16], size)

        def encrypt(self, image, key, nonce, *, secret=None):
            places, table = self.parts(key, image.size)
            inner = table[self.before[0](image.ravel())[places] ^ stream(key, image.size)]
            return Encrypted(self.after[0](inner).reshape(image.shape), nonce)

        def decrypt(self, encrypted, key):
            return super().decrypt(Encrypted(encrypted.image), key)

    run = attack_target(KeyedCore(), Idle(XORS, STEPS, nonce=True), photograph(*SHAPE), mode="fresh")
    assert (run.outcome, run.score.share) == ("recovered", 1.0), run.result


def test_maps_of_blocks_are_not_found() -> None:
    """A known limit: no simple change of either end is one sample between maps that add the sum of each block."""

    def blocks(flat):
        eights = flat.reshape(-1, 8)
        return (eights + 2 * eights.sum(1, dtype=np.uint8)[:, None]).ravel()

    def no_blocks(flat):
        eights = flat.reshape(-1, 8)
        return (eights - np.uint8(2 * 241 % 256) * eights.sum(1, dtype=np.uint8)[:, None]).ravel()

    run = attack_target(KeyedCore(), Enclosed((blocks, no_blocks), (blocks, no_blocks)), photograph(*SHAPE))
    assert (run.outcome, run.queries.total) == ("holds", 0)
    assert run.result.notes == "no public map around a keyed part is found"


def test_bits_that_mix_limit_the_size() -> None:
    """More than 512 samples: 4096 bits."""
    run = attack_target(KeyedCore(), Enclosed(TURNED, BOXED), photograph(23, 23))
    assert (run.outcome, run.queries.total) == ("holds", 0)
    assert run.result.notes == "a public map mixes the bits of more samples than can be solved for"


@pytest.mark.parametrize("name", ["aes-256-siv", "chacha20-poly1305", "aes-256-ecb"])
def test_ciphers_without_public_maps_hold(name) -> None:
    """No query: all is found out under keys of one's own."""
    run = attack_target(KeyedCore(), load_cipher(name), photograph(8, 8, 3), mode="fixed")
    assert (run.outcome, run.result.p_value, run.queries.total) == ("holds", 1, 0)


@pytest.mark.parametrize("seed", range(3))
def test_ideal_ciphers_hold(seed) -> None:
    """Also one that decrypts, sample by sample, under a state that every sample changes."""
    run = attack_target(KeyedCore(), Toy(ideal, ideal), photograph(6, 6), seed)
    assert (run.outcome, run.queries.total) == ("holds", 0)


def test_other_shapes_and_refusals_are_no_hindrance() -> None:
    """Cipher images of another shape; decryption that refuses; too many samples. Small images may be refused."""
    longer = Toy(lambda image, seed: np.concatenate([xored(image, seed), image[:1] * 0]))
    assert attack_target(KeyedCore(), longer, photograph(*SHAPE)).outcome == "n/a"
    assert attack_target(KeyedCore(), Toy(ideal), photograph(*SHAPE)).outcome == "holds"
    run = attack_target(KeyedCore(), Toy(ideal, ideal), photograph(32, 33))
    assert (run.outcome, run.result.notes) == ("n/a", "1056 samples are too many, wanted at most 1024")

    def large_only(image, seed):
        if image.size < 100:
            raise CipherError("toy: image is too small")
        return xored(image, seed)

    run = attack_target(KeyedCore(), Toy(large_only, large_only), photograph(10, 11))
    assert (run.outcome, run.score.share) == ("recovered", 1.0)


@pytest.mark.parametrize("budget", [1, 260])
def test_the_budget_is_kept(budget) -> None:
    """Nothing is recovered with fewer queries than it takes."""
    run = attack_target(KeyedCore(budget=budget), load_cipher("enclosed-tables"), photograph(*SHAPE))
    assert run.queries.total <= budget
    assert run.result.recovered is None
