"""What the options and arguments of several verbs share."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

__all__ = ["complete_cipher", "names"]


def names(context: click.Context, parameter: click.Parameter, value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """The callback of an option that takes names separated by commas; empty if it is not given.

    One that is given and names nothing, as an unset variable of a script does, is refused: it would mean everything.
    """
    given = (value,) if isinstance(value, str) else value or ()
    found = tuple(part.strip() for item in given for part in item.split(",") if part.strip())
    if given and not found:
        raise click.BadParameter("it names nothing; leave the option out, or give names separated by commas")
    return found


def complete_cipher(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For the shell: the registered ciphers that begin like this, else files."""
    from cryptobench.registry import cipher_names

    found = [CompletionItem(name) for name in cipher_names() if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]
