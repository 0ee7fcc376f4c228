"""Trained weights and code digests, from source text that is not run."""

import hashlib
import os
import time

import pytest

from cryptobench import code_digest as code_digest_module
from cryptobench.code_digest import code_digest, weight_files
from cryptobench.metrics.randomness import null_limits
from cryptobench.registry import code_version
from cryptobench.source_index import PACKAGE


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


def test_data_files_that_are_named_count(tmp_path):
    """A file beside the source, in a folder that it names, or of a helper; others, and outputs to come, do not."""
    (tmp_path / "tables").mkdir()
    (tmp_path / "main.py").write_text('import helper\nopen("a.csv"), "tables/b.json", HERE / "tables" / "c.npy"\n')
    (tmp_path / "helper.py").write_text('FILE = "d.toml"\nCODE = "e.py"\n')
    (tmp_path / "e.py").write_text("x = 1\n")
    (tmp_path / "tables" / "f.csv").write_text("not named")
    digests = [code_digest(tmp_path / "main.py")]
    for name in ("a.csv", "tables/b.json", "tables/c.npy", "d.toml", "e.py"):
        (tmp_path / name).write_text(f"{name} is new")
        digests.append(code_digest(tmp_path / "main.py"))
    assert len(set(digests)) == 6
    (tmp_path / "tables" / "f.csv").write_text("changed")
    assert code_digest(tmp_path / "main.py") == digests[-1]
    assert len({code_digest(tmp_path / "main.py", data=False), *digests}) == 7


def test_null_counts_are_of_the_randomness_analysis(monkeypatch):
    """The table that its verdicts stand on counts for its digest, and for that of no other analysis."""
    before = {name: code_version("analysis", name) for name in ("randomness", "entropy")}
    digest = hashlib.sha256
    changed = null_limits._FILE.read_bytes()
    monkeypatch.setattr(code_digest_module, "_hashes", {})
    monkeypatch.setattr(
        "cryptobench.code_digest.hashlib.sha256",
        lambda content=b"": digest(b"other" if content == changed else content),
    )
    after = {name: code_version("analysis", name) for name in before}
    assert after["entropy"] == before["entropy"]
    assert after["randomness"] != before["randomness"]


def test_reports_and_runs_are_no_part_of_what_is_measured(monkeypatch):
    """A cipher, an analysis, an attack: what draws, plans, prints or calibrates may change, and they are the same."""
    read = set()
    named = code_digest_module._imported_files
    monkeypatch.setattr(code_digest_module, "_imported_files", lambda *of: read.add(of[0]) or named(*of))
    for kind, name in (("cipher", "aes-256-siv"), ("analysis", "entropy"), ("attack", "permutation")):
        code_version(kind, name)
    rooms = {path.relative_to(PACKAGE).parts[0] for path in read if path.is_relative_to(PACKAGE)}
    assert {"cipher.py", "analyses", "attacks", "metrics"} <= rooms
    assert not rooms & {"__init__.py", "api.py", "bench", "calibration", "check", "cli", "report", "results", "testing"}


def test_names_of_the_package_stand_for_their_modules(tmp_path, monkeypatch):
    """A cipher that takes its base class from the package depends on the interface, not on all that the package has."""
    read = set()
    named = code_digest_module._imported_files
    monkeypatch.setattr(code_digest_module, "_imported_files", lambda *of: read.add(of[0].name) or named(*of))
    (tmp_path / "mine.py").write_text("from cryptobench import Card, Cipher, Encrypted\n")
    code_digest(tmp_path / "mine.py")
    assert {"mine.py", "card.py", "cipher.py"} <= read
    assert not read & {"__init__.py", "api.py", "run.py"}
    (tmp_path / "whole.py").write_text("import cryptobench as cb\n")
    assert "__init__.py" in {path.name for path, _ in named(tmp_path / "whole.py", None, "")}


def test_imports_are_those_of_the_content(tmp_path):
    """A file that imports something else now, or whose helper has come to be, is read again in the same process."""
    main, digests = tmp_path / "main.py", set()
    for text, helper in (("x = 1", None), ("import h", None), ("import h", "y = 1"), ("import h", "y = 2")):
        main.write_text(text)
        if helper:
            (tmp_path / "h.py").write_text(helper)
        digests.add(code_digest(main))
    assert len(digests) == 4


def test_prose_is_left_out_where_asked(tmp_path):
    """Docstrings, comments and layout change the digest of the content only; a number changes both."""
    main = tmp_path / "main.py"
    digests = {}
    for text in ('"""One."""\nx = 1\n', '"""Two."""\n\n# more\nx = (1)\n', "x = 1\n", "x = 2\n", 'x = 1\n"""Two."""\n'):
        main.write_text(text)
        digests[text] = code_digest(main), code_digest(main, prose=False)
    whole, meaning = zip(*digests.values(), strict=True)
    assert len(set(whole)) == 5
    assert meaning[0] == meaning[1] == meaning[2]
    assert len(set(meaning)) == 3


def test_what_is_taken_over_is_not_parsed(monkeypatch):
    """With what another process found in source texts the digests are the same, and no text is parsed."""
    wanted = [("cipher", "aes-256-siv"), ("analysis", "entropy"), ("attack", "permutation")]
    before = [code_version(*one) for one in wanted]
    said = code_digest_module.source_texts_say()
    monkeypatch.setattr(code_digest_module, "_said", {})
    for kept in ("_files_of_ours", "_data_of_ours"):
        monkeypatch.setattr(code_digest_module, kept, getattr(code_digest_module, kept).__wrapped__)
    code_digest_module.take_over(said)
    monkeypatch.setattr(code_digest_module.ast, "parse", lambda *_, **__: pytest.fail("parsed again"))
    assert [code_version(*one) for one in wanted] == before


def test_a_file_that_changed_is_read_again(tmp_path, monkeypatch):
    """Also where neither its size nor its time of modification shows it."""
    monkeypatch.setattr(code_digest_module, "_SETTLED_SECONDS", 0)
    main = tmp_path / "main.py"
    main.write_text("x = 1\n")
    time.sleep(0.02)  # a tick of the file system's clock
    about, before = main.stat(), code_digest(main)
    assert main.resolve() in code_digest_module._hashes
    main.write_text("x = 2\n")
    os.utime(main, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert code_digest(main) != before
