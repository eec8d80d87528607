"""The estimator: what it learns, what it may not learn from, and bad input with a named answer."""

import pickle
import warnings

import numpy as np
import pyarrow as pa
import pytest

from liandong.assess import Scorecard, ScorecardClassifier
from liandong.errors import (
    FewEventsWarning,
    InputError,
    LeakWarning,
    NotFittedError,
    RepeatedRowsWarning,
    SilentColumnsWarning,
    UnseenLevelsWarning,
    UsageError,
)
from liandong.kernels.scores.roc import auc

RANDOM = np.random.default_rng(12)
N = 600
A, B = RANDOM.normal(size=(2, N))
REGION = RANDOM.choice(["north", "south", "west"], N)
BAD = RANDOM.random(N) < 1 / (1 + np.exp(1.3 - 0.8 * A - 0.5 * B + (REGION == "north")))
TABLE = pa.table({"a": A, "b": B, "region": REGION})


def learnt(x=TABLE, y=BAD, *, withheld=None, weight=None, **settings):
    settings = {"folds": 0, "threads": 1, **settings}
    return ScorecardClassifier(**settings).fit(x, y, weight, withheld=withheld)


def test_the_card_says_what_the_data_say():
    model = learnt(folds=3)
    card = model.card_
    assert isinstance(card, Scorecard)
    found = {c.measure: c for c in card.characteristics}
    assert (found["a"].trend, found["region"].trend) == ("ascending", "ascending")
    assert list(found["a"].points[:-1]) == sorted(found["a"].points[:-1], reverse=True)
    assert found["region"].levels[0] == ("north",)
    assert (card.rows, card.bads) == (N, BAD.sum())
    assert 0.6 < card.auc_low < card.auc < card.auc_high < 0.9
    assert model.classes_.tolist() == [False, True]
    assert (model.n_features_in_, model.feature_names_in_.tolist()) == (3, ["a", "b", "region"])


def test_points_odds_and_probabilities_are_one():
    model = learnt()
    points = model.points(TABLE)
    log_odds = (points - 487.1229) / 28.8539  # PDO 20, odds 50 at 600 points
    assert model.decision_function(TABLE) == pytest.approx(-log_odds, abs=1e-5)
    pd = model.predict_proba(TABLE)
    assert pd.sum(axis=1) == pytest.approx(np.ones(N))
    assert pd[:, 1] == pytest.approx(1 / (1 + np.exp(log_odds)), abs=1e-6)
    assert np.rint(1e6 * pd[:, 1]).astype(int).tolist() == model.card_.scaling.pd(points).tolist()
    assert (model.predict(TABLE) == (pd[:, 1] > 0.5)).all()
    assert model.score(TABLE, BAD) == pytest.approx((model.predict(TABLE) == BAD).mean())


def test_points_are_the_log_odds_within_rounding():
    """Each term, and the base, is rounded once: half a point each at the most."""
    from liandong.assess.card.learn import Sample

    many = big(4000)
    model = learnt(*many, pairs=3)
    assert model.card_.pairs
    exact = model.model_.log_odds(Sample({"x0": many[0][:, 0], "x1": many[0][:, 1]}, many[1]))
    points = model.points(many[0])
    terms = 1 + len(model.card_.terms)
    scaling = model.card_.scaling
    assert np.abs(points - scaling.offset - scaling.factor * exact).max() <= terms / 2


def big(rows):
    """Return rows whose outcome depends on two columns only together, and on each a little."""
    random = np.random.default_rng(3)
    x = random.normal(size=(rows, 2))
    together = np.where(x[:, 0] * x[:, 1] > 0, 1.0, -1.0)
    y = random.random(rows) < 1 / (1 + np.exp(0.5 - together - 0.3 * x.sum(axis=1)))
    return x, y


def test_pairs_see_what_no_column_says_alone():
    x, y = big(6000)
    taught, unseen = slice(0, 4000), slice(4000, None)
    alone, together = (learnt(x[taught], y[taught], pairs=p) for p in (0, 10))
    risk = [auc(-m.points(x[unseen]).astype(float), y[unseen]) for m in (alone, together)]
    assert risk[1] > risk[0] + 0.05
    assert together.card_.pairs[0].measures in {("x0", "x1"), ("x1", "x0")}
    assert learnt(x[taught], y[taught], pairs=10, shrink=None).card_.pairs == ()


def test_refined_effects_keep_the_trend_of_their_bins():
    x, y = big(4000)
    model = learnt(x, y, trends={"x0": ("ascending",)})
    found = {c.measure: c for c in model.card_.characteristics}
    assert found["x0"].trend == "ascending"
    assert list(found["x0"].points[:-1]) == sorted(found["x0"].points[:-1], reverse=True)


def test_labels_and_the_event():
    words = np.where(BAD, "bad", "good")
    by_words = learnt(y=words, event="bad")
    assert by_words.card_ == learnt().card_
    assert by_words.classes_.tolist() == ["bad", "good"]
    proba = by_words.predict_proba(TABLE)
    assert proba[:, 0] == pytest.approx(learnt().predict_proba(TABLE)[:, 1])
    assert set(by_words.predict(TABLE)) == {"bad", "good"}


