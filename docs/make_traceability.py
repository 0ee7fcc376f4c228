"""Measures where damage to a ciphertext can be located on what decryption returns, without the original.

    python docs/make_traceability.py --data bsds500/test      # two minutes of one core: table, figure, page

A square of the cipher image is damaged in one of five ways, then what decryption returns is looked at by
`cryptobench.proposed.damage.noisiness`, the same for every cipher. The numbers go to docs/traceability.json, from
which the page docs/proposed.md has its table, and docs/pictures/traceability.png is drawn.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cryptobench.analyses.robustness.damage import damage
from cryptobench.cipher import Cipher, Encrypted, Image
from cryptobench.images import builtin_image
from cryptobench.primitives.learned.ciphers import SHAPE_BYTES
from cryptobench.proposed.damage import noisiness, noisy_places
from cryptobench.proposed.sealed import DenseResNetXorSealed
from cryptobench.registry import load_cipher

DOCS = Path(__file__).resolve().parent
MEASURED, PAGE, PICTURE = DOCS / "traceability.json", DOCS / "proposed.md", DOCS / "pictures" / "traceability.png"
BEGIN, END = "<!-- traceability: written by docs/make_traceability.py -->", "<!-- end of traceability -->"

CIPHERS = (
    "dense-resnet-xor", "dense-resnet-xor-lossless", "dense-resnet-xor-sealed", "xor-pad", "aes-256-ctr", "zhang2015",
    "hua2021", "deepedn",
)  # fmt: skip
KINDS = {
    "sample": "one bit of one sample flipped",
    "cropped": "set to 0",
    "noise": "Gaussian noise of 10 levels",
    "salt": "1 % of the samples 0 or 255, at least one",
    "jpeg": "JPEG of quality 95",
}
SIDES = (8, 16, 32, 64)
BUILTIN = ("astronaut", "coffee", "chelsea", "motorcycle")
SIDE, REACH, FALSE_ALARMS = 256, 20, 0.01

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Row = dict[str, Any]


def damaged(image: Image, kind: str, side: int, generator: np.random.Generator) -> tuple[Image, Mask]:
    """A cipher image, (H, W, C), with a square of ``side`` pixels damaged, and the pixels that it is about."""
    height, width = image.shape[:2]
    top, left = (int(generator.integers(REACH, length - side - REACH)) for length in (height, width))
    square = image[top : top + side, left : left + side].copy()
    if kind == "sample":
        square.flat[generator.integers(square.size)] ^= np.uint8(1 << generator.integers(8))
    elif kind == "cropped":
        square[:] = 0
    else:
        name, level = {"noise": ("gaussian", 10.0), "salt": ("salt and pepper", 0.01), "jpeg": ("jpeg", 95.0)}[kind]
        square = damage(name, level, square, generator).image
    whole, mask = image.copy(), np.zeros((height, width), np.bool_)
    whole[top : top + side, left : left + side] = square
    mask[top : top + side, left : left + side] = True
    return whole, mask


def received(cipher: Cipher, encrypted: Encrypted, key: bytes) -> Image:
    """What decryption returns; of the sealed form, which refuses, what its map looks at."""
    if isinstance(cipher, DenseResNetXorSealed):
        encoded, _ = cipher.opened(encrypted, key)
        return cipher.decode(encoded, encrypted.header[:SHAPE_BYTES])
    return cipher.decrypt(encrypted, key)


def measured(name: str, pictures: Iterable[Image], kinds: Iterable[str], sides: Iterable[int]) -> Iterator[Row]:
    """A row for each kind of damage and side of the square, of one cipher, over all pictures.

    ``located``: share of the damaged pixels whose noisiness is above that of all but 1 % of the pixels further away
    than 20; ``auc`` of the same; ``marked`` and ``elsewhere``: shares above 1, as the map of the sealed form marks
    them, of the damaged pixels and of those further away; ``energy`` and ``near``: shares of the squared error in the
    square, and at most 20 pixels from it; ``spread``: changed pixels for each damaged one.
    """
    cipher, wanted = (
        load_cipher(name),
        [(kind, side) for kind in kinds for side in ((1,) if kind == "sample" else sides)],
    )
    found: dict[tuple[str, int], list[tuple[Floats, Floats, Floats]]] = {one: [] for one in wanted}
    for number, picture in enumerate(pictures):
        generator = np.random.default_rng([number, 7])
        key = generator.bytes(cipher.card.key_bytes)
        encrypted = cipher.encrypt(picture, key, generator.bytes(16))
        before = received(cipher, encrypted, key).astype(np.int64)
        for kind, side in wanted:
            changed, mask = damaged(encrypted.image, kind, side, generator)
            after = received(cipher, Encrypted(changed, encrypted.header, encrypted.secret), key)
            mask, error = mask[: after.shape[0], : after.shape[1]], np.square(after - before).sum(2)
            scores, far = noisiness(after), ~around(mask)
            size = max(error.sum(), 1)
            numbers = (error[mask].sum() / size, error[~far].sum() / size, np.count_nonzero(error) / mask.sum())
            found[kind, side].append((scores[mask], scores[far], np.array([*numbers, np.mean(scores[far] > 1)])))
    for (kind, side), parts in found.items():
        inside, outside = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        energy, near, spread, elsewhere = np.mean([part[2] for part in parts], 0).tolist()
        yield {
            "cipher": name, "kind": kind, "side": side, "pictures": len(parts),
            "located": float(np.mean(inside > np.quantile(outside, 1 - FALSE_ALARMS))), "auc": auc(inside, outside),
            "marked": float(np.mean(inside > 1)), "elsewhere": elsewhere, "energy": energy, "near": near,
            "spread": spread,
        }  # fmt: skip


def around(mask: Mask) -> Mask:
    """The pixels at most `REACH` away from a square."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    near = np.zeros_like(mask)
    near[max(0, rows[0] - REACH) : rows[-1] + REACH + 1, max(0, columns[0] - REACH) : columns[-1] + REACH + 1] = True
    return near


