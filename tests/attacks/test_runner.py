"""How an attack is run and judged."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cryptobench.attacks.base import AttackResult
from cryptobench.attacks.experiment import AttackExperiment
from cryptobench.attacks.oracle import Oracle, OracleError
from cryptobench.attacks.runner import attack_target, attacks_grey, modes_of, rows_of_run, run_attack
from cryptobench.card import Card
from cryptobench.cipher import KeyField, UnsupportedImage
from cryptobench.experiment import nonce_modes
from cryptobench.measurement import Artifact, Measurement
from cryptobench.registry import load_cipher
from tests.attacks.toys import Pad, scripted, smooth

TARGET = smooth(16, 20, 3)


def _play(script, **options):
    return attack_target(scripted(script), Pad(), TARGET, seed=5, **options)


def test_a_full_recovery_is_a_break() -> None:
    """Over 90 % of the samples right, and most of what rolled guesses miss."""
    run = _play(lambda oracle, _: AttackResult(recovered=TARGET.copy()))
    assert (run.outcome, run.score.share, run.score.psnr) == ("recovered", 1.0, float("inf"))
    assert run.score.p_value < 1e-6


def test_a_partial_recovery_is_a_leak() -> None:
    """Half the samples right is no break, but no chance either."""

    def half(oracle, generator):
        noise = generator.integers(0, 256, oracle.shape, np.uint8)
        return AttackResult(recovered=np.where(generator.random(oracle.shape) < 0.5, TARGET, noise))

    run = _play(half)
    assert run.outcome == "leak"
    assert run.score.share == pytest.approx(0.5, abs=0.05)


def test_a_picture_near_everywhere_counts_as_recovered() -> None:
    """Hardly a sample is exact, and the eye sees all of it; under strong noise it is no break."""
    noise = np.random.default_rng(1).normal(0, 5, TARGET.shape)
    near = np.rint(np.clip(TARGET + noise, 0, 255)).astype(np.uint8)
    run = _play(lambda *_: AttackResult(recovered=near))
    assert run.outcome == "recovered"
    assert run.score.share < 0.2
    assert run.score.gain > 15
    far = np.rint(np.clip(TARGET + 4 * noise, 0, 255)).astype(np.uint8)
    run = _play(lambda *_: AttackResult(recovered=far))
    assert run.outcome != "recovered"
    assert 0 < run.score.gain < 15


@pytest.mark.parametrize("guess", [None, np.full((16, 20, 3), 128, np.uint8), np.zeros((4, 4), np.uint8), TARGET * 1.0])
def test_a_guess_without_knowledge_holds(guess) -> None:
    """No guess, a flat one, one of another shape or dtype: nothing found."""
    assert _play(lambda *_: AttackResult(recovered=guess)).outcome == "holds"


def test_smooth_guesses_gain_nothing_by_being_smooth() -> None:
    """Pictures that know nothing of the target are not called a leak, however much alike all pictures are."""
    verdicts = []
    for seed in range(40):
        picture = attack_target(
            scripted(lambda o, g: AttackResult(recovered=o.known_pair()[0])), Pad(), TARGET, seed=seed
        )
        verdicts.append(picture.outcome)
    assert set(verdicts) == {"holds"}


def test_a_flat_target_proves_nothing() -> None:
    """Guessing a flat image right is no break, since any place of it would be right."""
    flat = np.full((16, 16), 77, np.uint8)
    run = attack_target(scripted(lambda *_: AttackResult(recovered=flat.copy())), Pad(), flat)
    assert (run.score.share, run.outcome) == (1.0, "holds")


def test_a_page_of_text_can_be_recovered_too() -> None:
    """A mostly white page looks alike wherever it is rolled to; having all of it is a break, having white is not."""
    page = np.full((32, 32), 255, np.uint8)
    page[4:28:4, 3:29] = np.where(np.random.default_rng(2).random((6, 26)) < 0.7, 20, 255)
    exact = attack_target(scripted(lambda *_: AttackResult(recovered=page.copy())), Pad(), page)
    assert exact.score.baseline > 0.75
    assert exact.outcome == "recovered"
    white = attack_target(scripted(lambda *_: AttackResult(recovered=np.full_like(page, 255))), Pad(), page)
    assert white.outcome == "holds"


@pytest.mark.parametrize(("p_value", "verdict"), [(1e-7, "leak"), (1e-5, "holds"), (None, "holds")])
def test_a_statistic_leaks_below_one_in_a_million(p_value, verdict) -> None:
    """The level of a leak is 1e-6."""
    assert _play(lambda *_: AttackResult(statistic=1.0, p_value=p_value)).outcome == verdict


def test_what_cannot_be_run_finds_nothing() -> None:
    """A used up budget, a shape that the cipher does not take and an attack's own word give the verdict none."""
    assert _play(lambda *_: AttackResult.inapplicable("why")).outcome == "n/a"
    greedy = scripted(lambda oracle, _: [oracle.known_pair() for _ in range(9)], budget=3)
    run = attack_target(greedy, Pad(), TARGET)
    assert (run.outcome, run.queries.total) == ("n/a", 3)
    assert "budget of 3 queries" in run.result.notes
    square = load_cipher("arnold-cat")
    ask = scripted(lambda oracle, _: oracle.encrypt(np.zeros((3, 5), np.uint8)))
    assert "square" in attack_target(ask, square, smooth(16, 16, 3)).result.notes
    with pytest.raises(UnsupportedImage):
        attack_target(ask, square, TARGET)


