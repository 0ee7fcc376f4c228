"""The card that says what is known about a cipher. Imports nothing heavy, so that lists of cards are instant."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cryptobench.claims import Claims, ClaimsError

__all__ = ["COSTS", "FAST", "Card", "KeyField"]

COSTS = ("normal", "slow")
FAST = "+fast"  # what is added to the name of a cipher whose networks run in a library
_GRADES = {
    "A": "full algorithm from a source",
    "B": "main steps from a source, some constants chosen",
    "C": "reconstructed from title or abstract",
}
_EVERYTHING = {"object", "BaseException", "Exception"}


@dataclass(frozen=True)
class KeyField:
    """A named run of key bits; fields follow one another from the first key byte's most significant bit."""

    name: str
    bits: int
    meaning: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Card:
    """What is known about a scheme, and what was chosen to make it run.

    ``fidelity`` is A (full algorithm from a source), B (main steps from a source, some constants chosen) or
    C (reconstructed from title or abstract), optionally with + or -. ``secret_bits`` counts the per-message
    secret that the receiver must be given besides the key. ``not_an_image`` says what the ciphertext is where its
    bytes are no picture (bucket values, say); analyses that read pixels then decline. ``channels`` and ``square``
    are limits on the plaintext; ``min_side`` and ``max_side`` are in pixels, and both sides are multiples of
    ``sides_multiple_of``. ``rejects_with`` names the classes of exceptions, besides CipherError, with which
    `decrypt` rejects a ciphertext; a subclass counts too. ``files`` are data files and folders of such, relative to the
    source file, that it reads by other means than Python's `open`: results are measured anew when they change.
    ``cost`` is "slow" where an encryption takes so long that analyses which repeat it for every key bit take a smaller
    picture (`cryptobench.analyses.key_sensitivity`), else "normal"; nothing is decided by a clock.
    ``claims`` says what its authors claim of it against attacks, as in "confidentiality=5, misuse=4,
    integrity=rejects"; see `cryptobench.claims.Claims`. A claim that attacks refute is marked.
    """

    name: str
    title: str
    family: str
    fidelity: str
    key: tuple[KeyField, ...]
    authors: str = ""
    year: int | None = None
    doi: str = ""
    deviations: tuple[str, ...] = ()
    defect: str = ""
    uses_nonce: bool = True
    secret_bits: int = 0
    lossless: bool = True
    authenticated: bool = False
    not_an_image: str = ""
    channels: tuple[int, ...] | None = None
    square: bool = False
    min_side: int = 1
    max_side: int | None = None
    sides_multiple_of: int = 1
    rejects_with: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    known_attacks: tuple[str, ...] = ()
    cost: str = "normal"
    claims: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[ABC][+-]?", self.fidelity):
            raise ValueError(f"card {self.name!r}: fidelity {self.fidelity!r}, wanted A, B or C, maybe with + or -")
        self._require_types()
        if not self.key or any(field.bits < 1 for field in self.key):
            found = next((f"{f.bits} bits in {f.name!r}" for f in self.key if f.bits < 1), "no fields")
            raise ValueError(
                f"card {self.name!r}: the key has {found}, wanted fields of at least one bit each, such as "
                'key=(KeyField("key", 256),)'
            )
        if self.key_bits % 8:
            raise ValueError(f"card {self.name!r}: key fields add up to {self.key_bits} bits, wanted a multiple of 8")
        if not isinstance(self.sides_multiple_of, int) or self.sides_multiple_of < 1:
            raise ValueError(
                f"card {self.name!r}: sides_multiple_of is {self.sides_multiple_of!r}, wanted a whole number from 1"
            )
        if not isinstance(self.rejects_with, tuple) or not all(isinstance(one, str) for one in self.rejects_with):
            raise ValueError(
                f"card {self.name!r}: rejects_with is {self.rejects_with!r}, wanted a tuple of names of exceptions, "
                'such as ("InvalidTag",)'
            )
        if not isinstance(self.files, tuple) or not all(isinstance(one, str) for one in self.files):
            raise ValueError(
                f"card {self.name!r}: files is {self.files!r}, wanted a tuple of paths relative to the source file, "
                'such as ("tables.npy",)'
            )
        if general := sorted(_EVERYTHING.intersection(self.rejects_with)):
            raise ValueError(
                f"card {self.name!r}: rejects_with names {general[0]}, which every error is; name the exception itself"
            )
        if self.cost not in COSTS:
            raise ValueError(f"card {self.name!r}: cost is {self.cost!r}, wanted {' or '.join(map(repr, COSTS))}")
        try:
            Claims.of(self.claims)
        except (ClaimsError, AttributeError) as error:
            what = error if isinstance(error, ClaimsError) else f"{self.claims!r} is no text"
            raise ValueError(f"card {self.name!r}: claims: {what}") from None

    def _require_types(self) -> None:
        """What cards get wrong most: a tuple of one without its comma, and limits that no image keeps."""
        for what, kind, example in (
            ("key", KeyField, '(KeyField("key", 256),)'), ("deviations", str, '("what was chosen",)'),
            ("known_attacks", str, '("10.1234/abcd",)'), ("channels", int, "(1,)"),
        ):  # fmt: skip
            value = getattr(self, what)
            if what == "channels" and value is None:
                continue
            if not isinstance(value, tuple) or not all(type(one) is kind for one in value):
                raise ValueError(f"card {self.name!r}: {what} is {value!r}, wanted a tuple, such as {what}={example}")
        for what in ("min_side", "max_side", "secret_bits"):
            value = getattr(self, what)
            if value is not None and (type(value) is not int or value < 0):
                raise ValueError(f"card {self.name!r}: {what} is {value!r}, wanted a whole number")
        if self.channels is not None and (not self.channels or min(self.channels) < 1):
            raise ValueError(
                f"card {self.name!r}: channels is {self.channels!r}, wanted numbers from 1, such as (1, 3)"
            )
        if self.max_side is not None and self.max_side < self.min_side:
            raise ValueError(
                f"card {self.name!r}: min_side is {self.min_side} and max_side is {self.max_side}, wanted the "
                "greater one last"
            )

    def on_library(self) -> Card:
        """The card of the same cipher with its networks run by a library, in fewer digits and faster."""
        what = "The networks run in OpenVINO, in bfloat16 where the processor has it: ciphertexts differ by machine."
        return replace(
            self, name=f"{self.name}{FAST}", title=f"{self.title}, run by a library",
            deviations=(*self.deviations, what),
        )  # fmt: skip

    @property
    def key_bits(self) -> int:
        return sum(field.bits for field in self.key)

    @property
    def key_bytes(self) -> int:
        return self.key_bits // 8

    def sides_within(self, height: int, width: int) -> tuple[int, int]:
        """The largest sides in pixels, no longer than these, that the card allows; ``min_side`` is not looked at."""
        if self.square:
            height = width = min(height, width)
        longest = max(height, width) if self.max_side is None else self.max_side
        height, width = (
            min(side, longest) // self.sides_multiple_of * self.sides_multiple_of for side in (height, width)
        )
        return height, width

    def side_from(self, pixels: int) -> int:
        """The shortest side of at least so many pixels that the card allows, or its longest side."""
        side = -(-max(pixels, self.min_side) // self.sides_multiple_of) * self.sides_multiple_of
        return side if self.max_side is None else min(side, self.sides_within(self.max_side, self.max_side)[0])

    @property
    def display_name(self) -> str:
        """The name for tables: B and C fidelity are marked, since such a row is not the paper's own cipher."""
        return self.name if self.fidelity.startswith("A") else f"{self.name} [{self.fidelity}]"

    @property
    def heading(self) -> str:
        """The display name and the title, in one line."""
        return f"{self.display_name}: {' '.join(self.title.split())}"

    def __repr__(self) -> str:
        return f"<Card {self.name} ({self.family}, {self.fidelity}): {' '.join(self.title.split())}>"

    def _repr_html_(self) -> str:
        """A small table, for notebooks."""
        import html

        source = ", ".join(text for text in (self.authors, str(self.year or "")) if text)
        secret = f" and {self.secret_bits} of a per-message secret" if self.secret_bits else ""
        facts = {
            "title": self.title,
            "family": self.family,
            "fidelity": f"{self.fidelity} ({_GRADES[self.fidelity[0]]})",
            "source": source,
            "DOI": self.doi,
            "key": f"{self.key_bits} bits{secret}",
            "nonce": "yes" if self.uses_nonce else "no",
            "lossless": "yes" if self.lossless else "no",
            "authenticated": "yes" if self.authenticated else "no",
            "planted defect": self.defect,
            "cost": self.cost if self.cost != "normal" else "",
            "known attacks": " ".join(self.known_attacks),
            "claims": self.claims,
        }
        rows = (f"<tr><th>{name}</th><td>{html.escape(text)}</td></tr>" for name, text in facts.items() if text)
        return f"<table><caption>{html.escape(self.name)}</caption>{''.join(rows)}</table>"
