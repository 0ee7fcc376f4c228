"""Binomial tails, corrected for the number of tries."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from cryptobench.metrics.statistics import binomial_lower_tail, binomial_sf


def test_binomial_tails_agree_with_scipy_stats() -> None:
    """Both tails include the count itself, and never exceed one after correction."""
    assert binomial_sf(9, 500) == pytest.approx(binom.sf(8, 500, 1 / 256))
    assert binomial_lower_tail(3, 50, 0.5) == pytest.approx(binom.cdf(3, 50, 0.5))
    assert binomial_sf(9, 500, tries=3) == pytest.approx(3 * binom.sf(8, 500, 1 / 256))
    assert binomial_sf(0, 10) == binomial_sf(1, 10, 0.5, tries=50) == 1.0
