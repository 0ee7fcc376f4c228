"""The site of a run: its pages hold together, and say what the run measured."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pandas as pd
import pytest
from click.testing import CliRunner

from cryptobench.cli import main
from cryptobench.report import table
from cryptobench.report.html.page import assets
from cryptobench.report.judged import judged_ciphers
from cryptobench.report.tables import TABLES, make_table
from cryptobench.results.attacks import OUTCOMES, WORDS
from cryptobench.results.claims import claims_of
from cryptobench.results.run import NothingToShow, RunData, run_in_memory
from cryptobench.results.verdicts import STATES
from cryptobench.site import SiteError, write_site
from cryptobench.site.cipher_numbers import MEASURED_BY
from cryptobench.site.leaderboard import leaderboard_lines
from cryptobench.site.parts import SHAPES
from tests.site.pages import parsed

PAGES = {"index.html", "attacks.html", "calibration.html", "run.html", "columns.html"}
DOCS = Path(__file__).parents[2] / "docs"


def test_every_link_leads_somewhere(site: Path) -> None:
    """Pages, pictures, styles and anchors within pages exist; other sites are papers alone."""
    pages = {path: parsed(path) for path in site.rglob("*.html")}
    assert {path.name for path in pages if path.parent == site} == PAGES
    for path, page in pages.items():
        for link in page.links:
            if link.startswith(("data:,", "https://doi.org/")) or "docs/" in link:
                continue
            address, anchor = urldefrag(link)
            target = (path.parent / unquote(address)).resolve() if address else path
            assert target.is_file(), (path.name, link)
            assert not anchor or anchor in pages[target].anchors, (path.name, link)


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """No page, style or script names another host, but for links to papers."""
    for path in site.rglob("*.*"):
        if path.suffix in (".html", ".css", ".js"):
            text = path.read_text(encoding="utf-8")
            others = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text)) - {"https://doi.org"}
            assert not others, path.name
            assert "@import" not in text
            assert "url(" not in text


def test_hostile_texts_stay_texts(site: Path) -> None:
    """What a run holds opens no element: the only script is the site's own."""
    for path in site.rglob("*.html"):
        page = parsed(path)
        scripts = [attributes for tag, attributes in page.elements if tag == "script"]
        assert [attributes["src"] for attributes in scripts] == ["../" * (path.parent != site) + "site.js"]
        assert not [tag for tag, attributes in page.elements if any(name.startswith("on") for name in attributes)]
    assert "window.hacked" in parsed(site / "ciphers" / "caesar.html").text


def test_addresses_of_ciphers_are_their_names(site: Path, run: RunData) -> None:
    """One page each, at ciphers/NAME.html."""
    assert {path.name for path in (site / "ciphers").iterdir()} == {f"{cipher}.html" for cipher in run.ciphers}


def test_the_leaderboard_has_the_runs_numbers(site: Path, run: RunData) -> None:
    """Key bits, ratio of throughput and judgements are those of the report's tables."""
    page = parsed(site / "index.html")
    assert page.rows[0] == [
        "cipher", "family", "statistics", "confidentiality", "misuse", "integrity", "key bits", "lossless",
        "MB/s ÷ AES", "fidelity", "settings",
    ]  # fmt: skip
    summary, judged = table(run, "summary").drop_duplicates("cipher").set_index("cipher"), judged_ciphers(run)
    for line in leaderboard_lines(run):
        row = page.row(run.label(line.cipher))
        assert line.key_bits == summary.loc[line.cipher, "key bits"]
        assert row[6].removesuffix("*") == f"{line.key_bits:.0f}"
        found = judged[line.cipher]
        assert [text.removesuffix("w") for text in row[3:6]] == [one.marked for one in found.values()]
        assert row[2] == run.pooled[line.cipher, "statistics"].state
        assert row[9] == run.fidelity(line.cipher)


def test_throughput_is_that_of_aes_over_time(run: RunData) -> None:
    """A cipher that takes four times as long as AES-256-CTR has a quarter of its MB/s; lossless is by the PSNR."""
    rows = run.table[(run.table["cipher"] == "caesar") & (run.table["metric"] == "decrypted_psnr")].head(1)
    timed = rows.assign(analysis="timing", metric="encrypt_ratio", part="", statistic="", parameter="", value=4.0)
    psnr = rows.assign(value=32.5)
    (line,) = leaderboard_lines(run_in_memory(pd.concat([timed, psnr], ignore_index=True)))
    assert (line.throughput, line.psnr, line.key_bits, line.judged) == (0.25, 32.5, None, {})