def test_wrong_use_of_the_oracle_raises() -> None:
    """Asking for the challenge, or for a score, is no result."""
    with pytest.raises(OracleError, match="the challenge itself"):
        _play(lambda oracle, _: AttackResult(recovered=oracle.decrypt(oracle.challenge.image)))
    with pytest.raises(OracleError, match="scored before"):
        _play(lambda oracle, _: AttackResult(statistic=oracle.score(None).share))


def test_the_same_seed_plays_the_same_game() -> None:
    """Generator, answers and score follow from the seed."""

    def script(oracle, generator):
        return AttackResult(recovered=generator.integers(0, 256, oracle.shape, np.uint8) ^ oracle.encrypt(TARGET).image)

    one, two = _play(script), _play(script)
    assert one.score == two.score
    assert np.array_equal(one.result.recovered, two.result.recovered)


def test_results_are_checked() -> None:
    """A claim that nobody knows and a p-value out of range are refused."""
    with pytest.raises(ValueError, match="claim 'recovered' is not known"):
        AttackResult(claims=("recovered",))
    with pytest.raises(ValueError, match="p_value is 2"):
        AttackResult(p_value=2)


def test_modes_follow_cipher_and_attack() -> None:
    """Ciphers with a nonce or a secret have two modes; others have one, in which every attack is run."""
    pad, xor = Pad(), load_cipher("xor-pad")
    attack = scripted(lambda *_: AttackResult())
    only_fixed = type("OnlyFixed", (type(attack),), {"modes": ("fixed",)})()
    assert nonce_modes(pad.card) == ("fresh", "fixed") == modes_of(attack, pad.card)
    assert modes_of(only_fixed, pad.card) == ("fixed",)
    assert modes_of(only_fixed, xor.card) == ("fresh",)
    assert [
        attack_target(attack, cipher, TARGET, mode=mode).nonce for cipher, mode in ((pad, "fresh"), (pad, "fixed"))
    ] == [
        "fresh",
        "fixed",
    ]
    assert attack_target(attack, xor, TARGET).nonce == "none"


@pytest.mark.parametrize(
    ("channels", "asks", "grey"),
    [(None, False, False), (None, True, True), ((3,), True, False), ((1,), False, True), ((1, 3), True, True)],
)
def test_grey_images_where_wanted_and_taken(channels, asks, grey) -> None:
    """A cipher that takes no colour gets grey in any case."""
    card = Card(name="x", title="", family="toy", fidelity="A", key=(KeyField("k", 8),), channels=channels)
    attack = type("Grey", (type(scripted(lambda *_: AttackResult())),), {"grey": asks})()
    assert attacks_grey(attack, card) is grey


def test_nearness_by_chance_is_no_recovery() -> None:
    """Four samples that are one level off are far above a flat image, and may be chance."""
    four = np.array([[10, 90], [170, 250]], np.uint8)
    run = attack_target(scripted(lambda *_: AttackResult(recovered=four + np.uint8(1))), Pad(), four)
    assert run.score.gain > 15
    assert run.outcome == "holds"


def test_an_attack_is_held_to_its_model() -> None:
    """One of known pairs gets no encryption."""
    ask = type("Known", (type(scripted(lambda *_: AttackResult())),), {"model": "KPA"})
    with pytest.raises(OracleError, match="of model KPA may not ask for encryptions"):
        attack_target(ask(script=lambda oracle, _: oracle.encrypt(TARGET)), Pad(), TARGET)


