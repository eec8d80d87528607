"""Validation: how scores turned out, once outcomes are known."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.assess.card.labels import outcomes
from liandong.kernels.distributions import beta_quantile
from liandong.kernels.roc import Z95, delong, ks
from liandong.kernels.validation import binomial, brier, hosmer_lemeshow, jeffreys, spiegelhalter
from liandong.schema.arrow import empty
from liandong.step import Rule, Tables, fold, output

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

TAIL = 0.025
"""Probability on either side of a 95 % interval."""


class ValidateRule(Rule):
    """Which scores are compared with what happened.

    Attributes
    ----------
    as_of
        Scores of this day; outcomes after it alone.
    horizon_months
        A default within so many months makes a borrower bad.
    least
        Fewest firms of either outcome for figures of a slice.
    """

    as_of: date
    horizon_months: int = Field(default=12, ge=1, le=120)
    least: int = Field(default=2, ge=1)


class Figure(NamedTuple):
    """A figure and its 95 % interval, nan where there is none."""

    measure: str
    value: float
    low: float = float("nan")
    high: float = float("nan")


@fold(
    reads=("score", "signal", "event", "loan", "party"),
    writes=("validation",),
    rule=ValidateRule,
    part=("as_of",),
)
def validate(tables: Tables, rule: ValidateRule) -> Tables:
    """Compare the scores of ``as_of`` with the outcomes after it.

    For all firms and by region, size class and grade: the bad rate (Jeffreys' interval) beside the
    mean probability of default, the tests of Jeffreys and the binomial one, AUC (DeLong's
    interval), Gini and KS, the Brier score with its parts, and the tests of Hosmer and Lemeshow
    and of Spiegelhalter. Slices with too few of either outcome keep the rates alone. Without
    outcomes of both kinds nothing is written.
    """
    scores = tables["score"].select(["party_id", "as_of", "rule_id", "pd", "grade"])
    scored = scores.filter(pc.equal(scores["as_of"], pa.scalar(rule.as_of)))
    later = {**tables, "signal": _after(tables["signal"], rule.as_of)}
    known = outcomes(later, rule.as_of, rule.horizon_months)
    if not 0 < (pc.sum(known["bad"]).as_py() or 0) < len(known):
        return {"validation": empty("validation")}
    rows = scored.join(known, "party_id", join_type="inner").join(
        tables["party"].select(["party_id", "region_id", "size_class"]), "party_id"
    )
    rows = rows.sort_by([("rule_id", "ascending"), ("party_id", "ascending")])
    found = [
        (card, cut, figure, len(part))
        for card, cut, part in _slices(rows)
        for figure in _figures(part, rule.least)
    ]
    value, low, high = (np.array([f[k] for _, _, f, _ in found], float) for k in (1, 2, 3))
    return output(
        "validation",
        rule_id=[card for card, _, _, _ in found],
        as_of=[rule.as_of] * len(found),
        slice=[cut for _, cut, _, _ in found],
        measure=[f.measure for _, _, f, _ in found],
        value=pa.array(value, mask=np.isnan(value)),
        low=pa.array(low, mask=np.isnan(low)),
        high=pa.array(high, mask=np.isnan(high)),
        n=[n for _, _, _, n in found],
    )


def _after(signal: pa.Table, as_of: date) -> pa.Table:
    """Return the signals of months after that of ``as_of``."""
    return signal.filter(pc.greater(signal["period"], as_of.strftime("%Y-%m")))


def _slices(rows: pa.Table) -> Iterator[tuple[str, str, pa.Table]]:
    """Yield (scorecard, name, rows) of all firms and of each region, size class and grade."""
    for card in sorted(pc.unique(rows["rule_id"]).to_pylist()):
        own = rows.filter(pc.equal(rows["rule_id"], card))
        yield card, "all", own
        for kind, column in (("region", "region_id"), ("size", "size_class"), ("grade", "grade")):
            for name in sorted(pc.drop_null(pc.unique(own[column])).to_pylist()):
                yield card, f"{kind}.{name}", own.filter(pc.equal(own[column], name))


def _figures(rows: pa.Table, least: int) -> Iterator[Figure]:
    pd = rows["pd"].to_numpy() / 1e6
    bad = rows["bad"].to_numpy(zero_copy_only=False).astype(bool)
    yield from _rates(pd, bad)
    if min(bad.sum(), (~bad).sum()) >= least:
        yield from _ranking(pd, bad)
        yield from _calibration(pd, bad)


def _rates(pd: Float, bad: Bool) -> Iterator[Figure]:
    n, bads, forecast = len(bad), int(bad.sum()), float(np.sort(pd).mean())
    low = beta_quantile(TAIL, bads + 0.5, n - bads + 0.5) if bads else 0.0
    high = beta_quantile(1 - TAIL, bads + 0.5, n - bads + 0.5) if bads < n else 1.0
    yield Figure("bad_rate", bads / n, low, high)
    yield Figure("mean_pd", forecast)
    yield Figure("jeffreys_p", jeffreys(bads, n, forecast))
    yield Figure("binomial_p", binomial(bads, n, forecast))


def _ranking(pd: Float, bad: Bool) -> Iterator[Figure]:
    area, error = delong(pd, bad)
    low, high = max(0.0, area - Z95 * error), min(1.0, area + Z95 * error)
    yield Figure("auc", area, low, high)
    yield Figure("gini", 2 * area - 1, 2 * low - 1, 2 * high - 1)
    yield Figure("ks", ks(pd, bad))


def _calibration(pd: Float, bad: Bool) -> Iterator[Figure]:
    parts = brier(pd, bad)
    yield Figure("brier", parts.score)
    yield Figure("brier_reliability", parts.reliability)
    yield Figure("brier_resolution", parts.resolution)
    yield Figure("brier_uncertainty", parts.uncertainty)
    yield Figure("hosmer_lemeshow_p", hosmer_lemeshow(pd, bad).p)
    yield Figure("spiegelhalter_p", spiegelhalter(pd, bad).p)


def out_of_time(day: pa.ChunkedArray, start: date) -> tuple[Bool, Bool]:
    """Return which rows to learn from (before ``start``) and which to test on (from it on).

    Rows without a day are in neither.
    """
    after = pc.greater_equal(day, pa.scalar(start, day.type))
    test = pc.fill_null(after, False)  # noqa: FBT003 - the value that takes the place of null
    learn = pc.fill_null(pc.invert(after), False)  # noqa: FBT003 - as above
    return tuple(np.asarray(x.to_numpy(), bool) for x in (learn, test))  # type: ignore[return-value]
