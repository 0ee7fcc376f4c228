"""`cryptobench plausible`: whether an ideal cipher gives a printed NPCR, UACI or entropy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cryptobench.results.plausibility import Plausibility

__all__ = ["command"]


@click.command(short_help="Does an ideal cipher give such NPCR, UACI, entropy?")
@click.option("--npcr", multiple=True, metavar="PERCENT", help="Such as 99.98; may be given several times.")
@click.option("--uaci", multiple=True, metavar="PERCENT", help="Such as 33.46; may be given several times.")
@click.option("--entropy", multiple=True, metavar="BITS", help="Of a byte, such as 7.9993; may be given several times.")
@click.option("--size", default="", metavar="HxWxC", help="Of one cipher image, such as 200x200x1; HxW if it is grey.")
@click.option(
    "--mean-of", type=click.IntRange(min=1), default=1, show_default=True, help="Images or trials that it is a mean of."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    npcr: tuple[str, ...], uaci: tuple[str, ...], entropy: tuple[str, ...], size: str, mean_of: int, as_json: bool
) -> None:
    """Say whether an ideal cipher, whose samples are independent uniform bytes, gives printed numbers.

    \b
      cryptobench plausible --npcr 99.98 --uaci 33.44 --size 200x200x1
      cryptobench plausible --entropy 7.9998 --size 512x512x3 --mean-of 10

    Write all printed digits, zeros at the end too: half a unit of the last one is allowed for. A number more than 5
    standard deviations off the ideal mean is implausible (too good) if it is an NPCR or entropy above it, else not
    ideal. Without --size NPCR and UACI are judged at 256x256x1, and of entropies only those above 7.9999.

    An answer is a question to ask, not a verdict. The exit code is 1 if any number is implausible or not ideal.
    """
    from cryptobench.cli.mistake import Mistake
    from cryptobench.results.plausibility import plausible

    if not (npcr or uaci or entropy):
        raise Mistake("there is no number to judge; give --npcr, --uaci or --entropy, such as --npcr 99.98")
    answers = plausible(npcr, uaci, entropy, size=size, mean_of=mean_of)
    if as_json:
        click.echo(json.dumps({"answers": [_facts(answer) for answer in answers]}, indent=2))
    else:
        click.echo("\n".join(_lines(answers)))
    raise SystemExit(1 if any(answer.outside for answer in answers) else 0)


def _facts(one: Plausibility) -> dict[str, Any]:
    from cryptobench.results.plausibility import REASONS

    return {
        "metric": one.metric,
        "value": one.value,
        "printed": one.printed,
        "size": one.size or None,
        "samples": one.samples,
        "mean_of": one.mean_of,
        "expected": one.expected,
        "deviation": one.deviation,
        "z": None if one.answer == "not judged" else one.z,
        "answer": one.answer,
        "reason": REASONS.get(one.answer),
    }


def _lines(answers: list[Plausibility]) -> list[str]:
    from cryptobench.results.plausibility import NAMES, REASONS, UNSTATED

    lines = []
    for one in answers:
        unit = "bit" if one.metric == "entropy" else "%"
        place = f"at {one.size or UNSTATED}" + ("" if one.size else ", since no size is given")
        ideal = f" (ideal: {one.expected:.5f} ± {one.deviation:.5f})" if one.answer != "not judged" else ""
        lines.append(f"{NAMES[one.metric]} {one.printed} {unit} {place}: {one}{ideal}")
    said = dict.fromkeys(one.answer for one in answers if one.answer in REASONS)
    return [*lines, *(f"{answer}: {REASONS[answer]}" for answer in said)]
