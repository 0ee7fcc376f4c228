"""Classes of pictures are distinguished through weak ciphers, and not through ideal ones."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.learning.class_distinguisher import (
    ClassDistinguisher,
    agreement_p_value,
    classes_of,
    features_of,
)
from cryptobench.attacks.runner import attack_target
from tests.attacks.keyed_toys import Toy, ideal, order, permuted_and_xored, photograph, stream, xored

TARGET = photograph(16, 16)
ATTACK = ClassDistinguisher(train=192, test=96)


def _moved_afresh(image, seed):
    """Another permutation for every image: places mean nothing, the histogram does."""
    return image.ravel()[order(seed + image.tobytes(), image.size)].reshape(image.shape)


def _ideal(image, seed):
    """An ideal cipher image, beside a header with the plaintext's mean."""
    return ideal(image, seed)


@pytest.mark.parametrize(
    ("cipher", "learner"),
    [
        (Toy(xored), "bits"),
        (Toy(permuted_and_xored), "bits"),
        (Toy(_moved_afresh), ""),
        (Toy(_ideal, state=lambda image: bytes([int(image.mean())]), in_header=True), "statistics"),
    ],
    ids=["mask", "permutation and mask", "fresh permutation", "mean in the header"],
)
def test_weak_ciphers_reveal_the_class(cipher, learner) -> None:
    """Most held-out ciphertexts are put into the right class; the note names the classes and the learner."""
    run = attack_target(ATTACK, cipher, TARGET)
    assert run.outcome == "leak"
    assert run.result.claims == ("distinguisher",)
    assert run.result.statistic > 0.75
    assert run.result.notes.endswith(learner)
    assert run.queries.known == run.queries.total == 288


def test_detail_is_seen_through_pairs_of_bits() -> None:
    """A fixed mask hides values, not the similarity of neighbours."""

    def masked_and_levelled(image, seed):
        return xored(image - np.uint8(int(image.mean())) + stream(seed + image.tobytes(), 1), seed)

    run = attack_target(ClassDistinguisher(train=384, test=128), Toy(masked_and_levelled), TARGET)
    assert run.result.numbers["accuracy_detail"] > 0.6


@pytest.mark.parametrize("seed", range(8))
def test_ideal_ciphers_show_nothing(seed) -> None:
    """With and without a nonce."""
    assert attack_target(ATTACK, Toy(ideal, nonce=seed % 2 == 1), TARGET, seed=seed).outcome == "holds"


def test_agreement_is_fishers_exact_test() -> None:
    """Against scipy.stats, also where one class is never answered."""
    from scipy.stats import fisher_exact

    generator = np.random.default_rng(2)
    for _ in range(20):
        answers, truths = generator.random((2, 40)) < generator.random((2, 1))
        both, only = int(np.sum(answers & truths)), int(np.sum(answers & ~truths))
        table = [[both, only], [int(np.sum(~answers & truths)), int(np.sum(~answers & ~truths))]]
        assert agreement_p_value(answers, truths) == pytest.approx(fisher_exact(table, "greater")[1])


def test_features_are_standardised() -> None:
    """Columns have mean 0 and spread 1; equal ciphertexts leave one column of zeros; tiny ones are no error."""
    cipher_images = np.random.default_rng(1).integers(0, 256, (30, 8, 9, 3), np.uint8)
    table = features_of(cipher_images, [bytes([k]) for k in range(30)])
    np.testing.assert_allclose(table.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(table.std(axis=0), 1, atol=1e-3)
    assert features_of(np.zeros((5, 4, 4), np.uint8), [b""] * 5).tolist() == [[0.0]] * 5
    assert len(features_of(cipher_images[:, :1, :1], [b"a" * k for k in range(30)])) == 30


def test_bits_and_repeats_are_counted() -> None:
    """Among the features are ones and changes of the lowest bit, and repeated blocks, by their definitions."""
    cipher_images = np.random.default_rng(4).integers(0, 256, (12, 8, 8), np.uint8)
    cipher_images[3, 2:4] = cipher_images[3, 4:6]
    cipher_images[5, 2] = cipher_images[5, 4]  # two blocks begin alike: no repeat
    cipher_images[7] = 9
    flat = cipher_images.reshape(12, -1)
    bits = flat & 1
    repeats = [1 - len({row[i : i + 16].tobytes() for i in range(0, 64, 16)}) / 4 for row in flat]
    assert (repeats[3], repeats[5], repeats[7]) == (0.25, 0, 0.75)
    table = features_of(cipher_images, [b""] * 12)
    for wanted in (bits.mean(axis=1), (bits[:, 1:] != bits[:, :-1]).mean(axis=1), np.array(repeats)):
        standard = (wanted - wanted.mean()) / wanted.std()
        assert np.abs(table - standard[:, None]).max(axis=0).min() < 1e-4


@pytest.mark.parametrize("shape", [(1, 24), (24, 1), (1, 1)])
@pytest.mark.filterwarnings("error")
def test_single_rows_and_columns_have_detail(shape) -> None:
    """No mean is taken over missing neighbours; half of the pictures are detailed where any can be."""
    plain = np.random.default_rng(3).integers(0, 256, (40, *shape), np.uint8)
    bright, detailed = classes_of(plain).sum(axis=0)
    assert bright == pytest.approx(20, abs=2)
    assert detailed == (0 if shape == (1, 1) else pytest.approx(20, abs=2))


def test_too_few_are_refused() -> None:
    """The message says how many are wanted."""
    with pytest.raises(ValueError, match="96 together"):
        ClassDistinguisher(train=20, test=20)
