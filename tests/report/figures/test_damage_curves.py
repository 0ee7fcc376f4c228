"""Curves of damage name exactly the ciphers that reject it."""

from __future__ import annotations

from cryptobench.layout.tables import REJECTED
from cryptobench.measurement import Measurement, frame
from cryptobench.report.figures import damage_curves
from cryptobench.results.run import RunData, run_in_memory


def _run(*rows: tuple[str, str, Measurement]) -> RunData:
    """Rows of (cipher, image, measurement)."""
    card = {"family": "control", "fidelity": "A", "analysis": "robustness", "height": 32, "width": 32, "channels": 3}
    return run_in_memory(frame(card | {"cipher": cipher, "image": image} | row.row() for cipher, image, row in rows))


def test_only_ciphers_that_reject_are_named() -> None:
    """One that was not run on this image, and one whose damage is not defined, have no curve but do not reject."""
    place = {"condition": "bit flips", "parameter": "1"}
    measured, rejected = Measurement("damaged_psnr", 30.0, **place), Measurement(
        "damaged_psnr", None, message=REJECTED, **place
    )  # fmt: skip
    undefined = Measurement("damaged_psnr", None, message="no such level", **place)
    rows = [("open", "a", measured), ("sealed", "a", rejected), ("elsewhere", "b", measured), ("odd", "a", undefined)]
    (caption, _) = (drawing.caption for drawing in damage_curves.draw(_run(*rows)))
    assert caption.endswith("since they reject damaged ciphertexts: sealed.")
