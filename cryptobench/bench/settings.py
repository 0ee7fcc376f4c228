"""The settings of a run: a profile, built in or a TOML file, and what the command line puts in its place."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from cryptobench.bench.errors import BenchError
from cryptobench.reading import MEBIBYTE, Source
from cryptobench.terminal import nearest

__all__ = ["Settings", "profile_names", "profile_summaries", "read_profile", "require_sides", "settings"]

_KEYS = (
    "name", "summary", "extends", "ciphers", "images", "size", "seed", "alpha", "timeout", "memory", "jobs", "dask",
    "one_column", "attack_sides", "analyses", "attacks",
)  # fmt: skip
_ORDER = ("quick", "beside", "standard", "paper")
_LARGEST_SIZE = 16384


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a run measures, and with what means.

    ``size`` is the images' side in pixels, ``timeout`` seconds for each cell, ``memory`` MiB for each worker ("auto":
    its share of 80 % of the machine's, "off": no limit), ``jobs`` workers (0: one for each CPU). ``analyses`` maps an
    analysis to its parameters, and the key ``images`` to the images that it runs on instead of its own choice;
    ``attacks`` does the same for attacks, with the key ``sides`` in place of the run's ``attack_sides``, the sides in
    pixels of the images that attacks are run on. ``one_column`` asks for one-column twins of the figures. Only
    ``images``, ``size``, ``seed``, ``alpha``, ``ciphers``, ``analyses``, ``attacks`` and ``attack_sides`` can change a
    number.
    """

    name: str = "run"
    ciphers: tuple[str, ...] = ("all",)
    images: tuple[str, ...]
    size: int
    seed: int = 1
    alpha: float = 0.05
    timeout: float = 900.0
    memory: int | str = "auto"
    jobs: int = 0
    dask: str = ""
    one_column: bool = True
    attack_sides: tuple[int, ...] = (32, 64)
    analyses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    attacks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, wanted, valid in (
            ("size", f"pixels from 1 to {_LARGEST_SIZE}", _integer(self.size) and 1 <= self.size <= _LARGEST_SIZE),
            ("seed", "a whole number from 0", _integer(self.seed) and self.seed >= 0),
            ("alpha", "a level between 0 and 1", _number(self.alpha) and 0 < self.alpha < 1),
            ("timeout", "seconds, more than 0", _number(self.timeout) and self.timeout > 0),
            ("jobs", "a number of workers, or 0 for one for each CPU", _integer(self.jobs) and self.jobs >= 0),
            ("dask", "an address such as tcp://host:8786", isinstance(self.dask, str)),
            ("one_column", "true or false", isinstance(self.one_column, bool)),
            ("memory", "MiB, auto or off", self.memory in ("auto", "off") or _positive(self.memory)),
        ):  # fmt: skip
            if not valid:
                raise BenchError(f"{key} is {getattr(self, key)!r}, wanted {wanted}")
        if not self.images:
            raise BenchError("no images are given, wanted names, sets, folders or files; `cryptobench images list`")
        require_sides(self.attack_sides, "attack_sides")
        if not self.analyses and not self.attacks:
            raise BenchError(
                "no analyses and no attacks are given; `cryptobench list analyses` and `list attacks` show them"
            )

    @property
    def workers(self) -> int:
        """How many worker processes run on this machine."""
        if self.jobs:
            return self.jobs
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    @property
    def memory_bytes(self) -> int | None:
        """The memory limit of one worker; None for no limit, which is also what "auto" means on a cluster."""
        if self.memory == "off" or (self.memory == "auto" and self.dask):
            return None
        if self.memory == "auto":
            import psutil

            return int(0.8 * psutil.virtual_memory().total / self.workers)
        return int(self.memory) << 20

    def as_dict(self) -> dict[str, Any]:
        """The settings as JSON values."""
        plain: dict[str, Any] = json.loads(json.dumps({f.name: getattr(self, f.name) for f in fields(self)}))
        return plain

    def toml(self) -> str:
        """The settings as a profile that gives the same run again."""
        values = self.as_dict()
        tasks = {key: values.pop(key) for key in ("analyses", "attacks")}
        lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
        for what, tables in tasks.items():
            for name, parameters in tables.items():
                lines += ["", f"[{what}.{_toml_key(name)}]"]
                lines += [f"{key} = {_toml(value)}" for key, value in parameters.items()]
        return "\n".join(lines) + "\n"


def settings(profile: str = "standard", *, every_cipher: bool = False, **overrides: Any) -> Settings:
    """The settings of a profile (a name or a path to a TOML file) with ``overrides`` in place of its own.

    ``analyses`` and ``attacks`` may be lists of names: those of the profile, with its parameters, or others with their
    own defaults; where only one of the two is given, the other is empty. ``every_cipher`` adds all registered ciphers.
    An override that is None is none. BenchError for settings that cannot be understood.
    """
    values = read_profile(profile)
    values.pop("summary", None)
    overrides = {key: value for key, value in overrides.items() if value not in (None, (), [])}
    values["attacks"] = _every_attack(values.get("attacks", {}))
    chosen = {what: overrides.pop(what) for what in ("analyses", "attacks") if what in overrides}
    for what in ("analyses", "attacks") if chosen else ():
        names = chosen.get(what, ())
        if not isinstance(names, Mapping):
            names = {name: values[what].get(name, {}) for name in names}
        values[what] = _every_attack(names) if what == "attacks" else names
    values |= overrides
    for key in ("ciphers", "images"):
        values[key] = _references(values.get(key, "all" if key == "ciphers" else ()), key)
    if isinstance(values.get("attack_sides"), list):
        values["attack_sides"] = tuple(values["attack_sides"])
    if every_cipher:
        values["ciphers"] = tuple(dict.fromkeys(("all", *values["ciphers"])))
    if "size" not in values:
        raise BenchError(f"profile {profile} sets no size, wanted the images' side in pixels")
    return Settings(**values)


