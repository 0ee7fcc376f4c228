"""Decryption of what was changed: rejected, crashed or failed, and never a traceback."""

from __future__ import annotations

import inspect
import sys
from dataclasses import replace

import numpy as np
import pytest
from cryptography.exceptions import InvalidTag

from cryptobench.analyses.key_sensitivity import KeySensitivity
from cryptobench.analyses.robustness.analysis import Robustness
from cryptobench.attacks.malleability.header_replay import HeaderReplay
from cryptobench.attacks.malleability.near_target import NearTarget
from cryptobench.attacks.runner import attack_target
from cryptobench.attacks.scoring import security_levels
from cryptobench.card import Card, KeyField
from cryptobench.cipher import CipherError, Encrypted
from cryptobench.experiment import DecryptionCrash, Experiment, decrypt_changed
from cryptobench.task import run_task
from tests.attacks.toys import Gcm, NeverDecrypts, RejectingGcm, scripted, smooth

TARGET = smooth(16, 12)
CCA = (NearTarget(), HeaderReplay())
HINT = 'on a changed ciphertext or a wrong key; raise CipherError, or name it in the card: rejects_with=("InvalidTag",)'


def _changed(cipher) -> tuple[Experiment, Encrypted]:
    experiment = Experiment(cipher, TARGET)
    return experiment, replace(experiment.ciphertext, image=experiment.ciphertext.image ^ 1)


def test_an_exception_that_the_card_names_rejects() -> None:
    """It becomes a CipherError that names it; without the card's word it is what it is."""
    experiment, changed = _changed(RejectingGcm())
    with pytest.raises(CipherError, match="toy-rejecting-gcm: rejected: InvalidTag") as caught:
        experiment.cipher.decrypt(changed, experiment.key)
    assert isinstance(caught.value.__cause__, InvalidTag)
    with pytest.raises(InvalidTag):
        Gcm().decrypt(changed, experiment.key)


def test_a_subclass_of_a_named_exception_rejects() -> None:
    """Names are looked for among all classes of the exception."""

    class Lookup(NeverDecrypts):
        card = replace(NeverDecrypts.card, rejects_with=("LookupError",))

    experiment, changed = _changed(Lookup())
    with pytest.raises(CipherError, match="rejected: KeyError: 'mask'"):
        experiment.cipher.decrypt(changed, experiment.key)


@pytest.mark.parametrize(
    ("given", "said"),
    [("InvalidTag", "wanted a tuple of names"), ((InvalidTag,), "wanted a tuple of names"), (("Exception",), "every")],
)
def test_a_card_names_exceptions_in_a_tuple(given, said) -> None:
    """A text, a class, and the class of all exceptions are refused."""
    with pytest.raises(ValueError, match=f"card 'x': rejects_with .*{said}"):
        Card(name="x", title="", family="f", fidelity="A", key=(KeyField("k", 8),), rejects_with=given)


def test_any_other_exception_crashes() -> None:
    """One line with the user's file and line and what to do."""
    experiment, changed = _changed(Gcm())
    with pytest.raises(DecryptionCrash) as caught:
        decrypt_changed(experiment.cipher, changed, experiment.key)
    source = inspect.getsource(sys.modules[Gcm.__module__]).splitlines()
    line = 1 + next(number for number, text in enumerate(source) if "opened =" in text)
    assert str(caught.value) == f"crashes: decrypt raised InvalidTag (toys.py, line {line}) {HINT}"
    with pytest.raises(DecryptionCrash):
        experiment.decrypt_changed(changed)


def test_an_honest_ciphertext_that_crashes_fails() -> None:
    """What decryption of the honest ciphertext raises goes through, in analyses and attacks."""
    experiment, changed = _changed(NeverDecrypts())
    with pytest.raises(KeyError):
        experiment.decrypt_changed(changed)
    for task in (Robustness(), NearTarget(), KeySensitivity(bits=3)):
        result = run_task(task, NeverDecrypts(), TARGET, 1)
        assert (result.status, result.message) == ("failed", "KeyError: 'mask'")


def test_crashes_earn_no_rejection() -> None:
    """The attacks hold and say so; level 4, where the same cipher with its exception named is on level 5."""
    runs = [attack_target(attack, Gcm(), TARGET) for attack in CCA]
    assert {(run.outcome, run.result.claims) for run in runs} == {("holds", ("crashes",))}
    assert all("changed ciphertexts: crashes: decrypt raised InvalidTag (toys.py" in run.result.notes for run in runs)
    assert runs[0].result.notes.startswith("15 of 15 changed ciphertexts: crashes")
    assert security_levels(run.evidence for run in runs) == (None, 4)
    runs = [attack_target(attack, RejectingGcm(), TARGET) for attack in CCA]
    assert {(run.outcome, run.result.claims) for run in runs} == {("holds", ("rejects",))}
    assert security_levels(run.evidence for run in runs) == (None, 5)


def test_one_crash_among_rejections_costs_the_level() -> None:
    """An attack whose ciphertexts are all rejected gives level 5, unless another made decryption crash."""
    rejected = attack_target(NearTarget(), RejectingGcm(), TARGET).evidence
    crashed = attack_target(NearTarget(), Gcm(), TARGET).evidence
    assert security_levels([rejected, crashed]) == (None, 4)


def test_attacks_see_crashes_as_rejections() -> None:
    """An attack that takes rejections goes on, and cannot claim that all was rejected."""
    from cryptobench.attacks.base import AttackResult

    def script(oracle, generator):
        assert oracle.try_decrypt(np.zeros(TARGET.shape, np.uint8)) is None
        return AttackResult(p_value=1.0, claims=("rejects",))

    run = attack_target(scripted(script), Gcm(), TARGET)
    assert (run.outcome, run.result.claims) == ("holds", ("crashes",))


def test_damage_and_wrong_keys_crash_in_a_line() -> None:
    """The analyses finish; the rows that have no value have failed, with the hint."""
    for task in (Robustness(), KeySensitivity(bits=3)):
        result = run_task(task, Gcm(), TARGET, 1)
        assert result.status == "ok"
        crashed = [row for row in result.measurements if row.message.endswith(HINT)]
        assert {(row.status, row.value) for row in crashed} == {("failed", None)}
        assert len(crashed) == len([row for row in result.measurements if row.value is None])
        named = run_task(task, RejectingGcm(), TARGET, 1)
        assert {row.status for row in named.measurements} == {"ok"}
        assert sum(row.message == "rejected" for row in named.measurements) >= len(crashed) > 0
