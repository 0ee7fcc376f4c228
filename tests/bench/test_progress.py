"""Progress lines, on a terminal and in a log."""

from __future__ import annotations

import io

from cryptobench.bench.cell import failure
from cryptobench.bench.plan import make_plan
from cryptobench.bench.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_updates_one_line_on_a_terminal(toy_settings, monkeypatch):
    """The line is rewritten in place and never wider than the terminal; failures stay above it."""
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr("cryptobench.bench.progress._TERMINAL_SECONDS", 0.0)
    cell = make_plan(toy_settings()).cells[0]
    stream = Terminal()
    progress = Progress(stream)
    progress.begin(4, 1, lambda: 200.0, "4 cells, 1 of them done before")
    progress.started(cell)
    progress.finished(cell, failure(cell, "timeout", "still running after 1 s", 1.0, final=False))
    progress.end()
    lines = stream.getvalue().split("\r\x1b[K")
    assert lines[1] == "4 cells, 1 of them done before\n"
    assert lines[2] == "1/4 cells | about 3 min 20 s left | running toy-xor, flat-black, mean"[:49]
    assert lines[3] == "timeout: toy-xor, flat-black, mean: still running after 1 s\n"
    assert lines[4] == "2/4 cells | about 3 min 20 s left | 1 failed"
    assert lines[-1] == ""


def test_progress_prints_plain_lines_elsewhere(toy_settings, monkeypatch):
    """No control characters in a log, and nothing at all when quiet."""
    monkeypatch.setattr("cryptobench.bench.progress._PLAIN_SECONDS", 0.0)
    cell = make_plan(toy_settings()).cells[0]
    for quiet, expected in ((False, ["4 cells", "0/4 cells | running toy-xor, flat-black, mean"]), (True, [])):
        stream = io.StringIO()
        progress = Progress(stream, quiet=quiet)
        progress.begin(4, 0, lambda: None, "4 cells")
        progress.started(cell)
        progress.end()
        assert stream.getvalue().splitlines() == expected
