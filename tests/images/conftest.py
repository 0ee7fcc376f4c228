"""A web server on this machine that serves made image sets, some of them badly."""

import http.server
import threading
from types import SimpleNamespace

import pytest

from cryptobench.images import REMOTE_SETS
from cryptobench.images.remote import Download, RemoteSet


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        web = self.server.web
        web.requests.append(self.path)
        if self.path not in web.files:
            self.send_error(404)
            return
        body = web.files[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path in web.stalls:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            web.stalled.set()
            web.resume.wait(30)
            self.wfile.write(body[len(body) // 2 :])
        else:
            self.wfile.write(body[: web.cut.get(self.path, len(body))])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def web(tmp_path, monkeypatch):
    """The server: the `files` it has, how one is `cut`, which `stalls`, its `requests`; `add` makes a set to fetch."""
    monkeypatch.setenv("CRYPTOBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    url = f"http://127.0.0.1:{server.server_port}"

    def add(name, path, sha256="", picture=r"pics/(?P<name>\w+)\.png", **options):
        images = RemoteSet("a made set", (Download(url + path, sha256),), picture=picture, megabytes=1, **options)
        monkeypatch.setitem(REMOTE_SETS, name, images)

    server.web = SimpleNamespace(
        url=url, files={}, cut={}, stalls=set(), requests=[], add=add, data=tmp_path / "data",
        stalled=threading.Event(), resume=threading.Event(),
    )  # fmt: skip
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.web
    server.web.resume.set()
    server.shutdown()
    thread.join()
    server.server_close()
