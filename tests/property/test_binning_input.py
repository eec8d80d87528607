"""Input that binning has to refuse, doubt or survive: each has a name and a defined result."""

import warnings
from copy import deepcopy

import numpy as np
import pyarrow as pa
import pytest

from liandong.assess import OptimalBinning
from liandong.assess.binning.columns import coded
from liandong.errors import DataError, DataWarning, NotFittedError, UsageError
from liandong.kernels.scores.binning import MOST_ROWS
from liandong.kernels.scores.coding import MOST_LEVELS


def sample(seed, rows=600):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 2))
    y = (random.random(rows) < 1 / (1 + np.exp(1 - x[:, 0]))).astype(int)
    x[random.random(rows) < 0.1, 1] = np.nan
    return x, y


def refused(x, y, **more):
    with pytest.raises(DataError) as found:
        OptimalBinning().fit(x, y, **more)
    assert isinstance(found.value, ValueError)
    assert found.value.text("zh") != found.value.text("en")
    return found.value.text("en")


def test_bad_outcomes_are_refused_by_name():
    x, y = sample(1)
    assert "the outcome is 1 in every row" in refused(x, np.ones(len(y)))
    assert "0 or 1; here are 3 values" in refused(x, np.arange(len(y)) % 3)
    assert "0 or 1" in refused(x, np.where(np.arange(len(y)) < 5, np.nan, y))
    assert "0 or 1" in refused(x, np.where(y, "bad", "good"))
    assert "Complex" in refused(x, y * 1j)
    assert "1d array" in refused(x, np.column_stack([y, y]))
    assert "y is None" in refused(x, None)
    assert "599 rows" in refused(x, y[1:])


def test_the_greater_of_two_outcomes_is_the_event():
    x, y = sample(2)
    one, other = OptimalBinning().fit(x, y), OptimalBinning().fit(x, np.where(y, 2, 1))
    assert np.array_equal(one.transform(x), other.transform(x))


def test_bad_columns_are_refused_by_name():
    x, y = sample(3)
    rows = np.arange(len(y))[:, None]
    for value in (np.inf, -np.inf):
        # Of either class: the outcome rides in the last bit of a value.
        for row in (np.flatnonzero(y)[0], np.flatnonzero(1 - y)[0]):
            assert "1 rows are infinite" in refused(np.where(rows == row, value, x), y)
    assert "1 dimensions" in refused(x[:, 0], y)
    assert "mixes" in refused(np.array([["a"], [1.0]] * 300, dtype=object), y)
    assert "mixes" in refused(pa.table({"x": [[1]] * len(y)}), y)
    assert "Complex" in refused(x * 1j, y)
    assert "shape=(600, 0)" in refused(x[:, :0], y)
    twice = pa.Table.from_arrays([pa.array(x[:, 0])] * 2, ["x", "x"])
    assert "same name: x" in refused(twice, y)


