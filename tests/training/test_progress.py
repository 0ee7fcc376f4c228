"""How training reports its progress."""

import io

from cryptobench.training.progress import TrainingProgress

ROW = {"step": 200.0, "seconds": 3.0, "decryption": 0.25, "skipped": 2}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_without_a_terminal_lines_are_plain():
    """The first row, rows with a score and the last one are shown at once, others when they are due."""
    out = io.StringIO()
    progress = TrainingProgress(out)
    progress.begin(100)
    progress.row(ROW, 1000)
    progress.row({**ROW, "step": 300.0}, 1000)
    progress.row({**ROW, "step": 400.0, "held_out_psnr": 31.25}, 1000)
    progress.row({**ROW, "step": 1000.0, "skipped": 0}, 1000)
    lines = out.getvalue().splitlines()
    assert [line.split()[1] for line in lines] == ["200/1000", "400/1000", "1000/1000"]
    assert "held-out psnr 31.25" in lines[1]
    assert "left" in lines[1]
    assert "2 steps left out" in lines[1]
    assert lines[2] == "step 1000/1000 | held-out psnr 31.25 | decryption 0.25"
    assert "\x1b" not in out.getvalue()


def test_on_a_terminal_one_line_is_updated(monkeypatch):
    """Every row replaces the line, cut to the terminal's width."""
    monkeypatch.setenv("COLUMNS", "30")
    out = Terminal()
    progress = TrainingProgress(out)
    progress.row(ROW, 1000)
    progress.row({**ROW, "step": 300.0}, 1000)
    assert out.getvalue().count("\r\x1b[K") == 2
    assert "\n" not in out.getvalue()
    assert max(len(part) for part in out.getvalue().split("\r\x1b[K")) <= 29


def test_quiet_says_nothing():
    """Neither rows nor notes are shown."""
    out = io.StringIO()
    progress = TrainingProgress(out, quiet=True)
    progress.say("a note")
    progress.row(ROW, 1000)
    progress.end()
    assert out.getvalue() == ""
