"""The HTML report in headless Chromium: sorting, filters, links, keys, numbers, and a silent console."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cryptobench.layout.tables import Table
from cryptobench.report.html import write_html
from cryptobench.results.run import RunData
from tests.browser import Page, browser, complaints, needs_browser

By = pytest.importorskip("selenium.webdriver.common.by", reason="selenium is not installed (pip install selenium)").By
Keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
pytestmark = needs_browser


class Report(Page):
    """The report in a browser."""

    def rows(self) -> list[str]:
        """Ciphers of the overview in the order shown."""
        found: list[str] = self.run(
            "return [...document.querySelectorAll('#matrix tbody tr')].map(r => r.dataset.cipher)"
        )
        return found


@pytest.fixture(scope="module")
def page(
    attacked: RunData, attacked_tables: dict[str, Table], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Report]:
    folder = tmp_path_factory.mktemp("browser")
    report = write_html(folder, attacked, list(attacked_tables.values()), ["figure x: the run holds no y"])
    with browser(folder) as driver:
        yield Report(driver, report.as_uri())


@pytest.fixture(autouse=True)
def _silent(page: Report) -> Iterator[None]:
    """Whatever a test does, the console stays empty and no hostile text runs."""
    yield
    assert complaints(page.driver) == []
    assert page.run("return window.hacked === undefined")


def test_the_overview_is_sorted_by_its_heads(page: Report) -> None:
    """A head sorts worst first, then best first, then as before, and says so to screen readers."""
    page.open()
    before = page.rows()
    assert before == ["aes-256-ctr", "chen2004", "hua2021", "caesar"]
    head = page.driver.find_element(By.CSS_SELECTOR, "th[data-sort='attack:reuse'] button")
    head.click()
    assert page.rows()[0] == "caesar"
    assert page.run("return document.querySelector(\"[data-sort='attack:reuse']\").ariaSort") == "ascending"
    head.click()
    assert page.rows()[-1] == "caesar"
    head.click()
    assert page.rows() == before
    page.driver.find_element(By.CSS_SELECTOR, "th[data-sort='cipher'] button").click()
    assert page.rows() == sorted(before)


def test_judgements_are_sorted_from_worst_to_best(page: Report) -> None:
    """By level or word, not by letters; what nothing is known of comes last."""
    page.open()
    heads = page.run("return [...document.querySelectorAll('#matrix thead th')].map(h => h.dataset.sort).slice(2, 6)")
    assert heads == ["test:statistics", "judged:confidentiality", "judged:misuse", "judged:integrity"]
    page.driver.find_element(By.CSS_SELECTOR, "th[data-sort='judged:confidentiality'] button").click()
    assert page.rows() == ["caesar", "hua2021", "aes-256-ctr", "chen2004"]
    page.open("#overview&sort=judged%3Aintegrity&order=descending")
    assert page.rows()[:2] == ["hua2021", "caesar"]


def test_each_judgement_has_a_filter(page: Report) -> None:
    """They combine, list what this run has from worst to best, and stand in the address."""
    page.open()
    entries = page.run(
        "return [...document.querySelector(\"[data-filter='confidentiality']\").options].map(o => o.value)"
    )
    assert entries == ["", "≤ 0", "5", "–"]
    page.open("#overview&integrity=malleable")
    assert page.rows() == ["caesar"]
    page.open("#overview&confidentiality=5&misuse=0")
    assert page.rows() == ["hua2021"]
    page.open("#overview&confidentiality=5&misuse=4")
    assert page.rows() == []
    page.open("#overview&test=statistics&state=fail")
    assert "caesar" in page.rows()


def test_cells_of_judgements_say_what_they_mean(page: Report) -> None:
    """A level in words with the attacks that set it; malleable, never recovered, through chosen ciphertexts."""
    page.open("#overview&q=hua")
    over = "new MouseEvent('mouseover', {bubbles: true})"  # a headless window may have no focus to give
    page.run(f"document.querySelectorAll('#matrix tbody a.cell')[2].dispatchEvent({over})")
    line = page.run("return document.querySelector('.readout').textContent")
    assert "misuse: 0" in line
    assert "at most 3 known pairs (reuse)" in line
    page.open("#cipher=caesar&at=attacks")
    page.wait("document.querySelector('#attacks table')")
    words = page.run("return [...document.querySelectorAll('#attacks tbody tr')].map(r => r.cells[1].textContent)")
    assert sorted(words) == ["malleable", "recovered"]
    titles = page.run("return [...document.querySelectorAll('#cipher .head .verdict')].map(e => e.textContent)")
    assert titles[1:] == ["confidentiality: ≤ 0", "misuse: ≤ 0", "integrity: malleable"]


def test_raw_numbers_call_it_malleable_too(page: Report) -> None:
    """The rows of an attack with chosen ciphertexts never read leak or fail; the others are as they were."""
    page.open("#cipher=caesar&at=numbers-attack:flip")
    page.wait("document.getElementById('numbers-attack:flip')?.open")
    script = "return [...document.getElementById('numbers-attack:' + arguments[0]).querySelectorAll('.verdict')]"
    words = page.run(f"{script}.map(e => e.textContent)", "flip")
    assert set(words) == {"malleable"}
    page.run("document.getElementById('numbers-attack:reuse').open = true")
    page.wait("document.getElementById('numbers-attack:reuse').querySelector('.verdict')")
    assert set(page.run(f"{script}.map(e => e.textContent)", "reuse")) == {"recovered", "fail"}


def test_filters_narrow_the_overview(page: Report) -> None:
    """Family, free text, attack outcome and nonce mode combine; the address opens the same view; Reset undoes it."""
    page.open()
    page.driver.find_element(By.CSS_SELECTOR, "[data-family='chaotic']").click()
    assert page.rows() == ["chen2004", "hua2021"]
    page.driver.find_element(By.ID, "search").send_keys("hua")
    assert page.rows() == ["hua2021"]
    assert page.driver.find_element(By.ID, "shown").text == "1 of 4 ciphers"
    page.open(page.run("return location.hash"))
    assert page.rows() == ["hua2021"]
    page.driver.find_element(By.ID, "reset").click()
    assert len(page.rows()) == 4
    page.open("#overview&attack=reuse&outcome=recovered")
    assert page.rows() == ["caesar"]
    page.open("#overview&attack=reuse&outcome=recovered&nonce=fixed")
    assert page.rows() == ["hua2021"]
    page.open("#overview&test=key%20space&state=pass")
    assert page.rows()
    assert set(page.rows()) <= {"aes-256-ctr", "chen2004", "hua2021", "caesar"}
    page.open("#overview&outcome=malleable")
    assert page.rows() == ["caesar"]


def test_a_cell_leads_to_its_numbers(page: Report) -> None:
    """A cell opens its cipher at that analysis; the back button returns to the filtered overview."""
    page.open("#overview&family=chaotic")
    page.run("document.querySelector(\"tr[data-cipher='hua2021'] a.cell[href$='numbers-entropy']\").click()")
    page.wait("document.querySelector('#cipher')?.dataset.cipher === 'hua2021'")
    assert page.wait("document.querySelector('#numbers-entropy')?.open")
    page.driver.back()
    page.wait("!document.querySelector('#view-overview').hidden")
    assert page.rows() == ["chen2004", "hua2021"]


def test_keys_walk_through_the_report(page: Report) -> None:
    """/ searches, Escape clears and leaves, j and k and arrows change the cipher, arrows walk the cells."""
    page.open()
    page.press("/")
    assert page.run("return document.activeElement.id") == "search"
    page.press("caes")
    assert page.rows() == ["caesar"]
    page.press(Keys.ESCAPE)
    assert len(page.rows()) == 4
    page.press(Keys.ESCAPE, "j", "j")
    assert page.run("return document.activeElement.closest('tr').dataset.cipher") == "chen2004"
    page.press(*[Keys.ARROW_RIGHT] * 5, Keys.ARROW_DOWN)
    assert page.run("return document.activeElement.closest('tr').dataset.cipher") == "hua2021"
    assert "global entropy" in page.run("return document.activeElement.ariaLabel")
    page.open("#cipher=chen2004")
    page.wait("document.querySelector('#cipher')")
    page.press("j")
    page.wait("document.querySelector('#cipher').dataset.cipher === 'hua2021'")
    page.press(Keys.ARROW_LEFT)
    page.wait("document.querySelector('#cipher').dataset.cipher === 'chen2004'")
    page.press(Keys.ESCAPE)
    page.wait("!document.querySelector('#view-overview').hidden")


def test_a_p_value_never_reads_0(page: Report) -> None:
    """Caesar's smallest p-value is below what a float can hold."""
    page.open("#cipher=caesar")
    chips = page.wait("[...document.querySelectorAll('#verdicts .soft-p')].map(chip => chip.textContent)")
    assert " p <1e−300" in chips
    assert " p 0" not in chips


