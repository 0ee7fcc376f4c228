"""The log of a training run."""

from cryptobench.training.log import TrainingLog, read_log


def test_rows_are_read_back_with_new_columns(tmp_path):
    """A score that comes later becomes a column; rows without it stay without."""
    log = TrainingLog(tmp_path / "log.csv")
    rows = [{"step": 100, "loss": 0.5}, {"step": 200, "loss": 0.25, "held_out_psnr": 31.5}, {"step": 300, "loss": 0.2}]
    for row in rows:
        log.append(row)
    assert read_log(tmp_path / "log.csv") == log.rows == rows
    assert (tmp_path / "log.csv").read_text() == "step,loss,held_out_psnr\n100,0.5,\n200,0.25,31.5\n300,0.2,\n"


def test_going_on_drops_what_came_after_the_checkpoint(tmp_path):
    """Rows beyond the step are written again by the run that goes on; an unfinished last line is dropped."""
    path = tmp_path / "log.csv"
    path.write_text("step,loss\n100,0.5\n200,0.25\n300,0.2\n400,0.")
    assert [row["step"] for row in read_log(path)] == [100, 200, 300]
    assert [row["step"] for row in TrainingLog(path, 250).rows] == [100, 200]
    assert path.read_text() == "step,loss\n100,0.5\n200,0.25\n"


def test_a_new_run_starts_a_new_log(tmp_path):
    """An old run's rows are gone."""
    (tmp_path / "log.csv").write_text("step,loss\n100,0.5\n")
    assert TrainingLog(tmp_path / "log.csv").rows == []
    assert read_log(tmp_path / "log.csv") == read_log(tmp_path / "nothing.csv") == []
