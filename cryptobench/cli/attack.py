"""`cryptobench attack`: attack a cipher through an oracle that counts queries."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.judged import judgement_lines, judgements_as_json, require_option
from cryptobench.cli.mistake import Mistake
from cryptobench.cli.options import complete_cipher, names
from cryptobench.cli.text import columns, show_progress

if TYPE_CHECKING:
    from cryptobench.api import AttackReport, AttackReports
    from cryptobench.attacks.experiment import Mode
    from cryptobench.attacks.judgements import Judgements
    from cryptobench.claims import Claims

__all__ = ["command"]

_MODES: dict[str, tuple[Mode, ...]] = {"fresh": ("fresh",), "fixed": ("fixed",), "both": ("fresh", "fixed")}
_HEADER = (
    "attack", "model", "nonce", "challenge", "outcome", "queries", "at 512x512x3", "ms", "recovered", "statistic", "p",
)  # fmt: skip
_WIDTH = 120


@click.command(short_help="Attack a cipher.")
@click.argument("cipher", shell_complete=complete_cipher)
@click.option("--image", default="astronaut", show_default=True, help="The challenge: a picture's name or file.")
@click.option(
    "--size", type=click.IntRange(8, 4096), show_default="64, or the largest side that --profile attacks",
    help="Its shorter side; attacks that are too slow there use the greatest side that they can.",
)  # fmt: skip
@click.option("--only", multiple=True, callback=names, help="Names or path/to/file.py:ClassName, by commas; see `run`.")
@click.option(
    "--nonce", type=click.Choice([*_MODES]), default="both", show_default=True,
    help="A new nonce for each encryption, one nonce for all, or both ways.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Fixes the key and all trials.")
@click.option(
    "--profile",
    help="Attack with the effort of quick, standard, paper, or a .toml file; the attacks' own if not given.",
)
@click.option(
    "--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS",
    help="End an attack that takes longer in one nonce mode; it counts as failed. No limit if not given.",
)  # fmt: skip
@require_option
@click.option("--save", type=click.Path(path_type=Path, file_okay=False), help="Folder for what attacks recover.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def command(
    ctx: click.Context, cipher: str, image: str, size: int | None, only: tuple[str, ...], nonce: str, seed: int,
    profile: str | None, timeout: float | None, require: Claims | None, save: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Attack CIPHER (a name from `list ciphers`, path/to/file.py:ClassName or path/to/file.toml) through an oracle that
    counts queries.

    Every attack tries to recover the challenge, or at least to distinguish the cipher from an ideal one. Nonces are
    fresh (a new one for each encryption) or fixed (nonce and per-message secret are those of the challenge: misuse).
    Each outcome is said as it comes; then all stand in a table, those that break most first, then confidentiality,
    nonce misuse and integrity, and a conclusion. Exit code 1 if an attack without chosen ciphertexts recovers the image
    (under fixed nonces only with --nonce fixed), fails to run, or what --require asks for is not met.
    """
    from cryptobench.bench.worker import limit_threads

    if "numpy" not in sys.modules:  # too late in a process that does other things too
        limit_threads()
    from cryptobench.api import attack

    with redirect_stdout(sys.stderr):  # standard output is the answer's alone, whatever ciphers and attacks print
        reports = attack(
            cipher, only=only, image=image, size=size, modes=_MODES[nonce], seed=seed, profile=profile,
            timeout=timeout, tell=show_progress, each=_say,
        )  # fmt: skip
        show_progress("")
    if not reports:
        raise Mistake(f"none of these attacks applies to {cipher} with --nonce {nonce}; try --nonce both, or no --only")
    if save is not None:
        _save(reports, save)
    judged = reports.judgements()
    unmet = _unmet(require, judged)
    if as_json:
        click.echo(json.dumps(_as_json(cipher, image, seed, reports, judged, unmet), indent=2))
    else:
        click.echo(_text(cipher, image, reports, judged))
        click.echo("".join(f"\nrequired: {line}" for line in unmet), nl=bool(unmet))
    failed = any(one.outcome == "failed" for one in reports)
    ctx.exit(1 if failed or unmet or _broken(judged, require, nonce) else 0)


def _unmet(wanted: Claims | None, judged: Judgements) -> list[str]:
    from cryptobench.attacks.judgements import unmet

    return [] if wanted is None else list(unmet(wanted, judged))


def _broken(judged: Judgements, wanted: Claims | None, nonce: str) -> bool:
    """Whether an image was recovered in proper use, or in the misuse that was asked for alone; what --require says of
    either counts in place of that."""
    one, level = (
        (judged.misuse, wanted and wanted.misuse)
        if nonce == "fixed"
        else (judged.confidentiality, wanted and wanted.confidentiality)
    )
    return one.broken and level is None


