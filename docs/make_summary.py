"""Renew the summary of a run that the wheel carries: `make summary`, or `python docs/make_summary.py RUN_FOLDER`.

`cryptobench run --beside reference` takes rows over from it. A run of the profile standard makes standard.json.xz, one
of the profile beside makes beside.json.xz. What it keeps is checked by tests/beside/test_reference_summary.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cryptobench.beside.conditions import is_todays
from cryptobench.beside.sources import SUMMARIES
from cryptobench.beside.summary import SUFFIX, write_summary
from cryptobench.results.run import ReportError, load_run


def main() -> None:
    """Write the summary of the run that the command line names; one line about what of it is still valid."""
    if len(sys.argv) != 2:
        sys.exit("Error: wanted the folder of one run, such as results/reference")
    try:
        run = load_run(Path(sys.argv[1]))
        path = SUMMARIES / f"{run.name}{SUFFIX}"
        size = write_summary(run, path)
    except ReportError as error:
        sys.exit(f"Error: {error}")
    codes = run.settings["ciphers"]
    valid = sum(is_todays(cipher, codes.get(cipher, {})) is True for cipher in run.ciphers)
    print(f"{path.name}: {size / 1e6:.2f} MB; the code of {valid} of {len(run.ciphers)} ciphers is still the same")


if __name__ == "__main__":
    main()
