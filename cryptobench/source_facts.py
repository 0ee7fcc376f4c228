"""What a source file says without being run: its summary, its classes, their names, cards and trained weights."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptobench.card import Card, KeyField

__all__ = ["Base", "ClassFacts", "SourceFacts", "from_json", "parse", "to_json"]


@dataclass(frozen=True)
class Base:
    """A base class: its name in the module that defines it; ``level`` counts the dots of a relative import.

    ``module`` is None for a class of the same file.
    """

    name: str
    module: str | None = None
    level: int = 0


@dataclass(frozen=True)
class ClassFacts:
    """A top-level class.

    ``plugin_name`` is the name that it is found by: the literal ``name=`` of its card, or its own literal
    ``name: ClassVar[str] = "..."``; None where it has neither. ``computed_name`` is true where one of them is there
    and is no literal. ``card`` is None unless the whole card is a literal. ``weights`` are the literal names of the
    trained weights, None without any; ``computed_weights`` is true where they are no literal.
    """

    name: str
    bases: tuple[Base, ...] = ()
    has_card: bool = False
    plugin_name: str | None = None
    computed_name: bool = False
    card: Card | None = None
    weights: tuple[str, ...] | None = None
    computed_weights: bool = False


@dataclass(frozen=True)
class SourceFacts:
    """The first paragraph of a file's docstring, as one line, and its top-level classes in their order."""

    summary: str
    classes: tuple[ClassFacts, ...]

    def find(self, name: str) -> ClassFacts | None:
        """The class of this name; None if there is none."""
        return next((found for found in self.classes if found.name == name), None)


def parse(content: bytes, file_name: str = "<unknown>") -> SourceFacts:
    """The facts of a source text; SyntaxError if it is no Python."""
    try:
        tree = ast.parse(content, filename=file_name)
    except ValueError as error:  # null bytes
        raise SyntaxError(str(error)) from None
    origins = _origins(tree)
    classes = tuple(_class_facts(node, origins) for node in tree.body if isinstance(node, ast.ClassDef))
    summary = (ast.get_docstring(tree) or "").partition("\n\n")[0]
    return SourceFacts(" ".join(summary.split()), classes)


def _assignments(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr, ast.expr | None]]:
    """The name, the value and the annotation of each assignment of a class body."""
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            yield statement.target.id, statement.value, statement.annotation
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, statement.value, None


def _class_facts(node: ast.ClassDef, origins: dict[str, Base]) -> ClassFacts:
    facts: dict[str, Any] = {}
    for target, value, annotation in _assignments(node):
        if target == "card":
            name, card = _card(value)
            facts |= {"has_card": True, "plugin_name": name, "computed_name": name is None, "card": card}
        elif target == "name" and "has_card" not in facts and _is_class_variable(annotation):
            literal = value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
            facts |= {"plugin_name": literal, "computed_name": literal is None}
        elif target == "weights":
            names = _weight_names(value)
            facts |= {"weights": names, "computed_weights": names is None}
    bases = tuple(origins[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in origins)
    return ClassFacts(node.name, bases, **facts)


def _origins(tree: ast.Module) -> dict[str, Base]:
    """Where each name of a file that can be a class is defined."""
    found = {
        alias.asname or alias.name: Base(alias.name, node.module or "", node.level)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return found | {node.name: Base(node.name) for node in tree.body if isinstance(node, ast.ClassDef)}


def _is_class_variable(annotation: ast.expr | None) -> bool:
    """False for the field of a dataclass; an assignment without annotation is no field."""
    return annotation is None or "ClassVar" in ast.unparse(annotation)


def _weight_names(value: ast.expr) -> tuple[str, ...] | None:
    try:
        names = ast.literal_eval(value)
    except ValueError:
        return None
    return names if isinstance(names, tuple) and all(isinstance(name, str) for name in names) else None


def _card(value: ast.expr) -> tuple[str | None, Card | None]:
    """The name and the card of ``card = Card(name="...", ...)``; any other call can give the name alone."""
    if not isinstance(value, ast.Call):
        return None, None
    try:
        card = _evaluate(value)
    except (ValueError, TypeError):
        card = None
    named = (keyword.value for keyword in value.keywords if keyword.arg == "name")
    names = (node.value for node in named if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return next(names, None), card if isinstance(card, Card) else None


_CONSTRUCTORS = {"Card": Card, "KeyField": KeyField}


def _evaluate(node: ast.expr) -> Any:
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in _CONSTRUCTORS:
            raise ValueError("not a literal")
        arguments = [_evaluate(argument) for argument in node.args]
        keywords = {keyword.arg: _evaluate(keyword.value) for keyword in node.keywords if keyword.arg}
        return _CONSTRUCTORS[node.func.id](*arguments, **keywords)
    if isinstance(node, ast.Tuple):
        return tuple(_evaluate(element) for element in node.elts)
    return ast.literal_eval(node)


def to_json(facts: SourceFacts) -> dict[str, Any]:
    """The facts as JSON values; what has its default is left out."""
    return {"summary": facts.summary, "classes": [_changed(entry) for entry in facts.classes]}


def _changed(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        entries = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: _changed(entry) for field, entry in entries if entry != field.default}
    return [_changed(entry) for entry in value] if isinstance(value, tuple) else value


def from_json(values: dict[str, Any]) -> SourceFacts:
    """The facts that `to_json` wrote; KeyError, TypeError or ValueError for anything else."""
    return SourceFacts(values["summary"], tuple(_read_class(entry) for entry in values["classes"]))


def _read_class(entry: dict[str, Any]) -> ClassFacts:
    values = _tuples(entry)
    values["bases"] = tuple(Base(**base) for base in values.get("bases", ()))
    if card := values.get("card"):
        key = tuple(KeyField(**field) for field in card["key"])
        values["card"] = Card(**_tuples(card) | {"key": key})
    return ClassFacts(**values)


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
