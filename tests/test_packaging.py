"""What is built: one top-level module, the same wheel from checkout and sdist, and an editable install that works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("hatchling")
pytest.importorskip("pip")

ROOT = Path(__file__).parents[1]
PARTS = (
    "pyproject.toml", "hatch_build.py", ".gitignore", "README.md", "LICENSE", "CONTRIBUTING.md", "cryptobench",
    "baselines",
)  # fmt: skip
WEIGHTS = "cryptobench/baselines/learned/weights/fang2021.safetensors"
Run = Callable[..., str]

pytestmark = pytest.mark.skipif(
    not (ROOT / "hatch_build.py").is_file() or not (ROOT / "cryptobench" / "baselines").is_symlink(),
    reason="this is no checkout",
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is built, without an index, and with short weight files, since packing the real ones is slow."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "index.json")
            shutil.copytree(source, folder / name, symlinks=True, ignore=ignored, copy_function=_copy)
        else:
            shutil.copy(source, folder / name)
    return folder


def _copy(source: str, target: str) -> None:
    if source.endswith(".safetensors"):
        Path(target).write_text(Path(source).name)
    else:
        shutil.copyfile(source, target)


def build(what: str, source: Path, out: Path) -> Path:
    """The path of the wheel, editable wheel or sdist that pip would have built, without the network."""
    script = f"from hatchling.build import build_{what} as build; print(build({str(out)!r}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", checkout, tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def python(tmp_path: Path) -> Run:
    """Runs Python in an empty folder where modules are looked for in ``place`` first."""

    def run(place: Path, *arguments: str) -> str:
        line = [sys.executable, *arguments]
        environment = os.environ | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _contents(wheel: Path) -> dict[str, int]:
    """Checksum of each file by its name."""
    with zipfile.ZipFile(wheel) as archive:
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def test_the_wheel_has_one_top_level_module(wheel: Path) -> None:
    """The baselines, their weights and claims and the index lie inside cryptobench."""
    names = set(_contents(wheel))
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"cryptobench", f"{'-'.join(wheel.stem.split('-')[:2])}.dist-info"}
    assert "cryptobench/beside/reference/standard.json.xz" in names
    assert {WEIGHTS, "cryptobench/baselines/claims.toml", "cryptobench/index.json", "cryptobench/py.typed"} <= names


def test_the_sdist_builds_the_same_wheel(checkout: Path, wheel: Path, tmp_path: Path) -> None:
    """The sdist holds real files, the baselines once, and no index, which its own build makes."""
    sdist = build("sdist", checkout, tmp_path)
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
        archive.extractall(tmp_path, filter="data")
    top = sdist.name.removesuffix(".tar.gz")
    names = [member.name.removeprefix(f"{top}/") for member in members]
    assert all(member.isreg() for member in members)
    assert len(set(names)) == len(names)
    assert WEIGHTS in names
    assert not [name for name in names if name.startswith("baselines/") or name == "cryptobench/index.json"]
    again = build("wheel", tmp_path / top, tmp_path)
    assert _contents(again) == _contents(wheel)


def test_an_installed_wheel_lists_and_encrypts(wheel: Path, tmp_path: Path, python: Run) -> None:
    """The commands run from the folder it was installed into, and its index needs no parsing."""
    place = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-compile", "--quiet"]
    subprocess.run([*pip, "--target", str(place), str(wheel)], check=True)
    shutil.rmtree(place / "bin", ignore_errors=True)
    assert {path.name.partition("-")[0] for path in place.iterdir()} == {"cryptobench"}
    cryptobench = ("-m", "cryptobench")
    index = (place / "cryptobench" / "index.json").read_bytes()
    listed = python(place, *cryptobench, "list", "ciphers")
    assert {"aes-256-ctr", "hua2021", "dense-resnet-xor"} <= {line.split()[0] for line in listed.splitlines()}
    key = "00" * 32
    python(place, *cryptobench, "encrypt", "coffee", "c.png", "--size", "8", "--cipher", "aes-256-ctr", "--key", key)
    assert (tmp_path / "c.png").is_file()
    complete = python(
        place,
        "-c",
        "from cryptobench import catalogue as c; import cryptobench.baselines.controls.caesar as caesar; "
        "[c.plugins(kind) for kind in c.PLURALS]; print(caesar.__file__, c.package_index().complete)",
    ).split()
    assert complete == [str(place / "cryptobench" / "baselines" / "controls" / "caesar.py"), "True"]
    assert (place / "cryptobench" / "index.json").read_bytes() == index


def test_an_editable_install_imports_cryptobench_baselines(checkout: Path, tmp_path: Path, python: Run) -> None:
    """It points at the checkout, finds a file that is added later, and reports one that is broken."""
    place = tmp_path / "site"
    with zipfile.ZipFile(build("editable", checkout, tmp_path)) as archive:
        archive.extractall(place)
    (pointer,) = place.glob("*.pth")
    assert [Path(line) for line in pointer.read_text().split()] == [checkout]
    assert (checkout / "cryptobench" / "index.json").is_file()
    imported = "import cryptobench.baselines.reference.aes_256_ctr as m; print(m.__file__)"
    assert python(checkout, "-c", imported).startswith(f"{checkout}/cryptobench/baselines/reference/")
    folder = checkout / "baselines" / "controls"
    try:
        text = (folder / "caesar.py").read_text("utf-8")
        (folder / "new.py").write_text(text.replace('name="caesar"', 'name="a-new-cipher"'), "utf-8")
        (folder / "broken.py").write_text("class :\n", "utf-8")
        names = "from cryptobench.registry import *; print(*cipher_names(), load_cipher('a-new-cipher').card.title)"
        assert {"a-new-cipher", "caesar"} <= set(python(checkout, "-c", names).split())
        assert "a-new-cipher" in (checkout / "cryptobench" / "index.json").read_text("utf-8")
    finally:
        (folder / "new.py").unlink()
        (folder / "broken.py").unlink()