def test_bad_weights_and_cohorts_are_refused_by_name():
    x, y = sample(4)
    assert "negative" in refused(x, y, sample_weight=-np.ones(len(y)))
    assert "fractions" in refused(x, y, sample_weight=np.full(len(y), 0.5))
    assert "every weight is zero" in refused(x, y, sample_weight=0 * y)
    assert "the outcome is 0 in every row" in refused(x, y, sample_weight=1 - y)
    assert "more than" in refused(x, y, sample_weight=np.full(len(y), MOST_ROWS // 100))
    assert "negative" in refused(x, y, cohort=np.full(len(y), np.nan))
    assert "too large" in refused(x, y, cohort=np.full(len(y), 20200101))


def test_bad_columns_to_transform_are_refused_by_name():
    x, y = sample(5)
    table = pa.table({"a": x[:, 0], "c": np.where(x[:, 0] > 0, "u", "v")})
    binning = OptimalBinning().fit(table, y)
    with pytest.raises(DataError, match="missing: c"):
        binning.transform(table.select(["a"]))
    with pytest.raises(DataError, match="1 features, but OptimalBinning is expecting 2"):
        binning.transform(x[:, :1])
    for other in ({"a": table["c"], "c": table["c"]}, {"a": table["a"], "c": table["a"]}):
        with pytest.raises(DataError, match="mixes"):
            binning.transform(pa.table(other))
    with pytest.raises(DataError, match="1 rows are infinite"):
        OptimalBinning().fit(x, y).transform(np.array([[np.inf, 0.0], [1.0, 0.0]]))
    with pytest.raises(NotFittedError, match="not fitted"):
        OptimalBinning().transform(x)


def test_special_codes_may_be_infinite():
    x, y = sample(6)
    x[:60, 0], y[:60] = np.inf, np.arange(60) % 2
    binning = OptimalBinning(special_codes=(np.inf,)).fit(x, y)
    fitted = binning.fitted_["x0"]
    assert fitted.counts[:, -2].tolist() == [30, 30]
    assert (binning.transform(x)[:60, 0] == fitted.woe[-2]).all()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0], "one value only"),
        ([np.nan], "all values are absent"),
        ([-9.0], "all values are absent"),  # a special code
        (["a"], "one value only"),
        ([None], "all values are absent"),
    ],
)
def test_a_column_that_tells_nothing_is_one_bin(values, said):
    y = np.arange(100) % 2
    kind = pa.string() if values[0] in {"a", None} else pa.float64()
    table = pa.table({"x": pa.array(values * 100, kind)})
    binning = OptimalBinning(special_codes=(-9.0,))
    with pytest.warns(DataWarning, match=said) as found:
        binning.fit(table, y)
    assert len(found) == 1
    assert found[0].message.text("zh") != found[0].message.text("en")
    fitted = binning.fitted_["x"]
    assert (fitted.certificate.trend, fitted.certificate.objective) == ("none", 0.0)
    assert fitted.counts.sum() == 100
    assert (binning.transform(table) == 0).all()
    OptimalBinning().fit_counts(binning.counts_)  # counts are not doubted


def test_fewer_events_than_bins_make_fewer_bins():
    y = np.zeros(100, int)
    y[[97, 99]] = 1
    x = np.arange(100.0)[:, None]
    with pytest.warns(DataWarning, match="2 rows of one class, fewer than 8"):
        fitted = OptimalBinning(min_share=0).fit(x, y).fitted_["x0"]
    assert len(fitted.cuts) + 1 <= 2
    with pytest.warns(DataWarning):
        few = OptimalBinning(min_events=3).fit(x, y)
    assert few.fitted_["x0"].certificate.objective == 0


def test_levels_that_are_new_weigh_nothing():
    y = np.arange(400) % 2
    level = np.repeat(["a", "b", "c", "a", "c"], [100, 150, 100, 25, 25])
    y[:100], y[250:350] = 1, 0
    binning = OptimalBinning().fit(pa.table({"c": level}), y)
    with pytest.warns(DataWarning, match="2 rows hold levels that were not there"):
        woe = binning.transform(pa.table({"c": ["a", "b", "c", "new", None, "newer"]}))[:, 0]
    assert woe[0] < 0 < woe[2]
    assert woe[3:].tolist() == [0.0, 0.0, 0.0]


def test_duplicates_change_nothing_but_counts():
    x, y = sample(7)
    once = OptimalBinning().fit(x, y)
    twice = OptimalBinning().fit(np.vstack([x, x]), np.append(y, y))
    beside = OptimalBinning().fit(np.hstack([x, x]), y)
    for name, other in (("x0", "x2"), ("x1", "x3")):
        assert np.array_equal(beside.fitted_[name].woe, beside.fitted_[other].woe)
        assert np.array_equal(2 * once.fitted_[name].counts.sum(), twice.fitted_[name].counts.sum())
        one, two = (b.fitted_[name].certificate.objective for b in (once, twice))
        assert two >= one - 1e-12  # quantiles are the same, and so are the leaves of the tree


