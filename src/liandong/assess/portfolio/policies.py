"""Three ways to choose whom to lend to: by scorecard, by collateral, by financial statements.

None of them judges a firm by its own outcome: what is learnt is learnt from the other folds.
"""

from contextlib import suppress
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.card.fit import FitRule, fit
from liandong.assess.card.folds import parts
from liandong.assess.card.scorecard import Scorecard
from liandong.assess.measures.features import wide
from liandong.errors import DataError
from liandong.schema.arrow import build, empty
from liandong.step import Tables

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

COLLATERAL = ("property_value", "equipment_value")
"""Signals of what a lender could take as collateral, yuan."""
STATEMENT = ("statement_sales", "statement_profit", "statement_assets", "statement_liabilities")
"""Signals of the latest yearly statement, yuan."""
RATIOS = ("statement_size", "statement_margin", "statement_leverage")
"""What the financials-only policy looks at."""


class Learning(NamedTuple):
    """How the learnt policies learn: as the scorecard of the board does, fold by fold."""

    as_of: date
    horizon_months: int
    folds: int
    seed: int


def unseen_worth(tables: Tables, firms: pa.Array, bad: Bool, how: Learning) -> Float:
    """Return minus the probability of default of each firm by a card that has not seen it.

    The firms are cut into folds, each with its share of the bad ones; the scorecard of a fold is
    what :func:`liandong.assess.fit` learns from all other firms, binning and selection included.

    Parameters
    ----------
    tables
        What ``assess.fit`` reads.
    firms, bad
        Ids in order, and outcomes, shape (n,).
    how
        Day, horizon, folds and seed.

    Raises
    ------
    DataError
        If a fold leaves too little to learn from.
    """
    fold = parts(bad, how.folds, np.random.default_rng(how.seed))
    # Its own figures are not needed: as few models as can be.
    rule = FitRule(as_of=how.as_of, horizon_months=how.horizon_months, folds=2, repeats=1)
    pd = np.empty(len(firms))
    for k in range(how.folds):
        others, own = (firms.filter(pa.array(m)) for m in (fold != k, fold == k))
        learnt = fit.finish(fit.inputs(_of(tables, others)), rule)["rule"]
        card = Scorecard.from_toml(learnt["toml"][0].as_py())
        ids, values, withheld = wide(_of(tables, own)["feature"], how.as_of, card.measures)
        points = card.base + card.parts(values, withheld).sum(axis=1)
        at = pc.index_in(ids, value_set=firms).to_numpy()
        pd[at] = card.scaling.pd(points)
    return -pd


def _of(tables: Tables, firms: pa.Array) -> Tables:
    """Return the rows of some firms; tables without a firm stay as they are."""
    return {
        n: t.filter(pc.is_in(t["party_id"], value_set=firms)) if "party_id" in t.column_names else t
        for n, t in tables.items()
    }


def collateral_worth(signal: pa.Table, firms: pa.Array, amount: Int, as_of: date) -> Float:
    """Return the cover of each firm's loan by what it owns; 0 for nothing, or no amount."""
    held = np.nan_to_num(latest(signal, firms, COLLATERAL, as_of)).sum(axis=1)
    return np.asarray(np.where(amount > 0, held * 100 / np.maximum(amount, 1), 0.0))


def financial_worth(
    tables: Tables, firms: pa.Array, bad: Bool, revenue: Int, how: Learning
) -> Float:
    """Return the rank of each firm by its statements.

    First come the firms that have a statement, by a card on size, margin and leverage that has
    not seen them; then the others, the larger ones first, those of unknown revenue last.
    """
    said = latest(tables["signal"], firms, STATEMENT, how.as_of)
    sales, profit, assets, owed = np.where(np.isfinite(said), said, np.nan).T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.column_stack([sales, profit / sales, owed / assets])
    known = np.isfinite(ratios).any(axis=1)
    risk = np.zeros(len(firms))
    own = firms.filter(pa.array(known))
    replaced = {**tables, "feature": _features(own, ratios[known], how.as_of)}
    with suppress(DataError):  # too few statements to learn from: all of them alike
        risk[known] = unseen_worth(replaced, own, bad[known], how)
    keys = (np.where(known, 0, revenue), risk, known)
    return dense_rank(keys)


def dense_rank(keys: tuple[NDArray[np.generic], ...]) -> Float:
    """Return the place of each row in the order of keys, the last key first; equals share one.

    Examples
    --------
    >>> dense_rank((np.array([1, 2, 2]), np.array([5, 0, 0]))).tolist()
    [1.0, 0.0, 0.0]
    """
    table = np.column_stack([np.asarray(k, np.float64) for k in keys[::-1]])
    return np.unique(table, axis=0, return_inverse=True)[1].reshape(-1).astype(np.float64)


def latest(signal: pa.Table, firms: pa.Array, measures: tuple[str, ...], as_of: date) -> Float:
    """Return the latest value of signals known on ``as_of``, shape (firms, measures), else NaN."""
    some = pc.is_in(signal["measure"], value_set=pa.array(measures))
    known = pc.fill_null(pc.less_equal(signal["seen_at"], pa.scalar(as_of)), fill_value=True)
    here = pc.and_(pc.and_(some, known), pc.is_in(signal["party_id"], value_set=firms))
    order = [("party_id", "ascending"), ("measure", "ascending"), ("period", "ascending"),
             ("source", "ascending")]  # fmt: skip
    rows = signal.filter(here).sort_by(order)
    found = np.full((len(firms), len(measures)), np.nan)
    at = pc.index_in(rows["party_id"], value_set=firms).to_numpy()
    which = pc.index_in(rows["measure"], value_set=pa.array(measures)).to_numpy()
    found[at, which] = rows["value"].to_numpy()  # of several the last one stays
    return found


def _features(firms: pa.Array, ratios: Float, as_of: date) -> pa.Table:
    """Return the ratios in the shape of ``feature``."""
    if not len(firms):
        return empty("feature")
    rows = len(firms) * len(RATIOS)
    return build("feature", {
        "party_id": firms.take(np.repeat(np.arange(len(firms)), len(RATIOS))),
        "as_of": pa.repeat(as_of, rows),
        "measure": pa.array(RATIOS).take(np.tile(np.arange(len(RATIOS)), len(firms))),
        "value": pa.array(ratios.ravel(), mask=~np.isfinite(ratios.ravel())),
    })  # fmt: skip
