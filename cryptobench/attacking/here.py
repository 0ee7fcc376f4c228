"""Attacks a cipher in this process."""

from __future__ import annotations

import traceback
from contextlib import suppress

from cryptobench.attacking.jobs import Challenge, Job
from cryptobench.attacking.reports import AttackReport
from cryptobench.attacks.base import Attack
from cryptobench.attacks.runner import AttackRun, attacks_grey
from cryptobench.card import Card
from cryptobench.cipher import Cipher, Image, UnsupportedImage
from cryptobench.contract import require_kept
from cryptobench.images import label
from cryptobench.images.fitting import fitted
from cryptobench.images.references import pixels
from cryptobench.registry import load_attack, load_cipher
from cryptobench.task import SharedExperiments, run_task

__all__ = ["Here"]


class Here:
    """A cipher that is attacked in this process; ContractError if it breaks the interface."""

    def __init__(self, reference: str | Cipher) -> None:
        self._reference = reference if isinstance(reference, str) else ""
        self._cipher = load_cipher(reference) if isinstance(reference, str) else reference
        require_kept(self._cipher)
        self._shared = SharedExperiments()

    def card(self) -> Card:
        """The cipher's card."""
        return self._cipher.card

    def run(self, job: Job, challenge: Challenge) -> list[AttackReport]:
        """What the attack came to; UnsupportedImage or CipherError if the cipher does not take the challenge.

        Where it only does not take one as small as the attack can attack, that attack does not apply.
        """
        attack = load_attack(job.name, **job.parameters)
        target = self._target(attack, challenge)
        result = run_task(
            attack, self._cipher, target, challenge.seed, label=label(challenge.image), modes=(job.mode,),
            shared=self._shared, reference=self._reference,
        )  # fmt: skip
        if isinstance(result.error, UnsupportedImage) and (attack.largest_side or challenge.size) < challenge.size:
            return [job.inapplicable(target.shape, f"it attacks {attack.largest_side} pixels a side: {result.error}")]
        if result.status == "unsupported" and result.error is not None:
            hint = "; choose another image or size" if isinstance(result.error, UnsupportedImage) else ""
            raise type(result.error)(f"{result.error}{hint}") from None
        if result.error is not None:
            traceback.print_exception(result.error)
            return [job.failed(target.shape, result.message)]
        return [_reported(run, target.shape) for run in result.runs]

    def warm_up(self, job: Job, challenge: Challenge) -> None:
        """Load the attack and encrypt the challenge once; what goes wrong is left to `run`, where it goes wrong too."""
        with suppress(Exception):
            target = self._target(load_attack(job.name, **job.parameters), challenge)
            self._shared.get(self._cipher, target, challenge.seed, label(challenge.image), self._reference)

    def _target(self, attack: Attack, challenge: Challenge) -> Image:
        side = min(challenge.size, attack.largest_side or challenge.size)
        target, _ = fitted(pixels(challenge.image, side, attacks_grey(attack, self.card())), self.card())
        return target


def _reported(run: AttackRun, shape: tuple[int, ...]) -> AttackReport:
    result, guessed = run.result, run.result.recovered is not None
    return AttackReport(
        run.attack.name, run.attack.title, run.attack.model, run.nonce, shape, str(run.outcome),
        queries=run.queries.total, seconds=run.seconds, recovered=run.score.share if guessed else None,
        statistic=result.statistic, statistic_name=result.statistic_name, p_value=result.p_value, notes=result.notes,
        image=result.recovered if run.recovered_something else None, run=run,
    )  # fmt: skip
