"""A figure before it is drawn: what every figure module yields."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import log10

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from cryptobench.layout.style import ONE_COLUMN, TWO_COLUMNS, chunks, shortened
from cryptobench.results.run import RunData

__all__ = ["Draw", "Drawing", "cipher_label", "file_stem", "paged", "plain_powers"]


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure with its file name, title and caption, drawn when ``figure`` is called; ``ciphers`` are those in it.

    ``listed`` is False for the narrow twin of another one.
    """

    name: str
    title: str
    caption: str
    figure: Callable[[], Figure]
    ciphers: Sequence[str]
    listed: bool = True

    def note(self, run: RunData) -> str:
        """The caption, and what the marks behind the names of ciphers mean."""
        return f"{self.caption} {run.legend(self.ciphers)}".strip()


def cipher_label(run: RunData, cipher: str) -> str:
    """The cipher's name, with its marks, as figures have room for it."""
    marks = run.label(cipher).removeprefix(cipher)
    hidden = cipher.startswith("_")  # what matplotlib leaves out of legends
    return " " * hidden + shortened(cipher) + marks


def plain_powers(axis: Axis) -> None:
    """Label an axis that is logarithmic by 0.1, 1, 10 or 1e6: the exponents of powers of ten are too small to read."""

    def text(value: float, _: object) -> str:
        return f"{value:g}" if 1e-4 < value < 1e5 else f"1e{log10(value):.0f}"

    axis.set_major_formatter(FuncFormatter(text))
    axis.set_minor_formatter(NullFormatter())


def file_stem(text: str) -> str:
    """The text as part of a file's name that LaTeX, links and every file system take.

    Other characters than ASCII letters, digits and ``_-`` are left out, and a few digits of the whole text's hash
    tell it from others; so do those of a text of more than 80 characters.
    """
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", text)[:80]
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
    return plain if plain == text else f"{plain}-{digest[:8]}"


Draw = Callable[[RunData], Iterator[Drawing]]


def paged(
    name: str, title: str, caption: str, ciphers: Sequence[str], most: int, figure: Callable[[list[str], float], Figure]
) -> Iterator[Drawing]:
    """A figure of at most ``most`` ciphers a page, so that it fits a paper's, each with its one-column twin.

    ``figure`` draws some ciphers at a width in inches.
    """
    pages = chunks(ciphers, most)
    for number, shown in enumerate(pages, 1):
        stem = f"{name}_{number}" if len(pages) > 1 else name
        part = f"{title} ({number} of {len(pages)})" if len(pages) > 1 else title
        for width, ending in ((TWO_COLUMNS, ""), (ONE_COLUMN, "_one_column")):
            yield Drawing(stem + ending, part, caption, partial(figure, shown, width), shown, listed=not ending)
