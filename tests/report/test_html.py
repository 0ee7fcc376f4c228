"""The HTML report as a file: its parts, its numbers, its size, and what hostile texts cannot do to it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cryptobench.report.html import html_page, write_html
from cryptobench.report.html.cards import card_facts
from cryptobench.report.html.pictures import BUDGET as PICTURES_BUDGET
from cryptobench.report.html.pictures import Pictures, histogram, within
from cryptobench.report.html.plain import json_text, plain, safe
from cryptobench.report.html.rows import BUDGET as ROWS_BUDGET
from cryptobench.report.html.rows import measurement_rows
from cryptobench.report.table import Table
from cryptobench.report.tables import make_tables
from cryptobench.results.run import ReportError, Run, load_cards, load_run
from tests.report.html_run import HOSTILE, attacked_run, chunk, scripts, unpacked


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return load_run(attacked_run(tmp_path_factory.mktemp("html") / "run"))


@pytest.fixture(scope="module")
def tables(run: Run) -> list[Table]:
    return make_tables(run)[0]


@pytest.fixture(scope="module")
def page(run: Run, tables: list[Table]) -> str:
    return html_page(run, tables, ["figure x: the run holds no y"])


def test_the_page_asks_for_nothing(page: str) -> None:
    """No tag loads anything: no src, no stylesheet, no form, and a policy that forbids all but what is inside."""
    parsed = scripts(page)
    for tag, attributes in parsed.tags:
        assert "src" not in attributes, tag
        assert tag not in ("iframe", "object", "embed", "base", "img")
        assert tag != "link" or attributes["href"] == "data:,"
        assert not (attributes.get("href") or "").startswith(("http", "//"))
    policy = next(a["content"] or "" for t, a in parsed.tags if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_policy_lets_only_the_page_s_own_code_run(page: str) -> None:
    """The hashes in the policy are those of the one script and the one style."""
    script = scripts(page).texts[""]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    for text in (script, style[1]):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page


def test_hostile_texts_stay_texts(page: str) -> None:
    """Messages, titles and settings with tags add no element, and come back as they were."""
    parsed = scripts(page)
    assert sum(tag == "script" and "id" not in attributes for tag, attributes in parsed.tags) == 1
    assert not any("onerror" in attributes for _, attributes in parsed.tags)
    overview = json.loads(parsed.texts["overview-data"])
    place = [cipher["name"] for cipher in overview["ciphers"]].index("caesar")
    assert HOSTILE in overview["ciphers"][place]["title"]
    assert chunk(page, f"cipher-{place}")["attacks"][0]["notes"] == HOSTILE
    assert chunk(page, "run")["about"]["cpu"] == HOSTILE


def test_escaped_json_holds_no_markup() -> None:
    """Nothing in escaped JSON opens or closes an element, and it reads back the same."""
    text = safe(json_text({"a": HOSTILE}))
    assert not set("<>&") & set(text)
    assert json.loads(text) == {"a": HOSTILE}


def test_tables_hold_the_numbers_of_their_csv(page: str, tables: list[Table], tmp_path: Path) -> None:
    """Each table's CSV is the one beside the report, its texts the Markdown's, its keys the CSV's numbers."""
    assert tables
    for table in tables:
        content = chunk(page, f"table-{table.name}")
        assert content["csv"] == table.values.to_csv(index=False, lineterminator="\n")
        shown = table.display()
        assert [column["title"] for column in content["columns"]] == list(shown.columns)
        read = pd.read_csv(io.StringIO(content["csv"]), keep_default_na=False, na_values=[""])
        for place, column in enumerate(table.columns):
            assert content["columns"][place]["texts"] == list(shown.iloc[:, place])
            if isinstance(column.source, str) and (keys := content["columns"][place]["keys"]) is not None:
                for key, value in zip(keys, read[column.source], strict=True):
                    wanted = pd.to_numeric(value, errors="coerce")
                    assert key is None if pd.isna(wanted) else float(key) == pytest.approx(float(wanted), rel=1e-14), (
                        table.name,
                        column.title,
                    )


