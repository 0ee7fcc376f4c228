"""`security(cipher)`: measure a cipher as `cryptobench run` would, and hand back what was found."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from cryptobench.cipher import Cipher
from cryptobench.former_names import RUNG, without
from cryptobench.results.verdicts import ALPHA_FAIL
from cryptobench.testing.assessment import Assessment, read_requirement

__all__ = ["Security"]


class Security:
    """Assesses ciphers; the fixture ``security`` is one, with the options that pytest was given.

    ``folder`` keeps finished measurements, so that nothing is measured twice; ``home`` is where relative paths of
    ciphers are looked for after the working directory. The others are defaults of each call.
    """

    @without(rung=RUNG)
    def __init__(
        self,
        folder: Path,
        *,
        home: Path | None = None,
        profile: str = "quick",
        seed: int | None = None,
        size: int | None = None,
        alpha: float = ALPHA_FAIL,
        require: str = "",
        jobs: int | None = None,
    ) -> None:
        self.folder, self.home = folder, home or Path()
        self.profile, self.seed, self.size = profile, seed, size
        self.alpha, self.require, self.jobs = alpha, require, jobs
        read_requirement(require)
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
        seed. ``only`` names analyses and attacks to run, ``attacks`` is False or the attacks to run, ``ignore`` names
        what to leave out; analyses that measure time run only when named. Raises CipherError, RegistryError or
        BenchError, each with one line that says what is wanted.
        """
        from cryptobench.testing.measuring import measure_instance, measure_reference
        from cryptobench.testing.scope import scope

        reference = _reference_or_instance(cipher, self.home)
        wanted = scope(
            profile or self.profile, only, attacks, ignore,
            size=size or self.size, seed=self.seed if seed is None else seed, images=tuple(images or ()),
            jobs=self.jobs,
        )  # fmt: skip
        if isinstance(reference, str):
            name, table = measure_reference(reference, wanted, self.folder)
        else:
            name, table = reference.card.name, measure_instance(reference, wanted)
        assessment = Assessment(name, wanted, table, self.alpha, self.require)
        self.assessments.append(assessment)
        return assessment


def _reference_or_instance(cipher: object, home: Path) -> str | Cipher:
    """What worker processes can load, or an instance, which stays what it is: its class may have been changed since.

    A relative path is taken from the working directory, then from ``home``. CipherError for anything that is no cipher.
    """
    from cryptobench.references import is_program, reference_of

    if isinstance(cipher, str):
        if is_program(cipher):
            path = Path(cipher).expanduser()
            return str(home / path) if not path.is_file() and (home / path).is_file() else cipher
        name, separator, class_name = cipher.rpartition(".py:")
        path = Path(f"{name}.py").expanduser()
        beside = home / path
        return f"{beside}:{class_name}" if separator and not path.is_file() and beside.is_file() else cipher
    reference = reference_of(cipher)
    return cipher if isinstance(cipher, Cipher) else reference
