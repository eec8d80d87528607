"""Transfers in the file layout of AMLworld (IBM, Transactions for Anti Money Laundering).

A folder holds ``NAME_Trans.csv`` and ``NAME_accounts.csv``, and with ``labels=True`` what is known
of laundering is read as well, from the transfers and from ``NAME_Patterns.txt`` if it is there.
Without, nothing of the answer comes in.

Amounts are those that were paid, in hundredths of the currency that they were paid in; wherever
tables say fen these rows hold that. The purpose of a transfer names its payment format and this
currency, and the one that was received if it is another: nothing is converted, and no row is left
out for its currency. Amounts in Bitcoin, which have six decimals, are rounded half to even to
hundredths. Banks are numbered without leading zeros, since the two files differ in them.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from liandong.load.base import Raw, hashes, unusable
from liandong.load.sheet import Sheet, decode, each_distinct, read_csv
from liandong.schema.parse import as_text

TRANS, ACCOUNTS, PATTERNS = "_Trans.csv", "_accounts.csv", "_Patterns.txt"
_NEEDED = (
    "Timestamp", "From Bank", "Account", "To Bank", "Account.1", "Amount Received",
    "Receiving Currency", "Amount Paid", "Payment Currency", "Payment Format",
)  # fmt: skip
_LABEL = "Is Laundering"
_FINE = "Bitcoin"
"""The currency with more decimals than the tables hold."""
_BEGIN, _END = "BEGIN LAUNDERING ATTEMPT - ", "END LAUNDERING ATTEMPT"
_CENT = Decimal("0.01")


def fingerprint(path: Path, which: str = "", *, labels: bool = False) -> dict[str, str]:
    """Return the hashes of the files that are read."""
    return hashes(_files(path, which, labels=labels))


def _files(path: Path, which: str, *, labels: bool) -> list[Path]:
    """Return the file of transfers, of accounts, and the one of patterns if it is to be read."""
    if not path.is_dir():
        raise unusable(path, "missing_folder")
    names = sorted(p.name.removesuffix(TRANS) for p in path.glob(f"*{TRANS}"))
    if which not in names and (which or len(names) != 1):
        raise unusable(path, "amlworld_set", found=", ".join(names) or "-")
    prefix = which or names[0]
    files = [path / f"{prefix}{TRANS}", path / f"{prefix}{ACCOUNTS}"]
    if not files[1].is_file():
        raise unusable(path, "missing_part", names=files[1].name)
    patterns = path / f"{prefix}{PATTERNS}"
    return [*files, patterns] if labels and patterns.is_file() else files


def read(path: Path, which: str = "", *, labels: bool = False) -> Iterator[Raw]:
    """Read one data set of a folder.

    Parameters
    ----------
    path
        The folder.
    which
        Which data set, such as ``HI-Small``; needed if the folder holds several.
    labels
        Whether to read the labels, into ``flow_label``, with the pattern that a transfer is part
        of where that is told.

    Yields
    ------
    Raw
        ``party`` (banks and entities), ``bank_account``, ``flow``, and ``flow_label`` if asked.
    """
    files = _files(path, which, labels=labels)
    yield from _accounts(read_csv(files[1]))
    moves = read_csv(files[0], repeated=True)
    moves.need(_NEEDED)
    yield _flows(moves)
    if labels:
        moves.need([_LABEL])
        yield _labels(moves, files[2] if len(files) > 2 else None)


def _bank(column: pa.ChunkedArray) -> pa.ChunkedArray:
    number = pc.utf8_ltrim(pc.utf8_trim_whitespace(as_text(column)), characters="0")
    return pc.if_else(pc.equal(number, ""), "0", number)


def _account(bank: pa.ChunkedArray, account: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the id of an account: numbers are told apart by bank."""
    number = pc.utf8_trim_whitespace(as_text(account))
    return pc.if_else(
        pc.equal(number, ""), None, pc.binary_join_element_wise("AW", _bank(bank), number, "-")
    )


