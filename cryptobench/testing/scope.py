"""Which analyses and attacks a test runs, and with what settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from cryptobench.bench.errors import BenchError
from cryptobench.bench.settings import Settings, settings
from cryptobench.catalogue import renamed
from cryptobench.registry import analysis_names, attack_names, load_analysis
from cryptobench.terminal import nearest

__all__ = ["require_names", "scope"]


def scope(
    profile: str,
    only: Collection[str] | None = None,
    attacks: bool | Collection[str] = True,
    ignore: Collection[str] = (),
    **overrides: Any,
) -> Settings:
    """The settings of ``profile``, cut down to what a test asks for; `BenchError` for names that are none.

    ``only`` names analyses and attacks; those of the profile keep its parameters. Without it all of the profile are
    run, except analyses that measure time, which judge nothing. ``attacks`` may be False, or the attacks to run.
    """
    base = settings(profile, **overrides)
    analyses, known_attacks = {*base.analyses, *analysis_names()}, {*base.attacks, *attack_names()}
    require_names(ignore, "ignore", analyses | known_attacks)
    if only is None:
        measured, chosen = [name for name in base.analyses if not load_analysis(name).alone], list(base.attacks)
    else:
        require_names(only, "only", analyses | known_attacks)
        measured, chosen = [name for name in only if name in analyses], [name for name in only if name in known_attacks]
    if attacks is not True:
        chosen = [] if attacks is False else list(attacks)
        require_names(chosen, "attacks", known_attacks)
    wanted = {name: base.analyses.get(name, {}) for name in measured if name not in ignore}
    against = {name: base.attacks.get(name, {}) for name in chosen if name not in ignore}
    if not wanted and not against:
        raise BenchError("only, attacks and ignore together leave no analysis and no attack; leave one of them out")
    return replace(base, analyses=wanted, attacks=against)


def require_names(names: Iterable[str], what: str, known: Collection[str]) -> None:
    """BenchError for a name that is not known, naming the nearest one."""
    if isinstance(names, str):
        raise BenchError(f"{what} is {names!r}, wanted a list of names such as [{names!r}]")
    for name in names:
        if name not in known:
            raise BenchError(f"{what}: there is no {name!r}{renamed(name) or nearest(name, sorted(known))}")
