"""Every number in every table is the right one: in a run of distinct numbers another one would be seen.

Display, CSV, Markdown, LaTeX and HTML are compared with the measurements, found without the code of the report.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest

from cryptobench.layout.markdown import markdown_table
from cryptobench.layout.tables import Table
from cryptobench.report.html.content import table_content
from cryptobench.report.kept import Kept
from cryptobench.report.latex import latex_table
from cryptobench.report.latex.text import escape
from cryptobench.report.tables import make_tables
from cryptobench.report.write import _write_table
from cryptobench.results.run import RunData
from tests.report.distinct_run import CIPHERS, IMAGES, KINDS, Numbers, distinct_run
from tests.report.printed import PRINTED

WORDS = {"overview", "attacks", "errors"}  # tables without numbers
DERIVED = {
    "summary": {"largest abs. correlation", "confidentiality", "misuse", "integrity"},
    "comparison": {"largest abs. correlation"}, "entropy_local": {"inside it"}, "quality": {"exact"},
    "stages": {"share"},
}  # fmt: skip
ROWS = {  # of two ciphers on two images, where a row is not one of these four
    "summary": 2, "comparison": 2, "correlation": 8, "channel_correlation": 2, "texture": 16, "channel_reach": 4,
    "differential_positions": 8, "key_space_fields": 8, "key_sensitivity_fields": 8, "randomness": 8,
    "randomness_tests": 12, "randomness_bytes": 12, "randomness_bit_planes": 12, "traceability": 12,
    "timing_scaling": 8, "stages": 8,
}  # fmt: skip
COMPUTED = {"verdicts", "judgements", "attack_costs", "relative_claims", "generalisation"}


@pytest.fixture(scope="module")
def run() -> RunData:
    return distinct_run()


@pytest.fixture(scope="module")
def numbers(run: RunData) -> Numbers:
    return Numbers(run.table)


@pytest.fixture(scope="module")
def tables(run: RunData) -> dict[str, Table]:
    made, skipped = make_tables(run)
    assert skipped == ["table errors: every measurement has a value"]
    return {table.name: table for table in made}


def rows_of(table: Table) -> list[dict[str, Any]]:
    """The table's rows with what says which measurements they are about."""
    rows = [{str(name): value for name, value in row.items()} for row in table.values.to_dict("records")]
    for row in rows:
        row.setdefault("image", next(iter(IMAGES)))
        row["first"] = "R" if row["image"] == "coffee" else "grey"
        if "condition" in row and table.name.startswith("randomness"):
            row["source"], _, fixed = str(row["condition"]).partition(", ")
            row["mode"] = "" if row["source"] == "AES-256-CTR" else "fixed" if fixed else "fresh"
    return rows


def expected(table: Table, numbers: Numbers) -> dict[str, list[str]]:
    """What the columns of numbers have to read."""
    rows = rows_of(table)
    titles = [column.title for column in table.columns if column.title in PRINTED[table.name]]
    return {title: [PRINTED[table.name][title].text(numbers, row) for row in rows] for title in titles}


def test_no_two_numbers_are_equal(run: RunData) -> None:
    """Values, ends of intervals and expected values, all together."""
    measured = run.table[~run.table["metric"].isin(("exact", "outcome"))]
    times = measured["metric"].str.endswith("_time")
    scale = times.map({True: 1e3, False: 1.0}).mask(measured["metric"] == "peak_memory", 2.0**-20)
    found = [round(value, 6) for name in ("value", "low", "high", "expected") for value in measured[name] * scale]
    found = [value for value in found if value == value]
    assert len(found) == len(set(found)) > 2500


def test_every_column_is_known(tables: dict[str, Table]) -> None:
    """A column that is new has to be described here."""
    assert set(tables) == set(PRINTED) | COMPUTED | WORDS - {"errors"}
    for name, columns in PRINTED.items():
        shown = {column.title for column in tables[name].columns if not column.key}
        assert shown == set(columns) | DERIVED.get(name, set()), name


