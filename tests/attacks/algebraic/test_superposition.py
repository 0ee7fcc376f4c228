"""Linear schemes are recognised whatever their recording, and nothing else is."""

import numpy as np
import pytest

from cryptobench.attacks.algebraic.superposition import Superposition, explained
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.optical.drpe import Drpe
from cryptobench.baselines.optical.kang2021 import Kang2021
from cryptobench.baselines.optical.kumar2022 import Kumar2022
from cryptobench.baselines.optical.luan2021 import Luan2021
from cryptobench.baselines.optical.yu2022 import Yu2022
from cryptobench.cipher import Cipher
from cryptobench.images import load_image
from cryptobench.registry import load_cipher

TARGET = load_image("astronaut", 64)
RNG = np.random.default_rng(41)


@pytest.mark.parametrize(
    "cipher",
    [Drpe(), Drpe(bits=16), Luan2021(), Kumar2022(), Kang2021(), load_cipher("permutation-only")],
    ids=lambda cipher: f"{cipher.card.name}-{getattr(cipher, 'bits', '')}",
)
def test_linear_schemes_are_found_to_be_affine(cipher: Cipher):
    """Four queries explain all but a thousandth of the ciphertext of a sum."""
    run = attack_target(Superposition(), cipher, TARGET)
    assert run.queries.total == run.queries.encryptions == 4
    assert run.result.statistic > 0.999
    assert run.result.claims == ("affine",)
    assert run.outcome == "leak"


def test_intensities_are_no_sums():
    """Ptychographic patterns are squares: something is explained, but the scheme is not affine."""
    run = attack_target(Superposition(), Yu2022(), TARGET[:16, :16].copy())
    assert run.outcome == "leak"
    assert 0.01 < run.result.statistic < 0.9
    assert run.result.claims == ()


@pytest.mark.parametrize("name", ["aes-256-siv", "aes-256-ctr", "sum-ctr", "add-chain", "xor-chain"])
def test_nothing_is_found_in_other_ciphers(name: str):
    """Sound ones, and ones that are affine in other ways than over the reals."""
    run = attack_target(Superposition(), load_cipher(name), TARGET[:32, :32].copy())
    assert run.outcome == "holds"
    assert run.result.p_value > 1e-6


def test_p_values_are_uniform_without_a_relation():
    """Of 400 fits of uniform bytes by uniform bytes, 5 % have p < 0.05; the mean share explained is 3 / (n - 1)."""
    fits = []
    for _ in range(400):
        target, *terms = RNG.integers(0, 256, (4, 300), np.uint8)
        fits.append(explained(target, terms))
    shares, expected, p = np.array(fits).T
    assert expected[0] == 3 / 299
    assert shares.mean() == pytest.approx(3 / 299, rel=0.15)
    assert 0.02 < (p < 0.05).mean() < 0.09
    assert 0.45 < p.mean() < 0.55


def test_a_sum_is_explained_whatever_its_weights():
    """Weights and offset do not matter; terms that are alike count once."""
    a, b = RNG.integers(0, 256, (2, 100), np.uint8)
    share, _, p = explained(3.0 * a - b + 7, [a, b, a])
    assert share == pytest.approx(1)
    assert p == 0
    assert explained(np.full(100, 9), [a, b, a]) is None
    assert explained(a[:10], [b[:10]] * 3) is None
    assert explained(a, [np.zeros(100)] * 3) == (0.0, 0.0, 1.0)
