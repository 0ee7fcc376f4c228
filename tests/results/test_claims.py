"""Reading claims: printed digits, sizes, numbers that reviews cite, and what is no claim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cryptobench.results import claims as module
from cryptobench.results.claims import (
    cipher_size,
    cited_of,
    claim_plausibility,
    claims_of,
    plain_size,
    read_claims,
)
from cryptobench.results.folder import ReportError

NUMBER = 'metric = "npcr"\nvalue = 99.9800\nunit = "%"\nimage = "x"\nsize = "not stated"'


def entry(status: str, rest: str) -> str:
    return f'[[claim]]\ncipher = "toy"\nstatus = "{status}"\n{rest}\n'


def read(folder: Path, text: str) -> tuple[dict[str, Any], ...]:
    (folder / "claims.toml").write_text(text)
    return read_claims(folder / "claims.toml")


def test_numbers_keep_their_printed_digits(tmp_path: Path) -> None:
    """A plain float, and beside it the text with the zeros at its end."""
    (one,) = read(tmp_path, entry("seen", f'{NUMBER}\nseen = "table 1"'))
    assert (one["value"], type(one["value"]), one["printed"]) == (99.98, float, "99.9800")
    (one,) = read(tmp_path, entry("cited", f'{NUMBER}\nby = "a review"'.replace("99.9800", "inf")))
    assert one["printed"] == "inf"
    (one,) = read(tmp_path, entry("seen", f'{NUMBER}\nseen = "x"'.replace("99.9800", "256")))
    assert (one["value"], one["printed"]) == (256, "256")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry("cited", NUMBER), "claim[0].by is None, wanted a value"),
        (entry("cited", f'{NUMBER}\nby = "a review"\nseen = "table 1"'), "claim[0].seen is 'table 1', wanted only"),
        (entry("seen", f'{NUMBER}\nby = "a review"'), "claim[0].by is 'a review', wanted only"),
        (entry("heard", 'note = "x"'), "claim[0].status is 'heard', wanted one of seen, cited, not seen, not reported"),
        (entry("seen", NUMBER.replace("not stated", "0x5")), "claim[0].size is '0x5', wanted sides in pixels, from 1"),
        (entry("seen", f'{NUMBER}\ndirection = "A"'), "claim[0].direction is 'A', wanted one of H, V, D"),
        (entry("seen", f"{NUMBER}\nmean_of = 0"), "claim[0].mean_of is 0, wanted a whole number from 1"),
    ],
)
def test_what_is_no_claim_is_refused(text: str, said: str, tmp_path: Path) -> None:
    """A cited number names the review, one that was seen does not."""
    with pytest.raises(ReportError, match=r"claims\.toml is damaged") as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


def test_a_seen_number_replaces_cited_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same metric, by whatever name; and a cited number is none of the paper's."""
    cited = entry("cited", f'{NUMBER}\nby = "a review"')
    seen = entry("seen", f'{NUMBER}\nseen = "table 1"'.replace('"npcr"', '"npcr_mean"'))
    found = read(tmp_path, cited + cited.replace('"npcr"', '"uaci"'))
    monkeypatch.setattr(module, "all_claims", lambda: found)
    assert (claims_of("toy"), [one["metric"] for one in cited_of("toy")]) == ([], ["npcr", "uaci"])
    both = read(tmp_path, cited + seen + cited.replace('"npcr"', '"uaci"'))
    monkeypatch.setattr(module, "all_claims", lambda: both)
    assert [one["metric"] for one in claims_of("toy")] == ["npcr_mean"]
    assert [one["metric"] for one in cited_of("toy")] == ["uaci"]


@pytest.mark.parametrize(
    ("text", "plain", "cipher"),
    [
        ("128x128 (cipher 200x200)", "128x128x1", "200x200x1"), ("64x65x3", "64x65x3", "64x65x3"),
        ("not stated", "", ""), ("64x64x3 (cipher 128x128x3)", "64x64x3", "128x128x3"),
    ],
)  # fmt: skip
def test_sizes_are_of_picture_and_ciphertext(text: str, plain: str, cipher: str) -> None:
    """HxW has one channel; the ciphertext's size is the picture's unless it is stated."""
    assert (plain_size(text), cipher_size(text)) == (plain, cipher)


@pytest.mark.parametrize(
    ("claim", "answer"),
    [
        ({"metric": "npcr", "value": 99.98}, "implausible (too good), z +15.0"),
        ({"metric": "npcr", "value": 99.98, "size": "200x200", "mean_of": 4}, "implausible (too good), z +23.4"),
        ({"metric": "global_entropy", "value": 7.99}, "not judged"),
        ({"metric": "npcr", "value": 99.98, "bound": "above"}, "None"),
        ({"metric": "npcr", "value": 50, "relative": "other learned ciphers"}, "None"),
        ({"metric": "correlation", "value": 0.5}, "None"), ({"status": "not seen"}, "None"),
        ({"metric": "global_entropy", "value": 7.9, "size": "32x32"}, "None"),
    ],
)  # fmt: skip
def test_only_single_numbers_are_judged(claim: dict[str, Any], answer: str) -> None:
    """NPCR, UACI and entropy; never a bound, nor what compares with other ciphers."""
    assert str(claim_plausibility(claim)) == answer