def test_parameters_are_those_of_an_estimator():
    binning = OptimalBinning(max_bins=5)
    assert repr(binning) == "OptimalBinning(max_bins=5)"
    assert binning.get_params()["max_bins"] == 5
    assert OptimalBinning(**binning.get_params()).get_params() == binning.get_params()
    assert binning.set_params(max_bins=3).max_bins == 3
    with pytest.raises(UsageError, match="no parameter"):
        binning.set_params(bins=3)
    x, y = sample(8)
    assert binning.fit_transform(x, y).shape == x.shape
    again = deepcopy(binning)
    assert np.array_equal(again.transform(x), binning.transform(x))
    for wrong in ({"max_bins": 0}, {"min_share": -1}, {"threads": 0}, {"max_p": 2.0}):
        with pytest.raises(UsageError, match="cannot be"):
            OptimalBinning(**wrong).fit(x, y)
    with pytest.raises(UsageError, match="trends"):
        OptimalBinning(trends=("sideways",)).fit(x, y)
    with pytest.raises(UsageError, match="prebins"):
        OptimalBinning(trends=("convex",), prebins=400).fit(x, y)


def test_columns_with_names_and_without():
    x, y = sample(9)
    plain = OptimalBinning().fit(x, y)
    assert plain.n_features_in_ == 2
    assert not hasattr(plain, "feature_names_in_")
    table = pa.table({"b": x[:, 1], "a": x[:, 0]})
    binning = OptimalBinning().fit(table, y)
    assert binning.feature_names_in_.tolist() == ["b", "a"]
    turned = binning.transform(table.select(["a", "b"]))  # by name
    assert np.array_equal(turned, plain.transform(x)[:, ::-1])
    assert np.array_equal(plain.transform(table.select(["a", "b"])), plain.transform(x))


def test_scikit_learn_finds_an_estimator():
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few rows, and of no base class of theirs
        found = checks.check_estimator(OptimalBinning(), on_skip=None, on_fail=None)
    assert {f["check_name"]: f["exception"] for f in found if f["status"] == "failed"} == {}
    assert sum(f["status"] == "passed" for f in found) > 40


@pytest.mark.parametrize("wide", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("levels", [3, MOST_LEVELS, MOST_LEVELS + 1])
def test_texts_are_told_apart_however_they_come(wide, levels):
    random = np.random.default_rng(levels)
    # Of up to and over eight bytes, which is what is compared first; some differ in length alone.
    text = [None if v % 7 == 6 else "\u6c49" * (v % 4) + str(v // 2) + "\0" * (v % 2)
            for v in range(levels)]  # fmt: skip
    rows = random.permutation([*range(levels), *random.integers(0, levels, 500)])
    array = pa.array([text[r] for r in rows], wide)
    if wide == pa.string_view():
        array = array.cast(pa.large_string())
    for column in (array.slice(100), array.slice(100).dictionary_encode()):
        known, code = coded(column)
        assert len(set(known)) == len(known)
        told = [None if c < 0 else known[c] for c in code]
        assert told == [text[r] for r in rows[100:]]


def test_a_dictionary_and_chunks_are_binned_as_their_texts():
    _, y = sample(10)
    text = np.array(["a", "b", "c", None], object)[np.arange(len(y)) % 4]
    plain = pa.table({"c": pa.array(text, pa.string())})
    known = pa.array(["c", "unused", "b", "a"])
    index = pa.array([{"c": 0, "b": 2, "a": 3}.get(v) for v in text], pa.int32())
    coded_ = pa.table({"c": pa.DictionaryArray.from_arrays(index, known)})
    halves = pa.concat_tables([plain.slice(0, 250), plain.slice(250)])
    found = [OptimalBinning().fit(t, y) for t in (plain, coded_, halves)]
    for other in found[1:]:
        assert other.fitted_["c"].cuts == found[0].fitted_["c"].cuts
        assert other.fitted_["c"].certificate == found[0].fitted_["c"].certificate
        assert np.array_equal(other.transform(plain), found[0].transform(coded_))
