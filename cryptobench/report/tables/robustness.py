"""Tables of the decryption of damaged ciphertexts, of how well damage can be located, and of exactness and size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from cryptobench.layout.tables import Column, Table
from cryptobench.report.tabular import KEYS, head, pick, skeleton, widen
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES", "damage_of", "kind_text", "level_order", "level_text"]

_TRACE = {
    "trace_auc": ("AUC", "{:.4f}"),
    "trace_auc_blind": ("AUC, without original", "{:.4f}"),
    "trace_energy": ("error inside", "{:.4f}"),
    "trace_energy_blind": ("error inside, without original", "{:.4f}"),
    "damage_spread": ("pixels changed", "{:.4f}"),
}


def damage_of(rows: pd.DataFrame) -> pd.Series[str]:
    """The kind of damage of each row and its place, if it has one: "occlusion corner", "gaussian"."""
    return (rows["condition"] + " " + rows["place"]).str.strip()


def kind_text(kind: str) -> str:
    """A kind of damage as people write it."""
    return {"gaussian": "Gaussian", "jpeg": "JPEG"}.get(kind, kind)


def level_text(level: str) -> str:
    """A damage level as people write it: 0.25 reads 1/4."""
    try:
        number = float(level)
    except ValueError:
        return level
    if 0 < number < 1 and (1 / number).is_integer() and int(1 / number).bit_count() == 1:
        return f"1/{1 / number:.0f}"
    return f"{number:g}"


def level_order(level: str) -> tuple[float, str]:
    """Sorts levels by number."""
    try:
        return float(level), level
    except ValueError:
        return float("inf"), level


def _damage(name: str, title: str, kinds: Sequence[str], levels: str) -> Callable[[RunData], Table]:
    def table(run: RunData) -> Table:
        rows = pick(run.numbers, "damaged_psnr", "damaged_ssim")
        rows = rows.assign(damage=damage_of(rows))
        rows = rows[rows["damage"].isin(kinds)]
        if rows.empty:
            raise NothingToShow(f"the run holds no damage of the kind {', '.join(kinds)}")
        short = rows["metric"].map({"damaged_psnr": "PSNR", "damaged_ssim": "SSIM"})
        values = widen(
            skeleton(run.numbers, "robustness"),
            rows,
            rows["damage"] + " " + rows["parameter"] + " " + short,
            ["value"],
        )
        columns = []
        for kind in kinds:
            found = rows.loc[rows["damage"] == kind, "parameter"].unique()
            for level in sorted(map(str, found), key=level_order):
                pair = f"{kind} {level} PSNR", f"{kind} {level} SSIM"
                if all(source in values for source in pair):
                    columns.append(Column(f"{kind_text(kind)} {level_text(level)}", pair, "{:.2f} / {:.3f}"))
        return Table(
            name,
            title,
            "Peak signal-to-noise ratio (PSNR) in dB / structural similarity (SSIM) between the plaintext and the "
            f"decryption of a damaged ciphertext, by kind and level of the damage. {levels} Rejected: an authenticated "
            "cipher refuses the damaged ciphertext, as it should. Robustness is a property, not an advantage: a cipher "
            "whose decryption diffuses has none.",
            values,
            (*head("image"), *columns),
        )

    table.__name__ = name
    return table


def traceability(run: RunData) -> Table:
    rows = pick(run.numbers, *_TRACE)
    if rows.empty:
        raise NothingToShow("the run holds no traceability measurement")
    base = rows[[*KEYS, "condition", "place", "parameter"]].drop_duplicates()
    base = base.sort_values("parameter", key=lambda levels: levels.map(level_order), kind="stable")
    base = base.sort_values(["condition", "place"], kind="stable").reset_index(drop=True)
    values = widen(base, rows, "metric", ["value"])
    return Table(
        "traceability",
        "Where damage shows",
        "Part of the ciphertext is damaged; where does the decrypted picture show it? AUC: how well a pixel's error "
        "tells that it lies in the damaged region, as the area under the ROC curve (receiver operating characteristic; "
        "0.5: no better than chance, 1: always). Error inside: share of the squared error that lies inside the region. "
        "Without original: from the noise in the decrypted picture alone; the other columns use the original. Pixels "
        "changed: share of the picture's pixels that change.",
        values,
        (
            *head("image"),
            Column("damage", "condition", kind_text, key=True),
            Column("place", "place", key=True),
            Column("level", "parameter", level_text, key=True),
            *(Column(title, metric, form) for metric, (title, form) in _TRACE.items() if metric in values),
        ),
    )


def quality(run: RunData) -> Table:
    metrics = ("exact", "decrypted_psnr", "decrypted_ssim", "expansion", "header_bytes", "secret_bytes")
    rows = pick(run.numbers, *metrics, analysis="quality")
    if rows.empty:
        raise NothingToShow("the run holds no quality measurement")
    values = widen(skeleton(run.numbers, "quality"), rows, "metric")
    columns = (
        Column("exact", "exact", lambda exact: "yes" if exact == 1 else "no", "exact verdict"),
        Column("PSNR dB", "decrypted_psnr", "{:.2f}", better="larger"),
        Column("SSIM", "decrypted_ssim", "{:.4f}", better="larger"),
        Column("expansion", "expansion", "{:.3f}", better="smaller"),
        Column("header bytes", "header_bytes", "{:.0f}"),
        Column("secret bytes", "secret_bytes", "{:.0f}"),
    )
    return Table(
        "quality",
        "Decryption, expansion and side data",
        "Exact: decryption returns every bit. PSNR, SSIM: peak signal-to-noise ratio and structural similarity of the "
        "decryption. Expansion: bytes of the cipher image divided by bytes of the plaintext. Header bytes are public; "
        "secret bytes must reach the receiver through a secure channel with every message.",
        values,
        (*head("image"), *(column for column in columns if column.source in values)),
    )


TABLES = (
    _damage(
        "robustness_occlusion",
        "Robustness: occlusion",
        ("occlusion corner", "occlusion centre", "lost rows"),
        "The level is the share of the area that is lost.",
    ),
    _damage(
        "robustness_noise",
        "Robustness: noise",
        ("salt and pepper", "gaussian", "speckle"),
        "The level is the share of noisy samples (salt and pepper), the standard deviation in grey levels (Gaussian), "
        "and the standard deviation of the factor (speckle).",
    ),
    _damage(
        "robustness_other",
        "Robustness: bit flips and JPEG",
        ("bit flips", "jpeg"),
        "The level is the number of flipped bits, and the quality of the JPEG compression.",
    ),
    traceability,
    quality,
)
