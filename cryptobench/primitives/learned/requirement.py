"""What to say where PyTorch or OpenVINO is needed and is not there: they come with the extras ``learned``, ``fast``."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["require_openvino", "require_torch"]


def require_torch(what: str, error: type[Exception]) -> None:
    """``error``, in one line that says what to install, if there is no torch; ``what`` needs it."""
    if find_spec("torch") is None:
        raise error(f'{what} needs PyTorch, which is not installed: pip install "cryptobench[learned]"')


def require_openvino(what: str, error: type[Exception]) -> None:
    """``error``, in one line that says what to install, if there is no OpenVINO; ``what`` needs it."""
    if find_spec("openvino") is None:
        raise error(f'{what} needs OpenVINO, which is not installed: pip install "cryptobench[fast]"')
