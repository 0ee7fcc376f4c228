"""`cryptobench calibrate`."""

from click.testing import CliRunner

from cryptobench.cli import main


def test_calibrate_says_where_its_page_is(tmp_path):
    """A run of two cheap tests on two seeds writes its page and says where it is."""
    arguments = ["calibrate", "--seeds", "2", "--control-seeds", "0", "--only", "quality,determinism"]
    done = CliRunner().invoke(main, [*arguments, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "calibration.md" in done.output
    assert "determinism" in (tmp_path / "false_alarms.md").read_text()


def test_an_unknown_name_is_one_line():
    """An unknown test is refused in one line, with the nearest name."""
    done = CliRunner().invoke(main, ["calibrate", "--only", "entropi"])
    assert done.exit_code == 2
    assert "there is no analysis and no attack 'entropi'; did you mean 'entropy'?" in done.output
