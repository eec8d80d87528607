"""Loans guaranteed by the US Small Business Administration: outcomes known, names dropped.

Amounts are US dollars: wherever the tables say fen these rows hold cents, and nothing converts
them, so such a board should hold no other money. The firm of a loan is known by the loan alone:
one firm a loan. What was known at the decision becomes a signal dated on the day of approval;
the columns of :data:`LEAKS` do not.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.load.base import Raw, hashes, unusable
from liandong.load.sheet import Sheet, each_distinct, read_sheet
from liandong.schema.parse import as_text, parse_column
from liandong.schema.tables import table

LEAKS = (
    "term", "chg_off_date", "chg_off_prin_gr", "balance_gross",
    "disbursement_date", "disbursement_gross",
)  # fmt: skip
"""Columns written or rewritten after the decision: never a feature.

``term`` still stands in ``loan.term_months``, because a loan has one; it was partly rewritten when
the loan was charged off.
"""
_CASE_NAMES = {
    "LoanNr_ChkDgt": "loan_nr_chk_dgt", "Bank": "bank", "State": "state", "BankState": "bank_state",
    "NAICS": "naics", "ApprovalDate": "approval_date", "Term": "term", "NoEmp": "no_emp",
    "NewExist": "new_exist", "CreateJob": "create_job", "RetainedJob": "retained_job",
    "FranchiseCode": "franchise_code", "UrbanRural": "urban_rural", "RevLineCr": "rev_line_cr",
    "LowDoc": "low_doc", "ChgOffDate": "chg_off_date", "ChgOffPrinGr": "chg_off_prin_gr",
    "GrAppv": "gr_appv", "SBA_Appv": "sba_appv", "Default": "default",
}  # fmt: skip
_SAS_EPOCH = date(1960, 1, 1)
_STATUS = {"0": "repaid", "1": "default"}
_YES_NO = {"Y": "1", "N": "0"}


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hashes of the file, or of the files ``sba*`` of the folder."""
    return hashes(_files(path))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.glob("sba*") if p.suffix in {".parquet", ".csv"})
    if not found:
        raise unusable(path, "missing_part", names="sba*.parquet, sba*.csv")
    return found


def read(path: Path) -> Iterator[Raw]:
    """Read a file or all files of a folder.

    Parameters
    ----------
    path
        Parquet with the columns of the national file in lower case, or the CSV of the California
        case (dates in days since 1960). A loan that an earlier file of the folder has is refused
        as a repetition.

    Yields
    ------
    Raw
        ``party`` (firms and banks), ``loan`` (approved amount, start at approval), ``event`` (a
        default where its day is known), ``signal``.
    """
    loans: set[str] = set()
    banks: set[str] = set()
    for file in _files(path):
        sheet = _sheet(file)
        number = as_text(sheet.data["loan_nr_chk_dgt"])
        fresh = _unseen(number, loans)
        lender = each_distinct(
            pc.fill_null(as_text(sheet.data["bank"]), ""),
            lambda name: f"SBA-BANK {name.strip() or 'unknown'}",
        )
        yield from _loans(sheet, number, lender)
        yield from _parties(sheet, number, lender, fresh, _unseen(lender, banks))
        yield _events(sheet, number, fresh)
        yield from _signals(sheet, number, fresh)


def _sheet(file: Path) -> Sheet:
    sheet = read_sheet(file)
    if "LoanNr_ChkDgt" in sheet.data.column_names:
        sheet.need(_CASE_NAMES)
        data = sheet.data.select(list(_CASE_NAMES)).rename_columns(list(_CASE_NAMES.values()))
        for name in ("approval_date", "chg_off_date"):
            data = data.set_column(
                data.column_names.index(name), name, each_distinct(data[name], _sas_day)
            )
        return Sheet(sheet.file, data, sheet.rows, sheet.faults)
    sheet.need(_CASE_NAMES.values())
    return sheet


def _sas_day(word: str) -> str:
    """Turn days since 1960 into a date; text that is no number stays, to be refused as it is."""
    try:
        return (_SAS_EPOCH + timedelta(days=int(float(word)))).isoformat()
    except (ValueError, OverflowError):
        return word


def _unseen(names: pa.ChunkedArray, seen: set[str]) -> pa.ChunkedArray:
    """Mask the first row of each name that is not in ``seen`` yet, and add them."""
    plain = np.array(names.to_pylist(), dtype=object).astype(str)
    first = np.zeros(len(plain), dtype=bool)
    first[np.unique(plain, return_index=True)[1]] = True
    first &= ~np.isin(plain, list(seen))
    seen.update(plain[first])
    return pa.chunked_array([first])


def _id(number: pa.ChunkedArray, end: str = "") -> pa.ChunkedArray:
    return pc.binary_join_element_wise("SBA-", number, end, "")


