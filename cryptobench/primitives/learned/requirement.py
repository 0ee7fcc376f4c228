"""What to say where PyTorch is needed and is not there: it comes with the extra ``learned``."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["require_torch"]


def require_torch(what: str, error: type[Exception]) -> None:
    """``error``, in one line that says what to install, if there is no torch; ``what`` needs it."""
    if find_spec("torch") is None:
        raise error(f'{what} needs PyTorch, which is not installed: pip install "cryptobench[learned]"')
