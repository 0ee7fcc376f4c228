"""The files of a run's folder, read and checked: its measurement table, its settings, its cards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cryptobench.claims import Claims, ClaimsError
from cryptobench.measurement import SCHEMA, parsed_table
from cryptobench.reading import LARGE, Source
from cryptobench.shapes import (
    Misfit,
    anything,
    array,
    either,
    flag,
    hexadecimal,
    mapping,
    nothing,
    number,
    one_of,
    record,
    text,
    whole,
)

__all__ = ["ReportError", "load_cards", "load_settings", "load_table", "require_whole", "source_in"]


class ReportError(ValueError):
    """A run folder cannot be reported on; the message names what was given and what is wanted."""


_AGAIN = "run the benchmark again"
_OR_DELETE = "delete it, or run the benchmark again"
_SEAL = record({"sha256": hexadecimal(32)}, {"rows": whole()})
_CODE = record({}, {"code": text, "parameters": mapping(anything)}, others=anything)
_SETTINGS = record(
    {},
    {
        "name": text, "alpha": number(0, 1), "size": whole(1), "analyses": mapping(mapping(anything)),
        "attacks": mapping(mapping(anything)), "ciphers": array(text), "images": array(text),
        "attack_sides": array(whole(1)), "timeout": number(0), "seed": whole(0, 2**63 - 1),
    },
    others=anything,
)  # fmt: skip
_RUN = record(
    {},
    {
        "settings": _SETTINGS, "started": text, "finished": text, "seconds": number(0),
        "calls": array(mapping(either(text, number()))), "cells": mapping(whole()),
        "versions": mapping(either(text, nothing)),
        "images": mapping(record({}, {"sha256": text, "shape": array(whole(1), 2, 3)}, others=anything)),
        "ciphers": mapping(_CODE), "analyses": mapping(_CODE), "failures": array(mapping(text)),
        "cards": _SEAL,
    },
    others=anything,
)  # fmt: skip


def _claims(value: Any, place: str) -> None:
    """What a card claims, as text."""
    try:
        Claims.of(value if isinstance(value, str) else "?")
    except ClaimsError:
        raise Misfit(place, value, "claims such as confidentiality=5") from None


_WORD, _FLAG = either(text, nothing), either(flag, nothing)
_SIDE = either(whole(1, 1 << 20), nothing)
_CARD = record(
    {},
    {
        "key": array(record({}, {"name": text, "bits": whole(1, 1 << 20), "meaning": text}, others=anything)),
        "channels": either(nothing, array(whole(1, 1 << 10))), "year": either(whole(), text, nothing),
        "deviations": array(text), "known_attacks": array(text), "secret_bits": either(whole(), nothing),
        **dict.fromkeys(("name", "title", "family", "fidelity", "authors", "doi", "defect", "not_an_image"), _WORD),
        **dict.fromkeys(("uses_nonce", "lossless", "authenticated", "square"), _FLAG),
        **dict.fromkeys(("min_side", "sides_multiple_of"), whole(1, 1 << 20)), "max_side": _SIDE, "claims": _claims,
        "cost": one_of(("normal", "slow")),
    },
    others=anything,
)  # fmt: skip


def source_in(folder: Path, name: str, remedy: str = _AGAIN) -> Source:
    """A file of a run's folder; a link in it that leads out of the folder is not followed."""
    return Source(folder / name, ReportError, remedy, home=folder)


def load_table(path: Path) -> pd.DataFrame:
    """Read a measurement table; ReportError if it is damaged, of an older schema, or holds no measurements."""
    table = parsed_table(source_in(path.parent, path.name))
    if table.empty:
        raise ReportError(f"{path} holds no measurements; run the benchmark again")
    return table


def load_settings(path: Path) -> dict[str, Any]:
    """What a run's `run.json` holds, nothing where there is none; ReportError if damaged or of another schema."""
    source = source_in(path.parent, path.name, _OR_DELETE)
    if not source.exists():
        return {}
    settings: dict[str, Any] = source.json(anything)
    if not isinstance(settings, dict):
        raise ReportError(f"{path} holds no settings of a run; {_OR_DELETE}")
    _require_schema(path.parent, settings)
    source.require(settings, _RUN)
    return settings


def require_whole(path: Path, table: pd.DataFrame, settings: dict[str, Any]) -> None:
    """`ReportError` if the table is not the one that the run wrote; runs of earlier releases do not say which it is."""
    written = settings.get("measurements")
    if written is None:
        return
    source_in(path.parent, "run.json").require(written, record({"rows": whole(), "sha256": text}), "measurements")
    if len(table) != written["rows"]:
        raise ReportError(
            f"{path} has {len(table)} rows and run.json says {written['rows']}: it was cut off or changed; "
            "run the benchmark again"
        )
    if hashlib.sha256(source_in(path.parent, path.name).content(LARGE)).hexdigest() != written["sha256"]:
        raise ReportError(f"{path} is not the table that run.json was written with; run the benchmark again")


def load_cards(folder: Path, settings: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """The cards in a run's cards.json by cipher; none of a run that kept none.

    ReportError if the file is damaged, or is not the one that the run with these ``settings`` (its run.json) wrote.
    """
    source = source_in(folder, "cards.json", _OR_DELETE)
    if not source.exists():
        return {}
    cards: dict[str, dict[str, Any]] = source.json(mapping(_CARD))
    written = (settings or {}).get("cards")
    if written is not None and hashlib.sha256(source.content()).hexdigest() != written["sha256"]:
        raise ReportError(f"{source.path} is not the one that run.json was written with; {_OR_DELETE}")
    return cards


def _require_schema(folder: Path, settings: Mapping[str, Any]) -> None:
    """`ReportError` if another version of cryptobench, with other columns, wrote the run."""
    schema = settings.get("schema", 1)
    if not isinstance(schema, int):
        raise ReportError(f"{folder / 'run.json'} is damaged (schema is {schema!r}); run the benchmark again")
    if schema > SCHEMA:
        raise ReportError(
            f"{folder} was written by a newer cryptobench (schema {schema}, this one reads {SCHEMA}); update "
            "cryptobench: pip install --upgrade cryptobench"
        )
    if schema < SCHEMA:
        raise ReportError(
            f"{folder} was written by an older cryptobench (schema {schema}, this one reads {SCHEMA}); measure anew: "
            "cryptobench run ... --out NEW_FOLDER"
        )
