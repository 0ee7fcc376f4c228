"""Where rows that stand beside one's own come from: a summary that comes with the package, or a run's folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptobench.beside.summary import SUFFIX, read_summary
from cryptobench.results.run import ReportError, RunData, load_run
from cryptobench.terminal import nearest

__all__ = ["REFERENCE", "SUMMARIES", "BesideError", "Source", "source"]

REFERENCE = "reference"
SUMMARIES = Path(__file__).parent / "reference"
"""The summaries that come with the package, a file for each profile."""
_USUAL = "standard"


class BesideError(ValueError):
    """Rows of another run cannot stand beside one's own; the message says why, and what to do."""


@dataclass(frozen=True, eq=False)
class Source:
    """Another run, what messages call it, and the ciphers that were asked for by name; all of them where empty."""

    run: RunData
    name: str
    ciphers: tuple[str, ...] = ()

    @property
    def chosen(self) -> list[str]:
        """The ciphers whose rows are wanted, in the order of tables."""
        return [cipher for cipher in self.run.ciphers if not self.ciphers or cipher in self.ciphers]

    @property
    def origin(self) -> str:
        """What captions call it: with profile, commit, machine and date as far as they are known."""
        about = self.run.settings
        known = [
            f"profile {self.run.name}", f"commit {str(about['git_commit'])[:7]}" if about.get("git_commit") else "",
            str(about.get("cpu") or "")[:60], str(about.get("finished") or "")[:10],
        ]  # fmt: skip
        return " ".join(f"{self.name} ({', '.join(filter(None, known))})".split())


def source(names: Sequence[str], profile: str = "", summaries: Path = SUMMARIES) -> Source:
    """What ``names`` ask for: "reference", or a run's folder, or names of ciphers in either, the reference's if alone.

    Of the reference it is the summary of this ``profile``, where there is one, else that of the standard profile.
    BesideError for names that neither has, ReportError for a folder without a finished run.
    """
    given = list(dict.fromkeys(names))
    folders = [name for name in given if name != REFERENCE and _is_path(name)]
    places = [name for name in given if name == REFERENCE] + folders
    if len(places) > 1:
        raise BesideError(f"--beside: {' and '.join(places)} are {len(places)} runs, wanted one")
    if folders:
        run, name = load_run(Path(folders[0])), f"the run in {folders[0]}"
    else:
        run, name = _reference(profile, summaries), "the reference run"
    wanted = tuple(name for name in given if name not in places)
    for cipher in wanted:
        if cipher not in run.ciphers:
            near = nearest(cipher, [*run.ciphers, REFERENCE])
            raise BesideError(f"--beside: {cipher} is no folder of a run, and {name} has no such cipher{near}")
    return Source(run, name, wanted)


def _is_path(name: str) -> bool:
    try:
        return Path(name).is_dir() or "/" in name
    except (OSError, ValueError):  # too long, a null character
        return False


def _reference(profile: str, summaries: Path) -> RunData:
    for name in dict.fromkeys((profile, _USUAL)):
        path = summaries / f"{name}{SUFFIX}"
        if name and path.is_file():
            return read_summary(path)
    raise ReportError("no reference run comes with this cryptobench; name the folder of a run: --beside FOLDER")
