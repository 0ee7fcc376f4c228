"""Profiles: TOML files that say what a run measures, three of them built in."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from cryptobench.bench.errors import BenchError

__all__ = ["nearest", "profile_names", "profile_summaries", "read_profile"]

KEYS = (
    "name", "summary", "extends", "ciphers", "images", "size", "seed", "alpha", "timeout", "memory", "jobs", "dask",
    "one_column", "attack_sides", "analyses", "attacks",
)  # fmt: skip
_ORDER = ("quick", "standard", "paper")


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
    except tomllib.TOMLDecodeError as error:
        raise BenchError(f"profile {reference} is no valid TOML: {error}") from None
    for key in own:
        if key not in KEYS:
            raise BenchError(f"profile {reference}: unknown key {key!r}{nearest(key, KEYS)}")
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


def nearest(name: str, known: Iterable[str]) -> str:
    """What to say after an unknown name: the nearest known one, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; there is {', '.join(known)}"


def _text(reference: str) -> tuple[str, str, str]:
    if reference in profile_names():
        return (files("cryptobench") / "profiles" / f"{reference}.toml").read_text("utf-8"), reference, reference
    path = Path(reference).expanduser()
    if not reference.endswith(".toml"):
        raise BenchError(f"unknown profile {reference!r}{nearest(reference, profile_names())}; or name a .toml file")
    try:
        return path.read_text("utf-8"), str(path.resolve()), path.stem
    except OSError as error:
        raise BenchError(f"profile {reference} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise BenchError(f"profile {reference} is no UTF-8 text") from None


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
