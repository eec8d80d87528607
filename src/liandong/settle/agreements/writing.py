"""From tree to its one text: the canonical form that :func:`parse` reads as the same tree."""

from fractions import Fraction

from liandong.settle.agreements.nodes import (
    Agreement,
    Cap,
    Clause,
    Clawback,
    Floor,
    Part,
    Recovery,
    Replacement,
    Sharing,
    Subsidy,
    Term,
    Tier,
    Unit,
)


def write(agreement: Agreement) -> str:
    """Return the canonical text: a clause a line, portions as fractions, amounts in full.

    Examples
    --------
    >>> from liandong.settle.agreements import parse
    >>> print(write(parse("agreement a{unit CNY/2 parties x,y valid 2026-01-01..2026-12-31 "
    ...                   "base yearly=tax tier rest{x 40% y 0.6}}")))
    agreement a {
      unit CNY/2
      parties x, y
      valid 2026-01-01..2026-12-31
      base yearly = tax
      tier rest { x 2/5; y 3/5 }
      round quota cumulative tie parties
    }
    <BLANKLINE>
    """
    return "\n".join(_block(clause) for clause in agreement)


def amount(value: int, unit: Unit) -> str:
    """Return minor units as text: ``10_000_000.00``.

    Examples
    --------
    >>> amount(-123456, Unit("CNY", 2))
    '-1_234.56'
    """
    whole, part = divmod(abs(value), 10**unit.places)
    digits = f".{part:0{unit.places}}" if unit.places else ""
    return f"{'-' if value < 0 else ''}{whole:_}{digits}"


def _block(clause: Clause) -> str:
    lines = _subsidy(clause) if isinstance(clause, Subsidy) else _sharing(clause)
    kind = "subsidy" if isinstance(clause, Subsidy) else clause.kind
    return "\n".join([f"{kind} {clause.name} {{", *(f"  {x}" for x in lines), "}", ""])


def _sharing(block: Sharing) -> list[str]:
    base = f"base {'yearly' if block.yearly else 'cumulative'} = {' + '.join(block.bases)}"
    least = f" least {amount(block.least, block.unit)}" if block.least else ""
    write_tier = _tier if block.kind == "agreement" else _layer
    return [
        f"unit {block.unit.name}/{block.unit.places}",
        f"parties {', '.join(block.parties)}",
        f"valid {block.valid.first}..{block.valid.last}",
        base + least,
        *(write_tier(t, i, block.unit) for i, t in enumerate(block.tiers)),
        *(_replacement(r, block.unit) for r in block.replacements),
        *(_floor(f, block.unit) for f in block.floors),
        *(_cap(c, block) for c in block.caps),
        *(_clawback(c, block.unit) for c in block.clawbacks),
        f"round {block.method} cumulative tie parties",
    ]


def _tier(tier: Tier, _: int, unit: Unit) -> str:
    limit = "rest" if tier.limit is None else f"<= {amount(int(tier.limit), unit)}"
    return f"tier {limit} {_parts(tier.parts, unit)}"


def _layer(tier: Tier, i: int, unit: Unit) -> str:
    words = ["layer", "next" if i else "first"]
    if tier.of:
        words.append(f"{_ratio(Fraction(tier.limit or 0), shown=True)} of {tier.of}")
    elif tier.limit is not None:
        words.append(amount(int(tier.limit), unit))
    return f"{' '.join(words)} {_parts(tier.parts, unit)}"


def _parts(parts: tuple[Part, ...], unit: Unit) -> str:
    told = []
    for p in parts:
        cap = "" if p.cap is None else f" cap {amount(p.cap, unit)} excess to {p.excess}"
        told.append(f"{p.party} {_ratio(p.portion)}{cap}")
    return f"{{ {'; '.join(told)} }}"


def _ratio(value: Fraction, *, shown: bool = False) -> str:
    """Write a fraction; ``shown`` as one even if it is whole."""
    return f"{value.numerator}/{value.denominator}" if shown else str(value)


def _replacement(one: Replacement, unit: Unit) -> str:
    return f"years {one.first}..{one.last} replace {_tier(one.tier, 0, unit)}"


def _floor(floor: Floor, unit: Unit) -> str:
    most = "" if floor.most is None else f" up to {amount(floor.most, unit)}"
    return f"floor {floor.party} {amount(floor.amount, unit)} per year paid by {floor.payer}{most}"


def _cap(cap: Cap, block: Sharing) -> str:
    scope = "per year" if block.yearly else "in total"
    return f"cap {cap.party} {amount(cap.amount, block.unit)} {scope} excess to {cap.excess}"


def _clawback(back: Clawback, unit: Unit) -> str:
    most = "received" if back.most is None else amount(back.most, unit)
    return (
        f"clawback {back.party} when {back.done} < {_ratio(back.share)} * {back.due} "
        f"before {back.before}: recover {_recovery(back.recover)} of received, max {most} "
        f"to {back.to}"
    )


def _recovery(one: Recovery) -> str:
    return f"({one.whole} - {one.part}) / {one.by}" if one.by else _ratio(one.fixed)


def _subsidy(block: Subsidy) -> list[str]:
    rates = ", ".join(term(t) for t in block.rates)
    most = "" if block.most is None else f" up to {amount(block.most, block.unit)}"
    return [
        f"unit {block.unit.name}/{block.unit.places}",
        f"valid {block.valid.first}..{block.valid.last}",
        f"principal = {block.base}",
        f"rate {rates if len(block.rates) == 1 else f'min({rates})'}",
        f"day-count {block.count}",
        f"months {block.first}..{block.last}",
        f"paid by {block.payer} to {block.to}{most}",
    ]


def term(one: Term) -> str:
    """Return a rate as text."""
    if not one.name:
        return _ratio(one.plus)
    times = "" if one.times == 1 else f"{_ratio(one.times)} * "
    plus = f" {'-' if one.plus < 0 else '+'} {_ratio(abs(one.plus))}" if one.plus else ""
    return f"{times}{one.name}{plus}"
