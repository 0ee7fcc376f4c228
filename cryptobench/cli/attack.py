"""`cryptobench attack`: attack a cipher through an oracle that counts queries."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.mistake import Mistake
from cryptobench.cli.options import complete_cipher, names
from cryptobench.cli.text import columns, show_progress

if TYPE_CHECKING:
    from cryptobench.api import AttackReport, AttackReports
    from cryptobench.attacks.experiment import Mode

__all__ = ["command"]

_MODES: dict[str, tuple[Mode, ...]] = {"fresh": ("fresh",), "fixed": ("fixed",), "both": ("fresh", "fixed")}
_HEADER = (
    "attack", "model", "nonce", "challenge", "outcome", "queries", "ms", "recovered", "statistic", "p",
    "what the statistic is", "notes",
)  # fmt: skip


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
@click.option("--save", type=click.Path(path_type=Path, file_okay=False), help="Folder for what attacks recover.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def command(
    ctx: click.Context, cipher: str, image: str, size: int | None, only: tuple[str, ...], nonce: str, seed: int,
    profile: str | None, timeout: float | None, save: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Attack CIPHER (a name from `list ciphers`, or path/to/file.py:ClassName) through an oracle that counts queries.

    Every attack tries to recover the challenge, or at least to distinguish the cipher from an ideal one. Nonces are
    fresh (a new one for each encryption) or fixed (nonce and per-message secret are those of the challenge: misuse).
    Each outcome is said as it comes; then all stand in a table, those that break most first, and a conclusion.
    Exit code 1 if an attack recovers the image or fails to run; with both, recovery under fixed nonces does not count.
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
    shown = json.dumps(_as_json(cipher, image, seed, reports), indent=2) if as_json else _text(cipher, image, reports)
    click.echo(shown)
    counted = [one for one in reports if nonce != "both" or one.nonce != "fixed"]
    recovered = any(one.outcome == "recovered" for one in counted)
    ctx.exit(1 if recovered or any(one.run is None for one in reports) else 0)


def _say(one: AttackReport) -> None:
    show_progress("")
    mode = "" if one.nonce == "none" else f", {one.nonce} nonces"
    facts = [one.outcome]
    facts += [] if one.queries is None else [f"{one.queries} {'query' if one.queries == 1 else 'queries'}"]
    facts += [] if one.recovered is None else [f"{one.recovered:.2%} of the image"]
    facts += [] if one.run is not None else [one.notes]
    click.echo(f"  {one.attack}{mode}: {', '.join(facts)}", err=True)


def _text(cipher: str, image: str, reports: AttackReports) -> str:
    levels = [
        f"nonce {nonce}: security level {_level(without)} of 5 without chosen ciphertexts, {_level(chosen)} with them"
        for nonce, (without, chosen) in reports.security_levels().items()
    ]
    table = columns([*_HEADER], [_line(one) for one in reports.worst_first()])
    return "\n".join([f"{cipher}, {image}", "", table, "", *levels, "", reports.conclusion(_name(cipher))])


def _name(cipher: str) -> str:
    """A cipher in a sentence: of a path to a class, the class."""
    return cipher.rpartition(":")[2] if ".py:" in cipher else cipher


def _line(one: AttackReport) -> list[str]:
    from cryptobench.results.rounding import p_text

    return [
        one.attack,
        one.model,
        one.nonce,
        "x".join(map(str, one.shape)),
        one.outcome,
        "" if one.queries is None else str(one.queries),
        "" if one.seconds is None else f"{one.seconds * 1e3:.1f}",
        "" if one.recovered is None else f"{one.recovered:.2%}",
        "" if one.statistic is None else f"{one.statistic:.4g}",
        "" if one.p_value is None else p_text(one.p_value),
        one.statistic_name,
        one.notes,
    ]


def _level(level: int | None) -> str:
    return "-" if level is None else str(level)


def _as_json(cipher: str, image: str, seed: int, reports: AttackReports) -> dict[str, Any]:
    levels = reports.security_levels()
    return {
        "cipher": cipher,
        "image": image,
        "seed": seed,
        "security_levels": {nonce: {"cpa": cpa, "cca": cca} for nonce, (cpa, cca) in levels.items()},
        "conclusion": reports.conclusion(_name(cipher)),
        "attacks": [_one_as_json(one) for one in reports],
    }


def _one_as_json(one: AttackReport) -> dict[str, Any]:
    named: dict[str, Any] = {
        "name": one.attack, "title": one.title, "model": one.model, "nonce": one.nonce, "shape": list(one.shape),
        "outcome": one.outcome,
    }  # fmt: skip
    if one.run is None:
        return named | {"notes": one.notes}
    run, score = one.run, one.run.score
    guessed = run.result.recovered is not None
    return named | {
        "identifier": run.attack.identifier,
        "queries": {
            "total": run.queries.total, "known": run.queries.known, "encryptions": run.queries.encryptions,
            "decryptions": run.queries.decryptions,
        },
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