@pytest.mark.parametrize("name", PRINTED)
def test_every_cell_shows_its_measurement(name: str, tables: dict[str, Table], numbers: Numbers) -> None:
    """The mean is the mean and the smallest the smallest, of that cipher, image, channel and nonce mode."""
    table = tables[name]
    shown = table.display()
    assert len(shown) == len(shown.drop_duplicates()) == ROWS.get(name, 4)
    for title, wanted in expected(table, numbers).items():
        assert shown[title].tolist() == wanted, title


@pytest.mark.parametrize("name", PRINTED)
def test_csv_has_full_precision(name: str, tables: dict[str, Table], numbers: Numbers, tmp_path: Path) -> None:
    """The file that is written holds the measurement to the last bit, under the column that is displayed."""
    table = tables[name]
    kept = Kept(tmp_path)

    def put(path: Path, content: bytes | str) -> Path:
        assert kept.put(path, content)
        return path

    (path,) = (path for path in _write_table(table, tmp_path, put) if path.suffix == ".csv")
    lines = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    assert len(lines) == len(table.values)
    for column in table.columns:
        if (printed := PRINTED[name].get(column.title)) is None:
            continue
        names = (column.source,) if isinstance(column.source, str) else column.source
        for line, row in zip(lines, rows_of(table), strict=True):
            for field, source in zip(names, printed.sources, strict=False):
                measured = source.value(numbers, row)
                if measured is not None and column.title != "secret bits":
                    scale = 1e3 if name == "comparison" and "(ms)" in column.title else 1.0
                    assert float(line[field]) == measured[0] * scale, (column.title, field)


@pytest.mark.parametrize("name", PRINTED)
def test_markdown_has_the_same_cells(name: str, tables: dict[str, Table]) -> None:
    """Line by line, under their titles."""
    table = tables[name]
    head, _, *body = markdown_table(table).splitlines()
    found = [[cell.strip().replace("\\", "") for cell in line.strip("|").split(" |")] for line in (head, *body)]
    shown = table.display()
    assert found == [list(map(str, shown)), *(list(map(str, row)) for row in shown.itertuples(index=False))]


@pytest.mark.parametrize("name", PRINTED)
def test_html_has_the_same_cells(name: str, tables: dict[str, Table]) -> None:
    """Texts, the numbers that they are sorted by, the cipher of each row, and the CSV behind the table."""
    table = tables[name]
    content, shown = table_content(table), table.display()
    assert content["ciphers"] == table.values["cipher"].tolist()
    for column, part in zip(table.columns, content["columns"], strict=True):
        assert (part["title"], part["texts"]) == (column.title, shown[column.title].tolist())
        first = column.source if isinstance(column.source, str) else column.source[0]
        if column.title in PRINTED[name]:
            raw = [None if value != value else value for value in table.values[first].tolist()]
            assert part["keys"] == raw, column.title
    lines = list(csv.DictReader(io.StringIO(content["csv"])))
    assert [line["cipher"] for line in lines] == content["ciphers"]


def plain(text: str) -> str:
    """Letters, digits, signs and stars of a text, from LaTeX or as it is displayed."""
    text = text.replace("$^{*}$", "*").replace("(ours)", "").replace("\\\\", " ")
    text = re.sub(r"\\fontseries\{b\}\\selectfont |\\num\[.*?\]|\\text\w+|\\rotatebox\{90\}", "", text)
    text = re.sub(r"\\(begin|end)\{tabular\}(\[b\])?(\{@\{\}[cl]@\{\}\})?|\\(?=%)|\\[a-z]+", "", text)
    return re.sub(r"[^\w./,<>*-]|--", "", text)


def named(title: str) -> str:
    """A title so; its comma goes where a group has its first part."""
    return plain(title).replace(",", "")


