"""`cryptobench randomness`: the SP 800-22 battery on a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.mistake import Mistake
from cryptobench.cli.text import columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cryptobench.metrics.randomness import Battery, SecondLevel, SequenceOutcome, Statistic
    from cryptobench.metrics.randomness.outcome import Variant

__all__ = ["command"]

_LONGEST = 100_000_000  # bits in one sequence: the spectral test needs eight bytes for each
_VARIANTS: tuple[Variant, ...] = ("standard", "corrected")


@click.command(short_help="Test a file with NIST SP 800-22.")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs, with every statistic.")
@click.option(
    "--bytes",
    "--raw",
    "as_bytes",
    is_flag=True,
    help="Take the bytes of FILE, whatever it holds.",
)
@click.option(
    "--split", metavar="BITS", type=click.IntRange(64, _LONGEST), help="Cut FILE into sequences of so many bits."
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Threads, with --split.")
def command(file: Path | None, as_json: bool, as_bytes: bool, split: int | None, workers: int) -> None:
    """Test the bits of FILE, or of standard input (-), with all tests of NIST SP 800-22 rev. 1a.

    FILE is anything: its bytes are tested, most significant bit first; of a picture (.png .tif .bmp .ppm .jpg), its
    pixels; of the characters 0 and 1 with white space, NIST's own format, the bits that they are. A test that FILE is
    too short for has no verdict; all need 1 000 000 bits. Of many p-values of a test the smallest is shown; it fails
    when that is below 0.01 after Holm's correction for their number. Exit code 1: "standard" or "corrected" fails.

    "corrected" has other constants where the standard's are known to be wrong. With --split (1000000 is usual) every
    statistic is judged over all sequences, by the share of p-values from 0.01 on and by their uniformity.
    """
    from cryptobench.metrics.randomness import as_bits, batteries, battery, second_level

    packed, bits, what = _read(file, as_bytes)
    source = _name(file)
    if split is None:
        if bits > _LONGEST:
            raise Mistake(f"{source} holds {bits} bits, wanted at most {_LONGEST} in one sequence; add --split 1000000")
        found = battery(as_bits(packed, bits))
        if not found.standard:
            raise Mistake(f"{source} holds {found.n} bits, wanted at least 64; use a longer file")
        text = json.dumps(_one_as_json(source, what, found), indent=2) if as_json else _one(source, what, found)
        _finish(text, [found.verdict(variant) for variant in _VARIANTS])
        return
    sequences = _cut(source, packed, bits, split)
    many = batteries(sequences, workers)
    levels = [second_level(many, variant) for variant in _VARIANTS]
    left_over = bits - len(sequences) * split
    if as_json:
        text = json.dumps(_many_as_json(source, what, split, left_over, many, levels), indent=2)
    else:
        text = f"{source}: {what}, {len(sequences)} sequences of {split} bits, {left_over} bits left over\n\n"
        text += _many(levels)
    _finish(text, [level.verdict() for level in levels])


def _finish(text: str, verdicts: list[str]) -> None:
    click.echo(text)
    if "fail" in verdicts:
        raise SystemExit(1)


def _name(file: Path | None) -> str:
    return "standard input" if file is None or str(file) == "-" else str(file)


def _read(file: Path | None, as_bytes: bool) -> tuple[NDArray[np.uint8], int, str]:
    """The bytes to test, the number of bits in them, and what they are."""
    import numpy as np

    from cryptobench.images.files import is_picture, read_image
    from cryptobench.metrics.randomness.battery import only_zeros_and_ones
    from cryptobench.metrics.randomness.bits import bits_of_characters

    if file is None or str(file) == "-":
        stream = sys.stdin.buffer
        if file is None and stream.isatty():
            raise Mistake("nothing to test: give a file, or pipe bytes into this command")
        content = np.frombuffer(stream.read(), np.uint8)
    elif is_picture(file) and not as_bytes:
        pixels = read_image(file)
        return pixels.ravel(), 8 * pixels.size, f"pixels of {'x'.join(map(str, pixels.shape))}"
    else:
        size = file.stat().st_size
        if not file.is_file():
            raise Mistake(f"{file} is a folder or a device, wanted one file")
        content = np.memmap(file, np.uint8, mode="r") if size else np.empty(0, np.uint8)
    if content.size == 0:
        raise Mistake(f"{_name(file)} is empty, wanted a file of at least 8 bytes")
    if not as_bytes and (found := bits_of_characters(content)) is not None:
        packed, bits = found
        return packed, bits, "characters 0 and 1, read as bits (--bytes takes them as bytes)"
    if not as_bytes and content[:6].tobytes() == b"\x93NUMPY":
        raise Mistake(
            f"{_name(file)} is a NumPy file, wanted raw bytes; write array.tobytes(), of bits "
            "np.packbits(array).tobytes(), or give --bytes"
        )
    if not as_bytes and bits_of_characters(content, listed=True) is not None:
        click.echo("note: zeros and ones between other characters, taken as bytes; leave only 0, 1 and space", err=True)
    if only_zeros_and_ones(content):
        click.echo("note: all bytes are 0 or 1, and each is taken as 8 bits; pack them for one bit a byte", err=True)
    return content, 8 * content.size, "bytes"


def _cut(source: str, packed: NDArray[np.uint8], bits: int, split: int) -> list[NDArray[np.uint8]]:
    if split % 8:
        raise Mistake(f"--split needs whole bytes, a multiple of 8 bits, not {split}")
    size = split // 8
    if bits < split:
        raise Mistake(f"{source} holds {bits} bits, wanted at least {split}; use a smaller --split")
    return [packed[start : start + size] for start in range(0, bits // 8 - size + 1, size)]


def _one(file: str, what: str, found: Battery) -> str:
    from cryptobench.metrics.randomness import TESTS

    rows = [_row(test, found.standard.get(test), found.corrected.get(test)) for test in TESTS]
    header = ["test", "p-values", "below 0.01", "smallest", "verdict", "corrected", "verdict"]
    lines = [f"{file}: {what}, {found.n} bits", "", columns(header, rows), ""]
    for variant in _VARIANTS:
        p_values = found.p_values(variant)
        low = sum(p < 0.01 for p in p_values.values())
        lines.append(
            f"{variant}: {found.verdict(variant)} after Holm's correction over {len(p_values)} p-values; "
            f"{low} below 0.01, ideal {0.01 * len(p_values):.1f}"
        )
    lines += ["", *found.skipped.values()] if found.skipped else []
    return "\n".join(lines)


def _row(test: str, standard: SequenceOutcome | None, corrected: SequenceOutcome | None) -> list[str]:
    if standard is None:
        return [test, "", "", "", "none", "", ""]
    row = [test, str(len(standard.parts)), str(standard.rejected()), f"{standard.p_value:.6f}", standard.verdict()]
    return [*row, *((f"{corrected.p_value:.6f}", corrected.verdict()) if corrected else ("", ""))]


def _many(levels: list[SecondLevel]) -> str:
    from cryptobench.metrics.randomness import CORRECTED

    lines = []
    for level in levels:
        tests: dict[str, list[Statistic]] = {}
        for statistic in level.statistics:
            tests.setdefault(statistic.name.split()[0], []).append(statistic)
        if level.variant == "corrected":
            tests = {test: found for test, found in tests.items() if test in CORRECTED}
        header = [
            level.variant,
            "sequences",
            "statistics",
            "accepted",
            "proportion",
            "wanted",
            "P_T",
            "adjusted",
            "verdict",
        ]
        lines += [columns(header, [_summary(test, found) for test, found in tests.items()]), ""]
    lines.append("proportion, P_T (wanted: 0.0001) and Holm-adjusted p-value: the lowest of the test's statistics")
    lines.append("adjusted and verdict take the distribution that p-values have at this length, P_T does not")
    for level in levels:
        alone = sum(not statistic.accepted for statistic in level.statistics)
        lines.append(
            f"{level.variant}: {level.verdict()} after Holm's correction over {len(level.statistics)} statistics; "
            f"{alone} not accepted by themselves"
        )
    reasons = list(dict.fromkeys(reason for level in levels for reason in level.reasons))
    lines += ["", *reasons] if reasons else []
    return "\n".join(lines)


def _summary(test: str, found: list[Statistic]) -> list[str]:
    lowest = min(found, key=lambda statistic: statistic.proportion.value)
    uniform = [s.uniformity.p_value for s in found if s.uniformity.p_value is not None]
    adjusted = min((statistic.adjusted for statistic in found if statistic.adjusted is not None), default=None)
    return [
        test,
        str(lowest.sequences),
        str(len(found)),
        str(sum(statistic.accepted for statistic in found)),
        f"{lowest.proportion.value:.4f}",
        f"{lowest.proportion.low:.4f}",
        f"{min(uniform):.6f}" if uniform else "none",
        "none" if adjusted is None else f"{adjusted:.6f}",
        "none" if adjusted is None else "fail" if adjusted < 0.01 else "pass",
    ]


def _one_as_json(file: str, what: str, found: Battery) -> dict[str, Any]:
    return {
        "file": file,
        "tested": what,
        "bits": found.n,
        "alpha": 0.01,
        "verdict": {variant: found.verdict(variant) for variant in _VARIANTS},
        "tests": [
            {
                "test": outcome.test,
                "variant": outcome.variant,
                "parameters": dict(outcome.parameters),
                "verdict": outcome.verdict(),
                "statistics": [{"name": n, "statistic": s, "p_value": p} for n, s, p in outcome],
            }
            for outcome in (*found.standard.values(), *found.corrected.values())
        ],
        "none": dict(found.skipped),
    }


def _many_as_json(
    file: str, what: str, split: int, left_over: int, found: list[Battery], levels: list[SecondLevel]
) -> dict[str, Any]:
    return {
        "file": file,
        "tested": what,
        "sequences": len(found),
        "sequence_bits": split,
        "left_over_bits": left_over,
        "alpha": 0.01,
        "verdict": {level.variant: level.verdict() for level in levels},
        "statistics": [
            {
                "name": statistic.name,
                "variant": level.variant,
                "sequences": statistic.sequences,
                "proportion": statistic.proportion.value,
                "proportion_low": statistic.proportion.low,
                "proportion_p_value": statistic.proportion.p_value,
                "uniformity_p_value": statistic.uniformity.p_value,
                "uniformity_p_value_judged": statistic.uniformity_p_value,
                "adjusted_p_value": statistic.adjusted,
                "reason": statistic.reason,
                "accepted": statistic.accepted,
                "p_values": [p[statistic.name] for p in p_values if statistic.name in p],
            }
            for level, p_values in ((level, [one.p_values(level.variant) for one in found]) for level in levels)
            for statistic in level.statistics
        ],
    }
