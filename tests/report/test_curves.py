"""Figures of curves say nothing that was not measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.figures import damage_curves, timing
from cryptobench.report.table import REJECTED
from cryptobench.results.run import NothingToShow, Run


def _run(*rows: tuple[str, str, Measurement]) -> Run:
    """Rows of (cipher, image, measurement)."""
    card = {"family": "control", "fidelity": "A", "analysis": "robustness", "height": 32, "width": 32, "channels": 3}
    return Run(Path(), frame(card | {"cipher": cipher, "image": image} | row.row() for cipher, image, row in rows))


def test_only_ciphers_that_reject_are_said_to() -> None:
    """One that was not run on the image shown, and one whose damage is not defined, have no curve but do not reject."""
    place = {"variant": "bit flips", "direction": "1"}
    measured, rejected = Measurement("damaged_psnr", 30.0, **place), Measurement(
        "damaged_psnr", None, message=REJECTED, **place
    )  # fmt: skip
    undefined = Measurement("damaged_psnr", None, message="no such level", **place)
    rows = [("open", "a", measured), ("sealed", "a", rejected), ("elsewhere", "b", measured), ("odd", "a", undefined)]
    (caption, _) = (drawing.caption for drawing in damage_curves.draw(_run(*rows)))
    assert caption.endswith("since they reject damaged ciphertexts: sealed.")


@pytest.mark.parametrize(("sides", "drawn"), [(("64",), False), (("64", "128"), True)])
def test_times_of_one_size_make_no_curve(sides: tuple[str, ...], drawn: bool) -> None:
    """Growth needs two sizes; with one there is no exponent either."""
    times = [Measurement("encrypt_time", 0.001 * int(s), direction=s, variant="median") for s in sides]
    run = _run(*(("toy", "a", row) for row in (*times, Measurement("encrypt_exponent", None))))
    if not drawn:
        with pytest.raises(NothingToShow, match="several image sizes"):
            list(timing.draw(run))
        return
    (drawing,) = timing.draw(run)
    legend = drawing.figure().axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["toy"]
