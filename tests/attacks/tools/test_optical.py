"""Fields are read from recordings, and from nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from cryptobench.attacks.tools.optical import (
    NotRecorded,
    amplitude_image,
    amplitudes_of,
    phase_only,
    recorded_bits,
    recorded_field,
)
from cryptobench.baselines.optical.drpe import Drpe
from cryptobench.cipher import Encrypted
from tests.attacks.published.optical_targets import SMALL


@pytest.mark.parametrize("bits", [8, 16])
def test_fields_are_read_from_the_public_header(bits: int):
    """NotRecorded for a header of another kind, or an image with other channels."""
    ciphertext = Drpe(bits=bits).encrypt(SMALL, bytes(32), bytes(16))
    assert recorded_field(ciphertext, SMALL.shape).shape == (3, 24, 27)
    assert recorded_bits(ciphertext, SMALL.shape) == bits
    with pytest.raises(NotRecorded):
        recorded_field(Encrypted(ciphertext.image, b"x" * 18), SMALL.shape)
    with pytest.raises(NotRecorded):
        recorded_field(ciphertext, (24, 27))
    with pytest.raises(NotRecorded):
        recorded_bits(ciphertext, (24, 27))


def test_the_phase_of_zero_is_one():
    """z / |z|, and no division by zero."""
    assert phase_only(np.array([0, 3j, -2 + 0j])).tolist() == [1, 1j, -1]


def test_amplitudes_of_an_image_give_the_image():
    """Channels first, in 0 to 1, and back."""
    assert amplitudes_of(SMALL).shape == (3, 24, 27)
    assert np.array_equal(amplitude_image(amplitudes_of(SMALL), SMALL.shape), SMALL)
