"""`cryptobench attack`: play the adversary against a cipher."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.options import complete_cipher, names
from cryptobench.cli.text import columns, show_progress

if TYPE_CHECKING:
    from cryptobench.attacks.base import Attack
    from cryptobench.attacks.experiment import Mode
    from cryptobench.attacks.runner import Arena, Played

__all__ = ["command"]

_MODES: dict[str, tuple[Mode, ...]] = {
    "respect": ("respect",), "misuse": ("misuse",), "both": ("respect", "misuse"),
}  # fmt: skip


@dataclass(frozen=True)
class _Row:
    """An attack as played at one size in one nonce mode, or why it could not be."""

    attack: Attack
    shape: tuple[int, ...]
    nonce: str
    played: Played | None
    failure: str = ""


@click.command(short_help="Play the adversary against a cipher.")
@click.argument("cipher", shell_complete=complete_cipher)
@click.option("--image", default="astronaut", show_default=True, help="The challenge: a picture's name or file.")
@click.option(
    "--size", type=click.IntRange(8, 4096), default=64, show_default=True,
    help="Its shorter side; attacks that are too slow there play at the greatest side that they can.",
)  # fmt: skip
@click.option("--only", multiple=True, callback=names, help="Names or path/to/file.py:ClassName, separated by commas.")
@click.option("--mode", type=click.Choice([*_MODES]), default="both", show_default=True, help="Nonces: fresh, or held.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Fixes the key and all trials.")
@click.option("--save", type=click.Path(path_type=Path, file_okay=False), help="Folder for what attacks recover.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def command(
    ctx: click.Context, cipher: str, image: str, size: int, only: tuple[str, ...], mode: str, seed: int,
    save: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Attack CIPHER (a name from `list ciphers`, or path/to/file.py:ClassName) through an oracle that counts queries.

    Every attack tries to recover the challenge, or at least to tell the cipher from an ideal one. `respect`: each
    encryption has a fresh nonce. `misuse`: nonce and per-message secret are held still. Exit code 1 if an attack
    recovers the image or fails to run; with both modes, recovery under misuse does not count.
    """
    from cryptobench.bench.worker import limit_threads

    if "numpy" not in sys.modules:  # too late in a process that does other things too
        limit_threads()
    from cryptobench.registry import attack_names, load_attack

    with redirect_stdout(sys.stderr):  # standard output is the answer's alone, whatever ciphers and attacks print
        attacks = [load_attack(name) for name in only or attack_names()]
        attacks.sort(key=lambda attack: int(attack.identifier.removeprefix("A") or 99))
        rows = list(_play(cipher, image, size, attacks, _MODES[mode], seed))
    if not rows:
        raise click.ClickException(
            f"none of these attacks is played against {cipher} with --mode {mode}; try --mode both, or no --only"
        )
    if save is not None:
        _save(rows, save)
    click.echo(json.dumps(_as_json(cipher, image, seed, rows), indent=2) if as_json else _as_text(cipher, image, rows))
    counted = [row for row in rows if mode != "both" or row.nonce != "fixed"]
    broken = any(row.played is not None and row.played.verdict == "broken" for row in counted)
    ctx.exit(1 if broken or any(row.failure for row in rows) else 0)


def _play(
    reference: str, image: str, size: int, attacks: Sequence[Attack], modes: Sequence[Mode], seed: int
) -> Iterator[_Row]:
    from cryptobench.attacks.experiment import modes_of
    from cryptobench.attacks.runner import Arena, modes_played, play_scene, plays_grey
    from cryptobench.cipher import CipherError, UnsupportedImage
    from cryptobench.images import label
    from cryptobench.images.references import pixels
    from cryptobench.registry import load_cipher

    cipher = load_cipher(reference)
    several = len(modes_of(cipher.card)) > 1
    arenas: dict[tuple[int, bool], Arena] = {}
    for attack in attacks:
        if attack.against and cipher.card.name not in attack.against:
            continue
        version = min(size, attack.largest_side or size), plays_grey(attack, cipher.card)
        if version not in arenas:
            arenas[version] = Arena(cipher, pixels(image, *version), seed, label(image), reference)
        arena = arenas[version]
        for mode in modes_played(attack, cipher):
            if several and mode not in modes:
                continue
            show_progress(f"{attack.name} ({mode})")
            try:
                scene = arena.scene(mode)
            except UnsupportedImage as error:
                raise click.ClickException(f"{error}; choose another --image or --size") from None
            except CipherError as error:
                raise click.ClickException(str(error)) from None
            try:
                yield _Row(attack, arena.target.shape, scene.nonce, play_scene(attack, scene))
            except Exception as error:
                traceback.print_exception(error)
                yield _Row(attack, arena.target.shape, scene.nonce, None, f"{type(error).__name__}: {error}")
    show_progress("")