def test_the_run_tells_its_costs(run: RunData, tmp_path: Path) -> None:
    """Core-seconds beside the calibration loop, each call of a run in several, and no empty place."""
    costs = {"cells": 3265.7, "besides": 158.6, "calibration_seconds": 0.017642, "calibrated": 194097.2}
    calls = [
        {"started": "noon", "seconds": 1894.4, "executed": 13974},
        {"started": "one", "seconds": 11, "executed": 0},
    ]
    about = {"costs": costs, "calls": calls, "settings": {"dask": "", "seed": 1}}
    rows = run.table[run.table["cipher"] == "caesar"]
    write_site(run_in_memory(rows, about), tmp_path, pictures=False)
    text = parsed(tmp_path / "run.html").text
    assert "3,266 in cells, 159 besides; that is 194,097 times the calibration loop, which took 17.6 ms" in text
    assert "noon: 13,974 cells in 31 min 34 s; one: 0 cells in 11 s" in text
    assert re.search(r"dask\s*–", text)


def test_a_cipher_shows_what_broke_it(site: Path, run: RunData) -> None:
    """Plaintext, ciphertext and recovered picture of the attack, its queries, and the command that runs it again."""
    page = parsed(site / "ciphers" / "caesar.html")
    alts = {str(found.get("alt")) for tag, found in page.elements if tag == "img"}
    assert {f"{part}, reuse" for part in ("plaintext", "ciphertext", "recovered")} <= alts
    assert "3 queries" in page.text
    assert "98.8 % of the samples are right" in page.text
    assert "cryptobench attack caesar --only reuse --size 32 --seed 1 --profile settings.toml" in page.text
    row = page.row("reuse")
    assert "recovered" in row
    for one in judged_ciphers(run)["caesar"].values():
        assert one.says in page.text


def test_claims_stand_beside_what_was_measured(run: RunData, tmp_path: Path) -> None:
    """Each number that the paper of wang2022-dnn prints, and beside its PSNRs the one of the run."""
    rows = run.table[run.table["cipher"] == "caesar"].assign(cipher="wang2022-dnn")
    write_site(run_in_memory(rows), tmp_path, pictures=False)
    page = parsed(tmp_path / "ciphers" / "wang2022-dnn.html")
    claims = claims_of("wang2022-dnn")
    heads = next(place for place, row in enumerate(page.rows) if row[:3] == ["metric", "about", "claimed"])
    lines = page.rows[heads + 1 : heads + 1 + len(claims)]
    assert len(claims) > 10
    for claim, line in zip(claims, lines, strict=True):
        assert line[0].startswith(claim["metric"])
        assert line[2].startswith(claim["printed"])
    psnr = rows[(rows["metric"] == "decrypted_psnr") & (rows["status"] == "ok")]["value"].iloc[0]
    assert {line[3] for line in lines if line[0] == "decrypted_psnr"} == {f"{psnr:.6g} dB"}


@pytest.mark.parametrize("name", ["npcr", "entropy_global", "quality"])
def test_numbers_are_those_of_the_tables(name: str, site: Path, run: RunData) -> None:
    """Each row of a cipher in the report's table is on its page, under the command of its analysis."""
    page = parsed(site / "ciphers" / "hua2021.html")
    command = "cryptobench run --profile settings.toml --ciphers hua2021 --out again --analyses"
    assert f"{command} {MEASURED_BY[name]}" in page.text
    assert f"table-{name}" in page.anchors
    shown = make_table(run, name)
    rows = shown.display()[shown.values["cipher"] == "hua2021"]
    assert len(rows)
    assert all(list(row[1:]) in page.rows for row in rows.itertuples(index=False))


def test_the_matrix_has_the_worst_outcome(site: Path) -> None:
    """Over sizes and nonce modes: hua2021 falls under a fixed nonce, and under fresh ones one size did not finish."""
    page = parsed(site / "attacks.html")
    cells = [found for tag, found in page.elements if tag == "a" and found.get("class") == "cell state"]
    states = {(found["href"], found["title"]): found["data-state"] for found in cells}
    hua = [
        (title, state) for (href, title), state in states.items()
        if href == "ciphers/hua2021.html#broken" and str(title).startswith("reuse")
    ]  # fmt: skip
    assert hua == [("reuse, proper nonces: failed; fixed nonce: recovered, 3 queries", "recovered")]


