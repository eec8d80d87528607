"""Explaining scores: points against the best and the usual, and the way to the next grade."""

from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.card.scale import named_scale
from liandong.assess.card.scorecard import Scorecard
from liandong.assess.reasons.order import adverse
from liandong.assess.reasons.scored import ExplainRule, Scored
from liandong.errors import UsageError
from liandong.kernels.scores.reach import Reach, reach
from liandong.schema.arrow import empty
from liandong.step import Tables, concat, fold, output
from liandong.step.reasons import Reasons
from liandong.texts import both

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Kind = TypeVar("Kind", bound=np.generic)

STATES = pa.array(["known", "absent", "withheld"])
"""What a term stands on, by number."""
SEVERAL = "several"
"""Category of a pair whose measures are not of the same."""


@fold(
    reads=("feature", "score", "rule"),
    writes=("explanation", "aim"),
    rule=ExplainRule,
    part=("as_of",),
    needs={"feature": "assess.features", "score": "assess.score"},
)
def explain(tables: Tables, rule: ExplainRule) -> Tables:
    """Explain every score of ``as_of``, term by term, and find the way to the next grade.

    For each firm and term of the scorecard: the points earned, the most there are, those below
    the most (with their rank: the principal reasons of an adverse decision, Siddiqi 2006), and the
    median over the firms that share the term. A pair of measures is a term of its own.

    The way to the next grade is the smallest change that earns the points lacking: of the fewest
    measures, then of the fewest bins passed, then of the most points; it is proved to be the
    smallest, pairs included (:mod:`liandong.kernels.scores.reach`). Only measures that are known
    and that a firm can move count (:mod:`liandong.assess.reasons.means`), in the way that they can
    be moved.

    Raises
    ------
    DataError
        If there are no scores or features on ``as_of``, or the scores are not those of these
        features, scorecard and grades.
    UsageError
        If the scorecard is gone.
    """
    scores = tables["score"].filter(pc.equal(tables["score"]["as_of"], pa.scalar(rule.as_of)))
    if rule.scorecard is not None:
        scores = scores.filter(pc.equal(scores["rule_id"], rule.scorecard))
    if rule.scale is not None:
        rule = rule.changed(grades=named_scale(tables["rule"], rule.scale).grades)
    out = {n: empty(n) for n in ("explanation", "aim")}
    for name in sorted(pc.unique(scores["rule_id"]).to_pylist()):
        rows = scores.filter(pc.equal(scores["rule_id"], name)).sort_by("party_id")
        scored = Scored(_card(tables["rule"], name), rule, rows, tables["feature"])
        found = reach(scored.game, scored.cells, scored.lacking)
        out = concat(out, {**_explanation(scored, found), **_aim(scored, found)})
    return out


def _card(rules: pa.Table, name: str) -> Scorecard:
    rows = rules.filter(pc.equal(rules["rule_id"], name)).to_pylist()
    if not rows:
        raise UsageError(
            what=both("fault.no_scorecard", name=name),
            remedy=both("advice.run_first", step="assess.score"),
        )
    return Scorecard.from_toml(rows[0]["toml"])


def _explanation(scored: Scored, found: Reach) -> Tables:
    states, parts = scored.states, scored.parts
    firms, terms = parts.shape
    least, most = _range(scored.card)
    below = np.maximum(most - parts, 0)
    rank = adverse(below, states < 2)
    known = _wide(states[:, : len(scored.card.measures)] == 0, terms)
    moved = _wide(found.cells != scored.cells, terms)
    after = scored.earned(found.cells)
    low, high = _bounds(scored.card, scored.cells, terms)
    aim_low, aim_high = _bounds(scored.card, found.cells, terms)
    of_firm = pa.array(np.repeat(np.arange(firms), terms))
    of_term = pa.array(np.tile(np.arange(terms), firms))
    return output(
        "explanation",
        **{n: scored.rows[n].take(of_firm) for n in ("party_id", "as_of", "rule_id")},
        **{n: column.take(of_term) for n, column in _terms(scored, least, most).items()},
        state=STATES.take(pa.array(states.ravel())),
        value=_null(_wide(scored.values, terms), known),
        bin=_null(_wide(scored.cells, terms), known),
        low=_null(low, known),
        high=_null(high, known),
        points=parts.ravel(),
        below=below.ravel(),
        rank=_null(rank, rank > 0),
        aim_low=_null(aim_low, moved),
        aim_high=_null(aim_high, moved),
        aim_points=_null(after, moved | (after != parts)),
    )


