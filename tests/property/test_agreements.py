"""Agreements from the whole language: nothing is lost, nobody gives back, months make the year."""

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from math import lcm

from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.settle.agreements import Sharing, evaluate, faults, parse, told, write
from liandong.settle.agreements.interest import year_part
from liandong.settle.agreements.nodes import Span
from liandong.settle.agreements.periods import days_of
from liandong.testing.agreements import clauses, facts, sharings, subsidies
from support.agreements import exact

MANY = settings(max_examples=40, deadline=None)
KEEP = ("quota", "webster")
PLAIN = {"floors": (), "clawbacks": ()}


def with_facts(low=0, **fixed):
    return sharings(**fixed).flatmap(lambda c: st.tuples(st.just(c), facts(c, low)))


def by_period(postings):
    """Amounts by party in each period, in order."""
    found = defaultdict(dict)
    for p in postings:
        found[p.period][p.party] = p.amount
    return found


def in_all(postings):
    found = defaultdict(int)
    for p in postings:
        found[p.party] += p.amount
    return dict(found)


@MANY
@given(st.lists(clauses(), min_size=1, max_size=3, unique_by=lambda c: c.name))
def test_the_text_of_an_agreement_is_the_agreement(agreement):
    agreement = tuple(agreement)
    text = write(agreement)
    assert parse(text) == agreement
    assert write(parse(text)) == text
    assert faults(agreement) == []
    for lang in ("zh", "en"):
        lines = told(agreement, lang)
        assert len(lines) > 2 * len(agreement)
        assert not any("{" in line for line in lines)


@MANY
@given(with_facts(low=-(10**11)))
def test_every_period_adds_up_to_its_base_and_explains_itself(case):
    clause, given_facts = case
    postings = evaluate((clause,), given_facts)
    for period, got in by_period(postings).items():
        base = sum(given_facts.get((n, period), 0) for n in clause.bases)
        assert sum(got.values()) == base
        assert set(got) == set(clause.parties)
    assert all(sum(points for _, points in p.reasons) == p.amount for p in postings)


@MANY
@given(with_facts(clawbacks=()))
def test_nobody_but_who_pays_a_floor_has_less_than_nothing(case):
    clause, given_facts = case
    have = defaultdict(int)
    payers = {f.payer for f in clause.floors}
    for got in by_period(evaluate((clause,), given_facts)).values():
        for party, amount in got.items():
            have[party] += amount
            assert have[party] >= 0 or party in payers


def has_table(clause):
    """Whether rounding has a table: then it is never a unit off, but where tiers change midway."""
    parts = [p for t in (*clause.tiers, *(r.tier for r in clause.replacements)) for p in t.parts]
    whole = lcm(*(p.portion.denominator for p in parts))
    steady = clause.yearly or not clause.replacements
    return clause.method == "quota" and steady and whole <= 10_000


@MANY
@given(with_facts(low=-(10**11), clawbacks=()))
def test_shares_are_within_a_unit_of_a_second_reckoning(case):
    clause, given_facts = case
    true, postings = exact(clause, given_facts), evaluate((clause,), given_facts)
    told = {p.period for p in postings if ("settle.outside", 0) in p.reasons}
    assert not (told and has_table(clause))
    have, closed, year = defaultdict(int), 0, ""
    for period, got in by_period(postings).items():
        # Each year is rounded on its own.
        closed += clause.yearly and year not in {"", period[:4]}
        year = period[:4]
        for party, amount in got.items():
            have[party] += amount
            off = abs(have[party] - true[period][party])
            assert off < 1 + closed or told
            assert off < 3 * (1 + closed)


@MANY
@given(with_facts(methods=KEEP, clawbacks=()), st.integers(1, 3))
def test_more_of_a_base_is_less_for_nobody(case, more):
    clause, given_facts = case
    last = max(p for n, p in given_facts if n in clause.bases)
    richer = {**given_facts, (clause.bases[0], last): given_facts[clause.bases[0], last] + more}
    before, after = (in_all(evaluate((clause,), f)) for f in (given_facts, richer))
    assert all(after[p] >= before[p] for p in clause.parties)


@MANY
@given(with_facts(**PLAIN))
def test_the_other_way_round_everybody_has_the_opposite(case):
    clause, given_facts = case
    mirrored = {(n, p): -v if n in clause.bases else v for (n, p), v in given_facts.items()}
    one, other = (in_all(evaluate((clause,), f)) for f in (given_facts, mirrored))
    if not (clause.replacements and not clause.yearly):
        assert {p: -v for p, v in one.items()} == other


