"""The step that bounds what can be where."""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.errors import DataError, NotFoundError
from liandong.step import Rule, Tables, fold, output
from liandong.step.progress import told
from liandong.step.reasons import Reasons
from liandong.texts import both
from liandong.trace.currency import must_not_exchange
from liandong.trace.found import KINDS, Found
from liandong.trace.log import Log, read_log, up_to

Int = NDArray[np.int64]


class BoundsRule(Rule):
    """Whose money is bounded, where, and until when.

    Attributes
    ----------
    loans
        Ids of loans; none means all, which takes long where money mixes: seconds to minutes for
        each loan that was paid out long ago.
    places
        Accounts, or ``repaid:LOAN``, to look at for every loan.
    look
        Where to look if no places are named: where traces ``found`` money of the loan (table
        ``holding``), or everywhere it can be, ``reached`` by any chain of transfers. In a log
        where money mixes, a loan can be in most accounts, each of which takes a search.
    until
        Last day (UTC) whose transfers count; None means all.
    """

    loans: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    look: Literal["found", "reached"] = "found"
    until: date | None = None


@fold(
    reads=("flow", "bank_account", "loan", "holding"),
    writes=("bound", "bound_limit", "borrower_bound"),
    rule=BoundsRule,
)
def bounds(tables: Tables, rule: BoundsRule) -> Tables:
    """Bound how much of each loan can be where at the end, whatever rule says which money is whose.

    Transfers are read as ``trace.follow`` reads them. A rule may part the money in an account as
    it likes, but it cannot pay out what has not come in, nor more of a loan than the amount of a
    transfer, nor leave more in an account than its balance. The most of a loan at a place is a
    maximal flow through the network of transfers and balances in the order of time; the least is
    what does not fit elsewhere. Every answer of a rule that hands money on in the order of time
    lies between, and both ends are the answer of some such rule, to the fen.

    ``bound_limit`` is the proof: transfers and balances that all the money has to pass. Those of
    the most add up to it, and those of the least add up to what at most is elsewhere, which is
    what was paid out less the least. Without such rows the most is all that was paid out.

    A refund that names its transfer returns what it came from exactly if the payee has paid nothing
    else in between, and counts as an ordinary transfer otherwise: then bounds can be wider.

    The loans of one borrower together are bounded in ``borrower_bound``; that is more than adding
    up, as what one loan leaves room for another may have to fill.

    Rules that look ahead (the highest payments of a period first) or do not conserve money (poison)
    are not bound by this.

    Raises
    ------
    NotFoundError
        If the rule names a loan or a place that is not there.
    DataError
        If all amounts together are more than can be summed safely; if transfers are exchanged into
        another currency; or if no trace has been run whose places could be looked at.
    """
    # Compiled code takes a second to load: only a trace needs it.
    from liandong.trace.bounds.search import Finder

    flow = up_to(tables["flow"], rule.until)
    must_not_exchange(flow, tables["bank_account"])
    log = read_log(flow, tables["bank_account"])
    finder, chosen = Finder(log), _chosen(rule.loans, log, tables)
    named = Found("fifo", flow, log, np.ones(len(log.loans), bool), backward=False)
    where = _places(rule, named, tables["holding"], len(chosen))
    several = _borrowers(chosen, tables["loan"])
    sets = [*([k] for k in chosen.values()), *several.values()]
    found = [finder.of(k, where(k)) for k in told(sets)]
    each, together = found[: len(chosen)], found[len(chosen) :]
    rows, shared = (_stacked([f.rows for f in part], 5) for part in (each, together))
    limits = _stacked([f.limits for f in each], 6)
    size = np.array([len(k) for k in several.values()], np.int64)
    return {
        **output("bound", loan_id=_names(chosen, rows), **_columns(rows, named)),
        **output("bound_limit", loan_id=_names(chosen, limits), **_limits(limits, named)),
        **output(
            "borrower_bound", party_id=_names(several, shared), loans=size[shared[:, 0]],
            **_columns(shared, named),
        ),
    }  # fmt: skip


