"""`cryptobench dump`: the right bytes on standard output, suites fed from it, one clear line for what goes wrong."""

import os
import pty
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from click.testing import CliRunner

import cryptobench.cli as cli
from tests.forked import fork_preflights

MINE = """
import hashlib
import numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField

class Mine(Cipher):
    card = Card(name="mine", title="nonce first", family="made", fidelity="A", key=(KeyField("key", 128),))

    def encrypt(self, image, key, nonce, *, secret=None):
        image = image.copy()
        image.reshape(-1)[:16] = np.frombuffer(nonce, np.uint8)
        return Encrypted(image)

    def decrypt(self, encrypted, key):
        return encrypted.image
"""
PIPED = "import cryptobench.cli as c; c._VERBS = tuple(dict.fromkeys((*c._VERBS, 'dump'))); c.main()"


@pytest.fixture
def run(monkeypatch, tmp_path):
    """The command line, with the verb whether or not it is listed yet."""
    fork_preflights(monkeypatch, examined=False)
    monkeypatch.setattr(cli, "_VERBS", tuple(dict.fromkeys((*cli._VERBS, "dump"))))
    monkeypatch.delenv("CRYPTOBENCH_DEBUG", raising=False)
    return lambda *arguments: CliRunner().invoke(cli.main, ["dump", *map(str, arguments)])


@pytest.fixture
def mine(tmp_path):
    """A cipher that shows its nonce and its image."""
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    return f"{path}:Mine"


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Put a program of this name and Python text first on a PATH of its own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, text: str) -> None:
        path = folder / name
        path.write_text(f"#!{sys.executable}\nimport sys\nread = sys.stdin.buffer.read\n{textwrap.dedent(text)}")
        path.chmod(0o755)

    return put


def one_line(result, code: int = 2) -> str:
    assert result.exit_code == code
    errors = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1, result.output
    assert "Traceback" not in result.output
    return errors[0]


@pytest.mark.parametrize(("size", "count"), [("1000", 1000), ("5k", 5120), ("1M", 1 << 20)])
def test_as_many_bytes_as_asked_for(run, size, count) -> None:
    """Exactly so many, whether or not they fill the last ciphertext."""
    result = run("aes-256-ctr", "--bytes", size, "--size", 64)
    assert result.exit_code == 0, result.output
    assert len(result.stdout_bytes) == count


def test_ciphertexts_are_of_distinct_images_with_distinct_nonces(run, mine) -> None:
    """Cut into images again, no two are alike in nonce or pixels; --fixed-nonce repeats the nonce alone."""
    one = 32 * 32 * 3
    for options, nonces in (((), 20), (("--fixed-nonce",), 1)):
        stream = run(mine, "--bytes", 20 * one, "--size", 32, *options).stdout_bytes
        messages = np.frombuffer(stream, np.uint8).reshape(20, one)
        assert len({message[:16].tobytes() for message in messages}) == nonces
        assert len({message[16:].tobytes() for message in messages}) == 20


def test_prints_of_ciphers_stay_out_of_the_stream(run, tmp_path) -> None:
    """A forgotten print() goes to standard error; the bytes are those of the cipher that keeps silent."""
    for name, text in (
        ("silent", MINE),
        ("loud", MINE.replace("image = image.copy()", "image = image.copy(); print(1)")),
    ):
        (tmp_path / f"{name}.py").write_text(text)
    silent, loud = (run(f"{tmp_path / name}.py:Mine", "--bytes", 5000, "--size", 32) for name in ("silent", "loud"))
    assert loud.stdout_bytes == silent.stdout_bytes
    assert loud.stderr_bytes.startswith(b"1\n")


def test_the_seed_fixes_the_stream(run) -> None:
    """Equal seeds give equal bytes, a longer stream begins with the shorter one, another seed gives others."""
    first, again, other = (
        run("xor-pad", "--bytes", size, "--size", 32, "--seed", seed).stdout_bytes
        for size, seed in ((5000, 1), (9000, 1), (5000, 2))
    )
    assert again[:5000] == first
    assert other != first


