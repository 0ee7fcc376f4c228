"""What the attacks on one cipher came to: a report for each attack and nonce mode, and what follows from all."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptobench.attacking.conclusion import Found, conclusion

if TYPE_CHECKING:
    import pandas as pd

    from cryptobench.attacks.judgements import Evidence, Judgements
    from cryptobench.attacks.runner import AttackRun
    from cryptobench.cipher import Image

__all__ = ["AttackReport", "AttackReports"]


@dataclass(frozen=True, eq=False)
class AttackReport:
    """One attack on one cipher in one nonce mode, as `attack` returns it.

    ``outcome`` is recovered, leak, holds or n/a, or failed where the attack itself raised or was ended (``notes`` says
    why). The numbers are None where there are none: ``recovered`` is the share of samples that the guess has right,
    ``image`` the guess where it knows more than chance, (H, W) or (H, W, C) uint8. ``run`` has everything that was
    counted.
    """

    attack: str
    title: str
    model: str
    nonce: str
    shape: tuple[int, ...]
    outcome: str
    queries: int | None = None
    seconds: float | None = None
    recovered: float | None = None
    statistic: float | None = None
    statistic_name: str = ""
    p_value: float | None = None
    notes: str = ""
    image: Image | None = None
    run: AttackRun | None = None

    @property
    def word(self) -> str:
        """The outcome, but malleable or map recovered for what chosen ciphertexts recovered or found."""
        from cryptobench.attacks.judgements import outcome_word

        return self.outcome if self.run is None else outcome_word(self.run.evidence)

    def __repr__(self) -> str:
        queries = "" if self.queries is None else f", {self.queries} queries"
        share = "" if self.recovered is None else f", {self.recovered:.1%} of the samples"
        return f"<{self.attack} ({self.model}, nonce {self.nonce}): {self.word}{share}{queries}>"

    def _repr_html_(self) -> str:
        return AttackReports([self])._repr_html_()


class AttackReports(list[AttackReport]):
    """The reports of the attacks on one cipher: a list, with what follows from all of them.

    ``claims`` is what the cipher's card claims, as text.
    """

    claims: str = ""

    def table(self) -> pd.DataFrame:
        """One row an attack and nonce mode, without pictures; ``word`` is what a report calls the outcome."""
        import pandas as pd

        columns = (
            "attack", "model", "nonce", "outcome", "word", "queries", "seconds", "recovered", "statistic", "p_value",
            "notes",
        )  # fmt: skip
        return pd.DataFrame([{name: getattr(one, name) for name in columns} for one in self], columns=list(columns))

    def judgements(self) -> Judgements:
        """What all attacks together mean: confidentiality, nonce misuse and integrity; see docs/attacks.md."""
        from cryptobench.attacks.judgements import judge

        return judge(map(_evidence, self))

    def worst_first(self) -> AttackReports:
        """The same reports, those first that break most with least: by outcome, nonce mode, threat model, queries."""
        return AttackReports(sorted(self, key=_badness))

    def conclusion(self, cipher: str) -> str:
        """What broke the cipher of this name, if anything did, and what that means for who uses it, in sentences."""
        return conclusion(cipher, map(_found, self.worst_first()))

    def __repr__(self) -> str:
        counts: dict[str, int] = {}
        for one in self:
            counts[one.word] = counts.get(one.word, 0) + 1
        return f"<{len(self)} attacks: {', '.join(f'{count} {word}' for word, count in counts.items())}>"

    def _repr_html_(self) -> str:
        table = self.table().drop(columns="outcome").rename(columns={"word": "outcome"})
        return f"<p>{html.escape(repr(self)[1:-1])}</p>{table.to_html(index=False, border=0, na_rep='')}"


_WORDS = ("recovered", "map recovered", "leak", "malleable", "failed", "holds", "n/a")
_MODELS = ("COA", "KPA", "CPA", "CCA")


def _badness(one: AttackReport) -> tuple[int, bool, int, int]:
    model = _MODELS.index(one.model) if one.model in _MODELS else len(_MODELS)
    return _WORDS.index(one.word), one.nonce == "fixed", model, one.queries or 0


def _evidence(one: AttackReport) -> Evidence:
    from cryptobench.attacks.judgements import Evidence

    if one.run is None:  # it did not end, or could not begin
        return Evidence(one.attack, one.model, one.nonce, "failed")
    return one.run.evidence


def _found(one: AttackReport) -> Found:
    claims = () if one.run is None else one.run.result.claims
    return Found(one.attack, one.model, one.nonce, one.outcome, one.queries or 0, one.recovered, tuple(claims))
