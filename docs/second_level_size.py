"""How often the second level of SP 800-22 calls random sequences non-random, by their length and number.

    python docs/second_level_size.py                                  # 1000 seeds of the four lengths
    python docs/second_level_size.py --bits 128 --sequences 1000 --seeds 200

The bits are PCG64's, one seed after the other. Printed are the fails of 1000 seeds at the level 0.01, of either
variant, with the 95 % interval of their share, and how many statistics were judged.
"""

from __future__ import annotations

import argparse

import numpy as np

from cryptobench.metrics.randomness import batteries, second_level
from cryptobench.metrics.statistics import binomial_interval

PLAN = ((128, 100), (1000, 100), (10_000, 100), (100_000, 100))


def verdicts(bits: int, sequences: int, seed: int) -> tuple[dict[str, str], int]:
    """The verdict of each variant, and the number of statistics that have one."""
    bytes_ = np.random.default_rng(seed).bytes(sequences * bits // 8)
    found = batteries(list(np.frombuffer(bytes_, np.uint8).reshape(sequences, -1)))
    levels = {variant: second_level(found, variant) for variant in ("standard", "corrected")}
    judged = sum(statistic.adjusted is not None for statistic in levels["corrected"].statistics)
    return {variant: level.verdict() for variant, level in levels.items()}, judged


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bits", type=int)
    parser.add_argument("--sequences", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    print("| bits | sequences | seeds | statistics | standard fails | 95 % | corrected fails | 95 % |")
    print("|---|---|---|---|---|---|---|---|")
    for bits, sequences in [(options.bits, options.sequences)] if options.bits else PLAN:
        fails, judged = {"standard": 0, "corrected": 0}, 0
        for seed in range(options.first, options.first + options.seeds):
            found, judged = verdicts(bits, sequences, seed)
            for variant, verdict in found.items():
                fails[variant] += verdict == "fail"
        shares = [(fails[v], *binomial_interval(fails[v], options.seeds)) for v in ("standard", "corrected")]
        cells = [f"{count} | {low:.2%} to {high:.2%}".replace("%", " %") for count, low, high in shares]
        print(f"| {bits} | {sequences} | {options.seeds} | {judged} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