def _loans(sheet: Sheet, number: pa.ChunkedArray, lender: pa.ChunkedArray) -> Iterator[Raw]:
    columns = {
        "loan_id": _id(number), "party_id": _id(number, "-firm"), "lender_id": lender,
        "amount": sheet.data["gr_appv"], "start": sheet.data["approval_date"],
        "term_months": sheet.data["term"],
        "status": each_distinct(as_text(sheet.data["default"]), lambda w: _STATUS.get(w, w)),
    }  # fmt: skip
    labels = {"loan_id": "loan_nr_chk_dgt", "amount": "gr_appv", "start": "approval_date",
              "term_months": "term", "status": "default"}  # fmt: skip
    yield sheet.raw("loan", columns, units={"amount": "yuan"}, labels=labels)


def _parties(
    sheet: Sheet,
    number: pa.ChunkedArray,
    lender: pa.ChunkedArray,
    fresh: pa.ChunkedArray,
    new_bank: pa.ChunkedArray,
) -> Iterator[Raw]:
    firm = {"party_id": _id(number, "-firm"), "kind": "firm", "staff": sheet.data["no_emp"]}
    yield sheet.raw("party", firm, keep=fresh, labels={"staff": "no_emp"})
    bank = {"party_id": lender, "kind": "bank", "name_en": sheet.data["bank"]}
    yield sheet.raw("party", bank, keep=new_bank)


def _events(sheet: Sheet, number: pa.ChunkedArray, fresh: pa.ChunkedArray) -> Raw:
    bad = pc.equal(as_text(sheet.data["default"]), "1")
    dated = pc.is_valid(_blank_to_null(sheet.data["chg_off_date"]))
    keep = pc.and_(fresh, pc.and_(pc.fill_null(bad, fill_value=False), dated))
    columns = {
        "event_id": _id(number, "-default"), "party_id": _id(number, "-firm"), "kind": "default",
        "at": sheet.data["chg_off_date"], "amount": sheet.data["chg_off_prin_gr"],
        "ref": _id(number),
    }  # fmt: skip
    labels = {"at": "chg_off_date", "amount": "chg_off_prin_gr"}
    return sheet.raw("event", columns, keep=keep, units={"amount": "yuan"}, labels=labels)


def _blank_to_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = as_text(column)
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(text), ""), None, text)


def _signals(sheet: Sheet, number: pa.ChunkedArray, fresh: pa.ChunkedArray) -> Iterator[Raw]:
    """One row for each thing known at approval; what is unknown has none."""
    approved, _ = parse_column(sheet.data["approval_date"], table("loan").field("start"))
    common = {
        "party_id": _id(number, "-firm"), "source": "registry",
        "period": pc.strftime(approved, "%Y-%m"), "seen_at": approved,
    }  # fmt: skip
    for measure, (values, column) in _measures(sheet).items():
        value = _blank_to_null(values)
        keep = pc.and_(fresh, pc.is_valid(value))
        row = {**common, "measure": measure, "value": value}
        yield sheet.raw("signal", row, keep=keep, labels={"value": column})


def _measures(sheet: Sheet) -> dict[str, tuple[pa.ChunkedArray, str]]:
    data = sheet.data

    def said(column: str, change: Callable[[str], str | None]) -> tuple[pa.ChunkedArray, str]:
        # Codes of the case come as 2.0 where others have 2.
        plain = each_distinct(as_text(data[column]), lambda w: change(w.strip().removesuffix(".0")))
        return plain, column

    home = pc.equal(as_text(data["state"]), as_text(data["bank_state"]))
    amount = table("loan").field("amount")
    granted, _ = parse_column(as_text(data["gr_appv"]), amount)
    guaranteed, _ = parse_column(as_text(data["sba_appv"]), amount)
    share = pc.divide(pc.cast(guaranteed, pa.float64()), pc.cast(granted, pa.float64()))
    return {
        "amount_usd": (data["gr_appv"], "gr_appv"),
        "guaranteed_share": (share, "sba_appv"),
        "staff": (data["no_emp"], "no_emp"),
        "jobs_created": (data["create_job"], "create_job"),
        "jobs_retained": (data["retained_job"], "retained_job"),
        "new_business": said("new_exist", {"1": "0", "2": "1"}.get),
        "franchise": said("franchise_code", lambda w: "0" if w in {"0", "1"} else "1"),
        "urban": said("urban_rural", {"1": "1", "2": "0"}.get),
        "revolving": said("rev_line_cr", _YES_NO.get),
        "low_doc": said("low_doc", _YES_NO.get),
        "sector": said("naics", lambda w: w[:2] if len(w) == 6 else None),
        "bank_at_home": (pc.cast(home, pa.int64()), "bank_state"),
    }
