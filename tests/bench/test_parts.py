"""Rows as bytes, cost estimates, progress lines, pictures."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image as pillow

from cryptobench.analyses.base import Artifact
from cryptobench.bench.cell import decode_rows, encode_columns, failure
from cryptobench.bench.measure import picture
from cryptobench.bench.plan import make_plan
from cryptobench.bench.progress import Progress
from cryptobench.bench.scheduler import Costs, Queue
from cryptobench.measurement import COLUMNS
from cryptobench.terminal import duration


def test_rows_survive_encoding_exactly():
    """Floats keep every bit, NumPy numbers become Python's, None stays None, and infinities are kept."""
    rows = [
        {"metric": "a", "value": 0.1 + 0.2, "trial": np.int64(1), "p_value": None, "seed": 3},
        {"metric": "b", "value": np.float32(0.1), "trial": None, "p_value": 1e-300, "seed": 3},
        {"metric": "c", "value": math.inf, "trial": 3, "p_value": 1.0, "seed": 3},
    ]
    decoded = list(decode_rows(encode_columns({name: [row[name] for row in rows] for name in rows[0]}, len(rows))))
    assert decoded == rows
    assert [type(value) for value in decoded[0].values()] == [str, float, int, type(None), int]
    assert list(decode_rows(encode_columns({"metric": [], "seed": 1}, 0))) == []
    assert math.isnan(next(decode_rows(encode_columns({"value": [math.nan]}, 1)))["value"])


def test_a_failure_is_one_whole_row(toy_settings):
    """It has every column of the measurement table, and says which cell failed."""
    cell = make_plan(toy_settings()).cells[0]
    (row,) = decode_rows(failure(cell, "crashed", "it broke", 1.5, final=False).rows)
    assert set(row) == set(COLUMNS)
    assert (row["cipher"], row["image"], row["analysis"]) == ("toy-xor", "flat-black", "mean")
    assert (row["metric"], row["value"], row["status"], row["message"]) == ("", None, "crashed", "it broke")
    assert (row["seconds"], row["height"], row["channels"], row["verdict"]) == (1.5, 16, 3, "none")


def test_a_new_analysis_goes_first_and_then_the_longest(toy_settings):
    """Every analysis is tried once to learn its cost; from then on the longest cell comes first."""
    settings = toy_settings(images=("gradient", "camera", "coffee"))
    cells = make_plan(settings).cells
    costs = Costs()
    queue = Queue(cells, costs)
    first = queue.pop()
    assert (first.image_name, costs.seconds(cells[0]), queue.seconds()) == ("coffee", None, None)
    costs.learn("toy-xor", "mean", 16 * 24 * 3, 1.0)
    costs.learn("toy-shift", "mean", 16 * 24 * 3, 3.0)
    order = [queue.pop() for _ in range(len(queue))]
    assert [cell.cipher_name for cell in order][:2] == ["toy-shift", "toy-shift"]
    estimates = [costs.seconds(cell) for cell in order]
    assert estimates == sorted(estimates, reverse=True)
    assert queue.pop() is None


def test_estimates_follow_pixels_and_the_cipher():
    """The model gives back costs that are pixels x analysis x cipher."""
    costs = Costs()
    for _ in range(50):
        for cipher, factor in (("slow", 3.0), ("fast", 1.0)):
            costs.learn(cipher, "a", 100, factor)
    assert costs._factors["slow"].value / costs._factors["fast"].value == pytest.approx(3, rel=0.15)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599, "59 min 59 s"), (7500, "2 h 5 min")]
)
def test_durations_read_as_people_say_them(seconds, text):
    """Seconds, minutes and hours."""
    assert duration(seconds) == text


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
    progress.begin(4, 1, lambda: 200.0)
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
        progress.begin(4, 0, lambda: None)
        progress.started(cell)
        progress.end()
        assert stream.getvalue().splitlines() == expected


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3)])
def test_pictures_are_png_without_loss(shape):
    """Grey and colour come back pixel for pixel, and the name is safe for a file."""
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    name, content = picture(Artifact("occlusion 1/4", pixels))
    assert name == "occlusion 1-4.png"
    assert np.array_equal(np.asarray(pillow.open(io.BytesIO(content))), pixels.squeeze())


def test_other_channel_counts_are_kept_as_arrays():
    """No picture format holds five channels."""
    pixels = np.random.default_rng(1).integers(0, 256, (4, 6, 5), np.uint8)
    name, content = picture(Artifact("cipher", pixels))
    assert name == "cipher.npy"
    assert np.array_equal(np.load(io.BytesIO(content)), pixels)
