"""How often the gate goes red on a cipher that did not change: `python -m tests.check.false_alarms --pairs 200`.

Every pair is two runs of one cipher under two seeds that no other pair uses, so that pairs are independent. The
in-suite test does a few pairs; this measures as many as wanted, for a sound cipher and for flawed ones.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

from cryptobench.check.compare import compare
from cryptobench.cipher import Cipher
from cryptobench.registry import load_cipher
from tests.check.toys import measured, toy

LEVELS = (0.01, 0.05, 0.2, 0.5)
FAR_APART = 10**6


@dataclass(frozen=True)
class Alarm:
    """One pair: the smallest adjusted p-value, and what was found besides."""

    smallest: float
    exact: tuple[str, ...]

    def red(self, alpha: float) -> bool:
        """Whether the gate is red at level ``alpha``."""
        return bool(self.exact) or self.smallest < alpha


def cipher_named(name: str) -> Cipher:
    """The toy, one of its flawed versions, or a registered cipher."""
    flawed = {
        "toy": toy(), "one round": toy(rounds=1), "stream": toy(rounds=0), "xor chain": toy(chain="xor"),
        "biased stream": toy(rounds=0, bias=0.5),
    }  # fmt: skip
    return flawed[name] if name in flawed else load_cipher(name)


def alarms(cipher: Cipher, pairs: int, first: int = 0) -> Iterator[Alarm]:
    """What the gate says of ``pairs`` independent pairs of runs of one cipher."""
    for pair in range(first, first + pairs):
        result = compare(measured(cipher, FAR_APART + pair), measured(cipher, pair))
        exact = tuple(str(f) for f in result.of("regression") if f.p_value is None)
        yield Alarm(1.0 if result.smallest is None else result.smallest, exact)


def upper_bound(red: int, pairs: int, confidence: float = 0.95) -> float:
    """The one-sided Clopper-Pearson bound for the share of red."""
    from scipy.stats import beta

    return 1.0 if red == pairs else float(beta.ppf(confidence, red + 1, pairs - red))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="number of the first pair")
    parser.add_argument("--ciphers", nargs="+", default=["toy", "one round", "stream"])
    arguments = parser.parse_args()
    for name in arguments.ciphers:
        start = time.perf_counter()
        found = list(alarms(cipher_named(name), arguments.pairs, arguments.first))
        shares = (f"{alpha}: {sum(a.red(alpha) for a in found)}" for alpha in LEVELS)
        bound = upper_bound(sum(a.red(LEVELS[0]) for a in found), len(found))
        exact = [a.exact for a in found if a.exact]
        print(
            f"{name}: {len(found)} pairs, red at level {', '.join(shares)}; at {LEVELS[0]} at most {bound:.3g} with "
            f"95 % confidence; {len(exact)} by exact rules {exact[:2]}; {time.perf_counter() - start:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