def test_numbers_on_the_page_are_the_csv_s(page: Report, attacked: RunData) -> None:
    """Each value cell of a cipher has the CSV's text, and shows that number to six digits."""
    page.open("#cipher=hua2021&at=numbers-entropy")
    page.wait("document.querySelector('#numbers-entropy')?.open")
    numbers = attacked.numbers
    wanted = numbers[(numbers["cipher"] == "hua2021") & (numbers["analysis"] == "entropy")]["value"]
    cells = page.run(
        "const table = document.querySelector('#numbers-entropy table'), heads = [...table.tHead.rows[0].cells];"
        "const at = heads.findIndex(head => head.textContent === 'value');"
        "return [...table.tBodies[0].rows].map(r => [r.cells[at].dataset.value, r.cells[at].textContent])"
    )
    assert [float(exact) for exact, _ in cells] == wanted.tolist()
    for exact, text in cells:
        assert float(text.replace("−", "-")) == pytest.approx(float(exact), rel=5e-6)


def test_a_table_sorts_and_filters(page: Report) -> None:
    """The attacks' costs are sorted as numbers, filtered by words, and link to ciphers."""
    page.open("#table-attack_costs")
    page.wait("document.querySelector('article[data-table]')")
    column = (
        "const t = document.querySelector('article table'), heads = [...t.tHead.rows[0].cells];"
        "const at = heads.findIndex(head => head.textContent === 'queries');"
    )
    values = column + "return [...t.tBodies[0].rows].map(r => r.cells[at].textContent)"
    page.run(column + "t.tHead.rows[0].cells[at].querySelector('button').click()")
    of_the_minimum_set = "4"
    sorted_ones = [text for text in page.run(values) if text != of_the_minimum_set]
    assert sorted_ones == ["1", "3", "3", "3", "3", "40", "–"]  # gaps come last
    page.driver.find_element(By.ID, "table-search").send_keys("caesar malleable")
    assert page.run(values) == ["40"]
    assert page.run("return document.querySelector('article tbody a').getAttribute('href')") == "#cipher=caesar"


