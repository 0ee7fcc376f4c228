"""The first page: every cipher in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from cryptobench.layout.tables import MISSING
from cryptobench.report.html.plain import plain
from cryptobench.report.judged import JUDGEMENTS, Judged, judged_ciphers
from cryptobench.report.tabular import pick
from cryptobench.results.names import FIDELITY
from cryptobench.results.run import RunData
from cryptobench.results.verdicts import STATES, STATISTICS
from cryptobench.site.addresses import cipher_address
from cryptobench.site.markup import Html, element, joined, link, paragraphs
from cryptobench.site.parts import Cells, badge, facts, grid, judgement, toned
from cryptobench.site.shown import weak_keys

__all__ = ["Line", "leaderboard", "leaderboard_lines"]

_MEANINGS = {
    "statistics": "whether all statistical tests pass",
    "confidentiality": "security level with proper nonces, 0 (worst) to 5, after attacks without chosen ciphertexts",
    "misuse": "the same when one nonce is used for all messages; 4 is the best possible",
    "integrity": "what becomes of ciphertexts that somebody has changed",
    "key bits": "bits of the key whose change alters the ciphertext; a star: fewer than the key has",
    "lossless": "whether decryption gives every pixel back; if not, the PSNR of the decrypted picture",
    "MB/s ÷ AES": "throughput of encryption as a multiple of that of AES-256-CTR, measured in the same minutes",
    "fidelity": "how close the code is to the paper: A, B or C",
}


@dataclass(frozen=True)
class Line:
    """What the leaderboard says of one cipher, numbers as they are measured; None and "" where the run has none.

    ``throughput`` is a multiple of that of AES-256-CTR, ``psnr`` in dB, infinite where decryption is exact.
    """

    cipher: str
    statistics: str
    judged: dict[str, Judged]
    weak_keys: str
    key_bits: float | None
    key_bits_fewer: bool
    psnr: float | None
    throughput: float | None


def leaderboard_lines(run: RunData) -> list[Line]:
    """A line for each cipher of a run, in the run's order; numbers are those of its first image."""
    image = run.images[0] if run.images else ""
    numbers = run.numbers[run.numbers["image"] == image]
    keys = _first(pick(run.numbers, "effective_key_bits", analysis="keyspace", part=""))
    psnr = _first(pick(numbers, "decrypted_psnr", analysis="quality"))
    ratio = _first(pick(numbers, "encrypt_ratio", parameter=""))
    weak = weak_keys(run)
    judged = judged_ciphers(run)
    lines = []
    for cipher in run.ciphers:
        pooled, key, time = run.pooled.get((cipher, STATISTICS)), keys.get(cipher), _value(ratio.get(cipher))
        lines.append(
            Line(
                cipher, pooled.state if pooled else "none", judged.get(cipher, {}), weak.get(cipher, ""), _value(key),
                key is not None and key["verdict"] == "fail", _value(psnr.get(cipher)), 1 / time if time else None,
            )
        )  # fmt: skip
    return lines


def leaderboard(run: RunData) -> Html:
    """The page's content."""
    lines = leaderboard_lines(run)
    published = run.graded(run.ciphers)
    return element(
        "section",
        element("div", element("h1", "Image ciphers, measured and attacked"), class_="head"),
        paragraphs(
            f"{len(lines)} ciphers, all measured on the same pictures and attacked in the same ways: published "
            "schemes, standard ciphers, and controls, which are weak on purpose. A good value in one column says "
            "little. Many a cipher that passes every statistical test is read with a few chosen pictures.",
            joined(
                "Sort by a column's head, narrow with the fields, and open a cipher for what was measured, what broke "
                "it, and the commands that give each number again. All settings are on ",
                link("run.html", "one page"),
                ".",
            ),
        ),
        grid(_columns(run, lines), "leaderboard", searched=True, tall=True, dense=True),
        element(
            "div",
            element("h2", "What the columns say"),
            facts([*((name, text) for name, text in _MEANINGS.items()), *_fidelities(published)]),
            paragraphs(run.legend(run.ciphers), _machine(run), class_="caption"),
            class_="panel below",
        ),
    )


