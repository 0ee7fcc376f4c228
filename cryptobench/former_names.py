"""Names of earlier releases: whoever uses one reads in one line what it is called now.

`cryptobench.catalogue.RENAMED` has those of analyses and attacks.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import NoReturn, ParamSpec, TypeVar

__all__ = ["OPTIONS", "PAGE", "RUNG", "answer_for", "without"]

PAGE = "docs/upgrading.md says what else changed"
OPTIONS: Mapping[tuple[str, str], str] = {
    ("attack", "--mode"): "it is --nonce now: fresh for respect, fixed for misuse, both",
    ("attack", "--security-level"): "it is --require now, such as --require confidentiality=5",
    ("calibrate", "--power-seeds"): "it is --control-seeds now",
    ("run", "--security-level"): "it is --require now, such as --require confidentiality=5",
}
"""By verb and option of the command line, what it is now."""

RUNG = 'require="confidentiality=5" asks for a level'

P = ParamSpec("P")
T = TypeVar("T")


def answer_for(module: str, names: Mapping[str, str]) -> Callable[[str], NoReturn]:
    """A module's ``__getattr__`` that answers its old ``names`` with what they are now: ImportError in one line."""

    def missing(name: str) -> NoReturn:
        if name in names:
            raise ImportError(f"{module} has no {name}: {names[name]}; {PAGE}")
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return missing


def without(**arguments: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A function that answers its old ``arguments`` with what they are now: TypeError in one line."""

    def decorated(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def called(*given: P.args, **named: P.kwargs) -> T:
            __tracebackhide__ = True
            for name in arguments.keys() & named.keys():
                raise TypeError(f"{function.__name__}() has no argument {name}: {arguments[name]}; {PAGE}")
            return function(*given, **named)

        return called

    return decorated
