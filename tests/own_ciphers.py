"""Small projects of a user, whose cipher takes its keystream mask from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["LAYOUTS", "cipher", "write"]

_BODY = """
import hashlib
import importlib
import io
from pathlib import Path

import numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField
{imports}

class C(Cipher):
    card = Card(
        name="mine", title="t", family="mine", fidelity="A", key=(KeyField("key", 256),), files={files}, deviations=(),
    )

    def encrypt(self, image, key, nonce, *, secret=None):
        {lazily}
        pad = np.frombuffer(hashlib.shake_256(key + nonce).digest(image.size), np.uint8)
        return Encrypted(image ^ (pad.reshape(image.shape) & np.uint8(mask())), header=nonce)

    def decrypt(self, encrypted, key):
        return self.encrypt(encrypted.image, key, encrypted.header).image
"""
_HERE = "Path(__file__).parent"


def cipher(imports: str = "", lazily: str = "pass", files: tuple[str, ...] = ()) -> str:
    """The source of a class C that imports the function ``mask`` by these lines, at the top or in `encrypt`."""
    return _BODY.format(imports=imports, lazily=lazily, files=files)


def write(folder: Path, files: Mapping[str, str], mask: int = 255, name: str = "mine") -> None:
    """Write a project; MASK in a text becomes the value of the mask, and the card gets this name."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace("MASK", str(mask)).replace('"mine"', f'"{name}"', 1))


_MASK = "def mask(): return MASK\n"
# The path of the cipher's file, and the project's files; what MASK stands in decides what the ciphertexts are.
LAYOUTS: dict[str, tuple[str, dict[str, str]]] = {
    "its own file": ("ciph.py", {"ciph.py": cipher(_MASK)}),
    "relative": ("p/ciph.py", {"p/__init__.py": "", "p/ciph.py": cipher("from .h import mask"), "p/h.py": _MASK}),
    "own package": ("p/ciph.py", {"p/__init__.py": "", "p/ciph.py": cipher("from p.h import mask"), "p/h.py": _MASK}),
    "a package's init": (
        "ciph.py",
        {"ciph.py": cipher("from parts import mask"), "parts/__init__.py": "from .h import mask", "parts/h.py": _MASK},
    ),
    "a helper's helper": (
        "ciph.py",
        {
            "ciph.py": cipher("from parts.near import mask"), "parts/__init__.py": "",
            "parts/near.py": "from top import mask", "top.py": _MASK,
        },
    ),
    "namespace folder": ("ciph.py", {"ciph.py": cipher("from parts.h import mask"), "parts/h.py": _MASK}),
    "relative, namespace folder": ("p/ciph.py", {"p/ciph.py": cipher("from .h import mask"), "p/h.py": _MASK}),
    "two folders up": ("p/q/ciph.py", {"p/q/ciph.py": cipher("from ..tools.h import mask"), "p/tools/h.py": _MASK}),
    "a computed name": (
        "ciph.py", {"ciph.py": cipher("mask = importlib.import_module('h' + str(7)).mask"), "h7.py": _MASK},
    ),
    "a file that is executed": (
        "ciph.py", {"ciph.py": cipher(f"exec(({_HERE} / 'code.txt').read_text())"), "code.txt": _MASK},
    ),
    "another package on the path": (
        "p/ciph.py",
        {
            "p/ciph.py": cipher(f"import sys; sys.path.append(str({_HERE}.parent / 'lib'))\nfrom h import mask"),
            "lib/h.py": _MASK,
        },
    ),
    "imported in a function": ("ciph.py", {"ciph.py": cipher("", "from h import mask"), "h.py": _MASK}),
    "a base class": (
        "ciph.py", {"ciph.py": "from base import C as B\nclass C(B):\n    card = B.card\n", "base.py": cipher(_MASK)},
    ),
    "data by open": (
        "ciph.py",
        {"ciph.py": cipher(f"def mask(): return int(open({_HERE} / 'data/m.txt').read())"), "data/m.txt": "MASK"},
    ),
    "data by numpy": (
        "ciph.py",
        {"ciph.py": cipher(f"def mask(): return int(np.loadtxt({_HERE} / 'm.csv', dtype=int))"), "m.csv": "MASK\n"},
    ),
    "data that the card names": (
        "ciph.py",
        {
            "ciph.py": cipher(
                "import subprocess, sys\n"
                f"def mask(): return int(subprocess.run(['cat', {_HERE} / 'm/m.txt'], capture_output=True).stdout)",
                files=("m",),
            ),
            "m/m.txt": "MASK",
        },
    ),
}  # fmt: skip