def _say(one: AttackReport) -> None:
    show_progress("")
    mode = "" if one.nonce == "none" else f", {one.nonce} nonces"
    facts = [one.word]
    facts += [] if one.queries is None else [f"{one.queries} {'query' if one.queries == 1 else 'queries'}"]
    facts += [] if one.recovered is None else [f"{one.recovered:.2%} of the image"]
    facts += [] if one.run is not None else [one.notes]
    click.echo(f"  {one.attack}{mode}: {', '.join(facts)}", err=True)


def _text(cipher: str, image: str, reports: AttackReports, judged: Judgements) -> str:
    ordered = reports.worst_first()
    table = columns([*_HEADER], [_line(one) for one in ordered])
    lines = [*judgement_lines(judged, reports.claims), "", reports.conclusion(_name(cipher))]
    return "\n".join([f"{cipher}, {image}", "", table, "", *_notes(ordered), "", *map(_wrapped, lines)])


def _notes(reports: Sequence[AttackReport]) -> Iterator[str]:
    """What the statistic of each attack is, and what it says of each nonce mode, within a terminal's width."""
    by_attack: dict[str, list[AttackReport]] = {}
    for one in reports:
        by_attack.setdefault(one.attack, []).append(one)
    for attack, several in by_attack.items():
        said = [next((one.statistic_name for one in several if one.statistic_name), "")]
        notes = {one.nonce: one.notes for one in several if one.notes}
        alike = len(set(notes.values())) == 1 and len(notes) == len(several)
        said += [*notes.values()][:1] if alike else [f"{nonce}: {note}" for nonce, note in notes.items()]
        if text := "; ".join(filter(None, said)):
            yield _wrapped(f"{attack}: {text}")


def _wrapped(line: str) -> str:
    return textwrap.fill(" ".join(line.split()) if ":  " not in line else line, _WIDTH, subsequent_indent="    ")


def _name(cipher: str) -> str:
    """A cipher in a sentence: of a path to a class, the class, of that to a program, the file."""
    return cipher.rpartition(":")[2] if ".py:" in cipher else Path(cipher).name


def _line(one: AttackReport) -> list[str]:
    from cryptobench.results.rounding import p_text

    return [
        one.attack,
        one.model,
        one.nonce,
        "x".join(map(str, one.shape)),
        one.word,
        "" if one.queries is None else str(one.queries),
        str(one.run.queries_at_reference) if one.run is not None and one.outcome == "recovered" else "",
        "" if one.seconds is None else f"{one.seconds * 1e3:.1f}",
        "" if one.recovered is None else f"{one.recovered:.2%}",
        "" if one.statistic is None else f"{one.statistic:.4g}",
        "" if one.p_value is None else p_text(one.p_value),
    ]


def _as_json(
    cipher: str, image: str, seed: int, reports: AttackReports, judged: Judgements, unmet: list[str]
) -> dict[str, Any]:  # fmt: skip
    return {
        "cipher": cipher,
        "image": image,
        "seed": seed,
        "judgements": judgements_as_json(judged, reports.claims),
        "unmet": unmet,
        "conclusion": reports.conclusion(_name(cipher)),
        "attacks": [_one_as_json(one) for one in reports],
    }


def _one_as_json(one: AttackReport) -> dict[str, Any]:
    named: dict[str, Any] = {
        "name": one.attack, "title": one.title, "model": one.model, "nonce": one.nonce, "shape": list(one.shape),
        "outcome": one.outcome, "word": one.word,
    }  # fmt: skip
    if one.run is None:
        return named | {"notes": one.notes}
    run, score = one.run, one.run.score
    guessed, recovered = run.result.recovered is not None, one.outcome == "recovered"
    return named | {
        "identifier": run.attack.identifier,
        "queries": {
            "total": run.queries.total, "known": run.queries.known, "encryptions": run.queries.encryptions,
            "decryptions": run.queries.decryptions,
        },
        "formula": run.formula,
        "queries_at_512x512x3": run.queries_at_reference if recovered else None,
        "seconds_at_512x512x3": run.seconds_at_reference if recovered else None,
        "seconds": one.seconds,
        "recovered": one.recovered,
        "recovered_baseline": score.baseline if guessed else None,
        "recovered_p_value": score.p_value if guessed else None,
        "recovered_psnr": None if score.psnr == float("inf") else score.psnr,  # JSON has no infinity
        "statistic": one.statistic,
        "statistic_name": one.statistic_name,
        "expected": run.result.expected,
        "p_value": one.p_value,
        "claims": list(run.result.claims),
        "numbers": dict(run.result.numbers),
        "notes": one.notes,
    }  # fmt: skip


def _save(reports: Sequence[AttackReport], folder: Path) -> None:
    """Write every guess that knows more than chance."""
    from cryptobench.images import write_image

    folder.mkdir(parents=True, exist_ok=True)
    for one in reports:
        if one.image is not None:
            write_image(folder / f"{one.attack} {one.nonce}.png", one.image)
