"""Draws the proposed cipher's network and pipeline into docs/pictures/network.png, sizes taken from the code."""

from __future__ import annotations

from itertools import pairwise
from math import prod
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from cryptobench.primitives.learned.sizes import CouplingSize, shapes_of
from cryptobench.proposed.training import statistics_recipe

BLUE, GREY, ORANGE, GREEN, WHITE = "#cfe0f3", "#e4e4e4", "#f8dcbf", "#d3ead0", "#ffffff"


def box(axes: Axes, x: float, y: float, width: float, height: float, text: str, colour: str, size: float = 8.5) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x, y), width, height, boxstyle="round,pad=0.02,rounding_size=0.08", fc=colour, ec="#333", lw=0.9
        )
    )
    axes.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=size, linespacing=1.25)


def arrow(axes: Axes, *points: tuple[float, float], style: str = "-") -> None:
    for start, end in pairwise(points[:-1]):
        axes.plot(*zip(start, end, strict=True), color="#333", lw=0.9, ls=style)
    axes.annotate("", points[-1], points[-2], arrowprops={"arrowstyle": "-|>", "lw": 0.9, "color": "#333", "ls": style})


def pipeline(axes: Axes) -> None:
    axes.set(xlim=(0, 16), ylim=(0, 3.1))
    axes.axis("off")
    steps = (
        ("image\nH × W × 3", GREY),
        ("encoder E", BLUE),
        ("round to\n8 bits", WHITE),
        ("XOR forward\nk1", ORANGE),
        ("XOR backward\nk2", ORANGE),
        ("ciphertext", GREY),
    )
    for row, chosen in ((1.75, steps), (0.15, tuple(reversed(steps)))):
        for i, (text, colour) in enumerate(chosen):
            if row < 1:
                text = {
                    "encoder E": "E backwards", "round to\n8 bits": "intermediate\nciphertext",
                    "XOR forward\nk1": "undo forward\nk1", "XOR backward\nk2": "undo backward\nk2",
                    "image\nH × W × 3": "decrypted\nimage",
                }.get(text, text)  # fmt: skip
            box(axes, 0.2 + 2.65 * i, row, 2.1, 0.95, text, colour)
            if i:
                arrow(axes, (0.2 + 2.65 * i - 0.53, row + 0.475), (0.2 + 2.65 * i - 0.02, row + 0.475))
    axes.text(0.2, 2.88, "encryption", fontsize=9, weight="bold")
    axes.text(0.2, 1.28, "decryption", fontsize=9, weight="bold")
    axes.text(9.2, 2.88, "k1, k2: PWLCM orbits seeded by SHA-256(key, nonce)", fontsize=8, color="#444")


def network(axes: Axes, size: CouplingSize) -> None:
    axes.set(xlim=(0, 16), ylim=(0, 4.2))
    axes.axis("off")
    count, channels = sum(prod(shape) for shape in shapes_of(size).values()), 3 * size.factor**2
    axes.text(0.2, 3.95, f"encoder, {count:,} weights; the decoder runs it backwards", fontsize=9, weight="bold")
    pairs, width, wide, y = size.couplings // 2, 1.7, 2.7, 2.15
    free = (16 - 0.4 - (3 + pairs) * width - pairs * wide) / (2 + 2 * pairs)
    x, end = 0.2, 0.0
    for i in range(2 * pairs + 3):
        if i:
            arrow(axes, (end + 0.02, y), (x - 0.02, y))
        if i in (0, 2 * pairs + 2):
            text = f"pixel unshuffle\n3 → {channels}" if i == 0 else "pixel shuffle\ncut to [-1, 1]"
            box(axes, x, y - 0.475, width, 0.95, text, WHITE, 8)
            end = x + width
        elif i % 2:
            box(axes, x, y - 0.475, width, 0.95, f"conv 1×1\n{channels}", BLUE, 8)
            end = x + width
        else:
            coupling(axes, x, y, wide, channels // 2)
            end = x + wide
        x = end + free
    axes.text(
        0.2, 0.35,
        f"D, a dense block: {size.layers} layers of conv 3×3 to {size.growth} channels and leaky ReLU, each reading "
        f"the block's input and all layers before it;\na 1×1 convolution of all of them to {channels // 2} channels. "
        "Backwards: inverse matrices, and what was added is taken away.\n"
        "No normalisation. All at a quarter of the resolution.",
        fontsize=8, va="center", linespacing=1.4,
    )  # fmt: skip


def coupling(axes: Axes, x: float, y: float, width: float, half: int) -> None:
    """The first half gets a block of the second, then the second one of the first."""
    top, bottom = y + 1.0, y - 0.75
    axes.plot([x, x, x + width, x + width], [top, bottom, bottom, top], alpha=0)
    for height, text in ((top, "first"), (bottom, "second")):
        arrow(axes, (x, y), (x + 0.12, height), (x + width - 0.12, height), (x + width, y))
        above = 0.12 if height > y else -0.3
        axes.text(x + 0.2, height + above, f"{text} {half}", fontsize=7.5, color="#444")
    for share, start, end in ((0.36, bottom, top), (0.68, top, bottom)):
        place, way = x + share * width, 0.36 if end > start else -0.36
        box(axes, place - 0.22, (top + bottom) / 2 - 0.2, 0.44, 0.4, "D", GREEN)
        middle = (top + bottom) / 2
        axes.plot([place, place], [start, middle - way * 0.62], color="#333", lw=0.9)
        arrow(axes, (place, middle + way * 0.62), (place, end - way * 0.4))
        axes.plot(place, end, "o", ms=9, mfc="white", mec="#333", mew=0.9, zorder=3)
        axes.text(place, end - 0.02, "+", ha="center", va="center", fontsize=8, zorder=4)


def main() -> None:
    size = statistics_recipe("cpu").backbone_size()
    assert isinstance(size, CouplingSize)
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(9.5, 4.6), height_ratios=(3.1, 4.2), layout="constrained")
    pipeline(top)
    network(bottom, size)
    target = Path(__file__).parent / "pictures" / "network.png"
    figure.savefig(target, dpi=160)
    print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
