"""Put the README's table together from a finished run: `python docs/update_readme.py results/reference`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from cryptobench.attacks.judgements import BEST_UNDER_MISUSE, LEVELS
from cryptobench.measurement import Outcome
from cryptobench.registry import cipher_names, read_card
from cryptobench.report import table
from cryptobench.results.run import NothingToShow, ReportError, RunData, load_run
from cryptobench.results.verdicts import STATISTICS

__all__ = ["Refused", "best_rival", "fidelity_sentence", "rebuilt", "results_text", "update"]

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
PROPOSED = "dense-resnet-xor"
FIRST, LAST = ("aes-256-siv", PROPOSED), ("zhang2015", "zhou2021", "hua2021", "drpe", "sum-ctr")  # the rival between
HEAD = (
    "| cipher | entropy (bit) | NPCR %, fixed nonce | key bits | statistics | confidentiality | misuse | integrity "
    "| time |"
)


class Refused(Exception):
    """The README cannot be updated; the message says in one line why."""


def main() -> None:
    """Update this checkout's README; ends with 1 and one line if that cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a finished run of all ciphers")
    try:
        update(parser.parse_args().run, ROOT / "README.md")
    except Refused as reason:
        sys.exit(f"Error: {reason}")


def update(folder: Path, readme: Path) -> None:
    """Replace what is between the markers of the README; `Refused`, with nothing changed, if that cannot be done."""
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Refused(f"{readme} lacks {BEGIN} and, after it, {END}; the results go between them")
    try:
        run = load_run(folder)
    except ReportError as error:
        raise Refused(str(error)) from error
    readme.write_text(f"{before}{BEGIN}\n\n{results_text(run)}\n\n{END}{after}", encoding="utf-8")


def results_text(run: RunData) -> str:
    """How many published schemes are reconstructions, the table of eight ciphers, and what the columns mean."""
    rival = best_rival(run)
    ciphers = [*FIRST, rival, *LAST]
    if missing := [cipher for cipher in ciphers if cipher not in run.ciphers]:
        raise Refused(f"{run.folder} lacks {', '.join(missing)}; wanted a run of all ciphers")
    chosen = run.only(ciphers)
    try:
        rows = table(chosen, "summary").set_index("cipher").loc[ciphers]
    except NothingToShow as error:
        raise Refused(f"{run.folder} has no summary: {error}") from error
    if run.attacks.empty:
        raise Refused(f"{run.folder} holds no attacks; wanted a run of all ciphers with all attacks")
    judged = table(chosen, "judgements").set_index("cipher")
    lines = [_line(chosen, cipher, rows.loc[cipher], judged.loc[cipher]) for cipher in ciphers]
    rule = "|---|---:|---:|---:|:---|:---|:---|:---|---:|"
    return "\n\n".join([fidelity_sentence(run), "\n".join([HEAD, rule, *lines]), _notes(chosen, rival)])


def best_rival(run: RunData) -> str:
    """Of the published learned ciphers that decrypt with loss, the one with the highest PSNR on the first image.

    A card with authors is that of a published scheme; one without is of a variant made here.
    """
    cards = run.cards.values()
    rivals = {
        card["name"] for card in cards if card["family"] == "learned" and card["authors"] and not card["lossless"]
    }
    psnr = _decryption_psnr(run)
    known = {cipher: psnr[cipher] for cipher in sorted(rivals & psnr.keys())}
    if not known:
        raise Refused(f"{run.folder} has no learned cipher with a PSNR of decryption; wanted a run of all ciphers")
    return max(known, key=known.__getitem__)


def fidelity_sentence(run: RunData) -> str:
    """How many of the published schemes are what they are in the paper, counted from the cards, and what marks mean."""
    graded = run.graded(run.ciphers)
    total = sum(graded.values())
    counts = ", ".join(f"{count} [{letter}]" for letter, count in graded.items())
    return (
        f"**{total - graded['A']} of {total} published schemes here are reconstructions**, the proposed cipher among "
        f"them: {counts}. **[A]**: full algorithm from a source. **[B]**: main steps from a source, some constants "
        "chosen. **[C]**: reconstructed from title or abstract. + and - are finer steps. The result of a [B] or [C] "
        "scheme is a result of the reconstruction, never of the paper."
    )


def _decryption_psnr(run: RunData) -> dict[str, float]:
    numbers = run.numbers
    found = numbers[(numbers["metric"] == "decrypted_psnr") & (numbers["image"] == run.images[0])]
    return dict(zip(found["cipher"], found["value"], strict=True))


