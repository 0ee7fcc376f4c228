"""What every cipher must do before its numbers mean anything: the checks of ``cryptobench validate``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from cryptobench.blame import described, users_line
from cryptobench.cipher import Cipher, ContractError
from cryptobench.conformance import answers, card, refusals
from cryptobench.conformance.cipher_under_test import CipherUnderTest, Failure
from cryptobench.contract import examine_replacements, is_built_in, require_kept
from cryptobench.libraries import functions_at_first

__all__ = ["Check", "check_named", "check_names", "validate"]


@dataclass(frozen=True)
class Check:
    """One check's outcome: what was checked, whether it holds, one line of detail, and the seconds it took."""

    name: str
    passed: bool
    message: str
    seconds: float


def validate(cipher: str | Cipher, announce: Callable[[str], None] = lambda name: None) -> list[Check]:
    """Check a cipher, by name, by ``path/to/file.py:ClassName`` or as an instance, against the interface.

    ``announce`` is called with the name of each check before it begins.
    A second instance and a new process construct the class without arguments. Raises RegistryError if the
    cipher cannot be loaded. Whatever the cipher's code raises after that is a failed check; what the check itself
    raises is said, and blamed on nobody.
    """
    tested = CipherUnderTest(cipher)
    return [_run(tested, name, check, announce) for name, check in _checks(tested)]


def check_names(reference: str) -> list[str]:
    """The names of all checks of a cipher; RegistryError if it cannot be loaded."""
    return [name for name, _ in _checks(_under_test(reference))]


def check_named(reference: str, name: str, seconds: float) -> Check:
    """One check, by a name from `check_names`, in a process that is ended after so many seconds.

    It fails if the cipher has replaced functions of others meanwhile; they are put back.
    """
    start = time.monotonic()
    tested = _under_test(reference)
    tested.deadline = start + seconds
    done: Check | None = None
    failure: BaseException | None = None
    try:
        done = _run(tested, name, dict(_checks(tested))[name], own_process=True)
    except BaseException as error:  # what makes the check may use what was replaced
        failure = error
    replaced = [] if is_built_in(tested.cipher) else examine_replacements(tested.cipher, functions_at_first())
    if replaced:
        return Check(name, False, replaced[0], time.monotonic() - start)
    if done is None:
        assert failure is not None
        raise failure
    return done


@cache
def _under_test(reference: str) -> CipherUnderTest:
    return CipherUnderTest(reference)


def _checks(tested: CipherUnderTest) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "card", partial(card.check_card, tested)
    yield "contract", partial(_check_contract, tested)
    for label in tested.images:
        yield f"round trip, {label}", partial(answers.check_round_trip, tested, label)
    for name, check in (answers.CHECKS | refusals.CHECKS).items():
        yield name, partial(check, tested)


def _check_contract(tested: CipherUnderTest) -> str:
    """What every run looks for before it measures a cipher that is not built in."""
    require_kept(tested.another)
    return ""


def _run(
    tested: CipherUnderTest,
    name: str,
    check: Callable[[], str],
    announce: Callable[[str], None] = lambda name: None,
    *,
    own_process: bool = False,
) -> Check:
    announce(name)
    start = time.perf_counter()
    try:
        passed, message = True, check()
    except Failure as failure:
        passed, message = False, str(failure)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and not own_process:  # of the user, not of the cipher
            raise
        passed, message = False, described(error, tested.cipher)
        blameless = not isinstance(error, ContractError) and not is_built_in(tested.cipher)
        if blameless and not users_line(error, tested.cipher):
            passed, message = True, f"not checked, for the check itself failed, not the cipher: {message}"
    return Check(name, passed, " ".join(message.split()), time.perf_counter() - start)
