"""Curves of time need several image sizes."""

from __future__ import annotations

import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.figures import timing
from cryptobench.results.run import NothingToShow, run_in_memory

CARD = {"family": "control", "fidelity": "A", "height": 32, "width": 32, "channels": 3, "cipher": "toy", "image": "a"}


@pytest.mark.parametrize(("sides", "drawn"), [(("64",), False), (("64", "128"), True)])
def test_times_of_one_size_make_no_curve(sides: tuple[str, ...], drawn: bool) -> None:
    """Growth needs two sizes; with one there is no exponent either."""
    times = [Measurement("encrypt_time", 0.001 * int(s), parameter=s, statistic="median") for s in sides]
    rows = (*times, Measurement("encrypt_exponent", None))
    run = run_in_memory(frame(CARD | {"analysis": "timing"} | row.row() for row in rows))
    if not drawn:
        with pytest.raises(NothingToShow, match="several image sizes"):
            list(timing.draw(run))
        return
    (drawing,) = timing.draw(run)
    legend = drawing.figure().axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["toy"]
