"""Attacks one cipher with any attacks: in this process, or in a worker process that is ended after a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cryptobench.attacking.reports import AttackReport, AttackReports
from cryptobench.registry import attack_names, load_attack, reference_of

if TYPE_CHECKING:
    from cryptobench.attacking.here import Here
    from cryptobench.attacking.jobs import Job
    from cryptobench.attacking.worker import Worker
    from cryptobench.attacks.base import Attack
    from cryptobench.attacks.experiment import Mode
    from cryptobench.card import Card
    from cryptobench.cipher import Cipher

__all__ = ["AttackReport", "AttackReports", "attack"]

_SIDE = 64
_Named = tuple[str, Mapping[str, Any]]  # an attack by name, and its parameters


def attack(
    cipher: Cipher | type[Cipher] | str,
    *,
    only: Collection[str] | str = (),
    image: str = "astronaut",
    size: int | None = None,
    modes: Collection[Mode] | Mode = ("fresh", "fixed"),
    seed: int = 1,
    profile: str | None = None,
    timeout: float | None = None,
    tell: Callable[[str], None] = lambda line: None,
    each: Callable[[AttackReport], None] = lambda report: None,
) -> AttackReports:
    """Attack a cipher (an instance, a class, a name or ``path/to/file.py:ClassName``), one attack after the other.

    ``only`` names attacks (or ``path/to/file.py:ClassName``), all of them if empty. ``image`` is the challenge, at
    ``size`` pixels (its shorter side; 64 if None, or the largest side in ``profile``); attacks that are too slow there
    use the greatest side that they can. ``modes`` are the nonce modes: "fresh" has a new nonce for each encryption,
    "fixed" the challenge's nonce and per-message secret for all. ``profile`` (quick, standard, paper, or a .toml file)
    gives attacks its parameters in place of their own. ``tell`` hears what is being run, ``each`` gets every report as
    it comes; the list has them in the order of the attacks' numbers.

    A cipher that is not built in, and that another process can load, is tried there first, as `evaluate` does it, since
    it may end the process that it is in. Attacks are run in this process. With ``timeout``, seconds for each attack and
    nonce mode, they are run in a worker process, which is ended when one takes longer; that needs a cipher which
    another process can load. Loading, compilation and a first encryption do not count.

    RegistryError, ImageError, BenchError or UnsupportedImage, in one line, for what cannot be understood or encrypted,
    ContractError for a cipher that breaks the interface; an attack that raises or is ended is reported as failed.
    """
    from cryptobench.attacking.jobs import Challenge
    from cryptobench.preflight import require_sound

    parameters, sides = _of_profile(profile)
    challenge = Challenge(image, size or max(sides, default=_SIDE), seed)
    names = (only,) if isinstance(only, str) else tuple(only)
    names = names or tuple(parameters) or tuple(attack_names())
    chosen = _by_number((name, parameters.get(name, {})) for name in names)
    reference = reference_of(cipher)
    if isinstance(reference, str):
        require_sound(reference)
    with _place(reference, timeout) as place:
        card = place.card()
        jobs = _jobs(chosen, card, (modes,) if isinstance(modes, str) else tuple(modes))
        reports = AttackReports(_told(place.run, jobs, challenge, tell, each))
        reports.claims = card.claims
        return reports


@contextmanager
def _place(reference: str | Cipher, timeout: float | None) -> Iterator[Here | Worker]:
    """Where the attacks are run."""
    if timeout is None:
        from cryptobench.attacking.here import Here

        yield Here(reference)
    else:
        from cryptobench.attacking.worker import worker

        with worker(reference, timeout) as process:
            yield process


def _of_profile(profile: str | None) -> tuple[dict[str, dict[str, Any]], Sequence[int]]:
    """By attack the parameters that a profile gives it, and the sides in pixels that it attacks."""
    if profile is None:
        return {}, ()
    from cryptobench.bench.errors import BenchError
    from cryptobench.bench.settings import settings

    found = settings(profile)
    if not found.attacks:
        raise BenchError(f"profile {profile} has no attacks; use quick, standard or paper")
    aside = ("images", "sides")  # which of a run's images they attack
    attacks = {
        name: {key: value for key, value in values.items() if key not in aside}
        for name, values in found.attacks.items()
    }
    return attacks, found.attack_sides


def _by_number(named: Iterable[_Named]) -> list[tuple[_Named, Attack]]:
    loaded = [((name, parameters), load_attack(name, **parameters)) for name, parameters in named]
    return sorted(loaded, key=lambda one: int(one[1].identifier.removeprefix("A") or 99))


def _jobs(chosen: Iterable[tuple[_Named, Attack]], card: Card, wanted: Collection[Mode]) -> Iterator[Job]:
    from cryptobench.attacking.jobs import Job
    from cryptobench.attacks.runner import modes_of
    from cryptobench.experiment import nonce_modes

    several = len(nonce_modes(card)) > 1
    for (name, parameters), one in chosen:
        if one.against and card.name not in one.against:
            continue
        for mode in modes_of(one, card):
            if not several or mode in wanted:
                yield Job(name, parameters, mode, one.name, one.title, one.model, mode if several else "none")


def _told(
    run: Callable[[Job, Any], list[AttackReport]],
    jobs: Iterable[Job],
    challenge: Any,
    tell: Callable[[str], None],
    each: Callable[[AttackReport], None],
) -> Iterator[AttackReport]:
    for job in jobs:
        tell(job.title_of_mode)
        for report in run(job, challenge):
            each(report)
            yield report
