"""A process that has loaded NumPy and numba, and nothing of ours or of a cipher's, and forks a new process on request.

It is run as a program, by its path, and imports nothing of this package, so that a process that it forks knows no more
than a new Python does. Requests come on standard input as lines of JSON, answers go to standard output the same way.
It ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.metadata
import json
import os
import random
import select
import signal
import sys
import time
import traceback
from types import ModuleType
from typing import Any

__all__: list[str] = []

_FIRST = ("dataclasses", "hashlib", "inspect", "queue", "tempfile", "tomllib", "zlib", "lazy_loader", "numpy.random")


def load_libraries() -> None:
    """What new processes load first anyway; numba is made ready to compile. No threads are started by that."""
    for name in _FIRST:
        importlib.import_module(name)
    importlib.metadata.entry_points()  # Python keeps what it finds
    numba: Any = importlib.import_module("numba")
    numba.njit(_same)(1)


def _same(value: int) -> int:
    return value


def load_torch() -> None:
    """Loaded once one of the forked processes has needed it."""
    with contextlib.suppress(Exception):
        importlib.import_module("torch")


def has_threads() -> bool:
    """Whether this process has more than one thread, of Python or of a library: then a fork may not be usable."""
    return len(os.listdir("/proc/self/task")) > 1  # noqa: PTH208


def become_new(request: dict[str, Any], say: int) -> None:
    """What the forked process does: it becomes one as the request wants it, and runs the program; it never returns."""
    code = 1
    try:
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDWR)
        for old, new in ((nothing, 0), (nothing, 1), (output, 2)):
            os.dup2(old, new)
        os.close(output)
        os.close(nothing)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        sys.argv[:] = ["-c", *request["arguments"]]
        random.seed()
        sys.modules["numpy.random"].seed()
        main = sys.modules["__main__"] = ModuleType("__main__")
        exec(request["program"], vars(main))
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1 if error.code else 0
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            os.write(say, b"t" if "torch" in sys.modules else b"n")
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code & 0xFF)


def wait_for(child: int, seconds: float) -> bool:
    """Wait until a child has ended; False, and it is killed, if that takes longer, or if whoever asks has gone."""
    process, end = os.pidfd_open(child), time.monotonic() + seconds
    try:
        ready, _, _ = select.select([process, 0], [], [], max(0.0, end - time.monotonic()))
        if process in ready:
            return True
        os.kill(child, signal.SIGKILL)  # nothing is asked meanwhile: what can be read is the end of standard input
        return False
    finally:
        os.close(process)


def serve(request: dict[str, Any], answers: int) -> dict[str, Any]:
    """Fork one process, and say how it ended: ``code``, None if it took too long, and the core-seconds it used."""
    heard, say = os.pipe()
    child = os.fork()
    if not child:
        os.close(heard)
        os.close(answers)
        become_new(request, say)
    os.close(say)
    in_time = wait_for(child, request["seconds"])
    os.set_blocking(heard, False)
    said = b""
    with contextlib.suppress(BlockingIOError):  # what the process has started may hold it open
        said = os.read(heard, 1)
    os.close(heard)
    _, status, spent = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status) if in_time else None
    return {"code": code, "torch": said == b"t", "core_seconds": spent.ru_utime + spent.ru_stime}


def main() -> None:
    """Answer requests until standard input ends."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what libraries print when they are loaded is no answer

    def say(answer: dict[str, Any]) -> None:
        os.write(answers, json.dumps(answer).encode() + b"\n")

    load_libraries()
    os.close(os.pidfd_open(os.getpid()))  # OSError, and the end, where the kernel is older than 5.3
    say({"ready": not has_threads()})
    counted = 0.0
    gc.freeze()
    for line in sys.stdin:
        answer = serve(json.loads(line), answers)
        now = time.process_time()
        answer["core_seconds"] += now - counted
        counted = now
        say(answer)
        if answer["torch"] and "torch" not in sys.modules:
            load_torch()
            if has_threads():
                return
            gc.freeze()


if __name__ == "__main__":
    main()
