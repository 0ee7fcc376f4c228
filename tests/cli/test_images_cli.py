import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image as Pillow

from cryptobench.cli import main
from cryptobench.images import REMOTE_SETS, image_names, load_image, read_image, write_image

CIPHER_FILE = """
import numpy as np
from cryptobench import Card, Cipher, Encrypted, KeyField

class Mine(Cipher):
    card = Card(name="mine", title="xor", family="made", fidelity="A", key=(KeyField("key", 8),))

    def encrypt(self, image, key, nonce, *, secret=None):
        return Encrypted(image ^ np.uint8(key[0]))

    def decrypt(self, encrypted, key):
        return encrypted.image ^ np.uint8(key[0])
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run cryptobench with these arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRYPTOBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("CRYPTOBENCH_DEBUG", raising=False)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def succeeded(result):
    """The standard output of a run that ended well."""
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result, code=2):
    """The one error line of a run that ended with an exit code, 2 for what it was given."""
    assert result.exit_code == code, result.output
    lines = result.stderr.strip().splitlines()
    assert lines[-1].startswith("Error: ")
    assert "Traceback" not in result.output
    assert len([line for line in lines if not line.startswith("fetching ")]) == 1
    return lines[-1]


def printed_key(output):
    """The random key in what `encrypt` prints."""
    return re.search(r"key \(random.*\): ([0-9a-f]+)", output)[1]


def test_list(run):
    """The list names every built-in image and every set with its size or that it is here."""
    output = succeeded(run("images", "list"))
    for name, _, description in image_names():
        assert re.search(rf"^{name} .*{re.escape(description)}$", output, re.MULTILINE)
    for name, images in REMOTE_SETS.items():
        assert re.search(rf"^{name} +no, {images.megabytes} MB ", output, re.MULTILINE)


def test_list_json(run):
    """The JSON list has the same entries, with `fetched` for sets."""
    rows = json.loads(succeeded(run("images", "list", "--json")))
    assert [row["name"] for row in rows] == [name for name, _, _ in image_names()] + list(REMOTE_SETS)
    assert [row["fetched"] for row in rows if row["kind"] == "set"] == [False] * len(REMOTE_SETS)


def test_list_one_set(run):
    """A set's or folder's pictures are listed one a line; an unknown name suggests the nearest."""
    assert succeeded(run("images", "list", "stress")).split() == [n for n, kind, _ in image_names() if kind == "stress"]
    write_image("a.png", np.zeros((2, 2), np.uint8))
    assert succeeded(run("images", "list", ".")).split() == ["a.png"]
    assert "did you mean 'stress'" in refused(run("images", "list", "stres"))


def test_fetch_failure_is_one_line(run, monkeypatch):
    """A fetch without a network ends in one line and exit code 1."""
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    assert "no connection to the server; nothing has changed" in refused(
        run("images", "fetch", "usc-sipi-misc"), code=1
    )
    assert "did you mean 'kodak'" in refused(run("images", "fetch", "kodk"))


def test_listing_loads_no_image_library():
    """`images list`, and the help of all three verbs, import no image or number-crunching library but NumPy."""
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom cryptobench.cli import main\n"
        "for line in ('images list', 'images --help', 'encrypt --help', 'decrypt --help'):\n"
        "    assert CliRunner().invoke(main, line.split()).exit_code == 0\n"
        "print([m for m in ('skimage', 'PIL', 'scipy', 'pandas', 'numba', 'pooch', 'requests') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("cipher", ["aes-256-ctr", "chacha20-poly1305"])
def test_encrypt_and_decrypt(run, cipher):
    """A random key is printed, the notice is said, and files and key alone give the picture back."""
    result = run("encrypt", "coffee", "out.png", "--cipher", cipher, "--size", 24)
    output = succeeded(result)
    assert "wrote out.png and out.png.json" in output
    assert "not for production" in result.stderr
    key = printed_key(output)
    assert len(key) == 64
    succeeded(run("decrypt", "out.png", "back.png", "--key", key))
    np.testing.assert_array_equal(read_image("back.png"), load_image("coffee", 24))


def test_random_keys_differ(run):
    """Every run without a key makes another one."""
    keys = {
        printed_key(succeeded(run("encrypt", "moon", f"{i}.png", "--cipher", "aes-256-ctr", "--size", 8)))
        for i in range(3)
    }
    assert len(keys) == 3


def test_key_file(run, tmp_path):
    """A key file in hex works for both verbs, and its key is not printed."""
    key = "ab" * 32
    (tmp_path / "key.txt").write_text(f"{key}\n")
    output = succeeded(run("encrypt", "moon", "o.png", "--cipher", "aes-256-ctr", "--size", 8, "--key-file", "key.txt"))
    assert key not in output
    succeeded(run("decrypt", "o.png", "b.png", "--key", key))
    succeeded(run("decrypt", "o.png", "c.png", "--key-file", "key.txt"))
    np.testing.assert_array_equal(read_image("b.png"), load_image("moon", 8))
    np.testing.assert_array_equal(read_image("c.png"), load_image("moon", 8))


def test_cipher_from_a_file(run, tmp_path):
    """A cipher given as a file works, and decryption never runs a file that only the sidecar names."""
    (tmp_path / "mine.py").write_text(CIPHER_FILE)
    succeeded(run("encrypt", "moon", "o.png", "--cipher", "mine.py:Mine", "--key", "5a", "--size", 8))
    assert "give it with --cipher" in refused(run("decrypt", "o.png", "b.png", "--key", "5a"))
    succeeded(run("decrypt", "o.png", "b.png", "--key", "5a", "--cipher", "mine.py:Mine"))
    np.testing.assert_array_equal(read_image("b.png"), load_image("moon", 8))
    sidecar = (tmp_path / "o.png.json").read_text()
    (tmp_path / "o.png.json").write_text(sidecar.replace('"mine"', '"mine.py:Mine"'))
    assert "not registered" in refused(run("decrypt", "o.png", "c.png", "--key", "5a"))


def test_refusals(run, tmp_path):
    """Each wrong input is one line, exit code 1, and leaves nothing behind."""
    encrypt = ("--cipher", "aes-256-ctr", "--size", 8)
    succeeded(run("encrypt", "moon", "o.png", *encrypt, "--key", "00" * 32))
    before = sorted(file.name for file in tmp_path.iterdir())
    assert "the key has 2 bytes" in refused(run("encrypt", "moon", "x.png", *encrypt, "--key", "abcd"))
    assert "no hex" in refused(run("encrypt", "moon", "x.png", *encrypt, "--key", "secret!"))
    assert "wanted one of them" in refused(run("encrypt", "moon", "x.png", *encrypt, "--key", "00", "--key-file", "k"))
    assert "cannot read k: No such file" in refused(run("encrypt", "moon", "x.png", *encrypt, "--key-file", "k"))
    assert "lossy" in refused(run("encrypt", "moon", "x.jpg", *encrypt))
    assert "exists already" in refused(run("encrypt", "moon", "o.png", *encrypt))
    assert "did you mean 'moon'" in refused(run("encrypt", "mon", "x.png", *encrypt))
    assert "did you mean 'aes-256-ctr'" in refused(run("encrypt", "moon", "x.png", "--cipher", "aes-256-crt"))
    assert "there is no key" in refused(run("decrypt", "o.png", "x.png"))
    assert "is for cipher 'aes-256-ctr'" in refused(
        run("decrypt", "o.png", "x.png", "--key", "00" * 32, "--cipher", "chacha20-poly1305")
    )
    assert "is missing" in refused(run("decrypt", "gone.png", "x.png", "--key", "00" * 32))
    assert sorted(file.name for file in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "options", "compression"),
    [("o.jpg", {"quality": 100}, "JPEG"), ("o.webp", {}, "WebP"), ("o.tif", {"compression": "jpeg"}, "JPEG")],
)
def test_lossy_copies_are_not_decrypted(run, name, options, compression):
    """With a sidecar or without, under a true name or a false one, compression is named as what changed it."""
    key = printed_key(succeeded(run("encrypt", "coffee", "o.png", "--cipher", "aes-256-ctr", "--size", 24)))
    with Pillow.open("o.png") as picture:
        picture.save(name, **options)
    for line in ([name], [name, "--sidecar", "o.png.json"]):
        message = refused(run("decrypt", *line, "b.png", "--key", key))
        assert f"{name} has {compression} compression, which has changed the ciphertext" in message
    Path(name).rename("o.png")
    assert "has changed the ciphertext" in refused(run("decrypt", "o.png", "b.png", "--key", key))
    assert not Path("b.png").exists()


def test_lossless_webp_copy_is_decrypted(run):
    """Its pixels are those of the cipher image."""
    key = printed_key(succeeded(run("encrypt", "coffee", "o.png", "--cipher", "aes-256-ctr", "--size", 24)))
    with Pillow.open("o.png") as picture:
        picture.save("o.webp", lossless=True)
    succeeded(run("decrypt", "o.webp", "b.png", "--key", key, "--sidecar", "o.png.json"))
    np.testing.assert_array_equal(read_image("b.png"), load_image("coffee", 24))


def test_rejected_ciphertext(run, tmp_path):
    """One changed pixel makes an authenticated cipher reject, in one line."""
    key = printed_key(succeeded(run("encrypt", "moon", "o.png", "--cipher", "chacha20-poly1305", "--size", 8)))
    image = read_image("o.png")
    image[3, 3] ^= 1
    write_image("o.png", image)
    assert "rejected" in refused(run("decrypt", "o.png", "b.png", "--key", key), code=1)
    assert not (tmp_path / "b.png").exists()


def test_full_disk(tmp_path):
    """Where the system refuses the bytes, encryption ends in one line and leaves no file."""
    code = (
        "import resource, sys\nfrom cryptobench.cli import main\nfrom PIL import Image\nimport skimage.transform\n"
        "import cryptobench.baselines.reference.aes_256_ctr\nresource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "main(['encrypt', 'astronaut', 'o.png', '--cipher', 'aes-256-ctr'])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert found.returncode == 1
    assert found.stderr == "Error: cannot write o.png: File too large\n"
    assert list(tmp_path.iterdir()) == []
