"""Drift: whether the firms of today are still those that a scorecard was learnt from."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.assess.card.scorecard import Scorecard
from liandong.assess.measures.features import wide
from liandong.assess.validation.shares import aligned
from liandong.kernels.scores.validation import shift
from liandong.schema.arrow import empty
from liandong.step import Rule, Tables, fold, output

Int = NDArray[np.int64]

SCORE = "score"
"""What stands for the points of all in place of a measure."""


class DriftRule(Rule):
    """Which day is compared.

    Attributes
    ----------
    as_of
        Firms as they looked on this day, against those that each scorecard was learnt from.
    bands
        Bands of points, of about equal size among the firms it was learnt from.
    """

    as_of: date
    bands: int = Field(default=10, ge=2, le=100)


class Counted(NamedTuple):
    """Firms then and now in each cell of a measure."""

    measure: str
    expected: Int
    actual: Int


@fold(
    reads=("feature", "rule", "crossfit"),
    writes=("drift",),
    rule=DriftRule,
    part=("as_of",),
    needs={"feature": "assess.features"},
)
def drift(tables: Tables, rule: DriftRule) -> Tables:
    """Compare the firms of ``as_of`` with those that each scorecard in force was learnt from.

    The population stability index of the score (in bands of points) and of each characteristic (in
    its bins), cell by cell; the parts of a measure add up to its index. ``p`` is how likely so
    large an index is without any shift. Firms with features on the day that the scorecard is valid
    from stand in where nobody knows what it was learnt from; without those there is nothing to
    compare.
    """
    found = [
        (card, since, counted)
        for card, since, scorecard in _cards(tables["rule"], rule.as_of)
        for counted in _counted(tables, rule, card, since, scorecard)
    ]
    if not found:
        return {"drift": empty("drift")}
    shifts = [shift(c.expected, c.actual) for _, _, c in found]
    sizes = [len(c.expected) for _, _, c in found]
    p = np.repeat([s.p for s in shifts], sizes)
    return output(
        "drift",
        rule_id=np.repeat([card for card, _, _ in found], sizes),
        as_of=pa.repeat(rule.as_of, sum(sizes)),
        measure=np.repeat([c.measure for _, _, c in found], sizes),
        cell=np.concatenate([np.arange(n) for n in sizes]),
        since=pa.array([since for _, since, _ in found]).take(np.repeat(range(len(found)), sizes)),
        expected=np.concatenate([c.expected for _, _, c in found]),
        actual=np.concatenate([c.actual for _, _, c in found]),
        part=np.concatenate([s.parts for s in shifts]),
        p=pa.array(p, mask=np.isnan(p)),
    )


def _cards(rules: pa.Table, as_of: date) -> Iterator[tuple[str, date, Scorecard]]:
    """Yield id, first day and content of the scorecards in force."""
    for row in (
        rules.filter(pc.equal(rules["kind"], Scorecard.kind())).sort_by("rule_id").to_pylist()
    ):
        card = Scorecard.from_toml(row["toml"])
        if card.valid_from is not None and card.holds_on(as_of):
            yield row["rule_id"], card.valid_from, card


def _counted(
    tables: Tables, rule: DriftRule, name: str, since: date, card: Scorecard
) -> Iterator[Counted]:
    ids, then, hidden_then = wide(tables["feature"], since, card.measures)
    learnt = tables["crossfit"].filter(pc.equal(tables["crossfit"]["rule_id"], name))["party_id"]
    if len(learnt):
        _, at = aligned(ids, learnt)
        at = np.sort(at)
        then, hidden_then = then[at], hidden_then[at]
    _, now, hidden_now = wide(tables["feature"], rule.as_of, card.measures)
    if not len(then):
        return
    for j, c in enumerate(card.characteristics):
        cells = [c.cells(v[:, j], h[:, j]) for v, h in ((then, hidden_then), (now, hidden_now))]
        yield Counted(c.measure, *(np.bincount(x, minlength=c.bins + 2) for x in cells))
    points = [card.parts(v, h).sum(axis=1) for v, h in ((then, hidden_then), (now, hidden_now))]
    inner = np.arange(1, rule.bands) / rule.bands
    edges = np.unique(np.quantile(points[0], inner, method="inverted_cdf"))
    edges = edges[edges < points[0].max()]  # nobody was above the highest
    placed = [np.searchsorted(edges, x, side="left") for x in points]
    yield Counted(SCORE, *(np.bincount(x, minlength=len(edges) + 1) for x in placed))
