"""Every number of a cipher, a table each, with the command that measures it again."""

from __future__ import annotations

from cryptobench.site.addresses import anchor
from cryptobench.site.markup import Html, element, joined, link, paragraphs
from cryptobench.site.parts import command, fold, grid, panel, table_cells
from cryptobench.site.shown import Shown

__all__ = ["MEASURED_BY", "numbers_panel", "reproduce_panel"]

MEASURED_BY = {
    "entropy_global": "entropy", "entropy_local": "entropy", "histogram": "histogram",
    "histogram_deviation": "histogram", "correlation": "correlation", "channel_correlation": "correlation",
    "texture": "texture", "npcr": "differential", "uaci": "differential", "baci": "differential",
    "differential_positions": "differential", "channel_reach": "differential", "avalanche": "avalanche",
    "key_space": "keyspace", "key_space_fields": "keyspace", "key_sensitivity": "key_sensitivity",
    "key_sensitivity_fields": "key_sensitivity", "randomness": "randomness", "randomness_tests": "randomness",
    "randomness_bytes": "randomness", "randomness_bit_planes": "randomness", "robustness_occlusion": "robustness",
    "robustness_noise": "robustness", "robustness_other": "robustness", "traceability": "robustness",
    "quality": "quality", "network": "network", "generalisation": "generalisation", "timing": "timing",
    "timing_scaling": "timing", "stages": "timing",
}  # fmt: skip
"""The tables of numbers on a cipher's page, in that order, and the analysis that measures each."""


def numbers_panel(shown: Shown, cipher: str) -> Html:
    """The rows of a cipher in each table that the run has."""
    folds = [_table(shown, cipher, name) for name in MEASURED_BY if cipher in _places(shown, name)]
    if not folds:
        return panel("Numbers", paragraphs("This run holds no measurement of this cipher."), place="numbers")
    about = "Each with the command that measures it again. A star: an ideal cipher seldom gives such a value."
    return panel("Numbers", paragraphs(about), folds, place="numbers")


def _places(shown: Shown, name: str) -> dict[str, list[int]]:
    return dict(shown.tables[name].places) if name in shown.tables else {}


def _table(shown: Shown, cipher: str, name: str) -> Html:
    content, places = shown.tables[name].content, shown.tables[name].places[cipher]
    columns = [one for one in table_cells(content, places) if one.title != "cipher"]
    count = f"{len(places)} row{'s' * (len(places) > 1)}"
    return fold(
        joined(element("span", content["title"], class_="name"), element("span", count, class_="soft")),
        command(shown.commands.analysis(cipher, MEASURED_BY[name])),
        grid(columns, f"{content['title']} of {cipher}"),
        paragraphs(link(f"../columns.html#{name}", "What the columns say"), class_="caption"),
        place=anchor("table", name),
    )


def reproduce_panel(shown: Shown, cipher: str) -> Html:
    """With what the numbers were measured, and the commands that give them again."""
    commands, about = shown.commands, shown.run.settings
    commit, version = str(about.get("git_commit") or ""), (about.get("versions") or {}).get("cryptobench", "")
    made = " ".join(filter(None, ("cryptobench", version, f"at commit {commit[:10]}" if commit else "")))
    everything = commands.all_of(cipher)
    return panel(
        "Reproduce",
        element(
            "p", f"Measured with {made}. The same seed gives the same numbers, but for times.",
            " ", commands.about_profile("../"), " ",
            link("../run.html", "All settings, versions and the machine"), ".",
        ),
        paragraphs("Every number of this page, and a report:"),
        command(everything),
        paragraphs("The attacks alone, then the card:"),
        command(f"{everything} --attacks all", *commands.card(cipher)),
        place="reproduce",
    )  # fmt: skip
