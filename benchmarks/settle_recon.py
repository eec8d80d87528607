"""Reconciling a million lines of a bank with a million lines of the books, truth planted.

3 % of the lines are nobody's, 30 % carry no reference, 1 % are there twice, some are sums of two
to four entries and some entries are paid in two to four parts. Peers pair one to one only, so they
are judged by what is one to one.
"""

import statistics
import time
from importlib.util import find_spec
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.kernels.pairing.single import OPEN
from liandong.settle.statements.pairing import find
from liandong.settle.statements.reconcile import ReconcileRule
from measure import figures

SEED = 20_262
ACCOUNTS, DAYS, LATE = 20_000, 365, 3
LOST, FOREIGN, TWICE, SUMS = 0.30, 0.03, 0.01, 0.002
NAMES = pa.array([f"A{i:05}" for i in range(ACCOUNTS)])
RULE = ReconcileRule(incoming="debit", early=0, late=LATE)


def bench(*, quick: bool) -> dict[str, object]:
    rows, times = (200_000, 1) if quick else (1_000_000, 3)
    bank, books = _planted(np.random.default_rng(SEED), rows)
    find(bank.slice(0, 100), books, NAMES, RULE)  # compiled from here on
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        found = find(bank, books, NAMES, RULE)
        seconds.append(time.perf_counter() - start)
    took = statistics.median(seconds)
    per_million = took * 1_000_000 / rows
    mine = {
        "lines": len(bank), "entries": len(books), "seconds": took,
        "seconds_1m": took if rows == 1_000_000 else None, "seconds_a_million": per_million,
        **_judged(bank, books, found),
    }  # fmt: skip
    return figures("recon", {**mine, **_duckdb(bank, books, took)})


def _planted(rng: Generator, rows: int) -> tuple[pa.Table, pa.Table]:
    """Return both sides; ``truth`` of a line and ``group`` of an entry say what belongs together.

    An entry is in a group of its own, or with those that are paid in one sum; a line tells of a
    group.
    """
    account = rng.integers(0, ACCOUNTS, rows)
    amount, day = rng.integers(100, 10**8, rows), rng.integers(0, DAYS, rows)
    group = np.arange(rows)
    order = np.lexsort((day, account))
    several = _runs(rng, account[order], day[order])
    group[order] = group[order[several]]
    total = np.zeros(rows, np.int64)
    np.add.at(total, group, amount)
    own = np.flatnonzero(np.bincount(group, minlength=rows) > 0)
    told = own[rng.random(len(own)) >= FOREIGN]
    line = {
        "account": account[told], "amount": total[told], "truth": told,
        "day": day[told] + rng.integers(0, LATE + 1, len(told)),
    }  # fmt: skip
    single = np.bincount(group, minlength=rows)[told] == 1
    ref = np.where(single & (rng.random(len(told)) >= LOST), told, OPEN)
    parts = _instalments(rng, {**line, "ref": ref})
    copies = rng.choice(len(parts["truth"]), round(rows * TWICE), replace=False)
    foreign = rows - len(own) + round(rows * FOREIGN)
    more = {
        "account": rng.integers(0, ACCOUNTS, foreign), "amount": rng.integers(100, 10**8, foreign),
        "day": rng.integers(0, DAYS, foreign), "truth": np.full(foreign, OPEN),
        "ref": np.full(foreign, OPEN),
    }  # fmt: skip
    lines = {k: np.concatenate([v, v[copies], more[k]]) for k, v in parts.items()}
    shuffled = rng.permutation(len(lines["ref"]))
    return _bank({k: v[shuffled] for k, v in lines.items()}), _books(account, amount, day, group)


