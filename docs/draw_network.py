"""Draws the proposed cipher's network and pipeline into docs/pictures/network.png, sizes taken from the code."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from cryptobench.primitives.learned.networks import DenseResNet
from cryptobench.primitives.learned.sizes import DenseResNetSize
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
                    "encoder E": "decoder D", "round to\n8 bits": "intermediate\nciphertext",
                    "XOR forward\nk1": "undo forward\nk1", "XOR backward\nk2": "undo backward\nk2",
                    "image\nH × W × 3": "decrypted\nimage",
                }.get(text, text)  # fmt: skip
            box(axes, 0.2 + 2.65 * i, row, 2.1, 0.95, text, colour)
            if i:
                arrow(axes, (0.2 + 2.65 * i - 0.53, row + 0.475), (0.2 + 2.65 * i - 0.02, row + 0.475))
    axes.text(0.2, 2.88, "encryption", fontsize=9, weight="bold")
    axes.text(0.2, 1.28, "decryption", fontsize=9, weight="bold")
    axes.text(9.2, 2.88, "k1, k2: PWLCM orbits seeded by SHA-256(key, nonce)", fontsize=8, color="#444")


def network(axes: Axes, size: DenseResNetSize) -> None:
    axes.set(xlim=(0, 16), ylim=(0, 3.3))
    axes.axis("off")
    count = sum(weight.numel() for weight in DenseResNet(size).parameters())
    axes.text(0.2, 3.08, f"encoder and decoder: the same network, {count:,} weights each", fontsize=9, weight="bold")
    names = [
        (f"pixel unshuffle\n3 → {3 * size.factor**2} channels", WHITE),
        (f"conv 3×3\n{size.width}, LReLU", BLUE),
        *((f"dense block {i + 1}", GREEN) for i in range(size.blocks)),
        (f"conv 1×1\nfusion, {size.width}", BLUE),
        (f"conv 3×3\n{3 * size.factor**2}", BLUE),
        ("pixel shuffle\ntanh", WHITE),
    ]
    width, step = 1.85, (16 - 0.4 - 1.85) / (len(names) - 1)
    for i, (text, colour) in enumerate(names):
        box(axes, 0.2 + step * i, 1.1, width, 0.95, text, colour, 8)
        if i:
            arrow(axes, (0.2 + step * (i - 1) + width + 0.02, 1.575), (0.2 + step * i - 0.02, 1.575))
    fusion = 2 + size.blocks
    end = 0.2 + step * fusion + width / 2
    for j, i in enumerate(range(1, 1 + size.blocks)):
        start, height = 0.2 + step * i + width / 2 + 0.55, 2.5 - 0.22 * j
        arrow(axes, (start, 2.08), (start, height), (end - 0.3 * j, height), (end - 0.3 * j, 2.08))
    axes.text(
        0.2, 0.45,
        f"dense block: {size.layers} layers of conv 3×3 to {size.growth} channels and leaky ReLU, each reading the "
        f"block's input and all layers before it;\na 1×1 convolution of all of them back to {size.width} channels, "
        "added to the block's input. No normalisation. All at half the resolution.",
        fontsize=8, va="center", linespacing=1.4,
    )  # fmt: skip


def main() -> None:
    recipe = statistics_recipe("cpu")
    size = DenseResNetSize(recipe.factor, recipe.width, recipe.growth, recipe.layers, recipe.blocks, recipe.norm)
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(9.5, 4.1), layout="constrained")
    pipeline(top)
    network(bottom, size)
    target = Path(__file__).parent / "pictures" / "network.png"
    figure.savefig(target, dpi=160)
    print(f"wrote {target.name}")


if __name__ == "__main__":
    main()
