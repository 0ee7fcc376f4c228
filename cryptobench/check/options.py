"""What a comparison may be told."""

from __future__ import annotations

from dataclasses import dataclass

from cryptobench.check.errors import CheckError

__all__ = ["Options"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """``alpha`` is the probability of any false alarm among all tests together.

    ``timing`` makes a slower cipher a regression, ``slower`` is by what factor. ``golden`` makes a changed ciphertext
    one. ``psnr_drop`` is how many dB a decrypted image may lose. ``fewer_queries`` is the factor from which on an
    attack that needs fewer queries is worth a notice. ``ciphers`` and ``analyses`` restrict the comparison (an attack
    is called ``attack:NAME``); empty takes the ciphers that both runs have, and all analyses of the baseline.
    """

    alpha: float = 0.01
    timing: bool = False
    slower: float = 1.5
    golden: bool = False
    psnr_drop: float = 0.5
    fewer_queries: float = 10.0
    ciphers: tuple[str, ...] = ()
    analyses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key, value, wanted, valid in (
            ("alpha", self.alpha, "a level between 0 and 1", 0 < self.alpha < 1),
            ("slower", self.slower, "a factor of more than 1", self.slower > 1),
            ("psnr_drop", self.psnr_drop, "decibels, at least 0", self.psnr_drop >= 0),
            ("fewer_queries", self.fewer_queries, "a factor of more than 1", self.fewer_queries > 1),
        ):
            if not valid:
                raise CheckError(f"{key} is {value}, wanted {wanted}")
