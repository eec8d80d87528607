"""Trade in a circle: invoices of like amounts that lead back to their first seller."""

from datetime import date
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from liandong.errors import UnfitError
from liandong.schema.field import MONEY_MOST
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.texts import both
from liandong.trace.receivables.claims import gross
from liandong.trace.receivables.payments import Payments, payments
from liandong.types import PPM, Money, Rate, stable_id

Int = NDArray[np.int64]
Bools = NDArray[np.bool_]


class CircularTradeRule(Rule):
    """What a ring is, and when its payments speak against it.

    Attributes
    ----------
    as_of
        Invoices and transfers until this day; None for all.
    window_days
        The last invoice of a ring is at most so many days after the first.
    least_legs, most_legs
        Invoices of a ring.
    spread
        The least amount is below the greatest by at most this share of it.
    least
        Smaller invoices do not count.
    pay_before, pay_days
        A payment of an invoice comes at most so many days before its date, and after it.
    pay_spread
        A payment differs from its invoice by at most this share.
    round_days
        Payments of a ring that all come within so many days run round with the money.
    """

    as_of: date | None = None
    window_days: int = Field(default=30, ge=0, le=366)
    least_legs: int = Field(default=3, ge=2, le=8)
    most_legs: int = Field(default=5, ge=2, le=8)
    spread: Rate = Field(default=Rate(30_000), ge=0, le=500_000)
    least: Money = Field(default=Money(1_000_000), ge=1, le=MONEY_MOST)
    pay_before: int = Field(default=30, ge=0, le=366)
    pay_days: int = Field(default=120, ge=0, le=1_000)
    pay_spread: Rate = Field(default=Rate(5_000), ge=0, le=500_000)
    round_days: int = Field(default=5, ge=0, le=366)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.least_legs > self.most_legs:
            raise UnfitError(what=both("unfit.ring_legs"))
        return self


@fold(
    reads=("invoice", "flow", "bank_account", "party_group"),
    writes=("circular_trade", "circular_leg"),
    rule=CircularTradeRule,
)
def circular_trade(tables: Tables, rule: CircularTradeRule) -> Tables:
    """Find rings of invoices of like amounts within a window, and judge them by their payments.

    A ring goes from seller to buyer, whose own sale is the next leg, back to the first seller; no
    party comes twice, and the order of days does not matter. An invoice counts with tax, less what
    red-letter ones took back; void ones do not count. Of rings through the same parties in the same
    turn, those that share an invoice count once: the one with the most like amounts.

    Buyers pay sellers, so money of a ring runs the other way. ``payments`` is ``circulate`` if all
    legs are paid within a few days, ``scattered`` if at different times, as for goods that were
    really sold on; ``missing`` if none is paid although the time for it is over, ``partly`` if some
    are, and ``open`` if it is too early to say or accounts are unknown. The verdict is ``circular``
    where money circulates or is missing, ``doubtful`` where payments do not clear it up or members
    belong together (``party_group``), else ``trade``. What was sold is not known: invoices here
    have no codes of goods.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely.
    """
    invoice = _counted(tables["invoice"], rule)
    rings = _distinct(_rings(invoice, rule), invoice)
    flat = rings[rings >= 0]
    ring, leg = np.nonzero(rings >= 0)
    legs = invoice.take(pa.array(flat))
    paid = payments(tables, legs, ring, rule)
    seen = _Rings(ring, legs, paid, len(rings))
    return {**_told(seen, tables["party_group"], rule), **_legs(seen, leg)}


class _Rings(NamedTuple):
    """Legs of all rings, ring by ring: whose they are, their invoices and payments."""

    ring: Int
    legs: pa.Table
    paid: Payments
    total: int

    def least(self, values: Int) -> Int:
        """Return the least value of each ring."""
        return self._over(np.minimum, values, np.iinfo(np.int64).max)

    def most(self, values: Int) -> Int:
        """Return the greatest value of each ring."""
        return self._over(np.maximum, values, np.iinfo(np.int64).min)

    def count_of(self, here: Bools) -> Int:
        """Return how many legs of each ring are ``here``."""
        return np.asarray(np.bincount(self.ring[here], minlength=self.total), np.int64)

    def _over(self, how: np.ufunc, values: Int, start: int) -> Int:
        out = np.full(self.total, start)
        how.at(out, self.ring, values)
        return out

    @property
    def ids(self) -> list[str]:
        """Ids of the rings, from their invoices in the order of legs."""
        named: list[list[str]] = [[] for _ in range(self.total)]
        for ring, name in zip(self.ring.tolist(), self.legs["invoice_id"].to_pylist(), strict=True):
            named[ring].append(name)
        return [stable_id("circular_trade", *names) for names in named]


