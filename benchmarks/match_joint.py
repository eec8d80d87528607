"""Joint funds and pledges at scale: offers shared out, invoices fingerprinted and compared."""

import time
from datetime import date

import numpy as np
import pyarrow as pa

from liandong.kernels.allocation.sharing import shared
from liandong.load import load
from liandong.match import receivables, syndicate
from liandong.match.supply.doubles import double_pledges, seal
from liandong.match.supply.prints import PRINTS, with_prints
from liandong.schema.arrow import build, empty
from liandong.testing.data import data_folder
from measure import figures

DAY = date(2025, 12, 31)
SHARES = (449_999, 350_001, 200_000)


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    rows = 20_000 if quick else 1_000_000
    claims = {} if quick else _claims()
    return figures("joint", {"rows": rows, **_sharing(rows), **_comparing(rows), **claims})


def _timed(work) -> tuple[float, float, object]:  # noqa: ANN001 - anything that can be called
    t, c = time.perf_counter(), time.process_time()
    out = work()
    return time.perf_counter() - t, time.process_time() - c, out


def _sharing(rows: int) -> dict[str, object]:
    """Share out offers among three lenders; hold every running sum to its exact share."""
    shared(np.array([1, 2]), np.array([1, 2]))
    rng = np.random.default_rng(20_261)
    amount = rng.integers(1, 10**8, rows) * 100
    ids = pa.array(np.char.add("R", np.arange(rows).astype(str)))
    offer = build("offer", {
        "project_id": ids, "product_id": ["P"] * rows, "party_id": ids, "as_of": [DAY] * rows,
        "amount": amount, "rate": [43_500] * rows, "value": [0] * rows,
        "reasons": [[{"code": "match.value", "points": 1}]] * rows,
    })  # fmt: skip
    fund = build("participation", {
        "product_id": ["P"] * 3, "lender_id": ["A", "B", "C"], "valid_from": [DAY] * 3,
        "share": SHARES,
    })  # fmt: skip
    product = build("product", {
        "product_id": ["P"], "lender_id": ["A"], "min_amount": [1], "max_amount": [10**12],
        "step_amount": [1], "min_rate": [0], "max_rate": [10**6], "term_months": [12],
        "capacity": [10**15], "funding_rate": [0], "operating_rate": [0], "lgd": [0],
        "guarantee_cover": [0],
    })  # fmt: skip
    wall, cpu, got = _timed(
        lambda: syndicate(offer, fund, product, empty("quote"), as_of=DAY)["contribution"]
    )
    part = got["amount"].to_numpy().reshape(rows, 3)
    upto = np.cumsum(part, axis=0)
    whole = upto.sum(axis=1)
    # 2^63 holds no sum times a million: the multiples of a million units are exact by themselves.
    off = (upto - whole[:, None] // 10**6 * SHARES) * 10**6 - whole[:, None] % 10**6 * SHARES
    return {
        "syndicate_seconds": wall, "syndicate_cpu_s": cpu, "syndicate_lenders": len(SHARES),
        "syndicate_worst_fen": float(np.abs(off).max() / 1e6),
        "syndicate_negative": int((part < 0).sum()),
    }  # fmt: skip


def _comparing(rows: int) -> dict[str, object]:
    """Fingerprint invoices, plant doubles in a second board, and find them."""
    rng = np.random.default_rng(20_262)
    pad = np.char.zfill(np.arange(rows).astype(str), 12)
    days = pa.array(rng.integers(20_000, 20_300, rows).astype(np.int32)).view(pa.date32())
    invoice = build("invoice", {
        "invoice_id": pa.array(np.char.add("24310000", pad)),
        "seller": pa.array(np.char.add("S", rng.integers(0, 20_000, rows).astype(str))),
        "buyer": pa.array(np.char.add("B", rng.integers(0, 2_000, rows).astype(str))),
        "date": days, "net": rng.integers(10**5, 10**9, rows), "tax": rng.integers(1, 10**7, rows),
        "status": ["valid"] * rows,
    })  # fmt: skip
    wall, cpu, known = _timed(lambda: with_prints(invoice, empty("party")))
    doubled = rng.random(rows // 2) < 0.001
    twice = np.flatnonzero(doubled)
    half = rows // 2
    one = _pledged(known.slice(0, half), "L1")
    other = _pledged(pa.concat_tables([known.slice(half), known.take(pa.array(twice))]), "L2")
    boards = {"one": one, "other": other}
    found_wall, found_cpu, found = _timed(lambda: double_pledges(boards))
    same = found.filter(pa.array([k == "same" for k in found["kind"].to_pylist()]))
    right = set(same["invoice_id_a"].to_pylist()) == set(
        known["invoice_id"].take(twice).to_pylist()
    )
    seal_wall, seal_cpu, _ = _timed(lambda: seal(one, b"0123456789abcdef"))
    return {
        "prints_seconds": wall, "prints_cpu_s": cpu, "pledges_seconds": found_wall,
        "pledges_cpu_s": found_cpu, "pledges_planted": len(twice), "pledges_found": len(same),
        "pledges_exact": right, "seal_seconds": seal_wall, "seal_cpu_s": seal_cpu,
        "seal_rows": half,
    }  # fmt: skip


def _pledged(known: pa.Table, lender: str) -> pa.Table:
    n = len(known)
    return build("pledge", {
        "invoice_id": known["invoice_id"], **{p: known[p] for p in PRINTS},
        "project_id": known["invoice_id"], "lender_id": [lender] * n, "pledged_on": [DAY] * n,
    })  # fmt: skip


def _claims() -> dict[str, object]:
    """Look for receivables in the invoices of the contest, as if all of them were open."""
    folder = data_folder("cumcm2020c_sme_credit")
    if folder is None:
        return {"cumcm": "missing"}
    tables = load("cumcm2020c", folder).tables
    invoice, day = tables["invoice"], date(2020, 2, 28)
    parties = pa.chunked_array([*invoice["seller"].chunks, *invoice["buyer"].chunks])
    ids = parties.unique()
    n = len(ids)
    party = build("party", {
        "party_id": ids, "kind": ["firm"] * n, "size_class": ["large"] * n,
    })  # fmt: skip
    score = build("score", {
        "party_id": ids, "as_of": [day] * n, "rule_id": ["all"] * n, "pd": [1] * n,
        "points": [0] * n, "grade": ["A"] * n, "reasons": [[{"code": "all", "points": 0}]] * n,
    })  # fmt: skip
    wall, cpu, got = _timed(
        lambda: receivables(
            invoice, party, score, as_of=day, tenor_days=3_650, oldest_days=3_650, each="pair"
        )
    )
    return {
        "cumcm_invoices": len(invoice), "cumcm_seconds": wall, "cumcm_cpu_s": cpu,
        "cumcm_claims": len(got["receivable"]), "cumcm_projects": len(got["project"]),
        "cumcm_suspicious": int(np.sum(got["receivable"]["suspicious"].to_numpy())),
    }  # fmt: skip
