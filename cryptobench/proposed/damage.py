"""Where a ciphertext of the sealed form was changed, for a receiver who asks: a map, and no plaintext."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cryptobench.cipher import CipherError, Encrypted, Image
from cryptobench.proposed.sealed import DenseResNetXorSealed

__all__ = ["damage_map", "noisiness", "noisy_places", "roughness"]

Mask = NDArray[np.bool_]

_WINDOW = 5  # pixels a side
_SHARE, _TIMES = 0.9, 2.5  # marked: rougher than so many times what this share of the picture stays below
_NOISE = 179.0  # or than half of what uniform noise has, 359, where most of the picture is damaged


def damage_map(cipher: DenseResNetXorSealed, key: bytes, encrypted: Encrypted) -> Mask:
    """(H, W): True where the picture that a refused ciphertext holds looks damaged; all False if nothing was changed.

    A changed byte of the cipher image makes noise of some twenty pixels around its place, which is looked for as
    `noisy_places` does: about one pixel in a hundred of an undamaged place is marked too, and damage can be missed
    where the picture is rough. After a change of the nonce or of the IV everything is noise, and everything is marked.
    CipherError if the header's shape is not the cipher image's, or the key has another length.

    Keep it for the receiver: the map depends on the picture, so it is an answer to a chosen ciphertext, which
    `decrypt` never gives.
    """
    if len(key) != cipher.card.key_bytes:
        raise CipherError(f"{cipher.card.name}: key has {len(key)} bytes, wanted {cipher.card.key_bytes}")
    encoded, intact = cipher.opened(encrypted, key)
    if intact:
        return np.zeros(encoded.shape[:2], np.bool_)
    return noisy_places(cipher.networks()["decoder"](encoded))


def noisy_places(image: Image) -> Mask:
    """(H, W): True where `noisiness` is above 1."""
    return noisiness(image) > 1


def noisiness(image: Image) -> NDArray[np.float64]:
    """(H, W): how much rougher a picture, (H, W) or (H, W, C) uint8, is there than nine tenths of it; 1 is suspect.

    Or than half of uniform noise, whatever the rest of the picture is. The constants were chosen on pictures of BSDS500
    train, for one pixel in a hundred of an undamaged picture.
    """
    rough = roughness(image)
    return rough / min(_TIMES * (float(np.quantile(rough, _SHARE)) + 1), _NOISE)


def roughness(image: Image) -> NDArray[np.float64]:
    """(H, W): mean absolute response to [[1, -2, 1], [-2, 4, -2], [1, -2, 1]] over 5x5 pixels and all channels.

    The mask is blind to edges along the axes and to slopes (Immerkaer 1996); beyond its border a picture is mirrored.
    """
    samples = np.atleast_3d(image).astype(np.int64)
    padded = np.pad(samples, ((1, 1), (1, 1), (0, 0)), mode="symmetric")
    rows = padded[2:] - 2 * padded[1:-1] + padded[:-2]
    response = np.abs(rows[:, 2:] - 2 * rows[:, 1:-1] + rows[:, :-2]).sum(2)
    edge = _WINDOW // 2
    total = np.pad(np.pad(response, edge, mode="symmetric").cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    sums: NDArray[np.int64] = total[_WINDOW:, _WINDOW:] - total[:-_WINDOW, _WINDOW:] - total[_WINDOW:, :-_WINDOW]
    sums += total[:-_WINDOW, :-_WINDOW]
    mean: NDArray[np.float64] = sums / (_WINDOW**2 * samples.shape[2])
    return mean
