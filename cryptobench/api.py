"""The Python API: measure ciphers, open finished runs, attack. The command line stands on these functions.

import cryptobench as cb

run = cb.evaluate(MyCipher(), profile="quick", images=["camera"])
run.measurements, run.table("npcr"), run.verdicts(), run.figure("npcr"), run.report("out/")
cb.attack(MyCipher(), only=["permutation"])
"""

from __future__ import annotations

import html
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench.cipher import Cipher, UnsupportedImage
from cryptobench.registry import attack_names, cipher_names, load_attack, load_cipher, reference_of
from cryptobench.results.run import ReportError, load_run
from cryptobench.scratch import ScratchFolder

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cryptobench.attacks.base import Attack
    from cryptobench.attacks.experiment import Mode
    from cryptobench.attacks.runner import AttackRun
    from cryptobench.bench.estimate import RunEstimate
    from cryptobench.bench.progress import Progress
    from cryptobench.bench.run import RunSummary
    from cryptobench.bench.settings import Settings
    from cryptobench.cipher import Image
    from cryptobench.results.run import RunData

__all__ = ["AttackReport", "AttackReports", "Run", "attack", "evaluate", "list_ciphers", "open_run", "plan"]

CipherLike = Cipher | type[Cipher] | str


class Run:
    """A finished run: what was measured of some ciphers, and the tables, figures and reports that follow from it.

    `evaluate` and `open_run` make one. ``folder`` is where it is kept, None for one that was not asked to be kept: that
    one lies in a temporary folder, which goes with the object. ``summary`` counts the cells of a run just made, None
    for one that was opened.
    """

    def __init__(
        self,
        data: RunData,
        *,
        summary: RunSummary | None = None,
        temporary: ScratchFolder | None = None,
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
        """The names of the ciphers that were measured, in the order of tables."""
        return list(self._data.ciphers)

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
        """One table of the report, such as "npcr", as the report writes it to CSV.

        ReportError for an unknown name; NothingToShow if the run has no data for it, with the reason.
        """
        from cryptobench.report import table

        return table(self._data, name)

    def figure(self, name: str) -> Figure:
        """One figure of the report, such as "npcr", as a matplotlib Figure.

        ReportError for an unknown name; NothingToShow if the run has no data for it, with the reason.
        """
        from cryptobench.report import figure

        return figure(self._data, name)

    def verdicts(self) -> pd.DataFrame:
        """One row a cipher and test: its state (pass, borderline, fail, error, none) and p-values."""
        return self._data.verdicts()

    def attacks(self) -> pd.DataFrame:
        """One row for each cipher, attack, size and nonce mode: outcome, queries, recovered share, p-value, notes."""
        from cryptobench.results.attacks import attack_results

        return attack_results(self._data.table)

    def only(self, ciphers: Iterable[str] | str) -> Run:
        """The same run with some of its ciphers only; ReportError for a name that it does not have."""
        chosen = [ciphers] if isinstance(ciphers, str) else list(ciphers)
        return Run(self._data.only(chosen), summary=self.summary, temporary=self._temporary)

    def report(self, out: str | Path | None = None, **options: Any) -> list[Path]:
        """Write tables/, figures/, report.html and report.md to ``out``; the files that were written.

        ``out`` may be left out for a run that has a folder. ``options`` are those of `cryptobench.report.write_report`:
        ``image``, ``narrow``, ``jobs``, ``mine``, ``rows``, ``tell``. ReportError if nothing can be written there.
        """
        from cryptobench.report import write_report

        if out is None and self.folder is None:
            raise ReportError("this run has no folder of its own; say where the report goes: run.report('out/')")
        ciphers = options.pop("ciphers", None) or self.ciphers
        place = Path(out) if out is not None else self._data.folder
        return write_report(self._data.folder, out=place, ciphers=ciphers, **options)

    def __repr__(self) -> str:
        place = "in a temporary folder" if self.folder is None else f"in {self.folder}"
        ciphers = self.ciphers
        named = ", ".join(ciphers[:3]) + (f" and {len(ciphers) - 3} more" if len(ciphers) > 3 else "")
        images = ", ".join(self._data.images)
        return f"<Run of {named} on {images}: {len(self._data.table)} measurements, {place}>"

    def _repr_html_(self) -> str:
        verdicts = self.verdicts()
        shown = verdicts.to_html(index=False, border=0, max_rows=40)
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{shown}"


def open_run(folder: str | Path) -> Run:
    """The run that a folder holds; ReportError, in one line, if it holds none."""
    return Run(load_run(Path(folder)))


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
    **settings: Any,
) -> Run:
    """Measure and attack ciphers, as `cryptobench run` does.

    ``ciphers`` is a cipher or a list of them: an instance, a class, a name of `list_ciphers`, or
    ``path/to/file.py:ClassName``; None for those of the profile. Names, paths and classes of importable source files
    are measured by worker processes, and finished cells are kept in ``out`` and not run again. An instance whose class
    another process cannot import, or that has constructor options, is measured in this process, one cell after the
    other, each time anew; that is said.

    ``profile`` is quick, standard, paper, or a .toml file, and the other arguments replace its settings; or it is
    `bench.settings.Settings` that are used as they are. Where only one of
    ``analyses`` and ``attacks`` is given, the other is empty; [] is none. ``out`` is the run's folder; without one the
    run goes with the object that is returned. ``settings`` are further settings: ``alpha``, ``timeout`` (seconds for
    a cell), ``memory`` (MiB, "auto", "off"), ``dask`` (an address).

    In a script, call it under ``if __name__ == "__main__":``, since worker processes import the script. CipherError,
    RegistryError, ImageError or BenchError, in one line, for what cannot be understood; `bench.run.Stopped` after
    Ctrl-C, with everything finished kept in ``out``.
    """
    from cryptobench.bench.progress import Progress as Line
    from cryptobench.bench.run import run

    wanted, instances = _wanted(
        ciphers, profile, images, analyses, attacks, size=size, seed=seed, jobs=jobs, **settings
    )
    reporting = progress or Line(quiet=quiet)
    for one in instances:
        reporting.say(f"{one.card.name} is an instance: it is measured in this process, and not kept for another run")
    temporary = None if out is not None else ScratchFolder()
    folder = Path(out) if out is not None else Path(str(temporary and temporary.name))
    summary = run(wanted, folder, reporting, here=instances)
    return Run(load_run(folder), summary=summary, temporary=temporary)


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


