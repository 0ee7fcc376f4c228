"""Every figure of a report: one module a figure, or a few of one kind, each with a function ``draw``."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cryptobench.layout.backend import import_matplotlib

if TYPE_CHECKING:
    from cryptobench.report.figures.drawing import Drawing
    from cryptobench.results.run import RunData

__all__ = ["FIGURES", "PICTURES", "ROWS", "drawings", "module_of"]

FIGURES = {
    "heatmap": ("heatmap",), "gallery": ("gallery",), "recovered": ("recovered",), "queries": ("queries",),
    "correlation": ("correlation",), "differential": ("npcr", "uaci", "baci"), "key_bits": ("key_bits",),
    "damage": ("damage",), "damage_curves": ("damage_curves",), "traceability": ("traceability",),
    "timing": ("timing", "timing_scaling"),
}  # fmt: skip
"""By module the names of its figures; those of several pages end in _1, _2 and so on, narrow twins in _one_column."""

ROWS: dict[str, tuple[str, ...] | None] = {
    "heatmap": None, "gallery": (), "recovered": ("attack",), "queries": ("attack",), "correlation": ("correlation",),
    "differential": ("differential",), "key_bits": ("key_sensitivity", "keyspace"), "damage": (),
    "damage_curves": ("robustness",), "traceability": ("robustness",), "timing": ("timing",),
}  # fmt: skip
"""By module the analyses of the rows that a report gives to its figures, "attack" for all attacks; None: every row."""
PICTURES = frozenset({"gallery", "recovered", "correlation", "damage"})
"""The modules whose figures show pictures of the run."""


def drawings(run: RunData, module: str) -> Iterator[Drawing]:
    """The figures of one module, not yet drawn; `NothingToShow` if the run lacks what they need."""
    import_matplotlib()
    drawn: Iterator[Drawing] = importlib.import_module(f"{__name__}.{module}").draw(run)
    return drawn


def module_of(name: str) -> str | None:
    """The module that draws the figure of a name, or None."""
    stems = {stem: module for module, names in FIGURES.items() for stem in names}
    known = [stem for stem in stems if name == stem or name.startswith(f"{stem}_")]
    return stems[max(known, key=len)] if known else None
