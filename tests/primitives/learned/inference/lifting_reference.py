"""The lifting network in plain NumPy integers, from its formulas: nothing of it is shared with the kernels."""

import numpy as np


def whole(arrays):
    """Weights times 64, cut to a signed byte, and biases times 8192, as int64."""
    return {
        name: np.clip(np.rint(array.astype(np.float64) * 64), -127, 127).astype(np.int64)
        if name.endswith("weight")
        else np.rint(array.astype(np.float64) * 8192).astype(np.int64)
        for name, array in arrays.items()
    }


def convolved(x, weight, bias):
    """(H, W, inputs) int64 with zeros around it to (H, W, outputs), by the definition."""
    outputs, _, side, _ = weight.shape
    height, width, _ = x.shape
    padded = np.pad(x, ((side // 2,) * 2, (side // 2,) * 2, (0, 0)))
    total = np.tile(bias, (height, width, 1))
    for dy in range(side):
        for dx in range(side):
            total += padded[dy : dy + height, dx : dx + width] @ weight[:, :, dy, dx].T
    assert total.shape[2] == outputs
    return total


def block(x, arrays, name, layers, gain):
    """What a coupling adds: layers of a dense block with shifts, and a 1x1 convolution of all channels."""
    for i in range(layers):
        total = convolved(x, arrays[f"{name}.layers.{i}.weight"], arrays[f"{name}.layers.{i}.bias"])
        made = np.where(total > 0, total >> 6, total >> 8)  # floor(s / 64) and floor(s / 4 / 64)
        x = np.concatenate([x, np.clip(made, -128, 127)], 2)
    return convolved(x, arrays[f"{name}.merge.weight"], arrays[f"{name}.merge.bias"]) * gain >> 6


def lifting(image, size, arrays):
    """(H, W, C) uint8 to the same shape; pixels that an odd side lacks count as 128 before every coupling."""
    height, width, channels = image.shape
    there = np.zeros((height + height % 2, width + width % 2, 1), bool)
    there[:height, :width] = True
    x = np.zeros((*there.shape[:2], channels), np.int64)
    x[:height, :width] = image.astype(np.int64) - 128
    arrays = whole(arrays)
    places = (((0, 0), (1, 1)), ((0, 1), (1, 0)))
    order = range(size.couplings)
    for i in reversed(order) if size.backwards else order:
        read = np.concatenate([x[r::2, c::2] for r, c in places[1 - i % 2]], 2)
        change = block(read, arrays, f"blocks.{i}", size.layers, size.gain)
        for (r, c), part in zip(places[i % 2], np.split(change, 2, 2), strict=True):
            moved = x[r::2, c::2] + (-part if size.backwards else part)
            x[r::2, c::2] = np.where(there[r::2, c::2], (moved + 128) % 256 - 128, 0)
    return (x[:height, :width] + 128).astype(np.uint8)
