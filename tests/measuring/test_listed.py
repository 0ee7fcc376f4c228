"""Many pictures: folders and patterns that pair, tables that list, and one clear line where they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cryptobench.images import ImageError
from cryptobench.measuring.listed import from_patterns, from_table


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty files by the names of pictures: pairing reads none."""
    monkeypatch.chdir(tmp_path)
    names = (
        "plain/a.tif plain/b.png cipher/a.png cipher/b.png cipher/note.txt img/a.png img/b.png img/a_enc.png "
        "img/b_enc.png img/.hidden.png img/a_two.png img/b_two.png [x]/a1.png [x]/a2.png run1/p.png run1/c.png "
        "run2/p.png run2/c.png"
    )
    for name in names.split():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    return tmp_path


def paired(plain: str, cipher: str, **others: Any) -> dict[str, list[str]]:
    rows = from_patterns((plain, cipher), others)
    return {name: [one.as_posix() for several in pictures.values() for one in several] for name, pictures in rows}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (("plain", "cipher"), {"a": ["plain/a.tif", "cipher/a.png"], "b": ["plain/b.png", "cipher/b.png"]}),
        (("run*/p.png", "run*/c.png"), {"1": ["run1/p.png", "run1/c.png"], "2": ["run2/p.png", "run2/c.png"]}),
    ],
)
def test_the_same_text_stands_for_the_star(
    folder: Path, patterns: tuple[str, str], expected: dict[str, list[str]]
) -> None:
    """In file names, in folder names, and of two folders the names without ending."""
    assert paired(*patterns) == expected


def test_the_longer_pattern_takes_its_pictures(folder: Path) -> None:
    """a_enc.png is no plaintext where *_enc.png names it, though *.png does too."""
    found = paired("img/*.png", "img/*_enc.png", changed="img/*_two.png")
    assert found == {name: [f"img/{name}.png", f"img/{name}_enc.png", f"img/{name}_two.png"] for name in "ab"}


def test_brackets_in_names_are_no_pattern(folder: Path) -> None:
    """Only * stands for something."""
    assert list(paired("[x]/a*.png", "run*/c.png")) == ["1", "2"]


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        (("plain", "gone"), "gone is no folder and has no *, wanted a folder or a pattern with one *, in quotes"),
        (("plain/*.*", "cipher"), "has several *"),
        (("plain/*.bmp", "cipher"), "no picture is called plain/*.bmp"),
        (("plain", "plain"), "are both plain, wanted two patterns or folders"),
        (("plain", "run1"), "plain/a.tif, plain/b.png: no partner in run1 (2 of 2 pictures, cipher)"),
        (("run1", "plain"), "no partner in plain"),
        (("img", "plain/*.png"), "img holds"),
    ],
)
def test_pictures_without_partners_are_named(folder: Path, patterns: tuple[str, str], said: str) -> None:
    """One line that says which, and where they were looked for."""
    Path("img/a.bmp").touch()
    with pytest.raises(ImageError) as caught:
        paired(*patterns)
    assert said in str(caught.value)


def table(text: str) -> list[tuple[str, dict[str, list[str]]]]:
    Path("list.csv").write_text(text, "utf-8")
    return [
        (name, {role: [p.as_posix() for p in paths] for role, paths in pictures.items()})
        for name, pictures in from_table(Path("list.csv"))
    ]


@pytest.mark.parametrize("separator", [",", ";"])
def test_tables_have_a_column_for_each_kind(folder: Path, separator: str) -> None:
    """In any order, with or without names, further damaged pictures in columns of their own; empty cells are none."""
    header = "\ufeffCipher,plain,Wrong key,damaged_cut,damaged noise,name"
    text = f"{header}\n c.png,p.png,w.png,d1.png,d2.png,one\nsub/e.png,,,,,\n\n"
    found = table(text.replace(",", separator))
    assert found == [
        ("one", {"cipher": ["c.png"], "plain": ["p.png"], "wrong_key": ["w.png"], "damaged": ["d1.png", "d2.png"]}),
        ("e", {"cipher": ["sub/e.png"]}),
    ]


def test_paths_start_at_the_table(folder: Path) -> None:
    """Not at the folder in which the command was given."""
    Path("plain/list.csv").write_text("plain,cipher\na.tif,../cipher/a.png\n")
    ((_, pictures),) = from_table(Path("plain/list.csv"))
    assert pictures == {"plain": [Path("plain/a.tif")], "cipher": [Path("plain/../cipher/a.png")]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "list.csv is empty, wanted a first line such as name,plain,cipher"),
        ("\n\n", "list.csv is empty"),
        ("plain,cipher\n", "lists no pictures below its first line"),
        ("plain,name\np,c\n", "has no column cipher"),
        ("plain,ciper\np,c\n", "has a column 'ciper'; did you mean 'cipher'?"),
        ("plain,cipher\np.png,\n", "row 2 names no cipher image"),
        ("plain,cipher\np.png,c.png,x\n", "row 2 has 3 cells, its first line has 2"),
        ("a\0b", "is no CSV file"),
    ],
)
def test_tables_that_list_nothing_are_refused(folder: Path, text: str, said: str) -> None:
    """One line: which row or column, and what is wanted."""
    with pytest.raises(ImageError) as caught:
        table(text)
    assert said in str(caught.value)


def test_a_missing_table_is_named(folder: Path) -> None:
    """As any file that is not there."""
    with pytest.raises(ImageError, match=r"gone\.csv does not exist"):
        from_table(Path("gone.csv"))
