"""What a run was made with: versions, machine, commit."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from cryptobench.version import __version__

__all__ = ["CHECKOUT", "cpu_model", "git_commit", "provenance"]

CHECKOUT = Path(__file__).resolve().parents[1]
"""Where this package's checkout has its root, if it lies in one."""


def provenance() -> dict[str, Any]:
    """Package versions, Python, platform, CPU and, in a checkout, the git commit ("+changes" if edited since)."""
    return {
        "versions": _versions(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": cpu_model(),
        "cpu_count": os.cpu_count(),
        "git_commit": git_commit(),
    }


def cpu_model() -> str:
    """The processor's name as the operating system gives it."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", information.read_text(errors="replace"), re.MULTILINE)
        if found:
            return found[1].strip()
    if platform.system() == "Darwin":
        return _output(["sysctl", "-n", "machdep.cpu.brand_string"]) or platform.machine()
    return platform.processor() or platform.machine()


def git_commit(folder: Path = CHECKOUT) -> str | None:
    """The commit of the checkout that has its root at ``folder``, this package's if not given; None if it is none."""
    if not (folder / ".git").exists():
        return None
    commit = _output(["git", "-C", str(folder), "rev-parse", "HEAD"])
    if not commit:
        return None
    changes = _output(["git", "-C", str(folder), "status", "--porcelain", "--untracked-files=no"])
    return f"{commit}+changes" if changes else commit


def _versions() -> dict[str, str]:
    try:
        names = {re.split(r"[^A-Za-z0-9._-]", line)[0] for line in requires("cryptobench") or () if "extra" not in line}
    except PackageNotFoundError:
        names = set()
    found = {"cryptobench": __version__}  # a checkout's metadata are those of the day on which it was installed
    for name in [*sorted(names), "distributed"]:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
