"""Tables of what decryption makes of a damaged ciphertext, and of how well the damage can be located."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cryptobench.report.table import KEYS, Column, Table, head, pick, skeleton, widen
from cryptobench.results.run import NothingToShow, Run

__all__ = ["TABLES", "kind_text", "level_order", "level_text"]

_TRACE = {
    "trace_auc": ("AUC", "{:.4f}"),
    "trace_auc_blind": ("AUC, blind", "{:.4f}"),
    "trace_energy": ("energy inside", "{:.4f}"),
    "trace_energy_blind": ("energy inside, blind", "{:.4f}"),
    "damage_spread": ("damage spread", "{:.4f}"),
}


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


def _damage(name: str, title: str, kinds: Sequence[str]) -> Callable[[Run], Table]:
    def table(run: Run) -> Table:
        rows = pick(run.numbers, "damaged_psnr", "damaged_ssim", variant=kinds)
        if rows.empty:
            raise NothingToShow(f"the run holds no damage of the kind {', '.join(kinds)}")
        short = rows["metric"].map({"damaged_psnr": "PSNR", "damaged_ssim": "SSIM"})
        values = widen(
            skeleton(run.numbers, "robustness"),
            rows,
            rows["variant"] + " " + rows["direction"] + " " + short,
            ["value"],
        )
        columns = []
        for kind in kinds:
            levels = rows.loc[rows["variant"] == kind, "direction"].unique()
            for level in sorted(map(str, levels), key=level_order):
                pair = f"{kind} {level} PSNR", f"{kind} {level} SSIM"
                if all(source in values for source in pair):
                    columns.append(Column(f"{kind_text(kind)} {level_text(level)}", pair, "{:.2f} / {:.3f}"))
        return Table(
            name,
            title,
            "PSNR in dB / SSIM of what decryption returns from a damaged ciphertext, by kind and level of the "
            "damage. Rejected: an authenticated cipher refused the damaged ciphertext, as it should. Robustness is "
            "a property, not a virtue: a cipher whose decryption diffuses loses it.",
            values,
            (*head("image"), *columns),
        )

    table.__name__ = name
    return table


def traceability(run: Run) -> Table:
    rows = pick(run.numbers, *_TRACE)
    if rows.empty:
        raise NothingToShow("the run holds no traceability measurement")
    base = rows[[*KEYS, "variant", "direction"]].drop_duplicates()
    base = base.sort_values("direction", key=lambda levels: levels.map(level_order), kind="stable")
    base = base.sort_values("variant", kind="stable").reset_index(drop=True)
    values = widen(base, rows, "metric", ["value"])
    return Table(
        "traceability",
        "Traceability",
        "How well the damaged region can be located on the decrypted image: ROC AUC of the error of each pixel "
        "against the true region (0.5: not at all, 1: perfectly), the share of the error energy inside it, both "
        "with the original at hand and blind without it, and the share of pixels to which the damage spreads.",
        values,
        (
            *head("image"),
            Column("damage", "variant", kind_text, key=True),
            Column("level", "direction", level_text, key=True),
            *(Column(title, metric, form) for metric, (title, form) in _TRACE.items() if metric in values),
        ),
    )


def quality(run: Run) -> Table:
    rows = pick(run.numbers, "exact", "decrypted_psnr", "decrypted_ssim", "expansion", "header_bytes", "secret_bytes")
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
        "Exact: decryption gives back every bit. Expansion: bytes of the cipher image by bytes of the plaintext. "
        "Header bytes are public; secret bytes must reach the receiver by a secure channel with every message.",
        values,
        (*head("image"), *(column for column in columns if column.source in values)),
    )


TABLES = (
    _damage("robustness_occlusion", "Robustness: occlusion", ("occlusion corner", "occlusion centre", "lost rows")),
    _damage("robustness_noise", "Robustness: noise", ("salt and pepper", "gaussian", "speckle")),
    _damage("robustness_other", "Robustness: bit flips and JPEG", ("bit flips", "jpeg")),
    traceability,
    quality,
)
