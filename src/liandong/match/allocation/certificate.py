"""The certificate of an allocation: what proves that it holds all limits and how good it is."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.match.allocation.claims import FORMAT, canonical, seal
from liandong.match.allocation.pool import Pool, pool
from liandong.match.allocation.rules import AllocateRule, Group, Limit
from liandong.match.core.conflict import Proof
from liandong.match.core.conflict import conflict as conflict_of
from liandong.match.core.dual import exact
from liandong.match.core.problem import UNIT, Assignment, Prices, Problem, slack
from liandong.types import PPM, Money, Rate

Int = NDArray[np.int64]

BLOCK = 1 << 16
"""Arcs hashed at a time."""
NOT_SHOWN = -1


def certificate(given: Pool, found: Assignment, rule: AllocateRule) -> dict[str, Any]:
    """Return the certificate of an allocation; :mod:`liandong.match.allocation.verify` checks it.

    Its bound is what the prices alone prove: a search may have found a lower one.
    """
    arcs = given.arcs
    said = {
        **_claimed(given, rule, found.prices),
        "rule": rule.id,
        "salt": rule.salt,
        "salt_commitment": rule.salt_commitment,
        "order": _digest(canonical(p) for p in _ids(arcs)),
        "offers": _offers(arcs.take(found.arc), found.amount),
        "value": found.value,
        "bound": exact(given.problem, found.prices).bound,
    }
    said["counts"] |= {"offers": len(found.arc)}
    return {**said, "seal": seal(said)}


def gap_parts(problem: Problem, found: Assignment, proved: int) -> dict[str, int]:
    """Return what the bound of the prices leaves open, by cause, in fen.

    Returns
    -------
    price_bound, idle, slack, regret
        The bound; money that nobody got, at its price; what floors and caps have to spare, at its
        price; and what projects would have gained from their best offer at these prices. The bound
        less the last three is the value, to the fen: what is rounded is counted as regret.
    """
    left = (problem.capacity - problem.used(found.arc, found.amount)).tolist()
    idle = sum(p * x for p, x in zip(found.prices.product.tolist(), left, strict=True)) // UNIT
    spare = {
        s.name: p * slack(problem, s, found.arc, found.amount) // (PPM * UNIT)
        for s, p in zip(problem.sides, found.prices.side.tolist(), strict=True)
    }
    idle += spare.pop("budget", 0)
    rest = proved - found.value - idle - sum(spare.values())
    return {"price_bound": proved, "idle": idle, "slack": sum(spare.values()), "regret": rest}


def conflict(quote: pa.Table, product: pa.Table, rule: AllocateRule) -> dict[str, Any] | None:
    """Return the proof that the limits of a rule cannot hold together; None if there is none.

    At the prices limits ask for more than all arcs could give: if every yuan were worth ``rate``,
    all that can be given out would be worth less than the smallest amount there is, or, with a
    rate of 0, less than nothing.
    """
    given = pool(quote, product, rule)
    proof = conflict_of(given.problem)
    return proof and refuted(given, proof, rule)


def refuted(given: Pool, proof: Proof, rule: AllocateRule) -> dict[str, Any]:
    """Return a proof of a conflict as a certificate."""
    names = [given.problem.sides[s].name for s in proof.sides]
    said = _claimed(given, rule, proof.prices)
    said |= {"kind": "conflict", "rule": rule.id, "sides": names, "rate": proof.rate}
    return {**said, "seal": seal(said)}


def _claimed(given: Pool, rule: AllocateRule, prices: Prices) -> dict[str, Any]:
    """Return what certificates and proofs of conflicts have in common."""
    ids = given.products["product_id"].to_pylist()
    names = [s.name for s in given.problem.sides]
    asked = {
        "as_of": rule.as_of.isoformat(),
        "budget": int(rule.budget),
        "limits": [stated(x) for x in rule.all_limits],
        "together": rule.together,
    }
    return {
        "format": FORMAT,
        **asked,
        "data": _data(given, asked),
        "prices": {
            "product": _priced(ids, prices.product), "side": _priced(names, prices.side),
        },
        "counts": {
            "projects": int((np.diff(given.problem.start) > 0).sum()),
            "arcs": len(given.problem),
            "products": len(ids),
        },
    }  # fmt: skip


def _priced(names: list[str], price: Int) -> dict[str, int]:
    return {n: p for n, p in zip(names, price.tolist(), strict=True) if p}


def stated(limit: Limit) -> dict[str, Any]:
    """Return a limit as a certificate states it: money in fen, shares in ppm."""
    kinds = ("least", "most", "least_share", "most_share")
    bound = next(k for k in kinds if getattr(limit, k) is not None)
    return {
        "name": limit.name,
        "measure": limit.measure,
        "of": {k: v for k, v in limit.of.model_dump(mode="json").items() if v not in (None, [])},
        "bound": bound,
        "at": int(getattr(limit, bound)),
    }


def rule_of(said: dict[str, Any]) -> AllocateRule:
    """Return the rule that a certificate states: the same problem, if not the same id."""
    limits = tuple(
        Limit.model_validate({
            "name": x["name"], "measure": x["measure"], "of": Group(**x["of"]),
            x["bound"]: (Rate if x["bound"].endswith("share") else Money)(x["at"]),
        })
        for x in said["limits"]
    )  # fmt: skip
    return AllocateRule.make(
        as_of=said["as_of"], budget=Money(said["budget"]), micro_share=Rate(0), limits=limits,
        together=said["together"], salt=said["salt"],
    )  # fmt: skip


def prices_of(said: dict[str, Any], given: Pool) -> Prices:
    """Return the prices that a certificate states."""
    ids = given.products["product_id"].to_pylist()
    product = [said["prices"]["product"].get(p, 0) for p in ids]
    side = [said["prices"]["side"].get(s.name, 0) for s in given.problem.sides]
    return Prices(np.array(product, np.int64), np.array(side, np.int64))


def _data(given: Pool, asked: dict[str, Any]) -> str:
    """Hash limits, capacities and arcs in the order of ids."""
    problem, products = given.problem, given.products
    capacity = zip(products["product_id"].to_pylist(), problem.capacity.tolist(), strict=True)
    whole = hashlib.sha256()
    for said in (asked, *map(list, capacity)):
        whole.update(canonical(said).encode() + b"\n")
    some, ids = np.unique(problem.project), _ids(given.arcs)
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
    rank = np.empty(problem.projects, np.int64)
    rank[some[order]] = np.arange(len(ids))
    whole.update(bytes.fromhex(_digest(canonical(ids[i]) for i in order.tolist())))
    whole.update(_arcs(given, rank[problem.project]))
    return whole.hexdigest()


def _arcs(given: Pool, rank: Int) -> bytes:
    """Hash all arcs by the rank of their project, then by product, as rows of int64."""
    problem = given.problem
    rate = given.arcs["rate"].cast(pa.int64()).fill_null(NOT_SHOWN).to_numpy()
    columns = (
        rank, problem.product, problem.least, problem.most, problem.step, problem.value, rate,
        *(problem.coefficient(s) for s in problem.sides[1:]),
    )  # fmt: skip
    order = np.argsort(rank, kind="stable")
    hashed = hashlib.sha256()
    for first in range(0, len(order), BLOCK):
        some = order[first : first + BLOCK]
        block = np.stack([c[some] for c in columns], axis=1, dtype=np.dtype("<i8"))
        hashed.update(block.tobytes())
    return hashed.digest()


def _ids(arcs: pa.Table) -> list[str]:
    """Return the ids of projects that have arcs, in the order in which equals are served."""
    found: list[str] = arcs["project_id"].unique().to_pylist()
    return found


def _offers(offers: pa.Table, amount: Int) -> str:
    ids = (offers[n].to_pylist() for n in ("project_id", "product_id"))
    return _digest(canonical(list(row)) for row in sorted(zip(*ids, amount.tolist(), strict=True)))


def _digest(lines: Iterable[str]) -> str:
    hashed = hashlib.sha256()
    for line in lines:
        hashed.update(line.encode() + b"\n")
    return hashed.hexdigest()
