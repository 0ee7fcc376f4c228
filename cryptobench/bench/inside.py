"""What runs inside a worker process: it answers one question after another, and is gone when its parent is.

Imports nothing heavy: limits are set before NumPy and numba load.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import importlib.util
import io
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any, Literal

from cryptobench.bench.process import FRAME_BYTES
from cryptobench.families import end_with_the_parent

__all__ = ["Answer", "leave_compilation_uncounted", "main", "uncounted"]

# ("ready", None), ("value", what a call gave), ("raised", the exception), ("clock", whether time counts from here on)
Answer = tuple[Literal["ready", "value", "raised", "clock"], Any]
_PLAIN = (str, bytes, int, float, bool, type(None))
_say: Callable[[Answer], None] = lambda answer: None  # noqa: E731  (in a process that is no worker nobody listens)
_depth = 0  # how many parts that do not count are open
_listening = False  # whether numba's compilations are among them


def main(questions: int, life: int, memory: int | None) -> None:
    """Answer questions, (function, arguments), which come from the connection with file descriptor ``questions``.

    ``life`` is the end of a pipe that the parent holds open as long as it lives. ``memory`` in bytes is limited by
    RLIMIT_DATA, which counts private writable memory on Linux; macOS accepts the limit but does not hold processes to
    it.
    """
    global _say
    connection, own = Connection(questions), os.getpid()
    for descriptor in (questions, life):
        os.set_inheritable(descriptor, False)

    def say(answer: Answer) -> None:
        if os.getpid() != own:  # a cipher has forked: its child may not answer in the worker's place
            os._exit(1)
        message = pickle.dumps(answer)
        rest = memoryview(len(message).to_bytes(FRAME_BYTES, "big") + message)
        while rest:
            rest = rest[os.write(questions, rest) :]

    _say = say
    end_with_the_parent(life)
    threading.Thread(target=_follow_parent, args=(life,), daemon=True).start()
    try:
        _prepare(memory)
    except Exception as error:
        _say(("raised", _portable(error)))
        return
    _say(("ready", None))
    while True:
        try:
            question = connection.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            function, arguments = pickle.loads(question)
            answer: Answer = ("value", function(*arguments))
        except BaseException as error:
            answer = ("raised", _portable(error))
        try:
            _say(answer)
        except OSError:  # the parent no longer listens
            return
        except Exception as error:  # what cannot be pickled
            _say(("raised", _portable(error)))


@contextmanager
def uncounted() -> Iterator[None]:
    """What happens in this context does not count towards the time limit of a call; it has a limit of its own."""
    global _depth
    _depth += 1
    if _depth == 1:
        _say(("clock", False))
    try:
        yield
    finally:
        _depth -= 1
        if _depth == 0:
            _say(("clock", True))


def leave_compilation_uncounted() -> None:
    """Have loading numba and its compilations run as in `uncounted`, from now on; nothing is loaded for that."""
    global _listening
    if _listening:
        return
    _listening = True
    if "numba" in sys.modules:
        _listen()
    else:
        sys.meta_path.insert(0, _FindsNumba())


class _FindsNumba:
    """Finds numba where others find it, and makes its loading uncounted; it is asked for every module."""

    def find_spec(self, name: str, *place: Any) -> ModuleSpec | None:
        if name != "numba":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                with uncounted() if _in_main_thread() else contextlib.nullcontext():
                    execute(module)
                _listen()

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _listen() -> None:
    event: Any = importlib.import_module("numba.core.event")

    class Listener(event.Listener):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            self._open: list[Any] = []

        def on_start(self, event: Any) -> None:
            if _in_main_thread():
                self._open.append(uncounted())
                self._open[-1].__enter__()

        def on_end(self, event: Any) -> None:
            if _in_main_thread() and self._open:
                self._open.pop().__exit__(None, None, None)

    event.register("numba:compile", Listener())


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _prepare(memory: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)
    faulthandler.enable()
    if memory is not None:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    import cryptobench.bench.measure  # noqa: F401  (so that a cell's time limit does not pay for imports)
    from cryptobench.fresh_process import keep_environment

    keep_environment()  # before a cipher changes it


def _follow_parent(life: int) -> None:
    """End this process's group when the parent has gone: what a cipher has started goes too."""
    with contextlib.suppress(OSError):
        os.read(life, 1)
    with contextlib.suppress(Exception):
        sys.stderr.flush()
    os.killpg(0, signal.SIGKILL)


def _portable(error: BaseException) -> BaseException:
    """The exception, if it is one of Python's or ours with plain arguments, else one with its name and text.

    A cipher's own classes stay here: to load one is to run its code.
    """
    with contextlib.suppress(Exception):
        ours = type(error).__module__.partition(".")[0] in ("builtins", "cryptobench")
        arguments = error.__reduce__()[1] if ours else ()
        if ours and isinstance(error, Exception) and all(type(value) in _PLAIN for value in arguments):
            fresh = pickle.loads(pickle.dumps(type(error)(*arguments)))
            if isinstance(fresh, type(error)) and str(fresh) == str(error):
                return fresh
    with contextlib.suppress(Exception):
        return RuntimeError(f"{type(error).__name__}: {error}")
    return RuntimeError(type(error).__name__)
