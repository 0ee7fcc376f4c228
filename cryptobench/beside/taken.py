"""A run's own rows with those of another run beside them, as far as they may be compared."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from cryptobench.beside.conditions import Conditions, differences, is_todays, same_code
from cryptobench.beside.sources import BesideError, Source, source
from cryptobench.images.fitting import without_note
from cryptobench.results.attacks import is_attack
from cryptobench.results.run import RunData
from cryptobench.results.taken_over import TakenOver

if TYPE_CHECKING:
    from cryptobench.bench.settings import Settings

__all__ = ["comparable", "measuring_here", "require_comparable", "with_rows_beside"]

_CLOCKED = ("s", "MB/s")  # units of what depends on the machine; ratios to AES-256-CTR stay
_MOST = 12  # ciphers that a line names
_SHAPE = ["image", "height", "width", "channels"]


def require_comparable(settings: Settings, other: Source, own: Sequence[str] = ()) -> list[str]:
    """Sentences about rows of ``other`` that a run of these settings will not have beside its own.

    ``own`` are the ciphers to be measured, as the command that measures all of them here names them. BesideError,
    before anything is measured, if nothing of it may stand there, or if what is to be measured here is not named.
    """
    if "all" in settings.ciphers:
        raise BesideError(
            "--beside: the rows of other ciphers are taken over; say which ones to measure here, with --ciphers "
            "path/to/file.py:ClassName"
        )
    command = measuring_here(settings, other.chosen, own)
    conditions = Conditions.of_settings(settings)
    _require_equal(conditions, other, command)
    return _valid(conditions, other, [cipher for cipher in other.chosen if cipher not in own], command)[2]


def comparable(names: Sequence[str], settings: Settings, own: Sequence[str], say: Callable[[str], object]) -> Source:
    """What ``names`` ask for, see `source`, if it passes `require_comparable`; ``say`` gets what that says."""
    other = source(names, settings.name)
    for line in require_comparable(settings, other, own):
        say(line)
    return other


def with_rows_beside(run: RunData, other: Source) -> RunData:
    """The run with the rows of another one beside its own, marked as taken over.

    Of each cipher that the run has not measured itself, and each of its own analyses and attacks: the numbers, without
    single trials and without anything that depends on the machine; of times what is left is ratios to AES-256-CTR. Rows
    whose cipher, analysis or attack has other code today are withheld, and `TakenOver.withheld` names them. The only
    cipher of a run is the reader's own.

    BesideError if images, size, seed or parameters differ, or nothing is left.
    """
    missing = [cipher for cipher in other.chosen if cipher not in run.ciphers]
    folder = run.folder.as_posix()
    names = _listed(other, missing)
    command = f"cryptobench run --profile {folder}/settings.toml --out {folder} {_ciphers(names, run.ciphers)}"
    own = Conditions.of_run(run.settings)
    _require_equal(own, other, command)
    ciphers, analyses, withheld = _valid(own, other, missing, command)
    rows = _comparable(run, other, ciphers, analyses)
    if rows.empty:
        raise BesideError(f"{other.name} has no rows for the images and analyses of this run; measure them: {command}")
    taken = TakenOver(
        other.origin, tuple(dict.fromkeys(rows["cipher"])), {name: other.run.cards.get(name, {}) for name in ciphers},
        tuple(withheld), tuple(name for name in own.analyses if name not in analyses),
    )  # fmt: skip
    table = pd.concat([_by_shared_image(run.table, rows), rows], ignore_index=True)
    about = {"from": other.origin, "ciphers": ", ".join(taken.ciphers), "withheld": "; ".join(withheld)}
    mine = run.mine or (run.ciphers[0] if len(run.ciphers) == 1 else "")
    return replace(run, table=table, taken=taken, mine=mine, settings={**run.settings, "taken over": about})


def measuring_here(settings: Settings, others: Sequence[str], own: Sequence[str]) -> str:
    """The command that measures the others here as well, in the settings of one's own run."""
    from cryptobench.bench.settings import profile_names
    from cryptobench.bench.settings import settings as settings_of

    words = ["cryptobench run", f"--profile {settings.name}{'' if settings.name in profile_names() else '.toml'}"]
    usual = settings_of(settings.name) if settings.name in profile_names() else settings
    words += [f"--{key} {getattr(settings, key)}" for key in ("size", "seed")
              if getattr(settings, key) != getattr(usual, key)]  # fmt: skip
    if settings.images != usual.images:
        words.append(f"--images {','.join(settings.images)}")
    if any(set(getattr(settings, key)) != set(getattr(usual, key)) for key in ("analyses", "attacks")):
        chosen = {key: getattr(settings, key) for key in ("analyses", "attacks")}
        words += [f"--{key} {','.join(tables)}" for key, tables in chosen.items() if tables]
    return " ".join([*words, _ciphers(others if len(others) <= _MOST else [], own)])


