"""A Czech bank (PKDD 1999): clients, their accounts, loans and transfers of 1993 and after.

Amounts are Czech koruna: wherever the tables say fen these rows hold hundredths of it. Not read:
cards, districts, standing orders, and who else may dispose of an account.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.load.base import Raw, hashes, need_folder
from liandong.load.sheet import Sheet, each_distinct, read_sheet
from liandong.schema.parse import as_text

FILES = ("client.csv", "disp.csv", "account.csv", "loan.csv", "trans.parquet")
BANK, CASH, INCOME = "BK-BANK", "BK-CASH", "BK-INCOME"
"""The bank, its till, and where its fees and interest go and come from."""
_LOAN_STATUS = {"A": "repaid", "B": "default", "C": "current", "D": "in_arrears"}
_BY_SYMBOL = {"UROK": "interest", "SANKC. UROK": "interest", "SLUZBY": "fee", "UVER": "repayment"}
_BY_OPERATION = {"VKLAD": "cash", "VYBER": "cash", "VYBER KARTOU": "cash"}
_SINK = {"interest": INCOME, "fee": INCOME, "cash": CASH}
_INWARD = {"PRIJEM": True, "VYDAJ": False, "VYBER": False}


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hashes of the five files that are read."""
    return hashes(need_folder(path, FILES))


def read(path: Path) -> Iterator[Raw]:
    """Read the folder.

    Parameters
    ----------
    path
        With the files of :data:`FILES`.

    Yields
    ------
    Raw
        ``party`` (clients, this bank and the other banks), ``bank_account`` (of clients, of this
        bank, and those at other banks, of which only the bank is known: it stands as the owner),
        ``loan``, ``flow``. A transfer is at midnight of its day, in the order of the file.
    """
    clients, disp, accounts, loans, moves = (read_sheet(p) for p in need_folder(path, FILES))
    owner = _owners(disp)
    yield _own_bank()
    yield _clients(clients)
    yield from _accounts(accounts, owner)
    yield _loans(loans, owner)
    yield from _moves(moves, loans)


def _owners(disp: Sheet) -> dict[str, str]:
    disp.need(["client_id", "account_id", "type"])
    rows = disp.data.filter(pc.equal(disp.data["type"], "OWNER"))
    return dict(zip(rows["account_id"].to_pylist(), rows["client_id"].to_pylist(), strict=True))


def _own_bank() -> Raw:
    columns = {"party_id": [BANK], "kind": ["bank"], "name": ["Berka"]}
    return Raw("party", pa.table(columns), "assumptions")


def _day(word: str) -> str:
    """Write YYMMDD as a date of the 1900s."""
    return f"19{word[:2]}-{word[2:4]}-{word[4:]}" if len(word) == 6 else word


def _birthday(word: str) -> str:
    """Read a birth number; the months of women are 51 to 62."""
    month = word[2:4]
    plain = f"{int(month) - 50:02d}" if month.isdigit() and int(month) > 50 else month
    return _day(word[:2] + plain + word[4:])


