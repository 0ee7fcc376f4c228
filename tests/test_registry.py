"""Finding ciphers and analyses, and what is said when they cannot be found."""

import importlib
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from cryptobench import load_cipher
from cryptobench.registry import (
    RegistryError,
    analysis_names,
    attack_names,
    cipher_names,
    code_version,
    load_analysis,
    load_attack,
    locate,
    read_card,
    summary,
)
from tests.forked import Child

CIPHER = """
from cryptobench import Card, Cipher, Encrypted, KeyField
from helper_beside import SHIFT

class Mine(Cipher):
    card = Card(name="mine", title="Mine", family="user", fidelity="A", key=(KeyField("k", 8),))

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image + SHIFT)

    def decrypt(self, encrypted, key):
        return encrypted.image - SHIFT
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.py").write_text(CIPHER)
    (tmp_path / "helper_beside.py").write_text("import numpy as np\nSHIFT = np.uint8(1)\n")
    return tmp_path


@pytest.mark.parametrize("name", cipher_names())
def test_every_registered_cipher_loads_under_its_name(name):
    """The name that is listed is the card's name, and the card read from source equals the class's own."""
    assert load_cipher(name).card.name == name
    assert read_card(name) == load_cipher(name).card


@pytest.mark.parametrize("name", analysis_names())
def test_every_registered_analysis_loads_under_its_name(name):
    """The name that is listed is the analysis's name."""
    assert load_analysis(name).name == name


@pytest.mark.parametrize("name", attack_names())
def test_every_registered_attack_loads_under_its_name(name):
    """The name that is listed is the attack's name, and its module says in one line what it tries."""
    attack = load_attack(name)
    assert attack.name == name
    assert attack.model in ("COA", "KPA", "CPA", "CCA")
    assert attack.title
    assert summary("attack", name)


def test_an_attack_loads_from_a_file(folder):
    """path/to/file.py:ClassName loads, and an analysis is no attack."""
    (folder / "attack.py").write_text(
        textwrap.dedent("""
        from dataclasses import dataclass
        from cryptobench.attacks.base import Attack, AttackResult

        @dataclass(frozen=True)
        class Mine(Attack):
            name, title, model = "mine", "Mine", "KPA"
            def run(self, oracle, generator):
                return AttackResult()
        """)
    )
    assert load_attack(f"{folder}/attack.py:Mine", budget=3).budget == 3
    with pytest.raises(RegistryError, match=r"attack .*Mine has no parameter 'bugdet'; did you mean 'budget'"):
        load_attack(f"{folder}/attack.py:Mine", bugdet=3)
    with pytest.raises(RegistryError, match=r"is no subclass of cryptobench.attacks.base.Attack"):
        load_attack(f"{folder}/mine.py:Mine")
    with pytest.raises(RegistryError, match="unknown attack 'determinsm'; did you mean 'determinism'"):
        load_attack("determinsm")


def test_an_attacks_version_covers_what_scores_it():
    """Its digest is not that of its own file and imports alone."""
    from cryptobench.code_digest import code_digest
    from cryptobench.registry import locate

    location = locate("attack", "determinism")
    assert code_version("attack", "determinism") != code_digest(location.file, location.package)
    assert code_version("attack", "determinism") == code_version("attack", "determinism")


def test_a_file_cipher_imports_files_beside_it(folder):
    """path/to/file.py:ClassName loads, and may import the files beside it."""
    cipher = load_cipher(f"{folder}/mine.py:Mine")
    assert cipher.card.name == "mine"
    assert read_card(f"{folder}/mine.py:Mine") == cipher.card


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("aes-265-ctr", "did you mean 'aes-256-ctr'"),
        ("deepedn+fats", "did you mean 'deepedn+fast'"),
        ("dense-resnet-xor+Fast", "did you mean 'dense-resnet-xor+fast'"),
        ("huaa2021+fats", "did you mean 'hua2021'"),
        ("no/such/file.py:Mine", "there is no file no/such/file.py"),
        ("{folder}/mine.py", "name the class too"),
        ("{folder}/mine.py:Mien", "has no class Mien; did you mean 'Mine'"),
        ("{folder}/broken.py:X", "broken.py, line 2: "),
        ("{folder}/needs.py:X", "needs the module 'no_such_module'"),
        ("{folder}/raises.py:X", "ZeroDivisionError"),
        ("{folder}/half.py:Half", "does not define decrypt"),
        ("{folder}/half.py:Other", "is no subclass of cryptobench.Cipher"),
        ("{folder}/half.py:Cardless", "has no card"),
    ],
)
def test_what_cannot_be_loaded_is_one_clear_line(folder, reference, said):
    """Every way of failing to load a cipher is a RegistryError of one line that says why."""
    (folder / "broken.py").write_text("x = 1\nclass :\n")
    (folder / "needs.py").write_text("import no_such_module\n")
    (folder / "raises.py").write_text("1 / 0\n")
    (folder / "half.py").write_text(
        textwrap.dedent("""
        from cryptobench import Cipher
        class Half(Cipher):
            def encrypt(self, image, key, nonce, *, secret=None): ...
        class Cardless(Cipher):
            def encrypt(self, image, key, nonce, *, secret=None): ...
            def decrypt(self, encrypted, key): ...
        class Other: ...
        """)
    )
    with pytest.raises(RegistryError) as caught:
        load_cipher(reference.format(folder=folder))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_constructor_options_are_refused(folder):
    """A constructor's complaint becomes one line."""
    with pytest.raises(RegistryError, match="cannot be constructed"):
        load_cipher(f"{folder}/mine.py:Mine", rounds=3)


