"""The rows of another run beside one's own: the reference that comes with the package, or a run's folder."""

from cryptobench.beside.sources import REFERENCE, BesideError, Source, source
from cryptobench.beside.taken import comparable, require_comparable, with_rows_beside

__all__ = ["REFERENCE", "BesideError", "Source", "comparable", "require_comparable", "source", "with_rows_beside"]
