"""The Python API: measure ciphers, open finished runs, attack. The command line stands on these functions.

import cryptobench as cb

run = cb.evaluate(MyCipher(), profile="quick", images=["camera"])
run.measurements, run.table("npcr"), run.verdicts(), run.figure("npcr"), run.report("out/")
cb.attack(MyCipher(), only=["permutation"])
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench.attacking import AttackReport, AttackReports, attack
from cryptobench.beside import comparable, source, with_rows_beside
from cryptobench.cipher import Cipher
from cryptobench.measuring import measure
from cryptobench.registry import cipher_names, read_card, reference_of
from cryptobench.results.plausibility import Plausibility, plausible
from cryptobench.results.run import ReportError, load_run
from cryptobench.scratch import ScratchFolder

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cryptobench.bench.estimate import RunEstimate
    from cryptobench.bench.progress import Progress
    from cryptobench.bench.run import RunSummary
    from cryptobench.bench.settings import Settings
    from cryptobench.report.kept import Written
    from cryptobench.results.run import RunData

__all__ = [
    "AttackReport", "AttackReports", "Plausibility", "Run", "attack", "evaluate", "list_ciphers", "list_claims",
    "measure", "open_run", "plan", "plausible", "reference_folder",
]  # fmt: skip

CipherLike = Cipher | type[Cipher] | str


class Run:
    """A finished run: what was measured of some ciphers, and the tables, figures and reports that follow from it.

    `evaluate` and `open_run` make one. ``folder`` is where it is kept, None for one that was not asked to be kept: that
    one lies in a temporary folder, which goes with the object. ``summary`` counts the cells of a run just made, None
    for one that was opened.
    """

    def __init__(
        self, data: RunData, *, summary: RunSummary | None = None, temporary: ScratchFolder | None = None
    ) -> None:
        self._data = data
        self._temporary = temporary
        self.summary = summary

    @property
    def folder(self) -> Path | None:
        """The folder that keeps the run; None if it goes with this object."""
        return None if self._temporary is not None else self._data.folder

    @property
    def measurements(self) -> pd.DataFrame:
        """One row a number, with the columns of docs/measurements.md; yours to change."""
        return self._data.table.copy()

    @property
    def ciphers(self) -> list[str]:
        """The names of the ciphers that were measured or taken over, in the order of tables."""
        return list(self._data.ciphers)

    @property
    def taken_over(self) -> list[str]:
        """The names of the ciphers whose rows another run measured."""
        return [cipher for cipher in self.ciphers if cipher in self._data.taken_over]

    @property
    def withheld(self) -> list[str]:
        """Sentences about rows that were not taken over, since code has changed."""
        return list(self._data.taken.withheld) if self._data.taken else []

    @property
    def cards(self) -> dict[str, dict[str, Any]]:
        """The ciphers' cards as plain values, by name."""
        return dict(self._data.cards)

    @property
    def settings(self) -> dict[str, Any]:
        """What the run was made with: settings, versions, machine, hashes of the images (run.json)."""
        return dict(self._data.settings)

    @property
    def table_names(self) -> tuple[str, ...]:
        """What `table` can be asked for."""
        from cryptobench.report import table_names

        return tuple(table_names())

    @property
    def figure_names(self) -> tuple[str, ...]:
        """What `figure` can be asked for."""
        from cryptobench.report import figure_names

        return tuple(figure_names())

    def table(self, name: str) -> pd.DataFrame:
        """One table of the report, such as "npcr"; ReportError for another name, NothingToShow if there is no data."""
        from cryptobench.report import table

        return table(self._data, name)

    def figure(self, name: str) -> Figure:
        """One figure of the report, such as "npcr", as a matplotlib Figure; errors as those of `table`."""
        from cryptobench.report import figure

        return figure(self._data, name)

    def verdicts(self) -> pd.DataFrame:
        """One row a cipher and test: its state (pass, borderline, malleable, fail, error, none) and p-values."""
        return self._data.verdicts()

    def judgements(self) -> pd.DataFrame:
        """One row a cipher: confidentiality, nonce misuse and integrity, and which claims of its card are refuted.

        The columns are those of `cryptobench.results.attacks.judgements`; no rows without attacks.
        """
        return self._data.judgements.copy()

    def attacks(self) -> pd.DataFrame:
        """One row for each cipher, attack, size and nonce mode: outcome, queries, recovered share, p-value, notes."""
        from cryptobench.results.attacks import attack_results

        return attack_results(self._data.table)

    def only(self, ciphers: Iterable[str] | str) -> Run:
        """The same run with some of its ciphers only; ReportError for a name that it does not have."""
        chosen = [ciphers] if isinstance(ciphers, str) else list(ciphers)
        return Run(self._data.only(chosen), summary=self.summary, temporary=self._temporary)

    def report(self, out: str | Path | None = None, **options: Any) -> Written:
        """Write tables/, figures/, report.html and report.md to ``out``; a list of these files.

        Its ``changed`` are those that were written now: a report that is there already is brought up to date.

        ``out`` may be left out for a run that has a folder. ``options`` are those of `cryptobench.report.write_report`:
        ``image``, ``narrow``, ``jobs``, ``mine``, ``rows``, ``fidelity``, ``tell``, ``force``. ReportError if nothing
        can be written there.
        """
        from cryptobench.report import write_report

        place = self._place(out, "the report goes: run.report('out/')")
        ciphers = options.pop("ciphers", None) or self.ciphers
        return write_report(self._data, out=place, ciphers=ciphers, **options)

    def paper(self, cipher: str, out: str | Path | None = None, **options: Any) -> list[Path]:
        """Write ``out``/paper/: four pages of the IEEE class about one cipher of the run; the files that were written.

        ``out`` as for `report`; ``options`` are those of `cryptobench.report.write_paper`: ``image``, ``rows``,
        ``fidelity``, ``tell``. ReportError for a cipher that the run has not measured.
        """
        from cryptobench.report import write_paper

        place = self._place(out, "the paper goes: run.paper(cipher, 'out/')")
        return write_paper(self._data, cipher, out=place, **options)

    def _place(self, out: str | Path | None, what: str) -> Path:
        if out is None and self.folder is None:
            raise ReportError(f"this run has no folder of its own; say where {what}")
        return Path(out) if out is not None else self._data.folder

    def __repr__(self) -> str:
        place = "in a temporary folder" if self.folder is None else f"in {self.folder}"
        ciphers = self.ciphers
        named = ", ".join(ciphers[:3]) + (f" and {len(ciphers) - 3} more" if len(ciphers) > 3 else "")
        images = ", ".join(self._data.images)
        return f"<Run of {named} on {images}: {len(self._data.table)} measurements, {place}>"

    def _repr_html_(self) -> str:
        shown = self.verdicts().to_html(index=False, border=0, max_rows=40)
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{shown}"


