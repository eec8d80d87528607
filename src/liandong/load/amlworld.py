"""Transfers in the file layout of AMLworld (IBM, Transactions for Anti Money Laundering).

A folder holds ``NAME_Trans.csv`` and ``NAME_accounts.csv``, and with ``labels=True`` what is known
of laundering is read as well, from the transfers and from ``NAME_Patterns.txt`` if it is there.
Without, nothing of the answer comes in.

Amounts are those that were paid, in hundredths of the currency that they were paid in; wherever
tables say fen these rows hold that. ``received`` is what arrived if that is another currency:
nothing is converted, and no row is left out for its currency. An account is in the currency in
which it pays and is paid. If there are several, it is the one of most transfers (of equals the
first by name), and for each of the others there is an account beside it, ``ID-USD``, of the same
owner; one that is in no transfer is in none. The purpose of a transfer names its payment format and
currencies. Amounts in Bitcoin, which have six decimals, are rounded half to even to hundredths.
Banks are numbered without leading zeros, since the two files differ in them.
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
_CODES = {
    "US Dollar": "USD", "Euro": "EUR", "Yuan": "CNY", "Yen": "JPY", "UK Pound": "GBP",
    "Swiss Franc": "CHF", "Canadian Dollar": "CAD", "Australian Dollar": "AUD", "Rupee": "INR",
    "Ruble": "RUB", "Brazil Real": "BRL", "Mexican Peso": "MXN", "Shekel": "ILS",
    "Saudi Riyal": "SAR", "Bitcoin": "XBT",
}  # fmt: skip
"""Codes of ISO 4217, and what is usual for Bitcoin; another name is refused as it is."""
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
    accounts, moves = read_csv(files[1]), read_csv(files[0], repeated=True)
    moves.need(_NEEDED)
    held = _Held(moves)
    yield from _accounts(accounts, held)
    yield _flows(moves, held)
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


class _Held:
    """In which currencies accounts are, by the transfers that they are in.

    Parameters
    ----------
    sheet
        The transfers.

    Attributes
    ----------
    payer, payee
        The account at each end of each transfer, in the currency of that end.
    paid, got
        Codes of these currencies.
    """

    def __init__(self, sheet: Sheet) -> None:
        data = sheet.data
        payer = _account(data["From Bank"], data["Account"])
        payee = _account(data["To Bank"], data["Account.1"])
        self.paid, self.got = (each_distinct(data[f"{c} Currency"], _code)
                               for c in ("Payment", "Receiving"))  # fmt: skip
        ends = pa.table({
            "account": pa.chunked_array([*payer.chunks, *payee.chunks], pa.string()),
            "code": pa.chunked_array([*self.paid.chunks, *self.got.chunks], pa.string()),
        })  # fmt: skip
        used = ends.group_by(["account", "code"]).aggregate([([], "count_all")])
        used = used.sort_by([("account", "ascending"), ("count_all", "descending"),
                             ("code", "ascending")]).combine_chunks()  # fmt: skip
        accounts = used["account"].combine_chunks()
        first = pc.equal(pc.index_in(accounts, value_set=accounts), pa.array(range(len(accounts))))
        self._first, self._other = used.filter(first), used.filter(pc.invert(first))
        self.payer, self.payee = self.of(payer, self.paid), self.of(payee, self.got)

    def main(self, accounts: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the currency that each account has most transfers in; null without any."""
        place = pc.index_in(accounts, value_set=self._first["account"].combine_chunks())
        return self._first["code"].take(place)

    def others(self, accounts: pa.ChunkedArray) -> Iterator[tuple[str, pa.ChunkedArray]]:
        """Yield each currency that some accounts have beside their own, and which these are."""
        for code in sorted(set(self._other["code"].drop_null().to_pylist())):
            mine = self._other.filter(pc.equal(self._other["code"], code))["account"]
            yield code, pc.is_in(accounts, value_set=mine.combine_chunks())

    def of(self, accounts: pa.ChunkedArray, codes: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the account of each owner's that is in a currency."""
        same = pc.fill_null(pc.equal(self.main(accounts), codes), fill_value=True)
        return pc.if_else(same, accounts, _beside(accounts, codes))


def _beside(accounts: pa.ChunkedArray, code: pa.ChunkedArray | str) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(accounts, code, "-")


def _code(word: str) -> str:
    return _CODES.get(word.strip(), word.strip())


def _accounts(sheet: Sheet, held: _Held) -> Iterator[Raw]:
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
    account = _account(data["Bank ID"], data["Account Number"])
    columns = {
        "account_id": account, "party_id": owner, "bank_id": bank, "kind": "current",
        "opening_balance": "0", "currency": held.main(account),
    }  # fmt: skip
    labels = {"account_id": "Account Number"}
    yield sheet.raw("bank_account", columns, labels=labels)
    for code, which in held.others(account):
        beside = {**columns, "account_id": _beside(account, code), "currency": code}
        yield sheet.raw("bank_account", beside, keep=which, labels=labels)


def _first(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """Mask the first row of each id."""
    place = pa.table({"id": ids, "row": pa.array(range(len(ids)))})
    rows = place.group_by("id").aggregate([("row", "min")])["row_min"]
    return pa.chunked_array([pc.is_in(place["row"].combine_chunks(), value_set=rows)])


def _flows(sheet: Sheet, held: _Held) -> Raw:
    data = sheet.data
    paid, got = (pc.utf8_trim_whitespace(data[f"{c} Currency"]) for c in ("Payment", "Receiving"))
    currency = pc.if_else(pc.equal(paid, got), paid, pc.binary_join_element_wise(paid, got, " > "))
    amount, received = (_hundredths(data[f"Amount {n}"], of)
                        for n, of in (("Paid", paid), ("Received", got)))  # fmt: skip
    columns = {
        "flow_id": _ids(sheet), "src_account": held.payer, "dst_account": held.payee,
        "amount": amount, "received": pc.if_else(pc.equal(held.paid, held.got), None, received),
        "at": data["Timestamp"], "seq": sheet.rows, "kind": "transfer",
        "purpose": pc.binary_join_element_wise(data["Payment Format"], currency, ", "),
    }  # fmt: skip
    labels = {"amount": "Amount Paid", "received": "Amount Received", "at": "Timestamp",
              "src_account": "Account", "dst_account": "Account.1"}  # fmt: skip
    return sheet.raw("flow", columns, labels=labels)


def _ids(sheet: Sheet) -> pa.ChunkedArray:
    return pc.binary_join_element_wise("AW-T", as_text(pa.chunked_array([sheet.rows])), "")


def _hundredths(amount: pa.ChunkedArray, currency: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return amounts as they are, those of the fine currency rounded."""
    fine = pc.equal(currency, _FINE)
    return pc.if_else(fine, each_distinct(pc.if_else(fine, amount, "0"), _cents), amount)


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
