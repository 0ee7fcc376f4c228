"""A user's own code runs as its source says now, whatever bytecode and compiled functions lie beside it."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import Child
from tests.own_ciphers import cipher


def answer(folder: Path, question: str) -> int:
    """What a child of this process gives that loads the cipher and evaluates the question, below 100."""

    def ask() -> None:
        from cryptobench.registry import load_cipher

        load_cipher(f"{folder / 'ciph.py'}:C")
        os._exit(int(eval(question, vars(sys.modules["ciph"]))))

    return Child(ask).wait(100.0)


@pytest.mark.parametrize("mode", ["TIMESTAMP", "UNCHECKED_HASH"])
def test_bytecode_of_ones_own_modules_is_not_used(tmp_path: Path, mode: str) -> None:
    """Neither that of an older source with the same time and size, nor one that nothing is to check."""
    (tmp_path / "ciph.py").write_text(cipher("from h import mask"))
    helper = tmp_path / "h.py"
    helper.write_text("def mask(): return 11\n")
    py_compile.compile(str(helper), invalidation_mode=py_compile.PycInvalidationMode[mode])
    state = helper.stat()
    helper.write_text("def mask(): return 22\n")
    os.utime(helper, ns=(state.st_atime_ns, state.st_mtime_ns))
    stale = [sys.executable, "-c", "import h; print(h.mask())"]
    assert subprocess.run(stale, cwd=tmp_path, capture_output=True, check=True).stdout == b"11\n"
    assert answer(tmp_path, "mask()") == 22


def test_numba_compiles_ones_own_functions_anew(tmp_path: Path) -> None:
    """A function that numba keeps on disk follows functions and constants of other files, and those read from data."""
    (tmp_path / "ciph.py").write_text(cipher("from kernels import f"))
    (tmp_path / "kernels.py").write_text(
        "from pathlib import Path\nfrom numba import njit\nfrom near import ROUNDS, g\n"
        "TABLE = int(Path(__file__).with_name('t.txt').read_text())\n"
        "@njit(cache=True)\ndef f(): return g() + ROUNDS + TABLE\n"
    )
    (tmp_path / "t.txt").write_text("1")
    near = "from numba import njit\nROUNDS = {}\n@njit(cache=True)\ndef g(): return {}\n"
    (tmp_path / "near.py").write_text(near.format(10, 30))
    ordinary = [sys.executable, "-c", "import kernels; print(kernels.f())"]
    assert subprocess.run(ordinary, cwd=tmp_path, capture_output=True, check=True).stdout == b"41\n"
    (tmp_path / "near.py").write_text(near.format(20, 50))
    (tmp_path / "t.txt").write_text("2")
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "__pycache__").glob("*.nb*")}
    assert answer(tmp_path, "f()") == 72
    assert kept == {path.name: path.stat().st_mtime_ns for path in (tmp_path / "__pycache__").glob("*.nb*")} != {}


def test_numba_keeps_the_functions_of_packages() -> None:
    """Those of this package are loaded from disk as before."""
    program = (
        "from cryptobench.fresh_code import compile_own_code; compile_own_code()\n"
        "from cryptobench.metrics.randomness import bits as module\n"
        "from numba.core.registry import CPUDispatcher\n"
        "kept = [one._cache._enabled for one in vars(module).values() if isinstance(one, CPUDispatcher)]\n"
        "assert kept and all(kept), kept\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_python_is_located_before_modules_are():
    """Asking where it is reads a module of its configuration (3.13): that must not ask again."""
    program = (
        "from cryptobench import own_files\n"
        "from cryptobench.fresh_code import compile_own_code\n"
        "own_files._elsewhere.cache_clear()\n"
        "compile_own_code()\n"
        "assert own_files._elsewhere.cache_info().currsize\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
