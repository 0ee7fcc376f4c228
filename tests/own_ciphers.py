"""Small projects of a user, whose cipher takes its keystream mask from elsewhere: 255, or 0 for no encryption."""

from __future__ import annotations

import io
import json
import pickle
import py_compile
import subprocess
import sysconfig
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import scipy.io

__all__ = ["LATE", "LAYOUTS", "NATIVE", "Content", "cipher", "write"]

Content = str | Callable[[int], bytes]  # a text in which MASK stands for the mask, or what makes bytes of a mask

_BODY = """
import hashlib
import importlib
import io
import sys
from pathlib import Path

import numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField
HERE = Path(__file__).parent
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


def cipher(imports: str = "", lazily: str = "pass", files: tuple[str, ...] = ()) -> str:
    """The source of a class C that imports the function ``mask`` by these lines, at the top or in `encrypt`."""
    return _BODY.format(imports=imports, lazily=lazily, files=files)


def write(folder: Path, files: Mapping[str, Content], mask: int = 255, name: str = "mine") -> None:
    """Write a project; MASK in a text becomes the value of the mask, and the card gets this name."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            text = content.replace("MASK", str(mask)).replace('"mine"', f'"{name}"', 1)
            (folder / path).write_text(text)
        else:
            (folder / path).write_bytes(content(mask))


_MASK = "def mask(): return MASK\n"


def _array(mask: int) -> bytes:
    content = io.BytesIO()
    np.save(content, np.array([mask]))
    return content.getvalue()


def _mat(mask: int) -> bytes:
    content = io.BytesIO()
    scipy.io.savemat(content, {"mask": mask})
    return content.getvalue()


