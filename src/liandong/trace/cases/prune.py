"""Cutting a log down to what loans can have reached, and apart into cases.

Accounts are nodes; so are, for every loan, its source, which holds its money before it is paid out,
and its node of repayment. A node is reached at the earliest moment at which money of any loan can
be there. The state that goes to all parts is that moment by node: parts run through their transfers
and send back what they found earlier, until nobody finds anything.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.graphs.components import components
from liandong.schema.arrow import conform, empty
from liandong.step import NoRule, Tables, output, rounds
from liandong.trace.log import SINKS, gives_back, read_log

Int = NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
SOURCE, REPAID = "source:", "repaid:"


def edges(flow: pa.Table, turned: pa.Table, dead: pa.Table) -> pa.Table:
    """Return which node pays which, when: (giver, taker, at), more often than they do if in doubt.

    A transfer that gives back a disbursement or repayment may run between accounts or between the
    nodes of the loan. What leaves a sink has not come from anybody who paid into it, unless it
    gives something back.
    """
    giver, taker = _ends(flow)
    back = pc.less(flow["amount"], 0)
    own = pa.table({
        "giver": pc.if_else(back, taker, giver), "taker": pc.if_else(back, giver, taker),
        "at": flow["at"].cast(pa.int64()),
    })  # fmt: skip
    leaves = pc.is_in(own["giver"], value_set=dead["account_id"])
    return pa.concat_tables(
        [own.filter(pc.and_not(pc.not_equal(flow["amount"], 0), leaves)), turned]
    )


def _ends(flow: pa.Table) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Return the nodes that pay and are paid if amounts are positive."""
    ends = []
    # A disbursement taken back is a repayment.
    paid_out = pc.if_else(pc.less(flow["amount"], 0), REPAID, SOURCE)
    for column, kind, node in (
        ("src_account", "disbursement", paid_out), ("dst_account", "repayment", REPAID)
    ):  # fmt: skip
        of_loan = pc.and_(pc.equal(flow["kind"], kind), pc.is_valid(flow["loan_id"]))
        named = pc.binary_join_element_wise(node, flow["loan_id"], "")
        ends.append(pc.if_else(of_loan, named, flow[column].cast(pa.string())))
    return ends[0], ends[1]


def _backs(flow: pa.Table) -> pa.Array:
    """Return the rows that may give something back."""
    return pc.indices_nonzero(pc.and_(gives_back(flow), pc.is_valid(flow["ref"])))


def _turned(flow: pa.Table) -> tuple[pa.Array, pa.Table]:
    """Return the rows that may run between other nodes than they name, and what they do then.

    What gives an earlier transfer back runs between the nodes of that one, which may itself give
    one back: a log of these transfers alone tells.
    """
    backs = _backs(flow)
    original = pc.index_in(flow["ref"].take(backs), value_set=flow["flow_id"]).drop_null()
    rows = np.union1d(backs.to_numpy(), original.to_numpy()).astype(np.int64)
    # What was exchanged is not given back after all; that makes the paths more, which is allowed.
    plain = conform("flow", flow.drop_columns("received"))
    log = read_log(plain.take(rows), empty("bank_account"))
    loans = log.loans.cast(pa.string())
    sources, repaid = (pc.binary_join_element_wise(n, loans, "") for n in (SOURCE, REPAID))
    names = pa.concat_arrays([log.accounts.cast(pa.string()), sources, repaid])
    back = np.flatnonzero(log.undoes >= 0)
    row = pa.array(rows[log.row[back]])
    return row, pa.table({
        "giver": names.take(pa.array(log.legs[2, back])),
        "taker": names.take(pa.array(log.legs[3, back])),
        "at": flow["at"].take(row).cast(pa.int64()),
    })  # fmt: skip


def _start(tables: Tables, rule: NoRule) -> Tables:  # noqa: ARG001 - the signature of a start
    """Say that loans are at their sources, what may run between their nodes, and who keeps all."""
    flow, account = tables["flow"], tables["bank_account"]
    gives = flow.take(_backs(flow))
    giving = gives["src_account"].to_pylist() + gives["dst_account"].to_pylist()
    keeps = pc.is_in(account["kind"], value_set=pa.array(SINKS))
    gives_some = pc.is_in(account["account_id"], value_set=pa.array(giving, pa.string()))
    loans = pc.drop_null(pc.unique(flow["loan_id"])).cast(pa.string())
    return {
        "reached": pa.table({
            "node": pc.binary_join_element_wise(SOURCE, loans, ""),
            "at": np.full(len(loans), -NEVER),
        }),
        "turned": _turned(flow)[1],
        "dead": account.filter(pc.and_not(keeps, gives_some)).select(["account_id"]),
    }  # fmt: skip


def _offers(tables: Tables, rule: NoRule) -> Tables:  # noqa: ARG001 - the signature of a partial
    """Return nodes that a part's transfers reach earlier than is known."""
    from liandong.kernels.money.spreading import arrivals

    state, pay = tables["reached"], edges(tables["flow"], tables["turned"], tables["dead"])
    pay = pay.take(pc.sort_indices(pay["at"]))
    names, (giver, taker, known) = numbered(pay["giver"], pay["taker"], state["node"])
    reached = np.full(len(names), NEVER)
    reached[known] = state["at"].to_numpy()
    before, at = reached.copy(), pay["at"].to_numpy()
    arrivals(giver, taker, at, reached)
    new = np.flatnonzero(reached < before)
    return {"offer": pa.table({"node": names.take(new), "at": pa.array(reached[new])})}


