"""Keystream bias: are the keystreams of many messages uniform and independent?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Mode, Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.combiners import BYTE_COMBINERS, Combiner
from cryptobench.attacks.tools.shapes import OTHER_SHAPE
from cryptobench.cipher import Image
from cryptobench.metrics.randomness.bits import as_bits
from cryptobench.metrics.randomness.complexity import linear_complexities
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["KeystreamBias", "shortest_recurrence", "solve_rows", "stream_tests"]

_GUESSABLE = 7.0  # bits of entropy of a keystream byte, above which a guess is hardly ever right
_LAGS = (*range(1, 17), 24, 32, 48, 64)
_SUCCESSORS = (1, 2, 3)  # samples apart, whose upper halves are tested together
_EXPECTED = 5  # of a class in a chi-square test
_REGISTER = 1 << 10  # bits in which a linear recurrence is looked for
_PLANES = np.arange(8, dtype=np.uint8)
_LONGEST, _OBEYED = 128, 1 << 12  # bits of a recurrence that is solved for; bits in which it is confirmed
_MOST_SAMPLES = 1 << 13  # of the challenge, whose highest bits give equations
_DRAWS, _MORE = 2048, 512  # places in the image from around which equations are taken; after one that fits
StreamTest = tuple[str, float, float]  # name, how far off (standard deviations or shares), p-value


@dataclass(frozen=True)
class KeystreamBias(Attack):
    """Pools C XOR P, C - P and C + P of known pairs under fresh nonces, and C itself: are they uniform and independent?

    It tests byte frequencies, ones in each bit plane and at each place, bytes that recur at the same place of the
    next message, and equal bytes and bits at lags of up to 64 samples and 64 rows. The p-value is corrected for all
    of them. ``bits`` is the number of keystream bits, in 2 to ``most_pairs`` messages: half a million show a
    bias of 1 % by 14 standard deviations.

    A bias accumulates over many encryptions of one image, but there is only one of the challenge. Where a keystream
    byte has less than 7 bits of entropy, each sample is guessed with the commonest byte, which is right as often as
    that byte occurs: a leak, never a recovery. Where all keystreams obey one linear recurrence of up to 128 bits and
    are XORed, the challenge's is solved for, since the highest bits of neighbours are mostly equal.
    """

    name: ClassVar[str] = "keystream_bias"
    title: ClassVar[str] = "Keystream bias"
    model: ClassVar[Model] = "KPA"
    modes: ClassVar[tuple[Mode, ...]] = ("fresh",)
    formula: ClassVar[str] = "1 + ceil(65536 / N)"

    bits: int = 1 << 19
    most_pairs: int = 64

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        wanted = min(self.most_pairs, max(2, -(-self.bits // (8 * oracle.samples))))
        plains, cipher_images = _pairs(oracle, wanted)
        if len(plains) == 0:
            return AttackResult.inapplicable(OTHER_SHAPE)
        row = int(np.prod(oracle.shape[1:]))
        found: list[tuple[Combiner | None, StreamTest]] = []
        for combiner in (*BYTE_COMBINERS, None):
            streams = cipher_images if combiner is None else combiner.mask(cipher_images, plains)
            found += [(combiner, test) for test in stream_tests(streams, row)]
        # Of tests with p-value zero, the one with the greatest effect.
        combiner, (name, effect, least) = min(found, key=lambda one: (one[1][2], -abs(one[1][1])))
        p_value = min(1.0, least * len(found))
        recovered, notes = None, ""
        if p_value < LEAK_LEVEL:
            notes = f"{name} of {'c' if combiner is None else combiner.equation}: {effect:+.4f}"
            chances = {one: _chances(one.mask(cipher_images, plains)) for one in BYTE_COMBINERS}
            combiner = min(chances, key=lambda one: _entropy(chances[one]))
            entropy = _entropy(chances[combiner])
            notes += f"; {entropy:.2f} bits of entropy in a keystream byte"
            if entropy < _GUESSABLE:
                usual = np.full_like(oracle.challenge.image, np.argmax(chances[combiner]))
                recovered = combiner.invert(oracle.challenge.image, usual)
            solved = _solved(oracle, plains[:2] ^ cipher_images[:2], generator)
            if solved is not None:
                recovered, notes = solved, f"{notes}; solved for the state of a shift register"
        return AttackResult(
            recovered=recovered,
            statistic=effect,
            statistic_name=name,
            expected=0.0,
            p_value=p_value,
            notes=notes,
            formula=f"1 + ceil({-(-self.bits // 8)} / N)",
            numbers={"tests": float(len(found)), "keystream_bytes": float(cipher_images.size)},
        )


def _pairs(oracle: Oracle, wanted: int) -> tuple[Image, Image]:
    """Plaintexts and cipher images, (pairs, samples); no plaintext twice, none at all if the shapes differ."""
    plains: dict[bytes, Image] = {}
    cipher_images: list[Image] = []
    for _ in range(wanted):
        plain, ciphertext = oracle.known_pair()
        if ciphertext.image.shape != plain.shape:
            return np.empty((0, 0), np.uint8), np.empty((0, 0), np.uint8)
        if plain.tobytes() not in plains:
            plains[plain.tobytes()] = plain.ravel()
            cipher_images.append(ciphertext.image.ravel())
    return np.stack(list(plains.values())), np.stack(cipher_images)


def _chances(streams: Image) -> NDArray[np.float64]:
    """How probable each keystream byte is, (256,), by Laplace's rule of succession with a weight of one in all."""
    counts = np.bincount(streams.ravel(), minlength=256)
    chances: NDArray[np.float64] = (counts + 1 / 256) / (streams.size + 1)
    return chances


