import hashlib

import pytest

from cryptobench.images import REMOTE_SETS, ImageError
from cryptobench.images.archive import take_pictures
from cryptobench.images.remote import RemoteSet
from tests.images.image_archives import png, tarred, zipped

PICTURES = RemoteSet("", (), picture=r"(?:.*/)?(?P<name>\w+)\.png")


@pytest.mark.parametrize(("suffix", "pack"), [("zip", zipped), ("tgz", tarred)])
def test_takes_pictures_only(tmp_path, suffix, pack):
    """Pictures that match are taken with their sha256; other files are left."""
    files = {"set/a.png": png(1), "set/b.png": png(2), "set/truth.mat": b"x", "readme": b"y"}
    source, folder = tmp_path / f"x.{suffix}", tmp_path / "out"
    source.write_bytes(pack(files))
    folder.mkdir()
    index = take_pictures(source, PICTURES, folder)
    assert sorted(file.name for file in folder.iterdir()) == ["a.png", "b.png"]
    assert index["b"] == {"file": "b.png", "sha256": hashlib.sha256(files["set/b.png"]).hexdigest(), "split": ""}


@pytest.mark.parametrize("path", ["../evil.png", "/tmp/evil.png", "a/../../../evil.png", "..\\evil.png"])
@pytest.mark.parametrize(("suffix", "pack"), [("zip", zipped), ("tgz", tarred)])
def test_never_leaves_the_folder(tmp_path, suffix, pack, path):
    """Whatever path an archive asks for, nothing is written outside the folder."""
    inner = tmp_path / "one" / "two"
    inner.mkdir(parents=True)
    source = tmp_path / f"x.{suffix}"
    source.write_bytes(pack({path: png(1), "good.png": png(2)}))
    take_pictures(source, PICTURES, inner)
    outside = {file for file in tmp_path.rglob("*.png") if file.parent != inner}
    assert outside == set()
    assert (inner / "good.png").is_file()


def test_links_are_left(tmp_path):
    """A symbolic link in a tar is not followed and not made."""
    source, folder = tmp_path / "x.tgz", tmp_path / "out"
    folder.mkdir()
    source.write_bytes(tarred({"a.png": png(1)}, links=[("link.png", "/etc/passwd"), ("b", "..")]))
    assert list(take_pictures(source, PICTURES, folder)) == ["a"]
    assert [file.name for file in folder.iterdir()] == ["a.png"]


@pytest.mark.parametrize("suffix", ["zip", "tgz"])
@pytest.mark.parametrize("data", [b"", b"<html>please log in</html>", "cut", "changed"])
def test_damaged_archive(tmp_path, suffix, data):
    """An archive that is empty, a web page, cut short or changed is refused in one line."""
    whole = {"zip": zipped, "tgz": tarred}[suffix]({"a.png": png(1), "b.png": png(2)})
    source = tmp_path / f"x.{suffix}"
    middle = len(whole) // 2
    made = {"cut": whole[:middle], "changed": whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]}
    source.write_bytes(data if isinstance(data, bytes) else made[data])
    with pytest.raises(ImageError, match=f"x.{suffix}") as caught:
        take_pictures(source, PICTURES, tmp_path)
    assert "\n" not in str(caught.value)


def test_picture_that_is_none(tmp_path):
    """A member named like a picture that is none is refused."""
    (tmp_path / "x.zip").write_bytes(zipped({"a.png": b"<html>"}))
    with pytest.raises(ImageError, match=r"a\.png, which is no picture"):
        take_pictures(tmp_path / "x.zip", PICTURES, tmp_path)


def test_sipi_without_lena(tmp_path):
    """From an archive laid out as USC-SIPI's, every picture is taken but 4.2.04."""
    (tmp_path / "misc.zip").write_bytes(
        zipped({f"misc/{name}.tiff": png(1) for name in ("4.1.01", "4.2.04", "boat.512")})
    )
    index = take_pictures(tmp_path / "misc.zip", REMOTE_SETS["usc-sipi-misc"], tmp_path)
    assert sorted(index) == ["4.1.01", "boat.512"]


@pytest.mark.parametrize(
    ("name", "path", "picture", "split"),
    [
        ("bsds500", "BSR/BSDS500/data/images/val/101085.jpg", "101085", "val"),
        ("kodak", "kodim07.png", "kodim07", None),
        ("usc-sipi-misc", "misc/5.1.09.tiff", "5.1.09", None),
        ("div2k-validation", "DIV2K_valid_HR/0801.png", "0801", None),
    ],
)
def test_patterns(name, path, picture, split):
    """Each set's pattern matches a path as it stands in the published archive, and gives name and split."""
    found = REMOTE_SETS[name].match(path)
    assert found is not None
    assert found["name"] == picture
    assert found.groupdict().get("split") == split
    assert REMOTE_SETS[name].match(path + ".txt") is None


def test_registry_is_well_formed():
    """Hashes are sha256 in hex, none twice; every URL is https; only USC-SIPI's hash is not known beforehand."""
    downloads = [(name, download) for name, images in REMOTE_SETS.items() for download in images.downloads]
    hashes = [download.sha256 for _, download in downloads if download.sha256]
    assert all(len(bytes.fromhex(value)) == 32 for value in hashes)
    assert len(set(hashes)) == len(hashes) == 26
    assert all(download.url.startswith("https://") for _, download in downloads)
    assert [name for name, download in downloads if not download.sha256] == ["usc-sipi-misc"]
