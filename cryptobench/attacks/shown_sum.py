"""Sums of the plaintext's samples, read in the header where ciphers put them, or means, for their receivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from cryptobench.attacks.oracle import Oracle
from cryptobench.cipher import NONCE_BYTES, CipherError

__all__ = ["shown_sums"]

_IMAGES = 4
_MOST_HEADER = 64  # bytes
_FEWEST_BYTES = 2  # a sum mod 256 may stand there by chance


def shown_sums(oracle: Oracle, generator: np.random.Generator, groups: int) -> list[int] | None:
    """The sum of the challenge's samples, or that of each channel if there are as many ``groups``, else one.

    Headers of images under keys of the attacker's own say where a sum stands: as an integer of 2 to 8 bytes, as a
    floating point number of 4 or 8, or as a mean of this kind. What it leaves open, as it counts up to 65535 only, is
    as near to mid-grey as may be. None if sums do not stand there. No queries.
    """
    if not oracle.challenge.header or oracle.cipher.card.secret_bits:
        return None
    card, sums, headers = oracle.cipher.card, [], []
    for index in range(_IMAGES):
        image = generator.integers(40 * index, 40 * index + 128, oracle.shape, np.uint8)
        try:
            sealed = oracle.offline.encrypt(image, generator.bytes(card.key_bytes), generator.bytes(NONCE_BYTES))
        except CipherError:
            return None
        sums.append(image.reshape(-1, groups).sum(axis=0, dtype=np.int64).tolist())
        headers.append(sealed.header[:_MOST_HEADER])
    shown = oracle.challenge.header[:_MOST_HEADER]
    if {len(header) for header in headers} != {len(shown)}:
        return None
    found = [_read(headers, totals, shown, oracle.samples // groups) for totals in zip(*sums, strict=True)]
    known = [total for total in found if total is not None]
    return known if len(known) == groups else None


def _read(headers: Sequence[bytes], totals: Sequence[int], shown: bytes, samples: int) -> int | None:
    """The sum in ``shown``, if in ``headers`` it stands where ``totals`` do."""
    for modulus, read in _readings(len(shown), samples):
        if all(read(header) == total % modulus for header, total in zip(headers, totals, strict=True)):
            total = read(shown)
            return None if total is None else total + max(0, round((128 * samples - total) / modulus)) * modulus
    return None


def _readings(length: int, samples: int) -> Iterator[tuple[int, Callable[[bytes], int | None]]]:
    """(modulus, how a sum is read), the widest first."""
    for width in range(8, _FEWEST_BYTES - 1, -1):
        for start in range(length - width + 1):
            part = slice(start, start + width)
            yield 256**width, partial(_big, part)
            yield 256**width, partial(_little, part)
            for kind in (f">f{width}", f"<f{width}") if width in (4, 8) else ():
                yield 256**8, partial(_floating, part, kind, 1)
                yield 256**8, partial(_floating, part, kind, samples)


def _big(part: slice, header: bytes) -> int:
    return int.from_bytes(header[part], "big")


def _little(part: slice, header: bytes) -> int:
    return int.from_bytes(header[part], "little")


def _floating(part: slice, kind: str, times: int, header: bytes) -> int | None:
    value = float(np.frombuffer(header[part], kind)[0]) * times
    return round(value) if np.isfinite(value) and 0 <= value < 2.0**53 else None
