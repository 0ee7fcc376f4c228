"""The command line: one verb a file. Verbs import what is heavy inside their functions, so that help is instant."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from cryptobench.cli.mistake import Mistake
from cryptobench.former_names import OPTIONS
from cryptobench.terminal import nearest, one_line
from cryptobench.version import __version__

__all__ = ["main"]

_VERBS = (
    "run", "attack", "measure", "calibrate", "train", "ablate", "report", "site", "check", "claims", "plausible",
    "list", "show", "validate", "new", "randomness", "dump", "images", "encrypt", "decrypt",
)  # fmt: skip
_CODE_HOMES = ("cryptobench",)
_OF_A_PATH = (FileNotFoundError, FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError)
_OF_A_NAME = (errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL)


class _Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_VERBS]  # "list" is a submodule here once it is imported

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        command: click.Command = importlib.import_module(f"cryptobench.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest verb when there is none of that name."""
        if args[0] not in _VERBS and not args[0].startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"No such command {args[0]!r}{nearest(args[0], _VERBS)}")
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """As click does it; `--help` and `--version` are written here."""
        with _one_line_errors():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it, with one line for each error that is meant for users."""
        with _one_line_errors(), _ended_by_sigterm():
            return super().invoke(ctx)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn the errors that are meant for users into one line each, with exit code 2 for what the user gave."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:  # no error: it prints the help
        raise
    except click.UsageError as error:
        message = _renamed(error) or one_line(error.format_message()).rstrip(".")
        more = " See" if message.endswith("?") else "; see"
        path = error.ctx.command_path if error.ctx is not None else "cryptobench"
        raise Mistake(f"{message}{more} `{path} --help`") from None
    except click.ClickException as error:
        kind = Mistake if error.exit_code == Mistake.exit_code else click.ClickException
        raise kind(one_line(error.message)) from error.__cause__
    except ValueError as error:
        if os.environ.get("CRYPTOBENCH_DEBUG") or type(error).__module__.partition(".")[0] not in _CODE_HOMES:
            raise
        kind = click.ClickException if _is_of_the_machine(error.__cause__ or error.__context__) else Mistake
        raise kind(one_line(str(error))) from None
    except OSError as error:
        if os.environ.get("CRYPTOBENCH_DEBUG") or error.errno == errno.EPIPE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        kind = click.ClickException if _is_of_the_machine(error) else Mistake
        raise kind(one_line(f"{where}{error.strerror or error}")) from None


def _renamed(error: click.UsageError) -> str:
    """What an option of an earlier release is called now; empty for any other mistake."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return ""
    now = OPTIONS.get((error.ctx.info_name or "", error.option_name))
    return f"No such option {error.option_name!r}: {now}" if now else ""


def _is_of_the_machine(error: BaseException | None) -> bool:
    """Whether it is about the disk, say, and not about what the user gave."""
    return isinstance(error, OSError) and not isinstance(error, _OF_A_PATH) and error.errno not in _OF_A_NAME


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Have SIGTERM end the command like any other error does: with its temporary files removed, processes ended."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="cryptobench")
def main() -> None:
    """Measure and attack image ciphers: the proposed, the published, the standard, the weak, and your own.

    Start with `cryptobench run --profile quick`, or `cryptobench new my_cipher` to add a cipher.
    """
