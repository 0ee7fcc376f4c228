"""Which cells a run has, what their addresses depend on, and on which images attacks are run."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from cryptobench.bench.errors import BenchError
from cryptobench.bench.plan import make_plan
from cryptobench.bench.settings import settings
from cryptobench.images import write_image
from cryptobench.registry import RegistryError
from tests.bench.driving import TOYS, toy


def addresses(wanted):
    return {str(cell): cell.address for cell in make_plan(wanted).cells}


def test_equal_settings_give_equal_addresses(toy_settings):
    """Planning twice gives the same cells; how many workers run them and for how long does not matter."""
    first = addresses(toy_settings())
    assert len(first) == 4
    assert len(set(first.values())) == 4
    assert addresses(toy_settings(jobs=7, timeout=3.0, memory="off", name="other")) == first


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"size": 17},
        {"alpha": 0.01},
        {"analyses": {toy("Mean"): {"trials": 4}}},
    ],
)
def test_what_changes_numbers_changes_every_address(toy_settings, change):
    """Another seed, size, level or parameter makes other cells of all."""
    before, after = addresses(toy_settings()), addresses(toy_settings(**change))
    assert before.keys() == after.keys()
    assert all(before[name] != after[name] for name in before)


def test_a_parameter_at_its_default_changes_nothing(toy_settings):
    """An address holds the parameters in force, however they came about; 0 and 0.0 seconds are the same."""
    assert addresses(toy_settings({toy("Mean"): {"trials": 3, "seconds": 0}})) == addresses(toy_settings())


def test_changed_pixels_change_the_address(toy_settings, tmp_path):
    """The image's content counts: one pixel changed in a file of the same name makes another cell."""
    image = np.zeros((8, 8, 3), np.uint8)
    write_image(tmp_path / "mine.png", image)
    settings = toy_settings(images=(str(tmp_path / "mine.png"),))
    before = addresses(settings)
    image[3, 3, 1] = 1
    write_image(tmp_path / "mine.png", image)
    after = addresses(settings)
    assert list(before) == ["toy-xor, mine, mean", "toy-shift, mine, mean"]
    assert all(before[name] != after[name] for name in before)


def test_addresses_follow_code_and_not_paths(toy_settings, tmp_path):
    """Code counts by content: a copy elsewhere is the same cell, an edited copy another one."""
    copy, edited = tmp_path / "a" / "toys.py", tmp_path / "b" / "toys.py"
    for path in (copy, edited):
        path.parent.mkdir()
        shutil.copy(TOYS, path)
    edited.write_text(edited.read_text().replace("chosen.mean()", "chosen.max()"))
    original = addresses(toy_settings(ciphers=(toy("Xor"),)))
    moved = addresses(toy_settings({f"{copy}:Mean": {}}, ciphers=(f"{copy}:Xor",)))
    analysis_edited = addresses(toy_settings({f"{edited}:Mean": {}}, ciphers=(toy("Xor"),)))
    cipher_edited = addresses(toy_settings(ciphers=(f"{edited}:Xor",)))
    assert moved == original
    assert all(analysis_edited[name] != original[name] for name in original)
    assert all(cipher_edited[name] != original[name] for name in original)


def test_two_classes_of_one_file_have_different_addresses(toy_settings):
    """The class counts beside its file: an impostor of the same name and code is another cell."""
    one = make_plan(toy_settings(ciphers=(toy("Xor"),))).cells
    other = make_plan(toy_settings(ciphers=(toy("Impostor"),))).cells
    assert [str(cell) for cell in one] == [str(cell) for cell in other]
    assert {cell.address for cell in one}.isdisjoint(cell.address for cell in other)


def test_every_digest_is_part_of_the_address(toy_settings):
    """Changing any one digest, name, parameter or the seed of a cell changes its address; paths do not."""
    cell = make_plan(toy_settings()).cells[0]
    counted = {
        "cipher_name": "x", "cipher_code": "x", "image_name": "x", "image_hash": "x", "analysis_name": "x",
        "analysis_code": "x", "parameters": "{}", "seed": 9,
    }  # fmt: skip
    changed = {replace(cell, **{name: value}).address for name, value in counted.items()}
    assert len(changed | {cell.address}) == len(counted) + 1
    assert replace(cell, cipher="/elsewhere/toys.py:Xor", image="/elsewhere/flat-black").address == cell.address


def test_an_analysis_says_which_images_it_wants(toy_settings):
    """Its four words for images are followed, and a list in the settings comes before them."""
    wanted = {"all": 4, "photographs": 2, "photographs and flat": 3, "first": 1}
    images = ("flat-black", "astronaut", "gradient", "camera")
    for choice, count in wanted.items():
        plan = make_plan(toy_settings({toy("Mean"): {"images": choice}}, images=images, ciphers=(toy("Xor"),)))
        assert len(plan.cells) == count
    plan = make_plan(toy_settings({toy("Misbehave"): {}}, images=images, ciphers=(toy("Xor"),)))
    assert [cell.image_name for cell in plan.cells] == ["astronaut"]
    own = {toy("Mean"): {"images": ["coins"]}, toy("Misbehave"): {}}
    plan = make_plan(toy_settings(own, images=images, ciphers=(toy("Xor"),)))
    assert [(cell.image_name, cell.analysis_name) for cell in plan.cells] == [
        ("astronaut", "misbehave"),
        ("coins", "mean"),
    ]


