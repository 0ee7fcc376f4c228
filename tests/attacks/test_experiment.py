"""Known plaintexts look like pictures, in any shape, and probes have the relations in their names."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment, natural_image
from cryptobench.registry import load_cipher
from tests.attacks.toys import smooth


@pytest.mark.parametrize("shape", [(32, 32, 3), (32, 32), (1, 50), (33, 47, 3), (8, 8, 1), (20, 10, 5), (300, 20, 3)])
@pytest.mark.parametrize("photographs", [(), (smooth(64, 64, 3),), (smooth(40, 90),)])
def test_natural_images_of_every_shape_are_smooth(shape, photographs) -> None:
    """The image has the shape asked for and more correlation along rows than noise has."""
    image = natural_image(photographs, shape, np.random.default_rng(2))
    assert (image.shape, image.dtype) == (shape, np.uint8)
    plane = (image if image.ndim == 2 else image[..., 0]).astype(float)
    if plane.size > 200 and plane.std() > 1:
        assert np.corrcoef(plane[:, :-1].ravel(), plane[:, 1:].ravel())[0, 1] > 0.5


def test_natural_images_vary() -> None:
    """No two of a hundred are equal."""
    generator = np.random.default_rng(3)
    assert len({natural_image((), (8, 8), generator).tobytes() for _ in range(100)}) == 100


def test_probes_are_related_as_named() -> None:
    """The probes a^b and a+b are a XOR b and a + b mod 256."""
    experiment = AttackExperiment(load_cipher("xor-pad"), smooth(24, 20, 3))
    a, b = experiment.probe("a").astype(int), experiment.probe("b").astype(int)
    assert np.array_equal(experiment.probe("a^b"), a ^ b)
    assert np.array_equal(experiment.probe("a+b"), (a + b) % 256)