def _counted(invoice: pa.Table, rule: CircularTradeRule) -> pa.Table:
    """Return what is left of the valid invoices that count, by day and id, with numbers."""
    if rule.as_of is not None:
        invoice = invoice.filter(pc.less_equal(invoice["date"], pa.scalar(rule.as_of)))
    worth = gross(invoice, invoice["invoice_id"])
    keep = pc.equal(invoice["status"], "valid").to_numpy() & (worth >= int(rule.least))
    names = ("invoice_id", "seller", "buyer", "date")
    rows = invoice.select(names).append_column("amount", pa.array(worth)).filter(pa.array(keep))
    rows = rows.sort_by([("date", "ascending"), ("invoice_id", "ascending")])
    day = rows["date"].cast(pa.int32()).cast(pa.int64())
    return rows.append_column("day", day).combine_chunks()


def _rings(invoice: pa.Table, rule: CircularTradeRule) -> Int:
    # Compiled code takes a second to load: only a search needs it.
    from liandong.kernels.graphs.rings import rings

    ends = pa.chunked_array([*invoice["seller"].chunks, *invoice["buyer"].chunks], pa.string())
    ids = pc.unique(ends)
    seller, buyer = (
        np.asarray(pc.index_in(invoice[n], value_set=ids).to_numpy(), np.int64)
        for n in ("seller", "buyer")
    )
    day, amount = (np.ascontiguousarray(invoice[n].to_numpy()) for n in ("day", "amount"))
    limits = (rule.least_legs, rule.most_legs)
    found: Int = rings(seller, buyer, day, amount, rule.window_days, limits, int(rule.spread))
    return found


def _distinct(rings: Int, invoice: pa.Table) -> Int:
    """Keep of rings through the same parties those that share no invoice, the most alike first."""
    if not len(rings):
        return rings
    sellers = np.array([*invoice["seller"].to_pylist(), ""], object)
    amount, day = (np.append(invoice[n].to_numpy(), 0) for n in ("amount", "day"))
    kept, used = [], set[tuple[tuple[str, ...], int]]()
    known = rings >= 0
    spread = _spread(np.where(known, amount[rings], amount[rings[:, :1]]))
    span = np.where(known, day[rings], day[rings[:, :1]])
    span = span.max(axis=1) - span.min(axis=1)
    for k in np.lexsort((*rings.T[::-1], span, spread)).tolist():
        rows = [int(r) for r in rings[k] if r >= 0]
        turn = _turned(tuple(sellers[rows]))
        if not any((turn, r) in used for r in rows):
            used |= {(turn, r) for r in rows}
            kept.append(k)
    return np.asarray(rings[np.sort(np.array(kept))], np.int64)