def _runs(rng: Generator, account: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return, by row in order of account and day, the first row of those paid in one sum."""
    rows = len(account)
    first = np.arange(rows)
    for start in np.flatnonzero(rng.random(rows) < SUMS):
        end = min(start + int(rng.integers(2, 5)), rows)
        alike = (account[start:end] == account[start]) & (day[start:end] == day[start])
        fresh = first[start:end] == np.arange(start, end)
        if alike.sum() > 1 and (fresh | ~alike).all():
            first[start:end][alike] = start
    return first


def _instalments(rng: Generator, line: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Cut some lines into two to four."""
    cut = np.flatnonzero((rng.random(len(line["ref"])) < SUMS) & (line["ref"] == OPEN))
    copies = np.ones(len(line["ref"]), np.int64)
    copies[cut] = rng.integers(2, 5, len(cut))
    out = {k: np.repeat(v, copies) for k, v in line.items()}
    at = np.cumsum(copies) - copies
    for row, n in zip(at[cut], copies[cut], strict=True):
        whole = int(out["amount"][row])
        edges = np.sort(rng.integers(1, whole, n - 1))
        out["amount"][row : row + n] = np.diff(np.concatenate([[0], edges, [whole]]))
    return out


def _names(letter: str, numbers: np.ndarray) -> pa.Array:
    names = pa.array(np.char.add(letter, np.maximum(numbers, 0).astype(str)))
    return pa.compute.if_else(pa.array(numbers == OPEN), pa.scalar(None, pa.string()), names)


def _bank(lines: dict[str, np.ndarray]) -> pa.Table:
    count = len(lines["ref"])
    return pa.table(
        {
            "line_id": _names("B", np.arange(count)),
            "account_id": NAMES.take(pa.array(lines["account"])),
            "day": pa.array(lines["day"].astype(np.int32)).cast(pa.date32()),
            "amount": lines["amount"], "ref": _names("E", lines["ref"]), "truth": lines["truth"],
        }
    )  # fmt: skip


def _books(*columns: np.ndarray) -> pa.Table:
    account, amount, day, group = columns
    return pa.table(
        {
            "entry_id": _names("E", np.arange(len(account))),
            "account_id": NAMES.take(pa.array(account)),
            "day": pa.array(day.astype(np.int32)).cast(pa.date32()), "amount": amount,
            "debit": pa.array(np.ones(len(account), bool)), "group": group,
        }
    )  # fmt: skip


def _judged(bank: pa.Table, books: pa.Table, found: Any) -> dict[str, object]:  # noqa: ANN401
    """Hold pairs against the truth; every group that was told of has to be found."""
    truth, group = bank["truth"].to_numpy(), books["group"].to_numpy()
    wrong = truth[found.line] != group[found.entry]
    told = np.unique(truth[truth != OPEN])
    copies = np.zeros(len(group), np.int64)
    np.add.at(copies, group, 1)
    right = np.unique(group[found.entry[~wrong]])
    sums = np.flatnonzero(copies > 1)
    return {
        "wrong": int(wrong.sum()), "told": len(told), "found": len(right),
        "recall": len(right) / len(told), "sums_told": int(np.isin(sums, told).sum()),
        "sums_found": int(np.isin(sums, right).sum()),
    }  # fmt: skip


def _duckdb(bank: pa.Table, books: pa.Table, took: float) -> dict[str, object]:
    if find_spec("duckdb") is None:
        return {"duckdb": "missing"}
    import duckdb

    with duckdb.connect() as db:
        db.register("bank", bank)
        db.register("books", books)
        start = time.perf_counter()
        pairs = db.sql(
            "WITH s AS (SELECT line_id, entry_id FROM bank JOIN books"
            " ON ref = entry_id AND bank.account_id = books.account_id"
            " AND bank.amount = books.amount),"
            " b AS (SELECT * FROM bank ANTI JOIN s USING (line_id)),"
            " e AS (SELECT * FROM books ANTI JOIN s USING (entry_id)),"
            " c AS (SELECT line_id, entry_id, b.day - e.day AS gap FROM b JOIN e"
            f" USING (account_id, amount) WHERE b.day - e.day BETWEEN 0 AND {LATE}),"
            " o AS (SELECT *, row_number() OVER (PARTITION BY line_id ORDER BY gap, entry_id) AS i,"
            " row_number() OVER (PARTITION BY entry_id ORDER BY gap, line_id) AS j FROM c)"
            " SELECT line_id, entry_id FROM s UNION ALL"
            " SELECT line_id, entry_id FROM o WHERE i = 1 AND j = 1"
        ).to_arrow_table()
        seconds = time.perf_counter() - start
    return {
        "duckdb_one_to_one_seconds": seconds, "duckdb_pairs": len(pairs),
        "ratio_vs_duckdb": seconds / took,
    }  # fmt: skip