@dataclass(frozen=True, eq=False)
class AttackReport:
    """One attack on one cipher in one nonce mode, as `attack` returns it.

    ``outcome`` is recovered, leak, holds or n/a, or failed where the attack itself raised (``notes`` says what). The
    numbers are None where there are none: ``recovered`` is the share of samples that the guess has right, ``image``
    the guess where it knows more than chance, (H, W) or (H, W, C) uint8. ``run`` has everything that was counted.
    """

    attack: str
    title: str
    model: str
    nonce: str
    shape: tuple[int, ...]
    outcome: str
    queries: int | None = None
    seconds: float | None = None
    recovered: float | None = None
    statistic: float | None = None
    statistic_name: str = ""
    p_value: float | None = None
    notes: str = ""
    image: Image | None = None
    run: AttackRun | None = None

    def __repr__(self) -> str:
        queries = "" if self.queries is None else f", {self.queries} queries"
        share = "" if self.recovered is None else f", {self.recovered:.1%} of the samples"
        return f"<{self.attack} ({self.model}, nonce {self.nonce}): {self.outcome}{share}{queries}>"

    def _repr_html_(self) -> str:
        return AttackReports([self])._repr_html_()


class AttackReports(list[AttackReport]):
    """The reports of the attacks on one cipher: a list, with what follows from all of them."""

    def table(self) -> pd.DataFrame:
        """One row an attack and nonce mode, without pictures."""
        import pandas as pd

        columns = (
            "attack", "model", "nonce", "outcome", "queries", "seconds", "recovered", "statistic", "p_value", "notes",
        )  # fmt: skip
        return pd.DataFrame([{name: getattr(one, name) for name in columns} for one in self], columns=list(columns))

    def security_levels(self) -> dict[str, tuple[int | None, int | None]]:
        """By nonce mode the security levels without and with chosen ciphertexts, 0 (worst) to 5; None: not known."""
        from cryptobench.attacks.scoring import security_levels

        return {
            nonce: security_levels(one.run.evidence for one in self if one.run is not None and one.nonce == nonce)
            for nonce in dict.fromkeys(one.nonce for one in self)
        }

    def __repr__(self) -> str:
        counts: dict[str, int] = {}
        for one in self:
            counts[one.outcome] = counts.get(one.outcome, 0) + 1
        return f"<{len(self)} attacks: {', '.join(f'{count} {word}' for word, count in counts.items())}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{self.table().to_html(index=False, border=0, na_rep='')}"


