"""An agreement in words, for those who sign it."""

from collections.abc import Iterator
from fractions import Fraction

from liandong.settle.agreements.nodes import (
    Agreement,
    Cap,
    Clause,
    Clawback,
    Part,
    Replacement,
    Sharing,
    Subsidy,
    Tier,
    Unit,
)
from liandong.settle.agreements.writing import amount, term
from liandong.texts import text

_AND = {"zh": "、", "en": ", "}
_THEN = {"zh": "；", "en": "; "}


def told(agreement: Agreement, lang: str) -> list[str]:
    r"""Return the contract as lines in ``zh`` or ``en``: a heading of each clause, then articles.

    Examples
    --------
    >>> from liandong.settle.agreements import parse
    >>> print(*told(parse("subsidy s { unit CNY/2; valid 2026-01-01..2027-12-31; "
    ...     "rate min(contract - 1/100, 2/100); day-count act/360; months 1..24; "
    ...     "paid by gov }"), "en"), sep="\n")
    Interest subsidy s in CNY, valid from 2026-01-01 to 2027-12-31.
    1. gov pays borrower interest on principal at the lowest of contract - 1/100, 1/50 a year.
    2. It is paid for months 1 to 24; days are counted as act/360.
    """
    lines: list[str] = []
    for clause in agreement:
        teller = _Teller(clause.unit, lang)
        lines.append(teller.heading(clause))
        lines += [f"{i}. {line}" for i, line in enumerate(teller.articles(clause), 1)]
    return lines


class _Teller:
    def __init__(self, unit: Unit, lang: str) -> None:
        self.unit, self.lang = unit, lang

    def say(self, code: str, **params: object) -> str:
        return text(f"contract.{code}", self.lang, **params)

    def sum(self, value: int) -> str:
        """Return an amount with its unit and commas."""
        return f"{amount(value, self.unit).replace('_', ',')} {self.unit.name}"

    def heading(self, clause: Clause) -> str:
        kind = "subsidy" if isinstance(clause, Subsidy) else clause.kind
        first, last = clause.valid
        return self.say(kind, name=clause.name, unit=self.unit.name, first=first, last=last)

    def articles(self, clause: Clause) -> Iterator[str]:
        if isinstance(clause, Subsidy):
            yield from self.subsidy(clause)
            return
        yield self.say("parties", names=_AND[self.lang].join(clause.parties))
        base = "yearly" if clause.yearly else "cumulative"
        yield self.say(base, names=_AND[self.lang].join(clause.bases))
        if clause.least:
            yield self.say("least", amount=self.sum(clause.least))
        for i, tier in enumerate(clause.tiers):
            yield self.tier(tier, i, clause)
        for one in clause.replacements:
            yield self.replacement(one, clause)
        yield from self.limits(clause)
        for back in clause.clawbacks:
            yield self.clawback(back)
        yield self.say(clause.method)

    def tier(self, tier: Tier, i: int, clause: Sharing) -> str:
        parts = _THEN[self.lang].join(self.part(p, clause) for p in tier.parts)
        if tier.limit is None:
            return self.say("tier_rest" if i else "tier_all", parts=parts)
        first, then = ("tier_to", "tier_from") if clause.kind == "agreement" else (
            "layer_first", "layer_next"
        )  # fmt: skip
        size = (
            self.say("of", name=tier.of, share=_share(Fraction(tier.limit)))
            if tier.of
            else self.sum(int(tier.limit))
        )
        return self.say(then if i else first, amount=size, parts=parts)

    def part(self, part: Part, clause: Sharing) -> str:
        code = "part" if clause.kind == "agreement" else "bears"
        plain = self.say(code, party=part.party, share=_share(part.portion))
        if part.cap is None:
            return plain
        return self.say("part_cap", part=plain, amount=self.sum(part.cap), excess=part.excess)

    def replacement(self, one: Replacement, clause: Sharing) -> str:
        place = next((i for i, t in enumerate(clause.tiers) if t.limit == one.tier.limit), 0)
        tier = self.tier(one.tier, place, clause)
        return self.say("years", first=one.first, last=one.last, tier=tier)

    def limits(self, clause: Sharing) -> Iterator[str]:
        for f in clause.floors:
            most = "" if f.most is None else self.say("up_to", amount=self.sum(f.most))
            yield self.say(
                "floor", party=f.party, amount=self.sum(f.amount), payer=f.payer, most=most
            )
        for cap in clause.caps:
            yield self.cap(cap, clause)

    def cap(self, cap: Cap, clause: Sharing) -> str:
        code = "cap_year" if clause.yearly else "cap_total"
        return self.say(code, party=cap.party, amount=self.sum(cap.amount), excess=cap.excess)

    def clawback(self, back: Clawback) -> str:
        r = back.recover
        part = (
            self.say("shortfall", whole=r.whole, part=r.part, by=r.by) if r.by else _share(r.fixed)
        )
        most = self.say("received") if back.most is None else self.sum(back.most)
        return self.say(
            "clawback", before=back.before, done=back.done, due=back.due, party=back.party,
            share=_share(back.share), recover=part, to=back.to, most=most,
        )  # fmt: skip

    def subsidy(self, clause: Subsidy) -> Iterator[str]:
        rates = _AND[self.lang].join(term(t) for t in clause.rates)
        rates = self.say("least_of", rates=rates) if len(clause.rates) > 1 else rates
        most = "" if clause.most is None else self.say("up_to", amount=self.sum(clause.most))
        yield self.say(
            "subsidy_rate", payer=clause.payer, to=clause.to, base=clause.base, rates=rates,
            most=most,
        )  # fmt: skip
        yield self.say("subsidy_months", first=clause.first, last=clause.last, count=clause.count)


def _share(value: Fraction) -> str:
    """Return a portion as per cent where that is short, else as a fraction."""
    percent = value * 100
    return f"{percent}%" if percent.denominator == 1 else str(value)