def printed_in_latex(table: Table) -> list[tuple[list[str], list[list[str]]]]:
    """The titles and the cells of each tabular, as `plain` makes them; cells under one another repeat the cipher."""
    found = []
    for text in re.findall(r"\\toprule\n(.*?)\\bottomrule", latex_table(table), re.DOTALL):
        heading, body = text.split("\\midrule\n")
        lines = heading.strip("\n").split("\n")
        titles = [named(cell) for cell in lines[-1].removesuffix(r" \\").split(" & ")]
        if len(lines) > 1:
            shared: list[str] = []
            for cell in lines[0].split(r" \\ ")[0].split(" & "):
                group = re.fullmatch(r"\\multicolumn\{(\d+)\}\{c\}\{(.*)\}", cell)
                shared += [named(group[2])] * int(group[1]) if group else [""]
            titles = [one + own for one, own in zip(shared, titles, strict=True)]
        rows: list[list[str]] = []
        for line in body.strip().split("\n"):
            if "multicolumn" not in line:
                cells = [plain(cell) for cell in line.removesuffix(r" \\").split(" & ")]
                rows.append([cells[0] or rows[-1][0], *cells[1:]])
        found.append((titles, rows))
    return found


@pytest.mark.parametrize("name", PRINTED)
def test_latex_has_the_same_cells(name: str, tables: dict[str, Table]) -> None:
    """Every number under its title, in the row of its cipher and image, and every one of them somewhere."""
    table = tables[name]
    shown = table.display()
    wanted = {named(escape(str(title))): [plain(text.removesuffix("%").removeprefix("+")) for text in column]
              for title, column in shown.items()}  # fmt: skip
    keys = [named(escape(column.title)) for column in table.columns if column.key]
    seen: set[tuple[str, int]] = set()
    for titles, rows in printed_in_latex(table):
        assert set(titles) <= set(wanted), name
        order: list[int] = []
        for cells in rows:
            row = dict(zip(titles, cells, strict=True))
            places = [
                index for index in range(len(shown))
                if all(wanted[key][index] == row[key] for key in keys if key in row)
            ]  # fmt: skip
            assert len(places) == 1, row
            order += places
            for title in titles:
                if title not in keys:
                    assert row[title] == wanted[title][places[0]], (name, title)
                    seen.add((title, places[0]))
        assert order == sorted(order), name
    left = {
        (title, index) for title, column in wanted.items() for index, text in enumerate(column)
        if title not in keys and text and (title, index) not in seen
    }  # fmt: skip
    said = {named(escape(column.title)) for column in table.columns if column.setting}
    assert {title for title, _ in left} <= said


def test_the_largest_correlation_is_without_sign(tables: dict[str, Table], run: RunData) -> None:
    """In the summary and the comparison: of the ciphertext, over all directions and channels of the first image."""
    for cipher in CIPHERS:
        rows = run.table.query("cipher == @cipher and image == 'coffee' and metric == 'correlation'")
        largest = rows[rows["part"] == "cipher"]["value"].abs().max()
        for name in ("summary", "comparison"):
            values = tables[name].values.set_index("cipher")
            column = "correlation" if name == "summary" else "largest abs. correlation"
            assert values.loc[cipher, column] == largest


def test_shares_and_counts_are_computed_right(tables: dict[str, Table], run: RunData, numbers: Numbers) -> None:
    """A stage's share of all stages; how many local entropies lie in the literature's interval."""
    for row in rows_of(tables["stages"]):
        parts = {name: numbers.row(row["cipher"], row["image"], "stage_time", part=name).value for name in (
            "keystream", "diffusion")}  # fmt: skip
        assert row["share"] == pytest.approx(parts[row["stage"]] / sum(parts.values()))
    shown = tables["entropy_local"].display()
    assert dict(zip(shown["image"], shown["inside it"], strict=True)) == {"coffee": "1 of 4", "camera": "1 of 2"}


def test_generalisation_shows_mean_and_least(tables: dict[str, Table], numbers: Numbers) -> None:
    """Over the images of each kind."""
    values = tables["generalisation"].values.set_index("cipher")
    for cipher in CIPHERS:
        for kind in KINDS:
            for metric, name in (("psnr", "PSNR"), ("ssim", "SSIM")):
                found = [numbers.row(cipher, i, f"generalisation_{metric}", condition=kind).value for i in IMAGES]
                assert values.loc[cipher, f"{name} mean {kind}"] == pytest.approx(sum(found) / 2)
                assert values.loc[cipher, f"{name} min {kind}"] == min(found)
    shown = tables["generalisation"].display().iloc[0]
    mean, least = (values.iloc[0][f"PSNR {part} odd"] for part in ("mean", "min"))
    assert shown["odd sides dB"] == f"{mean:.1f} ({least:.1f})"


