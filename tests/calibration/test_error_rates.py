import pytest

from cryptobench.calibration.error_rates import POOLED, measure_size, stated, wrong
from cryptobench.calibration.execute import play_seeds
from cryptobench.calibration.sources import IDEAL, Source, sound_sources
from cryptobench.calibration.store import Unit
from cryptobench.calibration.tasks import Task
from tests.calibration import samples

IDEAL_SOURCE = Source(IDEAL, True)


def sizes_of(task, seeds, sources=(IDEAL_SOURCE,), **options):
    return measure_size({unit: play_seeds(unit, range(seeds)) for unit in (Unit(task, s) for s in sources)}, **options)


def test_a_test_with_too_narrow_an_interval_is_found_out():
    """A halved standard deviation gives 33 % false alarms, and is called too high on every source and over all."""
    sizes = sizes_of(samples.task("TooNarrow"), 200, sound_sources())
    assert {size.source for size in wrong(sizes) if size.stated} == {POOLED, *(s.name for s in sound_sources())}
    (pooled,) = stated(sizes)
    assert pooled.seeds == 600
    low, high = pooled.share.interval()
    assert low < 0.3274 < high  # 2 Phi(-1.96 / 2)


def test_a_right_test_passes():
    """An exact standard deviation gives a share of false alarms that is not told from 5 %, nor in the tail."""
    sizes = sizes_of(samples.task("Right"), 300, sound_sources())
    assert {size.verdict for size in sizes} == {"ok"}
    assert {size.level for size in sizes} == {0.05, 0.001}


def test_the_local_entropy_interval_of_the_literature_is_an_exhibit():
    """The literature's interval fails ideal images in 72 % of cases, the corrected one in 5 %."""
    found = {size.test.variant: size for size in stated(sizes_of(Task("analysis", "entropy", 144), 250)) if
             size.test.metric == "local_entropy"}  # fmt: skip
    exhibit, corrected = found["literature"], found["corrected"]
    low, high = exhibit.share.interval()
    assert low < 0.7205 < high  # 2 Phi(-1.96 / sqrt(30))
    assert (exhibit.verdict, corrected.verdict) == ("exhibit", "ok")
    assert exhibit.share.verdicts == 250  # of 30 blocks, which only the whole image holds


def test_rows_apart_keep_channels():
    """With rows apart each channel and direction is a test of its own."""
    sizes = sizes_of(Task("analysis", "correlation", 48), 3, apart=True)
    assert {"R horizontal", "B antidiagonal"} <= {size.test.part for size in sizes if size.test.metric == "correlation"}


def test_misuse_is_no_false_alarm():
    """A stream cipher under a fixed nonce is left out; AES-SIV and the ideal cipher stay in."""
    task = Task("analysis", "avalanche", 32, {"trials": 3})
    by_nonce = {}
    for size in sizes_of(task, 2, sound_sources()):
        by_nonce.setdefault(size.test.nonce, set()).add(size.source)
    assert by_nonce["fresh"] - by_nonce["fixed"] == {"chacha20-poly1305"}


@pytest.mark.parametrize("name", ["Silent", "Failing"])
def test_what_gives_no_verdict_has_no_size(name):
    """A number without a null distribution, or an error, is no test."""
    assert sizes_of(samples.task(name), 2) == []