def test_time_of_shared_queries_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attack costs what it would have cost alone."""
    monkeypatch.setattr(Oracle, "shared_seconds", 1000.0)
    assert 1000 <= _play(lambda *_: AttackResult()).seconds < 1100


def _rows(script):
    experiment = AttackExperiment(Pad(), TARGET, 5)
    rows = list(rows_of_run(run_attack(scripted(script), experiment), experiment))
    return [row for row in rows if isinstance(row, Measurement)], [row for row in rows if isinstance(row, Artifact)]


def test_rows_count_queries_by_kind() -> None:
    """One known pair, two encryptions, three decryptions: six queries."""

    def asked(oracle, generator):
        oracle.known_pair()
        for _ in range(2):
            oracle.encrypt(TARGET)
        for bit in (1, 2, 4):
            oracle.decrypt(oracle.challenge.image ^ np.uint8(bit))
        return AttackResult(statistic=0.25, expected=0.5, p_value=0.125, numbers={"keys_tried": 7.0}, notes="why")

    rows, _ = _rows(asked)
    found = {row.part or "": row.value for row in rows if row.metric == "queries"}
    assert found == {"": 6, "known": 1, "encryptions": 2, "decryptions": 3}
    others = {row.metric: row for row in rows if row.metric != "queries"}
    assert others["keys_tried"].value == 7
    assert (others["outcome"].outcome, others["outcome"].verdict, others["outcome"].message) == ("holds", "pass", "why")
    statistic = others["statistic"]
    assert (statistic.value, statistic.expected, statistic.p_value) == (0.25, 0.5, 0.125)
    assert statistic.verdict == "pass"


def test_rows_judge_each_outcome() -> None:
    """Recovered and leak fail, holds passes, and what cannot be run has no verdict."""
    half = TARGET ^ (np.random.default_rng(1).random(TARGET.shape) < 0.5).astype(np.uint8) * np.uint8(128)
    scripts = {
        "recovered": AttackResult(recovered=TARGET.copy()), "leak": AttackResult(statistic=1.0, p_value=1e-7),
        "holds": AttackResult(), "n/a": AttackResult.inapplicable("why"),
    }  # fmt: skip
    wanted = {"recovered": "fail", "leak": "fail", "holds": "pass", "n/a": "none"}
    for outcome, result in scripts.items():
        rows, _ = _rows(lambda *_, result=result: result)
        (row,) = (row for row in rows if row.metric == "outcome")
        assert (row.outcome, row.verdict) == (outcome, wanted[outcome])
    rows, _ = _rows(lambda *_: AttackResult(recovered=half))
    recovered = {row.metric: row for row in rows}
    assert recovered["recovered"].value == np.mean(half == TARGET)
    assert recovered["recovered"].verdict == "fail"
    assert recovered["recovered_excess"].verdict == "pass"


def test_pictures_are_kept_of_more_than_chance() -> None:
    """Original, cipher image and guess of one that knows something; none of noise."""
    noise = np.random.default_rng(3).integers(0, 256, TARGET.shape, np.uint8)
    _, none = _rows(lambda *_: AttackResult(recovered=noise))
    assert none == []
    _, pictures = _rows(lambda *_: AttackResult(recovered=TARGET.copy()))
    assert [one.name.split()[-1] for one in pictures] == ["original", "cipher", "recovered"]
    assert np.array_equal(pictures[2].image, TARGET)
    assert not np.array_equal(pictures[1].image, TARGET)


def test_lossy_ciphers_are_judged_by_their_receiver() -> None:
    """Recovering the receiver's own coarse image is a break, though few samples are exact."""

    class Coarse(Pad):
        card = dataclasses.replace(Pad.card, name="coarse", lossless=False)

        def encrypt(self, image, key, nonce, *, secret=None):
            return Pad.encrypt(self, image & np.uint8(0xF8), key, nonce, secret=secret)

        def decrypt(self, encrypted, key):
            return Pad.decrypt(self, encrypted, key)

    noisy = np.random.default_rng(1).integers(0, 8, TARGET.shape, np.uint8) + (TARGET & np.uint8(0xF8))
    attack = scripted(
        lambda oracle, _: AttackResult(recovered=oracle.challenge.image ^ oracle.encrypt_probe("zero").image)
    )
    run = attack_target(attack, Coarse(), noisy, mode="fixed")
    assert (run.outcome, run.score.share, run.score.tolerance) == ("recovered", 1.0, 7)
    assert np.mean(run.result.recovered == noisy) < 0.2