def _spread(amounts: Int) -> Int:
    """Return by how much the least amount of each row is below the greatest, in ppm of it."""
    low, high = amounts.min(axis=1), amounts.max(axis=1)
    found = [-(-(b - a) * PPM // b) for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    return np.array(found, np.int64)


def _turned(parties: tuple[str, ...]) -> tuple[str, ...]:
    """Return parties in the same turn, the least id first."""
    first = parties.index(min(parties))
    return parties[first:] + parties[:first]


def _told(seen: _Rings, group: pa.Table, rule: CircularTradeRule) -> Tables:
    amount, day = seen.legs["amount"].to_numpy(), seen.legs["day"].to_numpy()
    legs = seen.count_of(np.ones(len(amount), bool))
    low, high = seen.least(amount), seen.most(amount)
    spread = _spread(np.column_stack([low, high])) if seen.total else low
    first, last = seen.least(day), seen.most(day)
    state, span = _payments(seen, legs, rule)
    net, related = _net(seen), _related(seen, group)
    paid = seen.count_of(seen.paid.flow >= 0)
    circular = np.isin(state, ("circulate", "missing"))
    cleared = (state == "scattered") & (related == 0)
    why = Reasons(seen.total)
    why.add("trace.ring_alike", spread)
    why.add("trace.ring_within", last - first)
    why.add("trace.ring_paid_round", span, state == "circulate")
    why.add("trace.ring_paid_apart", span, state == "scattered")
    why.add("trace.ring_paid_partly", paid, state == "partly")
    why.add("trace.ring_unpaid", rule.pay_days, state == "missing")
    why.add("trace.ring_unknown", 0, state == "open")
    why.add("trace.ring_net", net, paid == legs)
    why.add("trace.ring_related", related, related > 0)
    why.add("trace.ring_goods_unknown")
    return output(
        "circular_trade",
        ring_id=seen.ids, legs=legs, first=_dates(first), last=_dates(last), amount=low,
        spread=spread, payments=state.tolist(), net=pa.array(net, mask=paid == 0), related=related,
        verdict=np.where(circular, "circular", np.where(cleared, "trade", "doubtful")).tolist(),
        reasons=why.column(),
    )  # fmt: skip


def _dates(days: Int) -> pa.Array:
    return pa.array(days.astype(np.int32)).view(pa.date32())


def _payments(seen: _Rings, legs: Int, rule: CircularTradeRule) -> tuple[NDArray[np.str_], Int]:
    """Return how each ring is paid, and how many days lie between its payments."""
    there, day = seen.paid.flow >= 0, seen.paid.day
    paid = seen.count_of(there)
    overdue = seen.count_of(~there & seen.paid.known & seen.paid.over)
    first = seen.least(np.where(there, day, np.iinfo(np.int64).max))
    last = seen.most(np.where(there, day, np.iinfo(np.int64).min))
    span = np.where(paid > 0, last - np.minimum(first, last), 0)
    state = np.full(seen.total, "open", dtype="<U9")
    state[(paid > 0) & (overdue > 0)] = "partly"
    state[(paid == 0) & (overdue == legs)] = "missing"
    state[paid == legs] = "scattered"
    state[(paid == legs) & (span <= rule.round_days)] = "circulate"
    return state, span


def _net(seen: _Rings) -> Int:
    """Return what payments leave with the members of each ring, without signs."""
    there = seen.paid.flow >= 0
    got: dict[tuple[int, str], int] = {}
    rows = seen.legs.filter(pa.array(there))
    given = zip(
        seen.ring[there].tolist(), rows["seller"].to_pylist(), rows["buyer"].to_pylist(),
        seen.paid.amount[there].tolist(), strict=True,
    )  # fmt: skip
    for ring, seller, buyer, amount in given:
        got[ring, seller] = got.get((ring, seller), 0) + amount
        got[ring, buyer] = got.get((ring, buyer), 0) - amount
    out = np.zeros(seen.total, np.int64)
    for (ring, _), amount in got.items():
        out[ring] += abs(amount)
    return out


def _related(seen: _Rings, group: pa.Table) -> Int:
    """Return how many members of each ring belong to a connected group with another of them."""
    at = pc.index_in(seen.legs["seller"], value_set=group["party_id"])
    of = group["group_id"].take(at).combine_chunks().dictionary_encode().indices
    number = pc.fill_null(of, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    many = int(number.max(initial=0)) + 1
    pair = np.where(number >= 0, seen.ring * many + number, -1)
    _, back, count = np.unique(pair, return_inverse=True, return_counts=True)
    return seen.count_of((number >= 0) & (count[back] > 1))


def _legs(seen: _Rings, leg: Int) -> Tables:
    rows, ids = seen.legs, pa.array(seen.ids, pa.string())
    return output(
        "circular_leg",
        ring_id=ids.take(pa.array(seen.ring)), leg=leg + 1,
        **{n: rows[n] for n in ("invoice_id", "seller", "buyer", "date", "amount")},
        flow_id=seen.paid.flow_id,
    )  # fmt: skip