def open_run(folder: str | Path, *, beside: str | Sequence[str] | None = None) -> Run:
    """The run that a folder holds; ReportError, in one line, if it holds none. ``beside`` is that of `evaluate`."""
    data = load_run(Path(folder))
    return Run(data if not beside else with_rows_beside(data, source(_names(beside), data.name)))


def evaluate(
    ciphers: CipherLike | Sequence[CipherLike] | None = None,
    *,
    profile: str | Settings = "standard",
    images: Sequence[str] | str | None = None,
    analyses: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    attacks: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    size: int | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    jobs: int | None = None,
    quiet: bool = False,
    progress: Progress | None = None,
    beside: str | Sequence[str] | None = None,
    **settings: Any,
) -> Run:
    """Measure and attack ciphers, as `cryptobench run` does.

    ``ciphers`` is a cipher or a list of them: an instance, a class, a name of `list_ciphers`, or
    ``path/to/file.py:ClassName``; None for those of the profile. Workers measure names, paths and classes of importable
    source files, and finished cells are kept in ``out``. An instance whose class another process cannot import, or that
    has constructor options, is measured in this process, one cell after the other, each time anew; that is said.

    ``profile`` is quick, beside, standard, paper or a .toml file, and the other arguments replace its settings; or it
    is `bench.settings.Settings` that are used as they are. Where only one of ``analyses`` and ``attacks`` is given, the
    other is empty; [] is none. ``out`` is the run's folder; without one the run goes with the object that is returned.
    ``settings`` are further ones: ``alpha``, ``timeout`` (seconds a cell), ``memory`` (MiB, "auto", "off"), ``dask``.

    ``beside`` takes the rows of other ciphers over, marked, from another run: "reference" (the one that comes with the
    package), names of ciphers in it, or a run's folder. BesideError, with the command that measures them here, where
    images, size, seed or parameters differ; rows of code that has changed are withheld, and that is said. In a script,
    call it under ``if __name__ == "__main__":``, since worker processes import the script. CipherError, RegistryError,
    ImageError or BenchError, in one line, for what cannot be understood; `bench.run.Stopped` after Ctrl-C.
    """
    from cryptobench.bench.progress import Progress as Line
    from cryptobench.bench.run import run
    from cryptobench.bench.settled import run_until_settled

    options = {"size": size, "seed": seed, "jobs": jobs, **settings}
    wanted, instances = _wanted(ciphers, profile, images, analyses, attacks, **options)
    reporting = progress or Line(quiet=quiet)
    for one in instances:
        reporting.say(f"{one.card.name} is an instance: it is measured in this process, and not kept for another run")
    own = [*wanted.ciphers, *(one.card.name for one in instances)]
    other = None if beside is None else comparable(_names(beside), wanted, own, reporting.say)
    temporary = None if out is not None else ScratchFolder()
    folder = Path(out) if out is not None else Path(str(temporary and temporary.name))
    measure = run if temporary is None else run_until_settled
    summary = measure(wanted, folder, reporting, here=instances)
    data = load_run(folder)
    return Run(data if other is None else with_rows_beside(data, other), summary=summary, temporary=temporary)


