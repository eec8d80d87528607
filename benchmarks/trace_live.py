"""Loans and circles as transfers come in: how long one takes, and a late one, with equal results.

Other work on the machine takes turns with this one and leaves its memory cold. So each transfer is
shown to several new watches, and beside what the clock says of all times, the percentiles are told
of the shortest time of each transfer: what recurs at it, such as a long search, remains.
"""

import gc
import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build
from liandong.trace import CircleWatch, LoanWatch, follow
from liandong.types import Money, Rate
from measure import figures
from trace_instances import Instance, instance

START = datetime(2026, 1, 1, tzinfo=UTC)
MILLION = 1_000_000
LATE_HOURS = 1
WARM = 1_000
REPEATS = 3


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    count = 20_000 if quick else 200_000
    found: dict[str, object] = {}
    for mark, loans in (("_tainted", 10_000), *(() if quick else [("", 1_000)])):
        log = instance(MILLION, loans=loans)
        found |= {f"{k}{mark}": v for k, v in _measured(log, count).items()}
    return figures("live", found)


def _measured(log: Instance, count: int) -> dict[str, object]:
    """Show the first transfers of a log to watches one by one, and a late one at the end."""
    account, rows = _tables(log, count)
    took, told = [], 0
    for _ in range(REPEATS):
        loans = LoanWatch({"bank_account": account}, late_hours=LATE_HOURS)
        circles = CircleWatch(
            late_hours=LATE_HOURS, hours=24, legs=8, least=Money(1), retained=Rate(0)
        )
        gc.collect()
        times, told = _shown(loans, circles, rows)
        took.append(times)
    every, least = np.concatenate([t[WARM:] for t in took]), np.min(took, axis=0)[WARM:]
    found: dict[str, object] = {"rows": count, "told": told, "load": os.getloadavg()[0]}
    for k, name in enumerate(("trace", "circles", "both")):
        found |= {
            f"{name}_p50_us": float(np.percentile(every[:, k], 50)),
            f"{name}_p99_us": float(np.percentile(every[:, k], 99)),
            f"{name}_least_p50_us": float(np.percentile(least[:, k], 50)),
            f"{name}_least_p99_us": float(np.percentile(least[:, k], 99)),
            f"{name}_worst_us": float(least[:, k].max()),
        }
    return found | _late(loans, account, rows)


def _tables(log: Instance, count: int) -> tuple[pa.Table, list[dict[str, Any]]]:
    """Return the accounts, and the first transfers as a service would get them."""
    names = [f"A{a}" for a in range(len(log.opening))]
    account = build("bank_account", {
        "account_id": names, "party_id": names, "kind": ["current"] * len(names),
        "opening_balance": log.opening,
    })  # fmt: skip
    columns = (log.src, log.dst, log.amount, log.at, log.loan)
    rows = []
    for i, (src, dst, amount, at, loan) in enumerate(
        zip(*(c[:count].tolist() for c in columns), strict=True)
    ):
        rows.append({
            "flow_id": f"f{i:07}", "src_account": names[src], "dst_account": names[dst],
            "amount": amount, "at": START + timedelta(seconds=at), "seq": i,
            "kind": "transfer" if loan < 0 else "disbursement",
            "loan_id": None if loan < 0 else f"L{loan}",
        })  # fmt: skip
    return account, rows


def _shown(
    loans: LoanWatch, circles: CircleWatch, rows: list[dict[str, Any]]
) -> tuple[np.ndarray, int]:
    """Return microseconds of each transfer: for loans, for circles, and for both one by one."""
    took, told, clock = np.empty((len(rows), 3)), 0, time.perf_counter_ns
    names = ("flow_id", "src_account", "dst_account", "amount", "at", "seq", "kind")
    for i, row in enumerate(rows):
        leg, loan = [row[n] for n in names], row["loan_id"]
        start = clock()
        moved = loans.see(*leg, loan_id=loan)
        middle = clock()
        circles.see(*leg)
        end = clock()
        took[i] = middle - start, end - middle, end - start
        told += moved is not None
    return took / 1e3, told


def _late(loans: LoanWatch, account: pa.Table, rows: list[dict[str, Any]]) -> dict[str, object]:
    """Show transfers that are half and nearly all of the hours late; compare with all at once."""
    newest, late = rows[-1]["at"], []
    found: dict[str, object] = {}
    # The first one has code loaded.
    for name, minutes in (("first", 1), ("half", 30), ("most", 59), ("again", 59)):
        one = rows[0] | {
            "flow_id": f"late-{name}", "at": newest - timedelta(minutes=minutes), "seq": 0,
            "amount": 7, "kind": "transfer", "loan_id": None,
        }  # fmt: skip
        start = time.perf_counter()
        loans.see(**one)
        found[f"late_{name}_ms"] = (time.perf_counter() - start) * 1e3
        found[f"late_{name}_behind"] = sum(row["at"] > one["at"] for row in rows)
        late.append(one)
    flow = [*rows, *late]
    start = time.perf_counter()
    tables = loans.tables()
    found["tables_seconds"] = time.perf_counter() - start
    saved = loans.save()
    found["saved_mb"] = len(saved) / 1e6
    whole = follow(build("flow", {n: [row[n] for row in flow] for n in rows[0]}), account)
    return found | {
        "equal_tables": all(tables[n].equals(whole[n]) for n in whole),
        "equal_after_load": all(
            LoanWatch.load(saved).tables()[n].equals(whole[n]) for n in ("trail", "holding")
        ),
    }  # fmt: skip
