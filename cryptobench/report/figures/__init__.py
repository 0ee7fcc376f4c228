"""Every figure of a report: one module a figure, each with a function ``draw``."""

from __future__ import annotations

__all__ = ["FIGURES"]

FIGURES = (
    "heatmap", "gallery", "breaks", "scatter", "differential", "key_bits", "damage", "damage_curves", "traceability",
    "timing",
)  # fmt: skip