def _zip(mask: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("h.py", _MASK.replace("MASK", str(mask)))
    return content.getvalue()


def _bytecode(mask: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "h.py").write_text(_MASK.replace("MASK", str(mask)))
        return Path(py_compile.compile(f"{folder}/h.py", f"{folder}/h.pyc", doraise=True) or "").read_bytes()


def _reading(expression: str, imports: str = "") -> str:
    """A cipher that evaluates this each time that it needs the mask."""
    return cipher(f"{imports}\ndef mask(): return int({expression})")


# The path of the cipher's file, and the project's files; what MASK stands in decides what the ciphertexts are.
LAYOUTS: dict[str, tuple[str, dict[str, Content]]] = {
    "its own file": ("ciph.py", {"ciph.py": cipher(_MASK)}),
    "relative": ("p/ciph.py", {"p/__init__.py": "", "p/ciph.py": cipher("from .h import mask"), "p/h.py": _MASK}),
    "own package": ("p/ciph.py", {"p/__init__.py": "", "p/ciph.py": cipher("from p.h import mask"), "p/h.py": _MASK}),
    "a package's init": (
        "ciph.py",
        {"ciph.py": cipher("from parts import mask"), "parts/__init__.py": "from .h import mask", "parts/h.py": _MASK},
    ),
    "relative subpackage": (
        "p/ciph.py",
        {
            "p/__init__.py": "", "p/ciph.py": cipher("from .sub import mask"),
            "p/sub/__init__.py": "from .deep.h import *", "p/sub/deep/__init__.py": "", "p/sub/deep/h.py": _MASK,
        },
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
    "a module that loads when it is asked": (
        "ciph.py",
        {
            "ciph.py": cipher("import lazy", "mask = lazy.mask"),
            "lazy.py": "import importlib\ndef __getattr__(n): return getattr(importlib.import_module('l' + '8'), n)",
            "l8.py": _MASK,
        },
    ),
    "a file that is executed": (
        "ciph.py", {"ciph.py": cipher("exec((HERE / 'code.txt').read_text())"), "code.txt": _MASK},
    ),
    "runpy": (
        "ciph.py",
        {"ciph.py": cipher("import runpy\nmask = runpy.run_path(HERE / 'tools/h.py')['mask']"), "tools/h.py": _MASK},
    ),
    "a loader of its own": (
        "ciph.py",
        {
            "ciph.py": cipher(
                "from importlib.util import module_from_spec, spec_from_file_location\n"
                "spec = spec_from_file_location('other', HERE / 'parts' / 'odd name.py')\n"
                "module = module_from_spec(spec)\nspec.loader.exec_module(module)\nmask = module.mask"
            ),
            "parts/odd name.py": _MASK,
        },
    ),
    "a zip archive": (
        "ciph.py", {"ciph.py": cipher("sys.path.insert(0, str(HERE / 'h.zip'))\nfrom h import mask"), "h.zip": _zip},
    ),
    "bytecode without source": ("ciph.py", {"ciph.py": cipher("from h import mask"), "h.pyc": _bytecode}),
    "another package on the path": (
        "p/ciph.py",
        {
            "p/ciph.py": cipher("import sys; sys.path.append(str(HERE.parent / 'lib'))\nfrom h import mask"),
            "lib/h.py": _MASK,
        },
    ),
    "imported in a function": ("ciph.py", {"ciph.py": cipher("", "from h import mask"), "h.py": _MASK}),
    "a base class": (
        "ciph.py", {"ciph.py": "from base import C as B\nclass C(B):\n    card = B.card\n", "base.py": cipher(_MASK)},
    ),
    "data by open": (
        "ciph.py", {"ciph.py": _reading("open(HERE / 'data/m.txt').read()"), "data/m.txt": "MASK"},
    ),
    "data by numpy": ("ciph.py", {"ciph.py": _reading("np.loadtxt(HERE / 'm.csv', dtype=int)"), "m.csv": "MASK\n"}),
    "an array at import": (
        "ciph.py", {"ciph.py": cipher("m = np.load(HERE / 'm.npy')[0]\ndef mask(): return m"), "m.npy": _array},
    ),
    "an array in memory": (
        "ciph.py", {"ciph.py": _reading("np.memmap(HERE / 'm.bin')[0]"), "m.bin": lambda mask: bytes([mask])},
    ),
    "bytes by numpy": (
        "ciph.py", {"ciph.py": _reading("np.fromfile(HERE / 'm.bin', np.uint8)[0]"), "m.bin": lambda m: bytes([m])},
    ),
    "a MATLAB file in encrypt": (
        "ciph.py",
        {"ciph.py": _reading("scipy.io.loadmat(HERE / 'm.mat')['mask'][0, 0]", "import scipy.io"), "m.mat": _mat},
    ),
    "JSON": (
        "ciph.py",
        {
            "ciph.py": cipher("import json\nwith open(HERE / 'm.json') as f: m = json.load(f)\ndef mask(): return m"),
            "m.json": lambda mask: json.dumps(mask).encode(),
        },
    ),
    "a pickle": (
        "ciph.py",
        {"ciph.py": _reading("pickle.load(open(HERE / 'm.pkl', 'rb'))", "import pickle"), "m.pkl": pickle.dumps},
    ),
    "a member of an archive": (
        "ciph.py",
        {
            "ciph.py": _reading(
                "zipfile.ZipFile(HERE / 'm.zip').read('h.py').split()[-1]", "import zipfile"
            ),
            "m.zip": _zip,
        },
    ),
    "data that the card names": (
        "ciph.py",
        {
            "ciph.py": cipher(
                "import subprocess, sys\n"
                "def mask(): return int(subprocess.run(['cat', HERE / 'm/m.txt'], capture_output=True).stdout)",
                files=("m",),
            ),
            "m/m.txt": "MASK",
        },
    ),
}  # fmt: skip

# What the pre-flight does not see: only images with three channels, or keys with a certain bit, load the helper.
LATE: dict[str, tuple[str, dict[str, Content]]] = {
    name: (
        "ciph.py",
        {
            "ciph.py": cipher(
                "def mask(): return 255", f"mask = {load} if {condition} and image.shape[0] > 40 else lambda: 255"
            ),
            "late.py": _MASK,
            "late.txt": "MASK",
        },
    )
    for name, load, condition in (
        ("a large image", "importlib.import_module('la' + 'te').mask", "image.ndim == 3"),
        (
            "a key bit",
            "importlib.import_module('la' + 'te').mask",
            "image.ndim == 3 and any(byte & 1 for byte in key[:8])",
        ),
        ("data of a large image", "(lambda: int((HERE / 'late.txt').read_text()))", "image.ndim == 3"),
    )
}

_C = "int mask(void) { return %d; }\n"
_EXTENSION = """
#include <Python.h>
static PyObject *mask(PyObject *self, PyObject *none) { return PyLong_FromLong(%d); }
static PyMethodDef methods[] = {{"mask", mask, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "h", "", -1, methods};
PyMODINIT_FUNC PyInit_h(void) { return PyModule_Create(&module); }
"""


@cache
def _compiled(source: str, mask: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "h.c").write_text(source % mask)
        headers = f"-I{sysconfig.get_path('include')}"
        subprocess.run(["cc", "-shared", "-fPIC", headers, "h.c", "-o", "h.so"], cwd=folder, check=True)
        return Path(folder, "h.so").read_bytes()


# These need a C compiler.
NATIVE: dict[str, tuple[str, dict[str, Content]]] = {
    "a library by ctypes": (
        "ciph.py",
        {"ciph.py": _reading("library.mask()", "import ctypes\nlibrary = ctypes.CDLL(str(HERE / 'lib/h.so'))"),
         "lib/h.so": lambda mask: _compiled(_C, mask)},
    ),
    "a library by cffi": (
        "ciph.py",
        {"ciph.py": _reading("library.mask()", "import cffi\nffi = cffi.FFI(); ffi.cdef('int mask(void);')\n"
                             "library = ffi.dlopen(str(HERE / 'lib/h.so'))"),
         "lib/h.so": lambda mask: _compiled(_C, mask)},
    ),
    "an extension": (
        "ciph.py", {"ciph.py": cipher("from h import mask"), "h.so": lambda mask: _compiled(_EXTENSION, mask)},
    ),
    "C that it compiles": (
        "ciph.py",
        {"ciph.py": _reading("library.mask()", "import ctypes, subprocess, tempfile\n"
                             "folder = tempfile.mkdtemp()\n"
                             "subprocess.run(['cc', '-shared', HERE / 'h.c', '-o', folder + '/h.so'], check=True)\n"
                             "library = ctypes.CDLL(folder + '/h.so')"),
         "h.c": "int mask(void) { return MASK; }\n"},
    ),
}  # fmt: skip
