"""The content of the page as plain values: the overview, each cipher, each table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.measurement import Outcome
from cryptobench.report.html.cards import card_facts, fidelity_text
from cryptobench.report.html.pictures import EmbeddedPictures, histogram
from cryptobench.report.html.plain import plain
from cryptobench.report.judged import JUDGEMENTS, Judged, judged_ciphers, standing, weak_keys_text
from cryptobench.results.attacks import by_nonce_mode, worst
from cryptobench.results.claims import cited_of, claim_plausibility, claims_of
from cryptobench.results.run import RunData
from cryptobench.results.verdicts import STATISTICS, TESTS, titles_in

__all__ = ["cipher_content", "overview_content", "table_content"]

_MOST, _MOST_ATTACKED = 256, 128  # side of a square of as many pixels as a picture keeps
_PICTURES = (("plain", "plaintext"), ("cipher", "ciphertext"), ("decrypted", "decrypted"))
_DAMAGES = (
    ("occlusion corner 0.25", "after a quarter of the ciphertext is lost"),
    ("salt and pepper 0.05", "after salt and pepper noise on 5 % of the ciphertext"),
)
_ANALYSES = {test.title: test.analysis for test in TESTS} | {STATISTICS: ""}
_ATTACK_COLUMNS = (
    "attack", "model", "nonce", "image", "height", "width", "word", "queries", "time", "recovered", "psnr",
    "statistic", "p", "queries_at_reference", "formula", "time_at_reference", "notes",
)  # fmt: skip


def overview_content(run: RunData, cards: Mapping[str, Mapping[str, Any]], results: pd.DataFrame) -> dict[str, Any]:
    """The matrix: by cipher its judgements, the pooled verdict of each test, the outcome of each attack by nonce mode.

    ``results`` are those of `cryptobench.results.attacks.attack_results`.
    """
    titles, judged = titles_in(run.pooled, attacks=False), judged_ciphers(run)
    weak, defects = _weak_keys(run), _defects(run)
    attacks: list[str] = [] if results.empty else list(dict.fromkeys(results["attack"]))
    rows = worst(by_nonce_mode(results)).itertuples() if attacks else ()
    outcomes = {(row.cipher, row.attack, row.nonce == "fixed"): row for row in rows}
    ciphers = []
    for cipher in run.ciphers:
        answers = [run.pooled.get((cipher, title)) for title in titles]
        card = cards.get(cipher, {})
        words = [card.get(key) for key in ("title", "authors", "year", "defect")]
        words += ["weak keys"] if weak.get(cipher) else []
        ciphers.append(
            {
                "name": cipher,
                "label": run.label(cipher),
                "family": run.family(cipher),
                "fidelity": run.fidelity(cipher),
                "title": str(card.get("title", "")),
                "words": " ".join(str(word) for word in words if word),
                "states": [answer.state if answer else "none" for answer in answers],
                "p": [plain(answer.adjusted) if answer else None for answer in answers],
                "counts": [answer.tests if answer else 0 for answer in answers],
                "judged": {name: _judged(one) for name, one in judged.get(cipher, {}).items()},
                "weak_keys": weak.get(cipher, ""),
                "defects": defects.get(cipher, ""),
                "attacks": {
                    mode: [_outcome(outcomes.get((cipher, attack, fixed))) for attack in attacks]
                    for mode, fixed in (("own", False), ("fixed", True))
                },
            }
        )
    return {
        "tests": [{"title": title, "analysis": _ANALYSES[title]} for title in titles],
        "judgements": list(JUDGEMENTS) if judged else [],
        "attacks": attacks,
        "ciphers": ciphers,
    }


def cipher_content(
    run: RunData, cipher: str, card: Mapping[str, Any] | None, results: pd.DataFrame, pictures: EmbeddedPictures
) -> dict[str, Any]:
    """One cipher: its card, pictures with histograms, pooled verdicts, attacks with what they recovered, claims."""
    rows = results[results["cipher"] == cipher] if not results.empty else results
    return {
        "fidelity": fidelity_text(run.fidelity(cipher)),
        "card": None if card is None else _card(card),
        "tests": [
            {
                "title": title, "analysis": _ANALYSES[title], "state": answer.state, "tests": answer.tests,
                "smallest": plain(answer.smallest), "adjusted": plain(answer.adjusted),
            }
            for title in titles_in(run.pooled)
            if (answer := run.pooled.get((cipher, title))) is not None
        ],
        "pictures": _own_pictures(run, cipher, pictures),
        "attacks": [{name: plain(getattr(row, name)) for name in _ATTACK_COLUMNS} for row in rows.itertuples()],
        "recovered": _recovered(run, rows, pictures),
        "claims": [_claim(one) for one in (*claims_of(cipher), *claims_of(cipher, relative=True), *cited_of(cipher))],
    }  # fmt: skip


def table_content(table: Table) -> dict[str, Any]:
    """A table as it is displayed, with the numbers that it is sorted by, and its CSV."""
    return {
        "name": table.name,
        "title": table.title,
        "caption": table.note,
        "ciphers": [str(cipher) for cipher in table.values["cipher"]] if "cipher" in table.values else [],
        "columns": [
            {"title": column.title, "texts": table.texts(column), "keys": _keys(column, table.values)}
            | _standings(column, table)
            for column in table.columns
        ],
        "csv": table.csv,
    }


def _keys(column: Column, values: pd.DataFrame) -> list[Any] | None:
    """The numbers to sort a column by, the first of its values in each row; None for a column of words."""
    sources = (column.source,) if isinstance(column.source, str) else column.source
    rows = zip(*(values[source].tolist() for source in sources if source in values), strict=True)
    keys = [next((plain(v) for v in row if isinstance(v, int | float) and v == v), None) for row in rows]
    return keys if any(key is not None for key in keys) else None


def _standings(column: Column, table: Table) -> dict[str, Any]:
    """Of a column of judgements how good each is, and its place from worst to best."""
    name = column.source[0] if isinstance(column.source, tuple) else ""
    if name not in JUDGEMENTS:
        return {}
    found = [standing(name, text) for text in table.texts(column)]
    return {"tones": [tone for tone, _ in found], "ranks": [rank for _, rank in found]}


def _judged(one: Judged) -> dict[str, Any]:
    return {"text": one.text, "tone": one.tone, "rank": one.rank, "says": one.says, "refuted": one.refuted}


def _claim(claim: Mapping[str, Any]) -> dict[str, Any]:
    """A claim, and how far it is off what an ideal cipher gives, if that is far."""
    judged = claim_plausibility(claim)
    off = str(judged) if judged is not None and judged.outside else ""
    return {name: plain(value) for name, value in claim.items()} | {"off": off}


def _weak_keys(run: RunData) -> dict[str, str]:
    """Of the ciphers that have weak keys, what is known of them."""
    rows = run.judgements.to_dict("records")
    return {
        str(row["cipher"]): weak_keys_text(True, plain(row["weak_key_share"])) for row in rows if row["weak_keys"]
    }  # fmt: skip


def _defects(run: RunData) -> dict[str, str]:
    """Of the ciphers that are not functional, the attacks that found it."""
    return {str(row["cipher"]): row["defects"] for row in run.judgements.to_dict("records") if row["defects"]}


def _outcome(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"outcome": row.word, "queries": plain(row.queries), "recovered": plain(row.recovered)}


def _card(card: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "facts": card_facts(card),
        "doi": str(card.get("doi") or ""),
        "key": [[str(field.get(part, "")) for part in ("name", "bits", "meaning")] for field in card.get("key", ())],
        "deviations": [str(line) for line in card.get("deviations", ())],
        "known_attacks": [str(line) for line in card.get("known_attacks", ())],
    }


def _own_pictures(run: RunData, cipher: str, pictures: EmbeddedPictures) -> list[dict[str, Any]]:
    image = run.picture_image()
    shown: list[dict[str, Any]] = []
    for name, title in _PICTURES if image is not None else ():
        picture = run.picture(cipher, str(image), name)
        if picture is not None:
            counts = histogram(picture)
            shown.append({"title": title, "image": image, "histogram": counts, **pictures.add(picture, _MOST)})
    for damage, title in _DAMAGES if image is not None else ():
        picture = run.picture(cipher, str(image), f"recovered {damage}")
        if picture is not None:
            shown.append({"title": f"decrypted {title}", "image": image, **pictures.add(picture, _MOST_ATTACKED)})
    return shown


def _recovered(run: RunData, rows: pd.DataFrame, pictures: EmbeddedPictures) -> list[dict[str, Any]]:
    """Of each attack and nonce mode that recovered the image, the largest size with a recovered picture."""
    shown: dict[tuple[str, str], dict[str, Any]] = {}
    if rows.empty:
        return []
    largest_first = rows[rows["outcome"] == Outcome.RECOVERED].sort_values("height", ascending=False, kind="stable")
    row: Any
    for row in largest_first.itertuples():
        if (row.attack, row.nonce) in shown:
            continue
        stem = f"attack {row.attack} {min(row.height, row.width)} {row.nonce}"
        recovered = run.picture(cipher := str(row.cipher), str(row.image), f"{stem} recovered")
        if recovered is None:
            continue
        three = {name: run.picture(cipher, str(row.image), f"{stem} {name}") for name in ("original", "cipher")}
        shown[str(row.attack), str(row.nonce)] = {
            "attack": row.attack, "nonce": row.nonce, "word": row.word,
            "height": plain(row.height), "width": plain(row.width),
            "queries": plain(row.queries), "share": plain(row.recovered),
        } | {
            name: pictures.add(picture, _MOST_ATTACKED)
            for name, picture in (*three.items(), ("recovered", recovered))
            if picture is not None
        }  # fmt: skip
    return [shown[key] for key in sorted(shown)]