def _accounts(sheet: Sheet) -> Iterator[Raw]:
    sheet.need(["Bank Name", "Bank ID", "Account Number", "Entity ID", "Entity Name"])
    data = sheet.data
    bank = pc.binary_join_element_wise("AW-B", _bank(data["Bank ID"]), "")
    owner = pc.binary_join_element_wise("AW-E", as_text(data["Entity ID"]), "")
    person = pc.starts_with(pc.utf8_trim_whitespace(as_text(data["Entity Name"])), "Individual")
    banks = {"party_id": bank, "kind": "bank", "name": data["Bank Name"]}
    owners = {
        "party_id": owner, "kind": pc.if_else(person, "person", "firm"),
        "name": data["Entity Name"],
    }  # fmt: skip
    # A bank and an entity stand in as many rows as they have accounts.
    yield sheet.raw("party", banks, keep=_first(bank), labels={"party_id": "Bank ID"})
    yield sheet.raw("party", owners, keep=_first(owner), labels={"party_id": "Entity ID"})
    columns = {
        "account_id": _account(data["Bank ID"], data["Account Number"]), "party_id": owner,
        "bank_id": bank, "kind": "current", "opening_balance": "0",
    }  # fmt: skip
    yield sheet.raw("bank_account", columns, labels={"account_id": "Account Number"})


def _first(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """Mask the first row of each id."""
    place = pa.table({"id": ids, "row": pa.array(range(len(ids)))})
    rows = place.group_by("id").aggregate([("row", "min")])["row_min"]
    return pa.chunked_array([pc.is_in(place["row"].combine_chunks(), value_set=rows)])


def _flows(sheet: Sheet) -> Raw:
    data = sheet.data
    paid, got = (pc.utf8_trim_whitespace(data[f"{c} Currency"]) for c in ("Payment", "Receiving"))
    currency = pc.if_else(pc.equal(paid, got), paid, pc.binary_join_element_wise(paid, got, " > "))
    amount = pc.if_else(
        pc.equal(paid, _FINE), each_distinct(_only(data["Amount Paid"], paid), _cents),
        data["Amount Paid"],
    )  # fmt: skip
    columns = {
        "flow_id": _ids(sheet),
        "src_account": _account(data["From Bank"], data["Account"]),
        "dst_account": _account(data["To Bank"], data["Account.1"]),
        "amount": amount, "at": data["Timestamp"], "seq": sheet.rows, "kind": "transfer",
        "purpose": pc.binary_join_element_wise(data["Payment Format"], currency, ", "),
    }  # fmt: skip
    labels = {"amount": "Amount Paid", "at": "Timestamp", "src_account": "Account",
              "dst_account": "Account.1"}  # fmt: skip
    return sheet.raw("flow", columns, labels=labels)


def _ids(sheet: Sheet) -> pa.ChunkedArray:
    return pc.binary_join_element_wise("AW-T", as_text(pa.chunked_array([sheet.rows])), "")


def _only(amount: pa.ChunkedArray, currency: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return amounts of the fine currency, and one for all others that stands for none."""
    return pc.if_else(pc.equal(currency, _FINE), amount, "0")


def _cents(word: str) -> str:
    """Round to hundredths; text that is no number stays, to be refused as it is."""
    try:
        return str(Decimal(word.strip()).quantize(_CENT, ROUND_HALF_EVEN))
    except InvalidOperation:
        return word


def _labels(sheet: Sheet, patterns: Path | None) -> Raw:
    known = _patterns(patterns) if patterns else {}
    bad = pc.utf8_trim_whitespace(as_text(sheet.data[_LABEL]))
    illicit = pc.equal(bad, "1").to_pylist()
    rows = sheet.data.filter(pa.array(illicit)).select([*_NEEDED, _LABEL]).to_pylist()
    told = iter([known.get(",".join(r.values())) for r in rows])
    pattern = pa.array([next(told) if i else None for i in illicit], pa.string())
    columns = {"flow_id": _ids(sheet), "bad": bad, "pattern": pa.chunked_array([pattern])}
    return sheet.raw("flow_label", columns, labels={"bad": _LABEL})


def _patterns(path: Path) -> dict[str, str]:
    """Return the pattern of each transfer that the file lists, by its line."""
    found, pattern = {}, ""
    for line in decode(path).splitlines():
        if line.startswith(_BEGIN):
            pattern = line.removeprefix(_BEGIN).partition(":")[0].strip().lower()
        elif line.startswith(_END):
            pattern = ""
        elif pattern and line.strip():
            found[line.strip()] = pattern
    return found
