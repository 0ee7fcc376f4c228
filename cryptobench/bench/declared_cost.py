"""Whether a card's ``cost`` fits what a cipher took when it was tried: advice, by which nothing is decided."""

from __future__ import annotations

from cryptobench.card import Card

__all__ = ["SLOW", "cost_advice"]

SLOW = 0.5  # times the fixed work, for 64x64 pixels in three channels: some 10 ms of a core
_QUICK = SLOW / 4
_SAMPLES = 64 * 64 * 3


def cost_advice(card: Card, seconds: float, samples: int, calibration: float) -> str:
    """A line where the card should say otherwise, else empty.

    ``seconds`` are of one encryption and decryption of so many ``samples`` when the cipher was tried, ``calibration``
    those of the fixed work (`cryptobench.bench.yardstick.loop_seconds`) on the same machine.
    """
    times = seconds / samples * _SAMPLES / calibration
    took = f"64x64 pixels take {times:.2g} times the calibration loop to encrypt and decrypt"
    if card.cost == "normal" and times > SLOW:
        return f'{took}: with cost="slow" on its card, key_sensitivity flips key bits on 64x64 pixels'
    if card.cost == "slow" and times < _QUICK:
        return f'{took}: cost="slow" may go from its card, and key_sensitivity flips key bits on the whole image'
    return ""
