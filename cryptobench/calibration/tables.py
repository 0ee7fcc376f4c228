"""The tables of a calibration, as pandas frames for CSV and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cryptobench.calibration.error_rates import POOLED, Power, Size, level_of
from cryptobench.calibration.sources import Source
from cryptobench.calibration.tests import Test
from cryptobench.report.markdown import markdown_table
from cryptobench.report.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "defect", "power_frame", "power_markdown", "power_text", "row_title", "size_frame", "size_markdown", "sources_in",
]  # fmt: skip

_NOTHING = "–"
_SHORTEST, _LONGEST = 12, 56  # characters of a defect's title


def size_frame(sizes: Iterable[Size]) -> pd.DataFrame:
    """One row for each test, level and source."""
    import pandas as pd

    rows = []
    for size in sizes:
        low, high = size.share.interval()
        rows.append({
            "task": size.test.task, "metric": size.test.metric, "part": size.test.part, "variant": size.test.variant,
            "nonce": size.test.nonce, "source": size.source, "image": size.image, "level": size.level,
            "seeds": size.seeds, "verdicts": size.share.verdicts, "worth": size.share.worth,
            "alarms": size.share.alarms, "share": size.share.value, "low": low, "high": high,
            "p_value": size.p_value, "adjusted": None if size.exhibit else size.adjusted,
            "verdict": size.verdict, "note": size.note,
        })  # fmt: skip
    return pd.DataFrame(rows)


def size_markdown(chosen: Iterable[Size], sizes: Iterable[Size]) -> str:
    """A row for each chosen size, with the share on every source beside it, looked up among ``sizes``."""
    import pandas as pd

    by_source = {(size.test, size.level, size.source): _share(size.share.value) for size in sizes}
    names = sorted({source for _, _, source in by_source} - {POOLED})
    rows = []
    for size in chosen:
        low, high = size.share.interval()
        rows.append({
            "test": f"{size.test}{' †' if size.exhibit else ''}", "source": size.source, "image": size.image,
            "seeds": size.seeds, "verdicts": size.share.verdicts, "level": f"{size.level:g}",
            "share": _share(size.share.value), "95 %": f"{_share(low)} to {_share(high)}",
            **{name: by_source.get((size.test, size.level, name), _NOTHING) for name in names},
            "verdict": size.verdict, "note": size.note,
        })  # fmt: skip
    return _markdown(pd.DataFrame(rows))


def power_frame(powers: Iterable[Power]) -> pd.DataFrame:
    """One row for each test and source."""
    import pandas as pd

    rows = []
    for power in powers:
        low, high = power.interval
        rows.append({
            "task": power.test.task, "test": row_title(power.test), "nonce": power.test.nonce,
            "level": level_of(power.test), "source": power.source.name, "sound": power.source.sound,
            "defect": "" if power.source.sound else power.source.card.defect, "seeds": power.seeds,
            "detections": power.detections, "power": power.share, "low": low, "high": high,
        })  # fmt: skip
    return pd.DataFrame(rows)


def power_markdown(powers: Sequence[Power], tests: Sequence[Test], sources: Sequence[Source]) -> str:
    """The matrix: tests by sources, the share of seeds with an alarm."""
    import pandas as pd

    shares = {(power.test, power.source.name): power.share for power in powers}
    rows = [
        {"test": row_title(test)}
        | {s.name: power_text(shares[test, s.name]) if (test, s.name) in shares else _NOTHING for s in sources}
        for test in tests
    ]
    return _markdown(pd.DataFrame(rows, columns=["test", *(s.name for s in sources)]))


def power_text(share: float) -> str:
    """A share of seeds with two digits, of which only none reads 0.00 and only all 1.00."""
    if 0 < share < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= share < 1 else f"{share:.2f}"


def sources_in(powers: Iterable[Power]) -> list[Source]:
    """The sources of a matrix: controls by name, then sound ones."""
    found = {power.source.name: power.source for power in powers}
    return sorted(found.values(), key=lambda source: (source.sound, source.name))


def row_title(test: Test) -> str:
    """A row of the matrix in words."""
    task, name = test.task.removeprefix("attack:"), test.metric.replace("_", " ")
    words = name if test.task.startswith("attack:") or task in name.replace(" ", "_") else f"{task}: {name}"
    return f"{words}, nonce held" if test.nonce else words


def defect(source: Source) -> str:
    """The planted defect in a few words: the first clause on the control's card."""
    text = source.card.defect
    ends = [text.find(mark, _SHORTEST) for mark in (":", ";", ",", ". ", " (")]
    clause = text[: min((end for end in ends if end > 0), default=len(text))].rstrip(".")
    return clause if len(clause) <= _LONGEST else clause[:_LONGEST].rpartition(" ")[0] + " …"


def _share(value: float) -> str:
    return f"{value:.4f}" if value >= 1e-4 or value == 0 else f"{value:.1e}"


def _markdown(frame: pd.DataFrame) -> str:
    columns = tuple(Column(title, title) for title in frame.columns)
    return markdown_table(Table("", "", "", frame, columns))
