"""The step of the flags over procurement: eleven indicators of Cardinal, with its defaults.

Definitions: Open Contracting Partnership, *Cardinal*, indicators R003 to R058. Outliers are beyond
Tukey's fences, with quartiles as in R. Hyndman and Y. Fan, *Sample quantiles in statistical
packages*, 1996, definition 8. Amounts of other currencies than the one that is compared are left
out. What is read is one compiled state of each process; cancelled ones are left out.
"""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

from pydantic import Field

from liandong.govern.flags.bids import Process, processes
from liandong.govern.flags.rules import FlagRule
from liandong.govern.flags.told import Flag, Told, tables_of
from liandong.step import Tables, fold

DAY = 86_400 * 1_000_000


class ProcurementRule(FlagRule):
    """Thresholds of the indicators; None: the fence of the data.

    Attributes
    ----------
    exclude_details
        Details of the procurement method that are left out altogether.
    no_price_details
        Those for which prices say nothing (R024, R028, R036, R058).
    currency
        The one that is compared; empty: the one of most bids, the first by name of several.
    short_days, short_methods, short_days_of
        R003: fewer days than these to bid; only these methods, if any; by details of the method.
    single_methods
        R018: one tenderer, under these methods.
    close, discount
        R024 and R058: how far the second price is from that of the winner, as a share.
    unsuccessful_percentile, unsuccessful
        R025: tenderers with at least as many bids as this percentile, and such a share of wins.
    others_disqualified
        R035: so many other tenderers were disqualified.
    disqualified, disqualified_bids, disqualified_processes
        R038: share of disqualified bids, and from how many bids of a tenderer or of a buyer on.
    classes_digits, classes, classes_processes
        R048: so many kinds of items by their first digits, from how many processes on.
    """

    exclude_details: tuple[str, ...] = ()
    no_price_details: tuple[str, ...] = ()
    currency: str = ""
    short_days: int = Field(default=15, ge=1)
    short_methods: tuple[str, ...] = ()
    short_days_of: dict[str, int] = Field(default_factory=dict)
    single_methods: tuple[str, ...] = ("open", "selective")
    close: float | None = None
    discount: float | None = None
    unsuccessful_percentile: int = Field(default=75, ge=0, le=100)
    unsuccessful: float | None = None
    others_disqualified: int = Field(default=1, ge=1)
    disqualified: float | None = None
    disqualified_bids: int = Field(default=2, ge=1)
    disqualified_processes: int = Field(default=2, ge=1)
    classes_digits: int = Field(default=2, ge=1)
    classes: int | None = None
    classes_processes: int = Field(default=20, ge=1)


class Found(NamedTuple):
    """What an indicator says of one subject, from these processes."""

    code: str
    kind: str
    subject: str
    value: float
    processes: tuple[Process, ...]


@fold(
    reads=("tender", "tender_bid", "tender_award"),
    writes=("red_flag", "flag_summary"),
    rule=ProcurementRule,
)
def procurement_flags(tables: Tables, rule: ProcurementRule) -> Tables:
    """Point at contracting processes, tenderers and buyers that somebody should look at.

    The value of a flag is that of the indicator. The amount at stake is what the processes were
    awarded at, or what was bid at most where no amount was awarded.
    """
    every = processes(tables, rule.exclude_details)
    found = indicators(every, rule)
    kinds = {code: [f for f in found if f.code == code] for code in KINDS}
    told = [Told(code, len(every), [_flag(f) for f in flags]) for code, flags in kinds.items()]
    return tables_of(told if every else (), rule)


def indicators(every: list[Process], rule: ProcurementRule) -> list[Found]:
    """Return all that the indicators find, by code."""
    return [f for kind in KINDS.values() for f in kind(every, rule)]


def _flag(f: Found) -> Flag:
    stake = sum(p.stake for p in f.processes)
    rows = tuple(sorted(p.ocid for p in f.processes))
    return Flag(f.code, WHY[f.code], f.kind, f.subject, stake, f.value, "tender", rows)


def _tender(code: str, p: Process, value: float = 1.0) -> Found:
    return Found(code, "tender", p.ocid, value, (p,))