def test_an_analysis_without_images_is_noted(toy_settings):
    """A run of stress images alone leaves out what needs photographs, and says so; with nothing left it ends."""
    plan = make_plan(toy_settings({toy("Mean"): {}, toy("Misbehave"): {}}))
    assert plan.notes == ("misbehave is left out: it measures photographs, and the run has none",)
    with pytest.raises(BenchError, match="nothing to run: misbehave is left out"):
        make_plan(toy_settings({toy("Misbehave"): {}}))


def test_two_ciphers_of_one_name_are_refused(toy_settings):
    """A table could not tell them apart."""
    with pytest.raises(BenchError, match="two ciphers are called 'toy-xor'"):
        make_plan(toy_settings(ciphers=(toy("Xor"), toy("Impostor"))))


def test_a_cipher_named_twice_counts_once(toy_settings):
    """The same reference again adds nothing, in whatever way its path is written."""
    detour = f"{TOYS.parent / '..' / 'bench' / 'toys.py'}:Xor"
    assert len(make_plan(toy_settings(ciphers=(toy("Xor"), detour, toy("Xor")))).cells) == 2


@pytest.mark.parametrize(
    ("analyses", "error", "message"),
    [
        ({toy("Mean"): {"trails": 3}}, BenchError, "no parameter 'trails'; did you mean 'trials'"),
        ({toy("Mean"): {"trials": "3"}}, BenchError, "trials is '3', wanted int such as 3"),
        ({toy("Mean"): {"trials": True}}, BenchError, "trials is True, wanted int"),
        ({toy("Mean"): {"images": 3}}, BenchError, "images is 3, wanted a list of images"),
        ({"entropi": {}}, RegistryError, "unknown analysis 'entropi'; did you mean 'entropy'"),
        ({"differential": {"trials": 0}}, BenchError, "analysis differential: trials is 0, wanted at least 1"),
    ],
)
def test_wrong_analyses_and_parameters_are_one_clear_line(toy_settings, analyses, error, message):
    """Each says what was given and what there is instead."""
    with pytest.raises(error, match=message) as caught:
        make_plan(toy_settings(analyses, images=("astronaut",)))
    assert len(str(caught.value).splitlines()) == 1


def test_parameters_are_canonical_json(toy_settings):
    """A cell's parameters can be read by anyone and are written in one way only."""
    cell = make_plan(toy_settings()).cells[0]
    assert json.loads(cell.parameters) == {"alpha": 0.05, "marks": "", "seconds": 0.0, "trials": 3}
    assert cell.parameters == json.dumps(json.loads(cell.parameters), sort_keys=True)


def test_cheap_attacks_run_at_full_size_too(attack_cells):
    """The first photograph at the run's attack sides, and at its own size unless the attack sets a limit."""
    cells = attack_cells({toy("Peek"): {}}, ciphers=(toy("Xor"),))
    assert [(cell.image_name, cell.size, cell.height, cell.channels) for cell in cells] == [
        ("astronaut", 48, 48, 3), ("astronaut", 16, 16, 3), ("astronaut", 24, 24, 3)
    ]  # fmt: skip
    assert {(cell.kind, cell.analysis_name) for cell in cells} == {("attack", "attack:peek")}
    assert len({cell.address for cell in cells}) == 3


def test_an_attack_says_what_it_attacks(attack_cells):
    """Grey and small where it asks for that, and only against the ciphers that it is about."""
    cells = attack_cells({toy("SmallGreyPeek"): {}})
    assert [(cell.cipher_name, cell.height, cell.channels, cell.grey) for cell in cells] == [("toy-xor", 16, 1, True)]


def test_a_profile_sets_sides_images_and_parameters(attack_cells):
    """The keys sides and images are the plan's; all others are the attack's own."""
    own = {toy("Peek"): {"sides": [8], "images": ["coins"], "budget": 5}}
    cells = attack_cells(own, ciphers=(toy("Xor"),))
    assert [(cell.image_name, cell.height) for cell in cells] == [("coins", 48), ("coins", 8)]
    assert json.loads(cells[1].parameters) == {"budget": 5, "fail": False}
    with pytest.raises(BenchError, match=r"attack .*Peek: sides is \[-1\], wanted a list of sides"):
        attack_cells({toy("Peek"): {"sides": [-1]}})
    with pytest.raises(BenchError, match="has no parameter 'bugdet'; did you mean 'budget'"):
        attack_cells({toy("Peek"): {"bugdet": 1}})


def test_an_attack_without_images_is_noted(toy_settings):
    """No photograph, or none small enough."""
    settings = {"size": 48, "attack_sides": (32,), "images": ("astronaut",)}
    plan = make_plan(toy_settings(attacks={toy("SmallGreyPeek"): {}}, **settings))
    assert plan.notes == (
        "attack:small_grey_peek is left out: it attacks photographs of at most 16 pixels a side, and the run has none",
    )


def test_parameters_are_written_once_a_task() -> None:
    """However many cells there are: two ciphers, two images, two tasks."""
    chosen = settings("quick", ciphers=["xor-pad", "caesar"], images=["astronaut", "camera"], analyses=["entropy"])
    plan = make_plan(replace(chosen, attacks={"determinism": {"images": "all"}}))
    assert len(plan.cells) > len(plan.tasks) == 2
    assert len({id(cell.parameters) for cell in plan.cells}) == 2
