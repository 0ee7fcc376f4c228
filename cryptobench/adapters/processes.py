"""A program's processes: one for a call, or one that serves all of them; each ends with the call, or with us."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from cryptobench.terminal import one_line

__all__ = ["Failed", "Server", "run_once"]

_LONGEST = 200  # characters of what a program says, in a message
_MOST_SAID = 1 << 16  # bytes of standard output that are kept
_MOST_COMPLAINED = 64 << 20  # bytes of standard error, on a disk
_LOOK_SECONDS = 0.25
_GOODBYE_SECONDS = 1.0


class Failed(Exception):
    """A program hung, died, or broke the rules of the exchange; the message is a clause that says how."""

    def __init__(self, clause: str, *, hangs: bool = False) -> None:
        super().__init__(clause)
        self.hangs = hangs


def run_once(command: Sequence[str], folder: Path, complaints: Path, seconds: float) -> tuple[int, str, str]:
    """Run a command in a folder: its exit code, the beginning of what it printed, its last line on standard error.

    ``complaints`` is the file for standard error. `Failed` if it cannot be started, is killed, or takes more seconds.
    """
    with complaints.open("wb") as errors:
        process = _start(command, folder, subprocess.DEVNULL, errors)
    assert process.stdout is not None
    try:
        said, deadline = bytearray(), time.monotonic() + seconds
        while True:
            some = _next(process, deadline, complaints, seconds)
            if not some:
                break
            said += some[: _MOST_SAID - len(said)]
        try:
            code = process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failed(f"did not end within {seconds:g} s", hangs=True) from None
    finally:
        _end(process)
    if code < 0:
        raise Failed(_ending(code, complaints))
    return code, shortened(said.decode(errors="replace")), _last_line(complaints)


class Server:
    """A process that answers one line with one line, for as long as it lives."""

    def __init__(self, command: Sequence[str], folder: Path, complaints: Path) -> None:
        """Start it in a folder; `Failed` if that is not possible."""
        self.owner, self._complaints = os.getpid(), complaints
        with complaints.open("ab") as errors:
            self._process = _start(command, folder, subprocess.PIPE, errors)
        self._left, self._answered = bytearray(), False

    def ask(self, line: str, seconds: float) -> str:
        """What it answers to a line; `Failed` if it does not, within so many seconds: it is of no use afterwards."""
        assert self._process.stdin is not None
        deadline, before = time.monotonic() + seconds, ""
        try:
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        except OSError:
            raise Failed(self._how_it_ended(before)) from None
        while True:
            answer = self._line(deadline, seconds, before)
            if answer.split(" ", 1)[0] in ("ok", "error"):
                self._answered = True
                return answer
            if self._answered or not answer:
                said = f'"{shortened(answer)}"' if answer else "an empty line"
                raise Failed(f"answered {said}, wanted ok, or error and a reason; print nothing else")
            before = before or answer  # what languages greet with

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it, by the end of its input or else by force; in another process than its owner nothing happens."""
        if os.getpid() != self.owner:
            return
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GOODBYE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End it by force."""
        if os.getpid() == self.owner:
            _end(self._process)

    def _line(self, deadline: float, seconds: float, before: str) -> str:
        while b"\n" not in self._left:
            try:
                some = _next(self._process, deadline, self._complaints, seconds)
            except Failed as failure:
                printed = before or self._left.decode(errors="replace")
                more = f'; it printed "{shortened(printed)}"' if printed else ""
                raise Failed(f"{failure}{more}", hangs=failure.hangs) from None
            if not some:
                raise Failed(self._how_it_ended(before))
            self._left += some
            if len(self._left) > _MOST_SAID:
                raise Failed(f"printed more than {_MOST_SAID >> 10} KiB in one line, wanted ok, or error and a reason")
        line, _, rest = bytes(self._left).partition(b"\n")
        self._left = bytearray(rest)
        return line.decode(errors="replace").strip()

    def _how_it_ended(self, before: str) -> str:
        try:
            code = self._process.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            return "closed its standard output"
        said = _ending(code, self._complaints)
        return f"{said}: {shortened(before)}" if before and ": " not in said else said


def shortened(text: str) -> str:
    """The beginning of a text, on one line."""
    text = one_line(" ".join(text.split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _start(command: Sequence[str], folder: Path, source: int, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(list(command), stdin=source, stdout=subprocess.PIPE, stderr=errors, cwd=folder)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = "; is its first line #!/usr/bin/env ...?" if "exec format" in reason else ""
        raise Failed(f"cannot be started: {reason}{hint}") from None


def _next(process: subprocess.Popen[bytes], deadline: float, complaints: Path, seconds: float) -> bytes:
    """What it prints next; nothing if it has ended, or has closed its output."""
    assert process.stdout is not None
    while True:
        left = deadline - time.monotonic()
        if select.select([process.stdout], [], [], max(0.0, min(left, _LOOK_SECONDS)))[0]:
            return os.read(process.stdout.fileno(), 1 << 16)
        if process.poll() is not None:  # a child that it has left holds its output open
            return b""
        if left <= 0:
            raise Failed(f"did not answer within {seconds:g} s", hangs=True)
        with contextlib.suppress(OSError):
            if complaints.stat().st_size > _MOST_COMPLAINED:
                raise Failed(f"wrote more than {_MOST_COMPLAINED >> 20} MiB to standard error")


def _ending(code: int, complaints: Path) -> str:
    last = _last_line(complaints)
    more = f": {last}" if last else ""
    if code >= 0:
        return f"ended with exit code {code}{more}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}{more}"


def _last_line(complaints: Path) -> str:
    try:
        with complaints.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4096))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return shortened(lines[-1]) if lines else ""


def _end(process: subprocess.Popen[Any]) -> None:
    """End a process and those that it has started, and close our ends of its streams."""
    import psutil

    family: list[Any] = []
    if process.poll() is None:
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    for one in family:
        with contextlib.suppress(psutil.Error):
            one.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
