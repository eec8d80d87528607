"""Chains at scale: a generator with planted chokepoints and decoys, and what is found of them."""

import time
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.kernels.graphs.cutting import both_ways, cuts
from liandong.kernels.graphs.strong import grouped, strong_components
from liandong.schema.arrow import build
from liandong.survey import ChainRule
from liandong.survey.chain.examine import place, sole_counts, stop_each
from liandong.survey.chain.needs import needs_of
from liandong.survey.chain.network import Codes, Network
from liandong.world.arrays import numbered
from measure import figures, measure

Int = NDArray[np.int64]
SEED = 11
PLACES, IN_TRADE = 31, 1_000
"""Regions, and firms of an industry on average; a fifth of the industries is rare."""
RULE = ChainRule.make(as_of="2025-12-31", stopped=10, letters=5)
FULL = """
import json, survey_chain
print(json.dumps(survey_chain.solved(1_000_000)))
"""


class Planted(NamedTuple):
    """A network, what is known of needs, and who is a chokepoint or looks like one."""

    net: Network
    need: pa.Table
    chokepoints: Int
    decoys: Int


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    solved(2_000)  # compiles
    if quick:
        return figures("chain_50k_250k", solved(50_000)) | _peers(50_000)
    done = measure(FULL)
    return (
        figures("chain_1m_5m", {**done.said, "peak_gb": done.peak_mb / 1024})
        | figures("chain", {n: done.said[n] for n in ("recall", "precision")})
        | _peers(200_000)
    )


def solved(firms: int) -> dict[str, object]:
    """Find the chokepoints of a planted network; seconds are those of the finding.

    ``cpu_s`` is what the processor worked on it, which other work on the machine does not change.
    """
    made = planted(firms)
    start, cpu = time.perf_counter(), time.process_time()
    needs = needs_of(made.net, made.need, RULE)
    where = place(made.net)
    soles = sole_counts(made.net, needs, RULE)[1]
    after = time.perf_counter()
    found = stop_each(made.net, needs, RULE)
    end, cpu = time.perf_counter(), time.process_time() - cpu
    said = found.firm[found.others >= RULE.stopped]
    right = np.isin(said, made.chokepoints).sum()
    return {
        "firms": len(made.net.ids), "ties": len(made.net.seller), "seconds": end - start,
        "cpu_s": cpu, "ripple_seconds": end - after, "ripple_runs": len(found.firm),
        "others_stopped": int(found.others.sum()), "planted": len(made.chokepoints),
        "decoys": len(made.decoys), "decoys_taken": int(np.isin(said, made.decoys).sum()),
        "recall": float(right / len(made.chokepoints)),
        "precision": float(right / max(len(said), 1)),
        "articulation": int((where.cut_off > 0).sum()), "circles": where.circles,
        "sole_suppliers": int((soles > 0).sum()), "dominating": int((where.dominated > 0).sum()),
    }  # fmt: skip


