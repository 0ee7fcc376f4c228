"""Figures whatever MPLBACKEND says."""

import os
import subprocess
import sys

import pytest

READ = (
    "from cryptobench.layout.backend import import_matplotlib; import_matplotlib(); import os, sys\n"
    "import matplotlib; print(matplotlib.get_backend(auto_select=False), os.environ.get('MPLBACKEND'))\n"
    "from cryptobench.layout.style import page; print(type(page(1, 1).canvas).__name__)\n"
    "print('matplotlib.pyplot' in sys.modules)"
)
DRAWING_MODULES = (
    "cryptobench.layout.backend.import_matplotlib(); import cryptobench.report.figures.heatmap, "
    "cryptobench.calibration.figure, cryptobench.training.figure"
)


def printed(code, backend):
    """What a process prints, line by line, that has this MPLBACKEND."""
    environment = os.environ | {"MPLBACKEND": backend}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert found.stderr == ""
    return found.stdout.splitlines()


@pytest.mark.parametrize(
    ("backend", "kept"),
    [("no_such", "None"), ("Qt5Agg", "Qt5Agg"), ("module://no_such", "module://no_such"), ("", "None")],
)
def test_import_never_fails(backend, kept):
    """An unknown backend is left out, a known one kept; the variable stays, and figures are made with Agg."""
    assert printed(READ, backend) == [f"{kept} {backend}", "FigureCanvasAgg", "False"]


def test_a_loaded_matplotlib_is_left_alone():
    """Whoever has imported it before has chosen its backend."""
    code = f"import matplotlib; matplotlib.use('svg')\n{READ}"
    assert printed(code, "Agg")[0] == "svg Agg"


@pytest.mark.parametrize("backend", ["no_such", "Qt5Agg"])
def test_modules_that_draw_load(backend):
    """Modules of reports, calibration and training."""
    assert printed(f"import cryptobench.layout.backend\n{DRAWING_MODULES}", backend) == []
