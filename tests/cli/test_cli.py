"""The command line: instant help and lists, one clear line for what goes wrong."""

import json
import os
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cryptobench.bench.yardstick import loop_seconds
from cryptobench.cli import main
from cryptobench.cli.options import names
from cryptobench.registry import analysis_names, cipher_names

LISTS = ("ciphers", "images", "analyses", "attacks", "profiles")


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), *[("list", what) for what in LISTS]])
def test_help_and_lists_import_nothing_heavy(arguments):
    """Help and lists answer without numba, pandas, matplotlib, scipy, scikit-image or torch, most without NumPy."""
    heavy = {"numba", "pandas", "matplotlib", "scipy", "skimage", "torch", "PIL"}
    heavy |= set() if "images" in arguments else {"numpy"}
    script = (
        "import sys\nfrom cryptobench.cli import main\n"
        f"main({list(arguments)!r}, standalone_mode=False)\n"
        f"heavy = {heavy!r} & set(sys.modules)\n"
        "print('heavy:', sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip().endswith("heavy: []")
    assert done.stdout


COMPLETION = {"_CRYPTOBENCH_COMPLETE": "bash_complete", "COMP_WORDS": "cryptobench show aes", "COMP_CWORD": "2"}


@pytest.mark.parametrize(
    ("arguments", "environment", "word"),
    [
        (("--help",), {}, "randomness"),
        (("list", "ciphers"), {}, "hua2021"),
        (("list", "attacks"), {}, "determinism"),
        ((), COMPLETION, "aes-256-ctr"),
    ],
    ids=["help", "ciphers", "attacks", "completion"],
)
def test_lists_and_completion_take_no_time(arguments, environment, word):
    """At most 16 times the processor time of the fixed loop (0.3 s where that takes 18 ms), the quickest of five."""
    program = "import sys; from cryptobench.cli import main; main(sys.argv[1:], prog_name='cryptobench')"
    times, loops = [], []
    for _ in range(5):
        loops.append(loop_seconds(1))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert word in done.stdout
    assert min(times) < 16 * min(loops), (times, loops)


def test_every_verb_has_help(run):
    """--help works for every verb and says more than its usage."""
    verbs = main.list_commands(None)
    assert "run" in verbs
    for verb in verbs:
        result = run(verb, "--help")
        assert result.exit_code == 0, verb
        assert len(result.output.splitlines()) > 4, verb


@pytest.mark.parametrize("group", [(), ("list",), ("images",)])
def test_overviews_say_what_each_verb_is_for(run, group):
    """In 80 columns no verb's line is cut off."""
    assert "..." not in run(*group, "--help").output.partition("Commands:")[2]


@pytest.mark.parametrize("what", LISTS)
def test_lists_are_also_json(run, what):
    """--json prints a list of objects with names."""
    rows = json.loads(run("list", what, "--json").output)
    assert rows
    assert all(row["name"] for row in rows)


def test_lists_are_complete(run):
    """Every registered cipher and analysis is listed."""
    assert {row["name"] for row in json.loads(run("list", "ciphers", "--json").output)} == set(cipher_names())
    assert {row["name"] for row in json.loads(run("list", "analyses", "--json").output)} == set(analysis_names())


@pytest.mark.parametrize("name", cipher_names())
def test_every_card_can_be_shown(run, name):
    """The card is printed with its fidelity; ciphers below A state what was chosen."""
    output = run("show", name).output
    assert "fidelity" in output
    card = json.loads(run("show", name, "--json").output)
    assert card["fidelity"].startswith("A") or card["deviations"]
    assert card["family"] != "control" or card["defect"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rnu",), "did you mean 'run'"),
        (("show", "aes-256-crt"), "did you mean 'aes-256-ctr'"),
        (("validate", "nothing.py:X"), "there is no file nothing.py"),
        (("new", "not a name"), "not a name"),
        (("run", "--ciphers", "sum-crt"), "did you mean 'sum-ctr'"),
        (("run", "--profile", "quik"), "quick"),
        (("run", "--images", "astronaur", "--ciphers", "caesar"), "astronaut"),
        (("run", "--analyses", "entropi", "--ciphers", "caesar"), "did you mean 'entropy'"),
        (("report", "no-such-run"), "no-such-run"),
        (("encrypt", "", "x.png", "--cipher", "caesar"), "there is no image or image set ''"),
        (("run", "--ciphers", "", "--profile", "quick"), "'--ciphers': it names nothing"),
        (("run", "--ciphers", "caesar", "--images", " , "), "'--images': it names nothing"),
        (("attack", "caesar", "--only", ""), "'--only': it names nothing"),
        (("calibrate", "--only", ","), "'--only': it names nothing"),
        (("check", "x", "--against", "y", "--analyses", ""), "'--analyses': it names nothing"),
        (("report", "x", "--ciphers", ""), "'--ciphers': it names nothing"),
        (("--vershun",), "No such option '--vershun'. Did you mean '--version'? See"),
        (("run", "--profil", "quick"), "Did you mean '--profile'? See"),
        (("attack",), "Missing argument 'CIPHER'; see"),
        (("attack", "caesar", "--nonce", "fres"), "'fres' is not one of 'fresh', 'fixed', 'both'"),
        (("attack", "caesar", "--profile", "quik"), "did you mean 'quick'"),
        (("attack", "caesar", "xor-pad"), "unexpected extra argument (xor-pad)"),
        (("list", "cipers"), "Did you mean 'ciphers'?"),
        (("images", "fetch", "kodk"), "did you mean 'kodak'"),
        (("run", "--size", "x"), "'x' is not a valid integer"),
        (("randomness", "gone"), "gone: No such file or directory"),
        (("check", "caesar"), "Missing option '--against'"),
        (("new", "x", "--folder", "gone"), "gone is no folder; make it first"),
        (("decrypt", "a.png", "b.png"), "there is no key"),
        (("dump", "caesr", "--bytes", "1K"), "did you mean 'caesar'"),
        (("show", "x\ny"), "unknown cipher 'x\\ny'"),
        (("validate", "a\nb.py:C"), "a b.py:C: there is no file a b.py"),
    ],
)
def test_mistakes_get_one_clear_line(run, arguments, said, tmp_path, monkeypatch):
    """What was given, and what there is instead, in one line; the exit code is 2."""
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.output.count("\n") == 1, result.output
    assert result.output.startswith("Error: ")
    assert said in result.output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full, a disk without room, is Linux's")
