"""Beneficial owners: natural persons who reach the threshold of a regime."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import empty
from liandong.step import Tables, concat, output
from liandong.step.reasons import Reasons
from liandong.trace.owners.cascade import Blocs
from liandong.trace.owners.interest import Interest, ppm
from liandong.trace.owners.register import Bool, Int, Register
from liandong.trace.owners.rules import OwnersRule, Regime


def beneficial(
    found: Register, party: pa.Table, targets: Int, part: Interest, stakes: Blocs, rule: OwnersRule
) -> tuple[Tables, list[tuple[str, Bool]]]:
    """Return ``beneficial_owner``, and by regime for which targets somebody reaches it.

    A holder of whom nothing is known may be a person: it reaches the threshold perhaps.
    """
    of, by, ends = _together(found, targets, part, stakes)
    kinds = party["kind"].take(pc.index_in(found.ids, value_set=party["party_id"]))
    person = pc.fill_null(pc.equal(kinds, "person"), fill_value=False).to_numpy()
    strange = kinds.is_null().to_numpy()
    may = person[by] | strange[by]
    of, by, ends = of[may], by[may], ends[:, may]
    tables, reached = {"beneficial_owner": empty("beneficial_owner")}, []
    for regime in rule.regimes:
        low, high = _bases(regime, ends)
        limit = int(regime.share) + regime.more
        here = high >= limit
        sure = (low >= limit) & person[by]
        reached.append((regime.name, np.isin(targets, of[here])))
        one = _rows(found, regime, rule, of[here], by[here], ends[:, here], sure[here], strange)
        tables = concat(tables, one)
    return tables, reached


def _together(found: Register, targets: Int, part: Interest, stakes: Blocs) -> tuple[Int, Int, Int]:
    """Return all pairs, and by pair both ends of interest and stake, shape (4, pairs)."""
    count = max(len(found.ids), 1)
    one = targets[part.target] * count + part.holder
    other = stakes.party * count + stakes.holder
    pairs = np.unique(np.concatenate([one, other]))
    ends = np.zeros((4, len(pairs)), np.int64)
    ends[:2, np.searchsorted(pairs, one)] = ppm(part.low, part.high)[:2]
    ends[2:, np.searchsorted(pairs, other)] = stakes.low, stakes.high
    return pairs // count, pairs % count, ends


def _bases(regime: Regime, ends: Int) -> tuple[Int, Int]:
    """Return the greatest of what a regime compares, at least and at most."""
    rows = [{"interest": 0, "stake": 2}[basis] for basis in regime.bases]
    return ends[rows].max(axis=0), ends[[r + 1 for r in rows]].max(axis=0)


def _rows(
    found: Register, regime: Regime, rule: OwnersRule, of: Int, by: Int, ends: Int, sure: Bool,
    strange: Bool,
) -> Tables:  # fmt: skip
    reasons = Reasons(len(of))
    reasons.add("trace.owners_threshold", int(regime.share))
    reasons.add("trace.owners_interest", ends[0], ends[0] > 0)
    reasons.add("trace.owners_stake", ends[2], ends[2] > 0)
    reasons.add("trace.owners_unknown_kind", 0, strange[by])
    return output(
        "beneficial_owner",
        as_of=pa.repeat(pa.scalar(rule.on), len(of)), regime=[regime.name] * len(of),
        party_id=found.ids.take(pa.array(of)), holder_id=found.ids.take(pa.array(by)),
        interest_low=ends[0], interest_high=ends[1], stake_low=ends[2], stake_high=ends[3],
        verdict=np.where(sure, "yes", "perhaps").tolist(), reasons=reasons.column(),
    )  # fmt: skip
