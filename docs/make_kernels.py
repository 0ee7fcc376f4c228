"""Write docs/kernels.md, our compiled kernels beside the best library calls: `python docs/make_kernels.py`.

Each call is timed in processor time on one thread, the two in turn, and the least of several rounds counts, so that a
busy machine does little harm. A second process does the same without AVX-512, in numpy, torch and numba alike. Five
minutes in all, with what `compilation` measures.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numba
import numpy as np
import scipy
import skimage
import torch
from compilation import Parts, compilation
from kernel_cases import CASES, Case

from cryptobench.files import write_text
from cryptobench.provenance import cpu_model

__all__ = ["elsewhere", "machine", "require_equal", "time_pair", "verdict"]

PAGE = Path(__file__).with_name("kernels.md")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
WITHOUT_AVX512 = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "-avx512f",  # without it the processor's own instructions stay
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}

_TARGET = 1 / 3  # of the library's time that ours has to save, in one of the two columns
_COLUMNS = """| kernel | on | best library call | AVX-512: ours : library, ms | AVX2: ours : library, ms | it stays |
|---|---|---|---|---|---|"""
_HEAD = """# Our kernels beside libraries

What this package compiles itself, beside the best call that a library has for it: milliseconds of processor time on one
thread, {machine}. The second column of times is
from the same machine with AVX-512 switched off in NumPy, numba and torch.
`python docs/make_kernels.py` writes this page; it first compares the results of each two calls.

A kernel stays where it saves a third of the library's time in one of the two columns, or gives what no library does.
What does neither is not here, but is the library's call: sorts are `numpy.sort`, the inverses of chains and a running
sum are slices of arrays, planes are copied side by side by NumPy.

No library has orbits, whose every state waits for the last one, nor chains with rotations or tables, nor trains of
swaps: a row each stands for the maps and flows in `primitives/chaos/maps`, the DNA, Feistel and byte-wise chains, and
the shuffles. Nor has one that this package depends on Ascon, POLYVAL, error diffusion, linear complexities of blocks
or the ranks, templates and walks of SP 800-22. In registers means: written with the vector instructions of
`primitives/simd`, beside the same formula as numba compiles it. The sums of the metrics are exact integers, where
libraries give floating-point numbers. Networks give the same bytes on every processor, which no library promises, and
stay for that: they do not all save a third of the time of a library in the same precision, and one in bfloat16 is
faster than they are. [How learned ciphers are run](inference.md) has both ways, and more of them.

"AVX2" is `NUMBA_CPU_NAME=haswell NUMBA_CPU_FEATURES=-avx512f` to Numba, which by the first alone keeps the longer
registers, `NPY_DISABLE_CPU_FEATURES` to NumPy, `ONEDNN_MAX_CPU_ISA=AVX2` to OpenVINO and torch."""
_COMPILED = """
## Compilation

A fresh installation compiles each kernel at its first use, once, and keeps it beside the source. All built-in ciphers,
`metric_set` and SP 800-22 take {total:.0f} seconds of processor time, beside other work on the machine, for {count}
functions, numba's own among them; `import cryptobench` compiles none. Each part counts what those before it have not
compiled: import, metrics, SP 800-22, ciphers by name; ciphers below a second are left out.
`python docs/compilation.py` prints every kernel.

| part | seconds | functions | the longest |
|---|---|---|---|"""


def time_pair(ours: Callable[[], Any], library: Callable[[], Any] | None, rounds: int = 7) -> list[float | None]:
    """Milliseconds of processor time of each call, the least over ``rounds``; None for the call that there is not."""
    calls = [call for call in (ours, library) if call is not None]
    best = [float("inf")] * len(calls)
    for call in calls:
        call()
    for _ in range(rounds):
        for place, call in enumerate(calls):
            start, count = process_time(), 0
            while (spent := process_time() - start) < 0.02 or not count:
                call()
                count += 1
            best[place] = min(best[place], 1000 * spent / count)
    return [*best, None][:2]


def require_equal(case: Case) -> None:
    """ValueError where the two calls of ``case`` do not give the same."""
    if case.call is None or case.compare is None:
        return
    one, two = (np.asarray(case.compare(call()), np.float64) for call in (case.ours, case.call))
    if not np.allclose(one, two, rtol=1e-6, atol=0):
        raise ValueError(f"{case.name} and {case.library} do not give the same")


def verdict(case: Case, times: list[list[float | None]]) -> str:
    """What follows from the times with AVX-512 and without."""
    if case.call is None:
        return case.why or "no library call"
    if case.why:
        return case.why
    saved = [1 - ours / library for ours, library in times if ours is not None and library is not None]
    return "faster" if max(saved) >= _TARGET else "level"


def _measured() -> list[list[float | None]]:
    torch.set_num_threads(1)
    for case in CASES:
        require_equal(case)
    return [time_pair(case.ours, case.call) for case in CASES]


def elsewhere(script: Path, settings: dict[str, str]) -> Any:
    """What ``script --times`` prints in a process of its own, on one thread, as JSON in its last line.

    It compiles everything anew: numba keeps a kernel as long as its own file is the same, whatever it calls.
    """
    with TemporaryDirectory() as compiled:
        environment = os.environ | ONE_THREAD | {"NUMBA_CACHE_DIR": compiled} | settings
        command = [sys.executable, str(script.resolve()), "--times"]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _page(columns: list[list[list[float | None]]], parts: Parts) -> str:
    lines = [_HEAD.format(machine=machine())]
    group = ""
    for k, case in enumerate(CASES):
        if case.group != group:
            group = case.group
            lines.append(f"\n## {group}\n\n{_COLUMNS}")
        times = [column[k] for column in columns]
        cells = [_pair(pair) for pair in times]
        entries = [f"`{case.name}`", case.what, case.library or "–", *cells, verdict(case, times)]
        lines.append(f"| {' | '.join(entries)} |")
    return "\n".join([*lines, compiled(parts)]) + "\n"


def compiled(parts: Parts) -> str:
    """The section on compilation: every part that takes a second or more, and its longest kernel."""
    totals = {name: sum(kernels.values()) for name, kernels in parts.items()}
    lines = [_COMPILED.format(total=sum(totals.values()), count=sum(map(len, parts.values())))]
    for name, seconds in sorted(totals.items(), key=lambda item: -item[1]):
        if seconds >= 1 or name == "import":
            longest = max(parts[name], key=parts[name].__getitem__, default="–")
            lines.append(f"| {name} | {seconds:.1f} | {len(parts[name])} | `{longest.removeprefix('cryptobench.')}` |")
    return "\n".join(lines)


def machine() -> str:
    """Processor, Python and libraries."""
    cpu = cpu_model()
    versions = ", ".join(f"{module.__name__} {module.__version__}" for module in (np, scipy, skimage, numba, torch))
    return f"{cpu}, Python {platform.python_version()}, {versions}"


def _pair(pair: list[float | None]) -> str:
    ours, library = pair
    return f"{ours:.2g}" if library is None else f"{ours:.2g} : {library:.2g}"


def main() -> None:
    """Write the page, or print the times of this process as JSON for the one that writes it."""
    if "--times" in sys.argv[1:]:
        print(json.dumps(_measured()))
    else:
        write_text(PAGE, _page([elsewhere(Path(__file__), way) for way in ({}, WITHOUT_AVX512)], compilation()))


if __name__ == "__main__":
    main()