def test_weights_are_rows_and_order_is_nothing():
    x, y = np.column_stack([A, B]), BAD
    weight = RANDOM.integers(0, 4, N)
    rows = np.repeat(np.arange(N), weight)
    weighed, repeated = learnt(x, y, weight=weight), learnt(x[rows], y[rows], alarms=False)
    assert shape(weighed.card_) == shape(repeated.card_)
    order = RANDOM.permutation(N)
    assert shape(learnt(x[order], y[order]).card_) == shape(learnt(x, y).card_)


def shape(card):
    """Return what scores: sums in another order may change the last bit of a weight, not this."""
    return card.base, card.rows, [(c.measure, c.edges, c.points) for c in card.characteristics]


def test_a_prior_moves_the_base_alone():
    sampled, corrected = learnt().card_, learnt(prior=30_000).card_
    assert corrected.characteristics == sampled.characteristics
    share = BAD.mean()
    shift = np.log(0.97 / 0.03) - np.log((1 - share) / share)
    assert abs(corrected.base - sampled.base - 28.8539 * shift) <= 1


def test_what_is_withheld_teaches_nothing_and_earns_nothing():
    hidden = np.zeros((N, 3), bool)
    hidden[:, 0] = RANDOM.random(N) < np.where(BAD, 0.8, 0.2)  # who defaults hides it
    hidden[:, 2] = RANDOM.random(N) < 0.5
    first = learnt(withheld=hidden)
    other = TABLE.set_column(0, "a", [np.where(hidden[:, 0], 1e6, A)])
    other = other.set_column(2, "region", [pa.array(np.where(hidden[:, 2], "north", REGION))])
    assert learnt(other, withheld=hidden).card_ == first.card_
    assert first.points(TABLE, np.ones((N, 3), bool)).tolist() == [first.card_.base] * N
    absent = TABLE.set_column(0, "a", [np.where(hidden[:, 0], np.nan, A)])
    (as_absent,) = [c for c in learnt(absent).card_.characteristics if c.measure == "a"]
    (silent,) = [c for c in first.card_.characteristics if c.measure == "a"]
    assert as_absent.points[-1] < -10
    assert silent.points[-1] == 0


def test_special_codes_are_bins_of_their_own():
    coded = np.where(np.arange(N) % 3 == 0, -999.0, A)
    coded[(np.arange(N) % 3 == 0) & ~BAD & (A > 0)] = -888.0
    model = learnt(coded[:, None], special_codes=(-999.0, -888.0))
    (only,) = model.card_.characteristics
    assert only.specials == (-999.0, -888.0)
    points = model.points(np.array([[-999.0], [-888.0], [np.nextafter(-999.0, 0)], [-5.0]]))
    assert points[1] > points[0]
    assert points[2] == points[3]
    values = [p for p, code in zip(only.points, only.coded, strict=False) if not code]
    assert values == sorted(values, reverse=True)


def test_rare_levels_are_not_believed():
    """Every level is seen twice: in sample they tell all, on others nothing."""
    random = np.random.default_rng(9)
    noise = pa.array([f"L{i // 2}" for i in range(N)])
    model = learnt(pa.table({"noise": noise, "a": A}), random.random(N) < 0.3)
    assert "noise" not in model.card_.measures
    useful = np.where(BAD, RANDOM.integers(0, 25, N), RANDOM.integers(15, 40, N)).astype(str)
    model = learnt(pa.table({"useful": useful}))
    assert model.card_.measures == ["useful"]
    risk = -model.points(pa.table({"useful": useful})).astype(float)
    assert auc(risk, BAD) > 0.8


def test_choices_are_made_inside():
    x, y = big(4000)
    few = learnt(x[:300], y[:300], choices=((2, 100_000, None), (5, 50_000, None)))
    assert few.learning_.coarse.max_bins in {2, 5}
    again = learnt(x[:300], y[:300], choices=((2, 100_000, None), (5, 50_000, None)))
    assert few.card_ == again.card_
    assert learnt(x, y, choices=((3, 50_000, None),)).learning_.coarse.max_bins == 3


class Frame:
    """The little of a data frame that is used here."""

    def __init__(self, table):
        self.columns = table.column_names
        self.shape = table.shape
        self._table = table

    def __getitem__(self, name):
        found = self._table[name].to_pylist()
        return np.array(found, object if isinstance(found[0], str) else float)

    def __len__(self):
        return self.shape[0]


def test_arrays_tables_and_frames_are_the_same():
    told = learnt()
    mixed = np.array([A, B, REGION], object).T
    renamed = learnt(mixed).card_
    assert [c.points for c in renamed.characteristics] == [
        c.points for c in told.card_.characteristics
    ]
    points = told.points(TABLE).tolist()
    assert told.points(mixed).tolist() == points
    assert told.points(TABLE.select(["region", "b", "a"])).tolist() == points
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert learnt(Frame(TABLE)).card_ == told.card_
    again = pickle.loads(pickle.dumps(told))  # noqa: S301 - our own bytes
    assert again.points(TABLE).tolist() == points
    assert repr(ScorecardClassifier(pdo=40)) == "ScorecardClassifier(pdo=40)"


