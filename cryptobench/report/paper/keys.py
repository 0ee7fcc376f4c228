"""The second table of a paper: the key, decryption of damaged ciphertexts, and what encryption costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from cryptobench.layout.tables import MISSING, REJECTED, Digits
from cryptobench.report.paper.chosen import Subject
from cryptobench.report.paper.sheet import GROUP, Sheet
from cryptobench.report.tables.robustness import damage_of, kind_text, level_order, level_text
from cryptobench.report.tabular import pick
from cryptobench.results.run import NothingToShow

__all__ = ["keys_sheet"]

_NONE_IS_USUAL = ("dead_key_bits", "weak_key_bits")
_REJECTED = "Rejected: an authenticated cipher refuses damage, as it should. "
_CHANGES = (
    ("key_npcr", "NPCR (%)", "{:.4f}"), ("key_uaci", "UACI (%)", "{:.4f}"),
    ("key_avalanche", "flipped bits (%)", "{:.4f}"),
    ("wrong_key_psnr", "wrong key: PSNR (dB)", "{:.3f}"), ("wrong_key_ssim", "wrong key: SSIM", "{:.4f}"),
    ("wrong_key_correlation", "wrong key: correlation", "{:.4f}"),
)  # fmt: skip
_KINDS = {
    "occlusion corner": 3, "lost rows": 1, "salt and pepper": 2, "gaussian": 2, "speckle": 1, "jpeg": 2, "bit flips": 1,
}  # fmt: skip
_LEVELS = {
    "occlusion corner": "corner lost, {}", "lost rows": "rows lost, {}", "salt and pepper": "salt and pepper, {}",
    "gaussian": "Gaussian, sd {}", "speckle": "speckle, sd {}", "jpeg": "JPEG, quality {}",
    "bit flips": "flipped bits, {}",
}  # fmt: skip


def keys_sheet(of: Subject) -> Sheet:
    """Rows in three groups, each with its own titles."""
    rows = [*_key(of), *_damage(of), *_cost(of)]
    if not rows:
        raise NothingToShow("the run holds no measurement of the key, of damaged ciphertexts, of quality or of time")
    image = of.shown_images[0] if of.shown_images else ""
    bits = f" n = {len(trials)} key bits." if len(trials := pick(of.trials, "key_npcr")) else ""
    legend = of.legend([of.cipher])
    note = (
        f"{f'On {of.titled(image)}. ' if image else ''}Bits with an effect bound the key space from above; more than "
        "100 are demanded [@alvarez2006]. One key bit is flipped at a time: NPCR, UACI [@wu2011] and flipped bits "
        f"between the ciphertexts, and what the wrong key decrypts to beside the plaintext.{bits} Worst: of all bits. "
        "*: an ideal cipher would hardly give it. PSNR: peak signal-to-noise ratio in dB; SSIM: structural similarity "
        f"[@wang2004]. Unrelated: PSNR of noise. {_REJECTED * _rejects(of)}"
        "Robustness is a property, not an advantage: a cipher whose decryption diffuses has none. Secret bytes must "
        f"reach the receiver with each message. Time on one thread, beside AES-256-CTR in the same minutes. {legend}"
    )  # fmt: skip
    title = f"Key, Robustness and Cost of {of.name}"
    return Sheet("keys", title, (), "rrr", rows, " ".join(note.split()))


def _key(of: Subject) -> Iterator[tuple[str, ...]]:
    names = {"nominal_key_bits": "nominal bits", "effective_key_bits": "bits with an effect",
             "dead_key_bits": "dead bits", "weak_key_bits": "weak bits"}  # fmt: skip
    bits = _by_metric(pick(of.numbers, *names, analysis="keyspace", part=""))
    found: list[tuple[str, ...]] = []
    for metric, words in names.items():
        if metric in bits and not (metric in _NONE_IS_USUAL and bits[metric]["value"] == 0):
            found.append((words, _cell(bits, metric, "{:.0f}"), "", ""))
    means = pick(of.numbers, *(f"{metric}_{part}" for metric, *_ in _CHANGES for part in ("mean", "worst")), part="")
    values = _by_metric(means)
    for metric, words, form in _CHANGES:
        mean, worst = (_cell(values, f"{metric}_{part}", form) for part in ("mean", "worst"))
        if mean != MISSING:
            expected = values[f"{metric}_mean"]["expected"]
            found.append((words, mean, worst, form.format(expected) if expected == expected else MISSING))
    if found:
        yield GROUP, "Key", "mean", "worst", "ideal"
        yield from found


def _by_metric(rows: pd.DataFrame) -> dict[str, dict[Any, Any]]:
    """The first row of each metric."""
    return {str(row["metric"]): row for row in rows.drop_duplicates("metric").to_dict("records")}


def _cell(rows: dict[str, dict[Any, Any]], metric: str, form: str) -> str:
    if metric not in rows:
        return MISSING
    value = rows[metric]["value"]
    if value == REJECTED:
        return REJECTED
    return form.format(value) + "*" * (rows[metric]["verdict"] == "fail") if value == value else MISSING


def _damage(of: Subject) -> Iterator[tuple[str, ...]]:
    rows = _damaged(of)
    if rows.empty:
        return
    yield GROUP, "Damaged ciphertext, decrypted", "PSNR", "SSIM", "unrelated"
    for kind, most in _KINDS.items():
        levels = sorted(map(str, rows.loc[rows["damage"] == kind, "parameter"].unique()), key=level_order)
        levels = levels[::-1] if kind == "jpeg" else levels
        for level in _spread(levels, most):
            cells = _by_metric(rows[(rows["damage"] == kind) & (rows["parameter"] == level)])
            psnr = _cell(cells, "damaged_psnr", "{:.2f}").replace("*", "")
            ssim = MISSING if psnr == REJECTED else _cell(cells, "damaged_ssim", "{:.3f}").replace("*", "")
            noise = cells.get("damaged_psnr", {}).get("expected")
            words = _LEVELS.get(kind, kind_text(kind) + ", {}").format(level_text(level))
            yield words, psnr, ssim, f"{noise:.2f}" if noise is not None and noise == noise else MISSING


def _damaged(of: Subject) -> pd.DataFrame:
    rows = pick(of.numbers, "damaged_psnr", "damaged_ssim", image=of.shown_images[:1])
    return rows.assign(damage=damage_of(rows))


def _rejects(of: Subject) -> bool:
    return bool((_damaged(of)["value"] == REJECTED).any())


def _spread(levels: list[str], most: int) -> list[str]:
    """At most so many levels, the largest damage among them and the others evenly below it."""
    if len(levels) <= most:
        return levels
    step = len(levels) / (most + 1)
    return [levels[min(len(levels) - 1, round(step * (place + 1)))] for place in range(most)]


def _cost(of: Subject) -> Iterator[tuple[str, ...]]:
    numbers = of.numbers
    image = of.shown_images[:1]
    found: list[tuple[str, ...]] = []
    quality = _by_metric(
        pick(
            numbers, "exact", "decrypted_psnr", "decrypted_ssim", "expansion", "header_bytes", "secret_bytes",
            analysis="quality", image=image,
        )
    )  # fmt: skip
    exact = quality.get("exact", {}).get("value")
    if exact is not None:
        found.append(("decryption is exact", "yes" if exact == 1 else "no", "", ""))
    shown = (("decrypted_psnr", "decryption: PSNR (dB)", "{:.2f}"), ("decrypted_ssim", "decryption: SSIM", "{:.4f}"))
    if exact != 1:
        found += [(words, _cell(quality, metric, form), "", "") for metric, words, form in shown if metric in quality]
    for metric, words, form in (
        ("expansion", "expansion", "{:.3f}"), ("header_bytes", "public header (bytes)", "{:.0f}"),
        ("secret_bytes", "secret (bytes)", "{:.0f}"),
    ):  # fmt: skip
        if metric in quality and not (metric == "expansion" and quality[metric]["value"] == 1):
            found.append((words, _cell(quality, metric, form), "", ""))
    for operation in ("encrypt", "decrypt"):
        time = pick(numbers, f"{operation}_time", statistic="median", parameter="")["value"].head(1)
        ratio = pick(numbers, f"{operation}_ratio")["value"].head(1)
        if len(time) or len(ratio):
            milliseconds = f"{Digits(3, 1e3)(time.iloc[0])} ms" if len(time) else MISSING
            times = Digits(3)(ratio.iloc[0]) if len(ratio) else MISSING
            found.append((f"time to {operation}", milliseconds, "", f"{times}× AES" if times != MISSING else MISSING))
    exponent = pick(numbers, "encrypt_exponent")["value"].dropna().head(1)
    if len(exponent):
        found.append(("time grows as pixels to the", f"{exponent.iloc[0]:.2f}", "", ""))
    if found:
        yield GROUP, "Decryption, size and time"
        yield from found
