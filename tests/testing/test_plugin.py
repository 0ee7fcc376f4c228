"""The pytest plug-in, as other projects use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.testing.running import PLUGIN, WEAK

pytest_plugins = ["pytester"]

SCOPE = "size=64, only=['entropy', 'keystream_reuse', 'determinism']"


def test_an_instance_is_measured_as_it_stands(pytester: pytest.Pytester) -> None:
    """A cipher that only this module knows fails with its default and passes with another argument."""
    pytester.makepyfile(
        WEAK + f"def test_default(security): security(Weak(), {SCOPE}).passes()\n"
        f"def test_sound(security): security(Weak(sound=True), {SCOPE}).passes()\n"
    )
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*SecurityFailure: weak does not pass: 3 of 3 tests fail at level 0.001 (profile quick, astronaut at 64*",
            "*test *measured *expected *interval *p *Holm p *where*",
            "*global entropy *7.* *7.95* [[]7.9*, 7.9*] *",  # 8 - 255 / (2 * 4096 * ln 2) = 7.955
            "*keystream_reuse (KPA, fresh nonce): recovered 100.0 % of the image with 2 queries*",
        ]
    )


def test_a_class_is_measured_by_workers_once(pytester: pytest.Pytester) -> None:
    """A class gives the numbers of its instance; the second run finds every cell in pytest's cache."""
    pytester.makepyfile(
        WEAK + "def test_weak(security):\n"
        "    by_class, by_instance = (security(w, size=32, only=['entropy', 'quality']) for w in (Weak, Weak()))\n"
        "    without = lambda a: a.measurements.drop(columns='seconds')\n"
        "    assert without(by_class).equals(without(by_instance))\n"
    )
    for _ in range(2):
        pytester.runpytest_inprocess(*PLUGIN, "--security-jobs", "1").assert_outcomes(passed=1)
    (about,) = pytester.path.glob(".pytest_cache/d/cryptobench/Weak-*/run.json")
    assert '"executed": 0' in about.read_text()


def test_what_could_not_be_run_is_named(pytester: pytest.Pytester) -> None:
    """A green run still says which metric the image was too small for."""
    pytester.makepyfile(WEAK + "def test_it(security): security(Weak(True), size=32, only=['entropy']).passes()\n")
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "*security tests: not run*",
            "*::test_it",
            "  weak: entropy local_entropy: unsupported: *fewer than one block*",
        ]
    )


def test_the_command_line_overrides_the_ini_file(pytester: pytest.Pytester) -> None:
    """The command line overrides the file."""
    pytester.makeini("[pytest]\nsecurity_seed = 5\nsecurity_size = 24\nsecurity_require = misuse=4\n")
    pytester.makepyfile(
        "def test_it(security):\n    assert (security.seed, security.size, security.require) == (9, 24, 'misuse=4')\n"
    )
    pytester.runpytest_inprocess(*PLUGIN, "--security-seed=9").assert_outcomes(passed=1)


def test_an_option_without_number_is_a_usage_error(pytester: pytest.Pytester) -> None:
    """The message names the option and what is wanted."""
    pytester.makeini("[pytest]\nsecurity_seed = many\n")
    pytester.makepyfile("def test_it(security): pass\n")
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*security_seed is 'many', wanted int*"])


@pytest.mark.parametrize("old", ["rung", "level"])
@pytest.mark.parametrize("by", ["option", "file"])
def test_the_former_option_names_the_new_one(pytester: pytest.Pytester, by: str, old: str) -> None:
    """One line, on the command line and in the configuration file."""
    options = [f"--security-{old}=4"] if by == "option" else []
    if by == "file":
        pytester.makeini(f"[pytest]\nsecurity_{old} = 4\n")
    pytester.makepyfile("def test_it(security): pass\n")
    result = pytester.runpytest_inprocess(*PLUGIN, *options)
    result.assert_outcomes(errors=1)
    name = "--security-{}" if by == "option" else "security_{}"
    given, new = name.format(old) + "=4", name.format("require") + "=confidentiality=5"
    result.stdout.fnmatch_lines([f"*{given} is no longer there; {new} asks for a level*"])


def test_the_plug_in_imports_nothing_heavy() -> None:
    """A project that installs it pays nothing until a test asks for the fixture."""
    code = (
        "import sys, cryptobench.testing.plugin; print([m for m in ('numpy', 'pandas', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
