"""A few known pairs break double random phase encoding."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.published.drpe_known_pairs import DrpeKnownPairs, fit_masks
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.optical.drpe import Drpe, masks
from cryptobench.images import load_image
from cryptobench.registry import load_cipher
from tests.attacks.published.optical_targets import SMALL

PHOTOGRAPHS = [load_image("camera", 128), load_image("coffee", 128)]


def test_nine_known_pairs_recover_the_image():
    """Natural images of which nothing was chosen: every sample at 16 bits, and the last pair is explained."""
    target = np.ascontiguousarray(SMALL[..., 1])
    run = attack_target(DrpeKnownPairs(), Drpe(bits=16), target, photographs=PHOTOGRAPHS)
    assert run.outcome == "recovered"
    assert run.queries.known == run.queries.total == 9
    assert run.score.share > 0.99
    assert run.result.statistic > 0.999


def test_alternating_projections_find_both_masks():
    """Up to one phase that may be in either mask; from one pair they stagnate."""
    rng = np.random.default_rng(42)
    f = rng.random((6, 16, 16))
    m1, M2 = masks(bytes(range(32)), (16, 16))
    spectra = np.fft.fft2(f * m1) * M2
    start = np.exp(2j * np.pi * rng.random((16, 16)))
    first, second = fit_masks(f, spectra, start, 3000, 1e-9)
    assert abs(np.vdot(second, M2)) / M2.size > 1 - 1e-6
    assert abs(np.vdot(first, m1)) / m1.size > 1 - 1e-6
    _, few = fit_masks(f[:1], spectra[:1], start, 500)
    assert abs(np.vdot(few, M2)) / M2.size < 0.9


@pytest.mark.parametrize("name", ["aes-256-siv", "xor-pad"])
def test_ciphertexts_without_a_field_are_inapplicable(name: str):
    """It says what it would need."""
    run = attack_target(DrpeKnownPairs(), load_cipher(name), SMALL)
    assert run.outcome == "n/a"
    assert "no recording of one field" in run.result.notes
