"""Files that are imported by path: packages with and without ``__init__.py``, and modules of one name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

BODY = """
import numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField
{imports}

class C(Cipher):
    card = Card(name="c", title="t", family="mine", fidelity="A", key=(KeyField("key", 256),))

    def encrypt(self, image, key, nonce, *, secret=None):
        {lazily}
        return Encrypted(image ^ np.uint8(mask()), nonce)

    def decrypt(self, encrypted, key):
        {lazily}
        return encrypted.image ^ np.uint8(mask())
"""
LOAD = """
import sys, numpy as np
from cryptobench import load_cipher
from cryptobench.registry import at_home_of
ciphers = {path: load_cipher(path) for path in sys.argv[1:]}
for path, cipher in list(ciphers.items()) * 2:
    at_home_of(path)
    print(cipher.encrypt(np.zeros((2, 2), np.uint8), bytes(32), bytes(16)).image[0, 0])
"""


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def masks(folder: Path, *paths: str) -> list[int]:
    """The masks of ciphers by path, loaded in one process of its own, used in turn, twice."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", LOAD, *(f"{folder / path}:C" for path in paths)],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


def cipher(imports: str = "", lazily: str = "") -> str:
    return BODY.format(imports=imports, lazily=lazily)


LAYOUTS = {
    "relative": ("p/ciph.py", {"p/__init__.py": "", "p/ciph.py": cipher("from .h import mask"), "p/h.py": ""}),
    "relative, namespace": ("p/ciph.py", {"p/ciph.py": cipher("from .h import mask"), "p/h.py": ""}),
    "own package": (
        "p/ciph.py", {"p/__init__.py": "", "p/ciph.py": cipher("from p.h import mask"), "p/h.py": ""},
    ),
    "own namespace": ("p/ciph.py", {"p/ciph.py": cipher("import p.h\nmask = p.h.mask"), "p/h.py": ""}),
    "two folders up": (
        "p/q/ciph.py", {"p/q/ciph.py": cipher("from ..tools.h import mask"), "p/tools/h.py": ""},
    ),
    "a helper that climbs": (
        "p/q/ciph.py",
        {"p/q/ciph.py": cipher("from .near import mask"), "p/q/near.py": "from ..h import mask", "p/h.py": ""},
    ),
    "beside it": ("p/ciph.py", {"p/__init__.py": "", "p/ciph.py": cipher("from h import mask"), "p/h.py": ""}),
    "named as an installed package": (
        "click/ciph.py", {"click/ciph.py": cipher("from .h import mask"), "click/h.py": ""},
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_loads_with_its_package(tmp_path: Path, layout: str) -> None:
    """Relative imports, and absolute ones of its own package, work by path, from any working directory."""
    path, files = LAYOUTS[layout]
    write(tmp_path, {name: text or "def mask(): return 9\n" * name.endswith("h.py") for name, text in files.items()})
    assert masks(tmp_path, path) == [9, 9]


@pytest.mark.parametrize("imports", ["from h import mask", "from .h import mask", "from parts.h import mask"])
@pytest.mark.parametrize("lazy", [False, True])
def test_helpers_of_one_name_stay_apart(tmp_path: Path, imports: str, lazy: bool) -> None:
    """Two ciphers whose files and helper modules have the same names use their own, also where imported late."""
    for number, folder in enumerate(("one", "two"), 1):
        text = cipher("", imports) if lazy else cipher(imports)
        helper = f"def mask(): return {number}\n"
        write(tmp_path / folder / "p", {"ciph.py": text, "h.py": helper, "parts/h.py": helper})
    assert masks(tmp_path, "one/p/ciph.py", "two/p/ciph.py") == [1, 2, 1, 2]


def test_a_changed_file_is_imported_anew(tmp_path: Path) -> None:
    """In one process: the cipher's own file, and then a helper of its, hold what they hold now."""
    files = {
        "mine.py": BODY.format(imports="from other import mask", lazily="pass"),
        "other.py": "def mask(): return 1",
    }
    write(tmp_path, files)
    program = f"""
import sys, numpy as np
from pathlib import Path
from cryptobench import load_cipher
folder = Path({str(tmp_path)!r})
def first():
    return load_cipher(f"{{folder}}/mine.py:C").encrypt(np.zeros((2, 2), np.uint8), bytes(32), bytes(16)).image[0, 0]
print(first())
(folder / "other.py").write_text("def mask(): return 2")
print(first(), first())
(folder / "mine.py").write_text((folder / "mine.py").read_text().replace("mask()", "(mask() + 7)"))
print(first())
"""
    ran = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["1", "2", "2", "9"], ran.stderr
