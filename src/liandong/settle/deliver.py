"""Delivery of quota against payment: what an exchange cleared, in double entries."""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from liandong.errors import ConflictError
from liandong.schema.arrow import arrow_schema
from liandong.settle.ledger import CONTENT, Row, account_id, accounts_of
from liandong.step import Rule, Tables, fold

PREFIX = "trade:"
"""What the ids of entries begin with that come of trades."""
MARKET = "exchange"
"""Who owns what the market keeps."""
CURRENCY = "CNY"
MOST_PLACES = 3
"""Decimal places of a unit that the ledger counts at most."""
SIZES = tuple(10**places for places in range(MOST_PLACES + 1))
"""How many of what the ledger counts make a unit, by decimal places."""


class DeliverRule(Rule):
    """How trades are settled.

    Attributes
    ----------
    as_of
        Trades that are not in the ledger yet are settled on this day.
    places
        Decimal places in which the ledger counts quota. Where agreements say ``tce/3``, three:
        tonnes of coal equivalent are counted in kilograms. Without it, as trades were settled
        before, or else none: whole units.
    """

    as_of: date
    places: int | None = Field(default=None, ge=0, le=MOST_PLACES)


@fold(
    reads=("clearing", "trade", "entry"),
    writes=("account", "entry"),
    rule=DeliverRule,
    needs={"clearing": "match.exchange"},
    approval=("trade",),
)
def deliver(tables: Tables, rule: DeliverRule) -> Tables:
    """Settle every trade of quota: the units to the buyer, the money to the seller, or neither.

    An entry is ``trade:SESSION:NUMBER:LEG``. The leg ``quota`` debits the buyer's account of the
    unit and credits the seller's; ``price`` debits the buyer's deposits and credits the seller's;
    ``kept`` is what of the buyer's money stays with the market. Doing it again adds nothing.

    Raises
    ------
    ConflictError
        If a trade that has been settled is another one now, or is no longer in its session.
    """
    trades: list[Row] = tables["trade"].to_pylist()
    sessions = set(tables["clearing"]["session"].to_pylist())
    settled = {r["entry_id"]: r for r in _settled(tables["entry"]) if r["agreement"] in sessions}
    places = _places(trades, settled) if rule.places is None else rule.places
    wanted = {r["entry_id"]: r for t in trades for r in _legs(t, rule.as_of, places)}
    for key, old in settled.items():
        new = wanted.get(key, {})
        for name in CONTENT:
            if old[name] != new.get(name):
                raise ConflictError(table="entry", key=key, field=name)
    made = [r for key, r in wanted.items() if key not in settled]
    return {
        **accounts_of(wanted.values()),
        "entry": pa.Table.from_pylist(made, schema=arrow_schema("entry")),
    }


def _settled(entry: pa.Table) -> list[Row]:
    found: list[Row] = entry.filter(pc.starts_with(entry["entry_id"], PREFIX)).to_pylist()
    return found


def _places(trades: list[Row], settled: dict[str, Row]) -> int:
    """Return the decimal places in which trades were settled before; none without one."""
    for trade in trades:
        old = settled.get(f"{PREFIX}{trade['session']}:{trade['number']}:quota")
        if old is not None and trade["quantity"]:
            times, rest = divmod(old["amount"], trade["quantity"])
            if not rest and times in SIZES:
                return SIZES.index(times)
    return 0


def _legs(trade: Row, day: date, places: int) -> Iterator[Row]:
    """Yield the entries of a trade; what costs nothing has no leg of money."""
    unit, number = trade["unit"], f"{trade['session']}:{trade['number']}"
    buyer, seller = (account_id("memo", trade[n], unit) for n in ("buyer_id", "seller_id"))
    payer, payee = (account_id("deposits", trade[n], CURRENCY) for n in ("buyer_id", "seller_id"))
    market = account_id("income", MARKET, CURRENCY)
    kept = trade["amount"] - trade["seller_amount"]
    for leg, debit, credit, amount, of in (
        ("quota", buyer, seller, trade["quantity"] * SIZES[places], unit),
        ("price", payer, payee, trade["seller_amount"], CURRENCY),
        ("kept", payer, market, kept, CURRENCY),
    ):
        if amount:
            yield {
                "entry_id": f"{PREFIX}{number}:{leg}", "debit": debit, "credit": credit,
                "amount": amount, "unit": of, "phase": "posted", "event_time": day,
                "agreement": trade["session"], "ref": number,
            }  # fmt: skip
