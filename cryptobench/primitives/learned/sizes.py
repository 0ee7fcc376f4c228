"""The numbers that fix the form of a network, and the arrays that one of that form has: torch is not needed for either.

Names of arrays are those of torch's state dictionaries, which the weight files have.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = [
    "ACTIVATION_LEAK",
    "BIAS_UNIT",
    "BLOCK_SIDE",
    "BYTE_CHANNELS",
    "CODES",
    "GAIN",
    "SLOPE",
    "WEIGHT_UNIT",
    "BackboneSize",
    "ByteResNetSize",
    "CouplingSize",
    "CycleGanSize",
    "DecoderSize",
    "DenseResNetSize",
    "EncoderSize",
    "LiftingSize",
    "Norm",
    "Objective",
    "Shapes",
    "Size",
    "lifting_shapes",
    "require_halves",
    "require_lifting",
    "shapes_of",
]  # fmt: skip

Norm = Literal["everywhere", "branches", "none"]
Objective = Literal["lsgan", "bce"]
Shapes = dict[str, tuple[int, ...]]

SLOPE = 0.2  # of the leaky ReLU of `DenseResNetSize` and `ByteResNetSize`
BYTE_CHANNELS = 12  # of three channels' pixels, two by two
BLOCK_SIDE = 33  # of a block in learned compressed sensing, in pixels
WEIGHT_UNIT = 64  # a weight of 1 as an integer of `LiftingSize`, from -127 to 127
BIAS_UNIT = 128 * WEIGHT_UNIT  # a bias of 1 there
ACTIVATION_LEAK = 4  # its leaky ReLU divides negative sums by this
GAIN = 0.1  # of its decoder's matrix: Adam moves each of its hundreds of inputs as far as a convolution's few
CODES = {0.18: (24, 24), 0.08: (17, 16), 0.03: (10, 11), 0.01: (6, 7), 0.003: (3, 3)}  # sampling rate -> a block's code


class DenseResNetSize(NamedTuple):
    """Numbers that fix the network: unshuffle factor, trunk width, growth, layers in a block, blocks, normalisation."""

    factor: int = 4
    width: int = 48
    growth: int = 24
    layers: int = 3
    blocks: int = 2
    norm: bool = False


class CycleGanSize(NamedTuple):
    """Numbers that fix the network: width at full resolution, residual blocks, where instance norm stands, leak.

    ``norm`` is "everywhere" (the published form), "branches" (within residual branches only, so that the trunk keeps
    an image's mean and contrast) or "none". ``slope`` is that of the activation's negative side, 0 for ReLU.
    """

    width: int = 16
    blocks: int = 6
    norm: Norm = "branches"
    slope: float = 0.0


class ByteResNetSize(NamedTuple):
    """Numbers that fix the network: width of the branches, residual blocks."""

    width: int = 64
    blocks: int = 3


class CouplingSize(NamedTuple):
    """Numbers that fix the network: unshuffle factor, growth, layers in a dense block, couplings (an even number).

    ``backwards`` says that it runs from end to start, as the inverse of the one that does not.
    """

    factor: int = 4
    growth: int = 16
    layers: int = 2
    couplings: int = 4
    backwards: bool = False


class LiftingSize(NamedTuple):
    """Numbers that fix the network of whole numbers: channels, growth, layers of a dense block, couplings, gain.

    What a block gives is multiplied by ``gain``, a power of two from 1 to 64, before it is added mod 256. With
    ``backwards`` it is the inverse, which takes the couplings in reverse order and subtracts, on the same weights.
    """

    channels: int = 3
    growth: int = 8
    layers: int = 2
    couplings: int = 4
    gain: int = 4
    backwards: bool = False


class EncoderSize(NamedTuple):
    """Rows and columns of the code of a block of `BLOCK_SIDE` pixels a side."""

    rows: int = 24
    columns: int = 24


class DecoderSize(NamedTuple):
    """The same for the network that rebuilds blocks from their codes."""

    rows: int = 24
    columns: int = 24


BackboneSize = CouplingSize | DenseResNetSize | CycleGanSize | ByteResNetSize
Size = BackboneSize | EncoderSize | DecoderSize


def require_halves(size: CouplingSize) -> None:
    """ValueError unless channels have two halves, and each a coupling."""
    if size.couplings < 2 or size.couplings % 2 or min(size[:3]) < 1 or size.factor % 2:
        raise ValueError(f"wanted an even factor, an even number of couplings and layers of channels, not {size}")


def require_lifting(size: LiftingSize) -> None:
    """ValueError for numbers that the kernels have no form for."""
    if size.channels not in (1, 3) or size.growth != 8 or size.gain not in (1, 2, 4, 8, 16, 32, 64):
        raise ValueError(f"wanted 1 or 3 channels, a growth of 8 and as gain a power of two up to 64, not {size}")
    if not 1 <= size.layers <= 8 or not 2 <= size.couplings <= 64:
        raise ValueError(f"wanted 1 to 8 layers and 2 to 64 couplings, not {size}")


def lifting_shapes(size: LiftingSize) -> Shapes:
    """The name and the shape of each array of a lifting network."""
    require_lifting(size)
    shapes, half = Shapes(), 2 * size.channels
    for block in range(size.couplings):
        for layer in range(size.layers):
            shapes |= _convolution(f"blocks.{block}.layers.{layer}", half + layer * size.growth, size.growth, 3)
        shapes |= _convolution(f"blocks.{block}.merge", half + size.layers * size.growth, half, 1)
    return shapes


def shapes_of(size: Size) -> Shapes:
    """The name and the shape of each array of a network of that size; ValueError for couplings without two halves."""
    match size:
        case CouplingSize():
            return _coupling(size)
        case DenseResNetSize():
            return _dense(size)
        case CycleGanSize():
            return _cyclegan(size)
        case ByteResNetSize():
            return _bytes(size)
        case EncoderSize():
            return _chain("merge", (3, 64, 32, 16, 1), (9, 3, 3, 1))
        case _:
            matrix = {"colours.weight": (3 * BLOCK_SIDE**2, size.rows * size.columns)}
            return _chain("contours", (1, 64, 32, 16, 3), (5, 3, 3, 1)) | matrix


def _convolution(name: str, inputs: int, outputs: int, kernel: int, *, transposed: bool = False) -> Shapes:
    ends = (inputs, outputs) if transposed else (outputs, inputs)
    return {f"{name}.weight": (*ends, kernel, kernel), f"{name}.bias": (outputs,)}


def _norm(name: str, channels: int) -> Shapes:
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}


def _dense(size: DenseResNetSize) -> Shapes:
    samples = 3 * size.factor**2
    shapes = _convolution("head", samples, size.width, 3)
    for block in range(size.blocks):
        width = size.width
        for layer in range(size.layers):
            name = f"blocks.{block}.layers.{layer}"
            shapes |= _convolution(f"{name}.0", width, size.growth, 3)
            shapes |= _norm(f"{name}.1", size.growth) if size.norm else {}
            width += size.growth
        shapes |= _convolution(f"blocks.{block}.merge", width, size.width, 1)
    shapes |= _convolution("fuse", (size.blocks + 1) * size.width, size.width, 1)
    return shapes | _convolution("tail", size.width, samples, 3)


def _cyclegan(size: CycleGanSize) -> Shapes:
    c, shapes, place = size.width, Shapes(), 0
    step = 3 if size.norm == "everywhere" else 2  # a convolution, its norm, its activation

    def layer(inputs: int, outputs: int, kernel: int, *, transposed: bool = False) -> None:
        nonlocal shapes, place
        shapes |= _convolution(str(place), inputs, outputs, kernel, transposed=transposed)
        shapes |= _norm(str(place + 1), outputs) if size.norm == "everywhere" else {}
        place += step

    layer(3, c, 7)
    layer(c, 2 * c, 3)
    layer(2 * c, 4 * c, 3)
    for _ in range(size.blocks):
        places = (0, 2) if size.norm == "none" else (0, 3)
        for at in places:
            shapes |= _convolution(f"{place}.branch.{at}", 4 * c, 4 * c, 3)
            shapes |= _norm(f"{place}.branch.{at + 1}", 4 * c) if size.norm != "none" else {}
        place += 1
    layer(4 * c, 2 * c, 3, transposed=True)
    layer(2 * c, c, 3, transposed=True)
    return shapes | _convolution(str(place), c, 3, 7)


def _coupling(size: CouplingSize) -> Shapes:
    require_halves(size)
    shapes, channels = Shapes(), 3 * size.factor**2
    for block in range(size.couplings):
        width = channels // 2
        for layer in range(size.layers):
            shapes |= _convolution(f"blocks.{block}.layers.{layer}", width, size.growth, 3)
            width += size.growth
        shapes[f"blocks.{block}.merge.weight"] = (channels // 2, width, 1, 1)
    for place in range(size.couplings // 2 + 1):
        shapes |= _convolution(f"mixes.{place}", channels, channels, 1)
    return shapes


def _bytes(size: ByteResNetSize) -> Shapes:
    shapes = Shapes()
    for branch in range(size.blocks):
        for place, inputs, outputs, kernel in (
            (0, BYTE_CHANNELS, size.width, 1), (2, size.width, size.width, 3), (4, size.width, BYTE_CHANNELS, 1),
        ):  # fmt: skip
            shapes |= _convolution(f"branches.{branch}.{place}", inputs, outputs, kernel)
    return shapes


def _chain(name: str, widths: tuple[int, ...], kernels: tuple[int, ...]) -> Shapes:
    """Convolutions with activations between them."""
    shapes = Shapes()
    for place, kernel in enumerate(kernels):
        shapes |= _convolution(f"{name}.{2 * place}", widths[place], widths[place + 1], kernel)
    return shapes
