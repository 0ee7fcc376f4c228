"""The site in headless Chromium: sorting, filters, keys, themes, phones, and a silent console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browser, complaints, needs_browser

pytestmark = needs_browser


class SitePage(Page):
    """A page of the site in a browser."""

    def rows(self) -> list[str]:
        """Ciphers of the leaderboard in the order shown."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll('tbody tr')].map(row => row.cells[0].textContent)"
        )
        return found

    def head(self, title: str) -> None:
        """Press the head of a column."""
        self.run(
            "[...document.querySelectorAll('thead button')].find(e => e.textContent === arguments[0]).click()", title
        )


@pytest.fixture(scope="module")
def page(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SitePage]:
    with browser(tmp_path_factory.mktemp("browser")) as driver:
        yield SitePage(driver, (site / "index.html").as_uri())


@pytest.fixture(autouse=True)
def _silent(page: SitePage) -> Iterator[None]:
    """Whatever a test does, the console stays empty and no hostile text runs."""
    yield
    assert complaints(page.driver) == []
    assert page.run("return window.hacked === undefined")


def test_the_leaderboard_is_sorted_by_its_heads(page: SitePage) -> None:
    """A head sorts worst first, then best first, then as before; gaps come last; the address keeps it."""
    page.open()
    before = page.rows()
    assert before == ["aes-256-ctr", "chen2004 [B+]", "hua2021 [B]", "caesar"]
    page.head("confidentiality")
    assert page.rows() == ["caesar", "hua2021 [B]", "aes-256-ctr", "chen2004 [B+]"]
    assert page.run("return document.querySelectorAll('th')[3].ariaSort") == "ascending"
    page.open(page.run("return location.hash"))
    assert page.rows()[0] == "caesar"
    page.head("confidentiality")
    assert page.rows()[0] == "hua2021 [B]"
    page.head("confidentiality")
    assert page.rows() == before


def test_the_leaderboard_is_narrowed(page: SitePage) -> None:
    """By words and by the values of a column, which combine; Reset undoes both."""
    page.open()
    choose = "const s = document.querySelector(`select[aria-label='${arguments[0]}']`); s.value = arguments[1];"
    page.run(f"{choose} s.dispatchEvent(new Event('change'))", "family", "chaotic")
    assert page.rows() == ["chen2004 [B+]", "hua2021 [B]"]
    page.press("/", "hua")
    assert page.rows() == ["hua2021 [B]"]
    assert page.run("return document.querySelector('.count').textContent") == "1 of 4 rows"
    page.open(page.run("return location.hash"))
    assert page.rows() == ["hua2021 [B]"]
    options = page.run("return [...document.querySelector(\"select[aria-label='misuse']\").options].map(o => o.value)")
    assert options[0] == ""
    assert "≤ 0" in options
    page.run("[...document.querySelectorAll('button')].find(e => e.textContent === 'Reset').click()")
    assert len(page.rows()) == 4


def test_pages_can_be_read_without_scripts(page: SitePage) -> None:
    """The leaderboard stands as a plain table, without controls that would do nothing."""
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.open()
        source = page.driver.page_source
        assert "chen2004 [B+]" in source
        assert "<button" not in source
    finally:
        page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_matrix_is_walked_by_arrows(page: SitePage, site: Path) -> None:
    """Tab reaches one cell, arrows the others."""
    page.driver.get((site / "attacks.html").as_uri())
    page.run("document.querySelector(\"a.cell[tabindex='0']\").focus()")
    first = page.run("return document.activeElement.title")
    page.press("\ue014")
    assert page.run("return document.activeElement.title") not in ("", first)
    assert page.run("return document.activeElement.tabIndex") == 0


def test_a_link_opens_what_is_folded(page: SitePage, site: Path) -> None:
    """An address with a table's anchor shows the table."""
    page.driver.get("about:blank")
    page.driver.get((site / "ciphers" / "hua2021.html").as_uri() + "#table-entropy_global")
    assert page.wait("document.getElementById('table-entropy_global').open")


def test_dark_is_dark_and_remembered(page: SitePage) -> None:
    """The colours follow the system, or the button, whose choice a reload keeps."""
    page.open()
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = page.run(ground)
    scheme = [{"name": "prefers-color-scheme", "value": "dark"}]
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    dark = page.run(ground)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert page.run(ground) == light != dark
    page.run("document.getElementById('theme').click(); document.getElementById('theme').click()")
    page.open()
    assert page.run(ground) == dark
    page.run("localStorage.clear()")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_scrolls_sideways(width: int, page: SitePage, site: Path) -> None:
    """Wide tables scroll in frames of their own, above which a line says so; all pictures are there."""
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for path in (*site.glob("*.html"), site / "ciphers" / "caesar.html"):
            page.driver.get(path.as_uri())
            page.run("document.querySelectorAll('details').forEach(e => { e.open = true; })")
            assert page.run("return document.documentElement.scrollWidth") <= width, path.name
            page.run("document.querySelectorAll('img').forEach(e => { e.loading = 'eager'; })")
            assert page.wait("[...document.images].every(e => e.naturalWidth > 0)")
            said = "[...document.querySelectorAll('.frame')].every(f => (f.querySelector('.hint').offsetHeight > 0)"
            assert page.wait(f"{said} === (f.querySelector('.scroll').scrollWidth > f.clientWidth))"), path.name
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
