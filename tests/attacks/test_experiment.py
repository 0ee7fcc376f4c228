"""Known plaintexts look like pictures, in any shape, and probes have the relations in their names."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.experiment import AttackExperiment, natural_image
from cryptobench.attacks.runner import photographs_for
from cryptobench.images import load_image
from cryptobench.registry import load_cipher
from tests.attacks.toys import Pad, smooth


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


def test_known_plaintexts_do_not_show_the_target() -> None:
    """They are cut from the photographs alone: dark ones, where the target is bright; and no two are equal."""
    dark = np.random.default_rng(1).integers(0, 40, (64, 64, 3), np.uint8)
    experiment = AttackExperiment(Pad(), np.full((12, 10, 3), 240, np.uint8), photographs=(dark,))
    known = [experiment.known(index) for index in range(20)]
    assert max(int(image.max()) for image in known) < 100
    assert len({image.tobytes() for image in known}) == 20


@pytest.mark.parametrize("label", ["coffee", "coffee grey 252x252 crop", "astronaut", "chelsea"])
def test_photographs_leave_out_the_target(label: str) -> None:
    """Of four built-in ones there are three, and never the picture of that name."""
    photographs = photographs_for(label)
    picture = load_image(label.partition(" ")[0], 256)
    assert len({photograph.tobytes() for photograph in photographs}) == 3
    assert not any(np.array_equal(photograph, picture) for photograph in photographs)


def test_shared_answers_belong_to_a_mode() -> None:
    """An image that is shared under a fresh nonce is another ciphertext than under the challenge's."""
    experiment = AttackExperiment(Pad(), smooth(8, 8))
    fresh, fixed = (experiment.shared("image", smooth(8, 8), mode).ciphertext.header for mode in ("fresh", "fixed"))
    assert fixed == experiment.ciphertext.header != fresh
    assert experiment.shared("image", smooth(8, 8), "fresh").ciphertext.header == fresh


def test_every_seed_has_a_key_of_its_own() -> None:
    """Trials under five seeds have five keys and five nonces; the same seed has the same ones."""
    experiments = [AttackExperiment(Pad(), smooth(8, 8), seed) for seed in (0, 1, 2, 3, 4, 4)]
    assert len({one.key for one in experiments}) == len({one.nonce for one in experiments}) == 5
    assert experiments[4].key == experiments[5].key
