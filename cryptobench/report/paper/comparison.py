"""The fourth table of a paper: the cipher beside others, and what papers claim beside what was measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from cryptobench.layout.tables import DAGGER, MISSING, Digits
from cryptobench.report.judged import Judged, judged_ciphers
from cryptobench.report.paper.chosen import Subject
from cryptobench.report.paper.sheet import Sheet
from cryptobench.report.tables.comparison import METRICS, comparison
from cryptobench.report.tabular import pick
from cryptobench.results.attacks import is_attack
from cryptobench.results.claims import claims_of
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["comparison_sheet"]

# The columns of the comparison that four pages have room for: its title, that of the paper, and how a number is shown.
_COLUMNS = {
    "entropy (bit)": ("entropy", "{:.4f}"), "largest abs. correlation": ("corr.", "{:.4f}"),
    "NPCR %": ("NPCR", "{:.3f}"), "UACI %": ("UACI", "{:.3f}"), "key bits": ("key bits", "{:.0f}"),
    "PSNR (dB)": ("PSNR", "{:.1f}"),
}  # fmt: skip
_PLAUSIBLE = "!"
_ONCE = ("keyspace", "timing")
_IDENTITY = ["cipher", "analysis", "metric", "part", "statistic", "parameter", "nonce", "trial"]


def comparison_sheet(of: Subject, keys: dict[str, str]) -> Sheet:
    """A row a cipher, and below it in one of its own what its paper claims; ``keys`` cite schemes."""
    ciphers = [of.cipher, *of.others]
    if not of.others and not claims_of(of.cipher):
        raise NothingToShow("the run has no other cipher; --beside reference, names or a folder puts others beside it")
    run, image = _on_one_image(of, ciphers)
    try:
        values = comparison(replace(run, rows=tuple(of.others))).values
    except NothingToShow:
        values = pd.DataFrame({"cipher": ciphers})
    known = {str(row["cipher"]): row for row in values.to_dict("records")}
    judged = judged_ciphers(of.run)
    ratios = pick(run.numbers, "encrypt_ratio").drop_duplicates("cipher").set_index("cipher")["value"]
    columns = [metric.title for metric in METRICS if metric.title in _COLUMNS and metric.title in values]
    lossy = "PSNR (dB)" in columns and (pd.to_numeric(values["PSNR (dB)"], errors="coerce") < float("inf")).any()
    columns = [title for title in columns if title != "PSNR (dB)" or lossy]
    if not columns and not judged and ratios.empty:
        raise NothingToShow("the run holds none of the numbers that papers compare")
    rows: list[tuple[str, ...]] = []
    claims = far = False
    for cipher in ciphers:
        row = known.get(cipher, {})
        cells = [_measured(row, title) for title in columns]
        cells.append(Digits(3)(ratios[cipher]) if cipher in ratios.index else MISSING)
        cells += [_judgement(judged, cipher, name) for name in ("confidentiality", "misuse", "integrity")]
        cite = f" [@{keys[cipher]}]" if cipher in keys else ""
        rows.append(("**" * (cipher == of.cipher) + of.label(cipher) + cite, *cells))
        claimed = [_claimed(row, title) for title in columns]
        if any(claimed):
            claims, far = True, far or any(cell.endswith(_PLAUSIBLE) for cell in claimed)
            rows.append((" claimed", *(cell or "" for cell in claimed), "", "", "", ""))
    titles = ("", *(_COLUMNS[title][0] for title in columns), "time / AES", "conf.", "misuse", "integrity")
    note = _note(of, image, columns, claims, far, any("*" in cell for row in rows for cell in row[1:]))
    title = "Comparison" + (": Measured, and Claimed in Papers" if claims else "")
    return Sheet("comparison", title, titles, "r" * len(columns) + "rccl", rows, note, wide=True)


def _on_one_image(of: Subject, ciphers: list[str]) -> tuple[RunData, str]:
    """The run's rows on the image of the cipher's own on which most of the others were measured.

    Time and key bits, which are measured on one image only, count as those of that image.
    """
    numbers = of.run.numbers
    rows = numbers[~is_attack(numbers) & numbers["cipher"].isin(ciphers) & (numbers["status"] == "ok")]
    count = rows.groupby("image")["cipher"].nunique()
    image = max(of.images or [""], key=lambda one: int(count.get(one, 0)))
    table = of.run.table[of.run.table["cipher"].isin(ciphers)]
    here = table[table["image"] == image]
    have = set(zip(here["cipher"], here["analysis"], strict=True))
    once = table[table["analysis"].isin(_ONCE)]
    pairs = zip(once["cipher"], once["analysis"], strict=True)
    elsewhere = once[[pair not in have for pair in pairs]]
    elsewhere = elsewhere[~elsewhere.duplicated(_IDENTITY)].assign(image=image)
    return replace(of.run, table=pd.concat([here, elsewhere], ignore_index=True), wanted_image=None), image


def _measured(row: dict[Any, Any], title: str) -> str:
    value = row.get(title)
    if not isinstance(value, int | float) or value != value:
        return MISSING
    if value == float("inf"):
        return "exact"
    return _COLUMNS[title][1].format(value) + "*" * (row.get(f"{title} verdict") == "fail")


def _claimed(row: dict[Any, Any], title: str) -> str:
    """What the paper claims, a range where it has several numbers, and a mark where no ideal cipher gives it."""
    value, form = row.get(f"{title} claimed"), _COLUMNS[title][1]
    if not isinstance(value, int | float) or value != value:
        return ""
    highest = row.get(f"{title} claimed highest")
    shown = {"above": ">", "below": "<"}.get(str(row.get(f"{title} claimed bound")), "") + form.format(value)
    if isinstance(highest, int | float) and highest == highest and form.format(highest) != form.format(value):
        shown += f"–{form.format(highest)}"
    z = row.get(f"{title} claimed z")
    return shown + _PLAUSIBLE * (isinstance(z, int | float) and z == z)


def _judgement(judged: dict[str, dict[str, Judged]], cipher: str, name: str) -> str:
    one = judged.get(cipher, {}).get(name)
    if one is None:
        return MISSING
    return one.text.replace("≤ ", "≤") + DAGGER * one.refuted


def _note(of: Subject, image: str, columns: list[str], claims: bool, far: bool, starred: bool) -> str:
    hidden = of.others_in_run - len(of.others)
    which = "those named" if of.named else "standard ciphers, then published schemes by fidelity and name"
    rest = f"{len(of.others)} of {of.others_in_run} other ciphers ({which}); all are in the report. " if hidden else ""
    trials = pick(of.run.table, "npcr", image=image, cipher=of.cipher, nonce=("fresh", "none"))["trial"].nunique()
    parts = [
        f"Measured on {of.titled(image)}. " if image else "", rest,
        f"NPCR, UACI in %: fresh nonces, one sample changed{f', n = {trials} trials' if trials else ''}; ideal 99.609 "
        "and 33.464. " if {"NPCR %", "UACI %"} & set(columns) else "",
        "Corr.: the largest of adjacent pixels. " if "largest abs. correlation" in columns else "",
        "Key bits: those with an effect, an upper bound. " if "key bits" in columns else "",
        "PSNR: of decryption, dB. " if "PSNR (dB)" in columns else "",
        "Time: to encrypt, as a multiple of AES-256-CTR's. Conf. (fresh nonces) and misuse (one nonce for all): "
        f"security levels, {_levels()}; integrity: what becomes of changed ciphertexts. ≤: not all attacks ended. ",
        f"{DAGGER}: attacks refute the card's claim. " if _refuted(of) else "",
        "Claimed: as read in the paper, for its own pictures and machine. " if claims else "",
        "*: the claim is off by more than chance on the same size. " if starred else "",
        f"{_PLAUSIBLE}: more than 5 standard deviations from an ideal cipher. " if far else "",
        of.legend([of.cipher, *of.others]),
    ]  # fmt: skip
    return " ".join("".join(parts).split())


def _levels() -> str:
    return (
        "0: ≤ 3 known pairs break it; 1: ≤ 1,024 known or chosen; 2: more, or it is affine; 3: it leaks; "
        "4: only equality shows; 5: nothing found"
    )


def _refuted(of: Subject) -> bool:
    judged = judged_ciphers(of.run)
    return any(one.refuted for cipher in (of.cipher, *of.others) for one in judged.get(cipher, {}).values())
