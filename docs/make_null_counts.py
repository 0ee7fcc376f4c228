"""Counts how p-values of random bits fall into ten bins: `cryptobench/metrics/randomness/null_counts.csv`.

    python docs/make_null_counts.py                  # all lengths, half an hour of one core
    python docs/make_null_counts.py --bits 1024      # one length: its rows are replaced

For the tests of SP 800-22 whose statistic has no exact distribution that is cheap. The bits are those of PCG64, seeded
with the length. Lengths are those at which a test's parameters change, where its approximation is worst: for serial and
approximate entropy the powers of two, for universal the least length of each block length.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

import numpy as np

from cryptobench.metrics import randomness

FILE = Path(randomness.__file__).with_name("null_counts.csv")
COLUMNS = ["test", "variant", "part", "bits", "sequences", "rejected", *(f"bin_{i}" for i in range(10))]
PATTERNS = ("serial", "approximate_entropy")
EXCURSIONS = ("random_excursions", "random_excursions_variant")
#: Bits, sequences, tests.
PLAN: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    *((1 << k, 50_000, PATTERNS) for k in range(6, 18)),
    *((1 << k, 20_000, PATTERNS) for k in range(18, 21)),
    *((n, 50_000, ("spectral",)) for n in (1000, 1024, 2000, 2048, 4000, 4096, 8000, 8192, 10_000)),
    *((n, 10_000, ("universal",)) for n in (387_840, 904_960)),
    (1_000_000, 10_000, EXCURSIONS),
)


def counted(bits: int, sequences: int, tests: tuple[str, ...]) -> list[list[object]]:
    """The rows of the file of one length."""
    generator = np.random.default_rng(bits)
    bins: dict[tuple[str, str, str], Counter[int]] = {}
    rejected: Counter[tuple[str, str, str]] = Counter()
    for _ in range(sequences):
        packed = randomness.as_bits(generator.bytes(bits // 8))
        for test in tests:
            variants = ("standard", "corrected") if test in randomness.CORRECTED else ("standard",)
            for variant in variants:
                try:
                    found = (
                        randomness.CORRECTED[test](packed, variant=variant)
                        if variant == "corrected"
                        else randomness.TESTS[test](packed)
                    )
                except randomness.TooShort:
                    continue
                for part, p in zip(found.parts, found.p_values, strict=True):
                    bins.setdefault((test, variant, part), Counter())[min(int(p * 10), 9)] += 1
                    rejected[test, variant, part] += bool(p < randomness.ALPHA)
    return [[*key, bits, found.total(), rejected[key], *(found[i] for i in range(10))] for key, found in bins.items()]


def main() -> None:
    """Replaces the rows of the lengths asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bits", type=int, nargs="*", help="only these lengths")
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args()
    for bits, sequences, tests in PLAN:
        if options.bits and bits not in options.bits:
            continue
        new = counted(bits, sequences, tests)
        held = list(csv.reader(options.out.open(newline="")))[1:] if options.out.exists() else []
        held = [row for row in held if not (row[3] == str(bits) and row[0] in tests)]
        rows = sorted([*held, *([str(value) for value in row] for row in new)], key=lambda row: (row[:3], int(row[3])))
        with options.out.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
        print(f"{bits} bits, {sequences} sequences: {', '.join(tests)}", flush=True)


if __name__ == "__main__":
    main()
