"""Attacks as cells of a run: on which images, with which rows and pictures, and what becomes of a failure."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image as pillow

from cryptobench.bench.cell import decode_rows
from cryptobench.bench.errors import BenchError
from cryptobench.bench.measure import run_cell
from cryptobench.bench.plan import make_plan
from cryptobench.images import load_image
from cryptobench.images.references import pixels
from tests.bench.driving import toy

PHOTOGRAPHS = ("flat-black", "astronaut", "camera")


@pytest.fixture
def attack_cells(toy_settings):
    """The cells of a run of attacks only."""

    def plan(attacks, **changes):
        settings = {"images": PHOTOGRAPHS, "size": 48, "attack_sides": (16, 24), "attacks": attacks} | changes
        return make_plan(toy_settings({}, **settings)).cells

    return plan


def test_cheap_attacks_run_at_full_size_too(attack_cells):
    """The first photograph at the run's attack sides, and at its own size unless the attack sets a limit."""
    cells = attack_cells({toy("Peek"): {}}, ciphers=(toy("Xor"),))
    assert [(cell.image_name, cell.size, cell.height, cell.channels) for cell in cells] == [
        ("astronaut", 48, 48, 3), ("astronaut", 16, 16, 3), ("astronaut", 24, 24, 3)
    ]  # fmt: skip
    assert {(cell.kind, cell.analysis_name) for cell in cells} == {("attack", "attack:peek")}
    assert len({cell.address for cell in cells}) == 3


def test_an_attack_says_what_it_attacks(attack_cells):
    """Grey and small where it asks for that, and only against the ciphers that it is about."""
    cells = attack_cells({toy("SmallGreyPeek"): {}})
    assert [(cell.cipher_name, cell.height, cell.channels, cell.grey) for cell in cells] == [("toy-xor", 16, 1, True)]


def test_a_profile_sets_sides_images_and_parameters(attack_cells):
    """The keys sides and images are the plan's; all others are the attack's own."""
    own = {toy("Peek"): {"sides": [8], "images": ["coins"], "budget": 5}}
    cells = attack_cells(own, ciphers=(toy("Xor"),))
    assert [(cell.image_name, cell.height) for cell in cells] == [("coins", 48), ("coins", 8)]
    assert json.loads(cells[1].parameters) == {"budget": 5, "fail": False}
    with pytest.raises(BenchError, match=r"attack .*Peek: sides is \[-1\], wanted a list of sides"):
        attack_cells({toy("Peek"): {"sides": [-1]}})
    with pytest.raises(BenchError, match="has no parameter 'bugdet'; did you mean 'budget'"):
        attack_cells({toy("Peek"): {"bugdet": 1}})


def test_an_attack_without_images_is_noted(toy_settings):
    """No photograph, or none small enough."""
    settings = {"size": 48, "attack_sides": (32,), "images": ("astronaut",)}
    plan = make_plan(toy_settings(attacks={toy("SmallGreyPeek"): {}}, **settings))
    assert plan.notes == (
        "attack:small_grey_peek is left out: it attacks photographs of at most 16 pixels a side, and the run has none",
    )


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


def test_an_attack_that_fails_is_a_row_that_says_why(attack_cells, capfd):
    """As for analyses."""
    cell = attack_cells({toy("Peek"): {"fail": True}}, ciphers=(toy("Xor"),))[0]
    (row,) = decode_rows(run_cell(cell).rows)
    assert (row["status"], row["analysis"], row["message"]) == (
        "failed",
        "attack:peek",
        "RuntimeError: this toy breaks",
    )


def test_a_cipher_that_cannot_take_the_image_is_unsupported(attack_cells):
    """A non-square image, and a cipher for square ones."""
    cell = attack_cells({toy("Peek"): {}}, ciphers=(toy("SquareOnly"),), images=("coffee",))[0]
    (row,) = decode_rows(run_cell(cell).rows)
    assert row["status"] == "unsupported"
    assert "wanted a square image" in row["message"]


def test_shared_experiments_change_no_number(attack_cells):
    """Sharing first encryptions changes no number: in another order, the same rows."""
    from cryptobench.bench import measure

    cells = attack_cells({toy("Peek"): {}, "determinism": {}, "affine_gf2": {}}, ciphers=(toy("Xor"),))

    def numbers(order):
        measure._shared.clear()
        found = {cell.address: list(decode_rows(run_cell(cell).rows)) for cell in order}
        return {
            address: [row | {"seconds": 0} for row in rows if row["metric"] != "attack_time"]
            for address, rows in found.items()
        }

    assert numbers(cells) == numbers(cells[::-1])


def test_grey_is_the_luminance():
    """Of a grey image it is the image itself."""
    colour = load_image("astronaut", 32)
    grey = pixels("astronaut", 32, True)
    assert (grey.shape, grey.dtype) == ((32, 32), np.uint8)
    wanted = 0.299 * colour[..., 0] + 0.587 * colour[..., 1] + 0.114 * colour[..., 2]
    assert np.abs(grey - wanted).max() <= 0.5 + 1e-9
    assert np.array_equal(pixels("camera", 32, True), load_image("camera", 32))
