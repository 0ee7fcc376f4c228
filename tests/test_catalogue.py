"""Finding ciphers, analyses and attacks in source text."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from cryptobench import catalogue, code_digest, registry
from cryptobench.catalogue import plugins, unreadable
from cryptobench.registry import RegistryError, load_attack, locate
from cryptobench.source_index import PACKAGE, package_index

CARD = 'class {}:\n    card = Card(name="{}")\n'
NAMED = 'class {}:\n    name: ClassVar[str] = "{}"\n'
Write = Callable[[str, str], Path]


def _forget() -> None:
    catalogue.plugins.cache_clear()
    catalogue._built_in.cache_clear()
    code_digest._installed.cache_clear()


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a file of a package ``house``, in which plug-ins are looked for."""
    package = tmp_path / "house"
    monkeypatch.setattr(catalogue, "PACKAGE", package)
    monkeypatch.syspath_prepend(tmp_path)
    for folder in ("baselines", "proposed", "analyses", "attacks"):
        (package / folder).mkdir(parents=True)
    (package / "__init__.py").touch()
    importlib.invalidate_caches()
    _forget()

    def written(path: str, text: str) -> Path:
        file = package / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    yield written
    _forget()


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the entry points of other packages."""

    def register(**points: str) -> None:
        def entry_points(group: str) -> EntryPoints:
            return EntryPoints(EntryPoint(name, value, group) for name, value in points.items())

        monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)

    return register


def test_every_plug_in_file_is_found() -> None:
    """As many plug-ins as classes that say so, counted by text search."""
    texts = [file.read_text("utf-8") for folder in ("baselines", "proposed") for file in _files(folder)]
    assert len(plugins("cipher")) == sum(len(re.findall(r"^    card = ", text, re.MULTILINE)) for text in texts)
    for kind, folder in (("analysis", "analyses"), ("attack", "attacks")):
        texts = [file.read_text("utf-8") for file in _files(folder)]
        named = sum(len(re.findall(r"^    name: ClassVar\[str\] = ", text, re.MULTILINE)) for text in texts)
        assert len(plugins(kind)) == named  # type: ignore[arg-type]
    assert not [line for kind in catalogue.PLURALS for line in unreadable(kind)]


def _files(folder: str) -> list[Path]:
    return sorted((PACKAGE / folder).rglob("*.py"))


def test_a_new_file_is_all_it_takes(write: Write) -> None:
    """A cipher in any folder of baselines or proposed, an analysis and an attack, each in a file of its own."""
    write("baselines/chaotic/one.py", CARD.format("One", "one"))
    write("proposed/two.py", CARD.format("Two", "two"))
    write("analyses/new/three.py", NAMED.format("Three", "three"))
    write("attacks/family/four.py", NAMED.format("Four", "four"))
    assert plugins("cipher") == {"one": ("house.baselines.chaotic.one:One",), "two": ("house.proposed.two:Two",)}
    assert plugins("analysis") == {"three": ("house.analyses.new.three:Three",)}
    assert plugins("attack") == {"four": ("house.attacks.family.four:Four",)}
    assert locate("attack", "four").class_name == "Four"


def test_tools_and_underscores_hold_no_plug_ins(write: Write) -> None:
    """Neither do classes whose names begin with an underscore, nor dataclass fields called name."""
    write("attacks/tools/helper.py", NAMED.format("Helper", "helper"))
    write("attacks/family/_parts.py", NAMED.format("Part", "part"))
    write("attacks/family/real.py", NAMED.format("_Way", "way") + 'class Field:\n    name: str = "field"\n')
    write("attacks/base.py", "class Attack:\n    name: ClassVar[str]\n")
    assert not plugins("attack")
    assert not unreadable("attack")


def test_one_name_twice_names_both_files(write: Write) -> None:
    """Other names stay usable, and the list has the name once."""
    first = write("attacks/a/one.py", NAMED.format("One", "same"))
    second = write("attacks/b/two.py", NAMED.format("Two", "same") + NAMED.format("Other", "other"))
    assert list(plugins("attack")) == ["other", "same"]
    assert locate("attack", "other").class_name == "Other"
    with pytest.raises(RegistryError) as caught:
        locate("attack", "same")
    assert str(caught.value) == f"attack 'same' is defined more than once: in {first} (One) and {second} (Two)"


def test_unreadable_files_cost_themselves_only(write: Write) -> None:
    """Each gets a line, which is repeated where a name is unknown."""
    write("baselines/good.py", CARD.format("Good", "good"))
    write("baselines/broken.py", "x = 1\nclass :\n")
    write("baselines/computed.py", "class C:\n    card = Card(name=NAME)\n")
    assert list(plugins("cipher")) == ["good"]
    assert unreadable("cipher") == (
        "house/baselines/broken.py, line 2: invalid syntax",
        "house/baselines/computed.py: the card's name of class C is no literal",
    )
    with pytest.raises(RegistryError, match=r"unknown cipher 'brkn'.*not readable: house/baselines/broken\.py, line 2"):
        locate("cipher", "brkn")


def test_a_missing_link_is_one_clear_line(write: Write, tmp_path: Path) -> None:
    """Where git wrote the link cryptobench/baselines as a text file, ciphers are missing for a reason."""
    folder = tmp_path / "house" / "baselines"
    folder.rmdir()
    folder.write_text("../baselines")
    assert unreadable("cipher") == ("house/baselines is no folder; git needs core.symlinks to check it out",)


def test_plug_ins_of_other_packages_are_listed(write: Write, registered: Callable[..., None]) -> None:
    """They stand among the built-in ones; the same place twice is one plug-in."""
    write("attacks/b.py", NAMED.format("B", "b"))
    registered(a="theirs.attacks:A", c="theirs.attacks:C")
    assert plugins("attack") == {"a": ("theirs.attacks:A",), "b": ("house.attacks.b:B",), "c": ("theirs.attacks:C",)}


def test_a_foreign_plug_in_hides_no_other(write: Write, registered: Callable[..., None]) -> None:
    """A name of a built-in attack that another package gives too is refused."""
    write("attacks/b.py", NAMED.format("B", "b"))
    registered(b="theirs.attacks:B")
    with pytest.raises(RegistryError, match=r"defined more than once: in .*b\.py \(B\) and theirs\.attacks \(B\)"):
        locate("attack", "b")


def test_own_old_entry_points_are_ignored(write: Write, registered: Callable[..., None]) -> None:
    """An earlier version's entry points stay with an editable installation until it is installed anew."""
    registered(feedback_tables="house.attacks.diffusion:FeedbackTables")
    assert not plugins("attack")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("feedback_tables", "cipher_feedback"),
        ("histogram_kept", "histogram_preserved"),
        ("key_contract", "decryptability"),
    ],
)
def test_an_old_name_gets_the_new_one(old: str, new: str) -> None:
    """One line says what the attack is called now, and that name exists."""
    with pytest.raises(RegistryError, match=f"unknown attack '{old}'; it has a new name: '{new}'$"):
        load_attack(old)
    assert load_attack(new).name == new


def test_the_index_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    """After any use of this checkout the index has all files, trained weights' base classes included."""
    for kind in catalogue.PLURALS:
        plugins(kind)
    index = package_index()
    stored = type(index)(index.path, PACKAGE)
    monkeypatch.setattr("cryptobench.source_index.package_index", lambda: stored)
    from cryptobench.training.shipped import brief

    for kind, names in (("analysis", registry.analysis_names()), ("attack", registry.attack_names())):
        assert all(registry.summary(kind, name) for name in names)  # type: ignore[arg-type]
    assert len([name for name in registry.cipher_names() if brief(name)]) > 5
    assert stored.complete


def test_a_folder_without_write_access_works(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index cannot be written; names are found all the same."""

    def refuse() -> Path:
        raise PermissionError(13, "Permission denied")

    write("attacks/one.py", NAMED.format("One", "one"))
    monkeypatch.setattr(package_index(), "complete", False)
    monkeypatch.setattr(catalogue, "renew_index", refuse)
    assert list(plugins("attack")) == ["one"]
