"""One table or one figure of a run by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from cryptobench.layout.tables import Table
from cryptobench.measurement import Measurement, frame
from cryptobench.report import (
    NothingToShow,
    ReportError,
    figure,
    figure_names,
    table,
    table_names,
    write_report,
)
from cryptobench.report.figures import FIGURES, module_of
from cryptobench.results.run import RunData, run_in_memory


def test_a_table_is_that_of_the_report(full: RunData, full_tables: dict[str, Table]) -> None:
    """By every name, the values are those of the CSV."""
    for name in full_tables:
        assert name in table_names()
    assert table(full, "npcr").equals(full_tables["npcr"].values)


def test_misspelt_names_get_the_nearest(full: RunData) -> None:
    """One line for a table and for a figure that there are not."""
    with pytest.raises(ReportError, match=r"^there is no table 'ncpr'; did you mean 'npcr'\?$"):
        table(full, "ncpr")
    with pytest.raises(ReportError, match=r"^there is no figure 'heatmaps'; did you mean 'heatmap'\?$"):
        figure(full, "heatmaps")
    with pytest.raises(ReportError, match=r"^this run has no figure 'npcr_9'; did you mean 'npcr'\?$"):
        figure(full, "npcr_9")


def test_missing_data_has_a_reason(full: RunData) -> None:
    """A run without attacks has no such table and no such figure."""
    with pytest.raises(NothingToShow, match="the run holds no attacks"):
        table(full, "attacks")
    with pytest.raises(NothingToShow, match="no attack of this run recovered an image"):
        figure(full, "recovered")


@pytest.mark.parametrize("name", ["npcr", "uaci", "timing_scaling", "correlation", "key_bits"])
def test_a_figure_has_its_name(name: str, full: RunData) -> None:
    """The figure of that name, not another one of its module."""
    drawn = figure(full, name)
    assert isinstance(drawn, Figure)
    labels = " ".join(axes.get_xlabel() for axes in drawn.axes)
    assert {"npcr": "NPCR (%)", "uaci": "UACI (%)", "timing_scaling": "pixels"}.get(name, "") in labels


def test_a_paged_figure_is_its_first_page() -> None:
    """NAME is the first of several pages, NAME_2 the second."""
    card = {"family": "chaotic", "fidelity": "A", "image": "x", "analysis": "differential"}
    card |= {"height": 8, "width": 8, "channels": 3}
    trials = [Measurement("npcr", 99.6, nonce="fresh", trial=trial).row() for trial in range(2)]
    run = run_in_memory(frame(card | {"cipher": f"c{i:02}"} | row for i in range(40) for row in trials))
    names = [name for name in figure_names(run) if not name.endswith("_one_column")]
    assert names == ["npcr_1", "npcr_2"]
    pages = [{tick.get_text() for tick in figure(run, name).axes[0].get_yticklabels()} for name in ("npcr", "npcr_2")]
    assert "c00" in pages[0]
    assert "c39" in pages[1]


def test_every_figure_has_one_module() -> None:
    """The names are distinct, and each leads to the module that draws it, with a page number too."""
    names = figure_names()
    assert len(names) == len(set(names))
    for module, own in FIGURES.items():
        for name in own:
            assert module_of(name) == module_of(f"{name}_2") == module
    assert module_of("recovered_from_caesar_none") == "recovered"
    assert module_of("nothing") is None


def test_a_run_in_memory_is_reported(full: RunData, tmp_path: Path) -> None:
    """It needs a folder for the report, and gives the same tables as one that has a folder."""
    entropy = full.table[(full.table["analysis"] == "entropy") & (full.table["cipher"] == "caesar")]
    run = run_in_memory(entropy)
    with pytest.raises(ReportError, match="this run has no folder; wanted out="):
        write_report(run)
    paths = write_report(run, out=tmp_path, narrow=False)
    assert {"report.html", "report.md", "entropy_global.csv", "heatmap.pdf"} <= {path.name for path in paths}
