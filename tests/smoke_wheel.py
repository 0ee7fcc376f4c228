"""The wheel or the sdist as a user gets it: installed without extras into a new environment of each Python, and used.

    python tests/smoke_wheel.py [--wheel FILE] [--python PATH ...]

Builds the wheel of this checkout, unless one is given; installs it for each of Python 3.11, 3.12 and 3.13 that is on
the PATH or among pyenv's, and for the Python that runs this; then lists, encrypts, measures, runs and writes a site.
Prints how large what was installed is, and exits with 1 if anything failed. Versions are those of constraints.txt.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MINORS = (11, 12, 13)
LARGEST = 600  # MB of packages, without pip and without the bytecode that pip makes
_OURS = ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")  # a user has none of them


class Failed(Exception):
    """A command ended with an error; the message has what it printed."""


def pythons() -> list[Path]:
    """One interpreter of each version, this one first."""
    found = {sys.version_info[1]: Path(sys.executable)}
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    places = [*map(Path, os.get_exec_path()), *sorted(pyenv.glob("versions/*/bin"))]
    for minor in MINORS:
        for place in places:
            python = place / f"python3.{minor}"
            if minor not in found and python.exists() and minor_of(python) == minor:
                found[minor] = python
    return list(found.values())


def minor_of(python: Path) -> int | None:
    """The minor version that an interpreter says it has; None if it does not run, as a shim of pyenv may not."""
    line = [str(python), "-c", "import sys, venv; print(sys.version_info[1])"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 else None


def build(out: Path) -> Path:
    """The wheel of this checkout, by the build backend of the Python that runs this."""
    script = f"from hatchling.build import build_wheel as build; print(build({str(out)!r}))"
    return out / call(sys.executable, "-c", script, cwd=ROOT).split()[-1]


def call(*line: str | Path, cwd: Path | None = None) -> str:
    """What a command prints; `Failed` if it ends with an error."""
    clean = {name: value for name, value in os.environ.items() if name not in _OURS}
    done = subprocess.run(list(map(str, line)), cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, line))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def write_picture(path: Path, samples: bytes) -> None:
    """A grey PNG of 64 pixels a side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    rows = b"".join(b"\0" + samples[start : start + 64] for start in range(0, 64 * 64, 64))
    header = (64).to_bytes(4, "big") * 2 + b"\x08\0\0\0\0"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def try_out(python: Path, wheel: Path, folder: Path) -> str:
    """Installs and uses the wheel; a line about it. `Failed` for the first thing that does not work."""
    begun = time.monotonic()
    folder.mkdir()
    call(python, "-m", "venv", folder / "venv")
    own = folder / "venv" / "bin" / "python"
    pip = (own, "-m", "pip", "--disable-pip-version-check")
    call(*pip, "install", "--quiet", "--no-compile", "-c", ROOT / "constraints.txt", wheel)
    call(*pip, "check")
    packages = next((folder / "venv").glob("lib/python3*/site-packages"))
    sizes = {path.name: megabytes(path) for path in packages.iterdir() if not path.name.startswith("pip")}
    whole = sum(sizes.values())
    if (packages / "torch").exists() or whole > LARGEST:
        largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:8]
        table = ", ".join(f"{name} {sizes[name]:.0f}" for name in largest)
        raise Failed(f"a plain install has {whole:.0f} MB, wanted at most {LARGEST} without torch: {table}")
    use(folder / "venv" / "bin" / "cryptobench", folder)
    version = call(own, "-c", "import platform; print(platform.python_version())").strip()
    return f"Python {version}: {whole:.0f} MB of packages without torch, {time.monotonic() - begun:.0f} s"


def megabytes(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def use(cryptobench: Path, folder: Path) -> None:
    """What a user does first."""
    write_picture(folder / "plain.png", bytes((3 * i + i // 64) % 251 for i in range(64 * 64)))
    write_picture(folder / "cipher.png", os.urandom(64 * 64))
    if not call(cryptobench, "--version").strip().startswith("cryptobench"):
        raise Failed("cryptobench --version does not say its name")
    if "hua2021" not in call(cryptobench, "list", "ciphers"):
        raise Failed("cryptobench list ciphers does not name hua2021")
    call(cryptobench, "measure", "plain.png", "cipher.png", cwd=folder)
    key = ("--key", "11" * 32)  # a learned cipher: its networks need no torch
    call(cryptobench, "encrypt", "plain.png", "c.png", "--cipher", "dense-resnet-xor", *key, cwd=folder)
    call(cryptobench, "decrypt", "c.png", "back.png", *key, cwd=folder)
    call(cryptobench, "new", "mine", cwd=folder)
    call(cryptobench, "encrypt", "plain.png", "own.png", "--cipher", "mine.py:Mine", *key, cwd=folder)
    run = ("run", "--ciphers", "chen2004,aes-256-ctr", "--images", "plain.png", "--size", "16", "--seed", "1")
    what = ("--analyses", "histogram", "--attacks", "keystream_reuse", "--profile", "quick")
    call(cryptobench, *run, *what, "--out", "out", "--strict", "--no-report", "--quiet", cwd=folder)
    if not (folder / "out" / "measurements.csv.gz").is_file():
        raise Failed("cryptobench run wrote no measurements")
    call(cryptobench, "site", "out", "pages", cwd=folder)
    if not (folder / "pages" / "ciphers" / "chen2004.html").is_file():
        raise Failed("cryptobench site wrote no page of chen2004")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--wheel", type=Path, help="a wheel or an sdist that is built already")
    options.add_argument(
        "--python", type=Path, action="append", help="an interpreter to try; all that are found if not given"
    )
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        wheel = given.wheel.resolve() if given.wheel else build(folder)
        chosen = given.python or pythons()
        with ThreadPoolExecutor(max_workers=len(MINORS)) as pool:  # a lone last one would leave a core idle
            runs = [pool.submit(try_out, python, wheel, folder / str(i)) for i, python in enumerate(chosen)]
        failed = 0
        for python, run in zip(chosen, runs, strict=True):
            try:
                print(run.result())
            except Failed as error:
                failed += 1
                print(f"{python}: {error}", file=sys.stderr)
        print(f"{len(runs) - failed} passed, {failed} failed")
        return 1 if failed else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
