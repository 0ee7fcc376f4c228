"""What the oracle gives away, counts and refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cryptobench.attacks import experiment as attack_experiment
from cryptobench.attacks.experiment import MODES, PROBES, AttackExperiment
from cryptobench.attacks.oracle import BudgetExceeded, Oracle, OracleError, Queries, Rejected
from cryptobench.cipher import Encrypted
from tests.attacks.toys import Pad, smooth

TARGET = smooth(9, 14, 3)


def _oracle(mode: Any = "fresh", model: Any = "CCA", budget: int | None = None, **options: Any) -> Oracle:
    return Oracle(AttackExperiment(Pad(), TARGET, 3, **options), model, budget, "test", mode=mode)


def test_the_challenge_comes_without_its_secret() -> None:
    """Image and header are public; the secret is withheld, though the receiver has it."""
    experiment = AttackExperiment(Pad(), TARGET, 3)
    oracle = Oracle(experiment)
    assert (oracle.challenge.secret, len(experiment.ciphertext.secret)) == (b"", 8)
    assert np.array_equal(oracle.challenge.image, experiment.ciphertext.image)
    full = Encrypted(oracle.challenge.image, oracle.challenge.header, experiment.ciphertext.secret)
    assert np.array_equal(Pad().decrypt(full, experiment.key), TARGET)


def test_public_attributes_hide_key_target_and_secret() -> None:
    """Whatever an attack reads from an oracle without asking is public."""
    experiment = AttackExperiment(Pad(), TARGET, 3)
    oracle = Oracle(experiment)
    public = [getattr(oracle, name) for name in dir(oracle) if not name.startswith("_")]
    for value in public:
        assert value is not experiment.key
        assert not (isinstance(value, bytes) and value == experiment.ciphertext.secret)
        if isinstance(value, np.ndarray):
            assert not np.array_equal(value, TARGET)
        assert not isinstance(value, AttackExperiment)


def test_fresh_nonces_differ_and_fixed_ones_do_not() -> None:
    """In "fresh" every answer has another header and body; in "fixed" all have the challenge's header."""
    flat = np.zeros(TARGET.shape, np.uint8)
    fresh = _oracle("fresh")
    answers = [fresh.encrypt(flat), fresh.encrypt(flat), fresh.encrypt_probe("zero")]
    assert len({answer.header for answer in answers} | {fresh.challenge.header}) == 4
    assert len({answer.image.tobytes() for answer in answers}) == 3
    fixed = _oracle("fixed")
    answers = [fixed.encrypt(flat), fixed.encrypt(flat), fixed.encrypt_probe("zero")]
    assert {answer.header for answer in answers} == {fixed.challenge.header}
    assert len({answer.image.tobytes() for answer in answers}) == 1
    assert np.array_equal(fixed.challenge.image ^ answers[0].image, TARGET)  # the secret is fixed too


def test_repeated_questions_get_fresh_nonces() -> None:
    """Four encryptions of one probe, and four of one image, have eight headers."""
    oracle = _oracle("fresh")
    answers = [oracle.encrypt_probe("a") for _ in range(4)] + [oracle.encrypt(TARGET) for _ in range(4)]
    assert len({answer.header for answer in answers}) == 8


def test_decryption_uses_the_withheld_secret() -> None:
    """A changed ciphertext under the challenge's header decrypts as the receiver would decrypt it."""
    oracle = _oracle()
    changed = oracle.challenge.image ^ np.uint8(1)
    assert np.array_equal(oracle.decrypt(changed), TARGET ^ np.uint8(1))


def test_the_challenge_itself_is_never_decrypted() -> None:
    """Same image and same header are refused, by whatever array; another header or one other byte is not."""
    oracle = _oracle()
    with pytest.raises(OracleError, match="the challenge itself is not decrypted"):
        oracle.decrypt(np.array(oracle.challenge.image))
    with pytest.raises(OracleError, match="the challenge itself"):
        oracle.decrypt(np.asfortranarray(oracle.challenge.image), bytes(oracle.challenge.header))
    assert oracle.queries.total == 0
    oracle.decrypt(oracle.challenge.image, bytes(16))
    assert oracle.queries.decryptions == 1


