"""Shared cycles: keystreams of different messages that run into one cycle, at whatever lag."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.combiners import BYTE_COMBINERS, Combiner
from cryptobench.attacks.tools.shapes import other_shape
from cryptobench.cipher import Image
from cryptobench.metrics.statistics import BYTE_CHANCE, binomial_sf

__all__ = ["SharedCycles", "best_lag"]

_FEWEST = 512  # samples of an image
_PAIRS, _BEST = 1024, 16
_OVERLAP = 64  # least pairs of neighbours by which a lag is judged
_ANGLE = 2j * np.pi / 256
# |x - y| of two independent uniform bytes: mean (256^2 - 1) / 768, second moment (256^2 - 1) / 6.
_MEAN = 65535 / 768
_VARIANCE = 65535 / 6 - _MEAN**2

Spectrum = NDArray[np.complex128]


@dataclass(frozen=True)
class SharedCycles(Attack):
    """Compares the keystreams of ``pairs`` known pairs, C XOR P, C - P or C + P, at every lag. Orbits of chaotic maps
    in finite precision run into few cycles, whatever key and nonce they start from: then two keystreams agree from some
    place on, one shifted against the other.

    Where they do, each known keystream, continued along its cycle, is tried at every lag against the challenge; the lag
    that makes neighbouring samples most similar decrypts what is on the cycle. ``pairs`` known pairs, whatever the
    size; samples before the orbit has reached the cycle stay unknown.
    """

    name: ClassVar[str] = "shared_cycles"
    title: ClassVar[str] = "Shared cycles of keystreams"
    identifier: ClassVar[str] = "A31"
    model: ClassVar[Model] = "KPA"
    formula: ClassVar[str] = "8"

    pairs: int = 8

    def __post_init__(self) -> None:
        if self.pairs < 2:
            raise ValueError(f"pairs is {self.pairs}, wanted at least 2")

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        if oracle.samples < _FEWEST:
            return AttackResult.inapplicable(f"the image has {oracle.samples} samples, wanted at least {_FEWEST}")
        known = [oracle.known_pair() for _ in range(self.pairs)]
        ciphertexts = [ciphertext.image for _, ciphertext in known]
        if unusable := other_shape(oracle.shape, oracle.challenge.image, *ciphertexts):
            return unusable
        couples = [(one, other) for one in range(self.pairs) for other in range(one)]
        tries = len(BYTE_COMBINERS) * len(couples)
        best: tuple[float, float, int, Combiner] = (1.0, 0.0, 0, BYTE_COMBINERS[0])
        for combiner in BYTE_COMBINERS:
            streams = [combiner.mask(ciphertext.image, plain).ravel() for plain, ciphertext in known]
            spectra = [_spectrum(stream) for stream in streams]
            for one, other in couples:
                lag, share, p_value = best_lag(streams[one], streams[other], spectra[one], spectra[other])
                best = min(best, (min(1.0, tries * p_value), share, lag, combiner), key=lambda found: found[0])
        p_value, share, lag, combiner = best
        recovered, notes = None, ""
        if p_value < LEAK_LEVEL:
            streams = [combiner.mask(ciphertext.image, plain).ravel() for plain, ciphertext in known]
            recovered, covered = _aligned(oracle, combiner, streams)
            notes = f"{combiner.equation}: two keystreams agree at lag {lag}; {covered:.0%} of the challenge decrypted"
        return AttackResult(
            recovered=recovered,
            statistic=share,
            statistic_name="keystream samples of two messages equal at one lag",
            expected=BYTE_CHANCE,
            p_value=p_value,
            notes=notes,
            formula=f"{self.pairs}",
        )


def best_lag(
    one: Image, other: Image, of_one: Spectrum | None = None, of_other: Spectrum | None = None
) -> tuple[int, float, float]:
    """The lag, positive if ``one`` is later, at which two equally long flat keystreams agree most; the share of samples
    that do where they overlap, and its p-value, corrected for all lags. Their spectra may be given."""
    of_one = _spectrum(one) if of_one is None else of_one
    correlation = np.fft.ifft(of_one * np.conj(_spectrum(other) if of_other is None else of_other)).real
    lags = np.r_[0 : one.size, -one.size + 1 : 0]
    overlap = one.size - np.abs(lags)
    agreement = np.where(overlap >= _OVERLAP, correlation[lags] / np.sqrt(overlap), -np.inf)
    found = []
    for lag in lags[np.argsort(-agreement)[:4]].tolist():
        late, early = (one, other) if lag >= 0 else (other, one)
        hits = int(np.count_nonzero(late[abs(lag) :] == early[: early.size - abs(lag)]))
        trials = early.size - abs(lag)
        found.append((lag, hits / trials, binomial_sf(hits, trials, tries=lags.size)))
    return min(found, key=lambda one: one[2])


def _spectrum(stream: Image) -> Spectrum:
    """Of a stream of points of the unit circle, a byte each, padded to twice its size."""
    points = np.exp(_ANGLE * np.random.default_rng(0).permutation(256))  # only equal bytes are near one another
    return np.fft.fft(points[stream], 1 << (2 * stream.size - 1).bit_length())


def _aligned(oracle: Oracle, combiner: Combiner, streams: list[Image]) -> tuple[Image, float]:
    """The challenge as far as known keystreams, shifted, decrypt it; and the share of its samples that they cover."""
    from scipy.special import log_ndtr

    challenge = oracle.challenge.image.ravel()
    bands = prod(oracle.shape[2:])
    recovered, covered = challenge.copy(), np.zeros(challenge.size, bool)
    kind = BYTE_COMBINERS.index(combiner)
    tries = 0.0
    fits = []
    for stream in map(_continued, streams):
        lags = np.arange(-challenge.size + 1, stream.size)
        tries += lags.size
        for most in (_PAIRS, challenge.size):  # all lags by some pairs, the best ones by all pairs
            scores = _scores(challenge, stream, lags, bands, oracle.shape[1] * bands, kind, most)
            best = np.argsort(scores)[:_BEST]
            lags, scores = lags[best], scores[best]
        fits.append((float(scores[0]), int(lags[0]), stream))
    for score, lag, stream in sorted(fits, key=lambda fit: fit[0]):
        if float(log_ndtr(score)) + np.log(tries) > np.log(LEAK_LEVEL):
            break
        places = np.arange(max(0, -lag), min(challenge.size, stream.size - lag))
        plain = combiner.invert(challenge[places], stream[places + lag])
        start = _smooth_from(plain, bands)
        places, plain = places[start:], plain[start:]
        plain, places = plain[~covered[places]], places[~covered[places]]
        recovered[places] = plain
        covered[places] = True
    return recovered.reshape(oracle.shape), float(np.mean(covered))


def _smooth_from(plain: Image, bands: int) -> int:
    """The place in (n,) samples from which neighbours are similar: before it, the streams had not met."""
    distances = np.abs(plain[bands:].astype(np.int64) - plain[:-bands])
    smooth = float(np.mean(distances[-len(distances) // 4 :]))
    return int(np.argmax(np.cumsum(((smooth + _MEAN) / 2 - distances)[::-1])[::-1]))


def _continued(stream: Image) -> Image:
    """A keystream, and as much again of the cycle that it ends in, if it has gone round it."""
    last = stream[-_OVERLAP:].tobytes()
    before = stream[:-1].tobytes().rfind(last)
    if before < 0:
        return stream
    period = stream.size - _OVERLAP - before
    return np.concatenate([stream, np.resize(stream[-period:], stream.size)])


@njit(cache=True, nogil=True)
def _scores(
    challenge: Image, stream: Image, lags: NDArray[np.int64], bands: int, width: int, kind: int, most: int
) -> NDArray[np.float64]:
    """For each lag how many standard deviations the decrypted challenge is rougher than noise, by pairs of neighbours
    in a row that have no sample in common, some ``most`` at most; 0 where there are too few. Place i meets sample
    i + lag of the stream."""
    scores = np.zeros(len(lags))
    paired = np.empty(len(challenge), np.bool_)  # whether a place is the left one of a pair
    for left in range(len(challenge)):
        pixel = left % width // bands
        paired[left] = not pixel % 2 and pixel + 1 < width // bands
    for number in range(len(lags)):
        lag = lags[number]
        first, last = max(0, -lag), min(len(challenge), len(stream) - lag)
        total, pairs = np.int64(0), 0
        step = max(1, (last - first) // (2 * most))
        step += 1 - step % 2  # rows and bands have even and odd lengths
        for left in range(first, last - bands, step):
            if not paired[left]:
                continue
            right = left + bands
            one, other = np.uint8(0), np.uint8(0)
            if kind == 0:
                one, other = challenge[left] ^ stream[left + lag], challenge[right] ^ stream[right + lag]
            elif kind == 1:
                one = np.uint8(challenge[left] - stream[left + lag])
                other = np.uint8(challenge[right] - stream[right + lag])
            else:
                one = np.uint8(stream[left + lag] - challenge[left])
                other = np.uint8(stream[right + lag] - challenge[right])
            total += abs(np.int64(one) - np.int64(other))
            pairs += 1
        if pairs >= _OVERLAP:
            scores[number] = (total - _MEAN * pairs) / np.sqrt(_VARIANCE * pairs)
    return scores
