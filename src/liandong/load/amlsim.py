"""Transfers simulated by AMLSim, in its older Parquet and its current CSV layout.

Accounts belong to persons; a step of the simulation is a day. What AMLSim says of fraud and alerts
is not read: it is the answer, not an input. Amounts are dollars, held in cents.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from liandong.load.base import Raw, hashes, need_folder, unusable
from liandong.load.sheet import Sheet, each_distinct, read_sheet
from liandong.schema.parse import as_text

GRAPH = ("nodes.parquet", "transactions.parquet")
LOGS = ("accounts.csv", "tx.csv", "cash_tx.csv")
BASE = "2017-01-01"
"""AMLSim's own first day."""
BANK, CASH = "AML-BANK", "AML-CASH"


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hashes of the files of either layout."""
    return hashes(_files(path))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        raise unusable(path, "missing_folder")
    for names in (GRAPH, LOGS):
        if (path / names[0]).exists():
            return need_folder(path, names)
    raise unusable(path, "layout", expected=f"{' + '.join(GRAPH)} / {' + '.join(LOGS)}")


def read(path: Path, base: str = BASE) -> Iterator[Raw]:
    """Read a folder of AMLSim output.

    Parameters
    ----------
    path
        With the files :data:`GRAPH` or :data:`LOGS`.
    base
        The day of step 0, ISO.

    Yields
    ------
    Raw
        ``party``, ``bank_account``, ``flow``.
    """
    first = date.fromisoformat(base)
    accounts, moves, *cash = (read_sheet(p) for p in _files(path))
    if cash:
        yield from _logs(accounts, moves, cash[0], first)
    else:
        yield from _graph(accounts, moves, first)


def _graph(nodes: Sheet, moves: Sheet, first: date) -> Iterator[Raw]:
    nodes.need(["nodeid", "init_balance"])
    moves.need(["sourceNodeId", "targetNodeId", "value", "time"])
    owner = pc.binary_join_element_wise("C", as_text(nodes.data["nodeid"]), "_")
    yield from _accounts(nodes, owner, nodes.data["nodeid"])
    columns = {
        "flow_id": _id(pa.chunked_array([moves.rows]), "T"),
        "src_account": _id(moves.data["sourceNodeId"]),
        "dst_account": _id(moves.data["targetNodeId"]),
        "amount": moves.data["value"], "at": _days(moves.data["time"], first),
        "seq": moves.rows, "kind": "transfer",
    }  # fmt: skip
    labels = {"amount": "value", "at": "time"}
    yield moves.raw("flow", columns, units={"amount": "yuan"}, labels=labels)


def _logs(accounts: Sheet, moves: Sheet, cash: Sheet, first: date) -> Iterator[Raw]:
    accounts.need(["ACCOUNT_ID", "PRIMARY_CUSTOMER_ID", "init_balance"])
    moves.need(["TXN_ID", "ACCOUNT_ID", "COUNTER_PARTY_ACCOUNT_NUM", "TXN_AMOUNT_ORIG", "start",
                "TXN_SOURCE_TYPE_CODE"])  # fmt: skip
    cash.need(["TXN_ID", "ACCOUNT_ID", "BRANCH_ID", "TXN_SOURCE_TYPE_CODE", "TXN_AMOUNT_ORIG",
               "RUN_DATE"])  # fmt: skip
    yield from _accounts(
        accounts, accounts.data["PRIMARY_CUSTOMER_ID"], accounts.data["ACCOUNT_ID"]
    )
    yield Raw("party", pa.table({"party_id": [BANK], "kind": ["bank"]}), "assumptions")
    till = {"account_id": CASH, "party_id": BANK, "kind": "cash", "opening_balance": "0"}
    yield Raw("bank_account", pa.table({n: [v] for n, v in till.items()}), "assumptions")
    data = moves.data
    ends = _id(data["ACCOUNT_ID"]), _id(data["COUNTER_PARTY_ACCOUNT_NUM"])
    yield _log(moves, ends, _days(data["start"], first), "transfer")
    data = cash.data
    # A withdrawal is logged with the branch in the column of the account and the other way round.
    out = pc.equal(data["TXN_SOURCE_TYPE_CODE"], "CASH-OUT")
    ends = (
        pc.if_else(out, _id(data["BRANCH_ID"]), CASH),
        pc.if_else(out, CASH, _id(data["ACCOUNT_ID"])),
    )
    yield _log(cash, ends, _days(data["RUN_DATE"], first), "cash")


def _log(
    sheet: Sheet,
    ends: tuple[pa.ChunkedArray, pa.ChunkedArray],
    at: pa.ChunkedArray,
    kind: str,
) -> Raw:
    data = sheet.data
    columns = {
        "flow_id": _id(data["TXN_ID"], "T"), "src_account": ends[0], "dst_account": ends[1],
        "amount": data["TXN_AMOUNT_ORIG"], "at": at, "seq": data["TXN_ID"],
        "purpose": data["TXN_SOURCE_TYPE_CODE"], "kind": kind,
    }  # fmt: skip
    return sheet.raw("flow", columns, labels={"amount": "TXN_AMOUNT_ORIG", "flow_id": "TXN_ID"})


def _accounts(sheet: Sheet, owner: pa.ChunkedArray, account: pa.ChunkedArray) -> Iterator[Raw]:
    party = pc.binary_join_element_wise("AML", as_text(owner), "-")
    yield sheet.raw("party", {"party_id": party, "kind": "person"})
    columns = {
        "account_id": _id(account), "party_id": party, "kind": "current",
        "opening_balance": sheet.data["init_balance"],
    }  # fmt: skip
    yield sheet.raw("bank_account", columns, labels={"opening_balance": "init_balance"})


def _id(column: pa.ChunkedArray, mark: str = "") -> pa.ChunkedArray:
    return pc.binary_join_element_wise(f"AML-{mark}", as_text(column), "")


def _days(steps: pa.ChunkedArray, first: date) -> pa.ChunkedArray:
    """Return the day of each step; text that is no number stays, to be refused as it is."""

    def day(word: str) -> str:
        return (first + timedelta(days=int(word))).isoformat() if word.isdigit() else word

    return each_distinct(as_text(steps), day)
