"""What two runs must have in common, and what is noted where they differ."""

from __future__ import annotations

from typing import Any

import pytest

from cryptobench.check.compare import compare
from cryptobench.check.result import CheckError, Options
from cryptobench.results.run import RunData
from tests.check.made_up import made_up_run, number, together

HISTOGRAM = {"histogram": [number(0.5)]}
SETTINGS: dict[str, Any] = {
    "settings": {"alpha": 0.05},
    "analyses": {"histogram": {"code": "1", "parameters": {"bins": 256}}},
    "images": {"astronaut": {"sha256": "aa", "shape": [32, 32, 3]}},
}


def run(**settings: Any) -> RunData:
    return made_up_run(HISTOGRAM, SETTINGS | settings)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"settings": {"alpha": 0.01}}, "alpha is 0.01 in the new run and 0.05 in the baseline"),
        ({"analyses": {"histogram": {"code": "1", "parameters": {"bins": 16}}}},
         "histogram ran with bins = 16 in the new run and bins = 256 in the baseline"),
        ({"images": {"astronaut": {"sha256": "bb", "shape": [32, 32, 3]}}},
         "the image astronaut has other pixels than in the baseline"),
        ({"images": {"astronaut": {"sha256": "bb", "shape": [16, 16, 3]}}},
         "the image astronaut is 16x16x3 in the new run and 32x32x3 in the baseline"),
    ],
)  # fmt: skip
def test_other_conditions_are_refused(other: dict[str, Any], words: str) -> None:
    """Level, parameters, pixels and size of an image: numbers measured otherwise are not compared."""
    assert compare(run(), run()).exit_code == 0
    with pytest.raises(CheckError, match=words):
        compare(run(**other), run())


def test_other_code_is_noted() -> None:
    """An analysis that was changed since may give other numbers."""
    changed = run(analyses={"histogram": {"code": "2", "parameters": {"bins": 256}}})
    assert compare(changed, run()).notes == ("the code of histogram differs, and numbers may for that reason",)
    assert compare(run(), run()).notes == ()


def test_other_seeds_are_noted() -> None:
    """With both seeds, and what follows from it; golden ciphertexts need one seed."""
    one, other = made_up_run(HISTOGRAM, SETTINGS), made_up_run(HISTOGRAM, SETTINGS, seed=2)
    (note,) = compare(other, one).notes
    assert note.startswith("the seeds differ (1 and 2), and with them keys and trials")
    with pytest.raises(CheckError, match="golden ciphertexts need one seed, and the runs have two"):
        compare(other, one, Options(golden=True))


def test_only_the_chosen_is_compared() -> None:
    """Ciphers and analyses that nobody asked for cannot turn the gate red."""
    worse = {"histogram": [number(1e-30)], "texture": [number(0.5)]}
    old = together(run(), made_up_run({"texture": [number(0.5)]}), made_up_run(HISTOGRAM, cipher="other"))
    new = together(run(), made_up_run(worse, cipher="other"), made_up_run({"texture": [number(0.5)]}))
    assert compare(new, old).exit_code == 1
    assert compare(new, old, Options(ciphers=("toy",))).exit_code == 0
    assert compare(new, old, Options(analyses=("texture",))).exit_code == 0
