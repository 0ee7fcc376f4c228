"""Trained weights and code digests, from source text that is not run."""

import pytest

from cryptobench.code_digest import code_digest, weight_files


@pytest.fixture
def home(tmp_path):
    """base.py names weights a and b; child.py inherits them from it, own.py names its own file."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "base.py").write_text('class Base:\n    weights = ("a", "b")\n')
    (tmp_path / "child.py").write_text("from base import Base as Parent\n\nclass Child(Parent):\n    pass\n")
    (tmp_path / "own.py").write_text('import base\n\nclass Own(base.Base):\n    weights = ("own.safetensors",)\n')
    (tmp_path / "none.py").write_text("class None_:\n    weights: tuple\n")
    return tmp_path


def test_weights_are_found_through_base_classes(home):
    """A name is of the folder weights beside the file that says it; an ending makes it a file beside it."""
    stored = (home / "weights" / "a.safetensors", home / "weights" / "b.safetensors")
    assert weight_files(home / "base.py", "Base") == weight_files(home / "child.py", "Child") == stored
    assert weight_files(home / "own.py", "Own") == (home / "own.safetensors",)
    assert weight_files(home / "none.py", "None_") is None
    assert weight_files(home / "base.py", "Missing") is None


def test_the_digest_changes_with_named_manifests(home):
    """A manifest that comes or changes counts for every file that depends on it, another one for none."""
    files = [home / name for name in ("base.py", "child.py", "own.py", "none.py")]

    def digests():
        return [code_digest(file) for file in files]

    before = digests()
    (home / "weights" / "other.json").write_text("{}")
    assert digests() == before
    (home / "weights" / "a.json").write_text('{"sha256": "1"}')
    first = digests()
    assert [a != b for a, b in zip(before, first, strict=True)] == [True, True, True, False]
    (home / "weights" / "a.json").write_text('{"sha256": "2"}')
    assert [a != b for a, b in zip(first, digests(), strict=True)] == [True, True, True, False]
    second = digests()
    (home / "own.json").write_text("{}")
    assert [a != b for a, b in zip(second, digests(), strict=True)] == [False, False, True, False]


def test_computed_weights_count_every_manifest_beside_them(tmp_path):
    """The names in a computed tuple are unknown without running it, so every manifest counts."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "computed.py").write_text('class C:\n    weights = tuple(f"c-{i}" for i in range(2))\n')
    before = code_digest(tmp_path / "computed.py")
    (tmp_path / "weights" / "c-1.json").write_text("{}")
    assert code_digest(tmp_path / "computed.py") != before
