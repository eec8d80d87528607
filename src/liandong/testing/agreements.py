"""Hypothesis strategies for agreements of the whole split language (needs the ``test`` extra)."""

from datetime import date
from fractions import Fraction
from typing import Any, Literal

from hypothesis import strategies as st

from liandong.settle.agreements.checking import faults, years
from liandong.settle.agreements.nodes import (
    COUNTS,
    Cap,
    Clause,
    Clawback,
    Floor,
    Method,
    Part,
    Recovery,
    Replacement,
    Sharing,
    Span,
    Subsidy,
    Term,
    Tier,
    Unit,
)

_PARTIES = ("host", "home", "province", "银行", "fund")
_BASES = ("tax.vat", "tax.cit", "gdp")
_UNITS = (Unit("CNY", 2), Unit("tce", 3), Unit("m3", 0))
_Draw = st.DrawFn


def _amounts(most: int = 3_000) -> st.SearchStrategy[int]:
    return st.integers(1, most) | st.integers(1, 10**11)


@st.composite
def _portions(draw: _Draw, parties: tuple[str, ...]) -> list[tuple[str, Fraction]]:
    """Draw parts that add up to 1: most with small denominators, some beyond any table."""
    most = draw(st.sampled_from([3, 12, 60, 9_000]))
    weights = draw(st.lists(st.integers(0, most), min_size=len(parties), max_size=len(parties)))
    if not any(weights):
        weights[0] = 1
    return [(p, Fraction(w, sum(weights))) for p, w in zip(parties, weights, strict=True) if w]


@st.composite
def _parts(draw: _Draw, parties: tuple[str, ...]) -> tuple[Part, ...]:
    shares = draw(_portions(parties))
    capped = draw(st.sampled_from([p for p, _ in shares]) | st.none())
    open_ = [p for p in parties if p != capped]
    found = []
    for party, share in shares:
        cap = (draw(_amounts()), draw(st.sampled_from(open_))) if party == capped else (None, "")
        found.append(Part(party, share, *cap))
    return tuple(found)


@st.composite
def _tiers(draw: _Draw, parties: tuple[str, ...], kind: str) -> tuple[Tier, ...]:
    limits = draw(st.lists(_amounts(), max_size=3, unique=True))
    found = [Tier(x, draw(_parts(parties))) for x in sorted(limits)]
    if kind == "losses" and draw(st.booleans()):
        share = Fraction(draw(st.integers(1, 20)), 100)
        found.append(Tier(share, draw(_parts(parties)), "principal"))
    return (*found, Tier(None, draw(_parts(parties))))


@st.composite
def _caps(draw: _Draw, parties: tuple[str, ...]) -> tuple[Cap, ...]:
    """Draw caps that pass on to later parties only, so that nothing goes in a circle."""
    here = [i for i in range(len(parties) - 1) if draw(st.integers(0, 3)) == 0]
    return tuple(
        Cap(parties[i], draw(_amounts()), draw(st.sampled_from(parties[i + 1 :]))) for i in here
    )


@st.composite
def _floors(draw: _Draw, parties: tuple[str, ...]) -> tuple[Floor, ...]:
    payer = draw(st.sampled_from(parties))
    floored = [p for p in parties if p != payer and draw(st.integers(0, 2)) == 0]
    return tuple(
        Floor(p, a := draw(_amounts()), payer, draw(st.none() | st.integers(a, 2 * a)))
        for p in floored
    )


@st.composite
def _clawback(draw: _Draw, parties: tuple[str, ...], valid: Span) -> Clawback:
    party, to = draw(st.permutations(parties))[:2]
    recover = draw(st.sampled_from(
        [Recovery("pledged", "invested", "pledged"), Recovery(fixed=Fraction(1, 2)),
         Recovery(fixed=Fraction(1))]
    ))  # fmt: skip
    before = draw(st.dates(date(valid.first.year, 1, 2), valid.last))
    share, most = Fraction(draw(st.integers(1, 5)), 5), draw(st.none() | _amounts())
    return Clawback(party, "invested", share, "pledged", before, recover, most, to)