def test_every_part_opens(page: Report) -> None:
    """All ciphers, all tables, the run and the whole document are drawn without a complaint."""
    page.open()
    names = page.run("return JSON.parse(document.getElementById('overview-data').textContent).tables.map(t => t.name)")
    for hash_ in (*(f"#table-{name}" for name in names), "#cipher=aes-256-ctr", "#run", "#everything"):
        page.run("document.querySelector('#view-other').replaceChildren(); location.hash = arguments[0]", hash_)
        page.wait("document.querySelector('#view-other').childElementCount")
        assert not page.run("return document.querySelector('#view-other .notice')?.textContent"), hash_
    page.run("location.hash = '#cipher=nobody'")
    assert "no cipher named nobody" in page.wait("document.querySelector('#view-other .notice')?.textContent")


def test_pictures_are_drawn(page: Report) -> None:
    """The three pictures and those of the attack are decoded to their sizes, and the planted text is only text."""
    page.open("#cipher=caesar&at=attacks")
    page.wait("document.querySelectorAll('#cipher img').length >= 6")
    page.run("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait("[...document.querySelectorAll('img')].every(image => image.naturalWidth > 0)")
    assert "window.hacked" in page.driver.find_element(By.ID, "attacks").text


def test_the_theme_turns_and_is_remembered(page: Report) -> None:
    """The button goes from the system's choice to light to dark, and a reload keeps it."""
    page.open()
    page.run("localStorage.clear()")
    page.open()
    button = page.driver.find_element(By.ID, "theme")
    assert button.text == "Theme: auto"
    button.click()
    light = page.run("return getComputedStyle(document.body).backgroundColor")
    button.click()
    page.open()
    assert page.run("return document.documentElement.dataset.theme") == "dark"
    assert page.run("return getComputedStyle(document.body).backgroundColor") != light
    page.run("localStorage.clear()")


def test_nothing_is_wider_than_a_phone(page: Report) -> None:
    """At 390 pixels the page itself never scrolls sideways; wide tables scroll in their own frames."""
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for hash_ in ("#overview", "#cipher=hua2021", "#table-npcr", "#run"):
            page.open(hash_)
            page.wait("document.querySelector('main > section:not([hidden])')?.childElementCount")
            assert page.run("return document.documentElement.scrollWidth") <= 390, hash_
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
