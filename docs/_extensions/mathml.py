"""Formulas as MathML, which browsers show by themselves: the pages need no script and no network."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

__all__ = ["setup"]


def _inline(translator: Any, node: nodes.math) -> None:
    translator.body.append(_mathml(node.astext()))
    raise nodes.SkipNode


def _block(translator: Any, node: nodes.math_block) -> None:
    translator.body.append(f"<div>{_mathml(node.astext(), 'block')}</div>\n")
    raise nodes.SkipNode


def _mathml(tex: str, display: str = "inline") -> str:
    """Bars become fences: as plain operators, browsers set them with spaces and stretch only the last."""
    return convert(tex.replace(r"\lvert", r"\left\lvert").replace(r"\rvert", r"\right\rvert"), display=display)


def setup(app: Any) -> dict[str, bool]:
    """Register the renderer; ``html_math_renderer = "mathml"`` chooses it."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
