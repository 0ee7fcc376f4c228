"""The content of the page: tables, verdicts and sections are those of the run."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cryptobench.layout.tables import Table
from cryptobench.measurement import frame
from cryptobench.report.html.content import cipher_content, overview_content
from cryptobench.report.html.pictures import EmbeddedPictures
from cryptobench.report.tables import make_table
from cryptobench.results.run import RunData, run_in_memory
from tests.report.html_run import chunk, scripts
from tests.results.doubles import attack_rows


def test_tables_hold_the_numbers_of_their_csv(page: str, attacked_tables: dict[str, Table]) -> None:
    """Each table's CSV is the one beside the report, its texts the Markdown's, its keys the CSV's numbers."""
    assert attacked_tables
    for table in attacked_tables.values():
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


def test_the_matrix_has_the_pooled_verdicts(attacked: RunData, page: str) -> None:
    """Each cell of the overview is the verdict of the table of verdicts, attacks by nonce mode beside them."""
    overview = json.loads(scripts(page).texts["overview-data"])
    for cipher in overview["ciphers"]:
        for test, state in zip(overview["tests"], cipher["states"], strict=True):
            answer = attacked.pooled.get((cipher["name"], test["title"]))
            assert state == (answer.state if answer else "none")
    found = {cipher["name"]: cipher["attacks"] for cipher in overview["ciphers"]}
    reuse = overview["attacks"].index("reuse")
    assert found["caesar"]["own"][overview["attacks"].index("flip")]["outcome"] == "malleable"
    assert found["caesar"]["own"][reuse] == {"outcome": "recovered", "queries": 3.0, "recovered": 0.98765}
    assert found["aes-256-ctr"]["own"][reuse]["outcome"] == "holds"
    assert found["hua2021"]["own"][reuse]["outcome"] == "failed"  # at one size it held, at the other it crashed
    assert found["hua2021"]["fixed"][reuse]["outcome"] == "recovered"
    assert found["chen2004"]["own"][reuse] is None


def test_the_matrix_has_the_judgements(attacked: RunData, page: str) -> None:
    """Levels, words and bounds with what is said of them, how good each is, and none of them overall."""
    overview = json.loads(scripts(page).texts["overview-data"])
    assert overview["judgements"] == ["confidentiality", "misuse", "integrity"]
    titles = [test["title"] for test in overview["tests"]]
    assert titles[0] == "statistics"
    assert not [title for title in titles if "attack" in title or title == "overall"]
    judged = {cipher["name"]: cipher["judged"] for cipher in overview["ciphers"]}
    table = make_table(attacked, "judgements").display()
    for name in overview["judgements"]:
        column = dict(zip(table["cipher"].str.split().str[0], table[name], strict=True))
        assert {cipher: one[name]["text"] for cipher, one in judged.items()} == column
    hua, caesar = judged["hua2021"], judged["caesar"]
    assert (hua["confidentiality"]["text"], hua["confidentiality"]["tone"]) == ("5", 5)
    assert (hua["misuse"]["text"], hua["misuse"]["tone"]) == ("0", 0)
    assert hua["misuse"]["says"].startswith("falls to ciphertexts alone or to at most 3 known pairs (reuse)")
    assert hua["integrity"]["text"] == "rejects"
    assert (caesar["confidentiality"]["text"], caesar["confidentiality"]["rank"]) == ("≤ 0", -0.5)
    assert "not judged without" in caesar["confidentiality"]["says"]
    assert (caesar["integrity"]["text"], caesar["integrity"]["tone"]) == ("malleable", 3)


def test_judgement_columns_sort_by_their_rank(page: str) -> None:
    """In tables too each cell says how good it is."""
    content = chunk(page, "table-judgements")
    for column in content["columns"]:
        if column["title"] in ("confidentiality", "misuse", "integrity"):
            assert len(column["tones"]) == len(column["ranks"]) == len(column["texts"])
            for text, rank in zip(column["texts"], column["ranks"], strict=True):
                assert (rank is None) == (text == "–")
        else:
            assert "tones" not in column


def test_a_section_has_card_pictures_and_attacks(attacked: RunData, page: str) -> None:
    """Facts of the card, exact histograms of three pictures, and the recovered image with its three pictures."""
    content = chunk(page, f"cipher-{attacked.ciphers.index('caesar')}")
    assert ["fidelity", "B: main steps from a source, some constants chosen"] in content["card"]["facts"]
    assert content["card"]["key"] == [["x0", "64", "start"], ["mu", "64", ""]]
    assert content["card"]["doi"] == "10.1000/a<b>c"
    titles = [picture["title"] for picture in content["pictures"]]
    assert titles == ["plaintext", "ciphertext", "decrypted"]
    plaintext = attacked.picture("caesar", "astronaut", "plain")
    assert plaintext is not None
    assert content["pictures"][0]["histogram"][1] == [
        "G",
        np.bincount(plaintext[..., 1].ravel(), minlength=256).tolist(),
    ]
    (found,) = content["recovered"]
    assert (found["attack"], found["nonce"], found["queries"], found["share"]) == ("reuse", "none", 3.0, 0.98765)
    held = scripts(page).texts[f"picture-{found['recovered']['id']}"]
    with Image.open(io.BytesIO(base64.b64decode(held))) as picture:
        assert (np.asarray(picture.convert("RGB")) == 91).all()
    assert chunk(page, f"cipher-{attacked.ciphers.index('chen2004')}")["card"] is None


def test_the_largest_recovered_picture_is_shown() -> None:
    """Of three sizes, with its own queries and pictures; one that was kept no picture of is none of them."""
    sides = {16: 5, 48: 7, 32: 6, 64: 8}
    rows = [
        row for side, queries in sides.items()
        for row in attack_rows("toy", "reuse", "recovered", side=side, queries=queries)
    ]  # fmt: skip
    kept = {
        ("toy", "astronaut", f"attack reuse {side} none {name}"): np.full((side, side, 3), side + place, np.uint8)
        for side in (16, 48, 32)
        for place, name in enumerate(("original", "cipher", "recovered"))
    }
    run = run_in_memory(frame(rows), pictures=kept)
    held = EmbeddedPictures()
    (found,) = cipher_content(run, "toy", None, run.attacks, held)["recovered"]
    assert (found["height"], found["width"], found["queries"]) == (48, 48, 7)
    for place, name in enumerate(("original", "cipher", "recovered")):
        with Image.open(io.BytesIO(base64.b64decode(held.texts[found[name]["id"]]))) as picture:
            assert np.asarray(picture.convert("RGB")).shape == (48, 48, 3)
            assert (np.asarray(picture.convert("RGB")) == 48 + place).all()


def test_a_section_has_every_answer(full: RunData) -> None:
    """State, number of tests, smallest and adjusted p-value of each test, in the section and in the overview."""
    content = cipher_content(full, "caesar", None, full.attacks, EmbeddedPictures())
    overview = overview_content(full, {}, full.attacks)
    (row,) = (row for row in overview["ciphers"] if row["name"] == "caesar")
    assert any(test["smallest"] != test["adjusted"] for test in content["tests"])
    assert content["tests"][0]["title"] == "statistics"
    for test in content["tests"]:
        answer = full.pooled["caesar", test["title"]]
        wanted = {
            "state": answer.state,
            "tests": answer.tests,
            "smallest": answer.smallest,
            "adjusted": answer.adjusted,
        }
        assert {name: test[name] for name in wanted} == wanted
        place = [one["title"] for one in overview["tests"]].index(test["title"])
        found = row["states"][place], row["p"][place], row["counts"][place]
        assert found == (answer.state, answer.adjusted, answer.tests)
