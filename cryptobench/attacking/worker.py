"""Attacks a cipher in a worker process, which is ended when one attack takes too long."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptobench.attacking.inside import card_of, run_job
from cryptobench.attacking.jobs import Challenge, Job
from cryptobench.attacking.reports import AttackReport
from cryptobench.bench.worker import Limits, WorkerLost, WorkerProcess
from cryptobench.card import Card
from cryptobench.cipher import Cipher, CipherError
from cryptobench.scratch import ScratchFolder

__all__ = ["Worker", "worker"]

_WARMING = 60.0  # seconds that loading, compiling and a first encryption may take


@contextmanager
def worker(reference: str | Cipher, timeout: float) -> Iterator[Worker]:
    """A worker process for a cipher, ``timeout`` seconds for each attack; CipherError if it cannot load the cipher."""
    if not isinstance(reference, str):
        raise CipherError(
            f"{reference.card.name} exists in this process only, where no attack can be ended; leave timeout out, or "
            "give a class of a source file"
        )
    with ScratchFolder() as folder:
        log = Path(folder, "log")
        process = WorkerProcess(Limits(timeout, log=str(log), warming=_WARMING))
        try:
            yield Worker(reference, process)
        finally:
            process.stop()
            if log.exists():
                sys.stderr.write(log.read_bytes().decode(errors="replace"))


class Worker:
    """A cipher that is attacked in a worker process."""

    def __init__(self, reference: str, worker: WorkerProcess) -> None:
        self._reference, self._worker = reference, worker

    def card(self) -> Card:
        """The cipher's card; CipherError if the cipher is not loaded in time."""
        try:
            card: Card = self._worker.call(card_of, self._reference)
        except WorkerLost as lost:
            raise CipherError(f"{self._reference} cannot be loaded: {lost}") from None
        return card

    def run(self, job: Job, challenge: Challenge) -> list[AttackReport]:
        """As `Here.run`; an attack that takes too long, or ends the process, has failed."""
        try:
            reports: list[AttackReport] = self._worker.call(run_job, self._reference, job, challenge)
        except WorkerLost as lost:
            more = "; --timeout gives it longer" if lost.status == "timeout" else ""
            return [job.failed((), f"{lost}{more}")]
        return reports
