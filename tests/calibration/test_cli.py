from click.testing import CliRunner

from cryptobench.cli import main


def test_calibrate_plays_and_says_where(tmp_path):
    """A run of two cheap tests on two seeds writes its page and says where it is."""
    arguments = [
        "calibrate",
        "--seeds",
        "2",
        "--power-seeds",
        "0",
        "--only",
        "quality,determinism",
        "--out",
        str(tmp_path),
    ]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "calibration.md" in done.output
    assert "determinism" in (tmp_path / "size.md").read_text()


def test_an_unknown_name_is_one_line():
    """An unknown test is refused in one line, with the nearest name."""
    done = CliRunner().invoke(main, ["calibrate", "--only", "entropi"])
    assert done.exit_code == 1
    assert "there is no analysis and no attack 'entropi'; did you mean 'entropy'?" in done.output