def plan(
    ciphers: CipherLike | Sequence[CipherLike] | None = None,
    *,
    profile: str | Settings = "standard",
    images: Sequence[str] | str | None = None,
    analyses: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    attacks: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    out: str | Path | None = None,
    **settings: Any,
) -> RunEstimate:
    """What `evaluate` would cost with the same arguments: cells, seconds, and where they go. Nothing is measured.

    Cells that ``out`` holds already count as done. Nothing is written.
    """
    from cryptobench.bench.estimate import estimate

    settings = {name: value for name, value in settings.items() if name not in ("quiet", "progress")}
    wanted, instances = _wanted(ciphers, profile, images, analyses, attacks, **settings)
    return estimate(wanted, None if out is None else Path(out), instances)


def _wanted(
    ciphers: CipherLike | Sequence[CipherLike] | None,
    profile: str | Settings,
    images: Sequence[str] | str | None,
    analyses: Any,
    attacks: Any,
    **settings: Any,
) -> tuple[Settings, list[Cipher]]:
    """The settings that arguments of `evaluate` ask for, and the instances among its ciphers."""
    from cryptobench.bench.settings import settings as settings_of

    references, instances = _sorted(ciphers)
    if isinstance(profile, str):
        profile = settings_of(
            profile, ciphers=tuple(references), images=_names(images), **_chosen(analyses, attacks), **settings
        )
    return replace(profile, ciphers=tuple(references)) if ciphers is not None else profile, instances


def _sorted(ciphers: CipherLike | Sequence[CipherLike] | None) -> tuple[list[str], list[Cipher]]:
    """References that workers can load, and instances that only this process has."""
    if ciphers is None:
        return [], []
    several = [ciphers] if isinstance(ciphers, str | Cipher | type) else ciphers
    found = [reference_of(one) for one in several]
    return [one for one in found if isinstance(one, str)], [one for one in found if isinstance(one, Cipher)]


def _names(names: Sequence[str] | str | None) -> tuple[str, ...]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


def _chosen(analyses: Any, attacks: Any) -> dict[str, Any]:
    chosen = {"analyses": analyses, "attacks": attacks}
    given = {what: (names,) if isinstance(names, str) else names for what, names in chosen.items() if names is not None}
    return {what: names for what, names in given.items() if names}


def list_ciphers() -> list[str]:
    """The names of all registered ciphers, sorted: built-in ones and those of installed packages."""
    return cipher_names()


def list_claims(cipher: str | None = None, run: Run | str | Path | None = None) -> pd.DataFrame:
    """What the papers behind the baselines claim, what a run measured, and whether an ideal cipher gives the claim.

    One row an entry of the claims about ``cipher``, or about all; ``run`` is a run or its folder, `reference_folder`
    if none is given. The columns are those of `cryptobench.report.claimed.claimed_and_measured`; ``status`` is "seen"
    (read in the paper), "cited" (read in a review, that ``source`` names), "not seen" or "not reported". RegistryError
    for an unknown cipher, ReportError for a folder that holds no run.
    """
    from cryptobench.report.claimed import claimed_and_measured

    names = None if cipher is None else [read_card(cipher).name]
    folder = reference_folder() if run is None else run
    data = folder._data if isinstance(folder, Run) else None if folder is None else load_run(Path(folder))
    return claimed_and_measured(names, data)


def reference_folder() -> Path | None:
    """The run of all ciphers that comes with a checkout, or stands in results/reference here; None without either."""
    places = (Path(__file__).resolve().parents[1], Path())
    folders = (place / "results" / "reference" for place in places)
    return next((folder for folder in folders if (folder / "measurements.csv.gz").is_file()), None)
