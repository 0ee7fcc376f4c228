"""Which property of the plaintext a cipher is keyed with."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.composed.state_class.find_state import StateFinder
from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import Oracle
from tests.attacks.keyed_toys import Toy, permuted_and_xored, photograph


@pytest.mark.parametrize("extreme", [np.max, np.min])
def test_extremes_are_not_taken_for_sums(extreme) -> None:
    """Nor for an XOR, a number of ones or no state: changes of the images that are asked for change extremes too."""
    cipher = Toy(permuted_and_xored, state=lambda image: bytes([extreme(image)]))
    for seed in range(8):
        oracle = Oracle(AttackExperiment(cipher, photograph(16, 16), seed), "CPA")
        state = StateFinder(oracle, np.random.default_rng(seed)).find().state
        assert state is not None
        assert state.name == "greatest and least sample"