def _columns(run: RunData, lines: list[Line]) -> list[Cells]:
    return [
        Cells(
            "cipher",
            [link(cipher_address(line.cipher), run.label(line.cipher)) for line in lines],
            [line.cipher for line in lines],
        ),
        Cells("family", [run.family(line.cipher) for line in lines], filtered=True),
        Cells(
            "statistics", [badge(line.statistics) if line.statistics != "none" else MISSING for line in lines],
            [-STATES.index(line.statistics) if line.statistics != "none" else None for line in lines], filtered=True,
            meaning=_MEANINGS["statistics"],
        ),
        *(_judgement(name, lines) for name in JUDGEMENTS if any(line.judged for line in lines)),
        Cells(
            "key bits", [_key_bits(line) for line in lines], [line.key_bits for line in lines], "number",
            meaning=_MEANINGS["key bits"],
        ),
        Cells(
            "lossless", [_lossless(line.psnr) for line in lines], [plain(line.psnr) for line in lines], filtered=True,
            meaning=_MEANINGS["lossless"],
        ),
        Cells(
            "MB/s ÷ AES", [MISSING if line.throughput is None else _ratio(line.throughput) for line in lines],
            [line.throughput for line in lines], "number", meaning=_MEANINGS["MB/s ÷ AES"],
        ),
        Cells(
            "fidelity", [run.fidelity(line.cipher) for line in lines],
            [_grade(run.fidelity(line.cipher)) for line in lines], filtered=True, meaning=_MEANINGS["fidelity"],
        ),
        Cells(
            "settings",
            [link(f"{cipher_address(line.cipher)}#reproduce", "commands", aria_label=f"commands for {line.cipher}")
             for line in lines],
        ),
    ]  # fmt: skip


def _judgement(name: str, lines: list[Line]) -> Cells:
    weak = [line.weak_keys if name == "confidentiality" else "" for line in lines]
    cells = [
        judgement(line.judged[name], flag) if line.judged else MISSING for line, flag in zip(lines, weak, strict=True)
    ]
    ranks = [line.judged[name].rank if line.judged else None for line in lines]
    return Cells(name, cells, ranks, filtered=True, meaning=_MEANINGS[name])


def _key_bits(line: Line) -> Any:
    if line.key_bits is None:
        return MISSING
    return element("span", f"{line.key_bits:.0f}*", class_="bad") if line.key_bits_fewer else f"{line.key_bits:.0f}"


def _lossless(psnr: float | None) -> Any:
    if psnr is None:
        return MISSING
    # The value that readers choose is yes or no; the PSNR is beside it.
    return toned("yes", 5) if psnr == float("inf") else joined(toned("no", 2), f" {psnr:.1f} dB")


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def _grade(fidelity: str) -> str:
    """Sorts A+ before A before A-."""
    return fidelity[:1] + {"+": "0", "": "1", "-": "2"}.get(fidelity[1:], "3")


def _fidelities(published: dict[str, int]) -> list[tuple[str, str]]:
    return [
        (f"fidelity {letter}", f"{meaning}; {published[letter]} of the schemes here")
        for letter, meaning in FIDELITY.items()
    ]


def _machine(run: RunData) -> str:
    about = run.settings
    parts = [
        f"measured on {run.images[0]}" if run.images else "",
        f"profile {run.name}",
        f"commit {str(about['git_commit'])[:10]}" if about.get("git_commit") else "",
        f"finished {str(about['finished'])[:10]}" if about.get("finished") else "",
    ]
    text = ", ".join(filter(None, parts))
    return text[:1].upper() + text[1:] + "."


def _first(rows: pd.DataFrame) -> dict[str, Any]:
    return {str(row["cipher"]): row for row in rows.drop_duplicates("cipher").to_dict("records")}


def _value(row: Any) -> float | None:
    value = None if row is None else row["value"]
    return float(value) if isinstance(value, int | float) and value == value else None
