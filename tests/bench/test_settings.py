"""Settings from profiles, files and the command line."""

from __future__ import annotations

import pytest

from cryptobench.bench.errors import BenchError
from cryptobench.bench.plan import make_plan
from cryptobench.bench.settings import profile_names, profile_summaries, read_profile, settings
from cryptobench.registry import analysis_names, attack_names, load_attack


def write(tmp_path, text, name="mine.toml"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_four_profiles_are_built_in():
    """quick, beside, standard and paper, each with a line on what it is, and each with every analysis and attack."""
    assert profile_names() == ("quick", "beside", "standard", "paper")
    assert all(summary for _, summary in profile_summaries())
    for name in profile_names():
        assert set(settings(name).analyses) == set(analysis_names())
        assert set(settings(name).attacks) == set(attack_names())
        assert settings(name).name == name


@pytest.mark.parametrize("name", profile_names())
def test_built_in_profiles_name_only_what_exists(name):
    """Every image, analysis, attack and parameter of the built-in profiles can be planned."""
    plan = make_plan(settings(name, ciphers=("caesar",), size=32))
    assert plan.notes == ()
    planned = {cell.analysis_name for cell in plan.cells}
    attacks = (load_attack(attack) for attack in attack_names())
    assert planned == set(analysis_names()) | {f"attack:{a.name}" for a in attacks if not a.against}


def test_the_standard_profile_keeps_its_promises():
    """At least 100 differential trials, every key bit, 20 timed runs, grey, non-square and stress images."""
    standard = settings("standard")
    assert standard.analyses["differential"]["trials"] >= 100
    assert standard.analyses["key_sensitivity"]["bits"] == 0  # 0 stands for all of them
    assert standard.analyses["timing"]["runs"] >= 20
    images = make_plan(settings("standard", ciphers=("caesar",), size=32)).images
    assert {image.photograph for image in images} == {True, False}
    assert any(image.channels == 1 and image.photograph for image in images)
    assert any(image.height != image.width for image in images)


def test_beside_measures_a_part_of_standard():
    """Each of its cells is one of standard's, so that a standard reference fits; fewer images, smaller attacks."""
    cells = {
        name: {(c.image, c.size, c.grey, c.analysis, c.parameters, c.seed) for c in plan.cells}
        for name in ("beside", "standard")
        for plan in [make_plan(settings(name, ciphers=("caesar",)))]
    }
    assert cells["beside"] < cells["standard"]
    assert {image for image, *_ in cells["beside"]} == {"astronaut", "camera"}
    assert len(cells["beside"]) < 0.6 * len(cells["standard"])


def test_a_file_extends_a_profile(tmp_path):
    """A file changes what it names, drops an analysis with false, and keeps the rest."""
    path = write(
        tmp_path,
        'extends = "standard"\nsize = 32\n[analyses]\ntiming = false\n[analyses.differential]\ntrials = 7\n',
    )
    mine, standard = settings(path), settings("standard")
    assert (mine.name, mine.size, mine.images) == ("mine", 32, standard.images)
    assert mine.analyses["differential"] == {"trials": 7}
    assert set(standard.analyses) - set(mine.analyses) == {"timing"}


def test_a_file_extends_another_file_beside_it(tmp_path):
    """A relative path is looked for beside the file that names it."""
    write(tmp_path, 'extends = "quick"\nseed = 5\n', "base.toml")
    assert settings(write(tmp_path, 'extends = "base.toml"\nsize = 16\n')).seed == 5


def test_the_command_line_comes_before_the_profile():
    """Values given take the profile's place; analyses named keep the profile's parameters."""
    own = settings("standard", size=64, seed=9, analyses=("differential", "mine.py:New"), images=("camera",))
    assert (own.size, own.seed, own.images) == (64, 9, ("camera",))
    assert own.analyses == {"differential": {"trials": 100}, "mine.py:New": {}}
    assert settings("standard", size=None, ciphers=()) == settings("standard")


def test_naming_analyses_or_attacks_leaves_out_the_others(tmp_path):
    """Who asks for one analysis gets that and no attacks, and the other way round; all stands for every attack."""
    assert settings("quick", analyses=("entropy",)).attacks == {}
    own = settings("quick", attacks=("determinism", "mine.py:Mine"))
    assert (own.analyses, own.attacks) == ({}, {"determinism": {}, "mine.py:Mine": {}})
    both = settings("quick", attacks=("all",), analyses=("entropy",))
    assert (set(both.analyses), set(both.attacks)) == ({"entropy"}, set(attack_names()))


def test_a_profile_changes_all_attacks_and_drops_some(tmp_path):
    """Parameters under attacks.all hold for every attack, its own come before them, and false drops one."""
    path = write(
        tmp_path,
        'extends = "quick"\nattack_sides = [16]\n[attacks]\naffine_gf2 = false\n[attacks.all]\nbudget = 9\n'
        "[attacks.determinism]\nbudget = 2\nsides = [24]\n",
    )
    mine = settings(path)
    assert mine.attack_sides == (16,)
    assert set(mine.attacks) == set(attack_names()) - {"affine_gf2"}
    assert mine.attacks["affine_z256"] == {"budget": 9}
    assert mine.attacks["determinism"] == {"budget": 2, "sides": [24]}


def test_all_adds_every_cipher(tmp_path):
    """--all beside --ciphers means both."""
    assert settings("quick", every_cipher=True, ciphers=("mine.py:Mine",)).ciphers == ("all", "mine.py:Mine")
    narrow = write(tmp_path, 'extends = "quick"\nciphers = ["caesar"]\n')
    assert settings(narrow).ciphers == ("caesar",)
    assert settings(narrow, every_cipher=True).ciphers == ("all", "caesar")


@pytest.mark.parametrize("name", profile_names())
def test_settings_survive_their_own_file(tmp_path, name):
    """settings.toml of a run gives the same settings again."""
    original = settings(name, ciphers=("tests/a b/mine.py:Mine", "caesar"), seed=3, memory=500, alpha=0.01)
    again = settings(write(tmp_path, original.toml()))
    assert again.as_dict() == original.as_dict()
    assert read_profile(write(tmp_path, original.toml()))["name"] == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "standart"', "unknown profile 'standart'; did you mean 'standard'"),
        ('extends = "quick"\nsice = 3', "unknown key 'sice'; did you mean 'size'"),
        ('extends = "mine.toml"', "extends itself"),
        ("size = = 3", "is no valid TOML"),
        ('extends = "quick"\nsize = 0', "size is 0, wanted pixels from 1"),
        ('extends = "quick"\nsize = "big"', "size is 'big', wanted pixels"),
        ('extends = "quick"\nalpha = 1.5', "alpha is 1.5, wanted a level between 0 and 1"),
        ('extends = "quick"\nseed = -1', "seed is -1, wanted a whole number from 0"),
        ('extends = "quick"\ntimeout = 0', "timeout is 0, wanted seconds"),
        ('extends = "quick"\nmemory = "lots"', "memory is 'lots', wanted MiB, auto or off"),
        ('extends = "quick"\nimages = []', "no images are given"),
        ('extends = "quick"\nciphers = [3]', r"ciphers is \[3\], wanted a list of names"),
        ('extends = "quick"\nciphers = 3', "ciphers is 3, wanted a list of names"),
        ('extends = "quick"\nanalyses = 3', "wanted a table for each analysis"),
        ('extends = "quick"\n[analyses]\nentropy = true', "wanted a table for each analysis"),
        ("extends = 3", "extends is 3, wanted the name of a profile"),
        ('images = ["camera"]\n[analyses.entropy]', "sets no size"),
        ('images = ["camera"]\nsize = 16', "no analyses and no attacks are given"),
        ('extends = "quick"\nattacks = 3', r"wanted a table for each attack, such as \[attacks.determinism\]"),
        ('extends = "quick"\nattack_sides = 32', "attack_sides is 32, wanted a list of sides in pixels"),
        ('extends = "quick"\nattack_sides = [0]', r"attack_sides is \(0,\), wanted a list of sides in pixels"),
    ],
)
def test_wrong_settings_are_one_clear_line(tmp_path, text, message):
    """Each names the key, what it was and what is wanted."""
    with pytest.raises(BenchError, match=message) as caught:
        settings(write(tmp_path, text))
    assert len(str(caught.value).splitlines()) == 1


def test_a_missing_file_is_one_clear_line():
    """Neither a name nor a file."""
    with pytest.raises(BenchError, match=r"profile nowhere/mine.toml cannot be read: no such file"):
        settings("nowhere/mine.toml")
