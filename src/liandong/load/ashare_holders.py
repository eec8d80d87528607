"""Top holders of listed companies in China, as the companies disclosed them (Tushare's layout).

A company is named by its code (600075.SH); a holder that is a listed company itself, by its full
name, is that company; other holders are named by what they are called. Natural persons of the same
name are one party here: whether they are one person the file does not tell. The ratio is of all
shares, and of the ten largest holders only: the rest is not on record.

A list replaces the company's list of the report before: its shares hold from the day of its report
until the day before the next. A holder that a list names more than once is taken once, with the
newest announcement, and of those the first; every other row is in ``load_error``.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.load.base import Raw, hashes, need_folder
from liandong.load.sheet import Sheet, each_distinct, read_csv, translate

HOLDERS, COMPANIES = "top_holders_2020q3.csv", "listed_companies.csv"
KINDS = {"natural_person": "person", "organisation": "firm"}
SOURCE = "tushare"


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hashes of both files."""
    return hashes(need_folder(path, (HOLDERS, COMPANIES)))


def read(path: Path) -> Iterator[Raw]:
    """Read the folder.

    Parameters
    ----------
    path
        With the lists of holders and of companies.

    Yields
    ------
    Raw
        ``party`` (companies, holders) and ``edge`` (``owns``).
    """
    holders, companies = (read_csv(path / name) for name in (HOLDERS, COMPANIES))
    holders.need(["ts_code", "ann_date", "end_date", "holder_name", "hold_ratio", "holder_kind"])
    companies.need(["companyId", "name", "fullname"])
    code = _by_name(companies)
    yield companies.raw(
        "party",
        {"party_id": companies.data["companyId"], "kind": "firm", "name": companies.data["name"]},
        labels={"party_id": "companyId"},
    )
    owner = translate(holders.data["holder_name"], code)
    yield _others(holders, owner, {*code.values(), *companies.data["companyId"].to_pylist()})
    yield _shares(holders, owner)


def _by_name(companies: Sheet) -> dict[str, str]:
    """Return the code of each company by its full name; names that two have are left out."""
    names, codes = (companies.data[c].to_pylist() for c in ("fullname", "companyId"))
    found = dict(zip(names, codes, strict=True))
    return {name: code for name, code in found.items() if name and names.count(name) == 1}


def _others(holders: Sheet, owner: pa.ChunkedArray, listed: set[str]) -> Raw:
    """Return holders that are no listed companies, and companies that the list does not know."""
    kind = translate(holders.data["holder_kind"], KINDS)
    known: dict[str, tuple[str | None, int]] = {}
    rows = holders.rows.to_pylist()
    for name, what, row in zip(owner.to_pylist(), kind.to_pylist(), rows, strict=True):
        if name and name not in listed:
            known.setdefault(name, (what, row))
    for name, row in zip(holders.data["ts_code"].to_pylist(), rows, strict=True):
        if name and name not in listed:
            known.setdefault(name, ("firm", row))
    columns = {
        "party_id": list(known), "kind": [k for k, _ in known.values()],
        "name": list(known),
    }  # fmt: skip
    numbers = pa.array([r for _, r in known.values()], pa.int64())
    return Raw("party", pa.table(columns), holders.file, numbers)


def _shares(holders: Sheet, owner: pa.ChunkedArray) -> Raw:
    """Return the shares, each from its report to the next one of the company."""
    data = holders.data
    company, day = data["ts_code"].to_pylist(), data["end_date"].to_pylist()
    days: dict[str, list[str]] = {}
    for name, when in zip(company, day, strict=True):
        days.setdefault(name, []).append(when)
    following = {
        (name, when): then
        for name, found in days.items()
        for when, then in zip(sorted({*found}), [*sorted({*found})[1:], None], strict=True)
    }
    until = [_day_before(following[key]) for key in zip(company, day, strict=True)]
    announced = pc.fill_null(data["ann_date"], "").to_numpy(zero_copy_only=False)
    # The newest announcement comes first: what repeats it is refused.
    order = np.argsort(-np.unique(announced, return_inverse=True)[1], kind="stable")
    columns = pa.table({
        "src": owner, "dst": data["ts_code"], "kind": pa.repeat("owns", len(data)),
        "valid_from": each_distinct(data["end_date"], _iso),
        "valid_to": pa.array(until, pa.string()),
        "share": data["hold_ratio"], "source": pa.repeat(SOURCE, len(data)),
    })  # fmt: skip
    labels = {"src": "holder_name", "dst": "ts_code", "share": "hold_ratio"}
    taken = pa.array(order)
    return Raw("edge", columns.take(taken), holders.file, holders.rows.take(taken),
               {"share": "%"}, labels, holders.faults)  # fmt: skip


def _iso(word: str) -> str:
    return f"{word[:4]}-{word[4:6]}-{word[6:]}" if len(word) == 8 and word.isdigit() else word


def _day_before(word: str | None) -> str | None:
    """Return the day before a day that is written well; else nothing, for its row is refused."""
    if word is None:
        return None
    try:
        return str(np.datetime64(_iso(word)) - np.timedelta64(1, "D"))
    except ValueError:
        return None
