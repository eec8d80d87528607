"""Validation: how scores turned out, once outcomes are known."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.assess.card.labels import outcomes
from liandong.assess.card.scorecard import Scorecard
from liandong.assess.measures.features import wide
from liandong.assess.validation.fairness import fairness
from liandong.assess.validation.figures import Finding, Rows, figures
from liandong.assess.validation.shares import aligned, by_bin, by_category
from liandong.schema.arrow import empty
from liandong.step import Rule, Tables, fold, output
from liandong.types import Rate

Bool = NDArray[np.bool_]

SMALL_FIRMS, SMALL_CASES = 30, 5
"""Slices of fewer firms, or of fewer of either outcome, are marked as small."""


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
    cut
        Firms of at most this probability of default count as approved, where groups are compared.
    """

    as_of: date
    horizon_months: int = Field(default=12, ge=1, le=120)
    least: int = Field(default=2, ge=1)
    cut: Rate = Field(default=Rate(50_000), ge=0, le=1_000_000)


@fold(
    reads=("score", "signal", "event", "loan", "party", "feature", "rule", "crossfit"),
    writes=("validation",),
    rule=ValidateRule,
    part=("as_of",),
)
def validate(tables: Tables, rule: ValidateRule) -> Tables:
    """Compare the scores of ``as_of`` with the outcomes after it, sample by sample.

    Firms that a scorecard was learnt from (``crossfit``) are never mixed with others: the
    ``development`` sample flatters; ``out_of_fold`` judges the same firms by cards that had not
    seen them; ``out_of_sample`` and ``out_of_time`` are other firms.

    For all firms and by region, size class, grade and cohort (quarter in which the latest loan
    began): the bad rate (Jeffreys' interval) beside the mean probability of default, the tests of
    Jeffreys and the binomial one, AUC (DeLong's interval), Gini and KS, the Brier score with its
    parts, and the tests of Hosmer and Lemeshow and of Spiegelhalter. For all: bands of risk, the
    ROC curve, the distribution of points, the bad rate in each cell of each characteristic, and
    the AUC without each category of data. Slices with too few of either outcome keep the rates
    alone. Without outcomes of both kinds nothing is written.
    """
    known = outcomes(later(tables, rule.as_of), rule.as_of, rule.horizon_months)
    if not 0 < (pc.sum(known["bad"]).as_py() or 0) < len(known):
        return {"validation": empty("validation")}
    scores = tables["score"].filter(pc.equal(tables["score"]["as_of"], pa.scalar(rule.as_of)))
    firms = about(tables, rule.as_of)
    found = []
    for card in sorted(pc.unique(scores["rule_id"]).to_pylist()):
        own = scores.filter(pc.equal(scores["rule_id"], card))
        own = own.select(["party_id", "pd", "points", "grade"])
        rows = own.join(known, "party_id", join_type="inner").join(firms, "party_id")
        for sample, part in _samples(tables, rule, card, rows):
            judged = _found(tables, rule, card, Rows.of(part))
            found += [(card, sample, finding) for finding in judged]
        unseen = _unseen(tables["crossfit"], rule.as_of, card)
        if len(unseen):
            folds = Rows.of(unseen.join(firms, "party_id"))
            drawn = [*figures(folds, rule.least), *fairness(folds, rule.cut / 1e6)]
            found += [(card, "out_of_fold", finding) for finding in drawn]
    return written(rule.as_of, found)


def later(tables: Tables, as_of: date) -> Tables:
    """Return the tables with the signals of months after that of ``as_of`` alone."""
    signal = tables["signal"]
    after = pc.greater(signal["period"], as_of.strftime("%Y-%m"))
    return {**tables, "signal": signal.filter(after)}


def about(tables: Tables, as_of: date) -> pa.Table:
    """Return region, size class and cohort of firms: what they are told apart by."""
    party, loan = tables["party"].select(["party_id", "region_id", "size_class"]), tables["loan"]
    begun = loan.filter(pc.less(loan["start"], pa.scalar(as_of)))
    latest = begun.group_by("party_id").aggregate([("start", "max")])
    day = latest["start_max"]
    quarter = pc.binary_join_element_wise(
        pc.cast(pc.year(day), pa.string()), pc.cast(pc.quarter(day), pa.string()), "Q"
    )
    cohort = pa.table({"party_id": latest["party_id"], "cohort": quarter})
    return party.join(cohort, "party_id", join_type="full outer")


