"""The first table of a paper: the statistics of the cipher image, and what a changed plaintext does to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from cryptobench.layout.tables import MISSING
from cryptobench.report.paper.chosen import Subject
from cryptobench.report.paper.sheet import GROUP, Sheet
from cryptobench.report.tabular import pick
from cryptobench.results.rounding import p_text
from cryptobench.results.run import NothingToShow
from cryptobench.results.verdicts import ALPHA_BORDERLINE, ALPHA_FAIL

__all__ = ["statistics_sheet"]

_DIRECTIONS = {"H": "horizontal", "V": "vertical", "D": "diagonal", "A": "antidiag."}
_MODES = (("fresh", "fresh nonce"), ("fixed", "one nonce"), ("none", ""))
_NONCES = (
    "Fresh nonce: a new one for each message, as papers report it; one nonce: the same nonce and per-message secret "
    "for both, which measures the cipher itself. "
)
_STARRED = "*: outside the interval, as one value in twenty is by chance. "
_TINY = 0.001


@dataclass(frozen=True)
class _Line:
    """A row: its words, the test that judges it, the row of measurements of an image, and that of the plaintext."""

    words: str
    test: str
    form: str
    cipher: Callable[[pd.DataFrame], pd.DataFrame]
    plain: Callable[[pd.DataFrame], pd.DataFrame] | None = None


def statistics_sheet(of: Subject) -> Sheet:
    """One or two images beside one another: plaintext, ciphertext, and the interval of an ideal cipher."""
    images = of.shown_images
    by_image = {image: of.numbers[of.numbers["image"] == image] for image in images}
    rows: list[tuple[str, ...]] = []
    starred = False
    tests: set[str] = set()
    for group, lines in (("Statistics of the cipher image", _STATISTICS), ("Changed plaintext", _changes())):
        found = []
        for line in lines:
            row = _row(of, line, by_image)
            if row is not None:
                found.append((*row[:-1], "" if line.test in tests else row[-1]))
                tests.add(line.test)
        if found:
            rows += [(GROUP, group), *found]
            starred |= any(cell.endswith("*") for row in found for cell in row)
    if not rows:
        raise NothingToShow("the run holds no statistics of the cipher image, and no NPCR or UACI")
    wide = len(images) > 1
    titles = ["", *["plain", "cipher", "ideal"] * len(images), "p"]
    above = tuple((of.titled(image), 3) for image in images) if wide else ()
    note = (
        f"On {' and '.join(of.titled(image) for image in images)}. {of.rest_of_images} Ideal: the interval that an "
        "ideal cipher keeps in 95 of 100 cases at this size. p: of the test as a whole, corrected over channels, "
        f"directions, places and images (Holm [@holm1979]); below {ALPHA_FAIL} a test fails, below "
        f"{ALPHA_BORDERLINE} it is borderline. {_STARRED * starred}{_sources(of)}{_trials(of)} "
        f"{of.legend([of.cipher])}"
    )
    title = f"Statistical and Differential Tests of {of.name}"
    align = "rrr" * len(images) + "r"
    return Sheet("statistics", title, tuple(titles), align, rows, " ".join(note.split()), wide, above)


def _row(of: Subject, line: _Line, images: dict[str, pd.DataFrame]) -> tuple[str, ...] | None:
    cells: list[str] = []
    for numbers in images.values():
        cells += [_value(line.plain(numbers), line.form) if line.plain else MISSING, *_measured(line, numbers)]
    if all(cell == MISSING for cell in cells):
        return None
    return line.words, *cells, _p(of, line.test)


def _measured(line: _Line, numbers: pd.DataFrame) -> tuple[str, str]:
    rows = line.cipher(numbers)
    if rows.empty:
        return MISSING, MISSING
    row = rows.iloc[0]
    star = "*" * (row["verdict"] == "fail")
    return _value(rows, line.form) + star, _interval(row["low"], row["high"], line.form)


def _value(rows: pd.DataFrame, form: str) -> str:
    value = rows["value"].iloc[0] if len(rows) else None
    if not isinstance(value, int | float) or value != value:
        return MISSING
    return form.format(value)


def _interval(low: float, high: float, form: str) -> str:
    plain = form.replace("+z", "z").replace("+", "")
    if pd.isna(low) and pd.isna(high):
        return MISSING
    if pd.isna(low) or pd.isna(high):
        return f"≤ {plain.format(high)}" if pd.isna(low) else f"≥ {plain.format(low)}"
    if abs(low + high) < 1e-12 * abs(high) or form.startswith("{:+"):
        return f"±{plain.format(max(abs(low), abs(high)))}"
    return f"{plain.format(low)} to {plain.format(high)}"


def _p(of: Subject, test: str) -> str:
    pooled = of.run.pooled.get((of.cipher, test))
    if pooled is None:
        return MISSING
    if pooled.state == "error":
        return "error"
    if pooled.adjusted is None:
        return MISSING
    return f"<{_TINY}" if pooled.adjusted < _TINY else p_text(pooled.adjusted)


def _sources(of: Subject) -> str:
    """What the words of the rows mean, of those that stand there, with where they come from."""
    have = set(of.numbers["metric"])
    known = (
        ("global_entropy", "Global entropy [@shannon1948] in bits, of all channels together. "),
        ("local_entropy", "Local entropy [@wu2013]: mean over 30 blocks of 1936 samples. "),
        ("chi_square", "Chi-square: of the histogram, 255 degrees of freedom, two-sided. "),
        ("correlation", "Correlation of adjacent pixels [@chen2004]: all pairs, the channel that is largest in size. "),
        ("glcm_contrast", "Texture [@haralick1973]: 8 grey levels, first channel. "),
        ("contour_correlation", "Contours: local variance of the cipher image against the plaintext's gradient; 0 if "
                                "no outline is visible. "),
        ("npcr_mean", "NPCR, UACI [@wu2011]: number of pixels change rate and unified average changing intensity, in "
                      "%, one sample changed. " + _NONCES * bool(set(of.numbers["nonce"]) & {"fresh", "fixed"})),
        ("plaintext_avalanche_mean", "Avalanche [@webster1985]: flipped bits in %, one bit changed. "),
        ("sp800_22_corrected_adjusted", "SP 800-22 [@rukhin2010]: smallest p over all tests, corrected. "),
    )  # fmt: skip
    return "".join(text for metric, text in known if metric in have)


def _trials(of: Subject) -> str:
    counts = [
        (name, of.trials[of.trials["metric"] == metric].groupby(["image", "nonce"])["trial"].nunique())
        for metric, name in (("npcr", "NPCR and UACI"), ("plaintext_avalanche", "avalanche"))
    ]
    shown = [
        f"{name}: n = {f'{count.min()} to ' * bool(count.min() < count.max())}{count.max()} trials an image"
        for name, count in counts
        if len(count)
    ]
    return f"{'; '.join(shown)}." if shown else ""


def _largest(metric: str, **where: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def rows(numbers: pd.DataFrame) -> pd.DataFrame:
        found = pick(numbers, metric, **where)
        sizes = pd.to_numeric(found["value"], errors="coerce").abs()
        return found.loc[sizes.sort_values(ascending=False, kind="stable").index[:1]]

    return rows


def _one(metric: str, **where: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda numbers: pick(numbers, metric, **where).head(1)


def _smallest_p(numbers: pd.DataFrame) -> pd.DataFrame:
    rows = pick(numbers, "sp800_22_corrected_adjusted", nonce=("fresh", "none"))
    rows = rows[rows["condition"] != "AES-256-CTR"]
    return rows.sort_values("value", kind="stable").head(1)


def _changes() -> Iterator[_Line]:
    """The lines of NPCR, UACI and avalanche, by how nonces are used."""
    whole = {"place": "", "condition": ""}
    for metric, name, form in (("npcr", "NPCR", "{:.4f}"), ("uaci", "UACI", "{:.4f}")):
        for nonce, mode in _MODES:
            words = f"{name}, {mode}" if mode else name
            yield _Line(
                words, f"{name}, {'fresh' if nonce == 'fresh' else 'fixed'} nonce", form,
                _one(f"{metric}_mean", nonce=nonce, **whole),
            )  # fmt: skip
    for nonce, mode in _MODES:
        test = f"avalanche, {'fresh' if nonce == 'fresh' else 'fixed'} nonce"
        words = f"Avalanche, {mode}" if mode else "Avalanche"
        yield _Line(words, test, "{:.4f}", _one("plaintext_avalanche_mean", nonce=nonce))


_STATISTICS = (
    _Line(
        "Global entropy", "global entropy", "{:.4f}", _one("global_entropy", channel="all", part="cipher"),
        _one("global_entropy", channel="all", part="plain"),
    ),
    _Line("Local entropy", "local entropy", "{:.4f}", _one("local_entropy", channel="all", statistic="corrected")),
    _Line(
        "Chi-square", "histogram", "{:.1f}", _one("chi_square", channel="all", part="cipher"),
        _one("chi_square", channel="all", part="plain"),
    ),
    *(
        _Line(
            f"Correlation, {name}", "correlation", "{:+z.4f}",
            _largest("correlation", part="cipher", direction=direction),
            _largest("correlation", part="plain", direction=direction),
        )
        for direction, name in _DIRECTIONS.items()
    ),
    *(
        _Line(
            f"GLCM {name}", "texture", form, _one(f"glcm_{name}", part="cipher", parameter="8"),
            _one(f"glcm_{name}", part="plain", parameter="8"),
        )
        for name, form in (("contrast", "{:.4f}"), ("energy", "{:.6f}"), ("homogeneity", "{:.4f}"))
    ),
    _Line("Contours", "contours", "{:+z.4f}", _largest("contour_correlation")),
    _Line("SP 800-22", "randomness", "{:.2g}", _smallest_p),
)  # fmt: skip
