"""The page that compares our kernels with libraries: both calls give the same, and every kernel has its row."""

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))
try:
    from kernel_cases import CASES, Case
    from make_kernels import require_equal, verdict
finally:
    sys.path.remove(str(DOCS))

PAGE = (DOCS / "kernels.md").read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_kernel_and_library_give_the_same(case: Case) -> None:
    """The results that the page compares in time are equal, and the page has the row."""
    require_equal(case)
    assert f"\n| `{case.name}` | {case.what} | {case.library or '–'} | " in PAGE


def test_every_kernel_has_its_reason() -> None:
    """None is level with its library: what is would be the library's call."""
    assert "| level |" not in PAGE


def test_a_kernel_stays_for_a_third() -> None:
    """Saved in one column of two; less is level, and without a library call there is nothing to compare."""
    two, one = (
        next(case for case in CASES if (case.call is None) is lacks and not case.why) for lacks in (False, True)
    )
    assert verdict(two, [[0.6, 1.0], [1.1, 1.0]]) == "faster"
    assert verdict(two, [[0.7, 1.0], [1.1, 1.0]]) == "level"
    assert verdict(one, [[0.7, None], [1.1, None]]) == "no library call"