def _listed(other: Source, ciphers: Sequence[str]) -> Sequence[str]:
    return ciphers if other.ciphers or len(ciphers) <= _MOST else []


def _ciphers(others: Sequence[str], own: Sequence[str]) -> str:
    """The options that name ciphers; all that are registered where no others are listed."""
    names = ",".join(dict.fromkeys([*own, *others]))
    return f"--ciphers {names}" if others else f"--all --ciphers {names}" if own else "--all"


def _require_equal(own: Conditions, other: Source, command: str) -> None:
    found = list(differences(own, Conditions.of_run(other.run.settings)))
    if found:
        count = len(found) - 1
        more = f", and {count} more thing{'s differ' if count > 1 else ' differs'}" if count else ""
        raise BesideError(f"{other.name} cannot stand beside this one: {found[0]}{more}; measure it here: {command}")


def _valid(
    own: Conditions, other: Source, wanted: Sequence[str], command: str
) -> tuple[list[str], list[str], list[str]]:
    """The ciphers and the analyses whose rows are still valid, and sentences about those that are withheld."""
    codes, theirs = other.run.settings.get("ciphers", {}), Conditions.of_run(other.run.settings)
    stale = [cipher for cipher in wanted if is_todays(cipher, codes.get(cipher, {})) is False]
    known = [name for name in own.analyses if name in theirs.analyses]
    changed = [name for name in known if not same_code(name, own.analyses[name], theirs.analyses[name])]
    ciphers = [cipher for cipher in wanted if cipher not in stale]
    analyses = [name for name in known if name not in changed]
    said = [
        f"{len(names)} of {len(of)} {what} withheld, since their code has changed: {', '.join(names)}"
        for names, of, what in ((stale, wanted, "ciphers"), (changed, own.analyses, "analyses and attacks"))
        if names
    ]
    if new := [name for name in own.analyses if name not in theirs.analyses]:
        said.append(f"{other.name} has none of {', '.join(new)}")
    if not ciphers or not analyses:
        first = said[0] if said and wanted else f"all of its ciphers are measured here ({', '.join(other.chosen)})"
        if len(first) > 300:
            first = first.partition(":")[0]
        raise BesideError(f"nothing can be taken over from {other.origin}: {first}; measure them here: {command}")
    return ciphers, analyses, said + [f"to measure what is withheld: {command}"] * bool(stale or changed)


def _comparable(run: RunData, other: Source, ciphers: Sequence[str], analyses: Sequence[str]) -> pd.DataFrame:
    """The rows of the other run that may stand beside this one's: of the same images, without clock times.

    Each cipher's are of the images as it takes them, as they would be if it were measured here.
    """
    rows = other.run.numbers
    rows = rows[rows["cipher"].isin(ciphers) & rows["analysis"].isin(analyses) & ~rows["unit"].isin(_CLOCKED)]
    mine = run.numbers
    measured = {without_note(str(image)) for image in mine.loc[~is_attack(mine), "image"].unique()}
    own, theirs = run.settings.get("images", {}), other.run.settings.get("images", {})
    same = {
        (title, tuple(image["shape"]))
        for title, image in own.items()
        if "shape" in image and image.get("sha256") and theirs.get(title, {}).get("sha256") == image["sha256"]
    }
    shapes = rows[_SHAPE].drop_duplicates().itertuples(index=False, name=None)
    shared = {
        (image, *shape)
        for image, *shape in shapes
        if any(size == tuple(shape) and f"{title} ".startswith(f"{image} ") for title, size in same)
    }
    keys = list(rows[_SHAPE].itertuples(index=False, name=None))
    attacks = is_attack(rows)
    fits = [
        key in shared and (attack or without_note(str(key[0])) in measured)
        for key, attack in zip(keys, attacks, strict=True)
    ]
    return rows[fits].assign(seconds=math.nan)


def _by_shared_image(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a run, those of images that most others have first: tables take the first image."""
    pairs = rows.loc[~is_attack(rows), ["image", "cipher"]].drop_duplicates()
    count = Counter(map(str, pairs["image"]))
    rank = table["image"].map(lambda image: -count.get(str(image), 0))
    order = {image: place for place, image in enumerate(table["image"].unique())}
    by = pd.DataFrame({"rank": rank, "place": table["image"].map(order)})
    alike = table.loc[~is_attack(table), "image"].map(lambda image: count.get(str(image), 0)).nunique() <= 1
    return table if alike else table.loc[by.sort_values(["rank", "place"], kind="stable").index]