def _short(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R003: little time to bid."""
    for p in every:
        known = not rule.short_methods or p.method in rule.short_methods
        if known and p.start is not None and p.end is not None:
            least = rule.short_days_of.get(p.details or "", rule.short_days)
            if p.end - p.start < least * DAY:
                yield _tender("R003", p)


def _single(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R018: one tenderer in a procedure that is open."""
    return (
        _tender("R018", p)
        for p in every
        if p.tenderers == 1 and (not rule.single_methods or p.method in rule.single_methods)
    )


def _second(every: list[Process], rule: ProcurementRule) -> dict[Process, tuple[float, str, str]]:
    """Return how far the second price is, the winner, and who bid it."""
    found = {}
    money = _currency(every, rule)
    for p in every:
        won = p.won()
        if won is None or won.one is None or p.details in rule.no_price_details:
            continue
        valid = [b for b in p.bids if b.status == "valid" and b.one and b.priced(money)]
        own = [b.amount or 0 for b in valid if b.one == won.one]
        others = [(b.amount or 0, b.one or "") for b in valid if b.one != won.one]
        if own and others and min(others)[0] >= min(own) > 0:
            least, who = min(others)
            found[p] = ((least - min(own)) / min(own), won.one, who)
    return found


def _close(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R024: the second price is close to that of the winner."""
    second = _second(every, rule)
    low, high = _quartiles([s[0] for s in second.values()])
    fence = low - 1.5 * (high - low) if rule.close is None else rule.close
    hit = {p: s for p, s in second.items() if s[0] <= fence}
    yield from (_tender("R024", p, s[0]) for p, s in hit.items())
    yield from _each("R024", "tenderer", ((w, p) for p, s in hit.items() for w in s[1:]), 0.0)


def _discounted(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R058: the winner is far below the second price."""
    second = _second(every, rule)
    low, high = _quartiles([s[0] for s in second.values()])
    fence = high + 1.5 * (high - low) if rule.discount is None else rule.discount
    # A fence of nought would flag most of those without any difference.
    hit = {p: s for p, s in second.items() if fence > 0 and s[0] >= fence}
    yield from (_tender("R058", p, s[0]) for p, s in hit.items())
    yield from _each("R058", "tenderer", ((s[1], p) for p, s in hit.items()), 0.0)


def _unsuccessful(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R025: many bids and few wins."""
    bids: dict[str, list[tuple[Process, bool]]] = {}
    for p in every:
        won = p.won()
        if won is None or won.one is None:
            continue
        for who in {b.one for b in p.bids if b.status == "valid" and b.one}:
            bids.setdefault(who, []).append((p, who == won.one))
    share = {w: sum(won for _, won in own) / len(own) for w, own in bids.items()}
    many = _quantile(
        [len(own) for own in bids.values()], Fraction(rule.unsuccessful_percentile, 100)
    )
    low, high = _quartiles(list(share.values()))
    fence = low - 1.5 * (high - low) if rule.unsuccessful is None else rule.unsuccessful
    # If most win nothing, the fence says nothing.
    if fence > 0 and (low > 0 or rule.unsuccessful is not None):
        for who, own in bids.items():
            if len(own) >= many and share[who] <= fence:
                yield Found("R025", "tenderer", who, share[who], tuple(p for p, _ in own))


def _identical(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R028: different tenderers bid the same price."""
    hit: list[tuple[str, Process]] = []
    for p in every:
        if p.details in rule.no_price_details:
            continue
        by_price: dict[tuple[int, str], set[frozenset[str]]] = {}
        for b in p.submitted:
            if b.amount is not None and b.currency and b.tenderers:
                price = (b.amount, b.currency)
                by_price.setdefault(price, set()).add(frozenset(b.tenderers))
        who = {w for sets in by_price.values() if len(sets) > 1 for s in sets for w in s}
        if who:
            yield _tender("R028", p)
            hit += [(w, p) for w in who]
    yield from _each("R028", "tenderer", hit, 1.0)


def _late(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R030: a bid that came late won."""
    del rule
    hit: list[tuple[str, Process]] = []
    for p in every:
        if p.end is None or not p.final:
            continue
        winners = {s for a in p.active for s in a.suppliers}
        late = [b for b in p.bids if b.status == "valid" and b.at is not None and b.at > p.end]
        who = {w for b in late for w in b.tenderers} & winners
        if who:
            yield _tender("R030", p)
            hit += [(w, p) for w in who]
    yield from _each("R030", "tenderer", hit, 1.0)


def _all_others(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R035: all bids but that of the winner were disqualified."""
    hit: list[tuple[str, Process]] = []
    for p in every:
        if not p.final:
            continue
        valid, out = ({w for b in p.bids if b.status == s for w in b.tenderers}
                      for s in ("valid", "disqualified"))  # fmt: skip
        winners = {s for a in p.active for s in a.suppliers}
        others = len(out - valid)
        if len(valid) == 1 and valid == winners and others >= rule.others_disqualified:
            yield _tender("R035", p, float(others))
            hit += [(w, p) for w in valid]
    yield from _each("R035", "tenderer", hit, 0.0)


def _lowest_out(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R036: the lowest bid was disqualified."""
    money = _currency(every, rule)
    for p in every:
        if p.active and p.details not in rule.no_price_details:
            priced = [b for b in p.submitted if b.priced(money)]
            known = all(b.amount is not None for b in p.submitted)
            # Of several with the lowest price, the one that stands first.
            if (
                priced
                and known
                and min(priced, key=lambda b: b.amount or 0).status == "disqualified"
            ):
                yield _tender("R036", p)


def _disqualified(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R038: a large share of the bids was disqualified."""
    seen: dict[str, dict[str, list[tuple[int, int, Process]]]] = {}
    for p in every:
        sub = p.submitted
        out = sum(b.status == "disqualified" for b in sub)
        for kind, who in (("buyer", p.buyer), ("entity", p.entity)):
            if sub and who:
                seen.setdefault(kind, {}).setdefault(who, []).append((out, len(sub), p))
        for b in sub:
            for who in b.tenderers:
                one = (int(b.status == "disqualified"), 1, p)
                seen.setdefault("tenderer", {}).setdefault(who, []).append(one)
    for kind, subjects in seen.items():
        least = rule.disqualified_bids if kind == "tenderer" else rule.disqualified_processes
        share = {w: sum(s[0] for s in own) / sum(s[1] for s in own)
                 for w, own in subjects.items() if sum(s[1] for s in own) >= least}  # fmt: skip
        low, high = _quartiles(list(share.values()))
        fence = high + 1.5 * (high - low) if rule.disqualified is None else rule.disqualified
        for who, value in share.items():
            if value >= fence and value > 0:
                own = tuple({s[2]: None for s in subjects[who]})
                yield Found("R038", kind, who, value, own)


def _heterogeneous(every: list[Process], rule: ProcurementRule) -> Iterable[Found]:
    """R048: a supplier of many kinds of items."""
    kinds: dict[str, set[str]] = {}
    where: dict[str, dict[Process, None]] = {}
    for p in every:
        for a in p.active:
            if a.one is not None and a.classes:
                kinds.setdefault(a.one, set()).update(c[: rule.classes_digits] for c in a.classes)
                where.setdefault(a.one, {})[p] = None
    many = {w: len(k) for w, k in kinds.items() if len(where[w]) >= rule.classes_processes}
    low, high = _quartiles(list(many.values()))
    fence = -(-(high + 1.5 * (high - low)) // 1) if rule.classes is None else rule.classes
    for who, count in many.items():
        if count >= fence:
            yield Found("R048", "tenderer", who, float(count), tuple(where[who]))


KINDS: Mapping[str, Callable[[list[Process], ProcurementRule], Iterable[Found]]] = {
    "R003": _short, "R018": _single, "R024": _close, "R025": _unsuccessful, "R028": _identical,
    "R030": _late, "R035": _all_others, "R036": _lowest_out, "R038": _disqualified,
    "R048": _heterogeneous, "R058": _discounted,
}  # fmt: skip


WHY = {
    "R003": "flags.r003",
    "R018": "flags.r018",
    "R024": "flags.r024",
    "R025": "flags.r025",
    "R028": "flags.r028",
    "R030": "flags.r030",
    "R035": "flags.r035",
    "R036": "flags.r036",
    "R038": "flags.r038",
    "R048": "flags.r048",
    "R058": "flags.r058",
}
"""The reason that each indicator gives."""


def _each(
    code: str, kind: str, hit: Iterable[tuple[str, Process]], value: float
) -> Iterable[Found]:
    """Return one finding for each subject, with all its processes."""
    by: dict[str, dict[Process, None]] = {}
    for who, p in hit:
        by.setdefault(who, {})[p] = None
    return (Found(code, kind, who, value, tuple(own)) for who, own in by.items())


def _currency(every: list[Process], rule: ProcurementRule) -> str:
    if rule.currency:
        return rule.currency
    seen = [b.currency for p in every for b in p.bids if b.amount is not None and b.currency]
    return min({*seen}, key=lambda c: (-seen.count(c), c), default="")


def _quartiles(values: list[float]) -> tuple[float, float]:
    return _quantile(values, Fraction(1, 4)), _quantile(values, Fraction(3, 4))


def _quantile(values: Iterable[float], share: Fraction) -> float:
    """Return a quantile by definition 8 of Hyndman and Fan; nan of nothing.

    Examples
    --------
    >>> round(_quantile([1, 1, 1, 1, 2], Fraction(3, 4)), 4)
    1.3333
    """
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    place = (len(ordered) + Fraction(1, 3)) * share + Fraction(1, 3)
    below = min(max(int(place), 1), len(ordered))
    above = min(below + 1, len(ordered))
    part = float(min(max(place - below, Fraction(0)), Fraction(1)))
    return ordered[below - 1] + part * (ordered[above - 1] - ordered[below - 1])
