"""The tables of a calibration, as pandas frames for CSV and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from cryptobench.calibration.error_rates import POOLED, DetectionRate, FalseAlarmRate
from cryptobench.calibration.sources import Source
from cryptobench.calibration.tests import CalibratedTest, detection_level
from cryptobench.layout.markdown import markdown_table
from cryptobench.layout.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "defect_title", "detection_frame", "detection_markdown", "false_alarm_frame", "false_alarm_markdown", "rate_text",
    "row_title", "sources_in",
]  # fmt: skip

_NOTHING = "–"
_SHORTEST, _LONGEST = 12, 56  # characters of a defect's title


def false_alarm_frame(rates: Iterable[FalseAlarmRate]) -> pd.DataFrame:
    """One row for each test, level and source."""
    import pandas as pd

    rows = []
    for rate in rates:
        low, high = rate.share.interval()
        rows.append({
            **asdict(rate.test), "source": rate.source, "image": rate.image, "level": rate.level,
            "seeds": rate.seeds, "verdicts": rate.share.verdicts, "worth": rate.share.worth,
            "alarms": rate.share.alarms, "rate": rate.share.value, "low": low, "high": high,
            "p_value": rate.p_value, "adjusted": None if rate.known_wrong else rate.adjusted,
            "verdict": rate.verdict, "note": rate.note,
        })  # fmt: skip
    return pd.DataFrame(rows)


def false_alarm_markdown(chosen: Iterable[FalseAlarmRate], rates: Iterable[FalseAlarmRate]) -> str:
    """A row for each chosen rate, with the rate on every source beside it, looked up among ``rates``."""
    import pandas as pd

    by_source = {(rate.test, rate.level, rate.source): _share(rate.share.value) for rate in rates}
    names = sorted({source for _, _, source in by_source} - {POOLED})
    rows = []
    for rate in chosen:
        low, high = rate.share.interval()
        rows.append({
            "test": f"{rate.test}{' †' if rate.known_wrong else ''}", "source": rate.source, "image": rate.image,
            "seeds": rate.seeds, "verdicts": rate.share.verdicts, "level": f"{rate.level:g}",
            "rate": _share(rate.share.value), "95 %": f"{_share(low)} to {_share(high)}",
            **{name: by_source.get((rate.test, rate.level, name), _NOTHING) for name in names},
            "verdict": rate.verdict, "note": rate.note,
        })  # fmt: skip
    return _markdown(pd.DataFrame(rows))


def detection_frame(rates: Iterable[DetectionRate]) -> pd.DataFrame:
    """One row for each test and source."""
    import pandas as pd

    rows = []
    for rate in rates:
        low, high = rate.interval
        rows.append({
            "task": rate.test.task, "test": row_title(rate.test), "nonce": rate.test.nonce,
            "level": detection_level(rate.test), "source": rate.source.name, "sound": rate.source.sound,
            "defect": "" if rate.source.sound else rate.source.card.defect, "seeds": rate.seeds,
            "detections": rate.detections, "rate": rate.value, "low": low, "high": high,
        })  # fmt: skip
    return pd.DataFrame(rows)


def detection_markdown(
    rates: Sequence[DetectionRate], tests: Sequence[CalibratedTest], sources: Sequence[Source]
) -> str:
    """The matrix: tests by sources, the share of seeds with an alarm."""
    import pandas as pd

    values = {(rate.test, rate.source.name): rate.value for rate in rates}
    rows = [
        {"test": row_title(test)}
        | {s.name: rate_text(values[test, s.name]) if (test, s.name) in values else _NOTHING for s in sources}
        for test in tests
    ]
    return _markdown(pd.DataFrame(rows, columns=["test", *(s.name for s in sources)]))


def rate_text(rate: float) -> str:
    """A share of seeds with two digits, of which only none reads 0.00 and only all 1.00."""
    if 0 < rate < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= rate < 1 else f"{rate:.2f}"


def sources_in(rates: Iterable[DetectionRate]) -> list[Source]:
    """The sources of a matrix: controls by name, then sound ones."""
    found = {rate.source.name: rate.source for rate in rates}
    return sorted(found.values(), key=lambda source: (source.sound, source.name))


def row_title(test: CalibratedTest) -> str:
    """A row of the matrix in words."""
    task, name = test.task.removeprefix("attack:"), test.metric.replace("_", " ")
    words = name if test.task.startswith("attack:") or task in name.replace(" ", "_") else f"{task}: {name}"
    return f"{words}, fixed nonce" if test.nonce else words


def defect_title(source: Source) -> str:
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
