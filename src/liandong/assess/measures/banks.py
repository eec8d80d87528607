"""Measures of the money on a firm's accounts: what comes in, what goes out, what is left."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.measures.events import rows_of
from liandong.assess.measures.invoices import Columns, Float, contrast, share
from liandong.assess.measures.months import Int, days, months_before
from liandong.assess.measures.owners import Behind

Bool = NDArray[np.bool_]

HELD = ("current", "deposit", "cash")
"""Accounts whose balance a firm can pay with."""
WAYS = ("plain_in", "plain_out", "tied_in", "tied_out", "lent", "owed")
PLAIN_IN, PLAIN_OUT, TIED_IN, TIED_OUT, LENT, OWED = range(len(WAYS))
"""From and to others, from and to oneself and relatives, loans paid out, loans served."""
KEY = ("firm", "month", "way")
SERVICE = pa.array(["repayment", "interest"])


def flow_sums(
    flow: pa.Table, account: pa.Table, behind: Behind, firms: pa.Array, as_of: date
) -> pa.Table:
    """Add up transfers up to ``as_of`` by firm (row of ``firms``), month back and way."""
    on = pc.less_equal(pc.cast(flow["at"], pa.date32()), pa.scalar(as_of))
    known = flow.select(["src_account", "dst_account", "amount", "at", "kind"]).filter(on)
    month = months_before(days(pc.cast(known["at"], pa.date32())), as_of)
    ids = account["account_id"].combine_chunks()
    src, dst = (rows_of(known[c], ids) for c in ("src_account", "dst_account"))
    tied = _tied(src, dst, account, behind)
    kind, amount = known["kind"].combine_chunks(), known["amount"].to_numpy()
    served = pc.is_in(kind, value_set=SERVICE).to_numpy(zero_copy_only=False)
    lent = pc.equal(kind, "disbursement").to_numpy(zero_copy_only=False)
    mine = np.append(_holders(account, firms), -1)
    out = np.select([served, tied], [OWED, TIED_OUT], PLAIN_OUT)
    back = np.select([lent, tied], [LENT, TIED_IN], PLAIN_IN)
    rows = [
        pa.table({"firm": mine[at], "month": month, "way": way, "amount": amount})
        .filter(pa.array(mine[at] >= 0))
        for at, way in ((src, out), (dst, back))
    ]  # fmt: skip
    return added(pa.concat_tables(rows))


def added(rows: pa.Table) -> pa.Table:
    """Add up the rows of one firm, month and way; whole numbers only."""
    sums = rows.group_by(list(KEY), use_threads=False).aggregate([("amount", "sum")])
    return sums.rename_columns([*KEY, "amount"])


def _holders(account: pa.Table, firms: pa.Array) -> Int:
    """Return by account the row of the firm that can pay with it, else -1."""
    held = pc.is_in(account["kind"], value_set=pa.array(HELD)).to_numpy()
    return np.where(held, rows_of(account["party_id"], firms), -1)


def _tied(src: Int, dst: Int, account: pa.Table, behind: Behind) -> Bool:
    """Return which transfers stay with one party, or run between relatives."""
    party = account["party_id"].combine_chunks().dictionary_encode()
    owner = np.append(party.indices.to_numpy(zero_copy_only=False).astype(np.int64), -1)
    names, related = behind.related()
    place = np.append(rows_of(pa.chunked_array([party.dictionary]), names), -1)
    one, other = owner[src], owner[dst]
    a, b = place[one], place[other]
    kin = np.isin(a * len(names) + b, related) & (a >= 0) & (b >= 0)
    return np.asarray(((one == other) & (one >= 0)) | kin)


def bank_measures(sums: pa.Table, account: pa.Table, firms: pa.Array, window: int) -> Columns:
    """Return measures of the firms' accounts, one value a firm; NaN where undefined.

    Parameters
    ----------
    sums
        As :func:`flow_sums` and :func:`added` make them, in any order.
    account
        All bank accounts.
    firms
        Ids of the firms in order.
    window
        Months of the year that counts.
    """
    firm, month, way, amount = (sums[c].to_numpy() for c in (*KEY, "amount"))
    cube = np.zeros((len(firms), 2 * window, len(WAYS)), np.int64)
    recent = month < 2 * window
    np.add.at(cube, (firm[recent], month[recent], way[recent]), amount[recent])
    year = cube[:, :window]
    income, spent = year[:, :, PLAIN_IN], year[:, :, PLAIN_OUT]
    tied, owed = (year[:, :, w].sum(axis=1) for w in (TIED_OUT, OWED))
    whole = income.sum(axis=1)
    gone = spent.sum(axis=1) + tied + owed
    used = np.isin(np.arange(len(firms)), firm)
    columns = {
        "bank_inflow_12m": whole / 100,
        "bank_growth": contrast(whole, cube[:, window:, PLAIN_IN].sum(axis=1)),
        "bank_volatility": share(income.std(axis=1), income.mean(axis=1)),
        "bank_net": contrast(whole, spent.sum(axis=1)),
        "bank_low_month": share((income - spent).min(axis=1), np.maximum(whole, 0) / window),
        "bank_buffer": share(_lowest(sums, account, firms, window), gone / window),
        "bank_related_share": share(tied, gone),
        "bank_debt_share": share(owed, whole),
    }
    return {n: np.where(used, c, np.nan) for n, c in columns.items()}


def _lowest(sums: pa.Table, account: pa.Table, firms: pa.Array, window: int) -> Float:
    """Return the lowest balance at the end of one of the months of the year, fen."""
    firm, month, way, amount = (sums[c].to_numpy() for c in (*KEY, "amount"))
    signed = np.where(np.isin(way, (PLAIN_IN, TIED_IN, LENT)), amount, -amount)
    holder = _holders(account, firms)
    balance = np.zeros(len(firms), np.int64)
    opening = account["opening_balance"].to_numpy()
    np.add.at(balance, holder[holder >= 0], opening[holder >= 0])
    net = np.zeros((len(firms), window + 1), np.int64)
    np.add.at(net, (firm, np.minimum(month, window)), signed)
    ends = balance[:, None] + np.cumsum(net[:, ::-1], axis=1)
    return np.asarray(ends[:, 1:].min(axis=1), np.float64)