@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("--version",), ("list", "ciphers")])
def test_full_disk_behind_output_gets_one_line(arguments):
    """Help too, which is written before any verb begins."""
    with Path("/dev/full").open("w") as full:
        line = [sys.executable, "-m", "cryptobench", *arguments]
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Error: No space left on device\n"


NOISY = """
import numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField

print("at import")

class Noisy(Cipher):
    card = Card(name="noisy", title="prints", family="made", fidelity="A", key=(KeyField("key", 128),))

    def encrypt(self, image, key, nonce, *, secret=None):
        print("in encrypt")
        return Encrypted(image ^ key[0], header=nonce)

    def decrypt(self, encrypted, key):
        return encrypted.image ^ key[0]
"""


@pytest.mark.parametrize("more", [("validate",), ("attack", "--only", "determinism", "--size", "8")])
def test_json_is_all_that_is_on_standard_output(run, more, tmp_path):
    """What a cipher prints goes to standard error."""
    (tmp_path / "noisy.py").write_text(NOISY)
    verb, *options = more
    result = run(verb, f"{tmp_path / 'noisy.py'}:Noisy", *options, "--json")
    assert json.loads(result.stdout)
    assert "in encrypt" in result.stderr


def test_a_missing_plug_in_costs_its_row_only(run, monkeypatch):
    """The others are listed, and one line says what is left out."""
    import cryptobench.registry

    places = {"caesar": ("cryptobench.baselines.controls.caesar:Caesar",), "gone": ("no.x:X",)}
    monkeypatch.setattr(cryptobench.registry, "plugins", lambda kind: places)
    result = run("list", "ciphers", "--json")
    assert [row["name"] for row in json.loads(result.stdout)] == ["caesar"]
    assert result.stderr.startswith("left out: cipher gone: ")