def test_relative_claims_compare_with_the_rival(tables: dict[str, Table], numbers: Numbers) -> None:
    """In percent of the rival's mean: less time is a gain, and more decibels are."""
    (row,) = rows_of(tables["relative_claims"])
    for metric, less in (("encrypt_time", True), ("decrypt_time", True), ("decrypted_psnr", False),
                         ("decrypted_ssim", False)):  # fmt: skip
        where = {"statistic": "median"} if less else {}
        own, theirs = (sum(numbers.row(cipher, image, metric, **where).value for image in IMAGES) for cipher in CIPHERS)
        assert row[metric] == pytest.approx(100 * ((theirs - own) if less else (own - theirs)) / theirs)
    trained = sum(numbers.row("rival", image, "training_minutes").value for image in IMAGES) / 2
    assert row["trained min"] == trained


def test_attacks_cost_what_they_cost(tables: dict[str, Table], run: RunData) -> None:
    """Of the largest size that fell: all queries, the seconds, share and PSNR of the guess, the smaller p-value."""
    rows = run.table[run.table["analysis"].str.startswith("attack:") & (run.table["height"] == 32)]
    values = tables["attack_costs"].values
    assert len(values) == 8
    for row in values.itertuples():
        own = rows[(rows["cipher"] == row.cipher) & (rows["analysis"] == f"attack:{row.attack}")]
        own = own[(own["nonce"] == row.nonce) & (own["part"] == "")].set_index("metric")
        assert (row.size, row.model) == ("32x32", {"codebook": "CPA", "flip": "CCA"}[row.attack])
        for column, metric in (("queries", "queries"), ("time", "attack_time"), ("recovered", "recovered"),
                               ("psnr", "recovered_psnr"), ("statistic", "statistic"),
                               ("queries_at_reference", "extrapolated_queries"),
                               ("time_at_reference", "extrapolated_time")):  # fmt: skip
            assert getattr(row, column) == own.loc[metric, "value"], metric
        assert row.p == min(own.loc[["statistic", "recovered"], "p_value"])
    shown = tables["attack_costs"].display().iloc[0]
    first = values.iloc[0]
    assert shown["queries"] == f"{first['queries']:.0f}"
    assert shown["queries at 512x512x3"] == f"{first['queries_at_reference']:.0f}"
    assert shown["time (s) at 512x512x3"] == f"{first['time_at_reference']:.3g}"
    assert (shown["time (ms)"], shown["PSNR (dB)"]) == (f"{1e3 * first['time']:.3g}", f"{first['psnr']:.1f}")
    assert (shown["recovered"], shown["statistic"]) == (f"{first['recovered']:.2%}", f"{first['statistic']:.4g}")


def test_verdicts_are_holms(tables: dict[str, Table], run: RunData) -> None:
    """The smallest p-value of a test, and that many times as large as there are numbers; R, G, B and all, and grey."""
    values = tables["verdicts"].values.set_index(["cipher", "test"])
    tests = {
        "global entropy": ("global_entropy", "cipher"), "contours": ("contour_correlation", ""),
        "correlation": ("correlation", "cipher"),
    }  # fmt: skip
    again = (run.table["image"] == "camera") & (run.table["channel"] == "all")  # as "grey"
    for cipher in CIPHERS:
        for test, (metric, part) in tests.items():
            chosen = (run.table["metric"] == metric) & (run.table["part"] == part) & (run.table["cipher"] == cipher)
            rows, found = run.table[chosen & ~again], values.loc[(cipher, test)]
            assert (found["tests"], found["smallest p"]) == (len(rows), rows["p_value"].min())
            assert found["adjusted p"] == pytest.approx(min(1.0, len(rows) * rows["p_value"].min()))
