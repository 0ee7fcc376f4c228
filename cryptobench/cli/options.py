"""What the options and arguments of several verbs share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

__all__ = ["complete_cipher", "names"]


def names(context: click.Context, parameter: click.Parameter, value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """The callback of an option that takes names separated by commas; empty if it is not given.

    A comma within the path of a file or folder that exists is part of it, and so is one within double quotes. An option
    that is given and names nothing, as an unset variable of a script does, is refused: it would mean everything.
    """
    given = (value,) if isinstance(value, str) else value or ()
    found = tuple(name for item in given for name in _split(item))
    if given and not found:
        raise click.BadParameter("it names nothing; leave the option out, or give names separated by commas")
    return found


def _split(text: str) -> Iterator[str]:
    parts = text.split(",")
    while parts:
        count = next((n for n in range(len(parts), 1, -1) if _is_one(",".join(parts[:n]).strip())), 1)
        name = ",".join(parts[:count]).strip()
        parts = parts[count:]
        if name := name[1:-1] if _is_quoted(name) else name:
            yield name


def _is_one(name: str) -> bool:
    """Whether a text with commas in it is one name: a path to what exists, or in quotes."""
    path, _, class_name = name.rpartition(":") if ".py:" in name else (name, "", "C")
    try:
        return _is_quoted(name) or (class_name.isidentifier() and Path(path).expanduser().exists())
    except (OSError, RuntimeError, ValueError):  # too long, no such home, a null character
        return False


def _is_quoted(name: str) -> bool:
    return len(name) > 1 and name[0] == name[-1] == '"' and '"' not in name[1:-1]


def complete_cipher(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For the shell: the registered ciphers that begin like this, else files."""
    from cryptobench.registry import cipher_names

    found = [CompletionItem(name) for name in cipher_names() if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]