def test_lists_take_paths_with_commas_and_spaces(tmp_path, monkeypatch):
    """What exists is one name, whatever is in it; so is what stands in double quotes; all else ends at a comma."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my dir").mkdir()
    for name in ("my dir/a,b.py", "my dir/c,,d.png", "plain.py"):
        (tmp_path / name).touch()
    cases = {
        "my dir/a,b.py:C,aes-256-ctr": ("my dir/a,b.py:C", "aes-256-ctr"),
        " caesar , my dir/a,b.py:C,plain.py:D,my dir/a,b.py:E": (
            "caesar", "my dir/a,b.py:C", "plain.py:D", "my dir/a,b.py:E",
        ),
        "coffee,my dir/c,,d.png,my dir": ("coffee", "my dir/c,,d.png", "my dir"),
        f"{tmp_path}/my dir/a,b.py:C": (f"{tmp_path}/my dir/a,b.py:C",),
        '"a,b",c,"d"': ("a,b", "c", "d"),
        "gone/a,b.py:C,~nobody/x,\0,": ("gone/a", "b.py:C", "~nobody/x", "\0"),
    }  # fmt: skip
    assert {given: names(None, None, given) for given in cases} == cases
    assert names(None, None, ("my dir/a,b.py:C", "caesar")) == ("my dir/a,b.py:C", "caesar")


def test_what_new_prints_can_be_pasted(run, tmp_path, monkeypatch):
    """Into a shell, whose words are then a reference and a list of ciphers, though the folder's name has all in it."""
    folder = tmp_path / "it's my, dir"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    lines = run("new", "my_cipher", "--folder", "it's my, dir").stdout.splitlines()
    validate, measure = (shlex.split(line) for line in lines[-2:])
    assert validate == ["cryptobench", "validate", "it's my, dir/my_cipher.py:MyCipher"]
    given = measure[measure.index("--ciphers") + 1]
    assert names(None, None, given) == ("it's my, dir/my_cipher.py:MyCipher", "aes-256-ctr")


def test_the_shell_is_offered_ciphers_and_files():
    """Names that begin like the word, else files."""
    from cryptobench.cli.options import complete_cipher

    assert [item.value for item in complete_cipher(None, None, "aes-256-c")] == ["aes-256-ctr"]
    assert [item.type for item in complete_cipher(None, None, "mine/my_")] == ["file"]


def test_decrypt_names_the_other_cipher_before_the_key(run, tmp_path):
    """The error for a ciphertext of another cipher names that cipher, not the length of the key."""
    made = str(tmp_path / "c.png")
    key = "00" * 32
    assert run("encrypt", "astronaut", made, "--size", "8", "--cipher", "aes-256-ctr", "--key", key).exit_code == 0
    result = run("decrypt", made, str(tmp_path / "p.png"), "--cipher", "caesar", "--key", key)
    assert result.exit_code == 2
    assert "c.png.json is for cipher 'aes-256-ctr', not 'caesar'" in result.stderr


def test_a_run_that_measures_nothing_fails(run, tmp_path):
    """Exit code 1 where no cell is ok, with and without --strict."""
    (tmp_path / "broken.py").write_text(NOISY.replace('print("in encrypt")', 'raise OSError("x")'))
    result = run(
        "run", "--profile", "quick", "--ciphers", f"{tmp_path / 'broken.py'}:Noisy", "--analyses", "entropy",
        "--size", "16", "--jobs", "1", "--no-report", "--quiet", "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert result.exit_code == 1
    assert "no cell gave a measurement" in result.stderr


def test_unexpected_errors_are_not_hidden(monkeypatch):
    """A ValueError that is not ours keeps its traceback: it is a defect, not a user's mistake."""
    import cryptobench.registry

    def broken(name):
        raise ValueError("a defect")

    monkeypatch.setattr(cryptobench.registry, "read_card", broken)
    result = CliRunner().invoke(main, ["show", "caesar"])
    assert isinstance(result.exception, ValueError)


def test_version_is_printed(run):
    """--version prints the package's version."""
    import cryptobench

    assert cryptobench.__version__ in run("--version").output
