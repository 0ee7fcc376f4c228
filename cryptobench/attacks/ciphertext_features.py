"""Numbers about a ciphertext that hold whatever the key and wherever things are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["features_of"]

_LONGEST_HEADER = 64  # bytes
_BLOCK = 16  # bytes
_LAGS = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, 4), (4, 0))


def features_of(sealed: NDArray[np.uint8], headers: list[bytes]) -> NDArray[np.float32]:
    """(n, features) float32 with mean 0 and spread 1, from ciphertexts (n, H, W) or (n, H, W, C) and their headers.

    Counts of grey levels, and the same in order of size; by bit plane the share of ones and of changes to the next
    sample; products and distances of neighbours; the spread of 4x4 blocks; how many 16-byte blocks are repeated;
    and the bits of headers that are all of one length, 64 bytes at most.
    """
    count = len(sealed)
    flat = sealed.reshape(count, -1)
    places = np.arange(count)[:, None] * 256
    histogram = np.bincount((flat + places).ravel(), minlength=256 * count).reshape(count, 256)
    planes = np.unpackbits(flat[..., None], axis=2)
    parts = [
        np.sqrt(histogram),
        np.sqrt(np.sort(histogram, axis=1)),
        planes.mean(axis=1),
        (planes[:, 1:] != planes[:, :-1]).mean(axis=1) if flat.shape[1] > 1 else np.zeros((count, 8)),
        _neighbours(sealed),
        _repeats(flat),
    ]
    lengths = {len(header) for header in headers}
    if len(lengths) == 1 and 0 < max(lengths) <= _LONGEST_HEADER:
        parts.append(np.unpackbits(np.frombuffer(b"".join(headers), np.uint8).reshape(count, -1), axis=1))
    elif len(lengths) > 1:
        parts.append(np.array([[len(header)] for header in headers]))
    table = np.concatenate([np.asarray(part, np.float32) for part in parts], axis=1)
    spread = table.std(axis=0)
    kept = spread > 1e-6
    standard: NDArray[np.float32] = (table[:, kept] - table[:, kept].mean(axis=0)) / spread[kept]
    return standard if kept.any() else np.zeros((count, 1), np.float32)


def _neighbours(sealed: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, features): for each lag the mean product and distance, and quantiles of the spread of 4x4 blocks."""
    images = sealed.reshape(*sealed.shape[:3], -1).astype(np.float32) - 127.5
    count, height, width = images.shape[:3]
    columns = []
    for down, right in _LAGS:
        if down < height and right < width:
            one, two = images[:, down:, right:], images[:, : height - down, : width - right]
            columns += [(one * two).mean(axis=(1, 2, 3)), np.abs(one - two).mean(axis=(1, 2, 3))]
    if min(height, width) >= 4:
        tiles = images[:, : height // 4 * 4, : width // 4 * 4].reshape(count, height // 4, 4, width // 4, 4, -1)
        spreads = tiles.std(axis=(2, 4)).reshape(count, -1)
        columns += list(np.quantile(spreads, [0, 0.1, 0.5, 0.9, 1], axis=1))
    return np.stack(columns, axis=1) if columns else np.zeros((count, 1), np.float32)


def _repeats(flat: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 1): the share of 16-byte blocks that stood before in the same ciphertext."""
    blocks = flat.shape[1] // _BLOCK
    if blocks == 0:
        return np.zeros((len(flat), 1), np.float32)
    whole = np.ascontiguousarray(flat[:, : blocks * _BLOCK]).reshape(len(flat), blocks, _BLOCK)
    distinct = [len({block.tobytes() for block in image}) for image in whole]
    shares: NDArray[np.float32] = 1 - np.array(distinct, np.float32)[:, None] / blocks
    return shares
