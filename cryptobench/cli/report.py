"""`cryptobench report`: tables and figures again from a finished run."""

from __future__ import annotations

from pathlib import Path

import click

from cryptobench.cli.options import names

__all__ = ["command"]


@click.command("report", short_help="Write tables and figures of a finished run again.")
@click.argument("run_folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the report; the run's own unless given.")
@click.option("--ciphers", callback=names, help="Only these ciphers, separated by commas.")
@click.option("--mine", metavar="CIPHER", help="Your own cipher: comes first, marked, and in words in paragraph.tex.")
@click.option(
    "--paper", metavar="CIPHER", help="Write paper/ instead: four pages about one cipher, for the IEEE class."
)
@click.option("--rows", callback=names, help="Ciphers of the comparison table, separated by commas; all unless given.")
@click.option("--fidelity", callback=names, metavar="A,B,C", help="Only these fidelities in the comparison table.")
@click.option(
    "--beside", multiple=True, callback=names, metavar="RUN",
    help="Rows of another run beside: reference, names of its ciphers, or a folder.",
)  # fmt: skip
@click.option("--image", help="The image in galleries.")
@click.option("--narrow/--no-narrow", default=True, show_default=True, help="Add one-column twins of the figures.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that draw.")
@click.option("--force", is_flag=True, help="Make every table and figure again, whether or not its rows have changed.")
def command(
    run_folder: Path,
    out: Path | None,
    ciphers: tuple[str, ...],
    mine: str | None,
    paper: str | None,
    rows: tuple[str, ...],
    fidelity: tuple[str, ...],
    beside: tuple[str, ...],
    image: str | None,
    narrow: bool,
    jobs: int,
    force: bool,
) -> None:
    """Write the report of RUN_FOLDER again, from its measurements and pictures alone.

    tables/ (CSV, Markdown, LaTeX), figures/ (PDF, PNG), report.html and report.md; tables.tex and figures.tex include
    them all, and paper_ieee.tex, paper_elsevier.tex and paper_springer.tex show how. A report that is there already is
    brought up to date: figures whose rows have not changed are not drawn again.

    With --paper CIPHER nothing of that is written, but paper/: paper.tex for the IEEE class with at most four tables,
    four figures and four pages about one cipher, the paragraph of numbers, and references.bib. --rows chooses the other
    ciphers of its comparison (at most ten), --beside takes them over from another run.
    """
    from cryptobench.api import open_run

    if paper and mine not in (None, paper):
        raise click.UsageError(f"--paper {paper} is about {paper}, and --mine says {mine}; give one of them")

    run = open_run(run_folder, beside=beside or None)
    for line in run.withheld:
        click.echo(line, err=True)
    if paper:
        written = (run.only(dict.fromkeys([paper, *ciphers])) if ciphers else run).paper(
            paper, out or run_folder, image=image, rows=rows or None, fidelity=fidelity,
            tell=lambda line: click.echo(f"skipped {line}", err=True),
        )  # fmt: skip
        source = next(path for path in written if path.name == "paper.tex")
        click.echo(f"{len(written)} files written; compile {source} (pdflatex, bibtex, pdflatex, pdflatex)")
        return
    paths = run.report(
        out or run_folder, ciphers=ciphers or None, image=image, narrow=narrow, jobs=jobs, mine=mine, rows=rows or None,
        fidelity=fidelity, force=force, tell=lambda line: click.echo(f"skipped {line}", err=True),
    )  # fmt: skip
    first = next((path for path in paths if path.name == "report.html"), paths[-1])
    click.echo(f"{_written(len(paths), len(paths.changed))}; start with {first}")


def _written(files: int, changed: int) -> str:
    if not changed:
        return f"nothing has changed, and nothing was written: the report's {files} files are as they were"
    return f"{changed} files written" if changed == files else f"{changed} of {files} files written, the rest unchanged"
