import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from cryptobench.images import REMOTE_SETS, ImageError, fetch, is_fetched, load_image, resolve
from cryptobench.images.download import recorded_hashes
from cryptobench.images.remote import Download, RemoteSet
from tests.images.image_archives import png, tarred, zipped

ARCHIVE = zipped({"pics/a.png": png(1), "pics/b.png": png(2, (9, 7)), "note.txt": b"x"})


def refused(name):
    """The one-line message with which fetching fails."""
    with pytest.raises(ImageError) as caught:
        fetch(name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def nothing_is_there(web):
    """No picture, no hash and no half-made folder."""
    return [file.name for file in (web.data / "images").iterdir() if file.name != ".lock"] == []


def test_fetch_and_use(web):
    """A fetched set lists its pictures by name, and they load like any file."""
    web.files["/x.zip"] = ARCHIVE
    web.add("made", "/x.zip")
    said = []
    folder = fetch("made", said.append)
    assert said[0] == f"fetching {web.url}/x.zip"
    assert resolve(["made"]) == ["made/a", "made/b"]
    assert resolve(["made/b", "coffee"]) == ["made/b", "coffee"]
    assert load_image("made/a", 15).shape == (10, 15, 3)
    assert load_image("made/b").shape == (9, 7)
    assert resolve(["all"])[-2:] == ["made/a", "made/b"]
    assert sorted(file.name for file in folder.iterdir()) == ["a.png", "b.png", "index.json"]
    assert sorted(file.name for file in folder.parent.iterdir()) == [".lock", "made", "sha256.json"]


def test_second_fetch_asks_nobody(web):
    """A set that is here is not fetched again."""
    web.files["/x.zip"] = ARCHIVE
    web.add("made", "/x.zip")
    assert fetch("made") == fetch("made")
    assert web.requests == ["/x.zip"]


def test_two_at_once(web):
    """Two fetches of one set at the same time download it once, and both end well."""
    web.files["/x.zip"] = ARCHIVE
    web.stalls.add("/x.zip")
    web.add("made", "/x.zip")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(fetch, "made")
        assert web.stalled.wait(30)
        second = pool.submit(fetch, "made")
        web.resume.set()
        assert first.result() == second.result()
    assert web.requests == ["/x.zip"]


def test_splits(web):
    """A split's name stands for its part of the set."""
    web.files["/x.tgz"] = tarred({"d/train/1.png": png(1), "d/test/2.png": png(2), "d/test/3.png": png(3)})
    web.add("made", "/x.tgz", picture=r"d/(?P<split>train|test)/(?P<name>\d+)\.png", splits=("train", "test"))
    fetch("made")
    assert resolve(["made-train"]) == ["made/1"]
    assert resolve(["made-test"]) == ["made/2", "made/3"]
    assert resolve(["made"]) == ["made/1", "made/2", "made/3"]


def test_single_picture_downloads(web):
    """A set may be plain pictures instead of an archive."""
    web.files["/k1.png"] = png(1)
    web.add("made", "/k1.png", picture=r"(?P<name>k\d)\.png")
    fetch("made")
    assert load_image("made/k1").shape == (20, 30, 3)


def test_not_found(web):
    """A 404 is one line with the server's answer, and changes nothing."""
    web.add("made", "/gone.zip")
    assert "404" in refused("made")
    assert nothing_is_there(web)
    assert not is_fetched("made")


def test_no_server(web):
    """A server that cannot be reached is one line."""
    web.add("made", "/x.zip")
    web.files["/x.zip"] = ARCHIVE
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("http_proxy", "http://127.0.0.1:9")
        patch.setenv("no_proxy", "")
        assert "no connection" in refused("made")
    assert nothing_is_there(web)
    fetch("made")


def test_truncated(web):
    """A connection that ends early is noticed, though half an archive may look whole; the next fetch is whole."""
    web.files["/x.zip"] = ARCHIVE
    web.cut["/x.zip"] = len(ARCHIVE) // 2
    web.add("made", "/x.zip")
    assert "before the end of the file" in refused("made")
    assert nothing_is_there(web)
    web.cut.clear()
    fetch("made")
    assert is_fetched("made")


def test_known_hash(web):
    """The right published sha256 is accepted, with nothing recorded; a wrong one is refused and the file not used."""
    web.files["/x.zip"] = ARCHIVE
    web.add("made", "/x.zip", sha256="0" * 64)
    assert "wanted " + "0" * 64 in refused("made")
    assert nothing_is_there(web)
    web.add("made", "/x.zip", sha256=hashlib.sha256(ARCHIVE).hexdigest())
    fetch("made")
    assert recorded_hashes() == {}


def test_first_download_is_held_to(web):
    """Without a published sha256 the first download's is recorded, and a later download that differs is refused."""
    web.files["/x.zip"] = ARCHIVE
    web.add("made", "/x.zip")
    folder = fetch("made")
    assert recorded_hashes() == {f"{web.url}/x.zip": hashlib.sha256(ARCHIVE).hexdigest()}
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    web.files["/x.zip"] = zipped({"pics/a.png": png(7)})
    assert "recorded at the first download" in refused("made")
    assert not folder.exists()
    web.files["/x.zip"] = ARCHIVE
    fetch("made")
    assert is_fetched("made")


def test_web_page_is_not_recorded(web):
    """A log-in page instead of the archive is refused, and its hash not held to afterwards."""
    web.files["/x.zip"] = b"<html>please log in</html>"
    web.add("made", "/x.zip")
    refused("made")
    assert nothing_is_there(web)
    web.files["/x.zip"] = ARCHIVE
    fetch("made")


def test_archive_without_pictures(web):
    """An archive that holds none of the set's pictures is refused."""
    web.files["/x.zip"] = zipped({"other/a.png": png(1)})
    web.add("made", "/x.zip")
    assert "no picture was found" in refused("made")
    assert nothing_is_there(web)


def test_changed_picture_is_not_used(web):
    """A picture that was changed on disk after fetching is refused."""
    web.files["/x.zip"] = ARCHIVE
    web.add("made", "/x.zip")
    folder = fetch("made")
    (folder / "a.png").write_bytes(png(99))
    with pytest.raises(ImageError, match="has changed since it was fetched"):
        load_image("made/a")
    assert load_image("made/b").shape == (9, 7)


def test_unknown_picture_and_set(web):
    """An unknown picture of a fetched set, and an unknown set, are one line each."""
    web.files["/x.zip"] = ARCHIVE
    web.add("made", "/x.zip")
    fetch("made")
    with pytest.raises(ImageError, match="no picture 'z'"):
        resolve(["made/z"])
    assert "did you mean 'kodak'" in refused("kodac")


def test_killed_half_way(web):
    """A fetch killed in the middle of a download leaves no set and no hash, and the next one sweeps up and succeeds."""
    web.files["/x.zip"] = ARCHIVE
    web.stalls.add("/x.zip")
    web.add("made", "/x.zip")
    code = (
        "import sys; from cryptobench.images import REMOTE_SETS, fetch\n"
        "from cryptobench.images.remote import Download, RemoteSet\n"
        "REMOTE_SETS['made'] = RemoteSet('', (Download(sys.argv[1]),), picture=r'pics/(?P<name>.)[.]png')\n"
        "fetch('made')"
    )
    process = subprocess.Popen([sys.executable, "-c", code, f"{web.url}/x.zip"])
    assert web.stalled.wait(30)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not is_fetched("made")
    assert recorded_hashes() == {}
    assert len(list((web.data / "images").glob(".fetch-*"))) == 1
    web.resume.set()
    web.stalls.clear()
    fetch("made")
    assert not list((web.data / "images").glob(".fetch-*"))
    assert resolve(["made"]) == ["made/a", "made/b"]


def test_place_that_cannot_be_written(web, monkeypatch):
    """A data directory that cannot be made is one line."""
    web.data.write_text("a file where the folder should be")
    web.files["/x.zip"] = ARCHIVE
    web.add("made", "/x.zip")
    assert "cannot store image set made" in refused("made")


def test_damaged_record(web):
    """A damaged record of hashes stops a fetch instead of being forgotten."""
    (web.data / "images").mkdir(parents=True)
    (web.data / "images" / "sha256.json").write_text("{")
    web.files["/x.zip"] = ARCHIVE
    web.add("made", "/x.zip")
    assert "damaged" in refused("made")
    assert not is_fetched("made")


def test_index_is_readable(web):
    """The index beside the pictures is plain JSON with file, sha256 and split."""
    web.files["/x.zip"] = ARCHIVE
    web.add("made", "/x.zip")
    index = json.loads((fetch("made") / "index.json").read_text())
    assert index["a"] == {"file": "a.png", "sha256": hashlib.sha256(png(1)).hexdigest(), "split": ""}


def test_progress_of_a_large_download(web, monkeypatch):
    """A large download says how far it is, up to 100 %, once for each tenth."""
    monkeypatch.setattr("cryptobench.images.download._LARGE", 1000)
    web.files["/x.zip"] = zipped({"pics/a.png": png(1, (400, 400, 3))})
    web.add("made", "/x.zip")
    said = []
    fetch("made", said.append)
    percents = [line.split()[0] for line in said if "%" in line]
    assert percents[-1] == "100"
    assert len(set(percents)) == len(percents) > 3


def test_unpinned_sets_say_so_once(web):
    """The first download says that nothing could be checked; a later one, and a pinned one, have nothing to say."""
    web.files["/x.zip"] = web.files["/y.zip"] = ARCHIVE
    digest = hashlib.sha256(ARCHIVE).hexdigest()
    web.add("made", "/x.zip")
    web.add("pinned", "/y.zip", sha256=digest)
    said = []
    fetch("made", said.append)
    assert said[1:] == [
        f"note: {web.url}/x.zip has no published sha256, so nothing could be checked at this first download;",
        f"  {digest} is recorded, and later downloads must have it",
    ]
    shutil.rmtree(web.data / "images" / "made")
    said.clear()
    fetch("made", said.append)
    fetch("pinned", said.append)
    assert said == [f"fetching {web.url}/x.zip", f"fetching {web.url}/y.zip"]


@pytest.mark.parametrize("target", ["http://other.test/x.zip", "ftp://other.test/x.zip"])
def test_plain_redirects_are_refused(web, monkeypatch, target):
    """From https nothing but https is asked: not one request goes to where the answer leads."""
    asked = []

    def answer(adapter, request, **_):
        asked.append(request.url)
        response = requests.Response()
        response.request, response.url, response.status_code = request, request.url, 302
        response.headers["location"] = target if len(asked) == 2 else "https://other.test/x.zip"
        response.raw = io.BytesIO()
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", answer)
    images = RemoteSet("made", (Download("https://first.test/x.zip"),), picture=r"(?P<name>x)")
    monkeypatch.setitem(REMOTE_SETS, "made", images)
    assert f"leads from https to {target}" in refused("made")
    assert asked == ["https://first.test/x.zip", "https://other.test/x.zip"]
    assert nothing_is_there(web)
