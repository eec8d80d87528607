"""What can be told to be wrong with an agreement before anybody signs it."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from liandong.errors import AgreementError
from liandong.settle.agreements.curves import capped, tiered
from liandong.settle.agreements.nodes import (
    Agreement,
    Cap,
    Clause,
    Floor,
    Replacement,
    Sharing,
    Subsidy,
    Tier,
    unfit,
)
from liandong.settle.agreements.parsing import parse
from liandong.settle.agreements.writing import amount

MOST_PARTIES = 64


def read(text: str) -> Agreement:
    """Read an agreement and refuse one that nobody can keep.

    Raises
    ------
    AgreementError
        The first of :func:`faults`, or what :func:`parse` raises.
    """
    agreement = parse(text)
    for error in faults(agreement):
        raise error
    return agreement


def faults(agreement: Agreement) -> list[AgreementError]:
    """Return all that makes an agreement impossible to keep, each with its place.

    Portions of each tier add up to 1; tiers lie one above the other and the last takes the rest;
    every party is declared; years and days lie within the validity; caps pass what is above them
    on without going in circles; floors can be paid at the least base and within the payer's limit.
    """
    found = [error for clause in agreement for error in _clause(clause)]
    for i, clause in enumerate(agreement):
        if clause.name in {c.name for c in agreement[:i]}:
            found.append(unfit("agreement_twice", clause.at, clause.name))
    return found


def _clause(clause: Clause) -> Iterator[AgreementError]:
    if isinstance(clause, Subsidy):
        yield from _subsidy(clause)
        return
    for i, party in enumerate(clause.parties):
        if party in clause.parties[:i]:
            yield unfit("agreement_twice", clause.at, party)
    if len(clause.parties) > MOST_PARTIES:
        yield unfit("agreement_parties", clause.at, clause.name, most=MOST_PARTIES)
    for tier in clause.tiers:
        yield from _tier(tier, clause)
    yield from _order(clause)
    yield from _years(clause)
    yield from _caps(clause.caps, clause.parties)
    yield from _floors(clause)
    yield from _clawbacks(clause)


def _tier(tier: Tier, clause: Sharing) -> Iterator[AgreementError]:
    """Look at the parts of a tier: declared, each once, and 1 in all."""
    total = sum((p.portion for p in tier.parts), Fraction(0))
    told, sums = _limit(tier, clause), {"total": total, "off": abs(total - 1)}
    if total > 1:
        yield unfit("agreement_whole_more", tier.at, told, **sums)
    elif total < 1:
        yield unfit("agreement_whole_less", tier.at, told, **sums)
    named = [p.party for p in tier.parts]
    for i, p in enumerate(tier.parts):
        if p.party in named[:i]:
            yield unfit("agreement_twice", p.at, p.party)
        yield from _known(p.party, p.at, clause)
        if p.cap is not None:
            yield from _known(p.excess, p.at, clause)
    yield from _caps(
        [Cap(p.party, p.cap, p.excess, p.at) for p in tier.parts if p.cap is not None],
        clause.parties,
    )


def _limit(tier: Tier, clause: Sharing) -> str:
    if tier.limit is None:
        return "rest"
    return f"{tier.limit} of {tier.of}" if tier.of else amount(int(tier.limit), clause.unit)


def _known(party: str, at: tuple[int, int], clause: Sharing) -> Iterator[AgreementError]:
    if party not in clause.parties:
        yield unfit("agreement_party", at, party, known=", ".join(clause.parties))


def _order(clause: Sharing) -> Iterator[AgreementError]:
    """Look whether tiers lie one above the other, and the last takes the rest."""
    below: Fraction | int = 0
    for i, tier in enumerate(clause.tiers):
        last = i + 1 == len(clause.tiers)
        if last != (tier.limit is None):
            yield unfit("agreement_rest", tier.at, _limit(tier, clause))
        if tier.limit is None:
            continue
        lowest = below if clause.kind == "agreement" else 0
        if tier.limit <= lowest:
            yield unfit("agreement_overlap", tier.at, _limit(tier, clause), tier=i + 1)
        below = max(below, tier.limit)


def years(clause: Sharing) -> int:
    """Return how many calendar years the validity touches."""
    return clause.valid.last.year - clause.valid.first.year + 1


def _years(clause: Sharing) -> Iterator[AgreementError]:
    """Look at tiers that are replaced: known, within the validity, and once a year."""
    last, limits = years(clause), {t.limit for t in clause.tiers}
    for i, one in enumerate(clause.replacements):
        yield from _tier(one.tier, clause)
        if not 1 <= one.first <= one.last <= last:
            yield unfit("agreement_years", one.at, f"{one.first}..{one.last}", last=last)
        if one.tier.limit not in limits:
            yield unfit("agreement_replaces", one.tier.at, _limit(one.tier, clause))
        if any(_meet(one, other) for other in clause.replacements[:i]):
            yield unfit("agreement_replaced", one.at, f"{one.first}..{one.last}")


def _meet(one: Replacement, other: Replacement) -> bool:
    same = one.tier.limit == other.tier.limit
    return same and one.first <= other.last and other.first <= one.last


def _caps(caps: Sequence[Cap], parties: tuple[str, ...]) -> Iterator[AgreementError]:
    """Look whether what is above caps ends with somebody who has none."""
    passes = {c.party: c.excess for c in caps}
    for i, cap in enumerate(caps):
        for party in (cap.party, cap.excess):
            if party not in parties:
                yield unfit("agreement_party", cap.at, party, known=", ".join(parties))
        if cap.party in [c.party for c in caps[:i]]:
            yield unfit("agreement_twice", cap.at, cap.party)
        at, seen = cap.excess, {cap.party}
        while at in passes and at not in seen:
            seen.add(at)
            at = passes[at]
        if at in seen:
            yield unfit("agreement_circle", cap.at, cap.party)


def _floors(clause: Sharing) -> Iterator[AgreementError]:
    """Look whether floors can be paid, at the least base of the year."""
    floored = {f.party: f for f in clause.floors}
    for i, floor in enumerate(clause.floors):
        if not clause.yearly:
            yield unfit("agreement_floor_total", floor.at, floor.party)
        for party in (floor.party, floor.payer):
            yield from _known(party, floor.at, clause)
        if floor.party in [f.party for f in clause.floors[:i]]:
            yield unfit("agreement_twice", floor.at, floor.party)
        if floor.payer in floored:
            yield unfit("agreement_floor_payer", floor.at, floor.payer)
        cap = next((c for c in clause.caps if c.party == floor.party), None)
        if cap and cap.amount < floor.amount:
            yield unfit(
                "agreement_floor_cap", floor.at, floor.party,
                floor=amount(floor.amount, clause.unit), cap=amount(cap.amount, clause.unit),
            )  # fmt: skip
        yield from _payable(floor, clause)


def _payable(floor: Floor, clause: Sharing) -> Iterator[AgreementError]:
    """Look whether the payer's limit bridges what the least base leaves missing, in every year."""
    broken = (*_order(clause), *_caps(clause.caps, clause.parties))
    if floor.most is None or broken or not clause.yearly:
        return
    have = min(_of_least(floor.party, clause, year) for year in range(1, years(clause) + 1))
    if floor.amount - have > floor.most:
        yield unfit(
            "agreement_floor_unpaid", floor.at, floor.party,
            floor=amount(floor.amount, clause.unit), most=amount(floor.most, clause.unit),
            least=amount(clause.least, clause.unit), have=amount(int(have // 1), clause.unit),
        )  # fmt: skip


def in_year(clause: Sharing, year: int) -> tuple[Tier, ...]:
    """Return the tiers that hold in a year of the agreement, the first being 1."""
    now = {r.tier.limit: r.tier for r in clause.replacements if r.first <= year <= r.last}
    return tuple(now.get(t.limit, t) for t in clause.tiers)


def _of_least(party: str, clause: Sharing, year: int) -> Fraction:
    """Return what a party has of the least base in a year, before floors."""
    tiers = in_year(clause, year)
    tops = [None if t.limit is None else int(t.limit) for t in tiers]
    return capped(tiered(tiers, tops, ""), clause.caps).of(party, clause.least)


def _clawbacks(clause: Sharing) -> Iterator[AgreementError]:
    for back in clause.clawbacks:
        for party in (back.party, back.to):
            yield from _known(party, back.at, clause)
        if back.to == back.party:
            yield unfit("agreement_self", back.at, back.party)
        if not clause.valid.first < back.before <= clause.valid.last:
            yield unfit("agreement_day_outside", back.at, str(back.before))
        if not 0 < back.recover.fixed <= 1 and not back.recover.by:
            yield unfit("agreement_recovery", back.at, str(back.recover.fixed))


def _subsidy(clause: Subsidy) -> Iterator[AgreementError]:
    valid = clause.valid
    months = 12 * (valid.last.year - valid.first.year) + valid.last.month - valid.first.month + 1
    if not 1 <= clause.first <= clause.last <= months:
        found = f"{clause.first}..{clause.last}"
        yield unfit("agreement_months", clause.at, found, last=months)
    if clause.payer == clause.to:
        yield unfit("agreement_self", clause.at, clause.payer)
    for one in clause.rates:
        if not one.name and one.plus < 0:
            yield unfit("agreement_rate", clause.at, str(one.plus))
