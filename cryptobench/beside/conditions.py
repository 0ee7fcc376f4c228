"""What must be equal for rows of two runs to stand in one table: images, size, seed and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptobench.registry import RegistryError, code_version

if TYPE_CHECKING:
    from cryptobench.bench.settings import Settings

__all__ = ["Conditions", "differences", "is_todays", "same_code"]

# What a title has behind an image's name where it is not the image as it is: its side, "grey", "252x252 crop".
_DERIVED = re.compile(r".+ (\d+|grey|\d+x\d+ crop)")


@dataclass(frozen=True)
class Conditions:
    """What a run was made with: its seed, its images by title, its analyses and attacks, as its run.json has them."""

    seed: int | None
    images: Mapping[str, Mapping[str, Any]]
    analyses: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of_run(cls, about: Mapping[str, Any]) -> Conditions:
        """Those of a finished run, from its run.json."""
        return cls(about.get("settings", {}).get("seed"), about.get("images", {}), about.get("analyses", {}))

    @classmethod
    def of_settings(cls, settings: Settings) -> Conditions:
        """Those that a run with these settings will have; what is unknown or ambiguous raises as planning does."""
        import json
        from dataclasses import replace

        from cryptobench.bench.plan import make_plan

        plan = make_plan(replace(settings, ciphers=("aes-256-ctr",)))  # its ciphers change no image and no parameter
        return cls(
            settings.seed,
            {one.title(settings.size): {"sha256": one.digest, "shape": [one.height, one.width, one.channels]}
             for one in plan.images},
            {task.name: {"code": task.code, "parameters": json.loads(task.parameters)} for task in plan.tasks},
        )  # fmt: skip


def differences(own: Conditions, other: Conditions) -> Iterator[str]:
    """In words: where another run's images, size, seed or parameters are not one's own.

    Images as they are must be in the other run; smaller, grey and cut versions need not be. Analyses and attacks whose
    code has changed are withheld, and therefore not compared.
    """
    if own.seed != other.seed:
        yield f"the seed is {own.seed} here and {other.seed} there"
    whole = [title for title in other.images if not _DERIVED.fullmatch(title)]
    for title, image in own.images.items():
        same = other.images.get(title)
        if same is None and not _DERIVED.fullmatch(title):
            yield f"the image {title} is not among those there, {', '.join(whole)}"
        elif same is not None and same.get("shape") != image.get("shape"):
            yield f"the image {title} is {_size(image)} here and {_size(same)} there"
        elif same is not None and same.get("sha256") != image.get("sha256"):
            yield f"the image {title} has other pixels here than there"
    for name, task in own.analyses.items():
        there = other.analyses.get(name)
        if there is None or not same_code(name, task, there):
            continue
        mine, theirs = task.get("parameters", {}), there.get("parameters", {})
        for key in [*mine, *(key for key in theirs if key not in mine)]:
            if mine.get(key) != theirs.get(key):
                yield f"{name}: {key} is {mine.get(key)} here and {theirs.get(key)} there"


def same_code(name: str, own: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether an analysis or attack was the same in two runs, but for comments and docstrings."""
    if own.get("code") == other.get("code"):
        return True
    kind = "attack" if name.startswith("attack:") else "analysis"
    reference = name.removeprefix("attack:")
    todays = own.get("meaning") or (_version(kind, reference) == own.get("code") and _meaning(kind, reference))
    return bool(todays) and todays == other.get("meaning")


def is_todays(cipher: str, other: Mapping[str, Any]) -> bool | None:
    """Whether a cipher's code is still what it was in another run, but for prose; None for one unknown here."""
    todays = _version("cipher", cipher)
    if todays is None:
        return None
    return todays == other.get("code") or ("meaning" in other and _meaning("cipher", cipher) == other["meaning"])


def _version(kind: Any, reference: str) -> str | None:
    try:
        return code_version(kind, reference)
    except RegistryError:
        return None


def _meaning(kind: Any, reference: str) -> str | None:
    try:
        return code_version(kind, reference, prose=False)
    except RegistryError:
        return None


def _size(image: Mapping[str, Any]) -> str:
    return "x".join(map(str, image.get("shape", ())))
