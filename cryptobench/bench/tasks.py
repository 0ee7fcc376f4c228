"""Analyses and attacks of a run, with parameters as a profile writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal

from cryptobench.bench.cell import with_tuples
from cryptobench.bench.errors import BenchError
from cryptobench.references import absolute
from cryptobench.terminal import nearest

__all__ = ["Kind", "load_task", "make_task", "parameters_of"]

Kind = Literal["analysis", "attack"]


def load_task(kind: Kind, reference: str, **parameters: Any) -> Any:
    """An `Analysis` or `Attack` from the registry."""
    from cryptobench.registry import load_analysis, load_attack

    return (load_analysis if kind == "analysis" else load_attack)(reference, **parameters)


def make_task(kind: Kind, reference: str, parameters: Mapping[str, Any]) -> Any:
    """An `Analysis` or `Attack` with parameters as a profile writes them; BenchError for those that do not fit."""
    from cryptobench.registry import RegistryError

    reference = absolute(reference)
    default = load_task(kind, reference)
    defaults = {item.name: getattr(default, item.name) for item in fields(default)}
    plain: dict[str, Any] = {}
    for name, value in parameters.items():
        if name not in defaults:
            raise BenchError(f"{kind} {reference} has no parameter {name!r}{nearest(name, defaults)}")
        plain[name] = float(value) if type(defaults[name]) is float and type(value) is int else with_tuples(value)
        if not _fits(plain[name], defaults[name]):
            wanted = type(defaults[name]).__name__.replace("tuple", "list")
            raise BenchError(f"{kind} {reference}: {name} is {value!r}, wanted {wanted} such as {defaults[name]!r}")
    try:
        return load_task(kind, reference, **plain)
    except RegistryError:
        raise
    except (ValueError, TypeError) as error:
        raise BenchError(f"{kind} {reference}: {error}") from None


def parameters_of(table: Mapping[str, Any], *planning: str) -> dict[str, Any]:
    """A task's own parameters in its table of a profile, without the keys that are for planning."""
    return {key: value for key, value in table.items() if key not in planning}


def _fits(value: object, default: object) -> bool:
    if default is None or value is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))
