"""Vouchers, double pledges and trade in circles: speed, exactness, what is found of the planted.

Everything found is judged on worlds of seeds on which nothing was chosen. Worlds plant circles that
nobody pays; circles that are paid round, and rings of honest trade that look like them, are added
here.
"""

import json
import time

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build, empty
from liandong.trace import circular_trade, groups, pledged_twice, vouchers
from liandong.world import make
from measure import figures

SEEDS, QUICK_SEEDS = range(101, 109), range(101, 103)
DAY = 86_400_000_000


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    _compile()
    acts = 20_000 if quick else 1_000_000
    return figures("vouchers", {**_book(acts), **_search(quick=quick), **_found(quick=quick)})


def _compile() -> None:
    vouchers(_acts(10))
    world = make(firms=100, months=12, seed=1)
    circular_trade(world["invoice"])


def _timed(work) -> tuple[float, float, object]:  # noqa: ANN001 - anything that can be called
    t, c = time.perf_counter(), time.process_time()
    out = work()
    return time.perf_counter() - t, time.process_time() - c, out


def _acts(rows: int) -> pa.Table:
    """Return acts of a busy platform: a tenth are issues; the others pass on an eighth of a lot.

    Half name the lot, nearly half only the voucher, and a few not even that.
    """
    rng = np.random.default_rng(20_263)
    kind = rng.choice([0, 2, 3, 4], rows, p=[0.1, 0.6, 0.15, 0.15])
    kind[0] = 0
    # The lot is that of the last act before some other act that made one.
    maker = np.maximum.accumulate(np.where(kind < 4, np.arange(rows), 0))
    before = np.maximum(np.arange(rows) - rng.geometric(0.01, rows), 0)
    parent = np.where(kind == 0, np.arange(rows), maker[before])
    voucher, amount = np.arange(rows), rng.integers(10**8, 10**10, rows)
    target = np.where(kind == 3, rng.integers(0, 40, rows), rng.integers(100, 5_100, rows))
    for i, p in enumerate(parent.tolist()):
        voucher[i] = voucher[p]
        if p != i:
            amount[i] = max(1, amount[p] // 8)
    issuer = 6_000 + voucher % 200
    source = np.where((kind == 0) | (kind == 4), issuer, target[parent])
    target = np.where(kind == 4, target[parent], target)
    names = np.array(["issue", "split", "transfer", "discount", "settle"])
    start = 1_700_000_000_000_000
    at = start + np.arange(rows) * (200 * DAY // max(rows, 1))
    due = (start // DAY + 400 + voucher % 30).astype(np.int32)
    ids = np.char.add("A", np.arange(rows).astype(str))
    draw, passes = rng.random(rows), kind % 4 != 0
    return build("voucher_act", {
        "act_id": pa.array(ids), "at": pa.array(at).view(pa.timestamp("us", "UTC")),
        "seq": np.arange(rows), "kind": pa.array(names[kind]),
        "voucher_id": pa.array(np.char.add("V", voucher.astype(str)), mask=passes & (draw > 0.95)),
        "lot_id": pa.array(ids[parent], mask=(kind == 0) | (draw > 0.5)),
        "from_party": pa.array(source.astype(str)), "to_party": pa.array(target.astype(str)),
        "amount": amount, "rate": np.full(rows, 40_000),
        "due": pa.array(due, mask=kind != 0).cast(pa.date32()),
    })  # fmt: skip


def _book(rows: int) -> dict[str, object]:
    table = _acts(rows)
    wall, cpu, got = _timed(lambda: vouchers(table))
    lot, hold = got["voucher_lot"], got["voucher_holding"]
    issued = lot.filter(pa.array(lot["depth"].to_numpy() == 0))["amount"].to_numpy().sum()
    ended = lot["settled"].to_numpy().sum() + lot["cancelled"].to_numpy().sum()
    twice_wall, twice_cpu, _ = _timed(lambda: pledged_twice(
        empty("pledge"), empty("invoice"), table, lot, got["voucher_move"], got["voucher_fault"]
    ))  # fmt: skip
    return {
        "acts": rows, "acts_done": rows - len(got["voucher_fault"]), "lots": len(lot),
        "moves": len(got["voucher_move"]), "book_seconds": wall, "book_cpu_s": cpu,
        "acts_per_s": round(rows / cpu),
        "fen_unreconciled": int(issued - ended - hold["amount"].to_numpy().sum()),
        "twice_seconds": twice_wall, "twice_cpu_s": twice_cpu,
    }  # fmt: skip


def _search(*, quick: bool) -> dict[str, object]:
    """Time the search for rings alone on random trade of heavy-tailed firms."""
    from liandong.kernels.graphs.rings import rings

    rows = 100_000 if quick else 1_000_000
    rng = np.random.default_rng(20_264)
    ends = [(rng.random(rows) ** 2 * rows / 50).astype(np.int64) for _ in range(2)]
    day = np.sort(rng.integers(0, 720, rows))
    amount = np.exp(rng.normal(13, 2, rows)).astype(np.int64) + 10**6
    rings(*(c[:10] for c in (*ends, day, amount)), 30, (3, 5), 30_000)
    wall, cpu, got = _timed(lambda: rings(*ends, day, amount, 30, (3, 5), 30_000))
    return {"rings_invoices": rows, "rings_found": len(got), "rings_seconds": wall,
            "rings_cpu_s": cpu}  # fmt: skip


def _found(*, quick: bool) -> dict[str, object]:
    """Judge what is found in fresh worlds."""
    counts = np.zeros((3, 3), np.int64)
    for seed in QUICK_SEEDS if quick else SEEDS:
        world = make(firms=300 if quick else 2_000, months=18 if quick else 30, seed=seed)
        counts[0] += _doubles(world)
        counts[1:] += _circles(world, seed)
    out: dict[str, object] = {}
    for name, (planted, found, right) in zip(("double", "circular", "listed"), counts.tolist(),
                                             strict=True):  # fmt: skip
        out |= {
            f"{name}_planted": planted, f"{name}_found": found,
            f"{name}_recall": right / planted, f"{name}_precision": right / max(found, 1),
        }  # fmt: skip
    return out


def _truth(world: dict[str, pa.Table], kind: str) -> list[dict[str, object]]:
    return [json.loads(r["detail"]) for r in world["truth"].to_pylist() if r["kind"] == kind]


def _doubles(world: dict[str, pa.Table]) -> tuple[int, int, int]:
    """Return how many are planted, found, and rightly found."""
    book = vouchers(world["voucher_act"])
    got = pledged_twice(
        empty("pledge"), world["invoice"], world["voucher_act"],
        *(book[f"voucher_{n}"] for n in ("lot", "move", "fault")),
    )["pledged_twice"].to_pylist()  # fmt: skip
    found = {frozenset((r["claim_a"], r["claim_b"])) for r in got}
    planted = {frozenset(d["claims"]) for d in _truth(world, "double_pledge")}
    return len(planted), len(found), len(planted & found)


def _circles(world: dict[str, pa.Table], seed: int) -> np.ndarray:
    """Return counts of what is judged circular, and of all rings listed whatever the verdict."""
    invoice, flow, planted = _more_rings(world, seed)
    planted |= {frozenset(d["invoices"]) for d in _truth(world, "circular_trade")}
    group = groups(world["edge"], world["party"])["party_group"]
    got = circular_trade(invoice, flow, world["bank_account"], group)
    members: dict[str, set[str]] = {}
    for leg in got["circular_leg"].to_pylist():
        members.setdefault(leg["ring_id"], set()).add(leg["invoice_id"])
    verdict = {r["ring_id"]: r["verdict"] for r in got["circular_trade"].to_pylist()}
    sure = {frozenset(m) for ring, m in members.items() if verdict[ring] == "circular"}
    every = {frozenset(m) for m in members.values()}
    return np.array([(len(planted), len(f), len(planted & f)) for f in (sure, every)])


def _more_rings(
    world: dict[str, pa.Table], seed: int
) -> tuple[pa.Table, pa.Table, set[frozenset[str]]]:  # fmt: skip
    """Add circles that are paid round within days, and as many honest rings that are paid in turn.

    Honest ones are paid as firms of a world pay: after 20 days, give or take, each at its pace.
    """
    rng = np.random.default_rng(seed)
    account = world["bank_account"].to_pylist()
    current = {r["party_id"]: r["account_id"] for r in account
               if r["kind"] == "current" and r["party_id"].startswith("F")}  # fmt: skip
    firms, first = sorted(current), world["invoice"]["date"][0].as_py().toordinal() - 719_163
    invoices, flows, planted = [], [], set()
    for ring in range(12):
        legs = int(rng.integers(3, 6))
        who = rng.choice(firms, legs, replace=False).tolist()
        begin, whole = first + int(rng.integers(30, 300)), int(rng.integers(10**7, 10**9))
        turn, names = begin + int(rng.integers(0, 40)), []
        for k, seller in enumerate(who):
            name, buyer = f"W{ring:03d}{k}", who[(k + 1) % legs]
            amount = int(whole * (1 - 0.025 * rng.random()))
            day = begin + int(rng.integers(0, 25))
            late = day + int(np.clip(rng.lognormal(3.0, 0.6), 2, 120) * rng.uniform(0.5, 1.5))
            paid = late if ring % 2 else turn + int(rng.integers(0, 4))
            invoices.append((name, seller, buyer, day, amount))
            flows.append((f"WT{name}", current[buyer], current[seller], paid, amount))
            names.append(name)
        if ring % 2 == 0:
            planted.add(frozenset(names))
    columns = list(zip(*invoices, strict=True))
    more = build("invoice", {
        "invoice_id": columns[0], "seller": columns[1], "buyer": columns[2],
        "date": pa.array(columns[3], pa.int32()).cast(pa.date32()), "net": columns[4],
        "tax": [0] * len(invoices), "status": ["valid"] * len(invoices),
    })  # fmt: skip
    columns = list(zip(*flows, strict=True))
    paid = build("flow", {
        "flow_id": columns[0], "src_account": columns[1], "dst_account": columns[2],
        "at": pa.array([d * DAY + DAY // 8 for d in columns[3]]).view(pa.timestamp("us", "UTC")),
        "amount": columns[4], "seq": range(len(flows)), "kind": ["transfer"] * len(flows),
    })  # fmt: skip
    return (
        pa.concat_tables([world["invoice"], more]), pa.concat_tables([world["flow"], paid]), planted
    )  # fmt: skip
