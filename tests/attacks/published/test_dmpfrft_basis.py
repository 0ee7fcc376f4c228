"""Impulses along two edges break fractional Fourier transforms with secret orders."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.published.dmpfrft_basis import DmpfrftBasis, columns_from
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.optical.drpe import Drpe
from cryptobench.baselines.optical.luan2021 import Luan2021, mask, orders
from cryptobench.primitives.optics.fractional import dmpfrft
from cryptobench.registry import load_cipher
from tests.attacks.published.optical_targets import SMALL, assert_as_good_as_the_receiver


def test_impulses_along_two_edges_recover_the_image():
    """H + W - 1 chosen images, without any order found: every sample at 16 bits, the receiver's picture at 8."""
    run = attack_target(DmpfrftBasis(), Luan2021(bits=16), SMALL)
    assert (run.outcome, run.queries.total, run.score.share) == ("recovered", 24 + 27 - 1, 1)
    assert_as_good_as_the_receiver(attack_target(DmpfrftBasis(), Luan2021(), SMALL), Luan2021(), SMALL)


def test_columns_are_found_up_to_a_phase():
    """From noiseless answers T[:, i] times one row, with phases of their own: the unitary T, column by column."""
    key, n = bytes(range(32)), 12
    rows, columns = orders(key, n, n)
    phases = mask(key, (n, n)).astype(complex)
    answers = []
    for i in range(n):
        impulse = np.zeros((n, n), complex)
        impulse[i, 0] = phases[i, 0]
        answers.append(dmpfrft(impulse, rows, columns))
    found = columns_from(np.stack(answers))
    true = dmpfrft(np.eye(n, dtype=complex), rows, np.zeros(n))
    assert abs(abs(np.sum(found.conj() * true, axis=0)) - 1).max() < 1e-12


def test_double_random_phases_hold():
    """The same recording of another scheme: nothing is claimed."""
    run = attack_target(DmpfrftBasis(), Drpe(), SMALL)
    assert run.outcome == "holds"
    assert run.score.share < 0.05


@pytest.mark.parametrize("name", ["aes-256-siv", "xor-pad"])
def test_ciphertexts_without_a_field_are_inapplicable(name: str):
    """It says what it would need."""
    run = attack_target(DmpfrftBasis(), load_cipher(name), SMALL)
    assert run.outcome == "n/a"
    assert "no recording of one field" in run.result.notes