def test_a_rejected_ciphertext_is_an_answer() -> None:
    """The cipher's refusal is Rejected, or None for those who ask so, and costs a query."""
    oracle = _oracle()
    with pytest.raises(Rejected, match="header has 3 bytes"):
        oracle.decrypt(oracle.challenge.image, b"abc")
    assert oracle.try_decrypt(oracle.challenge.image, b"abc") is None
    assert oracle.queries == Queries(decryptions=2)


def test_only_bytes_are_taken() -> None:
    """Floats and wide integers are refused in one line before they cost a query."""
    oracle = _oracle()
    for wrong in (np.zeros(TARGET.shape), np.zeros(TARGET.shape, np.int64), [[1, 2]]):
        for ask in (oracle.encrypt, oracle.decrypt):
            with pytest.raises(OracleError, match=r"wanted (a )?uint8"):
                ask(wrong)  # type: ignore[arg-type]
    assert oracle.queries.total == 0


def test_queries_are_counted_by_kind_and_limited() -> None:
    """The budget holds for all kinds together, and probes count like any other query."""
    oracle = _oracle(budget=4)
    oracle.known_pair()
    oracle.encrypt_probe("a")
    oracle.encrypt(TARGET)
    oracle.decrypt(oracle.challenge.image ^ np.uint8(1))
    assert oracle.queries == Queries(1, 2, 1)
    assert (oracle.queries.total, oracle.remaining) == (4, 0)
    for ask in (oracle.known_pair, lambda: oracle.encrypt_probe("b"), lambda: oracle.encrypt(TARGET)):
        with pytest.raises(BudgetExceeded, match="budget of 4 queries is used up"):
            ask()
    assert oracle.queries.total == 4


@pytest.mark.parametrize(
    ("model", "allowed"),
    [("COA", set()), ("KPA", {"known"}), ("CPA", {"known", "encrypt"}), ("CCA", {"known", "encrypt", "decrypt"})],
)
def test_a_model_limits_what_may_be_asked(model: str, allowed: set[str]) -> None:
    """An attack gets no query that its model does not have."""
    oracle = _oracle(model=model)
    asks = {
        "known": oracle.known_pair,
        "encrypt": lambda: oracle.encrypt(TARGET),
        "decrypt": lambda: oracle.decrypt(oracle.challenge.image ^ np.uint8(1)),
    }
    for name, ask in asks.items():
        if name in allowed:
            ask()
        else:
            with pytest.raises(OracleError, match=f"of model {model} may not ask"):
                ask()


def test_sessions_share_first_queries_and_count_them_each() -> None:
    """A second attack's first E(0) is the first one's, made once; asking again gives another encryption."""
    experiment = AttackExperiment(Pad(), TARGET, 3)
    encryptions = 0
    encrypt = experiment.encrypt

    def counted(*arguments: Any) -> Any:
        nonlocal encryptions
        encryptions += 1
        return encrypt(*arguments)

    experiment.encrypt = counted  # type: ignore[method-assign]
    first, second = Oracle(experiment, session="one"), Oracle(experiment, session="two")
    answers = [oracle.encrypt_probe(name).image for oracle in (first, second) for name in PROBES]
    assert encryptions == 5
    assert all(np.array_equal(one, two) for one, two in zip(answers[:5], answers[5:], strict=True))
    assert first.queries.encryptions == second.queries.encryptions == 5
    assert first.shared_seconds == 0 < second.shared_seconds
    assert not np.array_equal(second.encrypt_probe("zero").image, answers[0])
    assert encryptions == 6


def test_an_answer_cannot_be_changed_for_others() -> None:
    """Writing into an answer does not reach the next session."""
    experiment = AttackExperiment(Pad(), TARGET, 3)
    before = Oracle(experiment).encrypt_probe("a")
    kept = before.image.copy()
    before.image[:] = 0
    assert np.array_equal(Oracle(experiment).encrypt_probe("a").image, kept)
    with pytest.raises(ValueError, match="read-only"):
        Oracle(experiment).probe("a")[:] = 0


def test_known_pairs_are_encryptions_of_natural_images() -> None:
    """Pairs differ from one another, none shows the target, and the next session gets the same ones."""
    experiment = AttackExperiment(Pad(), TARGET, 3, photographs=(smooth(40, 50, 3)[::-1].copy(),))
    oracle = Oracle(experiment, mode="fixed")
    stream = oracle.challenge.image ^ TARGET
    pairs = [oracle.known_pair() for _ in range(4)]
    for plain, encrypted in pairs:
        assert plain.shape == TARGET.shape
        assert np.array_equal(encrypted.image, plain ^ stream)
        assert not np.array_equal(plain, TARGET)
    assert len({plain.tobytes() for plain, _ in pairs}) == 4
    assert np.array_equal(Oracle(experiment, mode="fixed").known_pair()[0], pairs[0][0])


