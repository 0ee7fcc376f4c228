"""What a command was given cannot be done: one line, exit code 2."""

from __future__ import annotations

import click

__all__ = ["Mistake"]


class Mistake(click.ClickException):
    """An error in what the user gave; exit code 1 is left to commands that did what they were asked, and found bad."""

    exit_code = 2
