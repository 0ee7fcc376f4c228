"""What the README shows is true."""

import re
from pathlib import Path

from cryptobench.conformance import validate

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_example_cipher_passes_every_check(tmp_path):
    """The cipher in the README is a whole one, in fifteen lines or so."""
    example = next(block for block in BLOCKS if "class MyCipher" in block)
    assert len([line for line in example.splitlines() if line.strip()]) <= 15
    path = tmp_path / "readme_cipher.py"
    path.write_text(example)
    failed = [check for check in validate(f"{path}:MyCipher") if not check.passed]
    assert not failed


def test_the_python_example_runs(capsys):
    """The lines on use from Python run and print what they say."""
    exec(next(block for block in BLOCKS if "load_cipher(" in block), {})
    assert capsys.readouterr().out.startswith("Result(value=7.9")


def test_every_command_in_the_readme_exists():
    """Every `cryptobench` verb that the README uses is one."""
    from cryptobench.cli import main

    verbs = set(re.findall(r"^cryptobench ([a-z]+)", README, re.MULTILINE))
    assert len(verbs) > 6
    assert verbs <= set(main.list_commands(None))
