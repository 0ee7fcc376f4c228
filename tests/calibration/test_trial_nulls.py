"""Analyses that share the first encryptions of their trials keep their null distributions; see `trial_nulls`."""

from __future__ import annotations

import pytest

from cryptobench.analyses.differential.analysis import Differential
from cryptobench.experiment import Experiment
from tests.analyses.statistical_toys import Ideal
from tests.calibration.trial_nulls import Independence, Size, independence, rows_of, sizes

MODES = ("fresh", "fixed")


def test_shared_first_encryptions_keep_sizes() -> None:
    """On ideal images NPCR, UACI and avalanche alarm at 1 and 5 % as often as stated, and trials are independent."""
    tables = rows_of(Ideal(), 40, 10, 12, 12)
    found: list[Size | Independence] = [*sizes(tables, MODES), *independence(tables, MODES)]
    assert len(found) == 36
    assert min(one.p_value for one in found) > 1e-4, sorted(map(str, found))


def test_one_key_over_trials_correlates_uaci(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one first encryption for all trials the variance of a mean UACI is what 0.1 between any two makes of it."""
    monkeypatch.setattr(Experiment, "_of_trial", lambda self, trial: (self.key, self.nonce))
    tables = rows_of(Ideal(), 60, 12, 12, 12, kinds=(Differential,))
    uaci = [one for one in independence(tables, MODES) if one.metric == "uaci"]
    assert max(one.p_value for one in uaci) < 1e-4
    assert all(1.5 < one.ratio < 3 for one in uaci)  # 1 + 11 x 0.1
