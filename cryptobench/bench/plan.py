"""Which cells a run consists of, in the order of its measurement table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptobench.bench.cell import Cell, frozen
from cryptobench.bench.errors import BenchError
from cryptobench.bench.profiles import nearest
from cryptobench.bench.settings import Settings

if TYPE_CHECKING:
    from cryptobench.analyses.base import Analysis
    from cryptobench.cipher import Card

__all__ = ["Plan", "make_plan"]


@dataclass(frozen=True)
class PlannedImage:
    """An image as planned: how to load it, what tables call it, its pixels' digest and shape."""

    reference: str
    name: str
    photograph: bool
    flat: bool
    digest: str
    height: int
    width: int
    channels: int


@dataclass(frozen=True)
class PlannedCipher:
    """A cipher as planned: how to load it, its card, the digest of its code."""

    reference: str
    card: Card
    code: str


@dataclass(frozen=True)
class PlannedAnalysis:
    """An analysis as planned: how to load it, an instance with its parameters, the digest of its code, its images."""

    reference: str
    analysis: Analysis
    code: str
    images: Sequence[PlannedImage]

    @property
    def parameters(self) -> str:
        return json.dumps(asdict(self.analysis), sort_keys=True)


@dataclass(frozen=True)
class Plan:
    """The cells of a run, by cipher, then image, then analysis; and what they are made of."""

    cells: tuple[Cell, ...]
    ciphers: tuple[PlannedCipher, ...]
    images: tuple[PlannedImage, ...]
    analyses: tuple[PlannedAnalysis, ...]
    notes: tuple[str, ...] = ()


def make_plan(settings: Settings) -> Plan:
    """Look up ciphers, images and analyses, and make a cell of each combination that an analysis asks for.

    BenchError, or the registry's or image sets' own error, for what is unknown or ambiguous.
    """
    ciphers = _ciphers(settings)
    library: dict[str, PlannedImage] = {}
    images = _images(settings.images, settings.size, library)
    analyses = _analyses(settings, images, library)
    notes = tuple(
        f"{planned.analysis.name} is left out: it measures photographs, and the run has none"
        for planned in analyses
        if not planned.images
    )
    order = list(library.values())
    _require_different((image.name for image in order), "images", "rename one of the files")
    cells = tuple(
        _cell(cipher, image, analysis, settings)
        for cipher in ciphers
        for image in order
        for analysis in analyses
        if image in analysis.images
    )
    if not cells:
        raise BenchError("there is nothing to run: " + "; ".join(notes))
    return Plan(cells, tuple(ciphers), tuple(order), tuple(analyses), notes)


def _ciphers(settings: Settings) -> list[PlannedCipher]:
    from cryptobench.registry import cipher_names, code_version, read_card

    references: list[str] = []
    for reference in settings.ciphers:
        references += cipher_names() if reference == "all" else [_absolute(reference)]
    ciphers = [
        PlannedCipher(reference, read_card(reference), code_version("cipher", reference))
        for reference in dict.fromkeys(references)
    ]
    _require_different((cipher.card.name for cipher in ciphers), "ciphers", "give one another card.name")
    return ciphers


def _images(references: Sequence[str], size: int, library: dict[str, PlannedImage]) -> list[PlannedImage]:
    from cryptobench.images import image_hash, kind, label, load_image, resolve

    planned = []
    for single in resolve(list(references)):
        reference = str(Path(single).resolve()) if Path(single).is_file() else single
        if reference not in library:
            image = load_image(reference, size)
            height, width = image.shape[:2]
            channels = image.shape[2] if image.ndim == 3 else 1
            photograph = kind(single) == "photograph"
            flat = bool((image == image.flat[0]).all())
            library[reference] = PlannedImage(
                reference, label(single), photograph, flat, image_hash(image), height, width, channels
            )
        planned.append(library[reference])
    return planned


def _analyses(
    settings: Settings, images: Sequence[PlannedImage], library: dict[str, PlannedImage]
) -> list[PlannedAnalysis]:
    from cryptobench.registry import code_version

    planned = []
    for reference, parameters in settings.analyses.items():
        own = {key: value for key, value in parameters.items() if key != "images"}
        analysis = _analysis(_absolute(reference), {"alpha": settings.alpha} | own)
        chosen = parameters.get("images", analysis.images)
        if chosen == "all":
            selection = list(images)
        elif chosen in ("photographs", "first"):
            photographs = [image for image in images if image.photograph]
            selection = photographs[:1] if chosen == "first" else photographs
        elif chosen == "photographs and flat":
            selection = [image for image in images if image.photograph or image.flat]
        elif isinstance(chosen, list | tuple) and all(isinstance(reference, str) for reference in chosen):
            selection = _images(chosen, settings.size, library)
        else:
            raise BenchError(
                f"analysis {reference}: images is {chosen!r}, wanted a list of images, or all, photographs, "
                "photographs and flat, or first"
            )
        code = code_version("analysis", _absolute(reference))
        planned.append(PlannedAnalysis(_absolute(reference), analysis, code, selection))
    _require_different((item.analysis.name for item in planned), "analyses", "give one another name")
    return planned


def _analysis(reference: str, parameters: Mapping[str, Any]) -> Analysis:
    from cryptobench.registry import RegistryError, load_analysis

    default = load_analysis(reference)
    defaults = {item.name: getattr(default, item.name) for item in fields(default)}
    plain: dict[str, Any] = {}
    for name, value in parameters.items():
        if name not in defaults:
            raise BenchError(f"analysis {reference} has no parameter {name!r}{nearest(name, defaults)}")
        plain[name] = float(value) if type(defaults[name]) is float and type(value) is int else frozen(value)
        if not _fits(plain[name], defaults[name]):
            wanted = type(defaults[name]).__name__.replace("tuple", "list")
            raise BenchError(f"analysis {reference}: {name} is {value!r}, wanted {wanted} such as {defaults[name]!r}")
    try:
        return load_analysis(reference, **plain)
    except RegistryError:
        raise
    except (ValueError, TypeError) as error:
        raise BenchError(f"analysis {reference}: {error}") from None


def _fits(value: object, default: object) -> bool:
    if default is None or value is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))


def _cell(cipher: PlannedCipher, image: PlannedImage, planned: PlannedAnalysis, settings: Settings) -> Cell:
    return Cell(
        cipher=cipher.reference, image=image.reference, analysis=planned.reference, parameters=planned.parameters,
        size=settings.size, seed=settings.seed, cipher_name=cipher.card.name, family=cipher.card.family,
        fidelity=cipher.card.fidelity, image_name=image.name, height=image.height, width=image.width,
        channels=image.channels, analysis_name=planned.analysis.name, alone=planned.analysis.alone,
        cipher_code=cipher.code, image_hash=image.digest, analysis_code=planned.code,
    )  # fmt: skip


def _absolute(reference: str) -> str:
    path, separator, name = reference.rpartition(".py:")
    return f"{Path(path + '.py').expanduser().resolve()}:{name}" if separator else reference


def _require_different(names: Any, what: str, remedy: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BenchError(f"two {what} are called {twice[0]!r}, and tables could not tell them apart; {remedy}")