def _as_text(cipher: str, image: str, rows: Sequence[_Row]) -> str:
    header = [
        "attack",
        "model",
        "nonce",
        "challenge",
        "verdict",
        "queries",
        "ms",
        "recovered",
        "statistic",
        "p",
        "notes",
    ]
    rungs = [
        f"nonce {nonce}: rung {_rung(without)} of 5 under chosen plaintexts, {_rung(chosen)} under chosen ciphertexts"
        for nonce, (without, chosen) in _ladder(rows).items()
    ]
    return "\n".join([f"{cipher}, {image}", "", columns(header, [_line(row) for row in rows]), "", *rungs])


def _line(row: _Row) -> list[str]:
    place = [row.attack.name, row.attack.model, row.nonce, "x".join(map(str, row.shape))]
    if row.played is None:
        return [*place, "failed", "", "", "", "", "", row.failure]
    played, result = row.played, row.played.result
    return [
        *place,
        played.verdict,
        str(played.queries.total),
        f"{played.seconds * 1e3:.1f}",
        "" if result.recovered is None else f"{played.score.share:.2%}",
        "" if result.statistic is None else f"{result.statistic:.4g}",
        "" if result.p_value is None else f"{result.p_value:.1e}",
        result.notes,
    ]


def _ladder(rows: Sequence[_Row]) -> dict[str, tuple[int | None, int | None]]:
    from cryptobench.attacks.scoring import security_levels

    nonces = dict.fromkeys(row.nonce for row in rows)
    return {
        nonce: security_levels(row.played.finding for row in rows if row.played is not None and row.nonce == nonce)
        for nonce in nonces
    }


def _rung(rung: int | None) -> str:
    return "-" if rung is None else str(rung)


def _as_json(cipher: str, image: str, seed: int, rows: Sequence[_Row]) -> dict[str, Any]:
    return {
        "cipher": cipher,
        "image": image,
        "seed": seed,
        "ladder": {nonce: {"cpa": cpa, "cca": cca} for nonce, (cpa, cca) in _ladder(rows).items()},
        "attacks": [_one_as_json(row) for row in rows],
    }


def _one_as_json(row: _Row) -> dict[str, Any]:
    attack = row.attack
    named = {
        "name": attack.name, "identifier": attack.identifier, "title": attack.title, "model": attack.model,
        "nonce": row.nonce, "shape": list(row.shape),
    }  # fmt: skip
    if row.played is None:
        return named | {"verdict": "failed", "notes": row.failure}
    played, result, score = row.played, row.played.result, row.played.score
    guessed = result.recovered is not None
    return named | {
        "verdict": played.verdict,
        "queries": {
            "total": played.queries.total, "known": played.queries.known, "encryptions": played.queries.encryptions,
            "decryptions": played.queries.decryptions,
        },
        "seconds": played.seconds,
        "recovered": score.share if guessed else None,
        "recovered_baseline": score.baseline if guessed else None,
        "recovered_p_value": score.p_value if guessed else None,
        "recovered_psnr": None if score.psnr == float("inf") else score.psnr,  # JSON has no infinity
        "statistic": result.statistic,
        "statistic_name": result.statistic_name,
        "expected": result.expected,
        "p_value": result.p_value,
        "claims": list(result.claims),
        "numbers": dict(result.numbers),
        "notes": result.notes,
    }  # fmt: skip


def _save(rows: Sequence[_Row], folder: Path) -> None:
    """Write every guess that knows more than chance."""
    from cryptobench.attacks.scoring import LEAK_LEVEL
    from cryptobench.images import write_image

    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        played = row.played
        if played is None or played.result.recovered is None:
            continue
        if played.verdict == "broken" or played.score.p_value < LEAK_LEVEL:
            write_image(folder / f"{row.attack.name} {row.nonce}.png", played.result.recovered)