def auc(inside: Floats, outside: Floats) -> float:
    """The area under the ROC curve: how often a damaged pixel scores above another one, ties by half."""
    ordered = np.sort(outside)
    below, upto = (np.searchsorted(ordered, inside, side) for side in ("left", "right"))
    return float((below + upto).mean() / 2 / len(ordered))


def table(rows: list[Row]) -> str:
    """The page's table: squares of 16 pixels, and one sample."""
    lines = [
        "| cipher | damage | located | marked | marked elsewhere | AUC | energy inside | within 20 pixels | spread |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row["side"] in (1, 16):
            shares = " | ".join(f"{row[name]:.1%}" for name in ("located", "marked", "elsewhere"))
            energy = " | ".join(f"{row[name]:.1%}" for name in ("energy", "near"))
            values = f"{shares} | {row['auc']:.3f} | {energy} | {row['spread']:.1f}"
            lines.append(f"| `{row['cipher']}` | {row['kind']} | {values} |")
    return "\n".join(lines)


def page(text: str, rows: list[Row]) -> str:
    """The page with the table between its marks."""
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return f"{text[:start]}\n\n{table(rows)}\n\n{text[end:]}"


def draw(rows: list[Row], file: Path) -> None:
    """A matrix of shares located, ciphers down, damage across; above it what a receiver sees and the map."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(9.2, 6.4), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=(1, 1.45))
    upper, lower = figure.add_subfigure(grid[0]), figure.add_subfigure(grid[1])
    for axes, (title, picture) in zip(upper.subplots(1, 4), examples(), strict=True):
        axes.imshow(picture, cmap="gray_r" if picture.dtype == np.bool_ else None)
        axes.set_title(title, fontsize=8.5)
        axes.set(xticks=(), yticks=())
        axes.spines[:].set(color="#999", linewidth=0.6)  # a map of few marks is white on white without
    columns = list(dict.fromkeys((row["kind"], row["side"]) for row in rows))
    values = np.full((len(CIPHERS), len(columns)), np.nan)
    for row in rows:
        values[CIPHERS.index(row["cipher"]), columns.index((row["kind"], row["side"]))] = row["located"]
    axes = lower.subplots()
    axes.imshow(values, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        colour = "white" if value > 0.85 else "black"
        axes.text(j, i, f"{100 * value:.0f}", ha="center", va="center", fontsize=8, color=colour)
    for place in np.flatnonzero([a[0] != b[0] for a, b in pairwise(columns)]):
        axes.axvline(place + 0.5, color="#333", lw=0.8)
    axes.set_yticks(range(len(CIPHERS)), CIPHERS, fontsize=8.5)
    axes.set_xticks(range(len(columns)), [f"{kind}\n{side}" for kind, side in columns], fontsize=7)
    axes.tick_params(length=0)
    axes.set_title(
        "Share of the damaged pixels located at 1 % false alarms, in per cent, by damage and side", fontsize=9
    )
    figure.savefig(file, dpi=120, metadata={"Software": None})
    plt.close(figure)


def examples() -> Iterator[tuple[str, Image | Mask]]:
    """Four pictures of one damage: a square of 16 pixels of which 1 % of the samples are wrong."""
    picture, key = builtin_image("astronaut", SIDE), bytes(range(64))
    for name in ("aes-256-ctr", "dense-resnet-xor", "dense-resnet-xor-sealed"):
        cipher = load_cipher(name)
        secret = key[: cipher.card.key_bytes]
        encrypted = cipher.encrypt(picture, secret, bytes(16))
        changed, _ = damaged(encrypted.image, "salt", 16, np.random.default_rng(3))
        seen = received(cipher, Encrypted(changed, encrypted.header), secret)
        yield ("what the sealed form refuses" if "sealed" in name else name), seen
    yield "its map", noisy_places(seen)


def main() -> None:
    """Measures, or with --draw takes what was measured, and writes table, page and figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder of pictures that chose no constant: bsds500/test")
    parser.add_argument("--every", type=int, default=3, help="every so many of them")
    parser.add_argument("--ciphers", nargs="*", default=CIPHERS, help="only these; the others' numbers are kept")
    options = parser.parse_args()
    if options.data:
        from cryptobench.training.pictures import centre_crops, read_pictures

        read = read_pictures([options.data])
        pictures = [*centre_crops(read, len(read), SIDE).images[:: options.every]]
        pictures += [builtin_image(name, SIDE) for name in BUILTIN]
        held = json.loads(MEASURED.read_text("utf-8")) if MEASURED.exists() else []
        for name in options.ciphers:
            held = [row for row in held if row["cipher"] != name and row["cipher"] in CIPHERS]
            held = sorted(
                [*held, *measured(name, pictures, KINDS, SIDES)], key=lambda row: CIPHERS.index(row["cipher"])
            )
            MEASURED.write_text(json.dumps(held, indent=1) + "\n", "utf-8")
            print(name, flush=True)
    rows = json.loads(MEASURED.read_text("utf-8"))
    PAGE.write_text(page(PAGE.read_text("utf-8"), rows), "utf-8")
    draw(rows, PICTURE)


if __name__ == "__main__":
    main()
