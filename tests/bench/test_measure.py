"""What one cell of an attack gives: rows, pictures, and what becomes of a failure."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as pillow

from cryptobench.bench import measure
from cryptobench.bench.cell import decode_rows
from cryptobench.bench.measure import picture, run_cell
from cryptobench.bench.plan import make_plan
from cryptobench.images import load_image
from cryptobench.measurement import Artifact, Measurement
from cryptobench.task import TaskResult
from tests.bench.driving import settings_of_toys, toy


def test_what_is_loaded_is_not_warmed_again(toy_settings, monkeypatch):
    """A cell is warm once its cipher, its image and its analysis have been loaded, be it for others."""
    monkeypatch.setattr(measure, "_ready", set())
    settings = toy_settings({"entropy": {}, "histogram": {}}, ciphers=("caesar", "xor-pad"), images=("camera",))
    caesar_entropy, caesar_histogram, xor_entropy, xor_histogram = make_plan(settings).cells
    measure.warm_up(caesar_entropy)
    warm = [measure.is_warm(cell) for cell in (caesar_entropy, caesar_histogram, xor_entropy)]
    measure.warm_up(caesar_histogram)
    measure.warm_up(xor_entropy)
    assert warm == [True, False, False]
    assert measure.is_warm(xor_histogram)
    assert not measure.is_warm(replace(xor_histogram, isolated=True))


def test_a_cell_has_rows_by_nonce_and_pictures(attack_cells):
    """A stream cipher falls under a fixed nonce and holds with fresh ones."""
    cell = attack_cells({toy("Peek"): {}}, ciphers=(toy("Xor"),), size=16)[0]
    result = run_cell(cell)
    assert (result.status, result.final) == ("ok", True)
    rows = {(row["metric"], row["part"], row["nonce"]): row for row in decode_rows(result.rows)}
    assert {(row["analysis"], row["condition"]) for row in rows.values()} == {("attack:peek", "CPA")}
    assert [rows["outcome", "", nonce]["outcome"] for nonce in ("fresh", "fixed")] == ["holds", "recovered"]
    assert [rows["outcome", "", nonce]["value"] for nonce in ("fresh", "fixed")] == [None, None]
    assert [rows["outcome", "", nonce]["verdict"] for nonce in ("fresh", "fixed")] == ["pass", "fail"]
    recovered = rows["recovered", "", "fixed"]
    assert (recovered["value"], recovered["verdict"]) == (1.0, "fail")
    assert recovered["p_value"] < 1e-6 < rows["recovered", "", "fresh"]["p_value"]
    assert rows["queries", "", "fixed"]["value"] == rows["queries", "encryptions", "fixed"]["value"] == 1
    assert (rows["claim", "malleable", "fixed"]["value"], rows["peeks", "", "fixed"]["value"]) == (1.0, 1.0)
    assert rows["outcome", "", "fixed"]["message"] == "looked"
    pictures = {name: np.asarray(pillow.open(io.BytesIO(content))) for name, content in result.pictures}
    assert set(pictures) == {f"attack peek 16 fixed {name}.png" for name in ("original", "cipher", "recovered")}
    assert np.array_equal(pictures["attack peek 16 fixed recovered.png"], load_image("astronaut", 16))


def test_a_failed_attack_is_one_row(attack_cells, capfd):
    """As for analyses."""
    cell = attack_cells({toy("Peek"): {"fail": True}}, ciphers=(toy("Xor"),))[0]
    (row,) = decode_rows(run_cell(cell).rows)
    assert (row["status"], row["analysis"]) == ("failed", "attack:peek")
    assert re.fullmatch(r"RuntimeError: this toy breaks \(toys\.py, line \d+\)", row["message"])


def test_an_image_that_ciphers_refuse_is_unsupported(attack_cells):
    """A non-square image, and a cipher for square ones."""
    cell = attack_cells({toy("Peek"): {}}, ciphers=(toy("SquareOnly"),), images=("coffee",))[0]
    (row,) = decode_rows(run_cell(cell).rows)
    assert row["status"] == "unsupported"
    assert "wanted a square image" in row["message"]


def test_shared_experiments_change_no_number(attack_cells):
    """Sharing first encryptions changes no number: in another order, the same rows."""
    cells = attack_cells({toy("Peek"): {}, "determinism": {}, "affine_gf2": {}}, ciphers=(toy("Xor"),))

    def numbers(order):
        measure._shared.clear()
        found = {cell.address: list(decode_rows(run_cell(cell).rows)) for cell in order}
        return {
            address: [row | {"seconds": 0} for row in rows if row["metric"] not in ("attack_time", "extrapolated_time")]
            for address, rows in found.items()
        }

    assert numbers(cells) == numbers(cells[::-1])


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3)])
def test_pictures_are_png_without_loss(shape):
    """Grey and colour come back pixel for pixel, and the name is safe for a file."""
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    name, content = picture(Artifact("occlusion 1/4", pixels))
    assert name == "occlusion 1-4.png"
    assert np.array_equal(np.asarray(pillow.open(io.BytesIO(content))), pixels.squeeze())


def test_pictures_are_smaller_than_by_pillow_alone():
    """A photograph, at the same level of compression: only runs are sought for, which takes less time too."""
    pixels, content = load_image("astronaut", 64), io.BytesIO()
    pillow.fromarray(pixels).save(content, "PNG", compress_level=1)
    assert len(picture(Artifact("photograph", pixels))[1]) < len(content.getvalue())


def test_other_channel_counts_are_kept_as_arrays():
    """No picture format holds five channels."""
    pixels = np.random.default_rng(1).integers(0, 256, (4, 6, 5), np.uint8)
    name, content = picture(Artifact("cipher", pixels))
    assert name == "cipher.npy"
    assert np.array_equal(np.load(io.BytesIO(content)), pixels)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"p_value": 2.0}, "p_value is 2.0, wanted a probability from 0 to 1"),
        ({"verdict": "maybe"}, "verdict is 'maybe', wanted one of pass, fail, none"),
        ({"nonce": "../up"}, "nonce is '../up', wanted a name, not a path"),
        ({"trial": -1}, "trial is -1, wanted a whole number from 0"),
    ],
)
def test_a_row_that_no_table_takes_fails_its_cell(row, says):
    """The analysis that gave it is blamed in the cell's one row; else the run's own table could not be read."""
    cell = make_plan(settings_of_toys({"entropy": {}}, ciphers=("caesar",), attacks={})).cells[0]
    result = measure._finished(cell, TaskResult((Measurement("m", 1.0, **row),), seconds=0.5), ())
    (found,) = decode_rows(result.rows)
    assert (result.status, result.final, found["status"], found["value"]) == ("failed", True, "failed", None)
    assert says in found["message"]
    assert found["message"].startswith("entropy gave a row that the table does not take: ")
    good = measure._finished(cell, TaskResult((Measurement("m", np.float32(0.5), trial=np.int64(2)),)), ())
    assert [one["status"] for one in decode_rows(good.rows)] == ["ok"]


def test_a_cipher_of_ones_own_is_warmed_once(toy_settings, monkeypatch):
    """As one that is built in: its worker has it, and further analyses of it load only what is new."""
    monkeypatch.setattr(measure, "_ready", set())
    settings = toy_settings({"entropy": {}, "histogram": {}}, ciphers=(toy("Xor"),), images=("camera",))
    entropy, histogram = make_plan(settings).cells
    assert entropy.isolated
    measure.warm_up(entropy)
    assert [measure.is_warm(cell) for cell in (entropy, histogram)] == [True, False]
