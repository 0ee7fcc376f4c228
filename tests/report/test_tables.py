"""Tables hold full precision, and show what readers need."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cryptobench.measurement import Measurement, frame
from cryptobench.report.markdown import Picture, markdown_table, report_page
from cryptobench.report.table import Column, Table
from cryptobench.report.tables import TABLES, make_tables
from cryptobench.report.tables.robustness import level_text
from cryptobench.results.run import Run, load_run


@pytest.fixture(scope="module")
def run(run_folder: Path) -> Run:
    return load_run(run_folder)


@pytest.fixture(scope="module")
def tables(run: Run) -> dict[str, Table]:
    return {table.name: table for table in make_tables(run)[0]}


def _row(table: Table, **where: str) -> dict[str, str]:
    shown = table.display()
    for column, value in where.items():
        shown = shown[shown[column] == value]
    assert len(shown) == 1
    return {str(k): str(v) for k, v in shown.iloc[0].items()}


def test_every_table_has_a_name_of_its_own_and_is_made(run: Run, tables: dict[str, Table]) -> None:
    """Each table function gives a table, or a line that says why not."""
    made, skipped = make_tables(run)
    assert len(made) + len(skipped) == len(TABLES)
    assert len(tables) == len(made)


def test_every_table_marks_fidelity(tables: dict[str, Table]) -> None:
    """Wherever a B or C cipher stands, its fidelity stands too, in Markdown and in CSV."""
    for table in tables.values():
        assert "fidelity" in table.values
        assert not {"hua2021", "zhang2015", "chen2004"} & set(table.display()["cipher"])


def test_values_keep_full_precision(run: Run, tables: dict[str, Table]) -> None:
    """The table's values are those of the measurements, to the last bit; only the display is rounded."""
    rows = run.table.query("metric == 'global_entropy' and variant == 'cipher' and cipher == 'aes-256-ctr'")
    measured = rows.query("image == 'astronaut' and channel == 'R'")["value"].item()
    values = tables["entropy_global"].values.query("cipher == 'aes-256-ctr' and image == 'astronaut'")
    assert values["R"].item() == measured
    assert _row(tables["entropy_global"], cipher="aes-256-ctr", image="astronaut")["R"].rstrip("*") == f"{measured:.5f}"


def test_a_failed_cell_shows_as_missing_with_its_reason(tables: dict[str, Table]) -> None:
    """An unsupported image is a row of dashes, and the errors table says why."""
    assert _row(tables["entropy_global"], cipher="arnold-cat", image="camera")["grey"] == "–"
    errors = tables["errors"].values
    reasons = errors[(errors["cipher"] == "arnold-cat") & (errors["analysis"] == "entropy")]["message"]
    assert reasons.tolist() == ["arnold-cat: image is 48x57x1, wanted a square image"]
    assert set(errors["status"]) == {"unsupported", "failed", "crashed", "timeout"}


def test_a_rejected_ciphertext_reads_rejected(tables: dict[str, Table]) -> None:
    """An authenticated cipher's damaged ciphertexts have no PSNR and are no error."""
    row = _row(tables["robustness_occlusion"], cipher="aes-256-siv", image="astronaut")
    assert row["occlusion corner 1/4"] == "rejected"
    errors = tables["errors"].values
    assert not ((errors["cipher"] == "aes-256-siv") & (errors["analysis"] == "robustness")).any()


def test_fresh_and_fixed_nonce_stand_apart(tables: dict[str, Table]) -> None:
    """A nonce cipher scores well fresh and badly fixed; one without nonce has no fresh columns."""
    row = _row(tables["npcr"], cipher="aes-256-ctr", image="astronaut")
    assert float(row["fresh: mean"].rstrip("*")) > 99
    assert row["fixed: mean"] == "0.0081*"
    bare = _row(tables["npcr"], cipher="caesar", image="astronaut")
    assert (bare["fresh: mean"], bare["fixed: mean"]) == ("–", "0.0081*")
    assert row["misuse: plain vs cipher"] == "99.5800"


