"""The template that `cryptobench new` writes."""

from __future__ import annotations

import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cryptobench.cli import main
from cryptobench.cli.template import write_template
from cryptobench.conformance import validate
from cryptobench.registry import load_cipher, read_card
from cryptobench.testing import Security

ROOT = Path(__file__).parents[2]


def test_the_template_conforms_as_it_is(tmp_path: Path) -> None:
    """Written, loaded and validated without a change, it passes every check."""
    path = write_template("my_cipher", tmp_path)
    checks = validate(f"{path}:MyCipher")
    assert [check for check in checks if not check.passed] == []
    assert path == tmp_path / "my_cipher.py"


def test_every_key_bit_of_it_changes_everything(tmp_path: Path) -> None:
    """Key sensitivity passes too, of every bit: what a part of the key orders alone it would change too little."""
    path = write_template("my_cipher", tmp_path)
    security = Security(tmp_path / "kept", size=48)
    measured = security(load_cipher(f"{path}:MyCipher"), only=["key_sensitivity", "keyspace"])
    assert measured.passes() is measured
    assert set(measured.result["test"]) >= {"key sensitivity", "wrong key", "key space"}


@pytest.mark.parametrize(
    ("name", "file", "class_name"),
    [
        ("my_cipher", "my_cipher.py", "MyCipher"),
        ("chaos-2", "chaos_2.py", "Chaos2"),
        ("logisticMap", "logisticMap.py", "LogisticMap"),
    ],
)
def test_file_class_and_card_have_the_name(tmp_path: Path, name: str, file: str, class_name: str) -> None:
    """The name gives the module, the class, and the name on the card; nothing of the template's own is left."""
    path = write_template(name, tmp_path)
    assert path.name == file
    assert read_card(f"{path}:{class_name}").name == path.stem
    assert load_cipher(f"{path}:{class_name}").card.name == path.stem
    if path.stem != "my_cipher":
        assert "my_cipher" not in path.read_text().lower()


def test_the_first_lines_say_how_to_run_it(tmp_path: Path) -> None:
    """Both commands name the file and the class as written."""
    head = write_template("swirl", tmp_path).read_text().split('"""')[1]
    assert "cryptobench validate swirl.py:Swirl" in head
    assert "cryptobench run --ciphers swirl.py:Swirl --profile quick" in head


def test_it_is_short_and_clean(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """At most 70 lines; ruff and mypy --strict find nothing.

    What mypy knows of NumPy and of this package is that of `make lint` at first, and kept for the next run.
    """
    path = write_template("my_cipher", tmp_path)
    cache = getattr(pytestconfig, "cache", None)
    kept = tmp_path / "cache" if cache is None else cache.mkdir("mypy-of-templates")
    if (ROOT / ".mypy_cache").is_dir() and not (kept / "CACHEDIR.TAG").exists():
        shutil.copytree(ROOT / ".mypy_cache", kept, dirs_exist_ok=True)
    assert len(path.read_text().splitlines()) <= 70
    config = str(ROOT / "pyproject.toml")
    for command in (
        ["ruff", "check", "--no-cache", "--config", config],
        ["ruff", "format", "--no-cache", "--check", "--config", config],
        ["mypy", "--strict", "--config-file", config, "--cache-dir", str(kept)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["1st", "class", "my cipher", "a/b", "../up", "", "_", "x.py"])
def test_what_cannot_name_a_module_is_refused(tmp_path: Path, name: str) -> None:
    """The error names what was given and shows what is wanted; nothing is written."""
    with pytest.raises(ValueError, match="cannot name a cipher; wanted letters, digits and underscores"):
        write_template(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["numpy", "random", "cryptobench", "cipher", "key-field"])
def test_what_would_hide_another_name_is_refused(tmp_path: Path, name: str) -> None:
    """Neither a module that Python or the template imports, nor a class of the interface, can be hidden."""
    with pytest.raises(ValueError, match="is taken by Python or by cryptobench; choose another"):
        write_template(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """An existing file stays as it is."""
    write_template("mine", tmp_path).write_text("precious")
    with pytest.raises(FileExistsError, match=r"mine\.py exists already"):
        write_template("mine", tmp_path)
    assert (tmp_path / "mine.py").read_text() == "precious"


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """The file is named, with why it was not written; a half-written one would stand in the way of the next try."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        result = CliRunner().invoke(main, ["new", "mine", "--folder", str(tmp_path)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert (result.exit_code, result.output) == (1, f"Error: {tmp_path / 'mine.py'}: File too large\n")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The error is one line with the folder in it."""
    with pytest.raises(NotADirectoryError, match="nowhere is no folder"):
        write_template("mine", tmp_path / "nowhere")
