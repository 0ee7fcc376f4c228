"""Writes a site."""

from __future__ import annotations

import base64
import hashlib
import html
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from string import Template

from cryptobench.files import write_bytes, write_text
from cryptobench.report.html.content import cipher_content, overview_content
from cryptobench.report.html.page import STYLES, assets
from cryptobench.report.html.pictures import within
from cryptobench.report.tables import make_tables
from cryptobench.results.run import RunData, from_rows, load_run
from cryptobench.site.addresses import cipher_file
from cryptobench.site.attack_matrix import attack_matrix
from cryptobench.site.calibration_page import Calibration, calibration_page, read_calibration
from cryptobench.site.cipher_page import cipher_page
from cryptobench.site.commands import FILE, Commands
from cryptobench.site.leaderboard import leaderboard
from cryptobench.site.made_pictures import with_pictures
from cryptobench.site.markup import Html, joined, link
from cryptobench.site.run_page import columns_page, run_page
from cryptobench.site.shown import shown

__all__ = ["SiteError", "write_site"]

_BUDGET = 12_000_000  # characters of all pictures as base64, three quarters of that in bytes


class SiteError(ValueError):
    """The site cannot be written; the message says in one line why."""


def write_site(
    run: RunData | Path,
    out: Path,
    *,
    calibration: Path | None = None,
    docs: str = "",
    pictures: bool = True,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write the site of a finished run (or its folder) into the folder ``out``, and return the files.

    index.html is the leaderboard; ciphers/NAME.html, attacks.html and run.html belong to it, and calibration.html where
    ``calibration`` is the folder of one. ``docs`` is the folder of the documentation as pages link to it, such as
    "docs/"; without it they do not. With ``pictures``, those that the run kept none of are made by encrypting anew;
    ``tell`` hears which could not be made. Nothing is removed from ``out``, and nothing is loaded from elsewhere.

    SiteError for a folder that the pages may not go into; ReportError where the run or the calibration cannot be read.
    """
    calibrated = None if calibration is None else read_calibration(calibration)
    loaded = run if isinstance(run, RunData) else load_run(run)
    if loaded.memory is None and out.resolve() == loaded.folder.resolve():
        raise SiteError(f"{out} is the run's own folder; wanted another one for the pages")
    pictured, made = with_pictures(loaded, tell) if pictures else (loaded, frozenset[str]())
    docs = docs if not docs or docs.endswith("/") else f"{docs}/"
    with from_rows(pictured, "the site"):
        site = _Site(pictured, Commands(loaded), out, made, docs, calibrated)
        return site.write(loaded)


class _Site:
    def __init__(
        self,
        run: RunData,
        commands: Commands,
        out: Path,
        made: frozenset[str],
        docs: str,
        calibration: Calibration | None,
    ) -> None:
        self._run, self._out, self._docs, self._calibration = run, out, docs, calibration
        self._commands = commands
        self._overview = overview_content(run, run.cards, run.attacks)
        contents, held = within(
            lambda kept: [
                cipher_content(run, cipher, run.cards.get(cipher), run.attacks, kept) for cipher in run.ciphers
            ],
            _BUDGET,
        )
        self._pictures = [base64.b64decode(text) for text in held.texts]
        self._tables, self._skipped = make_tables(run)
        self._shown = shown(
            run, self._tables, dict(zip(run.ciphers, contents, strict=True)), self._commands,
            lambda number: f"../{_picture(self._pictures[number])}", made, f"../{docs}" if docs else "",
        )  # fmt: skip
        self._template = Template(_asset("page.html"))

    def write(self, loaded: RunData) -> list[Path]:
        """Write all pages; the settings are those in the folder of the run that was ``loaded``."""
        run = self._run
        paths = [
            self._page("index.html", "Leaderboard", leaderboard(run)),
            self._page("attacks.html", "Attacks and controls", attack_matrix(self._overview, run.cards)),
            self._page("run.html", "The run", run_page(run, self._commands, self._skipped)),
            self._page("columns.html", "What the columns say", columns_page(self._tables)),
        ]
        if self._calibration is not None:
            page = calibration_page(self._calibration, frozenset(run.ciphers), self._docs)
            paths.append(self._page("calibration.html", "Calibration", page))
        paths += [
            self._page(f"ciphers/{cipher_file(name)}", name, cipher_page(self._shown, name)) for name in run.ciphers
        ]
        paths += [write_bytes(self._out / _picture(content), content) for content in dict.fromkeys(self._pictures)]
        paths.append(write_text(self._out / "site.css", assets(*STYLES) + _asset("site.css")))
        script = f'(() => {{\n"use strict";\n{assets("order.js")}{_asset("site.js")}}})();\n'
        paths.append(write_text(self._out / "site.js", script))
        if self._commands.file:
            paths.append(Path(shutil.copyfile(loaded.folder / FILE, self._out / FILE)))
        return paths

    def _page(self, place: str, title: str, content: Html) -> Path:
        root = "../" * place.count("/")
        text = self._template.substitute(
            title=html.escape(f"{title} · cryptobench"),
            root=root,
            links=self._links(place, root),
            marks=assets("marks.svg"),
            content=content,
        )
        return write_text(self._out / place, text)

    def _links(self, place: str, root: str) -> Html:
        pages = [("index.html", "Leaderboard"), ("attacks.html", "Attacks")]
        pages += [("calibration.html", "Calibration")] if self._calibration is not None else []
        pages += [("run.html", "Run")]
        pages += [(f"{self._docs}index.html", "Docs")] if self._docs else []
        here = "index.html" if place.startswith("ciphers/") else place
        return joined(
            link(f"{root}{address}", text, aria_current="page" if address == here else None) for address, text in pages
        )


def _picture(content: bytes) -> str:
    """A picture's file: equal pictures are one file."""
    return f"pictures/{hashlib.sha256(content).hexdigest()[:20]}.webp"


def _asset(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")
