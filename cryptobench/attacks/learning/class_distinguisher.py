"""Class distinguisher: do ciphertexts reveal whether a picture is dark or bright, plain or detailed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from cryptobench.attacks.base import Attack, AttackResult
from cryptobench.attacks.oracle import Model, Oracle
from cryptobench.attacks.scoring import LEAK_LEVEL
from cryptobench.attacks.tools.known_pairs import bit_features, collect_known_pairs, gram_matrices, ridge_predict
from cryptobench.attacks.tools.shapes import SHAPES_DIFFER

__all__ = ["ClassDistinguisher", "agreement_p_value", "classes_of", "features_of"]

_CLASSES = ("brightness", "detail")
_FEWEST = 96  # known pairs
_LONGEST_HEADER = 64  # bytes
_BLOCK = 16  # bytes
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float64)  # of each value
_LAGS = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, 4), (4, 0))


@dataclass(frozen=True)
class ClassDistinguisher(Attack):
    """Learns from labelled ciphertexts to distinguish two classes of pictures by their ciphertexts alone.

    All pictures are natural and of one shape. One half of them is labelled bright, the other dark; likewise one half
    detailed, the other plain, by the mean difference of neighbours. Three learners, all ridge regression, have as
    features the bits of the ciphertext; pairs of its bits (the square of their inner product); and statistics of it
    that depend on no place and no key (sorted counts of values, planes, neighbours, repetitions) with the bits of a
    short header. ``statistic`` is the best share of right answers among the ``test`` held-out ciphertexts; the p-value
    is Fisher's exact one for six tries. Asks for ``train`` + ``test`` known pairs, or as many as the budget allows, in
    the same proportion.
    """

    name: ClassVar[str] = "class_distinguisher"
    title: ClassVar[str] = "Learned distinguisher of two classes"
    identifier: ClassVar[str] = "A19"
    model: ClassVar[Model] = "KPA"
    largest_side: ClassVar[int | None] = 32
    grey: ClassVar[bool] = True

    train: int = 768
    test: int = 256

    def __post_init__(self) -> None:
        if min(self.train, self.test) < 8 or self.train + self.test < _FEWEST:
            raise ValueError(
                f"train and test are {self.train} and {self.test}, wanted at least 8 each and {_FEWEST} together"
            )

    def run(self, oracle: Oracle, generator: np.random.Generator) -> AttackResult:
        pairs = collect_known_pairs(oracle, self.train + self.test, _FEWEST)
        if pairs is None:
            return AttackResult.inapplicable(SHAPES_DIFFER)
        tested = len(pairs) * self.test // (self.train + self.test)
        train, test = slice(None, -tested), slice(-tested, None)
        classes = classes_of(pairs.plain.reshape(-1, *oracle.shape))
        bits = bit_features(pairs.cipher)
        statistics = features_of(pairs.cipher.reshape(-1, *oracle.challenge.image.shape), pairs.headers)
        linear = gram_matrices(bits[train], bits[test])
        learners = {
            "bits": linear,
            "pairs of bits": _centred(linear[0] ** 2, linear[1] ** 2),
            "statistics": gram_matrices(statistics[train], statistics[test]),
        }
        results: dict[tuple[str, str], tuple[float, float]] = {}
        for learner, kernels in learners.items():
            answers = ridge_predict(*kernels, 2.0 * classes[train] - 1) > 0
            for k, name in enumerate(_CLASSES):
                right = float(np.mean(answers[:, k] == classes[test][:, k]))
                results[learner, name] = right, agreement_p_value(answers[:, k], classes[test][:, k])
        best = min(results, key=lambda key: (results[key][1], -results[key][0]))
        p_value = min(1.0, len(results) * results[best][1])
        return AttackResult(
            statistic=results[best][0],
            statistic_name="share of ciphertexts put into the right class",
            expected=0.5,
            p_value=p_value,
            claims=("distinguisher",) if p_value < LEAK_LEVEL else (),
            notes=f"{best[1]}, by {best[0]}" if p_value < LEAK_LEVEL else "",
            numbers={f"accuracy_{name}": max(results[learner, name][0] for learner in learners) for name in _CLASSES},
        )


def agreement_p_value(answers: NDArray[np.bool_], truths: NDArray[np.bool_]) -> float:
    """Fisher's exact test, one-sided: the probability of so many agreements if answers and truths are independent."""
    from scipy.special import gammaln

    count, yes, answered = len(truths), int(truths.sum()), int(answers.sum())
    both = np.arange(max(0, yes + answered - count), min(yes, answered) + 1)
    log = np.zeros(len(both)) + gammaln(yes + 1) + gammaln(count - yes + 1)
    log += gammaln(answered + 1) + gammaln(count - answered + 1) - gammaln(count + 1)
    for cell in (both, yes - both, answered - both, count - yes - answered + both):
        log -= gammaln(cell + 1)
    return min(1.0, float(np.exp(log[both >= int((answers & truths).sum())]).sum()))


