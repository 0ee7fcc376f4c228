"""The table of what did not finish, and why."""

from __future__ import annotations

from cryptobench.layout.tables import REJECTED, Column, Table
from cryptobench.report.tabular import KEYS, head
from cryptobench.results.attacks import is_attack
from cryptobench.results.run import NothingToShow, RunData

__all__ = ["TABLES"]


def errors(run: RunData) -> Table:
    """What has no value."""
    table = run.table
    silent = (
        (table["status"] == "ok")
        & table["value"].isna()
        & (table["message"] != "")
        & (table["message"] != REJECTED)
        & ~is_attack(table)  # an attack that does not apply is no number that is missing
    )
    rows = table[(table["status"] != "ok") | silent]
    if rows.empty:
        raise NothingToShow("every measurement has a value")
    rows = rows.assign(status=rows["status"].replace("ok", "no value"))
    by = [*KEYS, "analysis", "status", "message"]
    metrics = rows.groupby(by, sort=False)["metric"].agg(lambda names: ", ".join(filter(None, dict.fromkeys(names))))
    values = metrics.reset_index().merge(rows.groupby(by).size().rename("rows").reset_index(), on=by)
    return Table(
        "errors",
        "What has no value",
        "Every measurement without a value, and the reason. Failed, crashed and timeout: the cipher or the analysis "
        "did not finish. Unsupported: the scheme cannot encrypt such an image. No value: the metric is not defined for "
        "it. Rows: how many measurements are missing.",
        values,
        (
            *head("image", "analysis"),
            Column("metrics", "metric", _shortened),
            Column("status", "status"),
            Column("rows", "rows"),
            Column("reason", "message"),
        ),
    )


def _shortened(metrics: str, most: int = 4) -> str:
    names = metrics.split(", ")
    return metrics if len(names) <= most else f"{', '.join(names[:most])} and {len(names) - most} more"


TABLES = (errors,)