def _id(mark: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(f"BK-{mark}", as_text(column), "")


def _clients(sheet: Sheet) -> Raw:
    sheet.need(["client_id", "birth_number"])
    columns = {
        "party_id": _id("C", sheet.data["client_id"]), "kind": "person",
        "founded": each_distinct(sheet.data["birth_number"], _birthday),
    }  # fmt: skip
    labels = {"party_id": "client_id", "founded": "birth_number"}
    return sheet.raw("party", columns, labels=labels)


def _owner_of(account: pa.ChunkedArray, owner: dict[str, str]) -> pa.ChunkedArray:
    return each_distinct(account, lambda a: f"BK-C{owner[a]}" if a in owner else None)


def _accounts(sheet: Sheet, owner: dict[str, str]) -> Iterator[Raw]:
    sheet.need(["account_id", "date"])
    account = sheet.data["account_id"]
    columns = {
        "account_id": _id("", account), "party_id": _owner_of(account, owner), "bank_id": BANK,
        "kind": "current", "opened": each_distinct(sheet.data["date"], _day),
        "opening_balance": "0",
    }  # fmt: skip
    yield sheet.raw("bank_account", columns, labels={"opened": "date"})
    own = {
        "account_id": [CASH, INCOME], "party_id": [BANK] * 2, "bank_id": [BANK] * 2,
        "kind": ["cash", "fee"], "opening_balance": ["0"] * 2,
    }  # fmt: skip
    yield Raw("bank_account", pa.table(own), "assumptions")


def _loans(sheet: Sheet, owner: dict[str, str]) -> Raw:
    sheet.need(["loan_id", "account_id", "date", "amount", "duration", "status"])
    data = sheet.data
    columns = {
        "loan_id": _id("L", data["loan_id"]), "party_id": _owner_of(data["account_id"], owner),
        "lender_id": BANK, "account_id": _id("", data["account_id"]), "amount": data["amount"],
        "start": each_distinct(data["date"], _day), "term_months": data["duration"],
        "status": each_distinct(data["status"], lambda w: _LOAN_STATUS.get(w, w)),
    }  # fmt: skip
    return sheet.raw("loan", columns, labels={"start": "date", "term_months": "duration"})


def _moves(sheet: Sheet, loans: Sheet) -> Iterator[Raw]:
    names = ["trans_id", "account_id", "date", "type", "operation", "amount", "k_symbol"]
    sheet.need([*names, "bank", "account"])
    data = sheet.data
    bank = as_text(data["bank"])
    outside = pc.binary_join_element_wise("BK", bank, as_text(data["account"]), "-")
    yield from _outsiders(sheet, bank, outside)
    symbol = _stripped(data["k_symbol"])
    by_operation = each_distinct(_stripped(data["operation"]), _BY_OPERATION.get)
    kind = pc.coalesce(each_distinct(symbol, _BY_SYMBOL.get), by_operation, pa.scalar("transfer"))
    own, other = _id("", data["account_id"]), pc.coalesce(outside, each_distinct(kind, _SINK.get))
    inward = pa.chunked_array([pa.array([_INWARD.get(t) for t in data["type"].to_pylist()])])
    repaid = pc.equal(kind, "repayment")
    borrowed = dict(zip(loans.data["account_id"].to_pylist(), loans.data["loan_id"].to_pylist(),
                        strict=True))  # fmt: skip
    loan = each_distinct(as_text(data["account_id"]), borrowed.get)
    columns = {
        "flow_id": _id("T", data["trans_id"]),
        "src_account": pc.if_else(inward, other, own),
        "dst_account": pc.if_else(inward, own, other),
        "amount": data["amount"],
        "at": each_distinct(as_text(data["date"]), _day),
        "seq": sheet.rows,
        "purpose": symbol,
        "kind": kind,
        "loan_id": pc.if_else(repaid, _id("L", loan), None),
    }
    yield sheet.raw("flow", columns, labels={"at": "date", "flow_id": "trans_id"})


def _stripped(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(as_text(column))


def _outsiders(sheet: Sheet, bank: pa.ChunkedArray, account: pa.ChunkedArray) -> Iterator[Raw]:
    """Yield the other banks and the accounts there that appear in transfers."""
    party = pc.binary_join_element_wise(BANK, bank, "-")
    banks = {"party_id": party, "kind": "bank", "name": bank}
    yield sheet.raw("party", banks, keep=_first(party))
    accounts = {
        "account_id": account, "party_id": party, "bank_id": party, "kind": "current",
        "opening_balance": "0",
    }  # fmt: skip
    yield sheet.raw("bank_account", accounts, keep=_first(account))


def _first(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Mask the first row of each value that is not null."""
    coded = pc.dictionary_encode(column.combine_chunks()).indices
    codes = pc.fill_null(coded, -1).to_numpy()
    first = np.zeros(len(codes), dtype=bool)
    first[np.unique(codes, return_index=True)[1]] = True
    return pa.chunked_array([first & (codes >= 0)])