BAD_INPUT = {
    "one class": ({"y": np.zeros(N)}, "one class, 0"),
    "three values": ({"y": np.arange(N) % 3}, "Only binary .* multiclass, with 3"),
    "numbers": ({"y": A}, "continuous"),
    "unknown outcomes": ({"y": np.where(BAD, np.nan, 1.0)}, "NaN or infinity in"),
    "infinite": ({"x": np.where(np.eye(N, 2) > 0, np.inf, 1.0)}, "cannot use x0: 1 rows are inf"),
    "negative weights": ({"weight": np.full(N, -1)}, "some are negative"),
    "part of a row": ({"weight": np.full(N, 0.5)}, "fractions"),
    "weights of one class": ({"weight": BAD.astype(int)}, "weight is not zero are of one class"),
    "fewer outcomes": ({"y": BAD[:5]}, "5 rows, the data have 600"),
    "no outcome": ({"y": None}, "requires y"),
    "no rows": ({"x": np.empty((0, 2)), "y": []}, "nothing can be learnt"),
    "no columns": ({"x": np.empty((N, 0))}, "0 feature"),
    "one dimension": ({"x": A}, "Reshape your data"),
    "another event": ({"event": "worse"}, "no class of the outcome is worse"),
    "a shape": ({"withheld": np.zeros((N, 2), bool)}, "its shape is"),
}


@pytest.mark.parametrize(("change", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_has_a_named_error(change, message):
    with pytest.raises(InputError, match=message) as caught:
        learnt(**change)
    assert isinstance(caught.value, ValueError)
    assert "无法使用" in caught.value.text("zh")


@pytest.mark.parametrize(
    "settings",
    [{"trends": ("upwards",)}, {"trends": {"c": ("peak",)}}, {"special_codes": (np.inf,)},
     {"choices": ((1, 2),)}],
)  # fmt: skip
def test_parameters_that_cannot_be(settings):
    with pytest.raises(UsageError):
        learnt(**settings)


def test_before_and_beside_what_was_learnt():
    with pytest.raises(NotFittedError, match="Call fit first"):
        ScorecardClassifier().points(TABLE)
    model = learnt()
    with pytest.raises(InputError, match="1 features, but ScorecardClassifier is expecting 3"):
        model.points(np.zeros((2, 1)))
    with pytest.raises(InputError, match="missing: b"):
        model.points(TABLE.select(["a", "region"]))


def test_a_leak_is_named_unprompted():
    table = TABLE.append_column("after", [np.where(BAD, 1.0, 0.0) + 0.01 * B])
    with pytest.warns(LeakWarning, match="after: the value gives the outcome away") as caught:
        learnt(table)
    assert "疑似事后才知" in caught[0].message.text("zh")
    again = pickle.loads(pickle.dumps(caught[0].message))  # noqa: S301 - our own bytes
    assert again.text() == caught[0].message.text()


def test_constant_and_absent_columns_are_named_and_left_out():
    table = TABLE.append_column("same", [np.ones(N)])
    table = table.append_column("none", [np.full(N, np.nan)])
    with pytest.warns(SilentColumnsWarning, match="same, none"):
        model = learnt(table)
    assert model.card_ == learnt().card_
    with pytest.warns(SilentColumnsWarning):
        empty = learnt(np.ones((N, 1)))
    assert empty.card_.characteristics == ()
    pd = empty.predict_proba(np.ones((2, 1)))[:, 1]
    assert pd == pytest.approx([BAD.mean()] * 2, abs=0.01)


def test_repeated_rows_are_named_and_still_count():
    rows = np.append(np.arange(N), [3, 4])
    with pytest.warns(RepeatedRowsWarning, match="2 rows"):
        model = learnt(TABLE.take(rows), BAD[rows])
    assert model.card_.rows == N + 2
    learnt(pa.table({"region": REGION}))  # rows that agree by chance are no doubles


def test_few_events_are_named_and_need_fewer_bins():
    rows = np.append(np.flatnonzero(~BAD), np.flatnonzero(BAD)[:5])
    with pytest.warns(FewEventsWarning, match="rarer class has 5 rows, fewer than the 8"):
        model = learnt(TABLE.take(rows), BAD[rows])
    assert all(c.bins <= 5 for c in model.card_.characteristics)


def test_unseen_levels_are_named_and_earn_nothing():
    model = learnt()
    new = pa.table({"a": [0.0, 0.0], "b": [0.0, 0.0], "region": ["east", "north"]})
    with pytest.warns(UnseenLevelsWarning, match="region: east"):
        points = model.points(new)
    (region,) = [c for c in model.card_.characteristics if c.measure == "region"]
    assert points[1] - points[0] == region.points[0]
