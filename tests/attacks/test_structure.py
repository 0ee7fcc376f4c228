"""The folder of attacks is as it says: families apart, but for one above them, one plug-in a file, shared tools."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cryptobench.attacks

ROOT = Path(cryptobench.attacks.__file__).parent
TOOLS, ABOVE = "tools", "composed"
FAMILIES = sorted(path.name for path in ROOT.iterdir() if (path / "__init__.py").exists() and path.name != TOOLS)
SOURCES = sorted(path for path in ROOT.rglob("*.py") if path.name != "__init__.py")


def _room(path: Path) -> str:
    """The family, "tools", or "" for the machinery."""
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else ""


def _imported_rooms(path: Path) -> set[str]:
    """The folders of attacks that a file imports from, within functions too."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "relative import"
            modules |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    inside = (name.split(".")[2] for name in modules if name.startswith("cryptobench.attacks."))
    return {name for name in inside if name in (*FAMILIES, TOOLS)}


def _attacks(path: Path) -> list[ast.ClassDef]:
    """The classes of a file that derive from `Attack`."""
    classes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    return [node for node in classes if any(isinstance(base, ast.Name) and base.id == "Attack" for base in node.bases)]


def _literals(attack: ast.ClassDef) -> dict[str, object]:
    """The class attributes of an attack that are written as constants."""
    assigned = [node for node in attack.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)]
    return {node.target.id: node.value.value for node in assigned if isinstance(node.value, ast.Constant)}


def _is_plug_in(path: Path) -> bool:
    """A file of a family, or `attack.py` in a plug-in's own folder, whose other files are helpers."""
    if _room(path) not in FAMILIES:
        return False
    return path.name == "attack.py" or not (path.parent / "attack.py").exists()


def test_there_are_ten_families_and_one_above() -> None:
    """By what the adversary exploits; the last runs attacks of the others."""
    assert FAMILIES == [
        "algebraic", ABOVE, "diffusion", "keys", "keystream", "leakage", "learning", "malleability", "permutation",
        "plaintext_state", "published",
    ]  # fmt: skip


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_family_imports_another(path: Path) -> None:
    """A family imports itself, the tools and the machinery, and the one above imports all; tools and machinery none."""
    allowed = {TOOLS} if _room(path) in ("", TOOLS) else {TOOLS, _room(path)}
    if _room(path) == ABOVE:
        allowed |= set(FAMILIES)
    assert _imported_rooms(path) <= allowed


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_plug_in_file_defines_one_attack(path: Path) -> None:
    """With a literal name; tools, helpers and machinery define none."""
    attacks = _attacks(path)
    assert len(attacks) == int(_is_plug_in(path))
    for attack in attacks:
        assert isinstance(_literals(attack).get("name"), str)


def test_a_plug_in_file_has_its_name() -> None:
    """``NAME.py``, or ``NAME/attack.py``; only the folder of `permutation` would repeat that of its family."""
    other = {}
    for path in filter(_is_plug_in, SOURCES):
        (attack,) = _attacks(path)
        name = _literals(attack)["name"]
        if name != (path.parent.name if path.name == "attack.py" else path.stem):
            other[str(path.relative_to(ROOT))] = name
    assert other == {"permutation/recovery/attack.py": "permutation"}


def test_names_are_given_once() -> None:
    """No two attacks share a name, or a name from which trials are drawn."""
    literals = [_literals(attack) for path in SOURCES for attack in _attacks(path)]
    for names in ([one["name"] for one in literals], [one.get("seed_name") or one["name"] for one in literals]):
        assert len(set(names)) == len(names)
