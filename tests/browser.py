"""Headless Chromium for tests of pages."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = ["Page", "browser", "complaints", "needs_browser"]

_BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_DRIVER = shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    not (_BROWSER and _DRIVER), reason="needs Chromium and chromedriver (Debian: chromium, chromium-driver)"
)
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1400,900",
)  # fmt: skip


@contextmanager
def browser(folder: Path) -> Iterator[Any]:
    """A driver whose profile lies in ``folder``; its console is empty at the end."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (pip install selenium)")
    service = pytest.importorskip("selenium.webdriver.chrome.service").Service
    options = webdriver.ChromeOptions()
    options.binary_location = _BROWSER
    for flag in (*_FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=service(_DRIVER))
    try:
        yield driver
        assert complaints(driver) == []
    finally:
        driver.quit()


def complaints(driver: Any) -> list[dict[str, Any]]:
    """What the console says since it was last asked: of the pages opened, not of the browser's own (a new tab)."""
    found: list[dict[str, Any]] = driver.get_log("browser")
    return [entry for entry in found if not entry["message"].startswith("chrome://")]


class Page:
    """A page in a browser."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver, self.address = driver, address

    def open(self, hash_: str = "") -> None:
        self.driver.get("about:blank")
        self.driver.get(self.address + hash_)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str) -> Any:
        """The value of an expression as soon as it is true."""
        limit = time.monotonic() + 20
        while not (value := self.run(f"return {script}")):
            assert time.monotonic() < limit, f"never true: {script}"
            time.sleep(0.02)
        return value

    def press(self, *keys: str) -> None:
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)
