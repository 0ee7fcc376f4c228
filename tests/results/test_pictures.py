"""The pictures of a run: by the names in its table, and never from outside its folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cryptobench.bench.run import write_table
from cryptobench.measurement import SCHEMA, Measurement, frame
from cryptobench.results.pictures import kept_pictures, read_picture
from cryptobench.results.run import ReportError, RunData, load_run

PICTURE = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)


def run_of(folder: Path, **names: str) -> Path:
    """A run of one row, sealed as runs are, whose cipher and image have these names."""
    folder.mkdir(exist_ok=True)
    row = {"cipher": "mine", "image": "camera", "analysis": "entropy", "family": "chaotic", "fidelity": "A"}
    numbers = {"height": 4, "width": 4, "channels": 3, "seed": 1, "seconds": 0.1}
    written = write_table(
        frame([Measurement("global_entropy", 7.9, part="cipher").row() | row | numbers | names]), folder
    )
    (folder / "run.json").write_text(json.dumps({"schema": SCHEMA, "measurements": written}))
    return folder


def picture_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    Image.fromarray(PICTURE).save(folder / "plain.png")
    return folder


@pytest.mark.parametrize("column", ["cipher", "image", "analysis", "nonce"])
@pytest.mark.parametrize("name", ["/elsewhere", "../elsewhere", "..", "a/../../elsewhere", "a\0b", "x" * 256])
def test_a_name_that_is_a_path_is_refused(tmp_path: Path, column: str, name: str) -> None:
    """Absolute, upwards, cut by a zero byte, or too long for a file: the table is damaged, whatever its seal says."""
    folder = run_of(tmp_path / "run", **{column: name})
    with pytest.raises(ReportError, match=rf"measurements.csv.gz is damaged \(.*{column} is .*, wanted a name"):
        load_run(folder)


def test_fetched_images_have_their_folder(tmp_path: Path) -> None:
    """The name of a fetched picture has a slash in it, and its pictures are found."""
    folder = run_of(tmp_path / "run", image="kodak/kodim01")
    picture_in(folder / "pictures" / "mine" / "kodak" / "kodim01")
    found = load_run(folder).picture("mine", "kodak/kodim01", "plain")
    assert found is not None
    assert np.array_equal(found, PICTURE)


def test_a_table_in_hand_leads_nowhere(tmp_path: Path) -> None:
    """A table that was not read from a file names no picture outside the folder either."""
    picture_in(tmp_path / "elsewhere")
    folder = run_of(tmp_path / "run")
    table = load_run(folder).table
    for name in ("../../elsewhere", str(tmp_path / "elsewhere")):
        run = RunData(folder, table.assign(cipher="..", image=name))
        with pytest.raises(ReportError, match="is not followed"):
            run.picture("mine", name, "plain")
        with pytest.raises(ReportError, match="is not followed"):
            run.picture_names("mine", name)


def test_links_are_not_followed_out(tmp_path: Path) -> None:
    """Neither a picture nor a folder of pictures may be a link to elsewhere."""
    place = picture_in(tmp_path / "elsewhere") / "plain.png"
    of = tmp_path / "run" / "pictures" / "mine"
    (of / "camera").mkdir(parents=True)
    (of / "camera" / "plain.png").symlink_to(place)
    (of / "coffee").symlink_to(tmp_path / "elsewhere")
    for image in ("camera", "coffee"):
        with pytest.raises(ReportError, match="is a link out of"):
            read_picture(tmp_path / "run", ("mine", image), "plain")
    assert kept_pictures(tmp_path / "run", ("mine", "camera")) == ["plain"]
    with pytest.raises(ReportError, match="is a link out of"):
        kept_pictures(tmp_path / "run", ("mine", "coffee"))


def test_a_bomb_is_no_picture(tmp_path: Path) -> None:
    """A PNG that claims a billion pixels, another format under its name, and half a file: one line each."""
    place = picture_in(tmp_path / "pictures" / "mine" / "camera") / "plain.png"
    whole = place.read_bytes()
    giant = whole[:16] + (2**15).to_bytes(4, "big") * 2 + whole[24:]
    Image.fromarray(PICTURE).save(tmp_path / "other.bmp")
    for content in (giant, whole[:50], (tmp_path / "other.bmp").read_bytes(), b""):
        place.write_bytes(content)
        with pytest.raises(ReportError, match=r"plain\.png cannot be read as a picture"):
            read_picture(tmp_path, ("mine", "camera"), "plain")
