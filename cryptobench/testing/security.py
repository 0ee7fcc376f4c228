"""`security(cipher)`: measure a cipher as `cryptobench run` would, and hand back what was found."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Collection
from pathlib import Path

from cryptobench.cipher import Card, Cipher, CipherError
from cryptobench.results.verdicts import ALPHA_FAIL
from cryptobench.testing.assessment import Assessment

__all__ = ["Security", "subject_of"]


def subject_of(cipher: object, folder: Path) -> str | Cipher:
    """A reference that other processes can load, or the instance itself where there is none.

    An instance stays what it is, since nothing tells whether a new one would be the same. A class at the top level of a
    source file is its reference; any other class is constructed without arguments. A relative path is taken from the
    working directory, then from ``folder``. CipherError for anything that is no cipher.
    """
    if isinstance(cipher, str):
        return _path(cipher, folder)
    if inspect.isclass(cipher) and issubclass(cipher, Cipher):
        return _reference(cipher) or _constructed(cipher)
    if isinstance(cipher, Cipher):
        return _described(cipher)
    raise CipherError(
        f"security() was given {type(cipher).__name__}, wanted a Cipher, a subclass of it, a name from "
        "`cryptobench list ciphers`, or path/to/file.py:ClassName"
    )


def _path(reference: str, folder: Path) -> str:
    name, separator, class_name = reference.rpartition(".py:")
    path = Path(f"{name}.py").expanduser()
    if separator and not path.is_file() and (folder / path).is_file():
        return f"{folder / path}:{class_name}"
    return reference


def _reference(cls: type[Cipher]) -> str | None:
    module = sys.modules.get(cls.__module__)
    if getattr(module, cls.__qualname__, None) is not cls:
        return None
    file = inspect.getsourcefile(cls)
    return f"{Path(file).resolve()}:{cls.__qualname__}" if file and file.endswith(".py") else None


def _constructed(cls: type[Cipher]) -> Cipher:
    try:
        return _described(cls())
    except TypeError as error:
        raise CipherError(f"{cls.__qualname__} cannot be constructed: {error}; pass an instance instead") from None


def _described(cipher: Cipher) -> Cipher:
    if not isinstance(getattr(cipher, "card", None), Card):
        raise CipherError(f"{type(cipher).__qualname__} has no card = Card(...); `cryptobench new NAME` shows one")
    return cipher


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

        pass

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