def test_a_closed_pipe_ends_the_stream_quietly() -> None:
    """After a broken pipe the exit code is 0 and nothing is printed."""
    command = [sys.executable, "-c", PIPED, "dump", "aes-256-ctr", "--bytes", "1T", "--size", "64"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert len(process.stdout.read(100_000)) == 100_000
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_a_terminal_is_refused() -> None:
    """Ciphertext is never written to a terminal."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", PIPED, "dump", "aes-256-ctr", "--bytes", "1K"]
    try:
        ended = subprocess.run(command, stdout=follower, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    finally:
        os.close(follower)
        os.close(leader)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: standard output is a terminal, wanted a pipe or a file")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("aes-256-ctr",), "Missing option '--bytes'"),
        (("aes-256-ctr", "--bytes", "0"), "'0' is no size"),
        (("aes-256-ctr", "--bytes", "1.5G"), "'1.5G' is no size, wanted bytes such as"),
        (("aes-256-ctr", "--bytes", "1K", "--size", "4"), "an image of 48 samples has too few distinct forms"),
        (("aes-256-cbd", "--bytes", "1K"), "aes-256-cbd"),
        (("aes-256-ctr", "--bytes", "1K", "--image", "nobody"), "nobody"),
    ],
)
def test_mistakes_get_one_clear_line(run, arguments, said) -> None:
    """One error line that names what was given, and no ciphertext."""
    assert said in one_line(run(*arguments))


@pytest.mark.parametrize("suite", ["dieharder", "RNG_test"])
def test_a_suite_that_is_not_installed_is_named(run, program, suite) -> None:
    """The line says so, and how to get it."""
    assert f"{suite} is not installed, or not on the PATH" in one_line(
        run("aes-256-ctr", "--bytes", "1G", "--test", suite)
    )


@pytest.mark.parametrize(("worst", "exit_code", "verdict"), [("WEAK", 0, "passes"), ("FAILED", 1, "fails")])
def test_dieharders_assessments_are_counted(run, program, worst, exit_code, verdict) -> None:
    """Each test that the bytes suffice for is run once on new input; a failure, not a weakness, is a failure."""
    program(
        "dieharder",
        f"""
        assert sys.argv[1:4] == ["-g", "200", "-d"] and len(read(1000)) == 1000
        print("#====#\\n test_name |ntup| tsamples |psamples|  p-value |Assessment\\n#====#")
        print("   a_test|   0|       100|     100|0.21376379|", "{worst}" if sys.argv[4] == "11" else "PASSED", " ")
        """,
    )
    result = run("aes-256-ctr", "--bytes", "60M", "--size", 64, "--test", "dieharder")
    assert result.exit_code == exit_code, result.output
    assert result.output.startswith(f"aes-256-ctr: dieharder {verdict}: 3 PASSED, 1 {worst}; ")


def test_a_suite_without_a_result_is_no_pass(run, program) -> None:
    """What it said last is in the error."""
    program("dieharder", "print('# stdin_input_raw(): Error: EOF')")
    said = one_line(run("aes-256-ctr", "--bytes", "60M", "--size", 64, "--test", "dieharder"), code=1)
    assert "dieharder -d 12 ended without a result: # stdin_input_raw(): Error: EOF" in said
    program("practrand-RNG_test", "read()")
    said = one_line(run("aes-256-ctr", "--bytes", "1M", "--size", 64, "--test", "RNG_test"), code=1)
    assert "RNG_test ended without a result: it printed nothing" in said


def test_too_few_bytes_for_a_suite_are_refused(run, program) -> None:
    """The line says how many it takes."""
    program("dieharder", "")
    program("RNG_test", "")
    assert "use --bytes 48M" in one_line(run("aes-256-ctr", "--bytes", "40M", "--test", "dieharder"))
    assert "use --bytes 1M or more" in one_line(run("aes-256-ctr", "--bytes", "1K", "--test", "RNG_test"))


@pytest.mark.parametrize(
    ("said", "exit_code", "counts"),
    [
        ("  no anomalies in 151 test result(s)", 0, "passes: 2 lengths without anomaly; 2097152 bytes fed"),
        ("  [Low1/8]BCFN(2+1,13-6,T)  R= -7.7  p =1-1.8e-3   unusual", 0, "passes: 2 unusual"),
        ("  BCFN(2+0,13-3,T)  R= +9e+5  p = 0  FAIL !!!!!!!!", 1, "fails: 2 FAIL"),
    ],
)
def test_practrands_evaluations_are_counted(run, program, said, exit_code, counts) -> None:
    """Its report is read at every length; FAIL with any number of marks is a failure, unusual is not."""
    program(
        "RNG_test",
        f"assert sys.argv[1:] == ['stdin', '-tlmax', '2MB'] and len(read()) == 2 << 20; print('''{said}\n{said}''')",
    )
    result = run("aes-256-ctr", "--bytes", "2M", "--size", 64, "--test", "RNG_test")
    assert result.exit_code == exit_code, result.output
    assert counts in result.output