def test_the_calibration_is_that_of_the_folder(site: Path) -> None:
    """One row a test at its stated level, over all sources; the matrix has the share of seeds."""
    page = parsed(site / "calibration.html")
    assert page.row("attack:reuse statistic fresh")[3:5] == ["0.05", "0.0480"]
    assert page.row("reuse") == ["reuse", "1.00", "0.00"]
    assert "4 rates by test, level and source: 2 ok, 2 conservative, 0 too high" in page.text


def test_every_state_has_a_mark() -> None:
    """Each outcome and verdict has a shape of its own in the sprite, or shares one."""
    marks = set(re.findall(r'id="mark-([a-z]+)"', assets("marks.svg")))
    assert {SHAPES.get(state, state) for state in (*STATES, *WORDS, *OUTCOMES)} <= marks


def test_links_to_the_documentation_exist(site: Path) -> None:
    """Pages link to pages that the documentation has, within the folder that was named."""
    links = {link for path in site.rglob("*.html") for link in parsed(path).links if "docs/" in link}
    names = {link.rpartition("docs/")[2].removesuffix(".html") for link in links}
    assert names == {"index", "attacks", "calibration"}
    assert all((DOCS / f"{name}.md").is_file() for name in names)


def test_pages_never_go_into_the_run(run_folder: Path) -> None:
    """The run has pictures of its own in a folder of the same name."""
    with pytest.raises(SiteError, match="is the run's own folder; wanted another one"):
        write_site(run_folder, run_folder)


@pytest.mark.parametrize("damaged", [None, "task,test\n", "task,metric,level\nx,y,z\n", "\0"])
def test_a_damaged_calibration_is_one_line(
    damaged: str | None, run_folder: Path, calibration_folder: Path, tmp_path: Path
) -> None:
    """A table that is not there, lacks columns or is none ends with one line that names the file."""
    folder = Path(shutil.copytree(calibration_folder, tmp_path / "calibration"))
    (folder / "detections.csv").unlink()
    if damaged is not None:
        (folder / "detections.csv").write_text(damaged)
    done = CliRunner().invoke(
        main, ["site", str(run_folder), str(tmp_path / "out"), "--calibration", str(folder), "--no-pictures"]
    )
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert "detections.csv" in done.output


def test_equal_runs_give_equal_sites(
    site: Path, run_folder: Path, calibration_folder: Path, tmp_path: Path
) -> None:  # fmt: skip
    """The command writes the same files, and says how many, their size, and where to start."""
    out = tmp_path / "out"
    options = ("--calibration", str(calibration_folder), "--docs", "docs", "--no-pictures")
    done = CliRunner().invoke(main, ["site", str(run_folder), str(out), *options])
    assert done.exit_code == 0, done.output
    assert re.fullmatch(rf"\d+ files written, \d\.\d MB; start with {re.escape(str(out))}/index\.html\n", done.output)
    for path in site.rglob("*.*"):
        assert (out / path.relative_to(site)).read_bytes() == path.read_bytes(), path.name


def test_a_folder_without_a_run_is_one_line(tmp_path: Path) -> None:
    """It says what was wanted."""
    done = CliRunner().invoke(main, ["site", str(tmp_path), str(tmp_path / "out")])
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
    assert "wanted the folder of a finished run" in done.output


def test_every_table_has_its_analysis(small: RunData) -> None:
    """Each table of one cipher is on its page: it is there with the rows of its analysis alone, and not without."""
    elsewhere = {"summary", "overview", "verdicts", "judgements", "attacks", "attack_costs", "comparison", "errors"}
    assert {*MEASURED_BY, *elsewhere, "relative_claims"} == set(TABLES)
    whole = {name for name in MEASURED_BY if _has(small, name)}
    assert len(whole) > 15
    for analysis in set(MEASURED_BY.values()):
        own = small.table["analysis"] == analysis
        names = {name for name in whole if MEASURED_BY[name] == analysis}
        assert not [name for name in names if _has(run_in_memory(small.table[~own]), name)]
        assert {name for name in names if _has(run_in_memory(small.table[own]), name)} == names


def _has(run: RunData, name: str) -> bool:
    try:
        make_table(run, name)
    except NothingToShow:
        return False
    return True
