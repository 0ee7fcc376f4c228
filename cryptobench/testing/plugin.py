"""The pytest plug-in: the fixture `security`, its options, and a summary of what could not be run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cryptobench.testing.security import Security

__all__ = ["security"]

_PROPERTY = "cryptobench not run"
_OPTIONS = {
    "profile": (str, "profile of security tests: quick (the default), standard, paper, or a .toml file"),
    "seed": (int, "seed of security tests; fixes keys, nonces and trials"),
    "size": (int, "side of the images of security tests in pixels"),
    "alpha": (float, "significance level at which a cipher fails, over all of its tests (default 0.001)"),
    "require": (str, "what attacks must leave a cipher, such as confidentiality=5,misuse=4,integrity=rejects"),
    "jobs": (int, "worker processes of security tests (default: one for each CPU; one under pytest-xdist)"),
}  # fmt: skip
_GONE = ("rung", "level")  # of earlier releases: a setting that pytest does not know is only a warning


def pytest_addoption(parser: pytest.Parser) -> None:
    """Each option on the command line, and as security_NAME in the configuration file."""
    group = parser.getgroup("cryptobench", "security tests of image ciphers")
    for name, (kind, text) in _OPTIONS.items():
        group.addoption(f"--security-{name}", type=kind, default=None, help=text)
        parser.addini(f"security_{name}", text, default="")
    for name in _GONE:
        group.addoption(f"--security-{name}", default=None, help="no longer there: --security-require")
        parser.addini(f"security_{name}", "no longer there: security_require", default="")


@pytest.fixture
def security(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Security]:
    """Measure and attack a cipher: ``security(MyCipher()).passes()``."""
    from cryptobench.testing.security import Security

    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("cryptobench") if cache is not None else tmp_path_factory.getbasetemp() / "cryptobench"
    for name in _GONE:
        for given, old, new in (
            (request.config.getoption(f"--security-{name}"), f"--security-{name}", "--security-require"),
            (request.config.getini(f"security_{name}"), f"security_{name}", "security_require"),
        ):
            if given:
                raise pytest.UsageError(f"{old}={given} is no longer there; {new}=confidentiality=5 asks for a level")
    chosen = {name: value for name in _OPTIONS if (value := _option(request.config, name)) is not None}
    if "PYTEST_XDIST_WORKER" in os.environ:
        chosen.setdefault("jobs", 1)
    measure = Security(Path(folder), home=request.path.parent, **chosen)
    yield measure
    for assessment in measure.assessments:
        for line in assessment.not_run:
            request.node.user_properties.append((_PROPERTY, f"{assessment.cipher}: {line}"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what could not be run, so that a green line hides nothing."""
    lines: dict[str, list[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "teardown":
                found = [text for name, text in report.user_properties if name == _PROPERTY]
                lines |= {report.nodeid: found} if found else {}
    if not lines:
        return
    terminalreporter.section("security tests: not run")
    for test, found in lines.items():
        terminalreporter.line(test)
        for line in dict.fromkeys(found):
            terminalreporter.line(f"  {line}")


def _option(config: pytest.Config, name: str) -> Any:
    given = config.getoption(f"--security-{name}")
    if given is not None:
        return given
    text = config.getini(f"security_{name}")
    kind, _ = _OPTIONS[name]
    try:
        return kind(text) if text else None
    except ValueError:
        raise pytest.UsageError(f"security_{name} is {text!r}, wanted {kind.__name__}") from None
