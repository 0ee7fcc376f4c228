"""Values that are compared without a test: exact ones (round trip, key space, digests, sizes), and speed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cryptobench.check.result import Compared, Finding, Level, Options
from cryptobench.check.rows import CellKey, Row, finished, paired_rows, where

__all__ = ["HASH", "OTHER_KEYS_DROP", "compare_exact", "compare_speed", "is_refusal", "is_watched"]

HASH = "ciphertext_sha256"
OTHER_KEYS_DROP = 3.0
_REJECTED = "rejected"
_REFUSED = {"wrong_key_psnr_worst": "wrong keys", "damaged_psnr": "damaged ciphertexts"}
_QUARTILES = ("q25", "median", "q75")


@dataclass(frozen=True)
class _Rule:
    """A metric that is worse when it goes ``worse`` ("down" or "up").

    Decibels may lose a little; ``drawn`` ones depend on the keys that the seed draws.
    """

    title: str
    analysis: str
    metric: str
    worse: str
    level: Level = "regression"
    decibels: bool = False
    drawn: bool = False


_RULES = (
    _Rule("round trip", "quality", "exact", "down"),
    _Rule("round trip", "quality", "decrypted_psnr", "down", decibels=True),
    _Rule("network", "network", "network_psnr", "down", decibels=True),
    _Rule("header", "quality", "header_leak_bytes", "up"),
    _Rule("size", "quality", "header_bytes", "up", "notice"),
    _Rule("size", "quality", "secret_bytes", "up", "notice"),
    _Rule("size", "quality", "expansion", "up", "notice"),
    _Rule("key space", "keyspace", "nominal_key_bits", "down"),
    _Rule("key space", "keyspace", "effective_key_bits", "down", drawn=True),
    _Rule("key space", "keyspace", "dead_key_bits", "up", drawn=True),
    _Rule("key space", "keyspace", "weak_key_bits", "up", "notice"),
)
_BY_METRIC = {(rule.analysis, rule.metric): rule for rule in _RULES}


def is_watched(row: Row) -> bool:
    """Whether an exact rule looks at this row; the numbers of single key fields have none."""
    return not row.part and (row.cell.analysis, row.metric) in _BY_METRIC


def is_refusal(row: Row) -> bool:
    """Whether an authenticated cipher rejected what this row would measure: it has no value, and that is no loss."""
    return row.value is None and row.message == _REJECTED and not row.part


def compare_exact(baseline: Iterable[Row], new: Iterable[Row], options: Options, same_seed: bool) -> Iterator[Compared]:
    """Values that changed for the worse.

    Decibels may drop by ``options.psnr_drop``, or with different seeds by 3 dB (twice the error), since lossy ciphers
    differ by key; and as many key bits may be lost as had no effect under some of the baseline's keys, since all keys
    of a run may be such. A decryption that fails where it did not is worse than any PSNR. Digests are compared where
    both runs have one seed.
    """
    decibels = options.psnr_drop if same_seed else max(options.psnr_drop, OTHER_KEYS_DROP)
    baseline = list(finished(baseline))
    weak = {row.cell: row.value or 0.0 for row in baseline if row.metric == "weak_key_bits" and not row.part}
    for before, after in paired_rows(baseline, finished(new)):
        if is_watched(before) and before.value is not None:
            rule = _BY_METRIC[before.cell.analysis, before.metric]
            drawn = weak.get(before.cell, 0.0) if rule.drawn and not same_seed else 0.0
            worse = _worse(before, after, rule, decibels if rule.decibels else drawn)
            yield Compared(before.cipher, rule.title, tuple(worse))
        elif before.metric in _REFUSED and is_refusal(before):
            yield Compared(before.cipher, "authentication", tuple(_accepted(after)))
        elif before.metric == HASH and same_seed:
            yield Compared(before.cipher, "ciphertext", tuple(_digest(before, after, options.golden)))


def compare_speed(baseline: Iterable[Row], new: Iterable[Row], options: Options) -> Iterator[Compared]:
    """A warning, or with ``options.timing`` a regression, for each cipher slower by more than ``options.slower``.

    The ratio of medians must have grown by that factor, and the middle halves of the times must not overlap.
    """
    latest = _ratios(new)
    for (cell, what), before in _ratios(baseline).items():
        if (after := latest.get((cell, what))) is None:
            continue
        slower: tuple[Finding, ...] = ()
        if after["median"] > options.slower * before["median"] and after["q25"] > before["q75"]:
            slower = (Finding(
                "regression" if options.timing else "warning", cell.cipher, "timing",
                f"{what} time over AES-256-CTR's", str(cell), before["median"], after["median"],
                message=f"slower by a factor of {after['median'] / before['median']:.3g}",
            ),)  # fmt: skip
        yield Compared(cell.cipher, "timing", slower)


def _worse(before: Row, after: Row, rule: _Rule, slack: float) -> Iterator[Finding]:
    if after.value is not None and before.value is not None:
        step = before.value - after.value if rule.worse == "down" else after.value - before.value
        if before.value == after.value or not step > slack:
            return
    message = after.message if after.value is None or rule.title == "key space" else ""
    yield Finding(
        rule.level, before.cipher, rule.title, rule.metric, where(after), before.value, after.value, after.unit,
        message=message,
    )  # fmt: skip


def _accepted(after: Row) -> Iterator[Finding]:
    """What an authenticated cipher rejected, and that now decrypts to something."""
    if after.value is not None:
        message = f"{_REFUSED[after.metric]} were rejected, and now decrypt to an image"
        yield Finding("regression", after.cipher, "authentication", after.metric, where(after), message=message)


def _digest(before: Row, after: Row, golden: bool) -> Iterator[Finding]:
    if before.message != after.message:
        yield Finding(
            "regression" if golden else "notice", before.cipher, "ciphertext", HASH, where(after),
            message=f"other ciphertexts than before: {after.message[:16]}... for {before.message[:16]}...",
        )  # fmt: skip


def _ratios(rows: Iterable[Row]) -> dict[tuple[CellKey, str], dict[str, float]]:
    """Quartiles of encryption and decryption times in units of AES-256-CTR's median."""
    times: dict[tuple[CellKey, str], dict[str, float]] = {}
    for row in rows:
        if row.cell.analysis == "timing" and row.value is not None and not row.parameter:
            times.setdefault((row.cell, row.metric), {})[row.statistic] = row.value
    return {
        (cell, what): {quartile: times[cell, f"{what}_time"][quartile] / reference["median"] for quartile in _QUARTILES}
        for (cell, metric), reference in times.items()
        if metric == "reference_time" and reference.get("median")
        for what in ("encrypt", "decrypt")
        if set(_QUARTILES) <= set(times.get((cell, f"{what}_time"), ()))
    }