def attack(
    cipher: CipherLike,
    *,
    only: Collection[str] | str = (),
    image: str = "astronaut",
    size: int = 64,
    modes: Collection[Mode] | Mode = ("fresh", "fixed"),
    seed: int = 1,
    tell: Callable[[str], None] = lambda line: None,
) -> AttackReports:
    """Attack a cipher (an instance, a class, a name or ``path/to/file.py:ClassName``) in this process.

    ``only`` names attacks (or ``path/to/file.py:ClassName``), all of them if empty. ``image`` is the challenge, at
    ``size`` pixels (its shorter side); attacks that are too slow there use the greatest side that they can. ``modes``
    are the nonce modes: "fresh" has a new nonce for each encryption, "fixed" the challenge's nonce and per-message
    secret for all. ``tell`` hears what is being run. RegistryError, ImageError or UnsupportedImage, in one line, for
    what cannot be understood or encrypted, ContractError for a cipher that breaks the interface; an attack that raises
    is reported as failed.
    """
    reports = _attack(cipher, only, image, size, modes, seed, tell)
    return AttackReports(reports)


def _attack(
    cipher: CipherLike,
    only: Collection[str] | str,
    image: str,
    size: int,
    modes: Collection[Mode] | Mode,
    seed: int,
    tell: Callable[[str], None],
) -> Iterator[AttackReport]:
    from cryptobench.attacks.runner import attacks_grey, modes_of
    from cryptobench.contract import require_kept
    from cryptobench.experiment import nonce_modes
    from cryptobench.images import label
    from cryptobench.images.fitting import fitted
    from cryptobench.images.references import pixels
    from cryptobench.task import SharedExperiments, run_task

    reference = reference_of(cipher)
    chosen = load_cipher(reference) if isinstance(reference, str) else reference
    require_kept(chosen)
    wanted = (modes,) if isinstance(modes, str) else tuple(modes)
    names = (only,) if isinstance(only, str) else tuple(only)
    shared, several = SharedExperiments(), len(nonce_modes(chosen.card)) > 1
    for one in _by_number(load_attack(name) for name in names or attack_names()):
        if one.against and chosen.card.name not in one.against:
            continue
        target = pixels(image, min(size, one.largest_side or size), attacks_grey(one, chosen.card))
        target, _ = fitted(target, chosen.card)
        for mode in modes_of(one, chosen.card):
            if several and mode not in wanted:
                continue
            tell(f"{one.name} ({mode} nonces)" if several else one.name)
            result = run_task(
                one, chosen, target, seed, label=label(image), modes=(mode,), shared=shared,
                reference=reference if isinstance(reference, str) else "",
            )  # fmt: skip
            if result.status == "unsupported" and result.error is not None:
                hint = "; choose another image or size" if isinstance(result.error, UnsupportedImage) else ""
                raise type(result.error)(f"{result.error}{hint}") from None
            nonce = mode if several else "none"
            if result.error is not None:
                traceback.print_exception(result.error)
                yield _failed(one, nonce, target.shape, result.message)
            yield from (_reported(run, target.shape) for run in result.runs)


def _by_number(attacks: Iterable[Attack]) -> list[Attack]:
    return sorted(attacks, key=lambda one: int(one.identifier.removeprefix("A") or 99))


def _failed(one: Attack, nonce: str, shape: tuple[int, ...], message: str) -> AttackReport:
    return AttackReport(one.name, one.title, one.model, nonce, shape, "failed", notes=message)


def _reported(run: AttackRun, shape: tuple[int, ...]) -> AttackReport:
    result, guessed = run.result, run.result.recovered is not None
    return AttackReport(
        run.attack.name, run.attack.title, run.attack.model, run.nonce, shape, str(run.outcome),
        queries=run.queries.total, seconds=run.seconds, recovered=run.score.share if guessed else None,
        statistic=result.statistic, statistic_name=result.statistic_name, p_value=result.p_value, notes=result.notes,
        image=result.recovered if run.recovered_something else None, run=run,
    )  # fmt: skip


def list_ciphers() -> list[str]:
    """The names of all registered ciphers, sorted: built-in ones and those of installed packages."""
    return cipher_names()