def test_unknown_parameter_of_analysis_names_the_nearest():
    """A misspelt analysis parameter is refused with a suggestion."""
    with pytest.raises(RegistryError, match="no parameter 'trails'; did you mean 'trials'"):
        load_analysis("differential", trails=3)


def test_code_versions_follow_the_code_and_nothing_else(folder):
    """The digest changes with the file and with what it imports from beside itself, not with the folder's place."""
    reference = f"{folder}/mine.py:Mine"
    script = f"from cryptobench.registry import code_version; print(code_version('cipher', {reference!r}))"

    def version(source=script):
        return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True).stdout

    first = version()
    assert version() == first
    (folder / "helper_beside.py").write_text("import numpy as np\nSHIFT = np.uint8(2)\n")
    second = version()
    assert second != first
    (folder / "unrelated.py").write_text("x = 1\n")
    assert version() == second
    moved = folder.rename(folder.with_name("moved"))
    assert version(script.replace(reference, f"{moved}/mine.py:Mine")) == second


def test_ciphers_with_different_code_have_different_versions():
    """Registered ciphers share a code version where they share a file, and nowhere else."""
    of_file = {(locate("cipher", name).file, code_version("cipher", name)) for name in cipher_names()}
    files, versions = ({pair[k] for pair in of_file} for k in (0, 1))
    assert len(files) == len(versions) == len(of_file)


NUMBA_CIPHER = """
from cryptobench import Card, Cipher, Encrypted, KeyField
from numba import njit

@njit(cache=True)
def inner(x):
    return x + 1

@njit(cache=True)
def outer(x):
    return inner(x)

class Compiled(Cipher):
    card = Card(name="compiled", title="t", family="user", fidelity="A", key=(KeyField("k", 8),))

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted((image + outer(0)).astype("uint8"))

    def decrypt(self, encrypted, key):
        return (encrypted.image - outer(0)).astype("uint8")
"""


def test_numba_caches_serve_both_path_and_import(tmp_path):
    """What was compiled after loading by path still works when the package is imported, and the other way round."""
    package = tmp_path / "some_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "compiled.py").write_text(NUMBA_CIPHER)
    (tmp_path / "alone.py").write_text(NUMBA_CIPHER)
    shown = tmp_path / "shown"

    def encrypt(module, path):
        sys.path.insert(0, str(tmp_path))
        cipher = load_cipher(f"{path}:Compiled") if path else importlib.import_module(module).Compiled()
        shown.write_text(str(cipher.encrypt(np.zeros((2, 2), np.uint8), b"k", bytes(16)).image[0, 0]))
        os._exit(0)

    for given in (
        ("", package / "compiled.py"),
        ("some_package.compiled", None),
        ("", tmp_path / "alone.py"),
        ("alone", None),
        ("", tmp_path / "alone.py"),
    ):
        shown.unlink(missing_ok=True)
        assert Child(encrypt, *given).wait(60) == 0, given
        assert shown.read_text() == "1"


def test_files_of_one_name_are_kept_apart(tmp_path):
    """Two files with the same name in different folders, one of them called like a standard module, both load."""
    for number, folder in enumerate(("one", "two")):
        (tmp_path / folder).mkdir()
        text = CIPHER.replace("from helper_beside import SHIFT", f"SHIFT = {number}").replace(
            '"mine"', f'"mine-{number}"'
        )
        (tmp_path / folder / "random.py").write_text(text)
    names = [load_cipher(f"{tmp_path / folder / 'random.py'}:Mine").card.name for folder in ("one", "two")]
    assert names == ["mine-0", "mine-1"]


@pytest.mark.parametrize(
    "name", ["", "../../evil", "a/b", "a\\b", ".hidden", " mine", "two\nlines", "x" * 65, "👍" * 49]
)
def test_names_that_are_no_folder_are_refused(folder, name):
    """Results lie in folders of a cipher's name: none may lead elsewhere, and the message says what is wanted."""
    path = folder / "mine.py"
    path.write_text(CIPHER.replace('name="mine"', f"name={name!r}"))
    for find in (load_cipher, read_card):
        with pytest.raises(RegistryError, match="wanted up to 64 printable characters without slashes"):
            find(f"{path}:Mine")


@pytest.mark.parametrize("name", ["../../evil", "a/b", "two\nlines", "", None])
def test_attacks_have_names_of_files_too(folder, name):
    """What attacks and analyses recover and draw lies in files of their names."""
    path = folder / "own.py"
    path.write_text(
        "from dataclasses import dataclass\n"
        "from cryptobench.attacks.base import Attack\n"
        "from cryptobench.analyses.base import Analysis\n"
        f"@dataclass(frozen=True)\nclass A(Attack):\n    name = {name!r}\n    def run(self, oracle, generator): ...\n"
        f"@dataclass(frozen=True)\nclass B(Analysis):\n    name = {name!r}\n    def measure(self, experiment): ...\n"
    )
    for load, kind in ((load_attack, "A"), (load_analysis, "B")):
        with pytest.raises(RegistryError, match=r"the (attack|analysis)'s name is .*, wanted up to 64 printable"):
            load(f"{path}:{kind}")


def test_a_module_that_exits_costs_itself_only(folder):
    """sys.exit() while a cipher is imported is an error like any other."""
    path = folder / "leaving.py"
    path.write_text("import sys\nsys.exit(3)\n")
    with pytest.raises(RegistryError, match=r"importing leaving\.py failed: SystemExit: 3"):
        load_cipher(f"{path}:Mine")


def test_a_path_into_baselines_gives_one_module():
    """A file below the link cryptobench/baselines has one name, by whatever path: numba's caches depend on it."""
    place = locate("cipher", "caesar").file
    for path in (place, place.resolve()):
        assert type(load_cipher(f"{path}:Caesar")) is type(load_cipher("caesar"))