def classes_of(plain: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(n, 2): brighter than the median picture, more detailed than the median picture."""
    values = plain.reshape(*plain.shape[:3], -1).astype(np.float32)
    detail = np.zeros(len(values), np.float32)
    for axis in (1, 2):
        if values.shape[axis] > 1:  # a single row or column has no neighbours in that direction
            detail += np.abs(np.diff(values, axis=axis)).reshape(len(values), -1).mean(axis=1)
    measured = np.stack([values.mean(axis=(1, 2, 3)), detail], axis=1)
    above: NDArray[np.bool_] = measured > np.median(measured, axis=0)
    return above


def _centred(
    within: NDArray[np.float64], across: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Kernel values of features centred on their mean over the training rows."""
    column = within.mean(axis=0)
    mean = float(column.mean())
    inner = within - column - column[:, None] + mean
    outer = across - across.mean(axis=1, keepdims=True) - column + mean
    scale = float(np.mean(np.diag(inner))) or 1.0
    return inner / scale, outer / scale


def features_of(cipher_images: NDArray[np.uint8], headers: list[bytes]) -> NDArray[np.float32]:
    """(n, features) float32 with mean 0 and spread 1, from cipher images (n, H, W) or (n, H, W, C) and their headers.

    Counts of grey levels, and the same sorted; for each bit plane the share of ones and of changes to the next sample;
    products and distances of neighbours; the spread of 4x4 blocks; the share of repeated 16-byte blocks; and the bits
    of headers that are all of one length, 64 bytes at most.
    """
    count = len(cipher_images)
    flat = cipher_images.reshape(count, -1)
    histogram = _histograms(flat)
    changes = _histograms(flat[:, 1:] ^ flat[:, :-1])
    parts = [
        np.sqrt(histogram),
        np.sqrt(np.sort(histogram, axis=1)),
        histogram @ _BITS / flat.shape[1],
        changes @ _BITS / max(1, flat.shape[1] - 1),
        _neighbours(cipher_images),
        _repeats(flat),
    ]
    lengths = {len(header) for header in headers}
    if len(lengths) == 1 and 0 < max(lengths) <= _LONGEST_HEADER:
        parts.append(np.unpackbits(np.frombuffer(b"".join(headers), np.uint8).reshape(count, -1), axis=1))
    elif len(lengths) > 1:
        parts.append(np.array([[len(header)] for header in headers]))
    table = np.concatenate([np.asarray(part, np.float32) for part in parts], axis=1)
    spread = table.std(axis=0)
    kept = spread > 1e-6
    standard: NDArray[np.float32] = (table[:, kept] - table[:, kept].mean(axis=0)) / spread[kept]
    return standard if kept.any() else np.zeros((count, 1), np.float32)


def _histograms(flat: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(n, 256): how often each value occurs in each row."""
    places = np.arange(len(flat))[:, None] * 256
    return np.bincount((flat + places).ravel(), minlength=256 * len(flat)).reshape(-1, 256)


def _neighbours(cipher_images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, features): for each lag the mean product and distance, and quantiles of the spread of 4x4 blocks."""
    images = cipher_images.reshape(*cipher_images.shape[:3], -1).astype(np.float32) - 127.5
    count, height, width = images.shape[:3]
    columns = []
    for down, right in _LAGS:
        if down < height and right < width:
            one, two = images[:, down:, right:], images[:, : height - down, : width - right]
            columns += [(one * two).mean(axis=(1, 2, 3)), np.abs(one - two).mean(axis=(1, 2, 3))]
    if min(height, width) >= 4:
        tiles = images[:, : height // 4 * 4, : width // 4 * 4].reshape(count, height // 4, 4, width // 4, 4, -1)
        spreads = tiles.std(axis=(2, 4)).reshape(count, -1)
        columns += list(np.quantile(spreads, [0, 0.1, 0.5, 0.9, 1], axis=1))
    return np.stack(columns, axis=1) if columns else np.zeros((count, 1), np.float32)


def _repeats(flat: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 1): the share of 16-byte blocks that occur earlier in the same ciphertext."""
    blocks = flat.shape[1] // _BLOCK
    if blocks == 0:
        return np.zeros((len(flat), 1), np.float32)
    whole = np.ascontiguousarray(flat[:, : blocks * _BLOCK]).reshape(len(flat), blocks, _BLOCK)
    starts = np.sort(whole.view(np.uint64)[..., 0], axis=1)  # where these differ, blocks do
    equal = (starts[:, 1:] == starts[:, :-1]).any(axis=1)
    distinct = [len({block.tobytes() for block in whole[i]}) if equal[i] else blocks for i in range(len(whole))]
    shares: NDArray[np.float32] = 1 - np.array(distinct, np.float32)[:, None] / blocks
    return shares
