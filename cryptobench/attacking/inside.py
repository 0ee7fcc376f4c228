"""What a worker process does when it attacks a cipher. Imports nothing heavy before its time stops counting."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cryptobench.attacking.jobs import Challenge, Job
from cryptobench.attacking.reports import AttackReport

if TYPE_CHECKING:
    from cryptobench.attacking.here import Here
    from cryptobench.card import Card

__all__ = ["card_of", "run_job"]


def card_of(reference: str) -> Card:
    """The card of a cipher by name or path."""
    return _here(reference).card()


def run_job(reference: str, job: Job, challenge: Challenge) -> list[AttackReport]:
    """What an attack on this cipher came to; only the attack itself counts towards its time."""
    from cryptobench.bench.inside import uncounted

    here = _here(reference)
    with uncounted():
        here.warm_up(job, challenge)
    return here.run(job, challenge)


@cache
def _here(reference: str) -> Here:
    from cryptobench.bench.inside import leave_compilation_uncounted, uncounted

    leave_compilation_uncounted()
    with uncounted():
        from cryptobench.attacking.here import Here

        return Here(reference)