@st.composite
def _replacements(
    draw: _Draw, tiers: tuple[Tier, ...], parties: tuple[str, ...], last: int
) -> tuple[Replacement, ...]:
    if not draw(st.booleans()):
        return ()
    tier = draw(st.sampled_from(tiers))
    first = draw(st.integers(1, last))
    other = Tier(tier.limit, draw(_parts(parties)))
    return (Replacement(first, draw(st.integers(first, last)), other),)


@st.composite
def sharings(
    draw: _Draw,
    /,
    kind: Literal["agreement", "losses"] | None = None,
    methods: tuple[Method, ...] = ("quota", "webster", "remainder"),
    **fixed: Any,  # noqa: ANN401 - fields of the clause
) -> Sharing:
    """Draw a sharing without faults; ``fixed`` gives fields, such as ``floors=()``."""
    chosen: str = kind or draw(st.sampled_from(("agreement", "losses")))
    parties = _PARTIES[: draw(st.integers(2, len(_PARTIES)))]
    valid = Span(date(2026, 1, 1), date(2025 + draw(st.integers(1, 4)), 12, 31))
    yearly, tiers = draw(st.booleans()), draw(_tiers(parties, chosen))
    agreement = chosen == "agreement"
    replaced = draw(_replacements(tiers, parties, valid.last.year - 2025)) if agreement else ()
    values: dict[str, Any] = {
        "kind": chosen, "name": draw(st.sampled_from(("park-7", "swap", "合作区"))),
        "unit": draw(st.sampled_from(_UNITS)), "parties": parties, "valid": valid,
        "yearly": yearly, "bases": _BASES[: draw(st.integers(1, 2))], "tiers": tiers,
        "least": draw(st.sampled_from((0, 100, 5_000))), "replacements": replaced,
        "floors": draw(_floors(parties)) if yearly and agreement else (),
        "caps": draw(_caps(parties)), "method": draw(st.sampled_from(methods)),
        "clawbacks": tuple(draw(st.lists(_clawback(parties, valid), max_size=1))),
    }  # fmt: skip
    found = Sharing(**{**values, **fixed})
    if faults((found,)):  # a floor above a cap: rare enough to do without
        found = Sharing(**{**values, **fixed, "floors": ()})
    return found


@st.composite
def subsidies(draw: _Draw) -> Subsidy:
    """Draw an interest subsidy without faults."""
    plain = st.integers(0, 60).map(lambda n: Term(Fraction(n, 1_000)))
    times = st.sampled_from((Fraction(1), Fraction(1, 2)))
    named = st.tuples(st.integers(-20, 20), times).map(
        lambda x: Term(Fraction(x[0], 1_000), "contract", x[1])
    )
    valid = Span(draw(st.dates(date(2026, 1, 1), date(2026, 12, 31))), date(2028, 6, 30))
    first = draw(st.integers(1, 10))
    return Subsidy(
        "interest", Unit("CNY", 2), valid, "principal",
        tuple(draw(st.lists(plain | named, min_size=1, max_size=3))),
        draw(st.sampled_from(COUNTS)), first, draw(st.integers(first, 18)), "gov", "borrower",
        draw(st.none() | _amounts()),
    )  # fmt: skip


def clauses() -> st.SearchStrategy[Clause]:
    """Return a strategy of clauses of every kind without faults."""
    return sharings() | subsidies()


@st.composite
def facts(draw: _Draw, clause: Sharing, low: int = 0) -> dict[tuple[str, str], int]:
    """Draw amounts of all that a sharing reads, by month; ``low`` may be below 0."""
    found: dict[tuple[str, str], int] = {}
    most = draw(st.sampled_from((50, 5_000, 10**11)))
    for year in range(1, years(clause) + 1):
        months = draw(st.lists(st.integers(1, 12), max_size=3, unique=True))
        for month in sorted({*months, 12}):
            period = f"{2025 + year}-{month:02}"
            for name in clause.bases:
                found[name, period] = draw(st.integers(max(low, -most), most))
            found["principal", period] = draw(st.integers(0, 10 * most))
            for name in ("pledged", "invested"):
                found[name, period] = draw(st.integers(0, 100))
    return found
