"""Which trained weights a cipher has, read from source text and manifests: nothing is loaded, torch least of all."""

from __future__ import annotations

from pathlib import Path

from cryptobench.code_digest import weight_files
from cryptobench.primitives.learned.manifest import Manifest, read_manifest
from cryptobench.registry import locate

__all__ = ["brief", "details", "shipped"]

_UNITS = {"psnr": " dB", "psnr_min": " dB", "entropy": " bit"}


def shipped(reference: str) -> list[tuple[Path, Manifest | None]] | None:
    """The weight files that a cipher names, each with its manifest, None where that or the file is missing.

    None for a cipher that names no weights.
    """
    location = locate("cipher", reference)
    try:
        files = weight_files(location.file, location.class_name, location.package)
    except SyntaxError:
        return None
    return None if files is None else [(file, _manifest(file)) for file in files]


def brief(reference: str) -> str:
    """A few words for a table: how many of the weights are there, their presets, their first score."""
    weights = shipped(reference)
    if weights is None:
        return ""
    present = [manifest for _, manifest in weights if manifest is not None]
    if not present:
        return "missing"
    count = f"{len(present)} of {len(weights)}, " if len(present) < len(weights) else ""
    presets = "/".join(dict.fromkeys(manifest.preset for manifest in present))
    name = next(iter(present[0].scores), None)
    values = [manifest.scores[name] for manifest in present if name in manifest.scores] if name else []
    score = f", {name} {', '.join(f'{value:.2f}' for value in values)}{_UNITS.get(str(name), '')}" if values else ""
    return f"{count}{presets}{score}"


def details(reference: str) -> list[str]:
    """A line for each weight file: how it was trained and what it scored, or how to get it."""
    return [_line(reference, file, manifest) for file, manifest in shipped(reference) or []]


def _line(reference: str, file: Path, manifest: Manifest | None) -> str:
    if manifest is None:
        return f"{file.stem}: missing; cryptobench train {reference} --data DIR --out {file.name} trains it"
    scores = ", ".join(f"{name} {value:.4g}{_UNITS.get(name, '')}" for name, value in manifest.scores.items())
    trained = f"preset {manifest.preset}, {manifest.steps} steps, seed {manifest.seed}, on {manifest.device}"
    return "; ".join(part for part in (f"{file.stem}: {trained}", scores, manifest.licence) if part)


def _manifest(file: Path) -> Manifest | None:
    try:
        return read_manifest(file) if file.is_file() else None
    except (OSError, ValueError, TypeError):
        return None
