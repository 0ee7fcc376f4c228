"""Pictures of a plan: decoded once, at the sizes that the run wants, and all that are bad in one message."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from cryptobench.bench.cell import decode_rows
from cryptobench.bench.measure import run_cell
from cryptobench.bench.plan import make_plan
from cryptobench.bench.progress import Progress
from cryptobench.bench.run import run
from cryptobench.images import ImageError, image_hash, load_image, read_image, write_image
from tests.bench.driving import toy


@pytest.fixture
def photograph(tmp_path):
    """A colour picture of 300 x 400 in a folder of its own."""
    image = np.random.default_rng(6).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    (tmp_path / "pictures").mkdir()
    write_image(tmp_path / "pictures" / "photo.png", image)
    return tmp_path / "pictures" / "photo.png"


def test_a_file_is_decoded_once_a_run(toy_settings, photograph, monkeypatch):
    """At the run's size and both sides of attacks, in colour and grey, measured in whatever process."""
    decoded = []
    monkeypatch.setattr(
        "cryptobench.images.references.read_image", lambda path: decoded.append(str(path)) or read_image(path)
    )
    settings = toy_settings(
        {toy("Mean"): {"images": "all"}}, images=(str(photograph),), ciphers=("caesar",),
        attacks={"determinism": {}, "keystream_reuse": {}},
        size=64, attack_sides=(16, 24),
    )  # fmt: skip
    plan = make_plan(settings)
    assert decoded == [str(photograph)]
    assert {(image.height, image.width) for image in plan.images} == {(12, 16), (18, 24), (48, 64)}
    results = [run_cell(cell) for cell in plan.cells if cell.kind == "analysis"]
    assert [result.status for result in results] == ["ok"]
    assert decoded == [str(photograph)]


def test_pixels_are_those_of_the_file_scaled(toy_settings, photograph):
    """What goes along is what `load_image` gives, has the planned digest, and plays no part in the address."""
    plan = make_plan(toy_settings(images=(str(photograph),), ciphers=("caesar",), size=64))
    cell = plan.cells[0]
    np.testing.assert_array_equal(cell.pixels, load_image(str(photograph), 64))
    assert image_hash(cell.pixels) == cell.image_hash
    without = replace(cell, pixels=None)
    assert without.address == cell.address
    values = [[row["value"] for row in decode_rows(run_cell(one).rows)] for one in (cell, without)]
    assert values[0] == values[1]
    assert make_plan(toy_settings(ciphers=("caesar",))).cells[0].pixels is None


def test_many_pixels_do_not_go_along(toy_settings, photograph, monkeypatch):
    """They are loaded where they are measured, and not kept for all pictures at once."""
    monkeypatch.setattr("cryptobench.bench.planned_images._CARRIED", 1000)
    cell = make_plan(toy_settings(images=(str(photograph),), ciphers=("caesar",), size=64)).cells[0]
    assert cell.pixels is None
    assert run_cell(cell).status == "ok"


def test_the_size_measured_is_said(toy_settings, photograph, tmp_path):
    """Before the run, and in run.json; a picture that is small enough has nothing to say."""
    write_image(photograph.with_name("small.png"), np.zeros((9, 7, 3), np.uint8))
    settings = toy_settings(images=(str(photograph.parent), "gradient"), ciphers=("caesar",), size=64)
    said = io.StringIO()
    run(settings, tmp_path / "run", Progress(said))
    note = "photo is scaled from 300x400 to 48x64 pixels (height x width): that is what is measured\n"
    assert note in said.getvalue()
    images = json.loads((tmp_path / "run" / "run.json").read_text())["images"]
    assert (images["photo"]["scaled_from"], images["photo"]["shape"]) == ([300, 400], [48, 64, 3])
    assert "scaled_from" not in images["small"] | images["gradient"]
    write_image(photograph.with_name("second.png"), np.zeros((90, 70, 3), np.uint8))
    notes = make_plan(settings).notes
    assert notes == (
        "photo is scaled from 300x400 to 48x64 pixels (height x width), and 1 other picture to sides of at most 64: "
        "that is what is measured",
    )


def test_a_folder_lists_all_its_bad_files(toy_settings, photograph):
    """Cut off, too deep and a link to nothing: one message with a line for each, by name, whatever comes first."""
    folder = photograph.parent
    (folder / "a.PNG").write_bytes(photograph.read_bytes()[:200])
    (folder / "m.pgm").write_bytes(b"P5 3 2 65535\n" + bytes(12))
    (folder / "z.png").symlink_to(folder / "gone.png")
    with pytest.raises(ImageError) as caught:
        make_plan(toy_settings(images=(str(folder),), ciphers=("caesar",)))
    first, *lines = str(caught.value).splitlines()
    assert first == "3 of 4 pictures cannot be used:"
    wanted = {
        "a.PNG": "incomplete or damaged",
        "m.pgm": "has 16 bits a sample",
        "z.png": "a link to a file that is not there",
    }
    for line, (name, words) in zip(lines, wanted.items(), strict=True):
        assert str(folder / name) in line
        assert re.search(words, line)


def test_one_bad_file_is_one_line(toy_settings, photograph):
    """Its own message."""
    (photograph.with_name("a.png")).touch()
    with pytest.raises(ImageError, match=r"^\S+a\.png is empty, wanted PNG"):
        make_plan(toy_settings(images=(str(photograph.parent),), ciphers=("caesar",)))