def numbered(*columns: pa.ChunkedArray) -> tuple[pa.Array, list[Int]]:
    """Return all names in some columns, and each column as numbers of them."""
    chunks = [chunk.cast(pa.string()) for c in columns for chunk in c.chunks]
    coded = pa.chunked_array(chunks, pa.string()).dictionary_encode().combine_chunks()
    number = coded.indices.to_numpy().astype(np.int64)
    return coded.dictionary, np.split(number, np.cumsum([len(c) for c in columns])[:-1])


def _earliest(offers: pa.Table) -> pa.Table:
    found = offers.group_by("node", use_threads=False).aggregate([("at", "min")])
    return found.rename_columns(["node", "at"])


def _merge(left: Tables, right: Tables) -> Tables:
    return {"offer": _earliest(pa.concat_tables([left["offer"], right["offer"]]))}


def _advance(state: Tables, merged: Tables, rule: NoRule) -> tuple[Tables, bool]:  # noqa: ARG001 - the signature of an advance
    offer = merged["offer"]
    return {**state, "reached": _earliest(pa.concat_tables([state["reached"], offer]))}, not len(
        offer
    )


@rounds(
    reads=("flow", "bank_account"),
    writes=("case_loan", "case_account", "case_flow"),
    split=("flow",),
    start=_start,
    partial=_offers,
    merge=_merge,
    advance=_advance,
)
def prune(tables: Tables, rule: NoRule) -> Tables:  # noqa: ARG001 - the signature of a finish
    """Find what loans can have reached, and which loans must be traced together.

    Two loans are of one case if money of both can have been in the same account, other than a sink
    that gives nothing back. The case is named after its first loan. Its transfers are all of its
    accounts, and of those who give something back to them: with these alone ``trace.cases`` finds
    every fen where ``trace.follow`` finds it with all transfers.
    """
    flow, reached = tables["flow"], tables["reached"]
    pay = edges(flow, tables["turned"], tables["dead"])
    backs, turned = _turned(flow)
    columns = (reached["node"], pay["giver"], pay["taker"], *_ends(flow))
    names, (node, giver, taker, *ends) = numbered(*columns, turned["giver"], turned["taker"])
    at = np.full(len(names), NEVER)
    at[node] = reached["at"].to_numpy()
    dead = pc.is_in(names, value_set=tables["dead"]["account_id"]).to_numpy(zero_copy_only=False)
    live = at[giver] <= pay["at"].to_numpy()
    joins = live & ~dead[taker]
    root = components(giver[joins], taker[joins], len(names))
    loans, paid_out = _paid_out(flow, names, giver[live])
    first = np.full(len(names), -1)
    first[root[paid_out[::-1]]] = np.arange(len(loans))[::-1]
    # The case of a node is the first loan of its component; a loan not paid out makes none.
    case = np.where((at < NEVER) & ~dead, first[root], -1)
    at_row = np.full((4, len(flow)), -1)
    at_row[:2], at_row[2:, backs.to_numpy()] = ends[:2], ends[2:]
    which, row = _rows(case, at_row, _backs(flow).to_numpy())
    held = np.flatnonzero((case >= 0) & _accounts(flow, names))
    rows = flow.take(row)
    return {
        **output("case_loan", case_id=loans.take(case[paid_out]), loan_id=loans),
        **output(
            "case_account",
            case_id=loans.take(case[held]),
            account_id=names.take(held),
            at=pa.array(at[held]).cast(flow["at"].type),
        ),
        **output(
            "case_flow",
            case_id=loans.take(which),
            **{n: rows[n] for n in rows.column_names},
        ),
    }


def _paid_out(flow: pa.Table, names: pa.Array, payers: Int) -> tuple[pa.Array, Int]:
    """Return the loans whose sources pay something, in order, and these sources."""
    loans = pc.drop_null(pc.unique(flow["loan_id"])).cast(pa.string()).sort()
    source = pc.index_in(pc.binary_join_element_wise(SOURCE, loans, ""), value_set=names)
    node = source.to_numpy()
    pays = np.isin(node, payers)
    return loans.filter(pa.array(pays)), node[pays]


def _accounts(flow: pa.Table, names: pa.Array) -> NDArray[np.bool_]:
    """Return which nodes are accounts."""
    found = [pc.unique(flow[n]).cast(pa.string()) for n in ("src_account", "dst_account")]
    is_account = pc.is_in(names, value_set=pa.concat_arrays(found))
    mask: NDArray[np.bool_] = is_account.to_numpy(zero_copy_only=False)
    return mask


def _rows(case: Int, at_row: Int, backs: Int) -> tuple[Int, Int]:
    """Return which row each case needs, as pairs of (case, row).

    ``at_row`` has the nodes of each row, -1 for none. How much is given back depends on what the
    giver holds, so a case needs all rows of who gives back to it.
    """
    known = np.append(case, -1)  # so that no node has no case
    pairs = [np.stack([known[nodes], np.arange(len(nodes))]) for nodes in at_row]
    asks = [
        np.stack([known[at_row[i, backs]], at_row[j, backs]])
        for i in range(4) for j in range(4) if i != j
    ]  # fmt: skip
    wanted = np.concatenate(asks, axis=1)
    wanted = wanted[:, (wanted >= 0).all(axis=0)]
    wanted = np.unique(wanted[:, known[wanted[1]] != wanted[0]], axis=1)
    order = np.argsort(at_row, axis=None, kind="stable")
    sorted_nodes = at_row.ravel()[order]
    first, end = (np.searchsorted(sorted_nodes, wanted[1], side) for side in ("left", "right"))
    count = end - first
    spread = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - first, count)
    pairs.append(np.stack([np.repeat(wanted[0], count), order[spread] % max(at_row.shape[1], 1)]))
    found = np.concatenate(pairs, axis=1)
    which, row = np.unique(found[:, found[0] >= 0], axis=1)
    return which, row