def test_rows_are_those_of_the_measurement_table(run: Run, page: str) -> None:
    """What a cipher's section offers to download is its part of measurements.csv, byte for byte."""
    for place, cipher in enumerate(run.ciphers):
        own = run.table[run.table["cipher"] == cipher]
        assert unpacked(page, f"rows-{place}") == own.to_csv(index=False, lineterminator="\n")


def test_rows_that_do_not_fit_are_left_out_openly(run: Run) -> None:
    """Single trials go first, then all images but one; the page says so."""
    assert measurement_rows(run).note == ""
    summaries = measurement_rows(run, budget=sum(map(len, measurement_rows(run).chunks.values())) - 1)
    assert "single trials are left out" in summaries.note
    least = measurement_rows(run, budget=10)
    assert "Summaries of astronaut only" in least.note
    assert sum(map(len, least.chunks.values())) < sum(map(len, summaries.chunks.values()))


def test_the_matrix_has_the_pooled_verdicts(run: Run, page: str) -> None:
    """Each cell of the overview is the verdict of the table of verdicts, attacks by nonce mode beside them."""
    overview = json.loads(scripts(page).texts["overview-data"])
    for cipher in overview["ciphers"]:
        for test, state in zip(overview["tests"], cipher["states"], strict=True):
            answer = run.pooled.get((cipher["name"], test["title"]))
            assert state == (answer.state if answer else "none")
    found = {cipher["name"]: cipher["attacks"] for cipher in overview["ciphers"]}
    reuse = overview["attacks"].index("reuse")
    assert found["caesar"]["own"][reuse] == {"verdict": "broken", "queries": 3.0, "recovered": 0.98765}
    assert found["aes-256-ctr"]["own"][reuse]["verdict"] == "holds"
    assert found["hua2021"]["own"][reuse]["verdict"] == "failed"  # at one size it held, at the other it crashed
    assert found["hua2021"]["fixed"][reuse]["verdict"] == "broken"
    assert found["chen2004"]["own"][reuse] is None


def test_a_section_has_card_pictures_and_what_was_recovered(run: Run, page: str) -> None:
    """Facts of the card, exact histograms of three pictures, and the break with its three pictures."""
    content = chunk(page, f"cipher-{run.ciphers.index('caesar')}")
    assert ["fidelity", "B: main steps from a source, some constants chosen"] in content["card"]["facts"]
    assert content["card"]["key"] == [["x0", "64", "start"], ["mu", "64", ""]]
    assert content["card"]["doi"] == "10.1000/a<b>c"
    titles = [picture["title"] for picture in content["pictures"]]
    assert titles == ["plaintext", "ciphertext", "decrypted"]
    plaintext = run.picture("caesar", "astronaut", "plain")
    assert plaintext is not None
    assert content["pictures"][0]["histogram"][1] == [
        "G",
        np.bincount(plaintext[..., 1].ravel(), minlength=256).tolist(),
    ]
    (broken,) = content["recovered"]
    assert (broken["attack"], broken["nonce"], broken["queries"], broken["share"]) == ("reuse", "none", 3.0, 0.98765)
    held = scripts(page).texts[f"picture-{broken['recovered']['id']}"]
    with Image.open(io.BytesIO(base64.b64decode(held))) as picture:
        assert (np.asarray(picture.convert("RGB")) == 91).all()
    assert chunk(page, f"cipher-{run.ciphers.index('chen2004')}")["card"] is None


