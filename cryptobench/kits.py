"""What `cryptobench.primitives` was called until release 0.1: to import it says so."""

from cryptobench.former_names import PAGE

raise ImportError(f"cryptobench.kits is cryptobench.primitives now, with the same modules below it; {PAGE}")
