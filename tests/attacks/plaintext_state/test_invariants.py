"""Invariant perturbations keep the property of their name, and `perturbed` keeps none."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.plaintext_state.invariants import INVARIANT_PERTURBATIONS, Canvas, perturbed

KEPT = {
    "border, middle and extremes": lambda x: [x[0], x[-1], x[:, 0], x[:, -1], x[12, 10], x.min(), x.max()],
    "rounded mean": lambda x: [int(x.mean()), round(float(x.mean()))],
    "upper seven bits": lambda x: [x >> 1],
    "lower six bits": lambda x: [x & 63],
    "all channels but the first": lambda x: [x[..., 1:]],
    "all channels but the last": lambda x: [x[..., :-1]],
    "the upper half": lambda x: [x[:12]],
    "the lower half": lambda x: [x[12:]],
    "sum mod 256": lambda x: [x.sum(dtype=int) % 256],
    "sum": lambda x: [x.sum(dtype=int)],
    "sum of each channel": lambda x: [x.sum(axis=(0, 1), dtype=int)],
    "sum of each row": lambda x: [x.sum(axis=1, dtype=int)],
    "sum of each column": lambda x: [x.sum(axis=0, dtype=int)],
    "XOR": lambda x: [np.bitwise_xor.reduce(x, axis=None)],
    "XOR of each channel": lambda x: [np.bitwise_xor.reduce(x, axis=(0, 1))],
    "XOR of each row": lambda x: [np.bitwise_xor.reduce(x, axis=1)],
    "XOR of each column": lambda x: [np.bitwise_xor.reduce(x, axis=0)],
    "histogram": lambda x: [np.sort(x, axis=None)],
    "histogram of each channel": lambda x: [np.sort(x.reshape(-1, 3), axis=0)],
    "histogram of each row": lambda x: [np.sort(x, axis=1)],
}


@pytest.mark.parametrize("name", INVARIANT_PERTURBATIONS)
def test_perturbations_keep_their_property(name) -> None:
    """In 50 draws the image changes, its property and its landmarks do not."""
    canvas, generator = Canvas((24, 20, 3)), np.random.default_rng(0)
    start = canvas.start(generator)
    for _ in range(50):
        image = start.copy()
        INVARIANT_PERTURBATIONS[name](canvas, image, generator)
        assert not np.array_equal(image, start)
        assert np.array_equal(image[canvas.landmarks], start[canvas.landmarks])
        for before, after in zip(KEPT[name](start), KEPT[name](image), strict=True):
            assert np.array_equal(before, after)


def test_perturbed_images_keep_no_property() -> None:
    """Minimum, maximum, mean, every column and channel, and all samples but those of one band in eight each."""
    canvas, generator = Canvas((24, 20, 3)), np.random.default_rng(1)
    start = canvas.start(generator)
    for _ in range(20):
        images = perturbed(canvas, start, generator)
        changes = [image ^ start for image in images]
        assert not np.any(changes[0] & changes[1])
        assert np.array_equal(images[0] + images[1] - start, images[0] | images[1])
        untouched = [np.flatnonzero((change[:, 1:8] == 0).all(axis=(1, 2))) for change in changes]
        assert [len(rows) for rows in untouched] == [3, 3]
        assert not set(untouched[0]) & set(untouched[1])
        for image, change in zip(images, changes, strict=True):
            assert np.mean(change > 0) > 0.85
            assert int(image.mean()) != int(start.mean())
            assert np.any(change, axis=(0, 2)).all()
            assert change[canvas.landmarks].all()