def _chosen(wanted: tuple[str, ...], log: Log, tables: Tables) -> dict[str, int]:
    """Return the loans that are looked at, with their numbers."""
    number = {name: k for k, name in enumerate(log.loans.to_pylist())}
    known = {*tables["flow"]["loan_id"].to_pylist(), *tables["loan"]["loan_id"].to_pylist()}
    _must_be_known(wanted, known, "kind.loan", "loan")
    return {n: k for n, k in number.items() if not wanted or n in wanted}


def _places(
    rule: BoundsRule, named: Found, holding: pa.Table, loans: int
) -> Callable[[list[int]], Int | None]:
    """Return what tells by number the places to look at for loans; None for all reached."""
    number = {name: k for k, name in enumerate(named.names().to_pylist())}
    _must_be_known(rule.places, number, "kind.place", "bank_account")
    if rule.places:
        asked = np.array(sorted({number[n] for n in rule.places}))
        return lambda _: asked
    if rule.look == "reached":
        return lambda _: None
    if loans and not len(holding):
        remedy = both("advice.run_first", step="trace.follow")
        raise DataError(file="holding", what=both("fault.none"), remedy=remedy)
    found: dict[str, set[int]] = {}
    for loan, place in zip(
        holding["loan_id"].to_pylist(), holding["place"].to_pylist(), strict=True
    ):
        # What traces call otherwise, or found in other transfers, is no place of this log.
        if place in number:
            found.setdefault(loan, set()).add(number[place])
    sets = [found.get(name, set()) for name in named.log.loans.to_pylist()]
    return lambda ks: np.array(sorted(set().union(*(sets[k] for k in ks))), np.int64)


def _must_be_known(wanted: Iterable[str], known: Collection[str], kind: str, table: str) -> None:
    for name in sorted({*wanted}.difference(known)):
        remedy = both("advice.ids_in_table", table=table)
        raise NotFoundError(kind=both(kind), name=name, remedy=remedy)


def _borrowers(chosen: dict[str, int], loan: pa.Table) -> dict[str, list[int]]:
    """Return the loans of each borrower who has at least two."""
    found: dict[str, list[int]] = {}
    for name, party in zip(loan["loan_id"].to_pylist(), loan["party_id"].to_pylist(), strict=True):
        if name in chosen:
            found.setdefault(party, []).append(chosen[name])
    return {p: sorted(ks) for p, ks in sorted(found.items()) if len(ks) > 1}


def _stacked(parts: list[Int], width: int) -> Int:
    """Put rows below each other, with the number of their part as first column."""
    numbered = [np.insert(rows, 0, k, axis=1) for k, rows in enumerate(parts)]
    return np.concatenate([np.zeros((0, 1 + width), np.int64), *numbered])


def _names(parts: Iterable[str], rows: Int) -> pa.Array:
    return pa.array(list(parts), pa.string()).take(pa.array(rows[:, 0]))


def _columns(rows: Int, named: Found) -> dict[str, object]:
    """Return where, how much, and why."""
    _, place, least, most, paid, loose = rows.T
    why = Reasons(len(rows))
    why.add("trace.bound_paid_out", paid)
    why.add("trace.bound_no_way", here=most == 0)
    why.add("trace.bound_on_the_way", most, (most > 0) & (most < paid))
    why.add("trace.bound_elsewhere", paid - least, least > 0)
    why.add("trace.bound_refunds", loose, loose > 0)
    return {
        "place": named.names().take(pa.array(place)), "kind": KINDS[named.kind(place)].tolist(),
        "least": least, "most": most, "reasons": why.column(),
    }  # fmt: skip


def _limits(rows: Int, named: Found) -> dict[str, object]:
    """Return what lets through no more: transfers, and balances after transfers."""
    _, place, side, transfer, kept, account, amount = rows.T
    return {
        "place": named.names().take(pa.array(place)),
        "side": np.where(side == 1, "most", "least").tolist(),
        "flow_id": named.flow["flow_id"].take(named.log.row[transfer]),
        "what": np.where(kept == 1, "balance", "transfer").tolist(),
        "account_id": named.log.accounts.take(pa.array(account)), "amount": amount,
    }  # fmt: skip
