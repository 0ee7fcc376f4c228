"""What a source file says without being run."""

from __future__ import annotations

import pytest

from cryptobench.source_facts import Base, ClassFacts, from_json, parse, to_json

CIPHER = b'''"""A cipher
of two lines.

And more.
"""
from cryptobench import Card, Cipher as Parent, KeyField
from .beside import Other

class Mine(Parent, Other):
    weights = ("a", "b")
    card = Card(
        name="mine", title="Mine", family="user", fidelity="A", key=(KeyField("k", 8, "bits"),),
        deviations=("one", "two"), channels=(1, 3), year=2024,
    )

class Child(Mine):
    pass
'''


def test_a_literal_card_is_read_whole() -> None:
    """Name, key fields, tuples and numbers are those of the card that the class would have."""
    mine = parse(CIPHER).find("Mine")
    assert mine is not None
    assert mine.plugin_name == "mine"
    assert mine.card is not None
    assert (mine.card.key_bits, mine.card.channels, mine.card.year) == (8, (1, 3), 2024)
    assert mine.card.deviations == ("one", "two")


def test_summary_bases_and_weights_are_read() -> None:
    """The summary is the docstring's first paragraph; a base class has its name in the module that defines it."""
    facts = parse(CIPHER)
    assert facts.summary == "A cipher of two lines."
    mine, child = facts.classes
    assert mine.bases == (Base("Cipher", "cryptobench"), Base("Other", "beside", 1))
    assert mine.weights == ("a", "b")
    assert child == ClassFacts("Child", (Base("Mine"),))
    assert facts.find("Missing") is None


@pytest.mark.parametrize(
    ("body", "name", "computed"),
    [
        ('card = Card(name="a", key=KEY)', "a", False),
        ('card = replace(Parent.card, name="a")', "a", False),
        ("card = Card(name=NAME)", None, True),
        ("card = Parent.card", None, True),
        ("card: Card", None, False),
        ('name: ClassVar[str] = "a"', "a", False),
        ('name = "a"', "a", False),
        ('name: ClassVar[str] = f"a{1}"', None, True),
        ('name: str = "a"', None, False),
        ("name: ClassVar[str]", None, False),
    ],
)
def test_a_name_is_read_where_literal(body: str, name: str | None, computed: bool) -> None:
    """A card made by any call has its name from ``name="..."``; the field of a dataclass is no name of a plug-in."""
    (found,) = parse(f"class C(Base):\n    {body}\n".encode()).classes
    assert (found.plugin_name, found.computed_name) == (name, computed)
    assert found.has_card == body.startswith("card =")
    assert found.card is None


def test_an_impossible_card_is_no_card() -> None:
    """What `Card` refuses is left to the import, which says why."""
    text = CIPHER.replace(b'fidelity="A"', b'fidelity="Z"')
    assert parse(text).classes[0].card is None
    assert parse(CIPHER.replace(b"year=", b"yaer=")).classes[0].plugin_name == "mine"


def test_computed_weights_are_recognised() -> None:
    """Names that are no literal tuple of texts count as computed."""
    (found,) = parse(b"class C:\n    weights = tuple(NAMES)\n").classes
    assert (found.weights, found.computed_weights) == (None, True)


@pytest.mark.parametrize("text", [b"class :\n", b"x = '\0'\n", b"# coding: none\n"])
def test_what_is_no_python_is_a_syntaxerror(text: bytes) -> None:
    """Null bytes and unknown encodings too."""
    with pytest.raises(SyntaxError):
        parse(text)


def test_facts_survive_json() -> None:
    """What is written is what is read."""
    for text in (CIPHER, b"", b"class C:\n    weights = tuple(X)\n    card = f()\n"):
        assert from_json(to_json(parse(text))) == parse(text)
