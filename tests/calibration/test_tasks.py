from cryptobench.calibration.tasks import BATTERY, CalibrationTask, every_task, select_tasks
from cryptobench.registry import analysis_names, attack_names
from tests.calibration.samples import IDEAL_SOURCE


def test_every_analysis_and_attack_is_a_task():
    """All registered analyses and attacks are calibrated but the one that measures time, and SP 800-22 by itself."""
    labels = [task.label for task in every_task()]
    wanted = {*analysis_names(), *(f"attack:{name}" for name in attack_names()), BATTERY} - {"timing"}
    assert set(labels) == wanted
    assert len(labels) == len(set(labels))


def test_tasks_are_chosen_by_either_name():
    """An attack is found as locality and as attack:locality, once."""
    chosen = select_tasks(["locality", "attack:locality", "entropy"], every_task())
    assert [task.label for task in chosen] == ["attack:locality", "entropy"]


def test_a_battery_seed_has_all_tests():
    """A megabit gives the p-values of all fifteen tests, and the four corrected ones in both forms."""
    found = CalibrationTask("battery", BATTERY, 354).run(IDEAL_SOURCE.cipher(), 1)
    standard = {one.key.metric for one in found if not one.key.statistic}
    assert len(standard - {"random_excursions", "random_excursions_variant"}) == 13  # those two need 500 cycles
    assert {one.key.metric for one in found if one.key.statistic == "corrected"} == {
        "longest_run", "spectral", "overlapping_template", "linear_complexity"
    }  # fmt: skip