def _samples(
    tables: Tables, rule: ValidateRule, card: str, rows: pa.Table
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the samples that scored firms with outcomes fall into, by name."""
    learnt = tables["crossfit"].filter(pc.equal(tables["crossfit"]["rule_id"], card))
    if not len(learnt):
        names = ("unknown", "unknown")
    elif rule.as_of > pc.max(learnt["as_of"]).as_py():
        names = ("seen_again", "out_of_time")
    else:
        names = ("development", "out_of_sample")
    seen = pc.is_in(rows["party_id"], value_set=learnt["party_id"].combine_chunks())
    for name, part in zip(names, (rows.filter(seen), rows.filter(pc.invert(seen))), strict=True):
        if len(part):
            yield name, part


def _unseen(crossfit: pa.Table, as_of: date, card: str) -> pa.Table:
    """Return the firms that a card was learnt from on ``as_of`` with forecasts of other cards."""
    own = pc.and_(
        pc.equal(crossfit["rule_id"], card), pc.equal(crossfit["as_of"], pa.scalar(as_of))
    )
    return crossfit.filter(own).select(["party_id", "pd", "bad"])


def _found(tables: Tables, rule: ValidateRule, card: str, rows: Rows) -> Iterator[Finding]:
    yield from figures(rows, rule.least)
    yield from fairness(rows, rule.cut / 1e6)
    toml = tables["rule"].filter(pc.equal(tables["rule"]["rule_id"], card))
    if not len(toml):
        return
    scorecard = Scorecard.from_toml(toml["toml"][0].as_py())
    ids, values, withheld = wide(tables["feature"], rule.as_of, scorecard.measures)
    here, at = aligned(ids, rows.table["party_id"])
    bad = rows.bad[here]
    if len(bad):
        yield from by_bin(scorecard, values[at], withheld[at], bad)
    if min(bad.sum(), (~bad).sum()) >= rule.least:
        yield from by_category(scorecard, values[at], withheld[at], bad)


def written(as_of: date, found: list[tuple[str, str, Finding]]) -> Tables:
    """Return the table of findings, each with its scorecard and sample."""
    figure = [f.figure for _, _, f in found]
    columns = {
        c: np.array([getattr(f, c) for f in figure], float) for c in ("value", "low", "high")
    }
    return output(
        "validation",
        rule_id=[card for card, _, _ in found],
        as_of=[as_of] * len(found),
        sample=[sample for _, sample, _ in found],
        slice=[f.slice for _, _, f in found],
        measure=[f.measure for f in figure],
        **{c: pa.array(v, mask=~np.isfinite(v)) for c, v in columns.items()},
        n=[f.n for _, _, f in found],
        note=[
            _note(f, bads) for f, bads in zip([f for _, _, f in found], _bads(found), strict=True)
        ],
    )


def _bads(found: list[tuple[str, str, Finding]]) -> list[float | None]:
    """Return how many firms of the slice of each finding are bad, where its rate is known."""
    rate = {
        (card, sample, f.slice): f.figure.value * f.n
        for card, sample, f in found
        if f.figure.measure == "bad_rate"
    }
    return [rate.get((card, sample, f.slice)) for card, sample, f in found]


def _note(finding: Finding, bads: float | None) -> str | None:
    fewest = SMALL_CASES if bads is None else min(bads, finding.n - bads)
    group = finding.slice.partition(".")[0] in {"all", "region", "size", "grade", "cohort"}
    return "small" if finding.n < SMALL_FIRMS or (group and round(fewest) < SMALL_CASES) else None


def out_of_time(day: pa.ChunkedArray, start: date) -> tuple[Bool, Bool]:
    """Return which rows to learn from (before ``start``) and which to test on (from it on).

    Rows without a day are in neither.
    """
    after = pc.greater_equal(day, pa.scalar(start, day.type))
    test = pc.fill_null(after, False)  # noqa: FBT003 - the value that takes the place of null
    learn = pc.fill_null(pc.invert(after), False)  # noqa: FBT003 - as above
    return tuple(np.asarray(x.to_numpy(), bool) for x in (learn, test))  # type: ignore[return-value]
