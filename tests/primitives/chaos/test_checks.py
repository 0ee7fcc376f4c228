"""Refusals that schemes share."""

import pytest

from cryptobench.cipher import UnsupportedImage
from cryptobench.primitives.chaos.checks import require_samples


def test_as_many_samples_as_fit_are_taken():
    """The number is given back."""
    assert require_samples("scheme", 7, 7) == 7


def test_more_samples_are_refused():
    """The message names the scheme, both numbers and what to do."""
    with pytest.raises(UnsupportedImage, match=r"^scheme: 8 samples, wanted at most 7; use a smaller image$"):
        require_samples("scheme", 8, 7)
