"""CUMCM 2020 problem C: 386 Chinese firms with all their VAT invoices, and the bank's terms.

The bank of the contest lends for a year at 4 % to 15 %. What it does not state is assumed here and
stands in the product: its cost of funds (:data:`FUNDING`), its operating cost (:data:`OPERATING`)
and what is lost at a default (:data:`LGD`). Each firm without a label asks for :data:`NEED`.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.load.base import Raw, hashes, need_folder
from liandong.load.sheet import Sheet, each_distinct, read_csv, read_parquet, translate

LABELLED, UNLABELLED = "enterprises_labelled.csv", "enterprises_unlabelled.csv"
RATES = "rate_vs_churn.csv"
INVOICES = tuple(
    f"invoices_{side}_{group}.parquet"
    for side in ("purchase", "sales")
    for group in ("labelled", "unlabelled")
)

LENDER, PRODUCT = "LENDER", "P1Y"
ASKED_ON, PERIOD, TERM = "2020-02-10", "2020-02", "12"
NEED = "1000000"
FUNDING, OPERATING, LGD = "2.2%", "0.8%", "45%"
GRADES = {"A": "1", "B": "2", "C": "3", "D": "4"}
_STATUS = pa.array(["valid", "void", "red"])


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hashes of the seven files."""
    return hashes(need_folder(path, (LABELLED, UNLABELLED, RATES, *INVOICES)))


def read(path: Path) -> Iterator[Raw]:
    """Read the folder.

    Parameters
    ----------
    path
        With the seven files of the contest.

    Yields
    ------
    Raw
        ``party``, ``signal`` (the bank's default flag and grade of the labelled firms),
        ``project`` (the others), ``product``, ``churn``, ``invoice``. Grades are 1 (A) to 4 (D).
        Shares lost are rounded to parts per million. An invoice that is void is marked so, a
        negative one is a red-letter invoice; numbers that a firm uses again get ``-2``, ``-3`` …
    """
    with ThreadPoolExecutor() as pool:
        invoices = [pool.submit(_invoices, path / name) for name in INVOICES]
        labelled, unlabelled = read_csv(path / LABELLED), read_csv(path / UNLABELLED)
        labelled.need(["ent", "name", "grade", "default"])
        unlabelled.need(["ent", "name"])
        yield _lender()
        for sheet in (labelled, unlabelled):
            yield sheet.raw(
                "party",
                {"party_id": sheet.data["ent"], "kind": "firm", "name": sheet.data["name"]},
                labels={"party_id": "ent"},
            )
        yield _signal(labelled, "default", labelled.data["default"])
        yield _signal(labelled, "grade", translate(labelled.data["grade"], GRADES))
        yield _projects(unlabelled)
        yield _product()
        yield from _churn(read_csv(path / RATES))
        for job in invoices:
            yield job.result()


def _lender() -> Raw:
    columns = {"party_id": LENDER, "kind": "bank", "name": "出资银行", "name_en": "Lending bank"}
    return Raw("party", pa.table({n: [v] for n, v in columns.items()}), "assumptions")


def _signal(sheet: Sheet, measure: str, values: pa.ChunkedArray) -> Raw:
    columns = {
        "party_id": sheet.data["ent"], "source": "bank", "measure": measure, "period": PERIOD,
        "value": values,
    }  # fmt: skip
    return sheet.raw("signal", columns, labels={"party_id": "ent", "value": measure})


def _projects(sheet: Sheet) -> Raw:
    columns = {
        "project_id": pc.binary_join_element_wise("PJ", _text(sheet.data["ent"]), "-"),
        "party_id": sheet.data["ent"], "need": NEED, "term_months": TERM, "asked_on": ASKED_ON,
    }  # fmt: skip
    return sheet.raw("project", columns, labels={"project_id": "ent", "party_id": "ent"})


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(column)


def _product() -> Raw:
    columns = {
        "product_id": PRODUCT, "lender_id": LENDER, "name": "一年期小微企业贷款",
        "min_amount": "100000", "max_amount": "1000000", "step_amount": "10000",
        "min_rate": "4%", "max_rate": "15%", "term_months": TERM, "capacity": "100000000",
        "funding_rate": FUNDING, "operating_rate": OPERATING, "lgd": LGD, "guarantee_cover": "0",
    }  # fmt: skip
    return Raw("product", pa.table({n: [v] for n, v in columns.items()}), "assumptions")


def _churn(sheet: Sheet) -> Iterator[Raw]:
    columns = {grade: f"churn_{grade}" for grade in ("A", "B", "C")}
    sheet.need(["annual_rate", *columns.values()])
    for grade, column in columns.items():
        lost = each_distinct(sheet.data[column], _six_decimals)
        yield sheet.raw(
            "churn",
            {"grade": grade, "rate": sheet.data["annual_rate"], "lost": lost},
            labels={"rate": "annual_rate", "lost": column},
        )


def _six_decimals(word: str) -> str:
    """Round to parts per million; text that is no number stays, to be refused as it is."""
    try:
        return str(round(Decimal(word), 6))
    except InvalidOperation:
        return word


def _invoices(path: Path) -> Raw:
    columns = ["ent", "invoice_no", "date", "counterparty", "amount", "tax", "valid"]
    sheet = read_parquet(path, columns)
    data = sheet.data
    sales = "sales" in path.name
    firm, other = _text(pc.cast(data["ent"], pa.string())), data["counterparty"]
    return sheet.raw(
        "invoice",
        {
            "invoice_id": _ids(firm, "S" if sales else "P", data["invoice_no"]),
            "seller": firm if sales else other,
            "buyer": other if sales else firm,
            "date": data["date"],
            "net": data["amount"],
            "tax": data["tax"],
            "status": _status(data["valid"], data["amount"]),
        },
        labels={"net": "amount", "invoice_id": "invoice_no"},
    )


def _status(valid: pa.ChunkedArray, amount: pa.ChunkedArray) -> pa.ChunkedArray:
    red = pc.if_else(pc.less(amount, 0), 2, 0)
    code = pc.if_else(valid, red, 1)
    return _STATUS.take(code.combine_chunks())


def _ids(firm: pa.ChunkedArray, side: str, number: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return ``firm-side-number``, and ``-2``, ``-3`` … after it where a firm repeats a number."""
    ids = pc.binary_join_element_wise(firm, side, pc.cast(number, pa.string()), "-")
    time = _times_before(firm, number)
    if not time.any():
        return ids
    again = pa.array(time > 0)
    ends = pc.cast(pa.array(time[time > 0] + 1), pa.string())
    longer = pc.binary_join_element_wise(ids.filter(again).combine_chunks(), ends, "-")
    return pc.replace_with_mask(ids.combine_chunks(), again, longer)


def _times_before(firm: pa.ChunkedArray, number: pa.ChunkedArray) -> np.ndarray:
    """Count, for each row, the earlier rows of the same firm and number."""
    firms = pc.fill_null(pc.dictionary_encode(firm.combine_chunks()).indices, -1).to_numpy()
    numbers = pc.fill_null(number, -1).to_numpy()
    order = np.lexsort((numbers, firms))  # stable: rows keep their order within a number
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(firms[order]) != 0) | (np.diff(numbers[order]) != 0)
    place = np.arange(len(order))
    times = np.empty(len(order), np.int64)
    times[order] = place - np.maximum.accumulate(np.where(first, place, 0))
    return times
