"""`cryptobench site`: a finished run as a site of static pages."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("site", short_help="Write a finished run as a site of static pages.")
@click.argument("run_folder", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--calibration", type=click.Path(path_type=Path), help="Folder of a calibration; without it there is no such page."
)
@click.option("--docs", default="", metavar="FOLDER", help="Where the documentation lies within OUT, for links to it.")
@click.option(
    "--pictures/--no-pictures", default=True, show_default=True,
    help="Make pictures of built-in ciphers of which the run kept none.",
)  # fmt: skip
def command(run_folder: Path, out: Path, calibration: Path | None, docs: str, pictures: bool) -> None:
    """Write RUN_FOLDER as a site into OUT: a leaderboard, a page a cipher, attacks against controls, the run.

    Each page is a file that opens offline; index.html comes first, and ciphers/NAME.html is the page of a cipher.
    Commands on the pages give each number again. Nothing in OUT is removed.
    """
    from cryptobench.site import write_site

    paths = write_site(
        run_folder, out, calibration=calibration, docs=docs, pictures=pictures,
        tell=lambda line: click.echo(line, err=True),
    )  # fmt: skip
    size = sum(path.stat().st_size for path in paths)
    click.echo(f"{len(paths)} files written, {size / 1e6:.1f} MB; start with {out / 'index.html'}")
