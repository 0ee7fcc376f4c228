"""The options that give a key on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cryptobench.cli.mistake import Mistake

if TYPE_CHECKING:
    from cryptobench.card import Card

__all__ = ["key_options", "read_key"]

_F = TypeVar("_F", bound=Callable[..., Any])


def key_options(function: _F) -> _F:
    """Add --key and --key-file."""
    file = click.option(
        "--key-file", type=click.Path(path_type=Path), metavar="FILE", help="A file with the key in hex."
    )
    return click.option("--key", metavar="HEX", help="The key in hex.")(file(function))


def read_key(key: str | None, key_file: Path | None, card: Card) -> bytes | None:
    """The key from either option, None if neither is given."""
    from cryptobench.cli.codec import parse_key

    if key is not None and key_file is not None:
        raise Mistake("both --key and --key-file are given, wanted one of them")
    if key_file is not None:
        try:
            key = key_file.read_text(encoding="ascii")
        except UnicodeDecodeError:
            raise Mistake(f"{key_file} is no text file, wanted the key in hex") from None
        except OSError as error:
            raise Mistake(f"cannot read {key_file}: {error.strerror}") from None
    return None if key is None else parse_key(key, card.key_bytes, card.name)
