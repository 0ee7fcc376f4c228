"""The commands that give the numbers of a run again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from cryptobench.bench.errors import BenchError
from cryptobench.bench.settings import profile_names, settings
from cryptobench.card import FAST
from cryptobench.registry import cipher_names
from cryptobench.results.run import RunData
from cryptobench.site.markup import Html, joined, link

__all__ = ["FILE", "Commands"]

FILE = "settings.toml"
_NUMBERS = ("images", "size", "seed", "alpha", "attack_sides", "analyses", "attacks")  # settings that change a number


class Commands:
    """What to type for the numbers of one run.

    ``own_file`` says whether that needs the run's settings.toml, and ``file`` whether the run's folder has it.
    """

    def __init__(self, run: RunData) -> None:
        self.file = run.memory is None and (run.folder / FILE).is_file()
        found = run.settings.get("settings")
        self._settings: Mapping[str, Any] = found if isinstance(found, dict) else {}
        self._registered = frozenset(cipher_names())
        name = str(self._settings.get("name", ""))
        self.own_file = not _is_profile(name, self._settings)
        self.profile = FILE if self.own_file else name

    def about_profile(self, root: str = "") -> Html | None:
        """What settings.toml is, where commands name it, with a link from a page whose root is ``root``."""
        if not self.own_file:
            return None
        if self.file:
            return joined(link(f"{root}{FILE}", FILE), " has this run's settings.")
        return joined(f"{FILE} stands for a profile with this run's settings, which its folder does not hold.")

    @property
    def everything(self) -> str:
        """Every number of the run."""
        given = [str(one) for one in self._settings.get("ciphers", ())]
        ciphers = "--all" if given == ["all"] or not given else f"--ciphers {shlex.quote(','.join(given))}"
        return f"cryptobench run {ciphers} --profile {self.profile} --out again"

    def all_of(self, cipher: str) -> str:
        """Every number of a cipher."""
        return f"cryptobench run --profile {self.profile} --ciphers {self._cipher(cipher)} --out again"

    def analysis(self, cipher: str, name: str) -> str:
        """Every number of an analysis."""
        return f"{self.all_of(cipher)} --analyses {shlex.quote(name)}"

    def attack(self, cipher: str, name: str) -> str:
        """Every number of an attack."""
        return f"{self.all_of(cipher)} --attacks {shlex.quote(name)}"

    def one_attack(self, cipher: str, name: str, image: str, side: int, nonce: str) -> str:
        """One attack at one size, with what it recovers as pictures."""
        seed = self._settings.get("seed", 1)
        mode = f" --nonce {nonce}" if nonce in ("fresh", "fixed") else ""
        picture = f" --image {shlex.quote(image)}" if image != "astronaut" else ""
        return (
            f"cryptobench attack {self._cipher(cipher)} --only {shlex.quote(name)}{picture} --size {side} --seed {seed}"
            f" --profile {self.profile}{mode} --save recovered"
        )

    def card(self, cipher: str) -> list[str]:
        """What shows the card."""
        return [f"cryptobench show {self._cipher(cipher)}"]

    def _cipher(self, name: str) -> str:
        """A cipher as the command line takes it: by name, or where it is not built in as this run was given it."""
        if name.removesuffix(FAST) in self._registered:
            return name
        given = [one for one in self._settings.get("ciphers", ()) if one not in self._registered and one != "all"]
        return shlex.quote(str(given[0])) if len(given) == 1 else "path/to/file.py:ClassName"


def _is_profile(name: str, found: Mapping[str, Any]) -> bool:
    """Whether a run's settings give the numbers of the built-in profile whose name they have."""
    if name not in profile_names():
        return False
    try:
        built_in = settings(name).as_dict()
    except BenchError:
        return False
    return all(found.get(key) == built_in[key] for key in _NUMBERS)
