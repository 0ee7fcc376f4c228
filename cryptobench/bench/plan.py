"""Which cells a run consists of, in the order of its measurement table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from cryptobench.bench.cell import Cell
from cryptobench.bench.errors import BenchError
from cryptobench.bench.names import require_file_name, require_utf8
from cryptobench.bench.planned_images import ImageLibrary, PlannedImage
from cryptobench.bench.seen import further_files
from cryptobench.bench.settings import Settings, require_sides
from cryptobench.bench.tasks import Kind, make_task, parameters_of
from cryptobench.preflight import Preflight, PreflightError, preflights
from cryptobench.references import absolute

if TYPE_CHECKING:
    from cryptobench.analyses.base import Analysis
    from cryptobench.attacks.base import Attack
    from cryptobench.cipher import Card, Cipher

__all__ = ["Plan", "PlannedCipher", "make_plan"]


@dataclass(frozen=True)
class PlannedCipher:
    """A cipher as planned: how to load it, its card, the digest of its code.

    An ``instance`` that only this process has is measured here, and its code is a name that no other run has. Nothing
    of a cipher with ``breaches`` of the interface is measured. An ``isolated`` cipher, one that is not built in, shares
    no worker process with another; ``trial`` is what it did when it was tried.
    """

    reference: str
    card: Card
    code: str
    instance: Cipher | None = None
    breaches: tuple[str, ...] = ()
    isolated: bool = False
    trial: Preflight | None = None


@dataclass(frozen=True)
class PlannedTask:
    """An analysis or attack as planned: how to load it, an instance with its parameters, the digest of its code.

    ``images`` are those that it is run on. An attack on a cipher that takes grey images is run on ``grey_images``
    instead if it asks for grey or the cipher takes no colour.
    """

    kind: Kind
    reference: str
    task: Analysis | Attack
    code: str
    images: Sequence[PlannedImage]
    grey_images: Sequence[PlannedImage] = ()

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.task.name if self.kind == "analysis" else f"attack:{self.task.name}"

    @cached_property
    def parameters(self) -> str:
        return json.dumps(asdict(self.task), sort_keys=True)

    def images_for(self, card: Card) -> Sequence[PlannedImage]:
        """The images that it is run on against one cipher."""
        if self.kind == "analysis":
            return self.images
        from cryptobench.attacks.runner import attacks_grey

        attack = cast("Attack", self.task)
        if attack.against and card.name not in attack.against:
            return ()
        return self.grey_images if attacks_grey(attack, card) else self.images


@dataclass(frozen=True)
class Plan:
    """The cells of a run, by cipher, then image, then analysis; and what they are made of."""

    cells: tuple[Cell, ...]
    ciphers: tuple[PlannedCipher, ...]
    images: tuple[PlannedImage, ...]
    tasks: tuple[PlannedTask, ...]
    notes: tuple[str, ...] = ()


def make_plan(
    settings: Settings, here: Sequence[Cipher] = (), known: Mapping[str, Sequence[str]] | None = None
) -> Plan:
    """Look up ciphers, images, analyses and attacks, and make a cell of each combination that one of them asks for.

    ``here`` are further ciphers, instances that only this process has. ``known`` are files that ciphers turned out to
    depend on, as `seen.known_files` gives them. Ciphers that are not built in are tried first, each in a process of its
    own (see `preflight`). BenchError if there is no cipher at all.

    BenchError, or the registry's or image sets' own error, for what is unknown or ambiguous.
    """
    for what in ("ciphers", "analyses", "attacks"):
        for reference in getattr(settings, what):
            require_utf8(what, reference)
    ciphers = _ciphers(settings, here, known or {})
    library = ImageLibrary(settings)
    images = library.resolved(settings.images, settings.size)
    tasks = [_analysis(*item, settings, images, library) for item in settings.analyses.items()]
    tasks += [_attack(*item, settings, images, library) for item in settings.attacks.items()]
    _require_different(
        (task.task.name for task in tasks if task.kind == "analysis"), "analyses", "give one another name"
    )
    _require_different((task.task.name for task in tasks if task.kind == "attack"), "attacks", "give one another name")
    notes = tuple(
        f"{task.name} is left out: {_why_without_images(task, settings)}" for task in tasks if not task.images
    )
    order = list(library.images.values())
    for image in order:
        require_utf8("images", image.reference)
    _require_different(((image.name, image.size, image.grey) for image in order), "images", "rename one of the files")
    cells = tuple(_cells(ciphers, order, tasks, library, settings))
    if not cells:
        raise BenchError("there is nothing to run: " + "; ".join(notes))
    order += [image for image in library.fitted_images if image not in order]
    notes += tuple(filter(None, [library.scaled(settings.size)]))
    return Plan(cells, tuple(ciphers), tuple(order), tuple(tasks), notes)


def _why_without_images(task: PlannedTask, settings: Settings) -> str:
    if task.kind == "attack" and (largest := getattr(task.task, "largest_side", None)):
        return f"it attacks photographs of at most {largest} pixels a side, and the run has none"
    return "it measures photographs, and the run has none"


def _ciphers(settings: Settings, here: Sequence[Cipher], known: Mapping[str, Sequence[str]]) -> list[PlannedCipher]:
    from cryptobench.catalogue import is_built_in
    from cryptobench.registry import cipher_names, code_version, locate, read_card

    references: list[str] = []
    for reference in settings.ciphers:
        references += cipher_names() if reference == "all" else [absolute(reference)]
    references = list(dict.fromkeys(references))
    others = [one for one in references if not is_built_in(locate("cipher", one).file)]
    try:
        tried = preflights(others, settings.jobs, settings.memory_bytes)
    except PreflightError as error:
        raise BenchError(str(error)) from error
    ciphers = [
        _tried_cipher(tried[reference], known)
        if reference in tried
        else PlannedCipher(reference, read_card(reference), code_version("cipher", reference))
        for reference in references
    ]
    ciphers += [
        PlannedCipher("", cipher.card, f"instance {uuid4().hex}", cipher, _breaches_of(cipher)) for cipher in here
    ]
    if not ciphers:
        raise BenchError("no ciphers are given, wanted names or path/to/file.py:ClassName; `cryptobench list ciphers`")
    for planned in ciphers:
        require_file_name(planned.card.name)
    _require_different((cipher.card.name for cipher in ciphers), "ciphers", "give one another card.name")
    return ciphers


def _tried_cipher(trial: Preflight, known: Mapping[str, Sequence[str]]) -> PlannedCipher:
    from cryptobench.registry import RegistryError, literal_card

    card = trial.card or literal_card(trial.reference)
    if card is None:
        raise RegistryError(trial.fate)
    if not trial.breaches:  # else nothing of it is run, and its file may have gone
        trial = trial.joined(further_files(known, card.name, trial.reference, trial.files))
    return PlannedCipher(trial.reference, card, trial.code, breaches=trial.breaches, isolated=True, trial=trial)


def _breaches_of(cipher: Cipher) -> tuple[str, ...]:
    """Where an instance breaks the interface; one that another process can load, and that harms it, is not let in."""
    from cryptobench.contract import find_breaches, is_built_in
    from cryptobench.registry import reference_of

    if is_built_in(cipher):
        return ()
    reference = reference_of(cipher)
    if isinstance(reference, str):
        trial = preflights([reference])[reference]
        if trial.harmful and trial.card is not None:
            return trial.breaches
    return tuple(find_breaches(cipher))


def _analysis(
    reference: str,
    settings_of: Mapping[str, Any],
    settings: Settings,
    images: Sequence[PlannedImage],
    library: ImageLibrary,
) -> PlannedTask:
    from cryptobench.registry import code_version

    own = parameters_of(settings_of, "images")
    analysis = make_task("analysis", reference, {"alpha": settings.alpha} | own)
    selection = _selection(
        f"analysis {reference}", settings_of.get("images", analysis.images), settings.size, images, library
    )
    code = code_version("analysis", absolute(reference))
    return PlannedTask("analysis", absolute(reference), analysis, code, selection)


def _attack(
    reference: str,
    settings_of: Mapping[str, Any],
    settings: Settings,
    images: Sequence[PlannedImage],
    library: ImageLibrary,
) -> PlannedTask:
    """An attack is run on small versions of its images, and, if it is cheap, on the run's own size."""
    from cryptobench.registry import code_version

    attack = make_task("attack", reference, parameters_of(settings_of, "images", "sides"))
    chosen = _selection(f"attack {reference}", settings_of.get("images", attack.images), settings.size, images, library)
    sides = settings_of.get("sides", settings.attack_sides)
    require_sides(sides, f"attack {reference}: sides")
    if attack.largest_side is None:
        sides = [*sides, settings.size]
    else:
        sides = [side for side in sides if side <= attack.largest_side]
    versions = [(image.reference, side) for side in dict.fromkeys(sides) for image in chosen]
    return PlannedTask(
        "attack", absolute(reference), attack, code_version("attack", absolute(reference)),
        [library.image(*version) for version in versions],
        [library.image(*version, grey=True) for version in versions],
    )  # fmt: skip


