"""Which files are a user's own, what their contents and names are, and which packages they import."""

from __future__ import annotations

import os
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import numpy as np
import pytest

from cryptobench.own_files import MADE, content_hash, is_own, labels, versions_of


@pytest.mark.parametrize(
    ("path", "own"),
    [
        (__file__, True),
        ("/srv/project/cipher.py", True),
        ("/usr/src/app/cipher.py", True),
        (os.__file__, False),
        (np.__file__, False),
        (sys.executable, False),
        ("/usr/share/zoneinfo/UTC", False),
        ("/usr/lib/x86_64-linux-gnu/libcrypto.so.3", False),
        ("/proc/self/maps", False),
        ("/srv/project/.venv/lib/python3.11/site-packages/scheme/cipher.py", False),
        ("/srv/project/__pycache__/cipher.f-12.py311.nbi", False),
    ],
)
def test_a_users_files_are_neither_pythons_nor_packages(path: str, own: bool) -> None:
    """The system's libraries and tables are not either: they differ from machine to machine."""
    assert is_own(os.path.realpath(path)) is own


def test_blank_modules_have_no_content(tmp_path: Path) -> None:
    """An empty `__init__.py` is as good as none; a table of blanks is a table."""
    for name in ("blank.py", "blank.bin"):
        (tmp_path / name).write_bytes(b" \n")
    assert content_hash(str(tmp_path / "blank.py")) is None
    assert content_hash(str(tmp_path / "blank.bin")) is not None
    assert content_hash(str(tmp_path)) is content_hash(str(tmp_path / "missing")) is None
    assert content_hash(f"{MADE}0123") == "0123"


def test_labels_are_the_shortest_that_differ() -> None:
    """They do not say where the project lies, nor does the order of its files matter."""
    paths = ["/a/p/h.py", "/a/p/s/m.bin", "/a/p/t/m.bin", "/b/t/m.bin"]
    wanted = ["h.py", "s/m.bin", "p/t/m.bin", "b/t/m.bin"]
    assert labels(paths) == dict(zip(paths, wanted, strict=True)) == labels(reversed(paths))
    assert list(labels([f"/x/y{path}" for path in paths]).values()) == wanted
    assert labels(["/h.py", "/a/h.py"]) == {"/h.py": "/h.py", "/a/h.py": "a/h.py"}


def test_versions_are_those_of_importlib() -> None:
    """The distributions of some modules are those that the slower function of the library names."""
    names = ("numpy", "PIL", "yaml", "click", "_pytest", "skimage", "json", "cryptobench", "no_such_module")
    known = packages_distributions()
    wanted = {distribution for name in names if name != "cryptobench" for distribution in known.get(name, ())}
    assert versions_of(names) == tuple(sorted(f"{one}=={version(one)}" for one in wanted))
    assert len(wanted) >= 4