def _entropy(chances: NDArray[np.float64]) -> float:
    return float(-np.sum(chances * np.log2(chances)))


def stream_tests(streams: Image, row: int) -> Iterator[StreamTest]:
    """Name, effect size and p-value of every test that ``streams``, (messages, samples), are uniform and independent.

    ``row`` is the number of samples in a row of the image. Effect sizes are the excess share of ones or of equal
    samples, for chi-square tests the root of its excess for each sample. Binomial p-values are exact; that of ones at
    each place is the chi-square bound, which a sum of squares of binomials does not exceed. A linear recurrence is
    looked for in the first message only, along its bits and along each plane.
    """
    from scipy.special import chdtr, chdtrc

    messages, samples = streams.shape
    if streams.size >= 256 * _EXPECTED:
        counts = np.bincount(streams.ravel(), minlength=256)
        squares = float(np.sum((counts - streams.size / 256) ** 2) * 256 / streams.size)
        excess = np.sqrt(max(0.0, squares - 255) / streams.size)
        yield "byte frequency", float(excess), float(chdtrc(255, squares))
        # Bytes that are all equally frequent result from sorting: the order of a sequence's values, mod 256.
        yield "evenness of byte frequency", float(squares / 255 - 1), float(chdtr(255, squares))
    ones = _ones(streams)
    yield "ones in all planes", *_two_sided(int(ones.sum()), 8 * streams.size)
    for plane, count in enumerate(ones):
        yield f"ones in plane {plane}", *_two_sided(int(count), streams.size)
    if messages > 1:
        yield "equal bytes at a place of successive messages", *_equal(streams[1:] ^ streams[:-1])
        places, terms = _places(streams), 8 * samples
        yield "ones at each place", float(np.sqrt(max(0.0, places / terms - 1))), float(chdtrc(terms, places))
    for lag in _SUCCESSORS:
        if lag < samples and streams.size // 2 >= 256 * _EXPECTED:
            yield f"upper nibbles at lag {lag}", *_together(streams, lag)
    if samples >= _REGISTER:
        yield from _registers(streams[0])
    for lag in _lags(samples, row):
        apart = streams[:, lag:] ^ streams[:, :-lag]
        yield f"equal bytes at lag {lag}", *_equal(apart)
        unequal = _ones(apart)
        yield f"equal bits at lag {lag}", *_two_sided(8 * apart.size - int(unequal.sum()), 8 * apart.size)
        for plane, count in enumerate(unequal):
            yield f"equal bits of plane {plane} at lag {lag}", *_two_sided(apart.size - int(count), apart.size)


