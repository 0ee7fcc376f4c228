"""Recipe settings as a user gives them: ``name=value`` texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from cryptobench.primitives.learned.recipe import Recipe
from cryptobench.primitives.learned.training import TrainingError
from cryptobench.terminal import nearest

__all__ = ["with_settings"]


def with_settings(recipe: Recipe, texts: Sequence[str], steps: int | None = None) -> Recipe:
    """``recipe`` with the settings in ``texts``, and ``steps``; TrainingError for an unknown name or another type."""
    known = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
    changed: dict[str, Any] = {} if steps is None else {"steps": steps}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            raise TrainingError(f"--set {text}: wanted name=value, such as variation_weight=0.05")
        if name == "steps":
            raise TrainingError(f"--set {text}: use --steps")
        if name not in known:
            raise TrainingError(f"--set {text}: recipe {recipe.name!r} has no setting {name!r}{nearest(name, known)}")
        changed[name] = _value(text, value, known[name])
    return replace(recipe, **changed)


def _value(text: str, value: str, default: object) -> object:
    """``value`` as the type that ``default`` has."""
    try:
        read = json.loads(value)
    except ValueError:
        read = value
    wanted = type(default)
    if wanted is float and type(read) is int:
        return float(read)
    if wanted is tuple and type(read) is list:
        return tuple(read)
    if type(read) is not wanted and default is not None:
        raise TrainingError(f"--set {text}: wanted a value like {json.dumps(default)}")
    return read
