"""The fixed work that costs are compared by."""

from __future__ import annotations

import pytest

from cryptobench.bench import yardstick
from cryptobench.bench.yardstick import Yardstick, loop_seconds, work


def test_the_fixed_work_stays_the_same() -> None:
    """Its result, by an independent loop over the same recurrences in Python's own floats, and by the pinned digest."""
    import hashlib

    state = 1
    for _ in range(100_000):
        state = (1103515245 * state + 12345) % 2**31
    words = [(2654435761 * index) % 2**32 for index in range(1 << 17)]
    order = sorted(range(1 << 17), key=words.__getitem__)
    doubles = []
    for word in words:
        value = word / 2**32
        for _ in range(10):
            value = 3.75 * value * (1.0 - value)
        doubles.append(value)
    import array

    parts = state.to_bytes(4, "big") + array.array("q", order).tobytes() + array.array("d", doubles).tobytes()
    assert work() == hashlib.sha256(parts).hexdigest()
    assert work() == "68ff615dc8dfe2174eccd70c97875c8676be11c6c36815405d29fb543c394c37"


def test_the_least_time_of_several_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What else the machine does makes single times longer, never shorter."""
    clock = iter([0.0, 3.0, 10.0, 11.0, 20.0, 22.0])
    monkeypatch.setattr(yardstick.time, "process_time", lambda: next(clock))
    monkeypatch.setattr(yardstick, "work", lambda: "")
    assert loop_seconds(3) == 1.0


def test_it_is_timed_each_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, then when a minute has passed since, and whenever that is asked for."""
    monkeypatch.setattr(yardstick, "loop_seconds", lambda: 0.02)
    kept, now = list[float](), [0.0]
    one = Yardstick(kept.append, lambda: now[0])
    for now[0], forced, count in (
        (0.0, False, 1),
        (59.0, False, 1),
        (60.0, False, 2),
        (61.0, False, 2),
        (62.0, True, 3),
    ):
        one.look(now=forced)
        assert len(kept) == count