def require_sides(sides: object, what: str) -> None:
    """Raise BenchError unless ``sides`` are sides in pixels."""
    if not (isinstance(sides, list | tuple) and all(_positive(side) and side <= _LARGEST_SIZE for side in sides)):
        raise BenchError(f"{what} is {sides!r}, wanted a list of sides in pixels from 1 to {_LARGEST_SIZE}")


@cache
def profile_names() -> tuple[str, ...]:
    """The built-in profiles, the shortest run first."""
    names = [
        Path(file.name).stem for file in (files("cryptobench") / "profiles").iterdir() if file.name.endswith(".toml")
    ]
    return tuple(sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)))


def profile_summaries() -> list[tuple[str, str]]:
    """(name, summary) of each built-in profile."""
    return [(name, str(read_profile(name).get("summary", ""))) for name in profile_names()]


def read_profile(reference: str, _seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """A profile by name, or from a path to a TOML file, with what it extends filled in.

    A file that says ``extends = "standard"`` changes only what it names; tables of analyses and attacks are merged key
    by key, and ``timing = false`` under ``[analyses]`` drops an analysis. BenchError for what cannot be understood.
    """
    text, identity, name = _text(reference)
    if identity in _seen:
        raise BenchError(f"profile {reference} extends itself")
    try:
        own = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error).partition(";")[0]
        raise BenchError(f"profile {reference} is no valid TOML: {reason}") from None
    for key in own:
        if key not in _KEYS:
            raise BenchError(f"profile {reference}: unknown key {key!r}{nearest(key, _KEYS)}")
    for what, example in (("analyses", "entropy"), ("attacks", "determinism")):
        tables = own.get(what, {})
        if not isinstance(tables, dict) or not all(isinstance(v, dict) or v is False for v in tables.values()):
            one = "analysis" if what == "analyses" else "attack"
            raise BenchError(
                f"profile {reference}: wanted a table for each {one}, such as [{what}.{example}], or false"
            )
    base = read_profile(_extended(own, reference), (*_seen, identity)) if "extends" in own else {}
    merged = {key: value for key, value in base.items() if key != "summary"} | {"name": name} | own
    for what in ("analyses", "attacks"):
        merged[what] = _merge(base.get(what, {}), own.get(what, {}))
    merged.pop("extends", None)
    return merged


def _every_attack(tables: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The tables with ``all`` in full: every registered attack, with the parameters of ``all`` and its own."""
    if "all" not in tables:
        return dict(tables)
    from cryptobench.registry import attack_names

    named = dict.fromkeys([*attack_names(), *(name for name in tables if name != "all")])
    return {name: tables["all"] | tables.get(name, {}) for name in named if tables.get(name) is not False}


def _references(value: object, key: str) -> tuple[str, ...]:
    references = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else (None,)
    if not all(isinstance(reference, str) and reference for reference in references):
        raise BenchError(f"{key} is {value!r}, wanted a list of names")
    return tuple(map(str, references))


def _text(reference: str) -> tuple[str, str, str]:
    if reference in profile_names():
        return (files("cryptobench") / "profiles" / f"{reference}.toml").read_text("utf-8"), reference, reference
    path = Path(reference).expanduser()
    if not reference.endswith(".toml"):
        raise BenchError(f"unknown profile {reference!r}{nearest(reference, profile_names())}; or name a .toml file")
    try:
        return Source(path, BenchError, "wanted a profile").text(MEBIBYTE), str(path.resolve()), path.stem
    except FileNotFoundError as error:
        raise BenchError(f"profile {reference} cannot be read: {(error.strerror or str(error)).lower()}") from None


def _extended(own: dict[str, Any], reference: str) -> str:
    base = own["extends"]
    if not isinstance(base, str):
        raise BenchError(f"profile {reference}: extends is {base!r}, wanted the name of a profile or of a .toml file")
    if base.endswith(".toml") and not Path(base).expanduser().is_absolute():
        return str(Path(reference).expanduser().parent / base)
    return base


def _merge(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Tables of both, key by key; false drops one, and is kept beside ``all``, from which it takes one out."""
    merged = {name: parameters and dict(parameters) for name, parameters in base.items()}
    for name, parameters in own.items():
        if parameters is not False:
            merged[name] = (merged.get(name) or {}) | parameters
        elif "all" in merged or "all" in own:
            merged[name] = False
        else:
            merged.pop(name, None)
    return merged


def _integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _toml(value: Any) -> str:
    # JSON's strings, numbers, booleans and arrays are TOML's too.
    return json.dumps(value, ensure_ascii=False)


def _toml_key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _toml(key)