def test_a_one_sided_interval_shows_its_one_end() -> None:
    """NPCR has only a lower critical value: it reads as an inequality."""
    card = {"cipher": "toy", "family": "control", "fidelity": "A", "image": "x", "analysis": "differential"}
    rows = [
        Measurement("npcr", 99.6, low=99.5693, trial=0, nonce="fresh"),
        Measurement("npcr_mean", 99.6, nonce="fresh"),
    ]
    made, _ = make_tables(Run(Path(), frame(card | row.row() for row in rows)))
    table = next(table for table in made if table.name == "npcr")
    assert _row(table, cipher="toy")["critical interval"] == "≥ 99.5693"


def test_dead_key_bits_are_shown_by_field(tables: dict[str, Table]) -> None:
    """The truncated key's 128 dead bits lie in its last field, and the key space fails."""
    where = {"cipher": "truncated-key", "image": "astronaut"}
    whole = _row(tables["key_space"], **where)
    assert (whole["nominal bits"], whole["effective bits"], whole["dead bits"]) == ("256", "128*", "128")
    assert _row(tables["key_space_fields"], **where, **{"key field": "x0"})["dead bits"] == "0"
    assert _row(tables["key_space_fields"], **where, **{"key field": "seed"})["dead bits"] == "64"


def test_overview_is_fail_for_a_weak_cipher(tables: dict[str, Table]) -> None:
    """The Caesar control fails the entropy test, a reference passes it, a crash is no pass."""
    assert _row(tables["overview"], cipher="caesar")["global entropy"] == "FAIL"
    assert _row(tables["overview"], cipher="aes-256-ctr")["round trip"] == "pass"
    assert _row(tables["overview"], cipher="chen2004 [B+]")["avalanche, fixed nonce"] == "error"


def test_rows_follow_the_ciphers_order(run: Run, tables: dict[str, Table]) -> None:
    """References first, controls last, images in the run's order within a cipher."""
    assert list(dict.fromkeys(tables["quality"].values["cipher"])) == run.ciphers
    assert tables["quality"].values["image"].tolist()[:2] == ["astronaut", "camera"]


def test_the_star_stands_for_a_failed_verdict_only() -> None:
    """A value is starred when its verdict is "fail", and missing values are not."""
    values = pd.DataFrame({"v": [1.5, 2.5, float("nan")], "d": ["pass", "fail", "fail"]})
    assert Column("t", "v", "{:.1f}", "d").texts(values) == ["1.5", "2.5*", "–"]


def test_markdown_escapes_what_would_break_it(tables: dict[str, Table]) -> None:
    """Every line of a table has the same number of unescaped pipes, whatever a message holds."""
    lines = markdown_table(tables["errors"]).splitlines()
    assert any(r"with a pipe" in line and r"\|" in line for line in lines)
    assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1


def test_the_page_shows_odd_names_as_they_are(tmp_path: Path) -> None:
    """A cipher's name that looks like a tag or a table's edge is neither."""
    odd = {"cipher": "<b>|*", "family": "control", "fidelity": "A", "image": "x", "analysis": "quality"}
    run = Run(tmp_path, frame([odd | Measurement("exact", 1.0, verdict="pass").row()]))
    tables, skipped = make_tables(run)
    page = report_page(run, tables, [Picture("break", "Breaks of <b>|*", "Of <b>|*.")], skipped)
    assert r"- ciphers: &lt;b>\|\*" in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("level", "text"), [("0.25", "1/4"), ("0.015625", "1/64"), ("0.05", "0.05"), ("5", "5"), ("x", "x")]
)
def test_levels_read_as_people_write_them(level: str, text: str) -> None:
    """Shares that are powers of one half are fractions."""
    assert level_text(level) == text


def test_contours_stand_beside_texture(run: Run, tables: dict[str, Table]) -> None:
    """Each row of the texture table has its channel's contour correlation, in full, with the verdict."""
    measured = run.numbers[run.numbers["metric"] == "contour_correlation"]
    measured = measured.set_index(["cipher", "image", "channel"])
    groups = list(tables["texture"].values.groupby(["cipher", "image", "channel"]))
    assert len(groups) > 20
    for place, found in groups:
        row = measured.loc[place]
        assert set(found["contours"]) == {row["value"]}
        assert set(found["contours verdict"]) == {row["verdict"]}


def test_a_run_without_contours_has_no_column_for_them(run: Run) -> None:
    """The texture table of such a run ends with texture."""
    without = Run(run.folder, run.table[run.table["analysis"] != "contours"])
    (table,) = [table for table in make_tables(without)[0] if table.name == "texture"]
    assert "contours" not in [column.title for column in table.columns]