def _selection(
    what: str, chosen: object, size: int, images: Sequence[PlannedImage], library: ImageLibrary
) -> list[PlannedImage]:
    if chosen == "all":
        return list(images)
    if chosen in ("photographs", "first"):
        photographs = [image for image in images if image.photograph]
        return photographs[:1] if chosen == "first" else photographs
    if chosen == "photographs and flat":
        return [image for image in images if image.photograph or image.flat]
    if isinstance(chosen, list | tuple) and all(isinstance(reference, str) for reference in chosen):
        return library.resolved(chosen, size)
    raise BenchError(
        f"{what}: images is {chosen!r}, wanted a list of images, or all, photographs, photographs and flat, or first"
    )


def _cells(
    ciphers: Sequence[PlannedCipher], images: Sequence[PlannedImage], tasks: Sequence[PlannedTask],
    library: ImageLibrary, settings: Settings,
) -> Iterator[Cell]:  # fmt: skip
    for cipher in ciphers:
        wanted = [(task, set(task.images_for(cipher.card))) for task in tasks]
        for image in images:
            for task in [task for task, chosen in wanted if image in chosen]:
                yield _cell(cipher, library.fitted(image, cipher.card), task, settings)


def _cell(cipher: PlannedCipher, image: PlannedImage, task: PlannedTask, settings: Settings) -> Cell:
    return Cell(
        cipher=cipher.reference, image=image.reference, analysis=task.reference, parameters=task.parameters,
        size=image.size, seed=settings.seed, kind=task.kind, grey=image.grey, cipher_name=cipher.card.name,
        family=cipher.card.family, fidelity=cipher.card.fidelity, image_name=image.label, height=image.height,
        width=image.width, channels=image.channels, analysis_name=task.name, alone=getattr(task.task, "alone", False),
        shares_trials=getattr(task.task, "shares_trials", False),
        cipher_code=cipher.code, image_hash=image.digest, analysis_code=task.code, isolated=cipher.isolated,
        files=() if cipher.trial is None else cipher.trial.files,
        versions=() if cipher.trial is None else cipher.trial.versions, pixels=image.pixels,
    )  # fmt: skip


def _require_different(names: Iterable[Any], what: str, remedy: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        name = twice[0][0] if isinstance(twice[0], tuple) else twice[0]
        raise BenchError(f"two {what} are called {name!r}, and tables could not tell them apart; {remedy}")