def test_pictures_are_held_once_and_small_ones_exactly() -> None:
    """Equal pictures share a number; a large one is sampled to the size asked for."""
    rng = np.random.default_rng(1)
    pictures, small = Pictures(), rng.integers(0, 256, (33, 47, 3), dtype=np.uint8)
    assert (
        pictures.add(small, 256) == pictures.add(small.copy(), 256) == {"id": 0, "width": 47, "height": 33, "step": 1}
    )
    with Image.open(io.BytesIO(base64.b64decode(pictures.texts[0]))) as held:
        assert (np.asarray(held) == small).all()
    large = rng.integers(0, 256, (257, 263), dtype=np.uint8)
    assert pictures.add(large, 128)["step"] == 3
    with Image.open(io.BytesIO(base64.b64decode(pictures.texts[1]))) as held:
        assert held.size == (math.ceil(263 / 3), math.ceil(257 / 3))
    assert histogram(np.zeros((1, 5), np.uint8)) == [("grey", [5] + [0] * 255)]


def test_noise_takes_at_most_sixty_kilobytes_a_picture() -> None:
    """55 ciphers with ciphertexts of 256 x 256 pixels of noise stay far below 15 MB."""
    pictures = Pictures()
    pictures.add(np.random.default_rng(2).integers(0, 256, (256, 256, 3), dtype=np.uint8), 256)
    assert 10_000 < len(pictures.texts[0]) < 70_000


def test_pictures_shrink_until_they_fit() -> None:
    """The largest of three sizes that keeps within the budget is taken, and the smallest where none does."""
    noise = np.random.default_rng(3).integers(0, 256, (5, 128, 128, 3), dtype=np.uint8)

    def collected(budget: int) -> tuple[list[int], int]:
        placed, pictures = within(lambda kept: [kept.add(one, 128) for one in noise], budget)
        return [place["step"] for place in placed], sum(map(len, pictures.texts))

    steps, whole = collected(10_000_000)
    assert steps == [1] * 5
    steps, half = collected(whole - 1)
    assert (steps, half < whole) == ([2] * 5, True)
    assert collected(1)[0] == [4] * 5


def test_a_page_of_seventy_ciphers_stays_below_fifteen_megabytes(page: str) -> None:
    """The budgets for pictures and rows, and as many bytes of sections and tables a cipher as here, keep within it."""
    parts = scripts(page).texts
    fixed = len(page.encode()) - sum(map(len, parts.values())) + len(parts[""])
    by_cipher = sum(len(text) for name, text in parts.items() if name.startswith(("cipher-", "table-", "overview")))
    ciphers = sum(name.startswith("cipher-") for name in parts)
    assert PICTURES_BUDGET + ROWS_BUDGET + fixed + 70 / ciphers * by_cipher < 15_000_000


def test_values_without_a_json_form_are_marked() -> None:
    """NaN is a gap, infinities are words, NumPy's numbers are numbers."""
    values = (float("nan"), None, math.inf, -math.inf, np.float64(0.1), np.int64(3), pd.NaT)
    assert [plain(value) for value in values] == [None, None, "Infinity", "-Infinity", 0.1, 3, None]
    with pytest.raises(ValueError, match="JSON compliant"):
        json_text(math.nan)


def test_equal_runs_give_equal_pages(run: Run, tables: list[Table], page: str, tmp_path: Path) -> None:
    """The page is the same bytes each time, and is written whole."""
    path = write_html(tmp_path, run, tables, ["figure x: the run holds no y"])
    assert path == tmp_path / "report.html"
    assert path.read_bytes() == page.encode()


def test_a_run_without_cards_is_shown_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    """No cards.json gives no cards; one that is no JSON, or no cards, is an error that names it."""
    assert load_cards(tmp_path) == {}
    for text in ("{", "[]", '{"a": 3}'):
        (tmp_path / "cards.json").write_text(text)
        with pytest.raises(ReportError, match=r"cards\.json"):
            load_cards(tmp_path)


def test_a_card_s_facts_say_what_its_fields_mean() -> None:
    """Side data, integrity and limits are words; what a card does not say is left out."""
    facts = dict(card_facts({"title": "T", "fidelity": "C+", "secret_bits": 256, "channels": [1], "min_side": 8}))
    assert facts["fidelity"].startswith("C+: reconstructed")
    assert facts["per-message secret"].startswith("256 bits")
    assert facts["images"] == "1 channel(s), sides from 8"
    assert "authors" not in facts