def planted(firms: int, seed: int = SEED) -> Planted:
    """Return a network of eight stages with five ties a firm, and what was planted in it.

    A chokepoint supplies 15 to 40 buyers alone, of which each would stop within weeks and could buy
    at most a tenth elsewhere. Decoys are as large and as alone, but replaceable; or their buyers
    hold stocks beyond the horizon; or they alone tie firms to the rest that do not need them. One
    need in two hundred of all others is critical and irreplaceable, too.
    """
    rng = np.random.default_rng(seed)
    count, trades = max(firms // 2_500, 8), max(firms // IN_TRADE, 10)
    rare = trades // 5
    roles = rng.permutation(firms)[: 4 * count].reshape(4, count)
    trade = rng.integers(0, trades - rare, firms)
    trade[roles[[0, 2]]] = trades - rare + np.arange(count) % rare
    lone = np.setdiff1d(np.arange(firms), roles)[: 6 * count].reshape(count, 6)
    base = _ties(firms, np.isin(np.arange(firms), [*lone.ravel(), *roles[[0, 2]].ravel()]), rng)
    buyers = np.setdiff1d(np.unique(base[1]), [*roles.ravel(), *lone.ravel()])
    hung = _hang(roles[:3], buyers, rng)
    hung.append((np.repeat(roles[3], 6), lone.ravel()))
    seller, buyer = (np.concatenate([base[i], *(h[i] for h in hung)]) for i in (0, 1))
    pair = np.unique(seller * firms + buyer)
    seller, buyer = pair // firms, pair % firms
    amount = (rng.lognormal(15, 1, len(pair))).astype(np.int64) + 1
    final = (rng.lognormal(15, 1, firms) * (rng.random(firms) < 0.3)).astype(np.int64)
    ids = numbered("F", np.arange(firms), 8)
    names = [f"C{k:04d}" for k in range(trades)]
    places = [f"{k + 11}0000" for k in range(PLACES)]
    net = Network(
        ids, Codes(places, rng.integers(0, PLACES, firms)), Codes(names, trade), seller, buyer,
        amount, np.ones(len(pair), np.int64), final, {},
    )  # fmt: skip
    said = (
        (*hung[0], True, (3, 20), (0, 100_000)), (*hung[1], True, (30, 60), (990_000, 1_000_000)),
        (*hung[2], True, (200, 300), (0, 100_000)), (*hung[3], False, (10, 60), (0, 1_000_000)),
        (*_noise(seller, buyer, roles, rng), True, (5, 30), (0, 100_000)),
    )  # fmt: skip
    return Planted(net, _needs(ids, names, trade, said, rng), roles[0], roles[1:].ravel())


def _ties(firms: int, apart: NDArray[np.bool_], rng: np.random.Generator) -> tuple[Int, Int]:
    """Return ties down the stages, one in fifty up again; large sellers have more of them."""
    stage = rng.integers(0, 8, firms)
    size = np.minimum(rng.pareto(1.2, firms) + 1, 100)
    wanted = int(firms * 12)
    edges = np.cumsum(size / size.sum())
    seller = np.minimum(np.searchsorted(edges, rng.random(wanted)), firms - 1)
    buyer = rng.integers(0, firms, wanted)
    kept = (stage[seller] < stage[buyer]) | ((rng.random(wanted) < 0.02) & (seller != buyer))
    kept &= ~apart[seller] & ~apart[buyer]
    kept &= np.cumsum(kept) <= int(4.95 * firms)
    return seller[kept], buyer[kept]


def _hang(firms: Int, buyers: Int, rng: np.random.Generator) -> list[tuple[Int, Int]]:
    """Give each firm buyers that hang on nobody else; by row of firms."""
    each = rng.integers(15, 41, firms.size)
    seller = np.repeat(firms.ravel(), each)
    buyer = rng.permutation(buyers)[: len(seller)]
    ends = np.cumsum(each.reshape(firms.shape).sum(axis=1))[:-1]
    return list(zip(np.split(seller, ends), np.split(buyer, ends), strict=True))


def _noise(seller: Int, buyer: Int, roles: Int, rng: np.random.Generator) -> tuple[Int, Int]:
    here = (rng.random(len(seller)) < 0.005) & ~np.isin(seller, roles) & ~np.isin(buyer, roles)
    return seller[here], buyer[here]


def _needs(
    ids: pa.Array, names: list[str], trade: Int, said: tuple[tuple, ...], rng: np.random.Generator
) -> pa.Table:
    parts = [
        (b, trade[s], np.full(len(s), stops),
         rng.integers(*days, len(s)), rng.integers(*part, len(s)))
        for s, b, stops, days, part in said
    ]  # fmt: skip
    buyer, kind, critical, days, part = (np.concatenate(c) for c in zip(*parts, strict=True))
    first = np.unique(buyer * len(names) + kind, return_index=True)[1]
    return build("input_need", {
        "party_id": ids.take(pa.array(buyer[first])),
        "industry": pa.array(names).take(pa.array(kind[first])), "critical": critical[first],
        "stock_days": days[first].astype(np.float64), "replaceable": part[first].astype(np.int32),
    })  # fmt: skip


def _peers(firms: int) -> dict[str, object]:
    """Compare circles and articulation points with scipy and networkx on one network."""
    net = planted(firms).net
    count, found = len(net.ids), {}
    first = grouped(net.seller, count)[0]
    ours, label = _timed(lambda: strong_components(first, net.buyer)[0])
    try:
        from scipy import sparse
        from scipy.sparse.csgraph import connected_components
    except ImportError:
        found |= {"chain_scc.scipy": "missing"}
    else:
        graph = sparse.csr_matrix((np.ones(len(net.buyer)), net.buyer, first), (count, count))
        theirs, (_, other) = _timed(lambda: connected_components(graph, connection="strong"))
        same = len(np.unique(label * count + other)) == len(np.unique(label)) == other.max() + 1
        found |= {"chain_scc.over_scipy": ours / theirs, "chain_scc.same": bool(same)}
    low, high = np.minimum(net.seller, net.buyer), np.maximum(net.seller, net.buyer)
    pair = np.unique(low * count + high)
    ours, (cut_off, _) = _timed(lambda: cuts(*both_ways(pair // count, pair % count, count)))
    try:
        import networkx as nx
    except ImportError:
        return found | {"chain_articulation.networkx": "missing"}
    graph = nx.Graph(zip((pair // count).tolist(), (pair % count).tolist(), strict=True))
    theirs, points = _timed(lambda: set(nx.articulation_points(graph)))
    return found | {
        "chain_articulation.over_networkx": round(ours / theirs, 4),
        "chain_articulation.same": points == set(np.flatnonzero(cut_off).tolist()),
    }


def _timed(work) -> tuple[float, object]:  # noqa: ANN001 - any call
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done
