"""What is seen of a cipher when it is tried: the files that it depends on, however it takes them."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import pytest

from cryptobench.importing import import_file
from cryptobench.preflight import Preflight, preflights
from cryptobench.watch import Watch, unwatched, watching
from tests.forked import fork_preflights
from tests.own_ciphers import LAYOUTS, NATIVE, Content, cipher, write

pytestmark = pytest.mark.usefixtures("nothing_mapped")

_MASK = "def mask(): return 255\n"


@pytest.fixture(autouse=True)
def _forked(monkeypatch: pytest.MonkeyPatch) -> None:
    fork_preflights(monkeypatch, examined=False)


def tried(path: Path) -> Preflight:
    (found,) = preflights([f"{path}:C"], jobs=1).values()
    return found


def names(found: Preflight) -> list[str]:
    return sorted(Path(path).name for path, _ in found.files)


def codes_of(folder: Path, path: str, files: dict[str, Content], masks: tuple[int, ...]) -> list[str]:
    """The digests for these values of the mask, one after the other."""
    found = []
    for mask in masks:
        write(folder, files, mask)
        trial = tried(folder / path)
        assert (trial.fate, trial.breaches) == ("", ())
        found.append(trial.code)
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_digest_follows_every_own_file(tmp_path: Path, layout: str) -> None:
    """It changes with the file that decides the ciphertext."""
    one, two = codes_of(tmp_path, *LAYOUTS[layout], masks=(255, 0))
    assert one != two


@pytest.mark.parametrize("layout", ["relative subpackage", "a computed name", "an array at import"])
def test_the_digest_comes_back(tmp_path: Path, layout: str) -> None:
    """With the content of the file, and once more without any change."""
    one, two, three, four = codes_of(tmp_path, *LAYOUTS[layout], masks=(255, 0, 255, 255))
    assert one == three == four != two


@pytest.mark.parametrize("layout", NATIVE)
def test_native_code_counts(tmp_path: Path, layout: str) -> None:
    """Libraries that it loads, by Python's functions or by native code, and those that it compiles itself."""
    one, two, three = codes_of(tmp_path, *NATIVE[layout], masks=(255, 0, 255))
    assert one == three != two


def test_a_link_counts_by_what_it_points_to(tmp_path: Path) -> None:
    """A helper behind a link, of a file or a folder, even where both of its targets are read anyway."""
    write(tmp_path, {"p/ciph.py": cipher("import v1, v2, parts.w\nfrom now import mask")})
    write(tmp_path, {"p/v1.py": _MASK, "p/v2.py": "def mask(): return 0\n", "a/w.py": "x = 1", "b/w.py": "x = 2"})
    codes = set()
    for target, folder in (("v1.py", "a"), ("v2.py", "a"), ("v2.py", "b")):
        for link, place in (("now.py", target), ("parts", f"../{folder}")):
            (tmp_path / "p" / link).unlink(missing_ok=True)
            (tmp_path / "p" / link).symlink_to(place)
        codes.add(tried(tmp_path / "p/ciph.py").code)
    assert len(codes) == 3


def test_a_helper_on_the_path_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module in a folder of PYTHONPATH, such as a project that is installed in editable mode."""
    monkeypatch.syspath_prepend(tmp_path / "lib")
    files: dict[str, Content] = {
        "ciph.py": cipher("from tools_of_mine.h import mask"),
        "lib/tools_of_mine/h.py": "def mask(): return MASK",
    }
    one, two = codes_of(tmp_path, "ciph.py", files, masks=(255, 0))
    assert one != two


def test_installed_packages_count_by_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are named with their versions, however they are imported, and none of their files is the user's."""
    place = "site-packages/lonely"
    write(tmp_path, {f"{place}.py": "", f"{place}-3.2.dist-info/RECORD": "lonely.py,,\n"})
    write(tmp_path, {f"{place}-3.2.dist-info/METADATA": "Name: lonely\nVersion: 3.2\n"})
    write(tmp_path, {"ciph.py": cipher("import PIL.Image\nimportlib.import_module('lone' + 'ly')\n" + _MASK)})
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    found = tried(tmp_path / "ciph.py")
    assert found.versions == ("lonely==3.2", f"numpy=={version('numpy')}", f"pillow=={version('pillow')}")
    assert names(found) == ["ciph.py"]


def test_what_a_package_reads_for_itself_is_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settings in the user's home, as it is imported; what it reads for the cipher's code counts."""
    package = tmp_path / "site-packages/greedy.py"
    own = "open({!r}).read()"
    write(
        tmp_path,
        {
            "settings.txt": "1",
            "table.txt": "2",
            "ciph.py": cipher(f"import greedy\ngreedy.read({str(tmp_path / 'table.txt')!r})\n" + _MASK),
        },
    )
    package.parent.mkdir()
    package.write_text(f"def read(path): return open(path).read()\n{own.format(str(tmp_path / 'settings.txt'))}\n")
    monkeypatch.syspath_prepend(package.parent)
    assert names(tried(tmp_path / "ciph.py")) == ["ciph.py", "table.txt"]


def test_files_that_it_makes_are_no_input(tmp_path: Path) -> None:
    """A file that it writes and reads again, or only adds to, does not count."""
    body = (
        "import tempfile\ndef mask():\n"
        f"    Path({str(tmp_path)!r}, 'made.txt').write_text('255')\n"
        f"    open({str(tmp_path / 'log.txt')!r}, 'a').write('x')\n"
        "    with tempfile.NamedTemporaryFile() as file: file.write(b'1'); file.flush(); open(file.name).read()\n"
        f"    return int(Path({str(tmp_path)!r}, 'made.txt').read_text())\n"
    )
    write(tmp_path, {"ciph.py": cipher(body)})
    assert names(tried(tmp_path / "ciph.py")) == ["ciph.py"]


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    """What is no plain file is left to the cipher: looking into it would wait, or take what is meant for the cipher."""
    os.mkfifo(tmp_path / "pipe")
    body = f"import os\nos.close(os.open({str(tmp_path / 'pipe')!r}, os.O_RDONLY | os.O_NONBLOCK))\n"
    write(tmp_path, {"ciph.py": cipher(body + _MASK)})
    assert names(tried(tmp_path / "ciph.py")) == ["ciph.py"]


def test_what_cryptobench_reads_is_no_input(tmp_path: Path) -> None:
    """Neither while it imports a cipher nor later does a file count that is read for cryptobench itself."""
    (tmp_path / "theirs.txt").write_text("a")
    (tmp_path / "ours.txt").write_text("b")
    watch = Watch()
    with watching(watch):
        with unwatched():
            (tmp_path / "ours.txt").read_text()
        (tmp_path / "theirs.txt").read_text()
    assert list(watch.files) == [str(tmp_path / "theirs.txt")]


def test_files_of_other_imports_are_no_input(tmp_path: Path) -> None:
    """The import of a file looks again at those that were imported before it; they are not its own."""
    write(tmp_path / "a", {"other_ciph.py": "value = 1"})
    write(tmp_path / "b", {"new_ciph.py": "value = 2"})
    import_file(tmp_path / "a/other_ciph.py")
    watch = Watch()
    with watching(watch):
        import_file(tmp_path / "b/new_ciph.py")
    assert {Path(path).name for path in watch.files} == {"new_ciph.py"}
