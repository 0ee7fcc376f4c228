"""One impulse breaks double random phase encoding, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.published.drpe_impulse import DrpeImpulse
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.optical.drpe import Drpe
from cryptobench.baselines.optical.kumar2022 import Kumar2022
from cryptobench.baselines.optical.luan2021 import Luan2021
from cryptobench.registry import load_cipher
from tests.attacks.published.optical_targets import ASTRONAUT, SMALL, assert_as_good_as_the_receiver


@pytest.mark.parametrize("shape", [(64, 64, 3), (33, 47), (1, 37)], ids=str)
def test_one_impulse_recovers_the_image(shape: tuple[int, ...]):
    """One query: every sample at 16 bits, and at 8 bits a picture as good as the receiver's, within 3 dB."""
    target = ASTRONAUT if len(shape) == 3 else np.ascontiguousarray(ASTRONAUT[: shape[0], : shape[1], 1])
    run = attack_target(DrpeImpulse(), Drpe(bits=16), target)
    assert (run.outcome, run.queries.total, run.score.share) == ("recovered", 1, 1)
    assert_as_good_as_the_receiver(attack_target(DrpeImpulse(), Drpe(), target), Drpe(), target)


@pytest.mark.parametrize("cipher", [Luan2021(), Kumar2022()], ids=lambda cipher: cipher.card.name)
def test_other_schemes_of_one_recording_hold(cipher):
    """The impulse decrypts neither vortices nor fractional orders, and nothing is claimed."""
    run = attack_target(DrpeImpulse(), cipher, ASTRONAUT if cipher.card.min_side > 1 else SMALL)
    assert run.outcome == "holds"
    assert run.score.share < 0.05


@pytest.mark.parametrize("name", ["aes-256-siv", "xor-pad"])
def test_ciphertexts_without_a_field_are_inapplicable(name: str):
    """It says what it would need."""
    run = attack_target(DrpeImpulse(), load_cipher(name), SMALL)
    assert run.outcome == "n/a"
    assert "no recording of one field" in run.result.notes
