"""Seconds that numba compiles, by what is used first and by kernel: `python docs/compilation.py`, a minute or two.

Prints JSON: for each part the seconds of processor time and the kernels with theirs. A kernel that several parts use
counts for the first of them, in the order import, metrics, SP 800-22, and then each built-in cipher.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

__all__ = ["compilation"]

Parts = dict[str, dict[str, float]]  # part -> kernel -> seconds


def compilation() -> Parts:
    """What a new process with an empty cache compiles."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__).resolve()), "--here"]
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    parts: Parts = json.loads(done.stdout.splitlines()[-1])
    return parts


def _compile_here() -> Parts:
    from numba.core import event

    class Compilations(event.Listener):  # type: ignore[misc]
        def __init__(self) -> None:
            self.open: list[list[float]] = []
            self.seconds: dict[str, float] = defaultdict(float)

        def on_start(self, started: Any) -> None:
            self.open.append([process_time(), 0.0])

        def on_end(self, ended: Any) -> None:
            start, within = self.open.pop()
            spent = process_time() - start
            function = ended.data["dispatcher"].py_func
            self.seconds[f"{function.__module__}.{function.__qualname__}"] += spent - within
            if self.open:
                self.open[-1][1] += spent

    heard = Compilations()
    event.register("numba:compile", heard)
    parts: Parts = {}
    for name, use in _uses():
        before = dict(heard.seconds)
        use()
        after = heard.seconds.items()
        parts[name] = {kernel: spent - before.get(kernel, 0) for kernel, spent in after if spent != before.get(kernel)}
    return parts


def _uses() -> list[tuple[str, Callable[[], Any]]]:
    def importing() -> None:
        import cryptobench.api
        import cryptobench.metrics
        import cryptobench.primitives  # noqa: F401

    def metrics() -> None:
        import numpy as np

        from cryptobench.metrics import metric_set

        metric_set(*np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8))

    def randomness() -> None:
        import numpy as np

        from cryptobench.metrics.randomness import battery

        battery(np.random.default_rng(0).bytes(125_000))

    from cryptobench.registry import cipher_names

    ciphers = [(name, lambda name=name: _round_trip(name)) for name in cipher_names()]
    return [("import", importing), ("metric_set", metrics), ("SP 800-22", randomness), *ciphers]


def _round_trip(name: str) -> None:
    import numpy as np

    from cryptobench.cipher import UnsupportedImage
    from cryptobench.registry import load_cipher

    cipher = load_cipher(name)
    key = bytes(range(cipher.card.key_bytes))
    for shape in ((64, 64, 3), (64, 64), (128, 128, 3), (256, 256)):
        try:
            encrypted = cipher.encrypt(np.zeros(shape, np.uint8) + np.uint8(7), key, bytes(16))
        except UnsupportedImage:
            continue
        cipher.decrypt(encrypted, key)
        return


if __name__ == "__main__":
    print(json.dumps(_compile_here() if "--here" in sys.argv[1:] else compilation()))
