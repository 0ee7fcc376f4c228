"""Figures that show a few ciphers say which, by what rule, and how many there are; their type can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

from cryptobench.layout.style import style
from cryptobench.measurement import frame
from cryptobench.report.figures import correlation, key_bits, recovered
from cryptobench.results.run import NothingToShow, RunData, load_run, run_in_memory
from tests.results.doubles import attack_rows


def test_key_bits_shows_what_deviates(full: RunData) -> None:
    """A cipher with dead key bits is drawn; the caption counts those whose bits all have an effect."""
    (drawing,) = key_bits.draw(full)
    assert "truncated-key" in drawing.ciphers
    hidden = len(full.ciphers) - len(drawing.ciphers)
    assert hidden > 0
    assert f"Not shown: {hidden} cipher" in drawing.caption


def test_key_bits_without_deviation_says_so(small_folder: Any) -> None:
    """Nothing is drawn of ciphers whose key bits are as an ideal cipher's."""
    with pytest.raises(NothingToShow, match="each key bit of 1 cipher has the effect that an ideal cipher's has"):
        list(key_bits.draw(load_run(small_folder)))


def test_correlation_shows_three(full: RunData) -> None:
    """One's own, AES-256-CTR, and the largest correlation; the caption has the rule."""
    (drawing,) = correlation.draw(full.only(mine="hua2021"))
    assert list(drawing.ciphers)[:2] == ["hua2021", "aes-256-ctr"]
    assert drawing.ciphers[2] in ("caesar", "arnold-cat")
    assert "3 of 8 ciphers: our own, AES-256-CTR, and those whose ciphertexts have the largest" in drawing.caption


def _broken() -> RunData:
    """Six ciphers that fall, of three families, with pictures of it."""
    families = {"a": "chaotic", "b": "chaotic", "c": "learned", "d": "control", "e": "control", "f": "control"}
    rows = [
        row
        for number, cipher in enumerate("fedcba")
        for row in attack_rows(cipher, "book", "recovered", queries=number + 1)
    ]
    table = frame(rows)
    picture = np.full((32, 32, 3), 90, np.uint8)
    pictures = {
        (cipher, "astronaut", f"attack book 32 none {name}"): picture
        for cipher in families for name in ("original", "cipher", "recovered")
    }  # fmt: skip
    return run_in_memory(table.assign(family=table["cipher"].map(families)), pictures=pictures)


def test_recovered_shows_the_cheapest_of_each_family() -> None:
    """Published schemes first, then the others; one's own stands before them; the caption has the rule."""
    gallery = next(iter(recovered.draw(_broken())))
    assert sorted(gallery.ciphers) == ["b", "c", "f"]
    assert "3 of 6: of each family of published schemes, and then of the others" in gallery.caption
    own = next(iter(recovered.draw(_broken().only(mine="e"))))
    assert sorted(own.ciphers) == ["b", "c", "e"]
    assert "3 of 6: our own, then of each family" in own.caption


def test_many_recovered_images_have_several_pages() -> None:
    """Thirteen attacks on one cipher are two figures, so that none has to be made small."""
    rows = [row for number in range(13) for row in attack_rows("toy", f"break_{number:02}", "recovered")]
    pictures = {
        ("toy", "astronaut", f"attack break_{number:02} 32 none {name}"): np.full((32, 32, 3), 9, np.uint8)
        for number in range(13) for name in ("original", "cipher", "recovered")
    }  # fmt: skip
    drawings = list(recovered.draw(run_in_memory(frame(rows), pictures=pictures)))[1:]
    assert [one.name for one in drawings] == ["recovered_from_toy_none_1", "recovered_from_toy_none_2"]
    width, height = drawings[0].figure().get_size_inches()
    assert width == pytest.approx(7.16)
    assert height < 7.9  # four fifths of a page, above which LaTeX makes a figure small


@pytest.mark.parametrize("module", [key_bits, correlation, recovered])
def test_type_is_seven_points_or_more(module: Any, full: RunData) -> None:
    """As it is printed at the figure's own width."""
    run = _broken() if module is recovered else full
    with style():
        for drawing in module.draw(run):
            texts = [text for text in drawing.figure().findobj(Text) if text.get_text() and text.get_visible()]
            assert min(text.get_fontsize() for text in texts) >= 7, drawing.name


def test_dead_bits_of_one_image_suffice(full: RunData) -> None:
    """A single key bit whose flip changes nothing is a deviation."""
    table = full.table.copy()
    rows = (table["cipher"] == "hua2021") & (table["metric"] == "key_avalanche") & (table["trial"] == 3)
    changed = replace(full, table=table.assign(value=table["value"].mask(rows, 0.0)))
    drawn = [cipher for drawing in key_bits.draw(changed) for cipher in drawing.ciphers]
    assert "hua2021" in drawn