def test_scoring_a_guess_ends_the_session() -> None:
    """Nobody comes closer to the target by asking for scores."""
    oracle = _oracle()
    assert oracle.score(TARGET).share == 1.0
    with pytest.raises(OracleError, match="scored before"):
        oracle.score(TARGET)
    with pytest.raises(OracleError, match="session is over"):
        oracle.encrypt(TARGET)


def test_everything_follows_from_the_seed() -> None:
    """Equal seeds give equal challenges and answers, other seeds and labels others."""
    a, b, c, d = (
        Oracle(AttackExperiment(Pad(), TARGET, seed, label=label))
        for seed, label in ((1, ""), (1, ""), (2, ""), (1, "x"))
    )
    assert np.array_equal(a.challenge.image, b.challenge.image)
    assert np.array_equal(a.encrypt_probe("b").image, b.encrypt_probe("b").image)
    for other in (c, d):
        assert not np.array_equal(a.challenge.image, other.challenge.image)


def test_an_unknown_probe_is_named() -> None:
    """The five probes are listed."""
    with pytest.raises(OracleError, match="there are zero, a, b"):
        _oracle().encrypt_probe("c")  # type: ignore[arg-type]


def _asked(experiment: AttackExperiment, name: str) -> list[Any]:
    """The calls that reach the cipher of an experiment from now on, as they come."""
    bare, calls = experiment.bare_cipher, []
    method = getattr(type(bare), name)

    def recorded(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        return method(bare, *arguments, **options)

    setattr(bare, name, recorded)
    return calls


def test_what_is_alike_in_both_modes_is_asked_once() -> None:
    """The run in another mode gets the first one's answers, counted and timed as its own; again is asked again."""
    experiment = AttackExperiment(Pad(), TARGET, 3)
    other, key, nonce = 255 - TARGET, bytes(16), bytes(16)
    encrypted, decrypted = _asked(experiment, "encrypt"), _asked(experiment, "decrypt")
    answers = []
    for mode in MODES:
        oracle = Oracle(experiment, session="one", mode=mode, repeated=True)
        answers.append([oracle.decrypt(other), oracle.local_cipher.encrypt(other, key, nonce).image])
        assert (len(encrypted), len(decrypted)) == (1, 1)
        assert (oracle.queries.decryptions, oracle.local_cipher.encryptions) == (1, 1)
        assert (oracle.shared_seconds > 0) == (mode == "fixed")
        assert oracle.cipher_seconds > 0
    assert all(np.array_equal(one, two) for one, two in zip(*answers, strict=True))
    oracle.decrypt(other)
    oracle.local_cipher.encrypt(other, key, nonce)
    assert (len(encrypted), len(decrypted)) == (2, 2)
    answers[0][0][:] = answers[0][1][:] = 0
    third = Oracle(experiment, repeated=True)
    assert np.array_equal(third.decrypt(other), answers[1][0])
    assert len(decrypted) == 2
    Oracle(experiment).decrypt(other)
    assert len(decrypted) == 3


def test_rejections_are_shared_too() -> None:
    """A header that the receiver rejects is rejected in each session, in the same words; he looks at it once."""
    experiment = AttackExperiment(Pad(), TARGET, 3)
    decrypted = _asked(experiment, "decrypt")
    for _ in range(2):
        oracle = Oracle(experiment, repeated=True)
        with pytest.raises(Rejected, match="header has 3 bytes"):
            oracle.decrypt(TARGET, b"abc")
        assert oracle.queries.decryptions == 1
    assert len(decrypted) == 1


def test_answers_that_were_not_used_for_long_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are kept up to a number of bytes, those used last."""
    monkeypatch.setattr(attack_experiment, "_MOST_BYTES", 2 * (2 * TARGET.nbytes + 400))
    experiment = AttackExperiment(Pad(), TARGET, 3)
    decrypted = _asked(experiment, "decrypt")
    for level in (0, 1, 0, 2, 0, 1):
        Oracle(experiment, repeated=True).decrypt(np.full_like(TARGET, level))
    assert [int(encrypted.image[0, 0, 0]) for encrypted, _ in decrypted] == [0, 1, 2, 1]
