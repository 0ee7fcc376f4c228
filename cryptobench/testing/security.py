"""`security(cipher)`: measure a cipher as `cryptobench run` would, and hand back what was found."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from cryptobench.report.verdicts import ALPHA_FAIL
from cryptobench.testing.assessment import Assessment

__all__ = ["Security"]


class Security:
    """Assesses ciphers; the fixture ``security`` is one, with the options that pytest was given.

    ``folder`` keeps finished measurements, so that nothing is measured twice; ``home`` is where relative paths of
    ciphers are looked for after the working directory. The others are defaults of each call.
    """

    def __init__(
        self,
        folder: Path,
        *,
        home: Path | None = None,
        profile: str = "quick",
        seed: int | None = None,
        size: int | None = None,
        alpha: float = ALPHA_FAIL,
        rung: int | None = None,
        jobs: int | None = None,
    ) -> None:
        self.folder, self.home = folder, home or Path()
        self.profile, self.seed, self.size = profile, seed, size
        self.alpha, self.rung, self.jobs = alpha, rung, jobs
        self.assessments: list[Assessment] = []

    def __call__(
        self,
        cipher: object,
        *,
        profile: str | None = None,
        size: int | None = None,
        seed: int | None = None,
        images: Collection[str] | None = None,
        only: Collection[str] | None = None,
        attacks: bool | Collection[str] = True,
        ignore: Collection[str] = (),
    ) -> Assessment:
        """Measure ``cipher``: an instance, a class, a registered name, or ``path/to/file.py:ClassName``.

        An instance is measured in this process, as it stands, each time. Anything else is measured by worker processes,
        which time cells out and survive a crash, and only once: results are kept until the code of the cipher, of an
        analysis or an attack changes. The numbers are those of `cryptobench run` with the same profile, size and
        seed. ``only`` names analyses and attacks to run, ``attacks`` is False or the attacks to play, ``ignore`` names
        what to leave out; analyses that measure time run only when named. Raises CipherError, RegistryError or
        BenchError, each with one line that says what is wanted.
        """
        from cryptobench.registry import read_card
        from cryptobench.testing.measuring import measure_held, measure_reference
        from cryptobench.testing.scope import scope
        from cryptobench.testing.subject import subject_of

        subject = subject_of(cipher, self.home)
        wanted = scope(
            profile or self.profile, only, attacks, ignore,
            size=size or self.size, seed=self.seed if seed is None else seed, images=tuple(images or ()),
            jobs=self.jobs,
        )  # fmt: skip
        if isinstance(subject, str):
            name, table = read_card(subject).name, measure_reference(subject, wanted, self.folder)
        else:
            name, table = subject.card.name, measure_held(subject, wanted)
        assessment = Assessment(name, wanted, table, self.alpha, self.rung)
        self.assessments.append(assessment)
        return assessment
