"""The runs that are compared: reading them, and running a cipher first with the settings of its baseline."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path, PurePath
from typing import Any

from cryptobench.bench.errors import BenchError
from cryptobench.bench.progress import Progress
from cryptobench.bench.settings import Settings, settings
from cryptobench.bench.settled import run_until_settled
from cryptobench.check.result import CheckError, Options
from cryptobench.reading import Source
from cryptobench.results.attacks import PREFIX
from cryptobench.results.run import ReportError, RunData, load_cards, load_run, load_table
from cryptobench.terminal import nearest

__all__ = ["is_cipher", "load", "run_cipher", "wanted_settings"]

_TABLE = "measurements.csv.gz"


def load(path: Path) -> RunData:
    """Read a run's folder or its measurement table; settings are empty where no `run.json` lies beside the table.

    `CheckError` for what does not exist, is damaged or holds no measurements.
    """
    if not path.exists():
        raise CheckError(f"{path} does not exist; wanted a run's folder or its {_TABLE}")
    path = path.resolve() if path.is_symlink() else path  # a link that the user gives is the user's
    try:
        if path.is_dir() or path.name == _TABLE:
            run = load_run(path if path.is_dir() else path.parent)
            load_cards(run.folder, run.settings)  # damaged cards say that the run was
            return run
        return RunData(path.parent, load_table(path))
    except ReportError as error:
        raise CheckError(str(error)) from error


def is_cipher(reference: str) -> bool:
    """Whether ``reference`` is a cipher and not a run; `CheckError` where it is neither."""
    from cryptobench.references import is_path, is_program
    from cryptobench.registry import cipher_names

    if Path(reference).exists() and not is_program(reference):
        return False
    names = cipher_names()
    if reference in names or is_path(reference):
        return True
    near = nearest(reference, names, "`cryptobench list ciphers` names the ciphers")
    raise CheckError(
        f"{reference} is no run, no measurement table and no cipher; wanted one of these, path/to/file.py:ClassName "
        f"or path/to/file.toml"
        f"{near}"
    )


def run_cipher(reference: str, folder: Path, wanted: Settings, baseline: RunData, *, quiet: bool = False) -> Path:
    """Run ``wanted`` on one cipher into ``folder``; `CheckError` first if the baseline has none of its name."""
    from cryptobench.preflight import card_of

    name = card_of(reference).name
    if name not in baseline.ciphers:
        raise CheckError(
            f"the baseline {baseline.folder} has no cipher {name}{nearest(name, sorted(baseline.ciphers))}"
        )
    run_until_settled(replace(wanted, ciphers=(reference,)), folder, Progress(quiet=quiet))
    return folder


def wanted_settings(
    baseline: RunData, options: Options, profile: str | None = None, seed: int | None = None, jobs: int | None = None
) -> Settings:
    """The baseline's own settings, or ``profile`` with the baseline's seed, cut down to the analyses compared."""
    if profile is not None:
        own = {int(value) for value in baseline.table["seed"].dropna().unique()}
        chosen = settings(profile, seed=min(own, default=None))
    elif baseline.settings.get("settings"):
        chosen = _settings(baseline.settings["settings"], baseline.folder)
    else:
        raise CheckError(
            f"{baseline.folder} has no run.json with settings to run the cipher with; say which with --profile"
        )
    changes: dict[str, Any] = {key: value for key, value in (("seed", seed), ("jobs", jobs)) if value is not None}
    if options.analyses:
        changes["analyses"] = _only(chosen.analyses, options.analyses)
        changes["attacks"] = _only(chosen.attacks, [name.removeprefix(PREFIX) for name in options.analyses])
    return replace(chosen, **changes)


def _only(tables: Mapping[str, Mapping[str, Any]], names: Any) -> dict[str, Mapping[str, Any]]:
    return {name: parameters for name, parameters in tables.items() if name in names}


def _settings(values: Mapping[str, Any], folder: Path) -> Settings:
    """The settings that a folder's run.json holds. They may be anybody's: what they name must be registered here."""
    source = Source(folder / "run.json", CheckError, "say others with --profile")
    known = {field.name for field in fields(Settings)}
    lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    try:
        chosen = Settings(**{key: value for key, value in (dict(values) | lists).items() if key in known})
    except (BenchError, TypeError) as error:
        raise source.damaged(error) from error
    _require_registered(chosen, source.path)
    return replace(chosen, dask="", jobs=min(chosen.jobs, os.cpu_count() or 1))


def _require_registered(chosen: Settings, path: Path) -> None:
    """`CheckError` for an analysis, attack or image that is named by its path: what lies there would be run or read."""
    from cryptobench.images import is_name
    from cryptobench.registry import analysis_names, attack_names

    named = [
        *(("analysis", name, name in analysis_names()) for name in chosen.analyses),
        *(("attack", name, name in attack_names()) for name in chosen.attacks),
        *(("image", name, is_name(name)) for name in chosen.images),
        *(
            (f"file of {name}", text, is_name(text) or not _leads_to_a_file(text))
            for tables in (chosen.analyses, chosen.attacks)
            for name, parameters in tables.items()
            for text in _texts(parameters)
        ),
    ]
    for what, name, registered in named:
        if not registered:
            raise CheckError(
                f"{path} names the {what} {name[:200]!r}, which is not registered here: nothing that a folder names by "
                "a path is run or read; give settings of your own with --profile"
            )


def _texts(value: object) -> list[str]:
    """All texts in a value of JSON."""
    if isinstance(value, Mapping | list | tuple):
        inner = value.values() if isinstance(value, Mapping) else value
        return [text for one in inner for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def _leads_to_a_file(text: str) -> bool:
    return PurePath(text).parts != (text,) or Path(text).exists()
