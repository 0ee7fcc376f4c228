"""Refusals that many schemes share, each one clear line."""

from __future__ import annotations

from cryptobench.cipher import CipherError, UnsupportedImage

__all__ = ["require_no_side_data", "require_rounds", "require_samples"]


def require_rounds(name: str, rounds: int) -> int:
    """``rounds`` if it is a positive integer, else `CipherError`."""
    if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 1:
        raise CipherError(f"{name}: rounds is {rounds!r}, wanted an integer of at least 1")
    return rounds


def require_no_side_data(name: str, header: bytes = b"", secret: bytes | None = None) -> None:
    """Raise `CipherError` if a scheme that has neither header nor per-message secret is handed one."""
    if header:
        raise CipherError(f"{name}: header has {len(header)} bytes, wanted none: this scheme sends no side data")
    if secret:
        raise CipherError(f"{name}: secret has {len(secret)} bytes, wanted none: this scheme has no per-message secret")


def require_samples(name: str, samples: int, most: int) -> int:
    """``samples`` if there are no more than ``most``, which a scheme's integers can count, else `UnsupportedImage`."""
    if samples > most:
        raise UnsupportedImage(f"{name}: {samples} samples, wanted at most {most}; use a smaller image")
    return samples
