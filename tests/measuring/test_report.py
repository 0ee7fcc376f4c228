"""The report: the same numbers in every form."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

import cryptobench as cb
from cryptobench.images import ImageError, write_image
from cryptobench.measurement import COLUMNS
from cryptobench.results.run import ReportError
from tests.measuring.ciphered import experiment, other_key, under, wrong_key


@pytest.fixture(scope="module")
def pictures() -> dict[str, Any]:
    """Every kind of picture, in colour."""
    run = experiment(64, 48, 3)
    return {
        "plain": run.image, "cipher": run.ciphertext.image, "changed": under(run, run.random_key("changed")),
        "other_key": under(run, other_key(run)), "wrong_key": wrong_key(run), "decrypted": run.image,
        "damaged": [run.image ^ np.uint8(1)],
    }  # fmt: skip


def test_json_and_csv_hold_every_number(pictures: dict[str, Any]) -> None:
    """In full precision, with the tests, what is missing, and infinity as text."""
    found = cb.measure(**pictures)
    content = json.loads(found.text("json"))
    rows = list(csv.DictReader(io.StringIO(found.text("csv"))))
    assert len(content["measurements"]) == len(rows) == len(found.numbers) > 100
    for one, other in zip(content["measurements"], rows, strict=True):
        assert one["metric"] == other["metric"]
        assert float(one["value"]) == float(other["value"])
        assert other["p_value"] == "" if one["p_value"] is None else float(other["p_value"]) == one["p_value"]
    assert {one["test"]: one["state"] for one in content["tests"]}["all"] == content["state"] == found.state
    assert next(one for one in content["measurements"] if one["metric"] == "decrypted_psnr")["value"] == "inf"
    assert content["pictures"][0]["shape"] == [64, 48, 3]
    assert content["not_measured"] == found.missing


def test_measurements_have_the_columns_of_a_run(pictures: dict[str, Any]) -> None:
    """So that they can stand beside a run's."""
    table = cb.measure(**pictures, name="mine").measurements
    assert list(table) == list(COLUMNS)
    assert set(table["cipher"]) == {"mine"}
    assert not table.duplicated(["analysis", "metric", "channel", "other_channel", "direction", "parameter", "part",
                                 "statistic", "condition"]).any()  # fmt: skip


def test_markdown_has_every_table(pictures: dict[str, Any]) -> None:
    """Numbers, critical values, tests, notes, what was not measured."""
    text = cb.measure(**pictures).text("markdown")
    for title in ("Measured on pictures alone", "Critical values in the literature", "Tests", "Notes", "Not measured"):
        assert f"# {title}" in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex")
def test_latex_compiles_without_an_overfull_box(pictures: dict[str, Any], tmp_path: Path) -> None:
    """Of a colour and of a grey picture, in two columns, and no table is cut across."""
    grey = {role: (one[0] if isinstance(one, list) else one)[..., 1] for role, one in pictures.items()}
    for name, found in (("colour", cb.measure(**pictures)), ("grey", cb.measure(**grey))):
        text = found.text("latex")
        assert text.count(r"\caption{Measured on pictures alone") <= 2
        (tmp_path / f"{name}.tex").write_text(text.replace("{tab:", f"{{tab:{name}-"), "utf-8")
    (tmp_path / "paper.tex").write_text(
        "\\documentclass[twocolumn]{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{booktabs,siunitx,graphicx}\n"
        "\\begin{document}\n\\input{colour}\\clearpage\\input{grey}\n\\end{document}\n"
    )
    line = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout


def test_lossy_cipher_images_do_not_pass(tmp_path: Path) -> None:
    """Whatever the tests say: the numbers are not the cipher's."""
    run = experiment(64, 48)
    Pillow.fromarray(run.ciphertext.image).save(tmp_path / "enc.jpg", quality=100)
    found = cb.measure(run.image, tmp_path / "enc.jpg")
    assert found.lossy == [str(tmp_path / "enc.jpg")]
    assert not found.passes
    assert "JPEG compression" in found.notes[0]
    assert json.loads(found.text("json"))["pictures"][0]["lossy"] == {str(tmp_path / "enc.jpg"): "JPEG"}
    assert cb.measure(run.image, run.ciphertext.image).passes


def test_many_pictures_are_pooled(tmp_path: Path) -> None:
    """By folders, of different sizes and colours; by a table the same; the report has a summary."""
    lines = ["name,plain,cipher"]
    for name, shape in (("a", (40, 48)), ("b", (48, 40, 3))):
        run = experiment(*shape, label=name)
        write_image(_made(tmp_path / "plain" / f"{name}.png"), run.image)
        write_image(_made(tmp_path / "cipher" / f"{name}.tif"), run.ciphertext.image)
        lines.append(f"{name},plain/{name}.png,cipher/{name}.tif")
    (tmp_path / "list.csv").write_text("\n".join(lines))
    found = cb.measure(pairs=(str(tmp_path / "plain"), str(tmp_path / "cipher")))
    listed = cb.measure(table=tmp_path / "list.csv")
    assert listed.numbers.equals(found.numbers)
    assert found.several
    assert found.tables[0].name == "measure_summary"
    assert found.text("latex").count("Tests of pictures alone") == 1
    alone = cb.measure(tmp_path / "plain" / "a.png", tmp_path / "cipher" / "a.tif")
    assert found.numbers[found.numbers["image"] == "a"].reset_index(drop=True).equals(alone.numbers)


def test_refused_pictures_are_all_named(tmp_path: Path) -> None:
    """Not the first alone."""
    (tmp_path / "list.csv").write_text("cipher\none.png\ntwo.png\n")
    with pytest.raises(ImageError, match=r"2 of 2 pictures cannot be used:\n.*one\.png.*\n.*two\.png"):
        cb.measure(table=tmp_path / "list.csv")


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"alpha": 1.0}, ReportError, "alpha is 1, wanted a level above 0"),
        ({"pairs": ("a", "b")}, ImageError, "wanted one of: a cipher image, pairs, or a table"),
        ({"cipher": None}, ImageError, "wanted one of"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(options: dict[str, Any], error: type[Exception], said: str) -> None:
    """In one line."""
    with pytest.raises(error, match=said):
        cb.measure(**({"cipher": np.zeros((8, 8), np.uint8)} | options))


def test_unknown_forms_are_refused() -> None:
    """With those that there are."""
    with pytest.raises(ReportError, match="wanted one of markdown, csv, latex, json"):
        cb.measure(cipher=np.zeros((8, 8), np.uint8)).text("xml")


def test_notebooks_show_tables(pictures: dict[str, Any]) -> None:
    """And one line says what it is."""
    found = cb.measure(pictures["plain"], pictures["cipher"])
    assert "<table" in found._repr_html_()
    assert repr(found).startswith("<PictureReport of picture: ")


def _made(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    return path