def _line(run: RunData, cipher: str, row: Any, judged: Any) -> str:
    name = f"{cipher} [{row['fidelity']}]"
    cells = [
        f"**{name}, proposed**" if cipher == PROPOSED else name,
        _number(row, "entropy", "{:.4f}"),
        _number(row, "NPCR lsb", "{:.3f}"),
        _number(row, "key bits", "{:.0f}"),
        run.pooled[cipher, STATISTICS].state,
        *(f"{judged[name]}{_attack(run, cipher, judged, name)}" for name in ("confidentiality", "misuse")),
        str(judged["integrity"]),
        f"{row['ratio']:.0f}×",
    ]
    return f"| {' | '.join(cells)} |"


def _attack(run: RunData, cipher: str, judged: Any, name: str) -> str:
    """The attack that sets a level below the best, of several one that recovers the image."""
    by = str(judged[f"{name}_by"]).split(", ")
    if not by[0] or judged[f"{name}_level"] >= BEST_UNDER_MISUSE:
        return ""
    rows = run.attacks[(run.attacks["cipher"] == cipher) & (run.attacks["word"] == Outcome.RECOVERED)]
    return f": `{next((attack for attack in by if attack in set(rows['attack'])), by[0])}`"


def _number(row: Any, column: str, form: str) -> str:
    """The number, with a star where an ideal cipher seldom gives it."""
    return form.format(row[column]) + r"\*" * (row[f"{column} verdict"] == "fail")


def _notes(run: RunData, rival: str) -> str:
    """What the columns and marks mean, a line each."""
    settings, image, psnr = run.settings["settings"], run.images[0], _decryption_psnr(run)
    numbers = run.numbers[run.numbers["image"] == image]
    height, width = int(numbers["height"].max()), int(numbers["width"].max())
    entropy, npcr = _expected(numbers, "global_entropy"), _expected(numbers, "npcr_mean")
    lines = (
        f"**Entropy** of the ciphertext; an ideal cipher has {entropy:.4f} bit. **Key bits** with an effect: bits "
        "of the key whose change alters the ciphertext; there may be far fewer different keys. "
        "A star: an ideal cipher gives such a value in less than one case in twenty (key bits: fewer than nominal).",
        "**NPCR** (number of pixels change rate): how many of the ciphertext's samples change when the lowest bit of "
        f"one sample of the image changes; an ideal cipher has {npcr:.2f} %. The **nonce**, a number used once for "
        "each message, is fixed here: two messages with different nonces have unrelated ciphertexts, and give even a "
        "weak cipher the ideal NPCR.",
        "**Statistics**: whether all statistical tests pass, without those with a fixed nonce. **Confidentiality** "
        "(fresh nonces) and **misuse** (one nonce for all messages) are security levels after all "
        f"[attacks](docs/attacks.md) without chosen ciphertexts: {_meanings()}. A **query** is an image with its "
        f"ciphertext that the attacker knows or chooses. Beside levels below {BEST_UNDER_MISUSE} stands an attack that "
        f"sets them; under misuse {BEST_UNDER_MISUSE} is the best possible. **Integrity**: what becomes of changed "
        "ciphertexts.",
        "**Time** to encrypt, as a multiple of that of the standard cipher AES-256-CTR.",
        f"**{rival}** is the best learned rival: of the published ciphers that are neural networks and decrypt with "
        "loss, the one with the highest PSNR (peak signal-to-noise ratio) of decryption, "
        f"{psnr[rival]:.1f} dB. {PROPOSED} has {psnr[PROPOSED]:.1f} dB. **sum-ctr** is insecure on purpose: it has "
        "256 keystreams in all.",
        f"From `cryptobench run --all --profile {settings['name']}` at commit {run.settings['git_commit'][:10]}, on "
        f"the picture {image}, {height}×{width} pixels in colour. All ciphers, tables and figures: "
        f"[results/reference](results/reference/report.md).{_rebuilt(run)}",
    )
    return "\n".join(f"- {line}" for line in lines)


def rebuilt(cards: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Of the ciphers of a run, given its cards, those whose key or fidelity is another one today."""
    today = {card.name: card for card in map(read_card, cipher_names())}
    fields = ("key", "fidelity")
    return [
        name
        for name, card in cards.items()
        if name in today and any(json.loads(json.dumps(asdict(today[name])))[field] != card[field] for field in fields)
    ]


def _rebuilt(run: RunData) -> str:
    names = rebuilt(run.cards)
    return f" Rebuilt since then, so that its numbers are of the earlier cipher: {', '.join(names)}." if names else ""


def _meanings() -> str:
    """What each level means."""
    return "; ".join(f"**{level}** {meaning.replace(';', ',')}" for level, meaning in enumerate(LEVELS))


def _expected(numbers: pd.DataFrame, metric: str) -> float:
    rows = numbers[(numbers["metric"] == metric) & (numbers["channel"] == "all")]
    return float(rows["expected"].dropna().iloc[0])


if __name__ == "__main__":
    main()