@MANY
@given(with_facts(low=-(10**11)))
def test_months_add_up_to_the_year(case):
    clause, given_facts = case
    year = defaultdict(int)
    for (name, period), amount in given_facts.items():
        year[name, period[:4]] += amount
    days = all(b.before.month == b.before.day == 1 for b in clause.clawbacks)
    if days:  # a day within a year is looked at on that day, not at its end
        months, years = (in_all(evaluate((clause,), f)) for f in (given_facts, dict(year)))
        assert months == years


@MANY
@given(with_facts(low=-(10**11)), st.integers(0, 5))
def test_what_was_posted_stays_and_the_rest_follows(case, closed):
    clause, given_facts = case
    whole = evaluate((clause,), given_facts)
    periods = sorted({p.period for p in whole})[:closed]
    history = [p for p in whole if p.period in periods]
    assert evaluate((clause,), given_facts, history) == [p for p in whole if p not in history]
    assert evaluate((clause,), given_facts, whole) == []


@MANY
@given(with_facts(methods=KEEP, clawbacks=()), st.integers(1, 10**6))
def test_corrections_of_closed_periods_are_made_up_for(case, more):
    clause, given_facts = case
    periods = sorted({p for n, p in given_facts if n in clause.bases})
    if len(periods) < 2:
        return
    first = (clause.bases[0], periods[0])
    history = evaluate((clause,), {k: v for k, v in given_facts.items() if k[1] == periods[0]})
    corrected = {**given_facts, first: given_facts[first] + more}
    later = evaluate((clause,), corrected, history)
    assert in_all([*history, *later]) == in_all(evaluate((clause,), corrected))


@MANY
@given(with_facts(), st.randoms())
def test_order_of_parties_decides_ties_alone(case, random):
    clause, given_facts = case
    shuffled = list(clause.parties)
    random.shuffle(shuffled)
    other = replace(clause, parties=tuple(shuffled))
    one, two = (in_all(evaluate((c,), given_facts)) for c in (clause, other))
    years = 1 + clause.valid.last.year - clause.valid.first.year
    assert sum(one.values()) == sum(two.values())
    if not clause.clawbacks:
        assert all(abs(one[p] - two[p]) <= 2 * years for p in clause.parties)
    assert evaluate((clause,), dict(reversed(given_facts.items()))) == evaluate(
        (clause,), given_facts
    )


@MANY
@given(with_facts(floors=()))
def test_nobody_gives_back_more_than_he_has_received(case):
    clause, given_facts = case
    have = defaultdict(int)
    for p in evaluate((clause,), given_facts):
        back = -sum(points for code, points in p.reasons if code == "settle.clawback")
        assert 0 <= back <= max(have[p.party], 0)
        have[p.party] += p.amount


@MANY
@given(subsidies(), st.lists(st.integers(0, 10**9), min_size=30, max_size=30), st.data())
def test_subsidies_pay_what_a_second_reckoning_says(clause, principal, data):
    months = [f"{2026 + m // 12}-{m % 12 + 1:02}" for m in range(30)]
    rate = data.draw(st.integers(0, 100_000))
    known = {("principal", m): v for m, v in zip(months, principal, strict=True)}
    known |= {("contract", m): rate for m in months}
    start = 12 * clause.valid.first.year + clause.valid.first.month - 1
    due = Fraction(0)
    for month, amount in zip(months, principal, strict=True):
        days = days_of(month)
        number = 12 * days.first.year + days.first.month - start
        first, last = max(days.first, clause.valid.first), min(days.last, clause.valid.last)
        if clause.first <= number <= clause.last and first <= last:
            least = min(
                t.plus + (t.times * Fraction(rate, 10**6) if t.name else 0) for t in clause.rates
            )
            due += amount * max(least, 0) * year_part(Span(first, last), clause.count)
    due = due if clause.most is None else min(due, clause.most)
    got = in_all(evaluate((clause,), known))
    assert abs(got["borrower"] - due) <= Fraction(1, 2)
    assert got["gov"] == -got["borrower"]


def test_the_strategy_draws_all_of_the_language():
    seen = set()

    @settings(max_examples=300, deadline=None, database=None)
    @given(clauses())
    def look(clause):
        if isinstance(clause, Sharing):
            seen.update(n for n in ("floors", "caps", "clawbacks", "replacements")
                        if getattr(clause, n))  # fmt: skip
            seen.update({clause.kind, clause.method, clause.yearly})
            seen.update(bool(t.of) for t in clause.tiers)
        else:
            seen.add(clause.count)

    look()
    assert len(seen) == 4 + 2 + 3 + 2 + 3
