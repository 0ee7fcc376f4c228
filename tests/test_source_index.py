"""The index of source files: it saves parsing and is never wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cryptobench import source_index
from cryptobench.source_index import SourceIndex

TEXT = 'class C:\n    name = "{}"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two source files and their index."""
    folder = tmp_path / "package"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.py").write_text(TEXT.format(name))
    index = _index(folder)
    assert _names(index, folder) == ["a", "b"]
    assert not index.complete
    index.save()
    return folder


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The source texts that are parsed from now on."""
    texts: list[bytes] = []
    real = source_index.parse

    def parse(content: bytes, file_name: str = "") -> source_index.SourceFacts:
        texts.append(content)
        return real(content, file_name)

    monkeypatch.setattr(source_index, "parse", parse)
    return texts


def _index(folder: Path) -> SourceIndex:
    return SourceIndex(folder / "index.json", folder)


def _names(index: SourceIndex, folder: Path) -> list[str | None]:
    return [index.facts(file).classes[0].plugin_name for file in sorted(folder.glob("*.py"))]


def test_an_indexed_file_is_not_parsed(folder: Path, parsed: list[bytes]) -> None:
    """Its facts come from the index, wherever the folder has been moved to."""
    moved = folder.rename(folder.with_name("moved"))
    index = _index(moved)
    assert _names(index, moved) == ["a", "b"]
    assert index.complete
    assert not parsed


def test_a_changed_file_is_parsed_alone(folder: Path, parsed: list[bytes]) -> None:
    """A change counts even where size and time of the file are the old ones."""
    file = folder / "b.py"
    time = file.stat().st_mtime_ns
    file.write_text(TEXT.format("c"))
    os.utime(file, ns=(time, time))
    index = _index(folder)
    assert _names(index, folder) == ["a", "c"]
    assert parsed == [TEXT.format("c").encode()]
    assert not index.complete
    index.save()
    assert _index(folder).facts(file).classes[0].plugin_name == "c"
    assert len(parsed) == 1


@pytest.mark.parametrize("damage", ["missing", "cut", "other value", "other shape", "no text", "other code"])
def test_a_damaged_index_counts_as_empty(
    folder: Path, parsed: list[bytes], damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is parsed, and the answers are right."""
    path = folder / "index.json"
    text = path.read_text()
    if damage == "missing":
        path.unlink()
    elif damage == "other code":
        monkeypatch.setattr(source_index, "card", source_index)
    else:
        changed = {
            "cut": text[: len(text) // 2],
            "other value": text.replace('"plugin_name": "a"', '"plugin_name": "x"'),
            "other shape": json.dumps([json.loads(text)]),
            "no text": "\0",
        }[damage]
        assert changed != text
        path.write_text(changed)
    assert _names(_index(folder), folder) == ["a", "b"]
    assert len(parsed) == 2


def test_only_files_of_the_folder_are_kept(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A user's own file is read and left out of the index, which it does not make incomplete."""
    foreign = tmp_path_factory.mktemp("foreign") / "mine.py"
    foreign.write_text(TEXT.format("mine"))
    index = _index(folder)
    before = index.path.read_bytes()
    assert _names(index, folder) == ["a", "b"]
    assert index.facts(foreign).classes[0].plugin_name == "mine"
    assert index.complete
    index.save()
    assert index.path.read_bytes() == before
