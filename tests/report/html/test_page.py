"""The HTML report as a file: its parts, its size, and what hostile texts cannot do to it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from cryptobench.layout.tables import Table
from cryptobench.report.html import write_html
from cryptobench.report.html.pictures import BUDGET as PICTURES_BUDGET
from cryptobench.report.html.rows import BUDGET as ROWS_BUDGET
from cryptobench.results.run import RunData
from tests.report.html_run import HOSTILE, chunk, scripts


def test_the_page_asks_for_nothing(page: str) -> None:
    """No tag loads anything: no src, no stylesheet, no form, and a policy that forbids all but what is inside."""
    parsed = scripts(page)
    for tag, attributes in parsed.tags:
        assert "src" not in attributes, tag
        assert tag not in ("iframe", "object", "embed", "base", "img")
        assert tag != "link" or attributes["href"] == "data:,"
        assert not (attributes.get("href") or "").startswith(("http", "//"))
    policy = next(a["content"] or "" for t, a in parsed.tags if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_only_the_page_s_own_code_runs(page: str) -> None:
    """The hashes in the policy are those of the one script and the one style."""
    script = scripts(page).texts[""]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    for text in (script, style[1]):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page


def test_hostile_texts_stay_texts(page: str) -> None:
    """Messages, titles and settings with tags add no element, and come back as they were."""
    parsed = scripts(page)
    assert sum(tag == "script" and "id" not in attributes for tag, attributes in parsed.tags) == 1
    assert not any("onerror" in attributes for _, attributes in parsed.tags)
    overview = json.loads(parsed.texts["overview-data"])
    place = [cipher["name"] for cipher in overview["ciphers"]].index("caesar")
    assert HOSTILE in overview["ciphers"][place]["title"]
    assert chunk(page, f"cipher-{place}")["attacks"][0]["notes"] == HOSTILE
    assert chunk(page, "run")["about"]["cpu"] == HOSTILE


def test_seventy_ciphers_stay_below_fifteen_megabytes(page: str) -> None:
    """The budgets for pictures and rows, and as many bytes of sections and tables a cipher as here, keep within it."""
    parts = scripts(page).texts
    fixed = len(page.encode()) - sum(map(len, parts.values())) + len(parts[""])
    by_cipher = sum(len(text) for name, text in parts.items() if name.startswith(("cipher-", "table-", "overview")))
    ciphers = sum(name.startswith("cipher-") for name in parts)
    assert PICTURES_BUDGET + ROWS_BUDGET + fixed + 70 / ciphers * by_cipher < 15_000_000


def test_equal_runs_give_equal_pages(
    attacked: RunData, attacked_tables: dict[str, Table], page: str, tmp_path: Path
) -> None:
    """The page is the same bytes each time, and is written whole."""
    path = write_html(tmp_path, attacked, list(attacked_tables.values()), ["figure x: the run holds no y"])
    assert path == tmp_path / "report.html"
    assert path.read_bytes() == page.encode()
