"""Sphinx configuration; ``sphinx-build -W --keep-going docs docs/_build/html``."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

gc.disable()  # a third of the build looks for cycles among trees that are kept; without, it takes half a gigabyte

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

from docstrings import to_rst  # noqa: E402
from generated import primitive_pages, scheme_pages, write_pages  # noqa: E402

from cryptobench import __version__  # noqa: E402

project = "cryptobench"
author = "The cryptobench authors"
copyright = "the cryptobench authors"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "mathml"]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
myst_update_mathjax = False
exclude_patterns = ["_build", "_extensions", "_templates", "examples"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
highlight_language = "text"
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_js_files = [("frames.js", {"defer": "defer"})]
templates_path = ["_templates"]
html_math_renderer = "mathml"
html_title = f"cryptobench {version}"
html_copy_source = False

if tags.has("site"):  # noqa: F821  (Sphinx gives it) beside the pages of a run, which these link to
    html_sidebars = {
        "**": [
            "sidebar/brand.html", "sidebar/search.html", "sidebar/site.html", "sidebar/scroll-start.html",
            "sidebar/navigation.html", "sidebar/scroll-end.html",
        ]
    }  # fmt: skip


def _write(app: Any) -> None:
    write_pages(Path(app.srcdir, "schemes"), scheme_pages())
    write_pages(Path(app.srcdir, "primitives"), primitive_pages())


def setup(app: Any) -> None:
    """Write the generated pages before Sphinx looks for sources."""
    app.connect("builder-inited", _write)
    app.connect("autodoc-process-docstring", to_rst)