def _terms(scored: Scored, least: Int, most: Int) -> dict[str, pa.Array]:
    """Return the columns that are the same for all firms, one value a term."""
    ways = [scored.rule.means(m) for m in scored.card.measures]
    pairs = [{ways[a].category, ways[b].category} for a, b in scored.pairs]
    none = [None] * len(pairs)
    return {
        "measure": pa.array(scored.card.terms, pa.string()),
        "category": pa.array(
            [w.category for w in ways] + [p.pop() if len(p) == 1 else SEVERAL for p in pairs],
            pa.string(),
        ),
        "change": pa.array([w.change for w in ways] + ["none" for _ in pairs], pa.string()),
        "months": pa.array([w.months for w in ways] + none, pa.int64()),
        "least": pa.array(least),
        "most": pa.array(most),
        "median": _medians(scored.parts, scored.states),
    }


def _range(card: Scorecard) -> tuple[Int, Int]:
    """Return the least points of each term, and the most that a known value earns."""
    own = [np.array(c.points) for c in card.characteristics]
    both_of = [np.array(p.points) for p in card.pairs]
    least = [t.min() for t in (*own, *both_of)]
    most = [t[:-1].max() for t in own] + [t[:-1, :-1].max() for t in both_of]
    return np.array(least, np.int64), np.array(most, np.int64)


def _medians(parts: Int, states: Int) -> pa.Array:
    """Return the median points of each term over the firms that share it; null if none does."""
    shared = [p[s < 2] for p, s in zip(parts.T, states.T, strict=True)]
    return pa.array([float(np.median(p)) if len(p) else None for p in shared], pa.float64())


def _bounds(card: Scorecard, cells: Int, terms: int) -> tuple[Float, Float]:
    """Return the bounds of the bins that cells are, NaN where there is none."""
    found = []
    for shift in (0, 1):
        ends = [np.array([np.nan, *c.edges, np.nan, np.nan, np.nan]) for c in card.characteristics]
        columns = [e[cells[:, j] + shift] for j, e in enumerate(ends)]
        found.append(_wide(np.column_stack(columns or [cells.astype(np.float64)]), terms))
    return found[0], found[1]


def _wide(own: NDArray[Kind], terms: int) -> NDArray[Kind]:
    """Add columns of nothing for the pairs."""
    return np.pad(own, ((0, 0), (0, terms - own.shape[1])))


def _null(values: Int | Float, here: Bool) -> pa.Array:
    """Return values row by row, null where they are not here or not a number."""
    return pa.array(values.ravel(), mask=~here.ravel() | np.isnan(values.ravel()))


def _aim(scored: Scored, found: Reach) -> Tables:
    there = found.changes >= 0
    moved = found.cells != scored.cells
    months = np.array([scored.rule.means(m).months or 0 for m in scored.card.measures], np.int64)
    best = scored.grades == 0
    state = np.where(best, 0, np.where(there, 1, 2))
    return output(
        "aim",
        **{n: scored.rows[n] for n in ("party_id", "as_of", "rule_id", "grade")},
        next=_null_text(scored.names, scored.grades - 1, ~best),
        state=pa.array(["best", "reachable", "unreachable"]).take(pa.array(state)),
        lacking=scored.lacking,
        changes=_null(found.changes, there),
        moved=_null(found.moved, there),
        gain=found.gain,
        months=_null((moved * months).max(axis=1, initial=0), there),
        reasons=_reasons(scored, found, state),
    )


def _null_text(names: list[str], place: Int, here: Bool) -> pa.Array:
    return pa.array(names).take(pa.array(place, mask=~here))


def _reasons(scored: Scored, found: Reach, state: Int) -> pa.Array:
    """Return what must be moved, with the points that it gains, the largest gains first."""
    reasons = Reasons(len(state))
    reasons.add("reach.best", 0, state == 0)
    reasons.add("reach.none", found.gain, state == 2)
    gains = scored.earned(found.cells) - scored.parts
    for j, name in enumerate(scored.card.terms):
        if j >= len(scored.card.measures):
            reasons.add(f"reach.pair({name})", gains[:, j], gains[:, j] != 0)
            continue
        step = found.cells[:, j] - scored.cells[:, j]
        reasons.add(f"reach.up({name})", gains[:, j], step > 0)
        reasons.add(f"reach.down({name})", gains[:, j], step < 0)
    return reasons.column(heaviest_first=True)
