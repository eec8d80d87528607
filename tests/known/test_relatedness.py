"""Relatedness against hand-worked cases, plain twins and the published trade data."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from liandong.kernels.scores.relatedness import balassa, coherence, density, proximity
from liandong.kernels.scores.roc import auc
from support.data import dataset


def _proximity(holds):
    fields = holds.shape[1]
    found = np.zeros((fields, fields))
    for j in range(fields):
        for k in range(fields):
            both = sum(a and b for a, b in zip(holds[:, j], holds[:, k], strict=True))
            shares = [both / s for s in (holds[:, j].sum(), holds[:, k].sum()) if s]
            found[j, k] = min(shares) if len(shares) == 2 else 0
    return found


def _density(holds, near):
    found = np.zeros(holds.shape)
    for i in range(holds.shape[0]):
        for j in range(holds.shape[1]):
            others = [k for k in range(holds.shape[1]) if k != j]
            whole = sum(near[j, k] for k in others)
            held = sum(near[j, k] for k in others if holds[i, k])
            found[i, j] = held / whole if whole else 0
    return found


@pytest.mark.parametrize("share", [0.05, 0.3, 0.8])
def test_kernels_do_what_their_definitions_say(share: float) -> None:
    holds = np.random.default_rng(5).random((23, 9)) < share
    near = proximity(holds)
    np.testing.assert_allclose(near, _proximity(holds))
    np.testing.assert_allclose(density(holds, near), _density(holds, near))
    assert (near == near.T).all()


def test_three_countries_by_hand() -> None:
    # Fields A, B in places 1, 2; C in place 3 and in place 1.
    holds = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1]], bool)
    near = proximity(holds)
    assert near.tolist() == [[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]]
    assert density(holds, near)[2].tolist() == pytest.approx([0.5 / 1.5, 0.5 / 1.5, 0])
    found = coherence(np.array([[2.0, 1, 1], [0, 0, 5], [0, 0, 0]]), near)
    assert found[0] == pytest.approx((2 * 1 + 2 * 0.5 + 1 * 0.5) / 5)
    assert np.isnan(found[1:]).all()


def test_nothing_is_related_to_nothing() -> None:
    empty = np.zeros((3, 2), bool)
    assert not proximity(empty).any()
    assert not density(empty, proximity(empty)).any()
    assert not balassa(np.zeros((3, 2))).any()


@pytest.fixture(scope="module")
def trade():
    """World trade 1998-2000 by country and product, and the published Balassa ones."""
    folder = dataset("economic_complexity")
    flows = pq.read_table(folder / "world_trade_avg_1998_2000.parquet")
    ones = pq.read_table(folder / "reference_balassa_binary_nonzero.parquet")
    places, fields = (sorted(flows[c].unique().to_pylist()) for c in flows.column_names[:2])
    at = [np.searchsorted(names, flows[c].to_pylist())
          for names, c in zip((places, fields), flows.column_names[:2], strict=True)]  # fmt: skip
    amount = np.zeros((len(places), len(fields)))
    np.add.at(amount, tuple(at), flows[flows.column_names[2]].to_numpy())
    known = set(zip(ones[ones.column_names[0]].to_pylist(),
                    ones[ones.column_names[1]].to_pylist(), strict=True))  # fmt: skip
    return places, fields, amount, known


def test_balassa_of_world_trade_is_the_published_one(trade) -> None:
    places, fields, amount, known = trade
    ours = balassa(amount) >= 1
    found = {(places[i], fields[j]) for i, j in zip(*np.nonzero(ours), strict=True)}
    assert len(known) == 31_951
    assert found == known


def test_density_foretells_advantages_that_were_hidden(trade) -> None:
    _, _, amount, _ = trade
    random = np.random.default_rng(0)
    holds = balassa(amount) >= 1
    hidden = holds & (random.random(holds.shape) < 0.1)
    left = holds & ~hidden
    asked = ~left  # what is not seen to be held: was it hidden, or never there?
    common = np.broadcast_to(left.sum(axis=0).astype(float), holds.shape)

    def within_countries(score: np.ndarray) -> float:
        some = [i for i in range(len(holds)) if hidden[i].sum() >= 5]
        return np.mean([auc(score[i][asked[i]], hidden[i][asked[i]]) for i in some])

    found = within_countries(density(left, proximity(left)))
    assert found > 0.7
    assert found > within_countries(common) + 0.08  # more than how common a product is
