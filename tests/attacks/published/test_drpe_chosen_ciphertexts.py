"""Five decryptions give the Fourier mask of double random phase encoding, and of nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.published.drpe_chosen_ciphertexts import DrpeChosenCiphertexts
from cryptobench.attacks.runner import attack_target
from cryptobench.baselines.optical.drpe import Drpe
from cryptobench.baselines.optical.kumar2022 import Kumar2022
from cryptobench.baselines.optical.luan2021 import Luan2021
from cryptobench.cipher import CipherError
from cryptobench.registry import load_cipher
from tests.attacks.published.optical_targets import ASTRONAUT, SMALL


@pytest.mark.parametrize("shape", [(64, 64, 3), (33, 47), (9, 24)], ids=str)
@pytest.mark.parametrize(("bits", "least"), [(16, 44), (8, 38)])
def test_the_mask_is_read(shape: tuple[int, ...], bits: int, least: float) -> None:
    """To the eye, at 8 and 16 bits a number; the map is that of all ciphertexts of the key."""
    target = ASTRONAUT if len(shape) == 3 else np.ascontiguousarray(ASTRONAUT[: shape[0], : shape[1], 1])
    run = attack_target(DrpeChosenCiphertexts(), Drpe(bits=bits), target)
    assert (run.outcome, run.result.claims) == ("recovered", ("map", "malleable"))
    assert run.queries.total == run.queries.decryptions == 5
    assert run.score.psnr > least
    assert run.result.statistic > 0.99


@pytest.mark.parametrize("cipher", [Luan2021(), Kumar2022()], ids=lambda cipher: cipher.card.name)
def test_other_schemes_of_one_recording_hold(cipher) -> None:
    """Fractional orders and vortices are no mask in the Fourier plane: nothing is claimed."""
    run = attack_target(DrpeChosenCiphertexts(), cipher, ASTRONAUT if cipher.card.min_side > 1 else SMALL)
    assert (run.outcome, run.result.claims) == ("holds", ())
    assert abs(run.result.statistic) < 0.5


@pytest.mark.parametrize("name", ["aes-256-siv", "xor-pad"])
def test_ciphertexts_without_a_field_are_inapplicable(name: str) -> None:
    """It says what it would need."""
    run = attack_target(DrpeChosenCiphertexts(), load_cipher(name), SMALL)
    assert (run.outcome, run.queries.total) == ("n/a", 0)
    assert "no recording of one field" in run.result.notes


def test_rejections_are_the_answer() -> None:
    """A receiver who rejects every field gives nothing away."""

    class Rejecting(Drpe):
        def decrypt(self, encrypted, key):
            raise CipherError("drpe: rejected")

    run = attack_target(DrpeChosenCiphertexts(), Rejecting(), SMALL)
    assert (run.outcome, run.result.claims) == ("holds", ("rejects",))