def _lags(samples: int, row: int) -> list[int]:
    """`_LAGS`, in samples and in rows."""
    near = {*_LAGS, *(row * lag for lag in _LAGS)}
    return sorted(lag for lag in near if lag <= samples // 2)


def _ones(streams: Image) -> NDArray[np.int64]:
    """Ones in each of the eight planes, the lowest first."""
    counts = np.bincount(streams.ravel(), minlength=256)
    ones: NDArray[np.int64] = (np.arange(256)[None] >> _PLANES[:, None] & 1) @ counts
    return ones


def _places(streams: Image) -> float:
    """The sum of (ones - zeros)^2 / messages over every bit of every place."""
    messages = len(streams)
    total = 0.0
    for plane in _PLANES:
        ones = np.sum(streams >> plane & 1, axis=0, dtype=np.int64)
        total += float(np.sum((2 * ones - messages) ** 2)) / messages
    return total


def _together(streams: Image, lag: int) -> tuple[float, float]:
    """The excess of chi-square of upper nibbles ``lag`` samples apart, no sample in two pairs, and its p-value."""
    from scipy.special import chdtrc

    blocks = streams[:, : streams.shape[1] // (2 * lag) * 2 * lag].reshape(-1, 2, lag) >> 4
    counts = np.bincount((16 * blocks[:, 0] + blocks[:, 1]).ravel(), minlength=256)
    total = int(counts.sum())
    squares = float(np.sum((counts - total / 256) ** 2) * 256 / total)
    return float(np.sqrt(max(0.0, squares - 255) / total)), float(chdtrc(255, squares))


def _registers(stream: Image) -> Iterator[StreamTest]:
    """Linear complexity over GF(2) of the bits, highest or lowest bit of a byte first, and of each plane, less one
    half.

    Of all sequences of n bits no more than 4^L have a complexity of L or less.
    """
    whole, bytewise = stream[: _REGISTER // 8], stream[:_REGISTER]
    rows = {"all bits": np.unpackbits(whole), "all bits, the lowest first": np.unpackbits(whole, bitorder="little")}
    rows |= {f"plane {plane}": bytewise >> plane & np.uint8(1) for plane in _PLANES}
    words = as_bits(np.packbits(np.stack(list(rows.values())))).words
    for name, length in zip(rows, linear_complexities(words, len(rows), _REGISTER).tolist(), strict=True):
        yield f"linear complexity of {name}", length / _REGISTER - 0.5, min(1.0, 2.0 ** (2 * length - _REGISTER))


def _equal(differences: Image) -> tuple[float, float]:
    """The excess share of zeros, and the p-value of as many."""
    zeros = differences.size - int(np.count_nonzero(differences))
    return zeros / differences.size - BYTE_CHANCE, binomial_sf(zeros, differences.size)


def _two_sided(ones: int, bits: int) -> tuple[float, float]:
    """The share of ones less one half, and its two-sided binomial p-value."""
    return ones / bits - 0.5, min(1.0, binomial_sf(max(ones, bits - ones), bits, 0.5, tries=2))


def _solved(oracle: Oracle, streams: Image, generator: np.random.Generator) -> Image | None:
    """The challenge, XORed with the sequence of the recurrence that two known keystreams, (2, samples), obey, under
    which its neighbours are most alike; None if they obey none, or if that is not clear."""
    if oracle.challenge.image.shape != oracle.shape or len(streams) < 2 or 8 * oracle.samples < _REGISTER:
        return None
    orders: tuple[Literal["big", "little"], ...] = ("big", "little")
    for order in orders:
        bits = [np.unpackbits(stream, bitorder=order)[:_OBEYED].tolist() for stream in streams]
        feedback, length = shortest_recurrence(bits[0][:_REGISTER])
        if not 0 < length <= _LONGEST or any(_sequence(feedback, one[:length], len(one)) != one for one in bits):
            continue
        state = _likeliest_state(oracle, feedback, length, order == "little", generator)
        if state is not None:
            whole = np.packbits(np.array(_sequence(feedback, state, 8 * oracle.samples), np.uint8), bitorder=order)
            return oracle.challenge.image ^ whole.reshape(oracle.shape)
    return None


def shortest_recurrence(bits: Sequence[int]) -> tuple[int, int]:
    """The linear feedback of the shortest shift register that gives these bits, and its length L: bit i of the feedback
    is that of the bit i before, bit 0 the new one's own. After Massey, IEEE Trans. Inf. Theory 15 (1969) 122-127."""
    feedback, former, length, since, window = 1, 1, 0, 1, 0
    for count, bit in enumerate(bits):
        window = window << 1 | bit
        if (feedback & window).bit_count() & 1:
            changed = feedback ^ former << since
            if 2 * length <= count:
                former, length, since = feedback, count + 1 - length, 0
            feedback = changed
        since += 1
    return feedback, length


def _sequence(feedback: int, start: list[int], count: int) -> list[int]:
    """``count`` bits that begin with ``start`` and obey the recurrence."""
    bits, mask = list(start), (1 << len(start) + 1) - 1
    window = int("".join(map(str, start)), 2)
    for _ in range(count - len(start)):
        window = window << 1 & mask
        window |= (feedback & window).bit_count() & 1
        bits.append(window & 1)
    return bits


def _likeliest_state(
    oracle: Oracle, feedback: int, length: int, lowest_first: bool, generator: np.random.Generator
) -> list[int] | None:
    """The first bits of the challenge's keystream: those under which the highest bits of most neighbours are equal.

    Equations are taken from around a random place until there are as many as unknowns. In a region without an edge all
    of them are right, and then the solution fits so many pairs that no wrong one of 2^L would; those pairs have no
    sample in common. Of a few such solutions the best is taken, for sparse recurrences have some that differ little.
    """
    height, width, bands = oracle.shape[0], oracle.shape[1], prod(oracle.shape[2:])
    height = min(height, max(2, _MOST_SAMPLES // (width * bands)))
    places = np.arange(height * width * bands).reshape(height, width, bands)
    highest = (oracle.challenge.image.ravel()[: places.size] >> 7).tolist()
    rows, taps = [1 << index for index in range(length)], [i for i in range(1, length + 1) if feedback >> i & 1]
    for place in range(length, 8 * places.size):
        row = 0
        for tap in taps:
            row ^= rows[place - tap]
        rows.append(row)
    forms = [row | bit << length for row, bit in zip(rows[7 if lowest_first else 0 :: 8], highest, strict=True)]
    even = places[:, : width // 2 * 2]
    apart = [forms[one] ^ forms[other] for one, other in zip(even[:, ::2].flat, even[:, 1::2].flat, strict=True)]
    allowed = next(
        (hits for hits in range(len(apart) + 1) if 2.0**length * binomial_sf(hits, len(apart), 0.5) < LEAK_LEVEL), None
    )
    if allowed is None:
        return None
    first = np.concatenate([places[:, :-1].ravel(), places[:-1].ravel()])
    second = np.concatenate([places[:, 1:].ravel(), places[1:].ravel()])
    near = [forms[one] ^ forms[other] for one, other in zip(first.tolist(), second.tolist(), strict=True)]
    row_of, column_of = first // (width * bands), first // bands % width
    best, left = (-1, 0), _DRAWS
    while (left := left - 1) >= 0:
        row, column = int(generator.integers(height)), int(generator.integers(width))
        order = np.argsort(np.maximum(np.abs(row_of - row), np.abs(column_of - column)), kind="stable")
        if left % 2:  # fewer of them are right, but others each time
            order[: 3 * length] = generator.permutation(order[: 3 * length])
        state = solve_rows((near[index] for index in order), length)
        hits = sum((form & (state | 1 << length)).bit_count() & 1 == 0 for form in apart)
        if hits >= allowed and best[0] < allowed:
            left = min(left, _MORE)
        best = max(best, (hits, state))
    return [best[1] >> index & 1 for index in range(length)] if best[0] >= allowed else None


def solve_rows(rows: Iterable[int], unknowns: int) -> int:
    """The solution, as the bits of a number, of the first independent equations over GF(2): bit i of a row is the
    coefficient of unknown i, bit ``unknowns`` the other side. Unknowns that none determines are zero."""
    left = (1 << unknowns) - 1
    by_highest: dict[int, int] = {}
    for row in rows:
        while row & left:
            place = (row & left).bit_length()
            if place not in by_highest:
                by_highest[place] = row
                break
            row ^= by_highest[place]
        if len(by_highest) == unknowns:
            break
    solution = 0
    for place in sorted(by_highest):
        row = by_highest[place]
        solution |= ((row & solution).bit_count() + (row >> unknowns) & 1) << place - 1
    return solution
