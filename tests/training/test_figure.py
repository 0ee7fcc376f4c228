"""The loss figure."""

from cryptobench.training.figure import training_figure, write_figure

ROWS = [
    {"step": 100.0, "seconds": 1.0, "a": 1.0, "b": 0.5, "skipped": 0.0, "held_out_psnr": 20.0},
    {"step": 200.0, "seconds": 2.0, "a": 0.1, "skipped": 0.0, "held_out_psnr": 25.0},
]


def test_losses_and_quality_are_drawn_by_step():
    """Each loss is a curve on a logarithmic axis, the score has an axis of its own; a negative loss makes it linear."""
    losses, quality = training_figure(ROWS).axes
    assert {line.get_label(): list(line.get_ydata()) for line in losses.get_lines()} == {"a": [1.0, 0.1], "b": [0.5]}
    assert list(quality.get_lines()[0].get_ydata()) == [20.0, 25.0]
    assert losses.get_yscale() == "log"
    (negative,) = training_figure([{"step": 1.0, "a": -1.0}]).axes
    assert negative.get_yscale() == "linear"


def test_two_figures_are_written_or_none(tmp_path):
    """PDF and PNG with the name of the weights; nothing for a run without a row."""
    assert write_figure(tmp_path / "x.safetensors", []) == []
    assert {path.name for path in write_figure(tmp_path / "x.safetensors", ROWS)} == {"x.pdf", "x.png"}
