"""`cryptobench measure`: every metric that pictures alone allow."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cryptobench.cli.mistake import Mistake
from cryptobench.cli.text import columns

if TYPE_CHECKING:
    from cryptobench.layout.tables import Table
    from cryptobench.measuring.report import PictureReport

__all__ = ["command"]

_FORMS = ("text", "markdown", "csv", "latex", "json")


@click.command(short_help="Measure pictures alone, without their cipher.")
@click.argument("pictures", metavar="[PLAIN] CIPHER | TABLE.csv", nargs=-1)
@click.option("--changed", multiple=True, metavar="PICTURE", help="Cipher image after one sample changed.")
@click.option("--other-key", multiple=True, metavar="PICTURE", help="Cipher image under a key with one bit flipped.")
@click.option("--wrong-key", multiple=True, metavar="PICTURE", help="What such a key decrypts CIPHER to.")
@click.option("--decrypted", metavar="PICTURE", help="What the right key decrypts CIPHER to.")
@click.option("--damaged", multiple=True, metavar="PICTURE", help="What the right key makes of a damaged CIPHER.")
@click.option("--pairs", nargs=2, metavar="PLAINS CIPHERS", help='Folders, or patterns such as "plain/*.png".')
@click.option("--lossy", is_flag=True, help="The cipher is lossy: decryption need not be exact.")
@click.option("--name", default="pictures", show_default=True, help="What to call the cipher.")
@click.option("--alpha", type=float, default=0.05, show_default=True, help="Level of verdicts and intervals.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the blocks of local entropy.")
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", show_default=True, help="What to print.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for all formats.")
@click.option("--strict", is_flag=True, help="Exit with 1 if the tests together fail, or a file is lossy.")
def command(
    pictures: tuple[str, ...], pairs: tuple[str, str] | None, form: str, as_json: bool, out: Path | None, strict: bool,
    lossy: bool, **options: Any,
) -> None:  # fmt: skip
    """Measure a plaintext and its cipher image, and what else there is, with every metric that pictures allow.

    Each number stands beside that of an ideal cipher, with interval, p-value and the literature's critical values. A
    cipher image can be given alone. For many pictures give --pairs, with quoted patterns that hold one * each (the
    other options are then patterns too), or a CSV file with columns plain, cipher, changed, other_key, wrong_key,
    decrypted, damaged.
    """
    gc.disable()  # modules stay to the end: looking through them for garbage is a quarter of the time of a pair
    import cryptobench.measuring.report  # noqa: F401
    from cryptobench.measuring import measure

    gc.freeze()
    gc.enable()
    found = measure(**_wanted(pictures, pairs, options), lossless=not lossy)
    form = "json" if as_json else form
    for line in found.notes if form in ("csv", "latex") else ():
        click.echo(f"note: {line}", err=True)
    click.echo(_text(found) if form == "text" else found.text(form).rstrip("\n"))
    if out is not None:
        paths = found.write(out)
        click.echo(f"{len(paths)} files written: {', '.join(str(path) for path in paths)}", err=True)
    if strict and not found.passes:
        raise SystemExit(1)


def _wanted(pictures: tuple[str, ...], pairs: tuple[str, str] | None, options: dict[str, Any]) -> dict[str, Any]:
    if pairs is not None:
        if pictures:
            raise Mistake('--pairs takes two patterns, and more is given; put them in quotes: "plain/*.png"')
        return options | {"pairs": pairs}
    if not pictures:
        raise Mistake("nothing to measure: give PLAIN and CIPHER, CIPHER alone, a CSV file, or --pairs")
    if len(pictures) > 2:
        raise Mistake(f"{len(pictures)} pictures are given, wanted PLAIN and CIPHER; for many, --pairs or a CSV file")
    if len(pictures) == 1 and pictures[0].lower().endswith(".csv"):
        return options | {"table": pictures[0]}
    return options | {"plain": pictures[0] if len(pictures) == 2 else None, "cipher": pictures[-1]}


def _text(found: PictureReport) -> str:
    one_by_one = ("measure", "measure_critical") if found.several else ()
    shown = [table for table in found.tables if table.name not in one_by_one]
    parts = [f"{table.title}\n\n{_columns(table)}\n\n{table.note}" for table in shown]
    parts += [
        "\n".join([title, *(f"- {line}" for line in lines)])
        for title, lines in (("Notes:", found.notes), ("Not measured:", found.missing))
        if lines
    ]
    return "\n\n".join(parts)


def _columns(table: Table) -> str:
    texts = {column.title: column.texts(table.values) for column in table.columns}
    return columns(list(texts), list(zip(*texts.values(), strict=True)))
